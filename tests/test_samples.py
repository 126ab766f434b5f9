"""Rows of samples against NumPy's own indexing."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from sk_xavier._samples import Samples, count_rows, split_rows

X = np.arange(60.0).reshape(20, 3)
Y = np.arange(20)
WEIGHT = np.linspace(0.0, 1.0, 20)
STRIDED = np.zeros((40, 6))
STRIDED[::2, ::2] = X
READ_ONLY = X.copy()
READ_ONLY.flags.writeable = False
CONTAINERS = {
    "C": X,
    "Fortran": np.asfortranarray(X),
    "strided": STRIDED[::2, ::2],
    "read-only": READ_ONLY,
    "CSR": sparse.csr_array(X),
}
ROWS = {
    "all": slice(0, 20),
    "middle": slice(5, 17),
    "one": slice(19, 20),
    "shuffled": np.random.RandomState(0).permutation(20),
    "some": np.array([3, 0, 19, 3]),
}


def dense(array):
    return array.toarray() if sparse.issparse(array) else array


@pytest.mark.parametrize("container", CONTAINERS)
def test_rows_are_numpys(container):
    samples = Samples(CONTAINERS[container], Y, WEIGHT)
    for rows in (*ROWS.values(), *ROWS.values()):  # also after longer and shorter ones
        X_read, y_read = samples.read(rows)
        assert_array_equal(dense(X_read), X[rows])
        assert_array_equal(y_read, Y[rows])
        assert_array_equal(samples.weights(rows), WEIGHT[rows])
        assert count_rows(rows) == len(y_read)
    assert Samples(X, Y).weights(slice(0, 3)) is None
    assert samples.all_rows() == slice(0, 20)


@pytest.mark.parametrize("container", ["C", "read-only", "CSR"])
def test_slices_are_views(container):
    X_read, y_read = Samples(CONTAINERS[container], Y).read(slice(2, 9))
    if container != "CSR":
        assert np.shares_memory(X_read, CONTAINERS[container])
    assert np.shares_memory(y_read, Y)


def test_reading_changes_nothing_given():
    given = X.copy()
    samples = Samples(given, Y)
    X_read, _ = samples.read(ROWS["shuffled"])
    X_read[:] = np.nan
    assert_array_equal(given, X)


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("n_block", [1, 3, 7, 12, 19, 20, 21])
def test_blocks_are_the_rows_in_their_order(rows, n_block):
    blocks = split_rows(ROWS[rows], n_block)
    assert all(0 < count_rows(block) <= n_block for block in blocks)
    assert_array_equal(np.concatenate([Y[block] for block in blocks]), Y[ROWS[rows]])
    assert len(blocks) == -(-count_rows(ROWS[rows]) // n_block)
