"""What the guide's chapters on starting weights claim of the numbers that they print."""

import math
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats
from scipy.special import expit
from scripts import numbers, printed_by
from sklearn.neural_network import MLPClassifier

from sk_xavier import XavierMLPClassifier
from sk_xavier.initializers import GlorotNormal, GlorotUniform, LecunNormal, VarianceScaling


def row(printed, name):
    """The cells of a table's row, as strings."""
    (line,) = re.findall(rf"^{re.escape(name)} {{2,}}(.*)$", printed, re.M)
    return line.split()


def measured(chapter, what, rtol):
    """Assert that each of `what` is measured close to its formula; the pairs."""
    pairs = numbers(rf"^{what}: formula ([-.\d]+) measured ([-.\d]+)", printed_by(chapter))
    assert_allclose(pairs[:, 1], pairs[:, 0], rtol=rtol)
    return pairs


def expected(function):
    """The mean of function(z) for a standard normal z: adaptive quadrature, not a grid."""
    return integrate.quad(lambda z: function(z) * stats.norm.pdf(z), -12, 12, limit=200)[0]


# --- symmetry ------------------------------------------------------------------------


class TestSymmetry:
    chapter = "guide/symmetry"

    def test_gradients_of_copies_are_equal(self):
        printed = printed_by(self.chapter)
        pattern = r"largest gradient (\S+), units differ by (\S+)$"
        start, later = numbers(f"^constant, .*{pattern}", printed)
        assert start[0] < 1e-15  # the softmax: nothing comes through equal weights out
        assert later[0] > 1e-6
        assert later[1] < 1e-10 * later[0]
        for size, difference in numbers(f"^uniform, .*{pattern}", printed):
            assert difference > 0.1 * size

    def test_the_formulas_are_those_of_the_library(self):
        pairs = numbers(r"by hand (\S+), library (\S+)$", printed_by(self.chapter))
        assert pairs.shape == (2, 2)
        assert_allclose(pairs[:, 0], pairs[:, 1], rtol=1e-5)

    def test_only_random_units_differ_after_training(self):
        printed = printed_by(self.chapter)
        pattern = r"distinct units (\d+) before, (\d+) after; accuracy ([.\d]+)"
        ((*constant, low),) = numbers(f"^constant: {pattern}", printed)
        ((*uniform, high),) = numbers(f"^uniform: {pattern}", printed)
        assert constant == [1, 1]
        assert uniform == [32, 32]
        assert 0.15 < low < 0.6
        assert high > 0.95
        (span,) = numbers(r"^constant: after 60 epochs the eight weights span (\S+)", printed)
        (apart,) = numbers(r"^uniform: after 60 epochs the eight weights span (\S+)", printed)
        assert span == 0
        assert apart > 0.1

    def test_copies_are_one_unit(self):
        (difference,) = numbers(r"probabilities differ by at most (\S+)", printed_by(self.chapter))
        assert difference < 1e-10

    def test_ranks(self):
        printed = printed_by(self.chapter)
        assert row(printed, "constant") == ["1", "1", "1.00"]
        rank, of_raw, effective = map(float, row(printed, "uniform"))
        assert rank == 32
        assert of_raw == 10
        assert 10 < effective < 32

    def test_all_three_parts_must_agree(self):
        pattern = r"^weights .*: (\d+) distinct units, weights in apart by (\S+)$"
        distinct, apart = numbers(pattern, printed_by(self.chapter)).T
        assert distinct.tolist() == [31, 32, 32, 32]
        assert apart[0] == 0
        assert (apart[1:] > 1e-4).all()

    def test_what_may_be_equal(self):
        printed = printed_by(self.chapter)
        names = ("random biases", "random weights out", "random weights in")
        for name in (*names, "random in, zero out", "random weights"):
            distinct, _, accuracy, loss = map(float, row(printed, name))
            assert distinct == 32
            assert accuracy > 0.9
            assert loss < 0.5
        assert row(printed, "all constant")[0] == "1"
        ranks = {name: float(row(printed, name)[1]) for name in names}
        assert ranks["random biases"] < 1.1
        assert ranks["random weights out"] < 1.1
        assert ranks["random weights in"] > 5
        losses = {name: float(row(printed, name)[3]) for name in names}
        assert losses["random biases"] > losses["random weights in"]

    def test_zeros_stay_zeros(self):
        pattern = r"largest weight (\S+), distinct units 1, accuracy ([.\d]+)"
        printed = printed_by(self.chapter)
        for weight, accuracy in numbers(rf"^(?:tanh|relu): {pattern}", printed):
            assert weight == 0
            assert accuracy < 0.15
        ((weight, _),) = numbers(f"^logistic: {pattern}", printed)
        assert weight > 0.01

    def test_dropout_alone_breaks_it(self):
        printed = printed_by(self.chapter)
        for name in (
            "full batches",
            "mini-batches of 50, in order",
            "mini-batches of 50, shuffled",
            "L2 penalty",
            "sgd with momentum",
            "label smoothing",
        ):
            assert row(printed, name)[0] == "1"
        distinct, accuracy = map(float, row(printed, "dropout"))
        assert distinct == 32
        assert accuracy > 0.8

    def test_ours_do_not_drift(self):
        printed = printed_by(self.chapter)
        # scikit-learn's may: that depends on the machine.
        assert "sk_xavier: 1 distinct units of 37, apart by 0.0e+00" in printed
        assert re.search(r"^scikit-learn: \d+ distinct units of 37", printed, re.M)

    def test_verdicts(self):
        printed = printed_by(self.chapter)
        assert "constant: symmetric\n" in printed
        assert "uniform: healthy\n" in printed


# --- saturation ----------------------------------------------------------------------


class TestSaturation:
    chapter = "guide/saturation"

    def test_the_slope(self):
        printed = printed_by(self.chapter)
        assert "largest slope 0.2500 at z = 0.0" in printed
        (edge,) = numbers(r"a tenth of that at \|z\| = (\S+)", printed)
        # s (1 - s) = 1/40, solved for s.
        s = (1 + math.sqrt(1 - 4 / 40)) / 2
        assert edge == pytest.approx(math.log(s / (1 - s)), abs=0.03)

    @pytest.mark.parametrize("s", [0.1, 1.0, 2.0, 4.0, 10.0])
    def test_slopes_by_spread(self, s):
        formula, found, std, straight = map(float, row(printed_by(self.chapter), str(s)))
        slope = expected(lambda z: (expit(s * z) * expit(-s * z)) ** 2) ** 0.5
        assert formula == pytest.approx(slope, abs=1e-3)
        assert found == pytest.approx(slope, rel=0.02)
        assert std == pytest.approx((expected(lambda z: expit(s * z) ** 2) - 0.25) ** 0.5, rel=0.02)
        assert (straight > 0.98) == (s <= 1.0)

    def test_factors_by_gain(self):
        measured(self.chapter, r"gain \d, spread of z", rtol=0.05)
        one, four = measured(self.chapter, r"gain \d, gradient factor", rtol=0.05)[:, 0]
        assert one < 0.25
        assert 0.5 < four < 0.8

    def test_a_tanh_network_in_disguise(self):
        printed = printed_by(self.chapter)
        (difference,) = numbers(r"^probabilities differ by at most (\S+)", printed)
        assert difference < 1e-10
        names = ("tanh, gain 1", "logistic, 4 W and biases", "logistic, gain 4", "logistic, gain 1")
        tanh, disguised, four, one = (float(row(printed, name)[0]) for name in names)
        assert disguised == tanh
        assert tanh > 2 * four > 20 * one

    def test_too_small_and_too_large(self):
        printed = printed_by(self.chapter)
        small, glorot, gain, large = (
            row(printed, name) for name in ("std 0.01", "Glorot", "Glorot, gain 4", "std 1")
        )
        verdicts = [cells[3] for cells in (small, glorot, gain, large)]
        assert verdicts == ["vanishing", "vanishing", "healthy", "saturated"]
        assert float(small[0]) < 1e-5 < float(glorot[0]) < 1e-2 < float(gain[0])
        assert float(small[2]) < 1e-4 < float(glorot[2]) < float(gain[2])
        assert int(large[1].rstrip("%")) > 50

    def test_the_top_layer_saturates(self):
        printed = printed_by(self.chapter)
        pattern = r": mean output of layers 1 to 4 after 24 epochs: " + r" ".join([r"(\S+)"] * 4)
        (logistic,) = numbers(f"^logistic{pattern}", printed)
        (tanh,) = numbers(f"^tanh{pattern}", printed)
        assert logistic[3] < 0.2
        assert (logistic[:3] > 0.45).all()
        assert logistic[2] > 0.55
        assert (np.abs(tanh) < 0.1).all()
        (low,) = numbers(r"^logistic: accuracy (\S+)", printed)
        (high,) = numbers(r"^tanh: accuracy (\S+)", printed)
        assert low < 0.3
        assert high > 0.9

    def test_issue_31235(self):
        printed = printed_by(self.chapter)
        (base_rate,) = numbers(r"^share of the commoner class: (\S+)", printed)
        assert base_rate == 0.576
        pattern = r": \d+ epochs, classes predicted \[1\], accuracy (\S+)"
        assert (
            numbers(rf"^(?:scikit-learn|init='sklearn'){pattern}", printed).tolist() == [0.576] * 2
        )
        (ours,) = numbers(r"^init='auto': \d+ epochs, .*\[0 1\], accuracy (\S+)", printed)
        assert ours > 0.85
        assert "init='sklearn', before training: vanishing" in printed
        assert "init='auto', before training: healthy" in printed


# --- xavier --------------------------------------------------------------------------


class TestXavier:
    chapter = "guide/xavier"

    @pytest.mark.parametrize(
        ("what", "count", "rtol"),
        [
            (r"Var\(w x\), mean of x \d", 2, 0.02),
            (r"Var of U\[-\S+, \S+\]", 3, 0.02),
            (r"Var\(z\)", 1, 0.05),
            (r"forward, Var z in layer \d", 5, 0.08),
            (r"backward, Var delta in layer \d", 4, 0.08),
            (r"largest weight", 1, 0.01),
            (r"n_in \+ n_out times the variance", 1, 0.02),
            (r"identity, eq\. \d+, (?:for|back)ward a layer", 4, 0.03),
            (r"tanh, eq\. 1, (?:for|back)ward a layer", 2, 0.06),
            (r"tanh, Var z in layer \d+", 4, 0.1),
            (r"independent, mean of the units' Var z", 1, 0.03),
            (r"independent, relative spread", 1, 0.05),
            (r"digits, mean of the units' Var z", 1, 0.03),
            (r"digits, relative spread", 1, 0.05),
            (r"raw pixels, variance of offsets", 1, 0.08),
            (r"raw pixels, variance over samples", 1, 0.05),
            (r"relu, \w+ factor of Var \w+", 2, 0.05),
        ],
    )
    def test_measured_beside_its_formula(self, what, count, rtol):
        assert len(measured(self.chapter, what, rtol)) == count

    def test_formulas(self):
        """By another way than the chapter's."""
        printed = printed_by(self.chapter)
        w, x = stats.uniform(-0.5, 1.0), stats.norm(3.0, 2.0)
        product = w.moment(2) * x.moment(2) - (w.mean() * x.mean()) ** 2
        (formula,) = numbers(r"^Var\(w x\), mean of x 3: formula (\S+)", printed)
        assert formula == pytest.approx(product, abs=1e-4)
        for bound, formula in numbers(r"^Var of U\[-\S+, (\S+)\]: formula (\S+)", printed):
            assert formula == pytest.approx(stats.uniform(-bound, 2 * bound).var(), abs=1e-4)
        (second,) = numbers(r"^tanh, Var z in layer 2: formula (\S+)", printed)
        assert second == pytest.approx(expected(lambda z: np.tanh(z) ** 2), abs=1e-4)

    def test_the_compromise(self):
        printed = printed_by(self.chapter)
        for name in ("forward: 1 / n_in", "backward: 1 / n_out", "Glorot: 2 / (n_in + n_out)"):
            forward, up, backward, down = map(float, row(printed, name))
            assert up == pytest.approx(forward, rel=0.05)
            assert down == pytest.approx(backward, rel=0.05)
        assert forward + backward == pytest.approx(2)

    def test_the_library_finds_the_same(self):
        printed = printed_by(self.chapter)
        for layer in "123456":
            by_hand, std, delta, gradient = map(float, row(printed, layer))
            assert std == pytest.approx(by_hand, abs=2e-6)
            assert gradient == pytest.approx(delta, abs=2e-6)

    def test_tanh_keeps_a_little_less(self):
        pattern = r"^tanh, eq\. 16, \w+ a layer: formula 1\.0000 measured (\S+)"
        kept = numbers(pattern, printed_by(self.chapter))
        assert len(kept) == 2
        assert ((kept > 0.85) & (kept < 0.97)).all()

    def test_weight_gradients_do_not_tell(self):
        ratios = numbers(r"largest / smallest (\S+)", printed_by(self.chapter))
        assert len(ratios) == 2
        assert (ratios < 1.3).all()

    def test_correlated_inputs_have_fewer_dimensions(self):
        independent, digits = numbers(r"effective dimensions (\S+) of 64", printed_by(self.chapter))
        assert digits < 0.5 * independent

    def test_more_than_half_is_offset(self):
        offset, over_samples = measured(self.chapter, r"raw pixels, variance \w+ \w+", 0.1)[:, 0]
        assert offset > over_samples

    def test_narrow_layers_stray(self):
        pattern = r"^width (\d+): 80 % of networks keep (\S+) to (\S+) times"
        (_, low, high), (_, low_wide, high_wide) = numbers(pattern, printed_by(self.chapter))
        assert low < 0.3 < 1.5 < high
        assert 0.5 < low_wide < 1 < high_wide < 2


# --- he, lecun, orthogonal -----------------------------------------------------------


class TestRelatives:
    chapter = "guide/he_lecun_orthogonal"

    def test_standard_deviations(self):
        printed = printed_by(self.chapter)
        for name, variance in (("Lecun", 1 / 300), ("Glorot", 2 / 400), ("He", 2 / 300)):
            for shape in ("Uniform", "Normal"):
                formula, found, largest = map(float, row(printed, name + shape))
                assert formula == pytest.approx(variance**0.5, abs=1e-4)
                assert found == pytest.approx(formula, rel=0.03)
                assert (largest < 1.75 * formula) == (shape == "Uniform")

    def test_rectifiers_halve(self):
        pattern = r"^relu, (?:he|glorot|lecun)_normal: formula (\S+) measured (\S+) forward, (\S+) "
        formula, forward, backward = numbers(pattern, printed_by(self.chapter)).T
        assert formula.tolist() == [1, 0.5, 0.5]
        assert_allclose(forward, formula, rtol=0.08)
        assert_allclose(backward, formula, rtol=0.08)

    def test_fans(self):
        pairs = measured(self.chapter, r"fan_\w+, \w+", rtol=0.4)
        # The widths between cancel: 100 / 400 back, 400 / 100 up.
        assert pairs[:4, 0].tolist() == [1, 0.25, 4, 1]

    def test_rectifiers_make_samples_alike(self):
        pattern = r", layer \d+: (\d+)% differs, effective rank (\S+)"
        printed = printed_by(self.chapter)
        first, last = numbers(rf"^relu, \w+{pattern}", printed)
        assert last[0] < 0.5 * first[0]
        assert last[1] < first[1]
        assert (numbers(rf"^tanh, \w+{pattern}", printed)[:, 0] > 95).all()

    def test_selu_normalizes_itself(self):
        printed = printed_by(self.chapter)
        assert "mean 0.0000, mean square 1.0000" in printed
        pattern = r", layer \d+: mean (\S+), std (\S+)$"
        for mean, std in numbers(rf"^selu, lecun_normal{pattern}", printed):
            assert abs(mean) < 0.1
            assert std == pytest.approx(1, abs=0.15)
        assert numbers(rf"^selu, he_normal{pattern}", printed)[-1, 1] > 3

    def test_gains(self):
        printed = printed_by(self.chapter)
        tanh = expected(lambda z: np.tanh(z) ** 2) ** -0.5
        assert float(row(printed, "tanh")[0]) == pytest.approx(tanh, abs=0.01)
        assert row(printed, "relu") == ["1.41"] * 4
        logistic = expected(lambda z: expit(z) ** 2) ** -0.5
        assert float(row(printed, "logistic")[0]) == pytest.approx(logistic, abs=0.01)
        autos = [float(row(printed, name)[-1]) for name in ("tanh", "logistic", "selu", "elu")]
        assert_allclose(autos, [1, 4, 1, 2**0.5], rtol=0.03)
        forward, backward = numbers(r"^tanh, gain .* (\S+) forward, (\S+) backward", printed).T
        assert forward[0] == pytest.approx(backward[0], abs=0.05)
        assert forward[2] < 1 < backward[2]

    @pytest.mark.torch
    def test_pytorchs_gains(self):
        torch = pytest.importorskip("torch")
        printed = printed_by(self.chapter)
        for ours, theirs in (("tanh", "tanh"), ("logistic", "sigmoid"), ("selu", "selu")):
            gain = torch.nn.init.calculate_gain(theirs)
            assert float(row(printed, ours)[2]) == pytest.approx(gain, abs=0.006)

    def test_truncated_normals(self):
        what = r"(?:LecunNormal\(.*\)|TruncatedNormal\(std=\.\.\.\))"
        pairs = measured(self.chapter, what, rtol=0.01)
        assert pairs[:, 0] == pytest.approx([1, 1, stats.truncnorm(-2, 2).std()], abs=1e-4)
        largest = numbers(r"^(?:Lecun|Truncated)Normal.*largest (\S+)$", printed_by(self.chapter))
        assert largest[0] > 3
        assert largest[1:] == pytest.approx([2 / 0.8796, 2], abs=0.02)

    def test_orthogonal_keeps_all_directions(self):
        pattern = r", \d+ layers: mean square (\S+), largest (\S+), median (\S+)$"
        printed = printed_by(self.chapter)
        assert_allclose(numbers(f"^Orthogonal{pattern}", printed), 1, rtol=1e-3)
        mean_square, largest, median = numbers(f"^LecunNormal{pattern}", printed).T
        assert_allclose(mean_square, 1, atol=0.3)
        assert largest[0] == pytest.approx(2, abs=0.15)  # Marchenko and Pastur's edge
        assert largest[2] > largest[1] > largest[0]
        assert median[2] < 0.05

    def test_rectangles(self):
        measured(self.chapter, r"\d+ to \d+", rtol=0.03)
        low, high = numbers(r"^100 to 300.* from (\S+) to (\S+)$", printed_by(self.chapter))[0]
        assert low == high == 1

    def test_isometry_survives_tanh_alone(self):
        printed = printed_by(self.chapter)
        shares = {
            name: int(row(printed, name)[-1].rstrip("%"))
            for name in ("tanh, LecunNormal", "tanh, Orthogonal", "relu, Orthogonal")
        }
        assert shares["tanh, Orthogonal"] == 100
        assert shares["tanh, LecunNormal"] < 70
        assert shares["relu, Orthogonal"] <= 50


# --- elsewhere -----------------------------------------------------------------------

FANS = (64, 100)
LINEAR = VarianceScaling(1 / 3, "fan_in", "uniform")


class TestElsewhere:
    chapter = "guide/glorot_elsewhere"

    def test_draws_have_the_formula(self):
        pattern = r"^(\d+) (?:starts|defaults), .* at most (\S+)%$"
        counts, worst = numbers(pattern, printed_by(self.chapter)).T
        assert counts.tolist() == [10, 5]
        assert (worst < 2).all()
        measured(self.chapter, r"(?:bound of Linear|He.*|lecun_uniform, .*|\w+\(.*\))", rtol=0.03)

    def test_scikit_learn_is_retraced(self):
        pattern = r"beside scikit-learn's: differ by at most (\S+)"
        assert (numbers(pattern, printed_by(self.chapter)) < 1e-10).all()

    def test_pytorchs_odd_slope_is_the_standard_heuristic(self):
        printed = printed_by(self.chapter)
        (bound,) = numbers(r"kaiming_uniform_ with a = sqrt\(5\): (\S+)", printed)
        assert bound == 1 / math.sqrt(64)
        ((bound, found),) = numbers(r"largest bias: bound (\S+) measured (\S+)", printed)
        assert 0.9 * bound < found <= bound

    def test_the_same_network_from_each_default(self):
        printed = printed_by(self.chapter)
        verdicts = {
            name: row(printed, name)[-1]
            for name in ("tanh, Keras", "tanh, Flax", "tanh, scikit-learn", "tanh, PyTorch")
        }
        assert list(verdicts.values()) == ["healthy"] * 3 + ["vanishing"]
        keras, sklearn, theano = (
            np.array(row(printed, f"logistic, {name}")[:2], float)
            for name in ("Keras", "scikit-learn", "Theano's")
        )
        assert (theano > 10 * keras).all()
        assert (keras > 3 * sklearn).all()

    @pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
    def test_scikit_learns_start(self, activation):
        """Its own weights, after no step: the learning rate is next to nothing."""
        X = np.random.RandomState(0).normal(size=(20, FANS[0]))
        y = np.arange(20) % 2
        common = {"activation": activation, "random_state": 0, "learning_rate_init": 1e-300}
        theirs = MLPClassifier(FANS[1], **common).partial_fit(X, y, classes=[0, 1])
        gain = math.sqrt(1 / 3) if activation == "logistic" else 1.0
        bound = gain * math.sqrt(6 / sum(FANS))
        for values in (theirs.coefs_[0], theirs.intercepts_[0]):
            assert 0.9 * bound < np.abs(values).max() <= bound
        ours = XavierMLPClassifier(
            FANS[1], init=GlorotUniform(gain=gain), bias_init="same", **common
        ).initialize(X, y)
        for name in ("coefs_", "intercepts_"):
            for mine, yours in zip(getattr(ours, name), getattr(theirs, name), strict=True):
                assert_allclose(mine, yours, rtol=1e-12)

    @pytest.mark.torch
    @pytest.mark.parametrize(
        ("call", "init"),
        [
            (lambda nn, w: nn.init.xavier_uniform_(w), GlorotUniform()),
            (lambda nn, w: nn.init.xavier_uniform_(w, gain=5 / 3), GlorotUniform(gain=5 / 3)),
            (lambda nn, w: nn.init.xavier_normal_(w), GlorotNormal()),
            (lambda nn, w: nn.Linear(*FANS).weight.data, LINEAR),
            (lambda nn, w: nn.Linear(*FANS).bias.data, LINEAR),
        ],
        ids=["xavier_uniform_", "gain", "xavier_normal_", "Linear", "bias of Linear"],
    )
    def test_pytorchs_starts(self, call, init):
        torch = pytest.importorskip("torch")
        with torch.random.fork_rng():
            torch.manual_seed(0)
            weight = torch.empty(FANS[1], FANS[0])
            theirs = np.concatenate([call(torch.nn, weight).numpy().flatten() for _ in range(60)])
        fans = {"fan_in": FANS[0], "fan_out": FANS[1]}
        ours = init((len(theirs),), **fans, random_state=1)
        # One distribution: as large a distance as this in one of a million pairs of samples.
        assert stats.ks_2samp(theirs, ours).pvalue > 1e-6
        assert theirs.std() == pytest.approx(ours.std(), rel=0.03)

    @pytest.mark.torch
    def test_pytorchs_matrices_are_transposed(self):
        torch = pytest.importorskip("torch")
        assert tuple(torch.nn.Linear(*FANS).weight.shape) == FANS[::-1]

    def test_truncated_presets_are_those_of_keras_and_jax(self):
        """A normal of std / 0.87962566103423978, cut at two of its own deviations."""
        for init, std in (
            (GlorotNormal(truncated=True), math.sqrt(2 / sum(FANS))),
            (LecunNormal(truncated=True), math.sqrt(1 / FANS[0])),
        ):
            wide = std / 0.87962566103423978
            drawn = np.concatenate([init(FANS, random_state=seed).ravel() for seed in range(10)])
            assert stats.kstest(drawn, stats.truncnorm(-2, 2, scale=wide).cdf).pvalue > 1e-6
