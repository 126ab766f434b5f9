"""Memory stays bounded, however many rows there are; counted by tracemalloc, not timed."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

MB = 2**20


def peak_bytes(work):
    """The most memory that was in use beside what was there before, and the result."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = work()
        return tracemalloc.get_traced_memory()[1] - before, result
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def many():
    """100,000 rows of 64 features: a layer of 256 units takes 205 MB for all of them."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(100_000, 64))
    return X, np.arange(len(X)) % 10


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_predictions(many, method):
    X, y = many
    mlp = XavierMLPClassifier((256,), max_iter=1).fit(X[:500], y[:500])
    peak, predicted = peak_bytes(lambda: getattr(mlp, method)(X))
    assert peak - predicted.nbytes < 64 * MB


def test_predictions_of_many_outputs(many):
    X, _ = many
    Y = np.zeros((500, 300))
    mlp = XavierMLPRegressor((256,), max_iter=1).fit(X[:500], Y)
    peak, predicted = peak_bytes(lambda: mlp.predict(X))
    assert predicted.nbytes > 200 * MB
    assert peak - predicted.nbytes < 64 * MB


@pytest.mark.parametrize("method", ["predict_proba", "predict_log_proba"])
def test_probabilities_of_many_classes(many, method):
    X, _ = many
    mlp = XavierMLPClassifier((16,), max_iter=1).fit(X[:600], np.arange(600) % 300)
    peak, predicted = peak_bytes(lambda: getattr(mlp, method)(X))
    assert predicted.nbytes > 200 * MB
    assert peak - predicted.nbytes < 64 * MB


@pytest.mark.slow
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_predictions_of_half_a_million_rows(method):
    X = np.random.RandomState(0).normal(size=(500_000, 64))
    y = np.arange(500) % 10
    mlp = XavierMLPClassifier((256, 256), max_iter=1).fit(X[:500], y)
    peak, predicted = peak_bytes(lambda: getattr(mlp, method)(X))
    assert peak - predicted.nbytes < 64 * MB


@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "lbfgs"},
        {"early_stopping": True, "validation_fraction": 0.9},
        {"batch_size": 100_000},
        {"batch_size": 100_000, "shuffle": False},
        {"batch_size": 100_000, "solver": "sgd"},
    ],
    ids=str,
)
def test_training(many, settings):
    X, y = many
    mlp = XavierMLPClassifier((256,), max_iter=1, **settings)
    assert peak_bytes(lambda: mlp.fit(X, y))[0] < 64 * MB


def test_initialize(many):
    X, y = many
    assert peak_bytes(lambda: XavierMLPClassifier((256,)).initialize(X, y))[0] < 64 * MB


@pytest.mark.parametrize(
    "settings", [{}, {"early_stopping": True}, {"solver": "lbfgs"}, {"shuffle": False}], ids=str
)
def test_files_are_not_loaded(many, settings, tmp_path):
    X, y = many
    path = tmp_path / "X"
    X.tofile(path)
    mapped = np.memmap(path, dtype=X.dtype, mode="r", shape=X.shape)
    mlp = XavierMLPClassifier((16,), max_iter=1, random_state=0, **settings)
    assert peak_bytes(lambda: mlp.fit(mapped, y))[0] < X.nbytes / 2
    assert peak_bytes(lambda: mlp.predict(mapped))[0] < X.nbytes / 2
    in_memory = XavierMLPClassifier((16,), max_iter=1, random_state=0, **settings).fit(X, y)
    mapped_again = XavierMLPClassifier((16,), max_iter=1, random_state=0, **settings)
    np.testing.assert_array_equal(mapped_again.fit(mapped, y).coefs_[0], in_memory.coefs_[0])


def test_samples_in_fortran_order_are_not_copied_for_each_batch(many):
    X, y = many
    X = np.asfortranarray(X)
    mlp = XavierMLPClassifier((16,), max_iter=1)
    assert peak_bytes(lambda: mlp.fit(X, y))[0] < X.nbytes / 2


def test_sparse_samples_stay_sparse():
    X = sparse.random(4_000, 5_000, density=1e-3, format="csr", random_state=0)
    y = np.arange(4_000) % 2
    for settings in ({}, {"solver": "lbfgs"}, {"early_stopping": True}):
        mlp = XavierMLPClassifier((5,), max_iter=1, **settings)
        assert peak_bytes(lambda mlp=mlp: mlp.fit(X, y))[0] < 32 * MB
        assert peak_bytes(lambda mlp=mlp: mlp.predict(X))[0] < 32 * MB


def test_importing_brings_our_modules_only():
    code = (
        "import sys, sklearn.neural_network; before = set(sys.modules); import sk_xavier;"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    assert "sk_xavier._network" in modules
    assert all(module.startswith("sk_xavier") for module in modules), modules
    later = {"comparison", "diagnostics", "displays", "_datasets"}
    assert not {f"sk_xavier.{name}" for name in later} & set(modules)
