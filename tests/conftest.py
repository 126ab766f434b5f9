import signal
from importlib.util import find_spec

import numpy as np
import pytest
from joblib.pool import PicklingPool
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

# What the tests with a marker need beside the test extra; pyproject.toml says what they do.
PACKAGES = {
    "dask": ["distributed"],
    "keras": ["keras"],
    "onnx": ["skl2onnx", "onnxruntime"],
    "optuna": ["optuna"],
    "polars": ["polars"],
    "pyarrow": ["pyarrow"],
    "ray": ["ray"],
    "shap": ["shap"],
    "skops": ["skops"],
    "skrub": ["skrub"],
    "torch": ["torch"],
}


def pytest_runtest_setup(item):
    for marker in item.iter_markers():
        for package in PACKAGES.get(marker.name, ()):
            if find_spec(package) is None:
                pytest.skip(f"{package} is not installed")


@pytest.fixture(scope="session", autouse=True)
def ctrl_c():
    """Ctrl-C as at a terminal; what starts pytest in the background turns it off."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Matrices here are so small that on a busy machine a second thread costs, not saves."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def without_ray_afterwards():
    """Ray is shut down, and joblib's "multiprocessing" its own again, which Ray's backend changes.

    It puts its own pool among the bases of joblib's, for the rest of the process: a later
    "multiprocessing" would start another Ray.
    """
    ray = pytest.importorskip("ray")
    bases = PicklingPool.__bases__
    yield
    ray.shutdown()
    PicklingPool.__bases__ = bases


@pytest.fixture(scope="session")
def digits():
    """300 digits, pixels in [0, 1]."""
    X, y = load_digits(return_X_y=True)
    return X[:300] / 16.0, y[:300]


@pytest.fixture(scope="session")
def targets(digits):
    """The digits' targets in every form that the estimators take."""
    _, y = digits
    return {
        "binary": y % 2,
        "multiclass": y,
        "multilabel": (y[:, np.newaxis] >> np.arange(3)) % 2,
        "regression": y / 4.0 - 1.0,
        "multioutput": np.column_stack([y, y % 3]) / 4.0,
        "poisson": y.astype(float),
    }
