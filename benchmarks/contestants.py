"""What is timed: this library, scikit-learn, PyTorch, and the bare matrix products.

Each function returns a call without arguments that does the same work from its beginning to
its end: all that `fit` does, for a fixed number of epochs.
"""

import math
import sys
import warnings
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from sk_xavier import XavierMLPClassifier

Work = Callable[[], Any]


def _estimator(cls: type, **settings: Any) -> Any:
    settings = {"random_state": 0, "tol": 0.0, "n_iter_no_change": np.inf, **settings}
    return cls(**settings)


def load_before(checkout: Path) -> type:
    """The classifier of another checkout of this library, beside the one that is installed."""
    package = checkout / "sk_xavier"
    spec = spec_from_file_location(
        "sk_xavier_before", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    if spec is None or spec.loader is None or not package.is_dir():
        raise FileNotFoundError(f"there is no package sk_xavier in {str(checkout)!r}")
    module = module_from_spec(spec)
    sys.modules["sk_xavier_before"] = module
    spec.loader.exec_module(module)
    return module.XavierMLPClassifier


def quietly(work: Work) -> Work:
    """The same without warnings that training could go on."""

    def quiet() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            work()

    return quiet


def fit(cls: type, X: Any, y: np.ndarray, **settings: Any) -> Work:
    """A whole fit of an estimator."""
    return quietly(lambda: _estimator(cls, **settings).fit(X, y))


def ours(X: Any, y: np.ndarray, **settings: Any) -> Work:
    """A fit of this library."""
    return fit(XavierMLPClassifier, X, y, **settings)


def theirs(X: Any, y: np.ndarray, **settings: Any) -> Work:
    """A fit of scikit-learn's MLPClassifier."""
    return fit(MLPClassifier, X, y, **settings)


def predict(cls: type, X: np.ndarray, sample: np.ndarray, y: np.ndarray, **settings: Any) -> Work:
    """Predicted probabilities of many rows, by an estimator fitted on few."""
    mlp = _estimator(cls, max_iter=1, **settings)
    quietly(lambda: mlp.fit(sample, y))()
    return lambda: mlp.predict_proba(X)


def pytorch(
    X: np.ndarray,
    y: np.ndarray,
    *,
    hidden_layer_sizes: tuple[int, ...],
    max_iter: int,
    activation: str = "relu",
    batch_size: int = 200,
    solver: str = "adam",
) -> Work | None:
    """Eager PyTorch with its fused Adam, rows gathered by index; None where it is absent."""
    try:
        import torch
    except ImportError:
        return None
    if solver not in ("adam", "sgd") or sparse.issparse(X) or y.ndim > 1:
        return None
    functions = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}

    def work() -> None:
        torch.manual_seed(0)
        rows, codes = torch.from_numpy(X), torch.from_numpy(y)
        layers: list[torch.nn.Module] = []
        units = [X.shape[1], *hidden_layer_sizes, int(y.max()) + 1]
        for fan_in, fan_out in pairwise(units):
            layers += [torch.nn.Linear(fan_in, fan_out, dtype=rows.dtype), functions[activation]()]
        net = torch.nn.Sequential(*layers[:-1])
        parameters = list(net.parameters())
        groups = [  # the L2 penalty on the weights, as in scikit-learn
            {"params": parameters[::2], "weight_decay": 1e-4 / batch_size},
            {"params": parameters[1::2]},
        ]
        optimizer = (
            torch.optim.Adam(groups, lr=1e-3, fused=True)
            if solver == "adam"
            else torch.optim.SGD(groups, lr=1e-3, momentum=0.9, nesterov=True, fused=True)
        )
        for _ in range(max_iter):
            order = torch.randperm(len(rows))
            for start in range(0, len(rows), batch_size):
                batch = order[start : start + batch_size]
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(net(rows[batch]), codes[batch])
                loss.backward()
                optimizer.step()

    return work


def products(
    X: Any,
    y: np.ndarray,
    *,
    hidden_layer_sizes: tuple[int, ...],
    max_iter: int,
    batch_size: int = 200,
    **_: Any,
) -> Work | None:
    """Nothing but the matrix products of training: forward, weight gradients, deltas."""
    if sparse.issparse(X):
        return None
    n_outputs = y.shape[1] if y.ndim > 1 else int(y.max()) + 1
    units = [X.shape[1], *hidden_layer_sizes, n_outputs]
    weights = [np.ones(s, X.dtype) for s in pairwise(units)]
    gradients = [np.empty_like(w) for w in weights]
    n_rows = min(batch_size, len(X))
    layers = [np.ascontiguousarray(X[:n_rows])]
    layers += [np.ones((n_rows, n_units), X.dtype) for n_units in units[1:]]
    results = [np.empty_like(layer) for layer in layers]

    def work() -> None:
        for _ in range(max_iter * math.ceil(len(X) / n_rows)):
            for i, weight in enumerate(weights):
                np.dot(layers[i], weight, out=results[i + 1])
            for i in reversed(range(len(weights))):
                np.dot(layers[i].T, layers[i + 1], out=gradients[i])
                if i:
                    np.dot(layers[i + 1], weights[i].T, out=results[i])

    return work
