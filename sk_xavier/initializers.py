r"""Initializers: objects that draw a network's starting weights.

Conventions
-----------
A weight matrix has shape ``(fan_in, fan_out)``: `fan_in` numbers come into each unit
of the layer and `fan_out` units read them, as in scikit-learn, Keras and JAX (PyTorch
stores the transpose). An initializer is called as ``initializer(shape, fan_in=...,
fan_out=..., random_state=..., dtype=...)`` and returns a new array; a bias vector of
shape ``(fan_out,)`` is drawn with the fans of its layer. The generator is an argument,
so one initializer serves all layers and each layer gets other draws.

Every initializer is a scikit-learn estimator as far as its parameters are
concerned: it prints, clones and pickles, and a search reaches its parameters, as in
``{"init__gain": [0.5, 1.0, 2.0]}``.

The family is one formula, `VarianceScaling`; the presets are arguments to it.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike
from scipy.special import ndtr, ndtri
from sklearn.utils import check_random_state

from ._saving import VersionedEstimator
from ._sklearn_compat import Interval, InvalidParameterError, StrOptions, validate_params

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Normal",
    "Orthogonal",
    "TruncatedNormal",
    "Uniform",
    "VarianceScaling",
    "Zeros",
]

_CUT = 2.0
"""Where truncated normals are cut, in standard deviations of the whole normal."""

_CUT_STD = math.sqrt(
    1.0 - 2.0 * _CUT * math.exp(-0.5 * _CUT**2) / math.sqrt(2.0 * math.pi) / math.erf(_CUT / 2**0.5)
)
"""Standard deviation of a standard normal cut at +-2: 0.87962566103423978."""

_FANS: dict[str, Callable[[int, int], float]] = {
    "fan_in": lambda fan_in, fan_out: fan_in,
    "fan_out": lambda fan_in, fan_out: fan_out,
    "fan_avg": lambda fan_in, fan_out: (fan_in + fan_out) / 2,
    "fan_geo_avg": lambda fan_in, fan_out: math.sqrt(fan_in * fan_out),
}

_FINITE = Interval(Real, None, None, closed="neither")
_POSITIVE = Interval(Real, 0, None, closed="neither")
_NOT_NEGATIVE = Interval(Real, 0, None, closed="left")


class Initializer(VersionedEstimator, ABC):
    """Base class of the initializers: draws an array of starting weights.

    A subclass stores its parameters in ``__init__``, names their constraints in
    ``_parameter_constraints`` and implements ``_draw(shape, fan_in, fan_out, rng)``.

    Read more in the :ref:`user guide <guide_choosing>`.

    See Also
    --------
    sk_xavier.XavierMLPClassifier : Its `init` and `bias_init` take such an object.

    Examples
    --------
    An initializer of your own, with a parameter that a search reaches:

    >>> import numpy as np
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.initializers import Initializer
    >>> class Signs(Initializer):
    ...     def __init__(self, size=0.1):
    ...         self.size = size
    ...
    ...     def _draw(self, shape, fan_in, fan_out, rng):
    ...         return self.size * rng.choice([-1.0, 1.0], shape)
    >>> weights = Signs(size=0.5)((400, 300), random_state=0)
    >>> np.unique(weights).tolist()
    [-0.5, 0.5]
    >>> mlp = XavierMLPClassifier((5,), init=Signs()).initialize([[0.0], [1.0]], [0, 1])
    >>> np.unique(abs(mlp.coefs_[0])).tolist()
    [0.1]
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {}

    def __call__(
        self,
        shape: Sequence[int],
        *,
        fan_in: int | None = None,
        fan_out: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        dtype: DTypeLike = np.float64,
    ) -> np.ndarray:
        """Draw an array.

        Parameters
        ----------
        shape : sequence of int
            The shape of the array: ``(fan_in, fan_out)`` for a weight matrix,
            ``(fan_out,)`` for a bias vector.
        fan_in, fan_out : int, default=None
            Numbers of inputs and of units of the layer. By default those of a matrix,
            ``fan_in, fan_out = shape``; a vector needs them given.
        random_state : int, RandomState instance or None, default=None
            The generator, or a seed for one.
        dtype : data-type, default=numpy.float64
            Type of the array. Draws are made in float64 and rounded.

        Returns
        -------
        values : ndarray of shape `shape` and type `dtype`
            A new array.

        Raises
        ------
        InvalidParameterError
            If a parameter of the initializer is out of its range; a ValueError and a
            TypeError.
        ValueError
            If the fans are neither given nor those of a matrix, `random_state` cannot be used,
            or a value would be too large for `dtype`; from `Orthogonal`, for anything but a
            matrix.
        """
        validate_params(self)
        shape = tuple(shape)
        if fan_in is None or fan_out is None:
            if len(shape) != 2:
                raise ValueError(
                    f"fan_in and fan_out are needed for an array of shape {shape}; only a"
                    " matrix, of shape (fan_in, fan_out), tells them by its shape."
                )
            fan_in = shape[0] if fan_in is None else fan_in
            fan_out = shape[1] if fan_out is None else fan_out
        rng = check_random_state(random_state)
        try:
            with np.errstate(over="ignore"):
                values = self._draw(shape, fan_in, fan_out, rng).astype(dtype, copy=False)
            is_finite = np.isfinite(values).all()
        except OverflowError:
            is_finite = False
        if not is_finite:
            raise ValueError(
                f"{self!r} draws values that are not finite in {np.dtype(dtype).name}."
            )
        return values

    @abstractmethod
    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        """Draw a float64 array from `rng`."""


class Constant(Initializer):
    """Every weight the same.

    All units of a hidden layer then compute the same function and get the same
    gradient, so they stay copies of one another however long they are trained:
    the symmetry that random starts exist to break.

    Its name for `init` is ``'constant'``.

    Read more in the :ref:`user guide <guide_symmetry>`.

    Parameters
    ----------
    value : float, default=0.1
        The value.

    Examples
    --------
    >>> from sk_xavier.initializers import Constant
    >>> Constant(value=0.5)((2, 3))
    array([[0.5, 0.5, 0.5],
           [0.5, 0.5, 0.5]])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {"value": [_FINITE]}

    def __init__(self, value: float = 0.1) -> None:
        self.value = value

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        return np.full(shape, float(self.value))


class Zeros(Initializer):
    """Every weight zero: the usual start of biases.

    Its name for `init` is ``'zeros'``.

    Read more in the :ref:`user guide <guide_symmetry>`.

    Examples
    --------
    >>> from sk_xavier.initializers import Zeros
    >>> Zeros()((3,), fan_in=2, fan_out=3)
    array([0., 0., 0.])
    """

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        return np.zeros(shape)


class Uniform(Initializer):
    """Uniform on an interval that does not look at the layer's size.

    The variance is ``(high - low)**2 / 12``. For signals to keep theirs from layer to layer, it
    would have to follow the layer's size [1]_.

    Its name for `init` is ``'uniform'``.

    Read more in the :ref:`user guide <guide_saturation>`.

    Parameters
    ----------
    low : float, default=-0.1
        Lower end of the interval.
    high : float, default=0.1
        Upper end of the interval, not below `low`.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.

    Examples
    --------
    >>> from sk_xavier.initializers import Uniform
    >>> weights = Uniform(low=-0.5, high=0.5)((400, 300), random_state=0)
    >>> bool(abs(weights).max() <= 0.5)
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {"low": [_FINITE], "high": [_FINITE]}

    def __init__(self, low: float = -0.1, high: float = 0.1) -> None:
        self.low = low
        self.high = high

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        if self.low > self.high:
            raise InvalidParameterError(
                f"The 'low' parameter of Uniform must not exceed 'high'. Got low={self.low!r}"
                f" and high={self.high!r} instead."
            )
        return rng.uniform(self.low, self.high, shape)


class Normal(Initializer):
    """Normal with a standard deviation that does not look at the layer's size.

    Its name for `init` is ``'normal'``.

    Read more in the :ref:`user guide <guide_saturation>`.

    Parameters
    ----------
    mean : float, default=0.0
        Mean of the distribution.
    std : float, default=0.1
        Its standard deviation, not negative.

    Examples
    --------
    >>> from sk_xavier.initializers import Normal
    >>> weights = Normal(std=0.01)((400, 300), random_state=0)
    >>> print(f"{weights.std():.4f}")
    0.0100
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "mean": [_FINITE],
        "std": [_NOT_NEGATIVE],
    }

    def __init__(self, mean: float = 0.0, std: float = 0.1) -> None:
        self.mean = mean
        self.std = std

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        return rng.normal(self.mean, self.std, shape)


class TruncatedNormal(Initializer):
    """Normal without its tails: values further than two `std` from `mean` do not occur.

    As in Keras and JAX, `std` is that of the normal before the cut; the values drawn have a
    standard deviation of ``0.8796 * std`` [1]_. The truncated forms of `VarianceScaling` and
    its presets correct for that.

    Its name for `init` is ``'truncated_normal'``.

    Read more in the :ref:`user guide <guide_glorot_elsewhere>`.

    Parameters
    ----------
    mean : float, default=0.0
        Mean of the distribution.
    std : float, default=0.1
        Standard deviation before the cut, not negative.

    References
    ----------
    .. [1] Norman L. Johnson, Samuel Kotz and N. Balakrishnan, "Continuous univariate
       distributions", volume 1, second edition, Wiley 1994, chapter 13.

    Examples
    --------
    >>> from sk_xavier.initializers import TruncatedNormal
    >>> weights = TruncatedNormal(std=0.1)((400, 300), random_state=0)
    >>> bool(abs(weights).max() <= 0.2)
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "mean": [_FINITE],
        "std": [_NOT_NEGATIVE],
    }

    def __init__(self, mean: float = 0.0, std: float = 0.1) -> None:
        self.mean = mean
        self.std = std

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        # The inverse of the distribution function, at uniform draws between the cuts.
        values = rng.uniform(ndtr(-_CUT), ndtr(_CUT), shape)
        values = np.clip(ndtri(values), -_CUT, _CUT)
        values *= self.std
        values += self.mean
        return values


_DISTRIBUTIONS: dict[str, Callable[[float, float], Initializer]] = {
    "uniform": lambda gain, variance: Uniform(
        -gain * math.sqrt(3.0 * variance), gain * math.sqrt(3.0 * variance)
    ),
    "normal": lambda gain, variance: Normal(0.0, gain * math.sqrt(variance)),
    "truncated_normal": lambda gain, variance: TruncatedNormal(
        0.0, gain * math.sqrt(variance) / _CUT_STD
    ),
}
"""Distributions of mean 0 with standard deviation ``gain * sqrt(variance)``."""


class VarianceScaling(Initializer):
    r"""Mean zero, and a variance that follows the size of the layer.

    .. math:: \operatorname{Var} W = \frac{\text{scale}}{\text{fan}}

    where *fan* is chosen by `mode`. All of Glorot's [1]_, He's [2]_ and LeCun's [3]_ starts
    are members of this family.

    Read more in the :ref:`user guide <guide_choosing>`.

    Parameters
    ----------
    scale : float, default=1.0
        Numerator of the variance, positive.
    mode : {'fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'}, default='fan_in'
        Denominator of the variance: the number of inputs, of units, the arithmetic or
        the geometric mean of both.
    distribution : {'uniform', 'normal', 'truncated_normal'}, default='truncated_normal'
        Shape of the distribution. 'uniform' is on
        ``[-sqrt(3 scale / fan), sqrt(3 scale / fan)]``. 'truncated_normal' is cut at two
        standard deviations of a normal so much wider that the variance is still
        ``scale / fan``.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010, eq. 12.
    .. [2] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level performance
       on ImageNet classification", ICCV 2015, eq. 10.
    .. [3] Yann LeCun et al., "Efficient BackProp", in Neural Networks: Tricks of the Trade,
       Springer 1998, eq. 16.

    Examples
    --------
    >>> from sk_xavier.initializers import VarianceScaling
    >>> init = VarianceScaling(scale=2.0, mode="fan_in", distribution="normal")
    >>> weights = init((400, 300), random_state=0)
    >>> print(f"{weights.var() * 400:.1f}")
    2.0
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "scale": [_POSITIVE],
        "mode": [StrOptions(set(_FANS))],
        "distribution": [StrOptions(set(_DISTRIBUTIONS))],
    }

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
    ) -> None:
        self.scale = scale
        self.mode = mode
        self.distribution = distribution

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        return self._draw_with_gain(1.0, shape, fan_in, fan_out, rng)

    def _draw_with_gain(
        self,
        gain: float,
        shape: tuple[int, ...],
        fan_in: int,
        fan_out: int,
        rng: np.random.RandomState,
    ) -> np.ndarray:
        """Draw with ``gain`` times the standard deviation; squared it could overflow."""
        variance = self.scale / _FANS[self.mode](fan_in, fan_out)
        initializer = _DISTRIBUTIONS[self.distribution](float(gain), variance)
        return initializer._draw(shape, fan_in, fan_out, rng)


class _UniformPreset(Initializer):
    """A member of `VarianceScaling` with a uniform distribution and a gain."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {"gain": [_POSITIVE]}
    _scale: ClassVar[float]
    _mode: ClassVar[str]

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        scaling = VarianceScaling(self._scale, self._mode, "uniform")
        return scaling._draw_with_gain(self.gain, shape, fan_in, fan_out, rng)


class _NormalPreset(Initializer):
    """A member of `VarianceScaling` with a normal distribution, whole or cut, and a gain."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "gain": [_POSITIVE],
        "truncated": ["boolean"],
    }
    _scale: ClassVar[float]
    _mode: ClassVar[str]

    def __init__(self, gain: float = 1.0, truncated: bool = False) -> None:
        self.gain = gain
        self.truncated = truncated

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        distribution = "truncated_normal" if self.truncated else "normal"
        scaling = VarianceScaling(self._scale, self._mode, distribution)
        return scaling._draw_with_gain(self.gain, shape, fan_in, fan_out, rng)


class GlorotUniform(_UniformPreset):
    r"""Glorot's (Xavier's) start, uniform: the default of the estimators.

    .. math:: W \sim U[-b, b], \quad
              b = \text{gain} \sqrt{\frac{6}{\text{fan}_\text{in} + \text{fan}_\text{out}}}

    Where units are about linear with a slope of 1, the variance of signals stays about the same
    from layer to layer forwards, and that of gradients backwards [1]_.

    Its name for `init` is ``'glorot_uniform'`` or ``'xavier_uniform'``.

    Read more in the :ref:`user guide <guide_xavier>`.

    Parameters
    ----------
    gain : float, default=1.0
        Factor on the standard deviation, positive.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010, eq. 16.

    Examples
    --------
    >>> from sk_xavier.initializers import GlorotUniform
    >>> weights = GlorotUniform()((400, 300), random_state=0)
    >>> print(f"{weights.var() * (400 + 300) / 2:.1f}")
    1.0
    """

    _scale, _mode = 1.0, "fan_avg"


class GlorotNormal(_NormalPreset):
    r"""Glorot's (Xavier's) start, normal.

    .. math:: W \sim N(0, \sigma^2), \quad
              \sigma = \text{gain} \sqrt{\frac{2}{\text{fan}_\text{in} + \text{fan}_\text{out}}}

    Where units are about linear with a slope of 1, the variance of signals stays about the same
    from layer to layer forwards, and that of gradients backwards [1]_.

    Its name for `init` is ``'glorot_normal'`` or ``'xavier_normal'``.

    Read more in the :ref:`user guide <guide_xavier>`.

    Parameters
    ----------
    gain : float, default=1.0
        Factor on the standard deviation, positive.
    truncated : bool, default=False
        Whether to cut the normal at two of its standard deviations, widened so that the
        variance of what is left is the formula's; Keras and JAX do so.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010, eq. 12.

    Examples
    --------
    >>> from sk_xavier.initializers import GlorotNormal
    >>> weights = GlorotNormal()((400, 300), random_state=0)
    >>> print(f"{weights.var() * (400 + 300) / 2:.1f}")
    1.0
    """

    _scale, _mode = 1.0, "fan_avg"


class HeUniform(_UniformPreset):
    r"""He's (Kaiming's) start for rectified linear units, uniform.

    .. math:: W \sim U[-b, b], \quad b = \text{gain} \sqrt{\frac{6}{\text{fan}_\text{in}}}

    Twice LeCun's variance, as a rectifier passes half of what it gets [1]_.

    Its name for `init` is ``'he_uniform'`` or ``'kaiming_uniform'``.

    Read more in the :ref:`user guide <guide_he_lecun_orthogonal>`.

    Parameters
    ----------
    gain : float, default=1.0
        Factor on the standard deviation, positive.

    References
    ----------
    .. [1] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level performance
       on ImageNet classification", ICCV 2015, eq. 10.

    Examples
    --------
    >>> from sk_xavier.initializers import HeUniform
    >>> weights = HeUniform()((400, 300), random_state=0)
    >>> print(f"{weights.var() * 400:.1f}")
    2.0
    """

    _scale, _mode = 2.0, "fan_in"


class HeNormal(_NormalPreset):
    r"""He's (Kaiming's) start for rectified linear units, normal.

    .. math:: W \sim N(0, \sigma^2), \quad
              \sigma = \text{gain} \sqrt{\frac{2}{\text{fan}_\text{in}}}

    Twice LeCun's variance, as a rectifier passes half of what it gets [1]_.

    Its name for `init` is ``'he_normal'`` or ``'kaiming_normal'``.

    Read more in the :ref:`user guide <guide_he_lecun_orthogonal>`.

    Parameters
    ----------
    gain : float, default=1.0
        Factor on the standard deviation, positive.
    truncated : bool, default=False
        Whether to cut the normal at two of its standard deviations, widened so that the
        variance of what is left is the formula's; Keras and JAX do so.

    References
    ----------
    .. [1] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level performance
       on ImageNet classification", ICCV 2015, eq. 10.

    Examples
    --------
    >>> from sk_xavier.initializers import HeNormal
    >>> weights = HeNormal()((400, 300), random_state=0)
    >>> print(f"{weights.var() * 400:.1f}")
    2.0
    """

    _scale, _mode = 2.0, "fan_in"


class LecunUniform(_UniformPreset):
    r"""LeCun's start, uniform.

    .. math:: W \sim U[-b, b], \quad b = \text{gain} \sqrt{\frac{3}{\text{fan}_\text{in}}}

    The variance of pre-activations is that of what comes in, where its mean is zero [1]_.

    Its name for `init` is ``'lecun_uniform'``.

    Read more in the :ref:`user guide <guide_he_lecun_orthogonal>`.

    Parameters
    ----------
    gain : float, default=1.0
        Factor on the standard deviation, positive.

    References
    ----------
    .. [1] Yann LeCun et al., "Efficient BackProp", in Neural Networks: Tricks of the Trade,
       Springer 1998, eq. 16.

    Examples
    --------
    >>> from sk_xavier.initializers import LecunUniform
    >>> weights = LecunUniform()((400, 300), random_state=0)
    >>> print(f"{weights.var() * 400:.1f}")
    1.0
    """

    _scale, _mode = 1.0, "fan_in"


class LecunNormal(_NormalPreset):
    r"""LeCun's start, normal: what self-normalizing (selu) networks need.

    .. math:: W \sim N(0, \sigma^2), \quad
              \sigma = \text{gain} \sqrt{\frac{1}{\text{fan}_\text{in}}}

    The variance of pre-activations is that of what comes in, where its mean is zero [1]_. With
    the activation selu, signals settle at mean 0 and variance 1 from here [2]_.

    Its name for `init` is ``'lecun_normal'``.

    Read more in the :ref:`user guide <guide_he_lecun_orthogonal>`.

    Parameters
    ----------
    gain : float, default=1.0
        Factor on the standard deviation, positive.
    truncated : bool, default=False
        Whether to cut the normal at two of its standard deviations, widened so that the
        variance of what is left is the formula's; Keras and JAX do so.

    References
    ----------
    .. [1] Yann LeCun et al., "Efficient BackProp", in Neural Networks: Tricks of the Trade,
       Springer 1998, eq. 16.
    .. [2] Günter Klambauer et al., "Self-normalizing neural networks", NIPS 2017.

    Examples
    --------
    >>> from sk_xavier.initializers import LecunNormal
    >>> weights = LecunNormal()((400, 300), random_state=0)
    >>> print(f"{weights.var() * 400:.1f}")
    1.0
    """

    _scale, _mode = 1.0, "fan_in"


class Orthogonal(Initializer):
    r"""Orthonormal columns, or rows where there are fewer rows than columns.

    The Q of the QR decomposition of a standard normal matrix, its columns multiplied by
    the signs of R's diagonal so that every orthogonal matrix is equally likely [1]_, times
    `gain`. With a gain of 1, a matrix with at least as many columns as rows keeps the length of
    a signal exactly, not just on average, and a stack of square ones does so however deep it is
    [2]_. It draws matrices only, no biases.

    Its name for `init` is ``'orthogonal'``.

    Read more in the :ref:`user guide <guide_he_lecun_orthogonal>`.

    Parameters
    ----------
    gain : float, default=1.0
        Length of the columns (or rows), positive.

    References
    ----------
    .. [1] Francesco Mezzadri, "How to generate random matrices from the classical compact
       groups", Notices of the AMS 54(5), 2007.
    .. [2] Andrew M. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep
       linear neural networks", ICLR 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_xavier.initializers import Orthogonal
    >>> weights = Orthogonal()((4, 3), random_state=0)
    >>> bool(np.allclose(weights.T @ weights, np.eye(3)))
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {"gain": [_POSITIVE]}

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def _draw(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.RandomState
    ) -> np.ndarray:
        if len(shape) != 2:
            raise ValueError(
                f"Orthogonal draws matrices, not an array of shape {shape}: there is no"
                " orthogonal bias vector. Choose another initializer for biases, such as"
                " 'zeros'."
            )
        n_rows, n_columns = shape
        normal = rng.normal(size=(max(shape), min(shape)))
        q, r = np.linalg.qr(normal)
        q *= np.where(np.diag(r) < 0.0, -1.0, 1.0) * self.gain
        return q if n_rows >= n_columns else np.ascontiguousarray(q.T)


INITIALIZERS: dict[str, Callable[[], Initializer]] = {
    "constant": Constant,
    "uniform": Uniform,
    "normal": Normal,
    "truncated_normal": TruncatedNormal,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "xavier_uniform": GlorotUniform,
    "xavier_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "kaiming_uniform": HeUniform,
    "kaiming_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
    "orthogonal": Orthogonal,
    "zeros": Zeros,
}
"""The names that stand for an initializer with its default parameters."""
