"""The examples run, draw their pictures, and print what they claim."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from scripts import WARNINGS, numbers, run

image = pytest.importorskip("matplotlib.image")

FOLDER = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(FOLDER.glob("*/*.py"))


def check_quick_start(printed):
    assert "verdict: healthy" in printed
    [accuracy] = numbers(r"^accuracy on \d+ images it has not seen: (\S+)$", printed)
    assert accuracy > 0.93


def check_symmetry(printed):
    [base_rate] = numbers(r"^share of the commoner class: (\S+)$", printed)
    assert "constant: symmetric, init='constant' makes all 3 units of layer 1 the same" in printed
    assert "uniform: healthy" in printed
    before, after = (
        numbers(rf"^distinct hidden units {when}.*: (\d+)$", printed)
        for when in ("before training", r"after \d+ iterations")
    )
    np.testing.assert_array_equal(before, [1, 3])
    np.testing.assert_array_equal(after, [1, 3])
    columns = numbers(r"\[ *([-\d.]+) +([-\d.]+) +([-\d.]+)\]", printed)
    constant, uniform = columns[:2], columns[2:]
    assert len(np.unique(constant, axis=1).T) == 1
    assert len(np.unique(uniform, axis=1).T) == 3
    accuracies = numbers(r"^accuracy: (\S+)$", printed)
    assert base_rate <= accuracies[0] < 0.7
    assert accuracies[1] > 0.95


def check_saturation(printed):
    names = ["small: std 0.01", "large: std 1", "Xavier", "Xavier, gain 4"]
    found = {}
    for name in names:
        start = f"^{re.escape(name)}: "
        z_std, slope, flat = numbers(
            rf"{start}std of z (\S+), mean slope (\S+), flat (\S+)%$", printed
        )[0]
        last, first = numbers(
            rf"{start}\w+, gradient left in layer 5 (\S+), in layer 1 (\S+)$", printed
        )[0]
        [accuracy] = numbers(rf"{start}loss .*, test accuracy (\S+)$", printed)
        found[name] = (z_std, slope, flat, last, first, accuracy)
    small, large, xavier, with_gain = found.values()
    # 64 standardized pixels, a few of them constant: z has at most 8 times the weights' std.
    assert 0.07 < small[0] <= 0.08
    assert 7.0 < large[0] <= 8.0
    assert np.isclose(with_gain[0], 4.0 * xavier[0], rtol=0.01)
    assert small[1] == 0.25
    assert small[2] == 0.0
    assert large[2] > 50.0 > with_gain[2] > xavier[2]
    assert small[3] > 0.5 > 0.1 > large[3]
    assert small[4] < 1e-5 < xavier[4] < with_gain[4]
    assert large[4] < 0.1
    assert re.search(r"^small: std 0.01: vanishing", printed, re.M)
    assert re.search(r"^large: std 1: saturated", printed, re.M)
    assert re.search(r"^Xavier, gain 4: healthy", printed, re.M)
    assert small[5] < 0.2 < max(large[5], xavier[5]) < with_gain[5]


def check_variance_by_depth(printed):
    rows = re.findall(
        r"^(\w+), (\w+): theory (\S+), forward (\S+), backward (\S+), verdict (\w+)$", printed, re.M
    )
    factors = {(row[0], row[1]): (float(row[3]), float(row[4])) for row in rows}
    theory = {(row[0], row[1]): row[2] for row in rows}
    verdicts = {(row[0], row[1]): row[5] for row in rows}
    assert len(rows) == 6
    for case, expected in {
        ("tanh", "naive"): 3**-0.5,
        ("relu", "naive"): 6**-0.5,
        ("relu", "Xavier"): 2**-0.5,
        ("relu", "He"): 1.0,
    }.items():
        assert theory[case] == f"{expected:.3f}"
        np.testing.assert_allclose(factors[case], expected, atol=0.05)
    assert theory["tanh", "Xavier"] == "1.000"
    assert theory["tanh", "He"] == "none"
    assert all(0.85 < factor < 1.0 for factor in factors["tanh", "Xavier"])
    assert verdicts["tanh", "naive"] == verdicts["relu", "naive"] == "vanishing"
    assert verdicts["tanh", "Xavier"] == verdicts["relu", "He"] == "healthy"


def check_compare_initializers(printed):
    *small, deep = re.split(r"^(?=[\w ,]+: \d initializers)", printed, flags=re.MULTILINE)[1:]
    found = {text.split(":")[0]: differences(text) for text in (*small, deep)}
    assert list(found)[:4] == ["iris", "wine", "breast cancer", "digits"]
    alike = {"best", "no significant difference"}
    for name, starts in list(found.items())[:4]:
        random_starts = {init: kind for init, (_, kind) in starts.items() if init != "constant"}
        assert len(random_starts) == 4
        assert set(random_starts.values()) <= alike, name
    assert found["iris"]["constant"][1] in alike
    assert found["breast cancer"]["constant"][1] in alike
    assert found["digits"]["constant"][1] == "significant"
    starts = differences(deep)
    assert starts["auto"][1] == "best"
    assert starts["constant"][1] == starts["uniform"][1] == "significant"
    assert starts["auto"][0] - starts["uniform"][0] > 0.4


def differences(table):
    """For each initializer the mean accuracy, and how it compares with the best."""
    rows = re.findall(
        r"^(\w+) +\d +(\S+) .* {2,}(best|no significant difference|significant) ", table, re.M
    )
    return {init: (float(mean), kind) for init, mean, kind in rows}


def check_grid_search(printed):
    n_near, n_all = numbers(r"^candidates within that ± of the best: (\d+) of (\d+)$", printed)[0]
    near_inits = re.search(r"^initializers among them: (.*)$", printed, re.M)[1].split(", ")
    assert 1 < n_near < n_all == 20
    assert len(near_inits) > 1
    assert "constant" not in near_inits
    [accuracy] = numbers(r"^its accuracy on \d+ other digits: (\S+)$", printed)
    assert accuracy > 0.9


def check_sigmoid_rescue(printed):
    [base_rate] = numbers(r"^share of the commoner class: (\S+)$", printed)
    assert base_rate == 0.576  # that of the data
    verdicts = re.findall(r"^verdict: (\w+)", printed, re.M)
    assert verdicts == ["vanishing", "vanishing", "healthy"]
    rows = re.findall(r"^ *(\d+) (\S+) +(\d+) +(\S+) +(\S+)$", printed, re.M)
    assert len(rows) == 12
    for _, name, n_epochs, accuracy, share in rows:
        if name in ("scikit-learn", "init='sklearn'"):
            assert float(accuracy) == base_rate
            assert float(share) == 1.0
            assert int(n_epochs) < 100
        elif name == "init='auto'":
            assert float(accuracy) > 0.95
            assert float(share) < 0.7
        else:
            assert name == "init='glorot_uniform'"
            assert 0.7 < float(accuracy) < 0.8  # "measured" elsewhere: .742 to .748
    patient, lbfgs = numbers(r"^\w+, seed 42: accuracy (\S+) after", printed)
    assert base_rate + 0.1 < patient < 0.9 < lbfgs


CHECKS = {
    name.removeprefix("check_"): check
    for name, check in list(globals().items())
    if name.startswith("check_")
}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_example_draws_and_prints_what_it_claims(script, tmp_path):
    printed = run(script, tmp_path, "picture.png")
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"]
    pixels = image.imread(tmp_path / "picture.png")[..., :3]
    assert min(pixels.shape[:2]) >= 400
    assert pixels.std() > 0.05  # a blank picture has 0
    CHECKS[script.stem.removeprefix("plot_")](printed)


def test_without_a_path_the_picture_is_shown(tmp_path):
    run(
        FOLDER / "why_the_start_matters/plot_symmetry.py",
        tmp_path,
        warnings=(*WARNINGS, "ignore:FigureCanvasAgg is non-interactive"),
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_first_lines_say_what_one_learns(script):
    title, underline, empty, first, *_ = ast.get_docstring(
        ast.parse(script.read_text("utf-8"))
    ).splitlines()
    assert underline == "=" * len(title)
    assert empty == ""
    assert first.startswith("You learn ")


def test_index_lists_every_example():
    listed = re.findall(
        r"^\| \[(\S+)\]\(\1\) \| \S", (FOLDER / "README.md").read_text("utf-8"), re.M
    )
    assert sorted(listed) == [script.relative_to(FOLDER).as_posix() for script in SCRIPTS]
    assert len(listed) == 7
