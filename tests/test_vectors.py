"""In-place operations on vectors against NumPy's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sk_xavier._vectors import all_finite, vector_operations


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 7, 9_999, 10_000, 10_001, 20_000, 35_017])
def test_operations(dtype, n):
    rng = np.random.RandomState(0)
    x, y = rng.normal(size=(2, n)).astype(dtype)
    scale, add_scaled = vector_operations(np.dtype(dtype), n)
    expected, unchanged = y - 0.3 * x, x.copy()
    add_scaled(x, y, a=-0.3)
    assert y.dtype == dtype
    assert_allclose(y, expected, rtol=1e-5 if dtype is np.float32 else 1e-13, atol=1e-6)
    assert_array_equal(x, unchanged)
    scale(0.25, x)
    assert_array_equal(x, unchanged * dtype(0.25))


@pytest.mark.parametrize("length", [10, 20_000])
def test_parts_of_a_vector_are_changed_in_place(length):
    y = np.zeros(30)
    scale, add_scaled = vector_operations(y.dtype, length)
    add_scaled(np.ones(10), y[10:20], a=2.0)
    scale(3.0, y[15:20])
    assert_array_equal(y, np.repeat([0.0, 2.0, 6.0, 0.0], [10, 5, 5, 10]))


@pytest.mark.parametrize("shape", [(5,), (4, 3), (0,)])
def test_all_finite(shape):
    array = np.full(shape, 1e308)  # the sum overflows
    assert all_finite(array)
    assert all_finite(-array)
    for value in (np.nan, np.inf, -np.inf):
        for place in range(array.size):
            other = array.copy()
            other.flat[place] = value
            assert not all_finite(other)
    both = np.array([np.inf, -np.inf])
    assert not all_finite(both)
