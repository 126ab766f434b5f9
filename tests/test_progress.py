"""The lines of `verbose=True`, read back."""

import re
from time import perf_counter

import numpy as np
import pytest
from verbose_lines import epoch_of

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = ["sgd", "adam", "adamw", "rmsprop", "lbfgs"]


def columns(text):
    """What the lines say, by the names of their columns."""
    found = []
    for line in text.splitlines():
        if epoch_of(line) is not None:
            named = re.findall(r"([a-z][a-z ]*?) +(-?[\d.]+(?:e[+-]\d+)?|nan)(?= |$)", line)
            seconds = re.search(r"([\d.]+) s$", line)
            found.append({name: float(value) for name, value in named[0:]} | {"s": seconds[1]})
    return found


def printed(mlp, X, y, capsys, **more):
    mlp.set_params(verbose=True, random_state=0).fit(X, y, **more)
    text = capsys.readouterr().out
    return mlp, text, [line for line in text.splitlines() if epoch_of(line) is not None]


@pytest.mark.parametrize("solver", SOLVERS)
def test_one_aligned_line_an_epoch(solver, digits, capsys):
    mlp = XavierMLPClassifier((5,), solver=solver, max_iter=12, tol=0.0)
    mlp, _, lines = printed(mlp, *digits, capsys)
    assert [epoch_of(line) for line in lines] == list(range(1, mlp.n_iter_ + 1))
    assert len({len(line) for line in lines}) == 1
    assert len({line.index("loss") for line in lines}) == 1
    unit = "Iteration" if solver == "lbfgs" else "Epoch"
    assert all(line.startswith(unit) for line in lines)
    assert lines[0].startswith(f"{unit}  1/12  loss ")


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_numbers_are_the_curves(solver, early_stopping, digits, capsys):
    X, y = digits
    mlp = XavierMLPClassifier((5,), solver=solver, max_iter=6, early_stopping=early_stopping)
    mlp, text, _ = printed(mlp, X, y, capsys, X_val=X[:90], y_val=y[:90])
    table = columns(text)
    for name, curve in (
        ("loss", mlp.loss_curve_),
        ("validation loss", mlp.validation_loss_curve_),
        ("validation score", mlp.validation_scores_),
    ):
        np.testing.assert_allclose([row[name] for row in table], curve, rtol=1e-5)


def test_large_and_small_losses_are_aligned(capsys):
    X = np.linspace(-1, 1, 40)[:, np.newaxis]
    mlp = XavierMLPRegressor((), solver="sgd", momentum=0.0, learning_rate_init=0.5, alpha=0.0)
    mlp.set_params(tol=0.0, max_iter=200)
    _, text, lines = printed(mlp, X, 3e4 * X.ravel(), capsys)
    losses = [row["loss"] for row in columns(text)]
    assert max(losses) > 1e6 * min(losses)
    assert len({len(line) for line in lines}) == 1


def test_without_a_validation_set_there_is_no_such_column(digits, capsys):
    _, text, _ = printed(XavierMLPClassifier((5,), max_iter=2), *digits, capsys)
    assert "validation" not in text
    assert "learning rate" not in text


def test_seconds_add_up(digits, capsys):
    start = perf_counter()
    _, text, _ = printed(XavierMLPClassifier((50,), max_iter=30), *digits, capsys)
    elapsed = perf_counter() - start
    seconds = [float(row["s"]) for row in columns(text)]
    assert min(seconds) >= 0.0
    assert sum(seconds) <= elapsed + 30 * 0.0005  # rounded to milliseconds


@pytest.mark.parametrize("schedule", ["constant", "invscaling", "adaptive", "cosine", "one_cycle"])
def test_learning_rates_are_shown_where_they_change(schedule, digits, capsys):
    mlp = XavierMLPClassifier((5,), solver="sgd", learning_rate=schedule, max_iter=4)
    mlp, text, lines = printed(mlp, *digits, capsys)
    rates = [row.get("learning rate") for row in columns(text)]
    if schedule == "constant":
        assert rates == [None] * 4
    else:
        np.testing.assert_allclose(rates, mlp.learning_rate_curve_, rtol=5e-3)
        assert len({len(line) for line in lines}) == 1


def test_partial_fits_count_on(digits, capsys):
    X, y = digits
    mlp = XavierMLPClassifier((5,), verbose=True)
    for _ in range(3):
        mlp.partial_fit(X, y, classes=range(10))
    lines = capsys.readouterr().out.splitlines()
    assert [epoch_of(line) for line in lines] == [1, 2, 3]
    assert "/" not in lines[0]


def test_why_lbfgs_stops_early(digits, capsys):
    X, y = digits
    mlp = XavierMLPClassifier((5,), solver="lbfgs", early_stopping=True, n_iter_no_change=2)
    mlp, text, lines = printed(mlp, X, y, capsys)
    assert len(lines) == mlp.n_iter_ < 200
    assert text.endswith("for 2 consecutive iterations. Stopping.\n")


def test_nothing_is_printed_by_default(digits, capsys):
    XavierMLPClassifier((5,), max_iter=2, early_stopping=True).fit(*digits)
    assert capsys.readouterr() == ("", "")


def test_negative_scores_are_aligned(capsys):
    X = np.linspace(-1, 1, 40)[:, np.newaxis]
    mlp = XavierMLPRegressor((), solver="sgd", momentum=0.0, learning_rate_init=0.5, alpha=0.0)
    mlp.set_params(tol=0.0, max_iter=100, scoring="loss", verbose=True, random_state=0)
    mlp.fit(X, 30 * X.ravel(), X_val=X, y_val=30 * X.ravel())
    assert min(mlp.validation_loss_curve_) < 1e-5
    lines = capsys.readouterr().out.splitlines()
    assert len({len(line) for line in lines}) == 1
