r"""Activation functions of hidden layers.

Conventions
-----------
Pre-activations, outputs and deltas are float arrays of shape ``(n_samples, n_units)``, one
for all units of a layer. A function and its derivative keep the type of what they get. The
derivative is taken either from the pre-activations or from the outputs, whichever `keeps` says
that the network keeps: outputs overwrite the pre-activations where these are not needed.

Every activation is a scikit-learn estimator as far as its parameters are concerned: it
prints, clones and pickles, and a search reaches its parameters, as in
``{"activation__negative_slope": [0.01, 0.1]}``.
"""

import math
from collections.abc import Callable
from inspect import ismethod
from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtr

from ._saving import VersionedEstimator
from ._sklearn_compat import Interval

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "HardTanh",
    "Identity",
    "LeakyReLU",
    "Logistic",
    "Mish",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Softplus",
    "Softsign",
    "Tanh",
]

_SELU_ALPHA = 1.6732632423543772848
_SELU_SCALE = 1.0507009873554804934
"""Klambauer et al. (2017), equation 14: mean 0 and variance 1 are a fixed point with these."""


class Activation(VersionedEstimator):
    """A hidden layer's function from its formula and its derivative; base of all others.

    A subclass with parameters of its own stores them in ``__init__`` and has `function` and
    `derivative` as methods.

    Read more in the :ref:`user guide <guide_activations>`.

    Parameters
    ----------
    function : callable
        ``function(z)`` returns the outputs, an array of the shape of the pre-activations
        `z`, which it must leave as they are.
    derivative : callable
        ``derivative(z)`` returns the function's derivative at `z`, likewise.
    init : str or Initializer, default='glorot_uniform'
        Where the weights into such a layer start with ``init="auto"``. Glorot's start is
        derived for functions with a slope of 1 at zero [1]_; He's, 'he_normal', for those that
        pass half of their inputs [2]_.

    Attributes
    ----------
    name : str
        What tables call it: the name of `function`; of a built-in one, what the estimators'
        `activation` may call it.
    start : str or Initializer
        What ``init="auto"`` takes for the weights into such a layer.
    start_gain : float
        The gain that goes with `start`.
    keeps : {'input', 'output'}
        What the derivative is taken from.
    asymptotes : tuple of float or None
        Between which outputs lie, where the function saturates at both.
    can_die : bool
        Whether an output of 0 means that the derivative is 0, as with rectifiers.

    Raises
    ------
    ValueError
        In training and predicting, if `function` or `derivative` returns another shape.

    See Also
    --------
    sk_xavier.XavierMLPClassifier : Its `activation` takes such an object.

    Notes
    -----
    To save an estimator with such an object, define both functions in a module:
    functions without a name cannot be pickled.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.
    .. [2] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level performance
       on ImageNet classification", ICCV 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.activations import Activation
    >>> gaussian = Activation(
    ...     lambda z: np.exp(-(z**2)), lambda z: -2 * z * np.exp(-(z**2)), init="lecun_normal"
    ... )
    >>> X, y = load_iris(return_X_y=True)
    >>> X -= X.mean(axis=0)
    >>> mlp = XavierMLPClassifier((10,), gaussian, learning_rate_init=0.02, tol=1e-3)
    >>> mlp.set_params(random_state=0).fit(X, y).score(X, y) > 0.9
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "function": [callable],
        "derivative": [callable],
        "init": [str, callable],
    }

    keeps: ClassVar[Literal["input", "output"]] = "input"
    """What the derivative is taken from."""

    asymptotes: ClassVar[tuple[float, float] | None] = None
    """Between which outputs lie, where the function saturates at both."""

    can_die: ClassVar[bool] = False
    """Whether an output of 0 means that the derivative is 0, as with rectifiers."""

    start_gain: float = 1.0
    """The gain that goes with `start`."""

    def __init__(
        self,
        function: Callable[[np.ndarray], np.ndarray],
        derivative: Callable[[np.ndarray], np.ndarray],
        *,
        init: Any = "glorot_uniform",
    ) -> None:
        self.function = function
        self.derivative = derivative
        self.init = init

    @property
    def name(self) -> str:
        """What tables call it: for a built-in one, what `activation` may call it."""
        if ismethod(self.function):
            return type(self).__name__
        return getattr(self.function, "__name__", type(self.function).__name__)

    @property
    def start(self) -> Any:
        """What ``init="auto"`` takes for the weights into such a layer."""
        return getattr(self, "init", "glorot_uniform")

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        """Compute the outputs in place.

        Parameters
        ----------
        z : ndarray of shape (n_samples, n_units)
            Pre-activations.
        out : ndarray of shape (n_samples, n_units)
            What to fill with the outputs; it may be `z` itself.

        Raises
        ------
        ValueError
            If the function of an `Activation` returns anything but real numbers in the shape
            of `z`.
        """
        out[...] = self._call("function", z)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        """Multiply deltas by the derivative in place.

        Parameters
        ----------
        kept : ndarray of shape (n_samples, n_units)
            What the network keeps, by `keeps`: pre-activations or outputs. It may be used up
            as scratch.
        delta : ndarray of shape (n_samples, n_units)
            The loss differentiated by the outputs; afterwards, by the pre-activations.

        Raises
        ------
        ValueError
            If the derivative of an `Activation` is anything but real numbers in the shape of
            `kept`.
        """
        delta *= self._call("derivative", kept)

    def _call(self, which: str, z: np.ndarray) -> np.ndarray:
        shielded = z.view()
        shielded.flags.writeable = False
        values = np.asarray(getattr(self, which)(shielded))
        if values.dtype.kind not in "fiub":
            raise ValueError(
                f"The activation's {which} must return real numbers. Got an array of"
                f" {values.dtype} from {self.name}."
            )
        if values.shape != z.shape:
            raise ValueError(
                f"The activation's {which} must return an array of the shape of its argument,"
                f" {z.shape}. Got shape {values.shape} from {self.name}."
            )
        return values


def _float_array(z: ArrayLike) -> np.ndarray:
    """A copy of one dimension or more, of float32 where `z` is, else float64."""
    dtype = np.float32 if getattr(z, "dtype", None) == np.float32 else np.float64
    return np.array(z, dtype, ndmin=1)


class _Named(Activation):
    """Base of the activations with a formula of their own; `keeps` is their output if possible."""

    keeps: ClassVar[Literal["input", "output"]] = "output"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}

    name: ClassVar[str]
    """What tables and the estimators' `activation` call it."""

    start: ClassVar[str] = "glorot_uniform"
    """What ``init="auto"`` takes for the weights into such a layer."""

    def __init__(self) -> None:
        pass

    def function(self, z: ArrayLike) -> np.ndarray:
        """Compute the outputs.

        Parameters
        ----------
        z : array-like
            Pre-activations, of any shape.

        Returns
        -------
        outputs : ndarray of the same shape
            Of float32 where `z` is, else of float64.

        Raises
        ------
        TypeError, ValueError
            If `z` does not hold numbers.
        """
        values = _float_array(z)
        self.forward(values, values)
        return values.reshape(np.shape(z))

    def derivative(self, z: ArrayLike) -> np.ndarray:
        """Compute the derivative of each output by its pre-activation.

        Parameters
        ----------
        z : array-like
            Pre-activations, of any shape.

        Returns
        -------
        slopes : ndarray of the same shape
            Of float32 where `z` is, else of float64.

        Raises
        ------
        TypeError, ValueError
            If `z` does not hold numbers.
        """
        values = _float_array(z)
        if self.keeps == "output":
            self.forward(values, values)
        slopes = np.ones_like(values)
        self.inplace_backward(values, slopes)
        return slopes.reshape(np.shape(z))


def _select(condition: np.ndarray, yes: Any, no: Any, dtype: np.dtype) -> np.ndarray:
    """An array of this type that has `yes` where the condition holds, else `no`."""
    return np.where(condition, np.asarray(yes, dtype), np.asarray(no, dtype))


class Identity(_Named):
    """f(z) = z: the network is a linear model, however deep.

    How deep linear networks learn is still nonlinear [1]_.

    Its name for `activation` is ``'identity'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Andrew M. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep
       linear neural networks", ICLR 2014.

    Examples
    --------
    >>> from sk_xavier.activations import Identity
    >>> Identity().function([-1.0, 0.5]).round(4)
    array([-1. ,  0.5])
    """

    name = "identity"

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        if out is not z:
            out[...] = z

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        """Leave deltas as they are: the derivative is 1.

        Parameters
        ----------
        kept : ndarray of shape (n_samples, n_units)
            Outputs.
        delta : ndarray of shape (n_samples, n_units)
            The loss differentiated by the outputs, and so by the pre-activations.
        """


class Logistic(_Named):
    r"""f(z) = 1 / (1 + exp(-z)): the sigmoid, between 0 and 1.

    .. math:: f(z) = \frac{1}{1 + e^{-z}}, \qquad f'(z) = f(z) \, (1 - f(z))

    Its name for `activation` is ``'logistic'``.

    Read more in the :ref:`user guide <guide_activations>`.

    Notes
    -----
    Glorot and Bengio assume a slope of 1 at zero [1]_. The logistic function's is 1/4, hence a
    gain of 4 at the start, as in Theano's deep learning tutorial [2]_.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.
    .. [2] LISA lab, University of Montreal, "Deep learning tutorial", chapter "Multilayer
       perceptron".

    Examples
    --------
    >>> from sk_xavier.activations import Logistic
    >>> Logistic().function([-1.0, 0.0, 1.0]).round(4)
    array([0.2689, 0.5   , 0.7311])
    """

    name = "logistic"
    start_gain = 4.0
    asymptotes = (0.0, 1.0)

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        expit(z, out=out)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        # f'(z) = f (1 - f).
        delta *= kept
        np.subtract(1.0, kept, out=kept)
        delta *= kept


class Tanh(_Named):
    r"""f(z) = tanh(z): a sigmoid between -1 and 1, symmetric about 0.

    .. math:: f(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}}, \qquad f'(z) = 1 - f(z)^2

    Outputs of mean zero let the next layer learn faster than those of the logistic function
    [1]_. Its slope at zero is 1, as Glorot's start assumes [2]_.

    Its name for `activation` is ``'tanh'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Yann LeCun et al., "Efficient BackProp", in Neural Networks: Tricks of the Trade,
       Springer 1998.
    .. [2] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.

    Examples
    --------
    >>> from sk_xavier.activations import Tanh
    >>> Tanh().function([-1.0, 0.0, 1.0]).round(4)
    array([-0.7616,  0.    ,  0.7616])
    """

    name = "tanh"
    asymptotes = (-1.0, 1.0)

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        np.tanh(z, out=out)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        # f'(z) = 1 - f^2.
        np.multiply(kept, kept, out=kept)
        np.subtract(1.0, kept, out=kept)
        delta *= kept


class ReLU(_Named):
    r"""f(z) = max(0, z): the rectified linear unit.

    .. math:: f(z) = \max(0, z), \qquad f'(z) = 1 \text{ where } z > 0, \text{ else } 0

    It was made popular by Nair and Hinton [1]_. It passes half of its inputs, which He's start
    makes up for [2]_.

    Its name for `activation` is ``'relu'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Vinod Nair and Geoffrey E. Hinton, "Rectified linear units improve restricted
       Boltzmann machines", ICML 2010.
    .. [2] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level performance
       on ImageNet classification", ICCV 2015.

    Examples
    --------
    >>> from sk_xavier.activations import ReLU
    >>> ReLU().function([-1.0, 0.0, 1.0]).round(4)
    array([0., 0., 1.])
    """

    name = "relu"
    start = "he_normal"
    can_die = True

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        # With a row of zeros NumPy takes half as long in float32 as with the number.
        np.maximum(z, np.zeros(z.shape[-1:], z.dtype), out=out)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        # f'(z) = 1 where f > 0, else 0.
        # Ten times as fast as an assignment under a mask, whose branches no processor foresees.
        delta *= kept > 0.0


class LeakyReLU(_Named):
    r"""f(z) = z where z > 0, else slope z: a ReLU that lets something below zero pass.

    .. math:: f(z) = \max(z, a z), \qquad f'(z) = 1 \text{ where } z > 0, \text{ else } a

    with the slope :math:`a` [1]_. Its start is He's with a variance of
    :math:`2 / ((1 + a^2) \, \text{fan}_\text{in})` [2]_.

    Its name for `activation` is ``'leaky_relu'``.

    Read more in the :ref:`user guide <guide_activations>`.

    Parameters
    ----------
    negative_slope : float, default=0.01
        The slope below zero, in [0, 1].

    References
    ----------
    .. [1] Andrew L. Maas et al., "Rectifier nonlinearities improve neural network acoustic
       models", ICML 2013.
    .. [2] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level performance
       on ImageNet classification", ICCV 2015, section 2.2.

    Examples
    --------
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.activations import LeakyReLU
    >>> mlp = XavierMLPClassifier(activation=LeakyReLU(negative_slope=0.1))
    >>> mlp.set_params(activation__negative_slope=0.2).activation
    LeakyReLU(negative_slope=0.2)
    """

    name = "leaky_relu"
    start = "he_normal"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "negative_slope": [Interval(Real, 0, 1, closed="both")]
    }

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    @property
    def start_gain(self) -> float:  # type: ignore[override]
        """The gain that goes with `start`."""
        return 1.0 / math.hypot(1.0, self.negative_slope)

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        np.maximum(z, z * z.dtype.type(self.negative_slope), out=out)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        # f'(z) = 1 where f > 0, else the slope.
        delta *= _select(kept > 0.0, 1.0, self.negative_slope, kept.dtype)


class ELU(_Named):
    r"""f(z) = z where z > 0, else alpha (exp(z) - 1): the exponential linear unit.

    .. math:: f(z) = \max(0, z) + \alpha \, (e^{\min(0, z)} - 1)

    Outputs below zero bring their mean nearer to zero than a ReLU's [1]_. It starts from He's
    weights.

    Its name for `activation` is ``'elu'``.

    Read more in the :ref:`user guide <guide_activations>`.

    Parameters
    ----------
    alpha : float, default=1.0
        Minus the limit at minus infinity, positive.

    References
    ----------
    .. [1] Djork-Arné Clevert et al., "Fast and accurate deep network learning by exponential
       linear units (ELUs)", ICLR 2016.

    Examples
    --------
    >>> from sk_xavier.activations import ELU
    >>> ELU().function([-1.0, 0.0, 1.0]).round(4)
    array([-0.6321,  0.    ,  1.    ])
    """

    name = "elu"
    start = "he_normal"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "alpha": [Interval(Real, 0, None, closed="neither")]
    }
    _scale: ClassVar[float] = 1.0

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        below = np.minimum(z, 0.0)
        np.expm1(below, out=below)
        below *= self.alpha
        np.maximum(z, 0.0, out=out)
        out += below
        if self._scale != 1.0:
            out *= self._scale

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        # f'(z) = 1 where f > 0, else f + alpha; both times the scale.
        below = kept + kept.dtype.type(self._scale * self.alpha)
        delta *= _select(kept > 0.0, self._scale, below, kept.dtype)


class SELU(ELU):
    r"""f(z) = 1.0507 times the ELU with alpha = 1.6733: self-normalizing.

    .. math:: f(z) = \lambda \left( \max(0, z) + \alpha \, (e^{\min(0, z)} - 1) \right)

    with :math:`\lambda = 1.0507` and :math:`\alpha = 1.6733`, rounded here. From LeCun's normal
    weights, signals settle at mean 0 and variance 1 [1]_.

    Its name for `activation` is ``'selu'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Günter Klambauer et al., "Self-normalizing neural networks", NIPS 2017.

    Examples
    --------
    >>> from sk_xavier.activations import SELU
    >>> SELU().function([-1.0, 0.0, 1.0]).round(4)
    array([-1.1113,  0.    ,  1.0507])
    """

    name = "selu"
    start = "lecun_normal"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}
    _scale: ClassVar[float] = _SELU_SCALE
    alpha: ClassVar[float] = _SELU_ALPHA  # type: ignore[misc]

    def __init__(self) -> None:
        pass


class Softplus(_Named):
    r"""f(z) = log(1 + exp(z)): a smooth ReLU.

    .. math:: f(z) = \log(1 + e^z), \qquad f'(z) = \frac{1}{1 + e^{-z}}

    It was proposed for functions that are known to grow and to be convex [1]_.

    Its name for `activation` is ``'softplus'``.

    Read more in the :ref:`user guide <guide_activations>`.

    Notes
    -----
    Its slope at zero is 1/2, hence a gain of 2 at Glorot's start, which is derived for a slope
    of 1 [2]_.

    References
    ----------
    .. [1] Charles Dugas et al., "Incorporating second-order functional knowledge for better
       option pricing", NIPS 2000.
    .. [2] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.

    Examples
    --------
    >>> from sk_xavier.activations import Softplus
    >>> Softplus().function([-1.0, 0.0, 1.0]).round(4)
    array([0.3133, 0.6931, 1.3133])
    """

    name = "softplus"
    start_gain = 2.0

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        np.logaddexp(z, 0.0, out=out)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        # f'(z) = 1 / (1 + exp(-z)) = 1 - exp(-f).
        np.negative(kept, out=kept)
        np.expm1(kept, out=kept)
        np.negative(kept, out=kept)
        delta *= kept


class Softsign(_Named):
    r"""f(z) = z / (1 + abs(z)): like tanh, but it reaches its asymptotes slowly.

    .. math:: f(z) = \frac{z}{1 + |z|}, \qquad f'(z) = (1 - |f(z)|)^2

    Bergstra et al. proposed it [1]_; Glorot and Bengio found that networks of it depend less on
    their start than networks of tanh [2]_.

    Its name for `activation` is ``'softsign'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] James Bergstra et al., "Quadratic polynomials learn better image features", technical
       report 1337, Université de Montréal 2009.
    .. [2] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.

    Examples
    --------
    >>> from sk_xavier.activations import Softsign
    >>> Softsign().function([-1.0, 0.0, 3.0]).round(4)
    array([-0.5 ,  0.  ,  0.75])
    """

    name = "softsign"
    asymptotes = (-1.0, 1.0)

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        denominator = np.abs(z)
        denominator += 1.0
        np.divide(z, denominator, out=out)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        # f'(z) = (1 - abs(f))^2.
        np.abs(kept, out=kept)
        np.subtract(1.0, kept, out=kept)
        delta *= kept
        delta *= kept


class _Clip(_Named):
    """f(z) = z, cut at two bounds."""

    _low: ClassVar[float]
    _high: ClassVar[float]

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        np.clip(z, self._low, self._high, out=out)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        # f'(z) = 1 between the bounds, else 0.
        inside = kept > self._low
        inside &= kept < self._high
        delta *= inside


class ReLU6(_Clip):
    r"""f(z) = min(max(0, z), 6): a ReLU that nothing above six passes.

    .. math:: f(z) = \min(\max(0, z), 6), \qquad
              f'(z) = 1 \text{ where } 0 < z < 6, \text{ else } 0

    The bound is Krizhevsky's [1]_.

    Its name for `activation` is ``'relu6'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Alex Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.

    Examples
    --------
    >>> from sk_xavier.activations import ReLU6
    >>> ReLU6().function([-1.0, 3.0, 8.0]).round(4)
    array([0., 3., 6.])
    """

    name = "relu6"
    start = "he_normal"
    can_die = True
    _low, _high = 0.0, 6.0


class HardTanh(_Clip):
    r"""f(z) = min(max(-1, z), 1): tanh made of straight lines.

    .. math:: f(z) = \min(\max(-1, z), 1), \qquad
              f'(z) = 1 \text{ where } |z| < 1, \text{ else } 0

    It takes less time than tanh [1]_.

    Its name for `activation` is ``'hard_tanh'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Ronan Collobert, "Large scale machine learning", PhD thesis, Université Paris VI 2004.

    Examples
    --------
    >>> from sk_xavier.activations import HardTanh
    >>> HardTanh().function([-3.0, 0.5, 3.0]).round(4)
    array([-1. ,  0.5,  1. ])
    """

    name = "hard_tanh"
    asymptotes = (-1.0, 1.0)
    _low, _high = -1.0, 1.0


class _Gated(_Named):
    """f(z) = z g(z) with a gate between 0 and 1: not monotonic, so z is kept."""

    keeps = "input"
    start = "he_normal"

    def _gate(self, z: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _inplace_slope(self, z: np.ndarray, gate: np.ndarray) -> None:
        """Replace the gate by the slope of ``z g(z)``, g + z g'; `z` may be used up."""
        raise NotImplementedError

    def forward(self, z: np.ndarray, out: np.ndarray) -> None:
        np.multiply(z, self._gate(z), out=out)

    def inplace_backward(self, kept: np.ndarray, delta: np.ndarray) -> None:
        gate = self._gate(kept)
        self._inplace_slope(kept, gate)
        delta *= gate


class GELU(_Gated):
    r"""f(z) = z Phi(z): the Gaussian error linear unit, exactly.

    .. math:: f(z) = z \, \Phi(z), \qquad f'(z) = \Phi(z) + z \, \varphi(z)

    with the distribution function :math:`\Phi` and the density :math:`\varphi` of the standard
    normal [1]_; not the approximation by tanh.

    Its name for `activation` is ``'gelu'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Dan Hendrycks and Kevin Gimpel, "Gaussian error linear units (GELUs)", 2016,
       arXiv:1606.08415.

    Examples
    --------
    >>> from sk_xavier.activations import GELU
    >>> GELU().function([-1.0, 0.0, 1.0]).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """

    name = "gelu"

    def _gate(self, z: np.ndarray) -> np.ndarray:
        return ndtr(z)

    def _inplace_slope(self, z: np.ndarray, gate: np.ndarray) -> None:
        with np.errstate(over="ignore"):  # of the square, whose exp is 0
            density = np.square(z)
        density *= -0.5
        np.exp(density, out=density)
        density *= 1.0 / math.sqrt(2.0 * math.pi)
        density *= z
        gate += density


class SiLU(_Gated):
    r"""f(z) = z / (1 + exp(-z)): the sigmoid linear unit, also called swish.

    .. math:: f(z) = z \, g(z), \quad g(z) = \frac{1}{1 + e^{-z}}, \qquad
              f'(z) = g(z) \, (1 + z \, (1 - g(z)))

    It was proposed for reinforcement learning [1]_ and found again by a search for activation
    functions [2]_.

    Its name for `activation` is ``'silu'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Stefan Elfwing et al., "Sigmoid-weighted linear units for neural network function
       approximation in reinforcement learning", Neural Networks 107, 2018.
    .. [2] Prajit Ramachandran et al., "Searching for activation functions", 2017,
       arXiv:1710.05941.

    Examples
    --------
    >>> from sk_xavier.activations import SiLU
    >>> SiLU().function([-1.0, 0.0, 1.0]).round(4)
    array([-0.2689,  0.    ,  0.7311])
    """

    name = "silu"

    def _gate(self, z: np.ndarray) -> np.ndarray:
        return expit(z)

    def _inplace_slope(self, z: np.ndarray, gate: np.ndarray) -> None:
        # g + z g (1 - g)
        z *= 1.0 - gate
        z += 1.0
        gate *= z


class Mish(_Gated):
    r"""f(z) = z tanh(log(1 + exp(z))): smooth, with a softplus in its gate.

    .. math:: f(z) = z \, g(z), \quad g(z) = \tanh(\log(1 + e^z)), \qquad
              f'(z) = g(z) + \frac{z \, (1 - g(z)^2)}{1 + e^{-z}}

    as Misra defines it [1]_.

    Its name for `activation` is ``'mish'``.

    Read more in the :ref:`user guide <guide_activations>`.

    References
    ----------
    .. [1] Diganta Misra, "Mish: a self regularized non-monotonic activation function", BMVC
       2020.

    Examples
    --------
    >>> from sk_xavier.activations import Mish
    >>> Mish().function([-1.0, 0.0, 1.0]).round(4)
    array([-0.3034,  0.    ,  0.8651])
    """

    name = "mish"

    def _gate(self, z: np.ndarray) -> np.ndarray:
        gate = np.logaddexp(z, 0.0)
        return np.tanh(gate, out=gate)

    def _inplace_slope(self, z: np.ndarray, gate: np.ndarray) -> None:
        # g + z (1 - g^2) / (1 + exp(-z))
        slope = 1.0 - np.square(gate)
        slope *= z
        slope *= expit(z)
        gate += slope


ACTIVATIONS: dict[str, Callable[[], Activation]] = {
    activation.name: activation
    for activation in (
        Identity,
        Logistic,
        Tanh,
        ReLU,
        LeakyReLU,
        ELU,
        SELU,
        GELU,
        SiLU,
        Mish,
        Softplus,
        Softsign,
        ReLU6,
        HardTanh,
    )
}
"""The names that stand for an activation with its default parameters."""
