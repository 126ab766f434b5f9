"""In-place operations on vectors against NumPy's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sk_xavier._vectors import all_finite, inplace_clip_norm, vector_operations


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


# --- norms ---------------------------------------------------------------------------


def clipped(vector, max_norm):
    vector = vector.copy()
    with np.errstate(over="ignore"):  # as in training
        assert inplace_clip_norm(vector, max_norm) is None
    return vector


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 3, 1000])
@pytest.mark.parametrize("max_norm", [1e-6, 0.3, 0.999])
def test_longer_vectors_keep_their_direction(dtype, n, max_norm):
    vector = np.random.RandomState(0).normal(size=n)
    vector = (vector / np.linalg.norm(vector)).astype(dtype)
    result = clipped(vector, max_norm)
    rtol = 1e-14 if dtype is np.float64 else 1e-6
    assert result.dtype == dtype
    assert_allclose(np.linalg.norm(result.astype(float)), max_norm, rtol=rtol)
    assert_allclose(result, max_norm * vector.astype(float), rtol=rtol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("vector", [[3.0, -4.0], [0.0, 0.0], [1e-30, 2e-30], [-5.0]])
@pytest.mark.parametrize("max_norm", [5.0, 7.5, 1e30])
def test_shorter_vectors_stay_as_they_are(dtype, vector, max_norm):
    vector = np.array(vector, dtype)
    assert_array_equal(clipped(vector, max_norm), vector)


@pytest.mark.parametrize(
    ("dtype", "far"),
    [(np.float32, 1e25), (np.float32, 3e38), (np.float64, 1e200), (np.float64, 1e308)],
)
@pytest.mark.parametrize("max_norm", [0.5, 10.0])
def test_norms_whose_squares_overflow(dtype, far, max_norm):
    vector = (np.array([3.0, -4.0, 0.0, 1e-3]) / 4 * far).astype(dtype)
    direction = np.array([3.0, -4.0, 0.0, 1e-3]) / np.sqrt(25 + 1e-6)
    result = clipped(vector, max_norm)
    assert result.dtype == dtype
    assert_allclose(result, max_norm * direction, rtol=1e-14 if dtype is np.float64 else 1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_entries_that_are_not_finite_stay(dtype, value):
    vector = np.array([1.0, value, 200.0], dtype)
    assert_array_equal(clipped(vector, 1.0), vector)


@pytest.mark.parametrize(
    ("dtype", "vector", "max_norm"),
    [(np.float32, [2e19, -2e19], 1e30), (np.float64, [1e160, 1e160], 1e200)],
)
def test_shorter_vectors_stay_where_the_square_overflows(dtype, vector, max_norm):
    vector = np.array(vector, dtype)
    assert_array_equal(clipped(vector, max_norm), vector)


def test_clipping_is_in_place():
    vector = np.arange(6.0)
    inplace_clip_norm(vector[4:], 1.0)
    assert_array_equal(vector[:4], [0, 1, 2, 3])
    assert_allclose(vector[4:], np.array([4, 5]) / np.sqrt(41), rtol=1e-15)
