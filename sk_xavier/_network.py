"""The network: an immutable architecture, its forward pass and its gradient.

All parameters live in one contiguous vector `theta`, weights first and then biases,
layer by layer; gradients and the state of optimizers have the same layout.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from ._dropout import Dropout
from ._losses import Loss
from ._samples import Rows, Samples, count_rows, split_rows
from ._vectors import vector_operations
from .activations import Activation

__all__ = ["Network", "Parameters", "Signals"]

_BLOCK_BYTES = 2**24
"""How much memory the layers of one block of rows may take."""

_MIN_BLOCK_ROWS = 256
"""Products with fewer rows are slow, and mini-batches of usual sizes stay whole."""


class Parameters(NamedTuple):
    """Weights of shape (fan_in, fan_out) and biases of shape (fan_out,), by layer."""

    coefs: Sequence[np.ndarray]
    intercepts: Sequence[np.ndarray]


class Signals(NamedTuple):
    """What passes through the network, layer by layer.

    Attributes
    ----------
    pre_activations, outputs : list of ndarray of shape (n_rows, n_units)
        Before and after the activation; both are the raw predictions in the last layer.
    deltas : list of ndarray of shape (n_rows, n_units)
        Each sample's loss differentiated by its pre-activations; empty without targets.
    weight_gradients : list of ndarray of shape (fan_in, fan_out)
        The mean loss differentiated by the weights; empty without targets.
    loss : float
        The mean loss without the penalty; NaN without targets.
    """

    pre_activations: list[np.ndarray]
    outputs: list[np.ndarray]
    deltas: list[np.ndarray]
    weight_gradients: list[np.ndarray]
    loss: float


Step = Callable[[], Any]
"""A call whose arguments are bound."""


class _Plan(NamedTuple):
    """What the rows of one batch go through, as calls on arrays made once.

    Nothing is sliced, transposed or looked up while training: of a batch on a small network,
    that took a fifth of the time. Only the products with X stand outside, as X changes.
    """

    first: np.ndarray
    forward: list[Step]
    raw: np.ndarray
    shares: np.ndarray
    backward: list[Step]
    deltas: list[np.ndarray]


class _Binding:
    """A pair of `theta` and `grad`: views on them, and the plans that use these."""

    def __init__(
        self,
        network: "Network",
        theta: np.ndarray,
        grad: np.ndarray,
        dropout: Dropout | None = None,
    ) -> None:
        self.theta = theta
        self.grad = grad
        self.dropout = dropout
        self.parameters = network.views(theta)
        self.gradients = network.views(grad)
        self.plans: dict[int, _Plan] = {}
        self.blocks: _Binding | None = None
        """The same `theta` with another `grad`, for one block of several."""


class _HiddenLayer(NamedTuple):
    """Buffers of one hidden layer, of shape (n_rows, n_units); some may be the same array.

    `z` takes the pre-activations, `output` what the activation makes of them, `passed` what
    the next layer gets, and `kept` is what the derivative is taken from. `factors` are those
    of dropout, where the layer has it: ``passed = output * factors``.
    """

    z: np.ndarray
    output: np.ndarray
    kept: np.ndarray
    passed: np.ndarray
    factors: np.ndarray | None = None


def _product(a: Any, b: np.ndarray, out: np.ndarray) -> None:
    """Out = a @ b, for an array or a sparse matrix `a`, and `out` in C or Fortran order."""
    if not isinstance(a, np.ndarray):
        out[...] = a.tocsr() @ b  # a product with CSC writes all over `out`, and takes longer
    else:
        np.dot(*_in_c_order(a, b, out))


def _in_c_order(
    a: np.ndarray, b: np.ndarray, out: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The operands of the same product, or of its transpose, with `out` as NumPy wants it."""
    return (a, b, out) if out.flags.c_contiguous else (b.T, a.T, out.T)


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
        self._binding: _Binding | None = None
        _, self._add_scaled = vector_operations(self.dtype, self.n_parameters)
        layers_bytes = 2 * self.dtype.itemsize * sum(self.layer_units[1:])
        row_bytes = layers_bytes + self.dtype.itemsize * self.layer_units[0]
        self._block_rows = max(_BLOCK_BYTES // row_bytes, _MIN_BLOCK_ROWS)
        self._sparse_block_rows = max(_BLOCK_BYTES // layers_bytes, _MIN_BLOCK_ROWS)

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
        """Fill `outputs`, one buffer a layer, with the hidden outputs and the raw predictions.

        With fewer buffers than layers, the last is that of a hidden layer.
        """
        _product(X, parameters.coefs[0], outputs[0])
        hidden = [_HiddenLayer(*[output] * 4) for output in outputs[: len(self.activations)]]
        raw = outputs[len(hidden)] if len(outputs) > len(hidden) else None
        for step in self._forward_steps(parameters, hidden, raw):
            step()

    def _forward_steps(
        self,
        parameters: Parameters,
        hidden: Sequence[_HiddenLayer],
        raw: np.ndarray | None,
        dropout: Dropout | None = None,
    ) -> list[Step]:
        """All that follows the first layer's product, up to the raw predictions if wanted."""
        coefs, intercepts = parameters
        targets = [*(layer.z for layer in hidden), *([] if raw is None else [raw])]
        steps: list[Step] = [partial(np.add, targets[0], intercepts[0], targets[0])]
        for i, layer in enumerate(hidden):
            steps.append(partial(self.activations[i].forward, layer.z, layer.output))
            if layer.factors is not None and dropout is not None:
                steps += [
                    partial(dropout.inplace_draw, i, layer.factors),
                    partial(np.multiply, layer.output, layer.factors, layer.passed),
                ]
            if i + 1 < len(targets):
                target = targets[i + 1]
                steps += [
                    partial(np.dot, *_in_c_order(layer.passed, coefs[i + 1], target)),
                    partial(np.add, target, intercepts[i + 1], target),
                ]
        return steps

    def _backward_steps(
        self, bound: _Binding, hidden: Sequence[_HiddenLayer], deltas: Sequence[np.ndarray]
    ) -> list[Step]:
        """From the delta of the output layer to all gradients but the first product's.

        What the hidden layers keep is used up.
        """
        coefs, gradients = bound.parameters.coefs, bound.gradients
        ones = np.ones(len(deltas[0]), self.dtype)
        steps: list[Step] = []
        for i in range(len(hidden), 0, -1):
            source, delta, source_delta = hidden[i - 1], deltas[i], deltas[i - 1]
            steps += [
                partial(np.dot, source.passed.T, delta, gradients.coefs[i]),
                partial(np.dot, ones, delta, gradients.intercepts[i]),
                partial(np.dot, delta, coefs[i].T, source_delta),
            ]
            if source.factors is not None:
                steps.append(partial(np.multiply, source_delta, source.factors, source_delta))
            steps.append(
                partial(self.activations[i - 1].inplace_backward, source.kept, source_delta)
            )
        steps.append(partial(np.dot, ones, deltas[0], gradients.intercepts[0]))
        return steps

    def _make_hidden(self, i: int, n_rows: int, dropout: Dropout | None) -> _HiddenLayer:
        """Buffers of hidden layer `i`: one for all where nothing else is needed."""
        shape = n_rows, self.layer_units[i + 1]
        z = np.empty(shape, self.dtype)
        keeps_input = self.activations[i].keeps == "input"
        output = np.empty(shape, self.dtype) if keeps_input else z
        if dropout is None or dropout.rates[i] == 0.0:
            return _HiddenLayer(z, output, z, output)
        # Outputs that are not kept may be overwritten.
        passed = output if keeps_input else np.empty(shape, self.dtype)
        return _HiddenLayer(z, output, z, passed, np.empty(shape, self.dtype))

    def _make_plan(self, bound: _Binding, n_rows: int) -> _Plan:
        raw = np.empty((n_rows, self.layer_units[-1]), self.dtype, order=self.loss.order)
        hidden = [self._make_hidden(i, n_rows, bound.dropout) for i in range(len(self.activations))]
        deltas = [*(np.empty_like(layer.z) for layer in hidden), raw]
        return _Plan(
            hidden[0].z if hidden else raw,
            self._forward_steps(bound.parameters, hidden, raw, bound.dropout),
            raw,
            np.empty(n_rows, self.dtype),
            self._backward_steps(bound, hidden, deltas),
            deltas,
        )

    def raw_predictions(
        self, parameters: Parameters, X: Any, rows: Rows | None = None
    ) -> np.ndarray:
        """Raw predictions of shape (n_rows, n_outputs) for some rows or all, in blocks."""
        return self.layer_outputs(parameters, X, len(self.shapes) - 1, rows)

    def layer_outputs(
        self, parameters: Parameters, X: Any, layer: int, rows: Rows | None = None
    ) -> np.ndarray:
        """Outputs of one layer, counted from 0, for some rows or all, in blocks of rows.

        Those of the last layer are the raw predictions.
        """
        rows = slice(0, X.shape[0]) if rows is None else rows
        values = np.empty((count_rows(rows), self.layer_units[layer + 1]), self.dtype)
        n_block = min(self._rows_in_a_block(X), len(values))
        before = self.layer_units[1 : layer + 1]
        hidden = [np.empty((n_block, n_units), self.dtype) for n_units in before]
        start = 0
        for block in split_rows(rows, n_block):
            samples = X[block].astype(self.dtype, copy=False)
            stop = start + samples.shape[0]
            outputs = [buffer[: stop - start] for buffer in hidden]
            self.forward(parameters, samples, [*outputs, values[start:stop]])
            start = stop
        return values

    def signals(self, parameters: Parameters, X: Any, y: np.ndarray | None = None) -> Signals:
        """Every layer's signals, and with encoded targets its gradients: all rows at once."""
        n_rows = X.shape[0]
        outputs = [np.empty((n_rows, n_units), self.dtype) for n_units in self.layer_units[1:]]
        self.forward(parameters, X, outputs)
        pre_activations = [
            np.asarray(source @ weights) + biases
            for source, weights, biases in zip([X, *outputs], *parameters, strict=False)
        ]
        if y is None:
            return Signals(pre_activations, outputs, [], [], np.nan)
        theta = self.pack(*parameters)
        bound = _Binding(self, theta, np.empty_like(theta))
        samples = Samples(X, y)
        loss = self._block_loss_gradient(bound, samples, samples.all_rows(), None, n_rows)
        deltas = [n_rows * delta for delta in bound.plans[n_rows].deltas]
        return Signals(pre_activations, outputs, deltas, list(bound.gradients.coefs), loss)

    def mean_loss(self, theta: np.ndarray, samples: Samples) -> float:
        """Mean loss with the L2 penalty at `theta`: `loss_gradient` without the gradient."""
        raw = self.raw_predictions(self.views(theta), samples.X)
        weights = samples.weights(samples.all_rows())
        total = len(raw) if weights is None else float(weights.sum())
        return self.data_loss(raw, samples.y, weights) + self._penalty(
            theta[: self.n_weights], total
        )

    def data_loss(self, raw: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> float:
        """Mean loss of raw predictions, without the penalty; they are left as they are."""
        raw = np.array(raw, order=self.loss.order)
        if weights is None:
            weights = np.ones(len(raw), self.dtype)
        return self.loss.inplace_gradient(raw, y, weights / float(weights.sum()))

    def loss_gradient(
        self, theta: np.ndarray, samples: Samples, rows: Rows, grad: np.ndarray
    ) -> float:
        """Mean loss with the L2 penalty at `theta`; its gradient goes into `grad`.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)
            The parameters.
        samples : Samples
            X of the network's type, targets as the loss wants them.
        rows : slice or ndarray of int
            Which samples; their weights have a positive sum.
        grad : ndarray of shape (n_parameters,)
            Overwritten.

        Returns
        -------
        loss : float
        """
        loss, total = self.data_loss_gradient(theta, samples, rows, grad)
        return loss + self.inplace_penalize(theta, grad, total, slice(0, self.n_parameters))

    def data_loss_gradient(
        self,
        theta: np.ndarray,
        samples: Samples,
        rows: Rows,
        grad: np.ndarray,
        dropout: Dropout | None = None,
    ) -> tuple[float, float]:
        """Fill `grad` with the mean loss' gradient; return that loss and the weights' sum."""
        bound = self._binding
        if (
            bound is None
            or bound.theta is not theta
            or bound.grad is not grad
            or bound.dropout is not dropout
        ):
            bound = self._binding = _Binding(self, theta, grad, dropout)
        n_rows = count_rows(rows)
        weights = samples.weights(rows)
        total = n_rows if weights is None else float(weights.sum())
        if n_rows <= self._rows_in_a_block(samples.X):
            return self._block_loss_gradient(bound, samples, rows, weights, total), total
        return self._loss_gradient_in_blocks(bound, samples, rows, total), total

    def inplace_penalize(
        self, theta: np.ndarray, grad: np.ndarray, total: float, part: slice
    ) -> float:
        """Add the penalty's gradient to a part of `grad`; return that part's penalty.

        An optimizer that steps through long vectors part by part asks for this when the part
        is in the cache.
        """
        start, stop = part.start, min(part.stop, self.n_weights)
        if self.alpha == 0.0 or start >= stop:
            return 0.0
        weights = theta[start:stop]
        self._add_scaled(weights, grad[start:stop], a=self.alpha / total)
        return self._penalty(weights, total)

    def _rows_in_a_block(self, X: Any) -> int:
        return self._block_rows if isinstance(X, np.ndarray) else self._sparse_block_rows

    def _loss_gradient_in_blocks(
        self, bound: _Binding, samples: Samples, rows: Rows, total: float
    ) -> float:
        if bound.blocks is None:
            bound.blocks = _Binding(self, bound.theta, np.empty_like(bound.grad), bound.dropout)
        part, loss = bound.blocks, 0.0
        bound.grad.fill(0.0)
        for block in split_rows(rows, self._rows_in_a_block(samples.X)):
            weights = samples.weights(block)
            loss += self._block_loss_gradient(part, samples, block, weights, total)
            bound.grad += part.grad
        return loss

    def _block_loss_gradient(
        self,
        bound: _Binding,
        samples: Samples,
        rows: Rows,
        weights: np.ndarray | None,
        total: float,
    ) -> float:
        """What some rows add to the mean loss; what they add to its gradient is written."""
        n_rows = count_rows(rows)
        plan = bound.plans.get(n_rows)
        if plan is None:
            plan = bound.plans[n_rows] = self._make_plan(bound, n_rows)
        X, y = samples.read(rows)
        if weights is None:
            plan.shares.fill(1.0 / total)
        else:
            np.divide(weights, total, out=plan.shares)

        _product(X, bound.parameters.coefs[0], plan.first)
        for step in plan.forward:
            step()
        loss = self.loss.inplace_gradient(plan.raw, y, plan.shares)
        for step in plan.backward:
            step()
        _product(X.T, plan.deltas[0], bound.gradients.coefs[0])
        return loss

    def _penalty(self, weights: np.ndarray, total: float) -> float:
        return 0.5 * self.alpha / total * float(weights.dot(weights))
