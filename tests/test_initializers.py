"""Initializers against SciPy's distributions and closed formulas written out by hand."""

import inspect
import math
import pickle
from typing import NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.base import clone

from sk_xavier import initializers
from sk_xavier.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Initializer,
    LecunNormal,
    LecunUniform,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    Zeros,
)

FAN_IN, FAN_OUT = 400, 300
N_DRAWS = FAN_IN * FAN_OUT
CUT_STD = 0.87962566103423978  # of a standard normal cut at +-2
GAINS = (0.5, 1.0, 2.0)

NAMES = [
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

RANDOM = [
    Uniform(),
    Normal(),
    TruncatedNormal(),
    VarianceScaling(),
    GlorotUniform(),
    GlorotNormal(),
    GlorotNormal(truncated=True),
    HeUniform(),
    HeNormal(),
    LecunUniform(),
    LecunNormal(),
    Orthogonal(),
]
ALL = [Constant(), Zeros(), *RANDOM]


class Case(NamedTuple):
    """An initializer, and the distribution that it promises in numbers."""

    initializer: Initializer
    kind: str
    mean: float
    variance: float

    def law(self):
        """SciPy's distribution of this kind, mean and variance."""
        std = math.sqrt(self.variance)
        if self.kind == "uniform":
            half = math.sqrt(3.0) * std
            return stats.uniform(self.mean - half, 2.0 * half)
        if self.kind == "normal":
            return stats.norm(self.mean, std)
        return stats.truncnorm(-2.0, 2.0, loc=self.mean, scale=std / CUT_STD)


def fixed_cases():
    yield Case(Uniform(), "uniform", 0.0, 0.2**2 / 12)
    yield Case(Uniform(low=-0.25, high=1.0), "uniform", 0.375, 1.25**2 / 12)
    yield Case(Normal(), "normal", 0.0, 0.01)
    yield Case(Normal(mean=0.5, std=2.0), "normal", 0.5, 4.0)
    # Uncorrected: the standard deviation asked for is that before the cut.
    yield Case(TruncatedNormal(), "truncated_normal", 0.0, (0.1 * CUT_STD) ** 2)
    yield Case(TruncatedNormal(mean=-1.0, std=3.0), "truncated_normal", -1.0, (3 * CUT_STD) ** 2)


def variance_scaling_cases(n, m):
    fans = {"fan_in": n, "fan_out": m, "fan_avg": (n + m) / 2, "fan_geo_avg": math.sqrt(n * m)}
    for mode, fan in fans.items():
        for distribution in ("uniform", "normal", "truncated_normal"):
            for scale in (1.0, 2.5):
                initializer = VarianceScaling(scale, mode, distribution)
                yield Case(initializer, distribution, 0.0, scale / fan)


def preset_cases(n, m):
    for gain in GAINS:
        glorot, he, lecun = gain**2 * 2 / (n + m), gain**2 * 2 / n, gain**2 / n
        yield Case(GlorotUniform(gain), "uniform", 0.0, glorot)
        yield Case(HeUniform(gain), "uniform", 0.0, he)
        yield Case(LecunUniform(gain), "uniform", 0.0, lecun)
        for truncated in (False, True):
            kind = "truncated_normal" if truncated else "normal"
            yield Case(GlorotNormal(gain, truncated), kind, 0.0, glorot)
            yield Case(HeNormal(gain, truncated), kind, 0.0, he)
            yield Case(LecunNormal(gain, truncated), kind, 0.0, lecun)


def cases(n=FAN_IN, m=FAN_OUT):
    return [*fixed_cases(), *variance_scaling_cases(n, m), *preset_cases(n, m)]


def case_id(value):
    return repr(value.initializer if isinstance(value, Case) else value)


def check_moments(draws, case):
    """Mean and variance within five standard errors of the sample's own size.

    The sample mean has variance ``v / N``, and the sample variance about
    ``v**2 * (kurtosis - 1) / N``, where the kurtosis is 1.8 for a uniform, 3 for a
    normal, and SciPy's for a truncated one.
    """
    kurtosis = 3.0 + float(case.law().stats("k"))
    mean_error = math.sqrt(case.variance / draws.size)
    variance_error = case.variance * math.sqrt((kurtosis - 1.0) / draws.size)
    assert abs(draws.mean() - case.mean) < 5 * mean_error
    assert abs(draws.var() - case.variance) < 5 * variance_error


def check_bounds(draws, case):
    """No draw beyond the bounds, and some within a thousandth of their distance."""
    low, high = case.law().support()
    if case.kind == "normal":
        # Of 120000 draws some are further out than four standard deviations.
        assert np.abs(draws - case.mean).max() > 4.0 * math.sqrt(case.variance)
        return
    # The last bits of a bound depend on the order of its operations.
    rounding = 4 * np.spacing(max(abs(low), abs(high)))
    assert low - rounding <= draws.min() < low + 1e-3 * (high - low)
    assert high - 1e-3 * (high - low) < draws.max() <= high + rounding


# --- distributions -------------------------------------------------------------------


def test_the_constant_of_the_cut_is_scipys():
    assert_allclose(stats.truncnorm(-2, 2).std(), CUT_STD, rtol=1e-12)


@pytest.mark.parametrize("case", cases(), ids=case_id)
def test_distribution_of_a_layer(case):
    draws = case.initializer((FAN_IN, FAN_OUT), random_state=0)
    assert draws.shape == (FAN_IN, FAN_OUT)
    check_moments(draws, case)
    check_bounds(draws, case)
    assert stats.kstest(draws.ravel()[::4], case.law().cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    "case", [*variance_scaling_cases(5000, 20), *preset_cases(5000, 20)], ids=case_id
)
def test_fans_given_go_before_the_shape(case):
    # 5000 and 20 tell the four kinds of fan apart better than 400 and 300 do.
    draws = case.initializer((300, 400), fan_in=5000, fan_out=20, random_state=1)
    check_moments(draws, case)
    check_bounds(draws, case)


@pytest.mark.parametrize("case", cases(30, 7), ids=case_id)
def test_bias_vector_uses_the_fans_of_its_layer(case):
    draws = case.initializer((100_000,), fan_in=30, fan_out=7, random_state=2)
    assert draws.shape == (100_000,)
    check_moments(draws, case)
    check_bounds(draws, case)


@pytest.mark.parametrize(
    ("initializer", "value"), [(Constant(), 0.1), (Constant(-3), -3.0), (Zeros(), 0.0)]
)
@pytest.mark.parametrize("shape", [(4, 3), (3,)])
def test_constants(initializer, value, shape):
    draws = initializer(shape, fan_in=4, fan_out=3)
    assert_array_equal(draws, np.full(shape, value))
    assert draws.dtype == np.float64


def test_normals_without_spread_are_their_mean():
    for initializer in (Normal(0.5, 0.0), TruncatedNormal(0.5, 0.0), Uniform(0.5, 0.5)):
        assert_array_equal(initializer((2, 3), random_state=0), np.full((2, 3), 0.5))


@pytest.mark.parametrize(
    ("initializer", "law"),
    [
        (Uniform(-2.0, 5.0), lambda rng, size: -2.0 + 7.0 * rng.random_sample(size)),
        (Normal(1.0, 3.0), lambda rng, size: 1.0 + 3.0 * rng.standard_normal(size)),
        (GlorotUniform(2.0), lambda rng, size: math.sqrt(2.4) * (2 * rng.random_sample(size) - 1)),
        (HeNormal(3.0), lambda rng, size: 3 * math.sqrt(2 / 4) * rng.standard_normal(size)),
        (LecunNormal(3.0), lambda rng, size: 3 * math.sqrt(1 / 4) * rng.standard_normal(size)),
    ],
    ids=case_id,
)
def test_draws_are_those_of_numpys_generator(initializer, law):
    expected = law(np.random.RandomState(5), (4, 6))
    assert_allclose(initializer((4, 6), random_state=5), expected, rtol=1e-14)


def test_truncated_draws_are_quantiles_of_uniform_draws():
    below = stats.norm.cdf(-2.0)
    uniform = below + (1.0 - 2.0 * below) * np.random.RandomState(5).random_sample((50, 40))
    expected = 1.0 + 3.0 * stats.norm.ppf(uniform)
    draws = TruncatedNormal(1.0, 3.0)((50, 40), random_state=5)
    assert_allclose(draws, expected, rtol=1e-10, atol=1e-12)


# --- orthogonal ----------------------------------------------------------------------


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize(
    ("n_rows", "n_columns"), [(40, 25), (25, 40), (30, 30), (7, 1), (1, 7), (1, 1)]
)
def test_orthogonal(n_rows, n_columns, gain):
    weights = Orthogonal(gain=gain)((n_rows, n_columns), random_state=0)
    assert weights.shape == (n_rows, n_columns)
    assert weights.flags.c_contiguous
    if n_rows >= n_columns:
        assert_allclose(weights.T @ weights, gain**2 * np.eye(n_columns), atol=1e-14 * gain**2)
    if n_rows <= n_columns:
        assert_allclose(weights @ weights.T, gain**2 * np.eye(n_rows), atol=1e-14 * gain**2)


@pytest.mark.parametrize("n_units", [1, 2, 5])
def test_orthogonal_matrices_are_equally_likely(n_units):
    # The trace of a uniformly distributed orthogonal matrix has mean 0 and variance 1
    # (Diaconis and Shahshahani 1994); without the signs of R it leans to one side.
    rng, n_draws = np.random.RandomState(0), 2000
    traces = [np.trace(Orthogonal()((n_units, n_units), random_state=rng)) for _ in range(n_draws)]
    assert abs(np.mean(traces)) < 5 / math.sqrt(n_draws)
    # The fourth moment of the trace is 3 at most: a standard error of sqrt(2 / n).
    assert abs(np.mean(np.square(traces)) - 1.0) < 5 * math.sqrt(2 / n_draws)


@pytest.mark.parametrize("shape", [(5,), (), (2, 3, 4)])
def test_orthogonal_draws_matrices_only(shape):
    with pytest.raises(ValueError, match=r"Orthogonal draws matrices.*Choose another.*'zeros'"):
        Orthogonal()(shape, fan_in=3, fan_out=5)


# --- randomness, types, shapes -------------------------------------------------------


@pytest.mark.parametrize("initializer", ALL, ids=repr)
def test_reproducible_from_a_seed(initializer):
    first = initializer((6, 4), random_state=3)
    assert_array_equal(first, initializer((6, 4), random_state=3))
    assert_array_equal(first, initializer((6, 4), random_state=np.random.RandomState(3)))


@pytest.mark.parametrize("initializer", RANDOM, ids=repr)
def test_other_seeds_and_no_seed_draw_otherwise(initializer):
    first = initializer((6, 4), random_state=3)
    assert not np.any(first == initializer((6, 4), random_state=4))
    assert not np.any(initializer((6, 4)) == initializer((6, 4)))


@pytest.mark.parametrize("initializer", RANDOM, ids=repr)
def test_generator_goes_on(initializer):
    rng, again = np.random.RandomState(3), np.random.RandomState(3)
    first, second = (initializer((5, 5), random_state=rng) for _ in range(2))
    assert not np.any(first == second)
    assert_array_equal(first, initializer((5, 5), random_state=again))
    assert_array_equal(second, initializer((5, 5), random_state=again))


@pytest.mark.parametrize("initializer", ALL, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32"])
def test_dtype(initializer, dtype):
    values = initializer((6, 4), random_state=3, dtype=dtype)
    assert values.dtype == np.dtype(dtype)
    # Drawn in float64 and rounded.
    in_double = initializer((6, 4), random_state=3)
    assert in_double.dtype == np.float64
    assert_array_equal(values, in_double.astype(dtype))


@pytest.mark.parametrize("initializer", ALL, ids=repr)
def test_each_call_returns_a_new_array(initializer):
    first, second = (initializer((6, 4), random_state=3) for _ in range(2))
    assert not np.shares_memory(first, second)
    assert first.flags.writeable
    assert first.flags.c_contiguous


@pytest.mark.parametrize("initializer", ALL, ids=repr)
def test_fans_default_to_the_shape_of_a_matrix(initializer):
    expected = initializer((6, 4), fan_in=6, fan_out=4, random_state=3)
    for fans in ({}, {"fan_in": 6}, {"fan_out": 4}):
        assert_array_equal(initializer((6, 4), **fans, random_state=3), expected)
    assert_array_equal(initializer([6, 4], random_state=3), expected)


@pytest.mark.parametrize("initializer", ALL, ids=repr)
@pytest.mark.parametrize("shape", [(5,), (2, 3, 4)])
@pytest.mark.parametrize("fans", [{}, {"fan_in": 3}, {"fan_out": 3}])
def test_only_a_matrix_tells_its_fans(initializer, shape, fans):
    with pytest.raises(ValueError, match="fan_in and fan_out are needed"):
        initializer(shape, **fans)


# --- estimator interface -------------------------------------------------------------

PARAMETERS = [
    (Constant, {"value": 0.1}, {"value": -0.5}),
    (Zeros, {}, {}),
    (Uniform, {"low": -0.1, "high": 0.1}, {"low": -0.5, "high": 0.25}),
    (Normal, {"mean": 0.0, "std": 0.1}, {"mean": 1.0, "std": 0.5}),
    (TruncatedNormal, {"mean": 0.0, "std": 0.1}, {"mean": 1.0, "std": 0.5}),
    (
        VarianceScaling,
        {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"},
        {"scale": 3.0, "mode": "fan_geo_avg", "distribution": "uniform"},
    ),
    (GlorotUniform, {"gain": 1.0}, {"gain": 2.5}),
    (GlorotNormal, {"gain": 1.0, "truncated": False}, {"gain": 2.5, "truncated": True}),
    (HeUniform, {"gain": 1.0}, {"gain": 2.5}),
    (HeNormal, {"gain": 1.0, "truncated": False}, {"gain": 2.5, "truncated": True}),
    (LecunUniform, {"gain": 1.0}, {"gain": 2.5}),
    (LecunNormal, {"gain": 1.0, "truncated": False}, {"gain": 2.5, "truncated": True}),
    (Orthogonal, {"gain": 1.0}, {"gain": 2.5}),
]


@pytest.mark.parametrize(("cls", "defaults", "others"), PARAMETERS)
def test_parameters(cls, defaults, others):
    initializer = cls()
    assert initializer.get_params() == defaults
    assert cls(**others).get_params() == others
    assert initializer.set_params(**others) is initializer
    assert initializer.get_params() == others
    assert_array_equal(initializer((6, 6), random_state=0), cls(**others)((6, 6), random_state=0))
    if others:
        assert np.all(initializer((6, 6), random_state=0) != cls()((6, 6), random_state=0))
    with pytest.raises(ValueError, match="Invalid parameter 'nonsense'"):
        initializer.set_params(nonsense=1)


@pytest.mark.parametrize(("cls", "defaults", "others"), PARAMETERS)
@pytest.mark.parametrize("copy", [clone, lambda value: pickle.loads(pickle.dumps(value))])
def test_clone_and_pickle(cls, defaults, others, copy):
    initializer = cls(**others)
    twin = copy(initializer)
    assert type(twin) is cls
    assert twin is not initializer
    assert twin.get_params() == others
    assert_array_equal(twin((6, 6), random_state=0), initializer((6, 6), random_state=0))


@pytest.mark.parametrize(("cls", "defaults", "others"), PARAMETERS)
def test_repr(cls, defaults, others):
    assert repr(cls()) == f"{cls.__name__}()"
    arguments = ", ".join(f"{name}={value!r}" for name, value in sorted(others.items()))
    flat = " ".join(repr(cls(**others)).split())  # scikit-learn breaks long lines
    assert flat == f"{cls.__name__}({arguments})"


@pytest.mark.parametrize(("cls", "defaults", "others"), PARAMETERS)
def test_html_repr(cls, defaults, others):
    html = cls(**others)._repr_html_()
    assert cls.__name__ in html
    for name in others:
        assert name in html


def test_all_names_every_initializer():
    assert sorted(initializers.__all__) == NAMES
    for name in NAMES:
        cls = getattr(initializers, name)
        assert inspect.isclass(cls)
        assert issubclass(cls, Initializer)
        assert cls.__name__ == name
    public = {
        name
        for name, value in vars(initializers).items()
        if inspect.isclass(value) and issubclass(value, Initializer) and name[0] != "_"
    }
    assert sorted(public) == NAMES


def test_every_initializer_is_tested_here():
    tested = {type(case.initializer).__name__ for case in cases()}
    assert tested | {"Constant", "Initializer", "Orthogonal", "Zeros"} == set(NAMES)


def test_base_class_draws_nothing():
    with pytest.raises(TypeError, match="abstract"):
        Initializer()


# --- errors --------------------------------------------------------------------------

NOT_POSITIVE = [0, 0.0, -1.0, math.nan, math.inf, -math.inf, "1", None, 1j, np.ones(2)]
NOT_FINITE = [math.nan, math.inf, -math.inf, "1", None]
GAINED = (
    GlorotUniform,
    GlorotNormal,
    HeUniform,
    HeNormal,
    LecunUniform,
    LecunNormal,
    Orthogonal,
)


def check_error(initializer, parameter, *words):
    with pytest.raises(ValueError, match=f"'{parameter}' parameter") as caught:
        initializer((4, 3), random_state=0)
    for word in (type(initializer).__name__, *words):
        assert word in str(caught.value)


@pytest.mark.parametrize("value", NOT_POSITIVE, ids=repr)
@pytest.mark.parametrize("cls", GAINED)
def test_bad_gain(cls, value):
    check_error(cls(gain=value), "gain", "(0.0, inf)", repr(value))


@pytest.mark.parametrize("value", NOT_POSITIVE, ids=repr)
def test_bad_scale(value):
    check_error(VarianceScaling(scale=value), "scale", "(0.0, inf)", repr(value))


@pytest.mark.parametrize("value", ["fan", "FAN_IN", "", None, 1], ids=repr)
def test_bad_mode(value):
    choices = ("'fan_in'", "'fan_out'", "'fan_avg'", "'fan_geo_avg'")
    check_error(VarianceScaling(mode=value), "mode", *choices, repr(value))


@pytest.mark.parametrize("value", ["gaussian", "Normal", "", None, 1], ids=repr)
def test_bad_distribution(value):
    choices = ("'uniform'", "'normal'", "'truncated_normal'")
    check_error(VarianceScaling(distribution=value), "distribution", *choices, repr(value))


@pytest.mark.parametrize("value", ["yes", None, 2], ids=repr)
@pytest.mark.parametrize("cls", [GlorotNormal, HeNormal, LecunNormal])
def test_bad_truncated(cls, value):
    check_error(cls(truncated=value), "truncated", "bool", repr(value))


@pytest.mark.parametrize("value", [-0.1, *NOT_FINITE], ids=repr)
@pytest.mark.parametrize("cls", [Normal, TruncatedNormal])
def test_bad_std(cls, value):
    check_error(cls(std=value), "std", "[0.0, inf)", repr(value))


@pytest.mark.parametrize("value", NOT_FINITE, ids=repr)
@pytest.mark.parametrize(
    ("cls", "parameter"),
    [
        (Constant, "value"),
        (Uniform, "low"),
        (Uniform, "high"),
        (Normal, "mean"),
        (TruncatedNormal, "mean"),
    ],
)
def test_bad_location(cls, parameter, value):
    check_error(cls(**{parameter: value}), parameter, "(-inf, inf)", repr(value))


def test_interval_turned_round():
    check_error(Uniform(low=0.5, high=0.25), "low", "high", "0.5", "0.25")


@pytest.mark.parametrize(
    ("initializer", "bound"),
    [
        (GlorotUniform(gain=1e200), 1e200 * math.sqrt(6 / 7)),
        (Uniform(low=-1e308, high=1e308), 1e308),
    ],
    ids=case_id,
)
def test_extreme_parameters_draw_or_are_a_value_error(initializer, bound):
    # They are within the range that the errors above name, and so are the draws.
    try:
        draws = initializer((4, 3), random_state=0)
    except ValueError as error:
        assert type(initializer).__name__ in str(error)
    else:
        assert np.all(np.abs(draws) <= bound)
        assert np.all(draws != 0.0)


@pytest.mark.parametrize(
    ("initializer", "dtype"),
    [
        (Constant(value=-1e39), np.float32),
        (TruncatedNormal(mean=1e39), np.float32),
        (Orthogonal(gain=1e40), np.float32),
        (Normal(std=1e39), np.float32),
        (Normal(std=1e308), np.float64),  # NumPy's generator returns inf without a word
    ],
    ids=case_id,
)
def test_values_too_large_for_the_type(initializer, dtype):
    with pytest.raises(ValueError, match=f"finite in {np.dtype(dtype).name}") as caught:
        initializer((4, 3), random_state=0, dtype=dtype)
    assert type(initializer).__name__ in str(caught.value)


def test_parameters_are_checked_when_drawing_only():
    initializer = HeNormal(gain=-1.0)
    assert initializer.get_params()["gain"] == -1.0
    assert clone(initializer).gain == -1.0
    assert initializer.set_params(gain=1.0)((2, 3)).shape == (2, 3)
