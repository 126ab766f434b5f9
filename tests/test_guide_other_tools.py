"""What the guide's chapter on other tools claims of the numbers that it prints."""

import re

import pytest
from numpy.testing import assert_allclose
from scripts import numbers, printed_by


@pytest.fixture(scope="module")
def printed():
    return printed_by("guide/other_tools")


def row(printed, name):
    """The numbers of a table's row, wherever it is."""
    (line,) = re.findall(rf"^{re.escape(name)} {{2,}}(.*)$", printed, re.M)
    return [float(cell) for cell in line.split()]


def test_calibration(printed):
    loss, brier, accuracy = row(printed, "as it is")
    for name in ("sigmoid", "isotonic", "sigmoid, cv=5", "alpha=30"):
        better_loss, better_brier, _ = row(printed, name)
        assert better_loss < loss / 5
        assert better_brier < 0.8 * brier
    for name in ("sigmoid", "isotonic"):  # the order of the samples nearly as it was
        assert row(printed, name)[2] == pytest.approx(accuracy, abs=0.01)
    for name in ("sigmoid, cv=5", "alpha=30"):
        assert row(printed, name)[2] > accuracy + 0.02
    assert row(printed, "alpha=30")[0] == min(
        row(printed, name)[0] for name in ("sigmoid", "isotonic", "sigmoid, cv=5", "alpha=30")
    )


def test_thresholds(printed):
    found = numbers(r"([.\d]+): recall ([.\d]+), balanced accuracy ([.\d]+)$", printed)
    threshold, recall, balanced = found.T
    assert threshold[0] == 0.5
    assert threshold[1] == 0.1
    assert (threshold[1:] < 0.5).all()
    assert (recall[1:] > recall[0] + 0.2).all()
    assert (balanced[1:] > balanced[0] + 0.05).all()


def test_wrong_labels(printed):
    held_out, seen = numbers(r"^(?:held out|seen) *: (\d+) of 20 wrong", printed)
    assert held_out >= 12  # 20 in 600 at random would find less than one
    assert seen < held_out


def test_permutation_importance(printed):
    rows = {name: row(printed, name) for name in ("bmi", "s5", "s1", "s2", "age")}
    for weight, permuted, formula in rows.values():
        assert formula == pytest.approx(2 * weight**2, rel=0.02, abs=2e-3)  # var(x) is near 1
        assert permuted == pytest.approx(formula, rel=0.1, abs=2e-3)
    assert rows["s1"][0] < -0.2
    assert rows["s2"][0] > 0.2
    assert rows["s1"][1] > rows["bmi"][1]
    (correlation,) = numbers(r"^correlation of s1 and s2: (\S+)", printed)
    assert correlation > 0.85
    bmi, s5, s1, s2 = numbers(r"^lost when \w+ is permuted: (\S+)", printed)
    assert min(bmi, s5) > 3 * max(s1, s2)


def test_shap(printed):
    differences = numbers(r"differ from .* by (\d\S+)$", printed)
    assert (differences < 1e-10).all()
    total, base = numbers(r"^first patient: (\S+) = (\S+) \(mean\)", printed)[0]
    parts = numbers(r"^  ([-+][.\d]+) for ", printed)
    assert len(parts) == 5
    assert_allclose(base + parts.sum(), total, atol=0.035)  # seven numbers, rounded by 0.005


def test_learning_curves(printed):
    plain, online = zip(*(row(printed, str(n)) for n in (50, 100, 200, 400, 800)), strict=True)
    for curve in (plain, online):
        assert list(curve) == sorted(curve)
    assert all(a > b for a, b in zip(plain, online, strict=True))
    assert plain[0] > online[0] + 0.3


def test_targets(printed):
    pattern = r": (\S+) times the centre; off by a factor of (\S+)$"
    (_, plain), (of_log, log), (of_gamma, _) = numbers(pattern, printed)
    assert plain > 1.5
    assert log < 1.2
    (mean,) = numbers(r"^mean of the target, by theory: (\S+)", printed)
    assert of_log == pytest.approx(1, abs=0.1)
    assert of_gamma == pytest.approx(mean, abs=0.15)


def test_one_network_or_many(printed):
    assert row(printed, "one network, softmax")[:2] == [1, 64 * 20 + 20 + 20 * 10 + 10]
    assert row(printed, "one a class")[:2] == [10, 10 * (64 * 20 + 20 + 20 + 1)]
    assert "the fourth is the network that was fitted to y == 3: True" in printed


def test_ensembles(printed):
    one, accuracy = row(printed, "one")
    for name in ("25 seeds", "25 samples", "a stack"):
        loss, better = row(printed, name)
        assert loss < one / 2
        assert better > accuracy + 0.02
    (out_of_bag,) = numbers(r"^bag: accuracy out of bag (\S+)", printed)
    # Three standard errors of a share among 300.
    assert out_of_bag == pytest.approx(row(printed, "25 samples")[1], abs=0.08)
    large, linear = numbers(r"^stack: weight of \w+ (\S+)", printed)
    assert linear > 2 * large
    assert "2 labels: 1 columns\n3 labels: 3 columns\n" in printed


def test_weights_are_heeded(printed):
    assert "the weights were heeded: True" in printed
