"""The network: an immutable architecture, its forward pass and its gradient.

All parameters live in one contiguous vector `theta`, weights first and then biases,
layer by layer; gradients and the state of optimizers have the same layout.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike
from scipy.sparse import issparse

from ._activations import Activation
from ._losses import Loss

__all__ = ["Network", "Parameters"]

_BLOCK_BYTES = 2**23
"""How much memory the layers of one block of rows may take in `raw_predictions`."""


class Parameters(NamedTuple):
    """Weights of shape (fan_in, fan_out) and biases of shape (fan_out,), by layer."""

    coefs: Sequence[np.ndarray]
    intercepts: Sequence[np.ndarray]


class _Workspace:
    """The buffers that one batch size needs: outputs and deltas of the layers."""

    def __init__(self, n_rows: int, layer_units: Sequence[int], dtype: np.dtype) -> None:
        self.outputs = [np.empty((n_rows, n_units), dtype) for n_units in layer_units[1:]]
        self.deltas = [np.empty_like(output) for output in self.outputs[:-1]]
        self.ones = np.ones(n_rows, dtype)


class _Binding(NamedTuple):
    """Views on a pair of `theta` and `grad`, made once and used for every batch."""

    theta: np.ndarray
    grad: np.ndarray
    parameters: Parameters
    gradients: Parameters


def _product(a: Any, b: np.ndarray, out: np.ndarray) -> None:
    """Out = a @ b, for an array or a sparse matrix `a`."""
    if issparse(a):
        out[...] = a @ b
    else:
        np.dot(a, b, out=out)


def _total(X: Any, sample_weight: np.ndarray | None) -> float:
    """The sum of weights, or the number of samples where there are none."""
    return X.shape[0] if sample_weight is None else float(sample_weight.sum())


class Network:
    """A multilayer perceptron's architecture and loss; the parameters are arguments.

    Parameters
    ----------
    layer_units : sequence of int
        Numbers of units from the input to the output, two or more.
    activations : sequence of Activation
        One for each hidden layer.
    loss : Loss
        The loss of the raw predictions.
    alpha : float, default=0.0
        Strength of the L2 penalty on the weights, ``alpha / 2 * sum(w**2)``, which is
        divided by the sum of the sample weights. Biases are not penalized.
    dtype : data-type, default=numpy.float64
        Type of the parameters and of the computation.

    Attributes
    ----------
    n_weights, n_parameters : int
        Lengths of the weights' part of `theta`, and of all of it.
    """

    def __init__(
        self,
        layer_units: Sequence[int],
        activations: Sequence[Activation],
        loss: Loss,
        *,
        alpha: float = 0.0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.layer_units = tuple(layer_units)
        self.activations = tuple(activations)
        self.loss = loss
        self.alpha = float(alpha)
        self.dtype = np.dtype(dtype)
        self.shapes = list(zip(self.layer_units[:-1], self.layer_units[1:], strict=True))
        self.n_weights = sum(fan_in * fan_out for fan_in, fan_out in self.shapes)
        self.n_parameters = self.n_weights + sum(self.layer_units[1:])
        self._workspaces: dict[int, _Workspace] = {}
        self._binding: _Binding | None = None

    def views(self, theta: np.ndarray) -> Parameters:
        """Views of a flat vector, in the shapes of the layers."""
        coefs, intercepts, start = [], [], 0
        for fan_in, fan_out in self.shapes:
            stop = start + fan_in * fan_out
            coefs.append(theta[start:stop].reshape(fan_in, fan_out))
            start = stop
        for n_units in self.layer_units[1:]:
            intercepts.append(theta[start : start + n_units])
            start += n_units
        return Parameters(coefs, intercepts)

    def parameters(
        self, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray]
    ) -> Parameters:
        """Weights and biases in the network's type, copied only where that is another.

        Raises
        ------
        ValueError
            If they are not of this architecture; names the array.
        """
        parts = []
        for name, arrays, shapes in (
            ("coefs_", coefs, self.shapes),
            ("intercepts_", intercepts, [(n_units,) for n_units in self.layer_units[1:]]),
        ):
            if len(arrays) != len(shapes):
                raise ValueError(
                    f"{name} has {len(arrays)} entries, but the network has {len(shapes)} layers."
                )
            for i, (array, shape) in enumerate(zip(arrays, shapes, strict=True)):
                if np.shape(array) != shape:
                    raise ValueError(
                        f"{name}[{i}] has shape {np.shape(array)}, but layer {i + 1} of the"
                        f" network needs {shape}."
                    )
            parts.append([np.asarray(array, self.dtype) for array in arrays])
        return Parameters(*parts)

    def pack(self, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray]) -> np.ndarray:
        """Copy weights and biases, checked as in `parameters`, into a new flat vector."""
        coefs, intercepts = self.parameters(coefs, intercepts)
        return np.concatenate([np.ravel(array) for array in (*coefs, *intercepts)])

    def forward(self, parameters: Parameters, X: Any, outputs: Sequence[np.ndarray]) -> None:
        """Fill `outputs`, one buffer a layer, with the hidden outputs and the raw predictions."""
        source = X
        last = len(outputs) - 1
        for i, output in enumerate(outputs):
            _product(source, parameters.coefs[i], out=output)
            output += parameters.intercepts[i]
            if i != last:
                self.activations[i].inplace_forward(output)
            source = output

    def raw_predictions(self, parameters: Parameters, X: Any) -> np.ndarray:
        """Raw predictions of shape (n_samples, n_outputs), computed in blocks of rows."""
        n_samples = X.shape[0]
        raw = np.empty((n_samples, self.layer_units[-1]), self.dtype)
        row_bytes = self.dtype.itemsize * sum(self.layer_units)
        n_rows = min(max(_BLOCK_BYTES // row_bytes, 1), n_samples)
        hidden = [np.empty((n_rows, n_units), self.dtype) for n_units in self.layer_units[1:-1]]
        for start in range(0, n_samples, n_rows):
            stop = min(start + n_rows, n_samples)
            outputs = [buffer[: stop - start] for buffer in hidden]
            block = X[start:stop].astype(self.dtype, copy=False)
            self.forward(parameters, block, [*outputs, raw[start:stop]])
        return raw

    def mean_loss(
        self, theta: np.ndarray, X: Any, y: np.ndarray, sample_weight: np.ndarray | None
    ) -> float:
        """Mean loss with the L2 penalty at `theta`: `loss_gradient` without the gradient."""
        raw = self.raw_predictions(self.views(theta), X)
        loss = self.loss.inplace_gradient(raw, y, sample_weight)
        return (loss + self._penalty(theta)) / _total(X, sample_weight)

    def loss_gradient(
        self,
        theta: np.ndarray,
        X: Any,
        y: np.ndarray,
        sample_weight: np.ndarray | None,
        grad: np.ndarray,
    ) -> float:
        """Mean loss with the L2 penalty at `theta`; its gradient goes into `grad`.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)
            The parameters.
        X : {ndarray, CSR matrix} of shape (n_samples, n_features)
            Samples, of the network's type.
        y : ndarray
            Targets, as the loss wants them.
        sample_weight : ndarray of shape (n_samples,) or None
            Weights with a positive sum.
        grad : ndarray of shape (n_parameters,)
            Overwritten.

        Returns
        -------
        loss : float
        """
        bound = self._bind(theta, grad)
        workspace = self._workspace(X.shape[0])
        self.forward(bound.parameters, X, workspace.outputs)

        delta = workspace.outputs[-1]
        total = _total(X, sample_weight)
        loss = self.loss.inplace_gradient(delta, y, sample_weight)
        delta *= 1.0 / total
        self._backward(bound, X, workspace)
        if self.alpha:
            weight_gradient = grad[: self.n_weights]
            weight_gradient += self.alpha / total * theta[: self.n_weights]
        return (loss + self._penalty(theta)) / total

    def _penalty(self, theta: np.ndarray) -> float:
        weights = theta[: self.n_weights]
        return 0.5 * self.alpha * float(np.dot(weights, weights)) if self.alpha else 0.0

    def _backward(self, bound: _Binding, X: Any, workspace: _Workspace) -> None:
        """From the delta of the output layer to the gradients of all layers.

        The hidden outputs are used up.
        """
        outputs, delta = workspace.outputs, workspace.outputs[-1]
        for i in reversed(range(len(outputs))):
            source = outputs[i - 1] if i else X
            _product(source.T, delta, out=bound.gradients.coefs[i])
            np.dot(workspace.ones, delta, out=bound.gradients.intercepts[i])
            if i:
                np.dot(delta, bound.parameters.coefs[i].T, out=workspace.deltas[i - 1])
                delta = workspace.deltas[i - 1]
                self.activations[i - 1].inplace_backward(outputs[i - 1], delta)

    def _workspace(self, n_rows: int) -> _Workspace:
        if n_rows not in self._workspaces:
            self._workspaces[n_rows] = _Workspace(n_rows, self.layer_units, self.dtype)
        return self._workspaces[n_rows]

    def _bind(self, theta: np.ndarray, grad: np.ndarray) -> _Binding:
        bound = self._binding
        if bound is None or bound.theta is not theta or bound.grad is not grad:
            bound = _Binding(theta, grad, self.views(theta), self.views(grad))
            self._binding = bound
        return bound
