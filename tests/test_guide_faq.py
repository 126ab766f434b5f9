"""The symptoms and messages of the questions come about, and their remedies help."""

import re

import numpy as np
import pytest
from scripts import CHAPTERS, numbers, printed_by
from sklearn.datasets import load_diabetes
from sklearn.neural_network import MLPClassifier, MLPRegressor

SYMPTOMS = "faq/not_learning"
MESSAGES = "faq/warnings_and_errors"


def one_line(text):
    return " ".join(text.split())


def row(label, printed):
    """The numbers in the row of a printed table."""
    found = re.search(rf"^ *{re.escape(label)} +(-?[\d.].*)$", printed, re.M)
    assert found, label
    return [float(cell) for cell in found[1].split()]


# -- It does not learn -----------------------------------------------------------------------------


def test_one_class_is_predicted_and_then_two():
    printed = printed_by(SYMPTOMS)
    commonest = numbers(r"^commonest class: (\S+)$", printed)[0]
    found = numbers(r"epochs, accuracy (\S+),\n +spread of probabilities (\S+)$", printed)
    (stuck, flat), (auto, wide), (faster, wider) = found
    assert stuck == commonest
    assert flat < 0.01
    assert wide > 10 * flat
    assert auto > stuck + 0.05
    assert faster > 0.95
    assert wider > wide
    message = one_line(printed)
    assert "init='sklearn' makes the signals of layer 2 0.14" in message
    assert "try init='auto'" in message


def test_scikit_learn_is_stuck_likewise():
    rng = np.random.RandomState(1)
    X = rng.uniform(size=(500, 2))
    y = (X[:, 0] + (2 * X[:, 1] - 1) ** 2 >= 0.75).astype(int)
    mlp = MLPClassifier((20, 20), "logistic", random_state=42).fit(X, y)
    assert len(np.unique(mlp.predict(X))) == 1


def test_losses_that_do_not_fall():
    printed = printed_by(SYMPTOMS)
    guess = np.log(10)
    first, last, accuracy = row("rate 1e-6", printed)
    assert abs(first - last) < 0.02
    assert accuracy < 0.3
    first, last, accuracy = row("rate 1", printed)
    assert first > 5 * guess
    assert accuracy < 0.6
    first, last, accuracy = row("constant weights", printed)
    assert 1.0 < last < first
    assert accuracy < 0.4
    first, last, accuracy = row("dead units", printed)
    assert first == pytest.approx(guess, abs=0.01)
    assert last == pytest.approx(guess, abs=0.01)
    assert accuracy < 0.15
    first, last, accuracy = row("weights too large", printed)
    assert last > 5 * guess
    first, last, accuracy = row("defaults", printed)
    assert last < 0.4
    assert accuracy > 0.9
    assert re.findall(r"(healthy|symmetric|dead|saturated)$", printed, re.M) == [
        "healthy",
        "healthy",
        "symmetric",
        "dead",
        "saturated",
        "healthy",
    ]


def test_the_rate_has_an_order_of_magnitude():
    found = numbers(r"^rate +(\S+): loss +(\S+) after 5 epochs$", printed_by(SYMPTOMS))
    losses = dict(found)
    assert min(losses, key=losses.get) in (0.01, 0.1)
    assert losses[0.01] < losses[0.001] < losses[0.0001] < losses[0.00001]
    assert losses[1.0] > losses[0.1] + 1.0


def test_divergence_is_an_error_or_silent():
    printed = printed_by(SYMPTOMS)
    part = printed[printed.index("Training diverged") : printed.index("X scaled  y scaled")]
    assert re.search(r"Training diverged: the loss became (nan|inf) in epoch \d+\.", one_line(part))
    assert numbers(r"X and y scaled: R² (\S+)$", part).min() > 0.15
    assert numbers(r"^R² (\S+), first losses", part)[0] < -100
    assert numbers(r"first losses \['(\S+?)'", part)[0] > 1e6
    assert "hidden units that are ever active: 0 of 50" in part


def test_scikit_learns_silent_divergence():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    mlp = MLPRegressor(hidden_layer_sizes=(50,), solver="sgd", random_state=0).fit(X, y)
    assert mlp.score(X, y) < -100
    assert np.ptp(mlp.predict(X)) < 1e-3 * abs(mlp.predict(X).mean())


def test_both_scalings_are_needed():
    printed = printed_by(SYMPTOMS)
    found = re.findall(r"^ +(True|False) +(True|False) +(\S+) +(\S+) +(\S+)$", printed, re.M)
    scores = {(x, y): float(r2) for x, y, _, _, r2 in found}
    spreads = {(x, y): float(spread) for x, y, _, spread, _ in found}
    assert len(scores) == 4
    assert max(scores, key=scores.get) == ("True", "True")
    assert scores["True", "True"] > 0.25
    assert scores["True", "False"] < -1
    of_targets = numbers(r"^of the targets: mean \S+, spread (\S+)$", printed)[0]
    assert spreads["False", "False"] < 0.5 * of_targets
    assert spreads["True", "True"] > 0.5 * of_targets


def test_a_small_target_ends_training():
    printed = printed_by(SYMPTOMS)
    n_small, r2_small = numbers(r"^target as it is: (\d+) epochs, R² (\S+)$", printed)[0]
    n_scaled, r2_scaled = numbers(r"^target scaled: (\d+) epochs, R² (\S+)$", printed)[0]
    assert n_small < 100 < n_scaled
    assert r2_small < -5
    assert r2_scaled > 0.7


def test_stopping_on_the_loss_goes_on():
    found = numbers(r"^\{.*\}: (\d+) epochs, accuracy (\S+)$", printed_by(SYMPTOMS))
    (n_plain, plain), (n_loss, by_loss) = found
    assert n_plain < n_loss
    assert by_loss > plain + 0.03


def test_a_scaled_network_keeps_up_with_logistic_regression():
    printed = printed_by(SYMPTOMS)
    linear = row("logistic regression, scaled", printed)[0]
    assert row("network, not scaled", printed)[0] < linear - 0.02
    assert row("network, scaled", printed)[0] > linear - 0.015
    assert row("network, scaled, lbfgs, alpha=1", printed)[0] > linear - 0.015


def test_remedies_narrow_the_gap():
    printed = printed_by(SYMPTOMS)
    train, test = row("as it is", printed)
    assert train > 0.9
    assert test < 0.1
    for remedy in ("alpha=100", "early stopping", "dropout=0.5, adam", "2 units"):
        narrowed_train, narrowed_test = row(remedy, printed)
        assert narrowed_train < train
        assert narrowed_test > test + 0.1


def test_the_rare_class_is_found():
    pattern = (
        r"^class_weight=\w+: accuracy (\S+), mean probability (\S+),\n"
        r" +recall (\S+), precision (\S+)$"
    )
    printed = printed_by(SYMPTOMS)
    plain, balanced = numbers(pattern, printed)
    share = numbers(r"^share of the rare class: (\S+)$", printed)[0]
    assert balanced[0] < plain[0]
    assert plain[1] == pytest.approx(share, abs=0.02)
    assert balanced[1] > 2 * share
    assert balanced[2] > plain[2] + 0.2
    assert balanced[3] < plain[3] - 0.2


def test_one_hot_targets_are_labels():
    printed = printed_by(SYMPTOMS)
    assert re.search(r"^labels predicted for a sample: \[0", printed, re.M)
    one_hot = numbers(r"^accuracy: (\S+)$", printed)[0]
    assert numbers(r"^from classes: accuracy (\S+)$", printed)[0] > one_hot + 0.3


# -- Warnings and errors ---------------------------------------------------------------------------


def after(message, n_characters=900):
    """What the page prints from a message on."""
    printed = printed_by(MESSAGES)
    flat = one_line(printed)
    assert message in flat, message
    return flat[flat.index(message) :][:n_characters]


def test_more_iterations_or_larger_steps():
    printed = printed_by(MESSAGES)
    earlier, last = numbers(r"^loss (\S+) after 101 epochs, (\S+) after 200$", printed)[0]
    assert last < earlier - 0.05
    text = after("ConvergenceWarning: Stochastic Optimizer: Maximum iterations (200) reached")
    text = text[: text.index("lbfgs failed")]
    assert text.count("ConvergenceWarning") == 2  # the next is that of lbfgs
    found = numbers(r"^ +(\d+) iterations, accuracy (\S+)$", printed)
    assert len(found) == 3
    assert found[1, 0] < found[0, 0] / 2
    assert found[:, 1].min() > 0.9


def test_lbfgs_converges_with_more_iterations():
    text = after("ConvergenceWarning: lbfgs failed to converge after 20 iteration(s)")
    assert "increase max_iter (now 20)" in text
    n_iter = re.search(r"with max_iter=1000: converged after (\d+) iterations", text)[1]
    assert 20 < int(n_iter) < 1000


def test_seeds():
    printed = printed_by(MESSAGES)
    assert "random_state=None: equal results False" in printed
    assert "random_state=0: equal results True" in printed
    few = numbers(r"^early stopping on 12 samples: (\S+) to (\S+)$", printed)[0]
    long = numbers(r"^trained to the end: (\S+) to (\S+)$", printed)[0]
    assert np.ptp(few) > 2 * np.ptp(long)
    assert long[0] > 0.88


def test_rounding_grows():
    found = numbers(r"^after +(\d+) iterations: weights differ by (\S+)$", printed_by(MESSAGES))
    assert len(found) == 3
    assert found[0, 1] < 1e-12
    assert found[2, 1] > 100 * max(found[0, 1], 1e-17)


# The message, and what is printed of the remedy.
ENTRIES = {
    "continuous": (
        "ValueError: Unknown label type: continuous",
        r"R² of the regressor: 0\.[89]",
    ),
    "one class": (
        "ValueError: The number of classes has to be greater than one; got 1 class: [0]",
        r"classes of a shuffled part: \[0 1 2\]",
    ),
    "no classes": (
        "ValueError: classes must be passed on the first call to partial_fit",
        r"known from the start: \[0 1 2\]",
    ),
    "new class": (
        "ValueError: `y` has classes not in `self.classes_`",
        r"known from the start: \[0 1 2\]",
    ),
    "warm start": (
        "ValueError: warm_start can only be used where `y` has the same classes",
        r"without warm_start: \[0 1\]",
    ),
    "missing": (
        "ValueError: Input X contains NaN",
        r"training data missing: (1\.|0\.[89])",
    ),
    "text": (
        "ValueError: could not convert string to float: 'red'",
        r"encoded: \[0 1 0 1\]",
    ),
    "text in a frame": (
        "ValueError: X has columns that do not hold numbers: 'color' (",
        r"encoded: \[0 1 0 1\]",
    ),
    "ragged": (
        "ValueError: setting an array element with a sequence",
        r"encoded: \[0 1 0 1\]",
    ),
    "fewer features": (
        "ValueError: X has 3 features, but XavierMLPClassifier is expecting 4 features as input",
        r"in the pipeline: \[0 1\]",
    ),
    "other dummies": (
        "ValueError: X has 2 features, but XavierMLPClassifier is expecting 3 features as input",
        r"in the pipeline: \[0 1\]",
    ),
    "no names": (
        "UserWarning: X does not have valid feature names, but XavierMLPClassifier was fitted with",
        r"ValueError: The feature names should match.* in their order: no message",
    ),
    "one row": (
        "ValueError: Expected 2D array, got 1D array instead",
        r"one row: \[\d\]",
    ),
    "column": (
        "DataConversionWarning: A column-vector y was passed when a 1d array was expected",
        r"^((?!Warning.*Warning).)*one dimension: no message",
    ),
    "poisson": (
        "ValueError: loss='poisson' needs y >= 0. Got targets down to -1",
        r"the counts themselves: (100|9\d|8\d)%",
    ),
    "few samples": (
        "ValueError: early_stopping cannot set samples aside with validation_fraction=0.1",
        r"validated on 64 others: best score (1\.|0\.[89])",
    ),
    "rare class": (
        "The least populated class",
        r"validated on 64 others: best score (1\.|0\.[89])",
    ),
    "lbfgs": (
        "AttributeError: This 'XavierMLPClassifier' has no attribute 'partial_fit'",
        r"with adam: 1 epoch",
    ),
    "early partial_fit": (
        "ValueError: partial_fit does not support early_stopping=True",
        r"stopped after \d+ epochs, the best are \d+ accuracy (1\.|0\.[89])",
    ),
    "parameter": (
        "ValueError: Invalid parameter 'mlp' for estimator Pipeline",
        r"names: \['xaviermlpclassifier__alpha'\]",
    ),
    "value": (
        "InvalidParameterError: The 'init' parameter of XavierMLPClassifier must be a str among",
        r"Got 'xavier' instead\. scores",  # and no message of the fit after it
    ),
    "failed fits": (
        "scores: [0.",
        r"nan\] chosen: \{'learning_rate_init': 0\.1\} ValueError: Training diverged",
    ),
    "batch size": (
        "UserWarning: batch_size=128 is larger than the 112 samples",
        r"clipped\. batch_size=auto: no message",
    ),
    "balanced": (
        "class_weight='balanced' is not supported",
        r"with a dictionary: 1 epoch ValueError: class_weight has weights for",
    ),
    "interrupted": (
        "TrainingInterrupted: Training interrupted by user",
        r"it predicts: \[\d",
    ),
    "not finite": (
        "ValueError: The network's predictions are not finite",
        r"in the range of the training samples: \[\d",
    ),
    "dropout": (
        "ValueError: dropout=0.2 cannot be used with solver='lbfgs'",
        r"with adam: accuracy (1\.|0\.[89])",
    ),
    "sizes": (
        "ValueError: hidden_layer_sizes=(20,) and the weights disagree",
        r"afresh: \(4, 20\)",
    ),
    "not fitted": (
        "NotFittedError: This XavierMLPClassifier instance is not fitted yet",
        r"the search: accuracy (1\.|0\.[89])",
    ),
    "pickle": (
        "PicklingError: Can't pickle",
        r"loaded, with equal predictions: True",
    ),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_message_and_remedy(entry):
    message, remedy = ENTRIES[entry]
    assert re.search(remedy, after(message, 1100)), after(message, 1100)


def test_patience_needs_early_stopping_with_lbfgs():
    pattern = r"^lbfgs, early_stopping=\w+: (\d+) and (\d+) iterations$"
    without, stopping = numbers(pattern, printed_by(MESSAGES))
    assert without[0] == without[1]
    assert stopping[0] < stopping[1]


def test_larger_batches_take_fewer_steps_and_more_epochs():
    pattern = r"^batches of +(\d+): loss below 0\.1 after +(\d+) epochs, +(\d+) steps$"
    sizes, epochs, steps = numbers(pattern, printed_by(MESSAGES)).T
    assert (np.diff(epochs) > 0).all()
    assert (np.diff(steps) < 0).all()
    assert epochs.max() < 200
    np.testing.assert_array_equal(steps, epochs * np.ceil(1797 / sizes))


def test_float32_takes_half():
    weights, X = numbers(r"^float\d\d: weights (\S+) MB, X (\S+) MB$", printed_by(MESSAGES)).T
    assert weights[0] == pytest.approx(2 * weights[1], abs=0.02)
    assert X[0] == pytest.approx(2 * X[1], abs=0.02)
    assert weights[0] == pytest.approx((64 + 10) * 1000 * 8 / 1e6, abs=0.01)


@pytest.mark.parametrize("chapter", [SYMPTOMS, MESSAGES])
def test_every_entry_has_code(chapter):
    """No heading without something that is run, but for one that refers to another page."""
    text = (CHAPTERS / f"{chapter}.py").read_text("utf-8")
    mark = "~" if "~~~~" in text else "-"
    parts = re.split(rf"^# (.+)\n# {mark}{{4,}}$", text, flags=re.M)[1:]
    headings, bodies = parts[::2], parts[1::2]
    assert len(headings) > 8
    without = [
        heading
        for heading, body in zip(headings, bodies, strict=True)
        if not re.search(r"^[a-z_(]", body, re.M)
    ]
    assert all(heading.startswith("Training diverged") for heading in without)


@pytest.mark.parametrize("chapter", [SYMPTOMS, MESSAGES])
def test_lines_are_short(chapter):
    assert max(map(len, printed_by(chapter).splitlines())) <= 75
