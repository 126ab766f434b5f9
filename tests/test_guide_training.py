"""What the chapters on training, going on, features, scaling out and saving claim.

Each claim is read from what the chapter printed in its run.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import sklearn
from scripts import numbers, printed_by
from sklearn.utils.fixes import parse_version

ROOT = Path(__file__).parent.parent
HAS_CALLBACKS = parse_version(sklearn.__version__) >= parse_version("1.9")


def one(pattern, printed):
    """The only match of a pattern with one group, as a float."""
    (number,) = numbers(pattern, printed)
    return number


# -- Training and stopping


@pytest.fixture(scope="module")
def training():
    return printed_by("guide/training")


def test_epochs_by_hand_are_fit(training):
    assert one(r"largest difference of a weight: (\S+)", training) < 1e-12
    (epochs, seen) = numbers(r"epochs: (\d+), samples gone through: (\d+)", training)[0]
    assert (epochs, seen) == (3, 3 * 1347)  # three quarters of 1,797 digits


def test_scaled_inputs_train_better(training):
    smallest, largest = numbers(r"standard deviation: (\S+), (\S+)", training)[0]
    assert smallest < 0.2
    assert largest > 100
    raw = one(r"accuracy on raw features: +(\S+)", training)
    assert one(r"accuracy on scaled features: +(\S+)", training) > raw + 0.03


def test_three_rates(training):
    rows = numbers(r"rate +(\S+): first loss (\S+), last (\S+); accuracy (\S+)", training)
    (small, _, small_last, slow), (right, _, right_last, good), (large, _, large_last, bad) = rows
    assert small < right < large
    assert right_last < 0.1 < 1 < small_last < 2
    assert abs(large_last - np.log(10)) < 0.1  # the loss of guessing
    assert bad < 0.2 < slow < good
    assert one(r"0 for all samples at rate 1: (\d+) of 50", training) > 40


def test_divergence_is_an_error_or_an_absurd_loss(training):
    assert "Training diverged: the loss became" in training
    for remedy in ("StandardScaler", "smaller learning_rate_init", "init='glorot_uniform'"):
        assert remedy in training
    least = one(r"half the variance of the targets: (\S+)", training)
    assert one(r"loss after \d+ epochs: (\S+)", training) > 1000 * least


def test_smaller_batches_take_more_steps(training):
    rows = numbers(r"batch_size +(\d+): +(\d+) steps an epoch, loss (\S+), acc", training)
    sizes, steps, losses = rows.T
    np.testing.assert_array_equal(steps, np.ceil(1347 / sizes))
    assert (np.diff(losses) > 0.1).all()


def test_every_solver_gets_there_at_its_rate(training):
    rows = numbers(r"^(?:sgd|adam|adamw|rmsprop|lbfgs)\S*.* loss (\S+), accuracy (\S+)$", training)
    assert len(rows) == 5
    assert rows[:, 1].min() > 0.94
    assert np.ptp(rows[:, 1]) < 0.04


def test_a_smaller_tol_trains_longer_and_no_better(training):
    tol, epochs, losses, scores = numbers(
        r"tol (\S+): +(\d+) epochs, loss (\S+), accuracy (\S+)", training
    ).T
    assert (np.diff(tol) < 0).all()
    assert (np.diff(epochs) > 0).all()
    assert (np.diff(losses) < 0).all()
    assert abs(scores[2] - scores[1]) < 0.02


def test_the_warning_is_shown(training):
    assert "ConvergenceWarning\nStochastic Optimizer: Maximum iterations (20) reached" in training


def test_early_stopping_keeps_the_least_validation_loss(training):
    pattern = r"least after epoch (\d+), (\S+); after the last, (\S+)"
    epoch, least, last = numbers(pattern, training)[0]
    assert last > 1.1 * least  # overfitting
    assert one(r"training loss of the last epoch: (\S+)", training) < 0.01
    assert one(r"ended after epoch (\d+) of at most 150", training) == epoch + 21
    assert one(r"of the weights kept: (\S+)", training) == least


def test_alpha_shrinks_weights_more_in_small_batches(training):
    rows = numbers(r"^(\S+) +(\d+\.\d\d)  +(0\.\d+|1\.0+)  +(0\.\d+)$", training)
    alphas, norms, train, _ = rows.T
    assert len(alphas) == 4
    assert (np.diff(alphas) > 0).all()
    assert (np.diff(norms) < 0).all()
    assert norms[-1] < 0.1
    assert train[-1] < 0.2  # one class for all
    small, large = numbers(r"batch_size +\d+: norm of weights (\S+)", training)
    assert small < 0.8 * large


def test_seeds_and_types(training):
    low, high = numbers(r"over 8 seeds: (\S+) to (\S+)", training)[0]
    assert 0.94 < low < high < low + 0.04
    assert "once more is the same: True" in training
    (double, first), (single, second) = numbers(
        r"float\d\d: (\d+) bytes of weights, accuracy (\S+)", training
    )
    assert double == 2 * single
    assert abs(first - second) < 0.02


def test_three_verbose_lines_with_rates_of_a_cosine(training):
    rates = numbers(r"^Epoch \d/3 .* learning rate +(\S+) +\S+ s$", training)
    expected = 0.01 * 0.5 * (1 + np.cos(np.pi * np.arange(3) / 3))
    np.testing.assert_allclose(rates, expected, rtol=1e-2)


# -- Continuing


@pytest.fixture(scope="module")
def continuing():
    return printed_by("guide/continuing")


@pytest.mark.parametrize(
    "claim",
    [
        "the same weights: True",
        "the same curve:   True",
        "epochs, samples:  5, 6735",
        "the same weights in scikit-learn: False",
        "the same weights after five pickles: True",
        "classes must be passed on the first call",
        "n_iter_: 15, points of the curve: 30",
        "the same as 30 epochs at once: False",
        "rates in epochs 1, 15, 16:  0.01000 0.00011 0.01000",
        "rates in epochs 10 and 11: 0.1 0.01",
        "coefs_[0] has shape (64, 50), but layer 1 of the network needs (64, 20)",
        "TrainingInterrupted: Training interrupted by user.\nepochs: 4,",
        "epochs: 2; as fit with max_iter=2: True",
        "the trunk is as if there were no branch: True",
        "epochs: 0, loss at the start: ",
        "the same in the end: True",
    ],
)
def test_what_goes_on(claim, continuing):
    assert claim in continuing


def test_the_stream_teaches(continuing):
    first = one(r"first five pieces: (\S+)", continuing)
    last = one(r"last five: +(\S+)", continuing)
    assert last > first + 0.2
    assert one(r"steps of the optimizer so far: (\d+)", continuing) == np.ceil(1797 / 50)


def test_a_warm_fit_lowers_the_loss(continuing):
    before, after = numbers(r"15 epochs: (\S+), after 15 more: (\S+)", continuing)[0]
    assert after < before / 2


def test_the_branch_is_ahead_of_the_trunk(continuing):
    trunk, branch = numbers(r"loss: trunk (\S+), branch (\S+)", continuing)[0]
    assert branch < trunk - 0.5
    if HAS_CALLBACKS:
        assert "from the copy to epoch 6, as at once: True" in continuing


def test_fine_tuning_helps_and_does_not(continuing):
    old, new, tuned = numbers(r"three columns lost +(\S+) +(\S+) +(\S+)", continuing)[0]
    assert tuned > max(old, new) + 0.04
    old, new, tuned = numbers(r"moved by one pixel +(\S+) +(\S+) +(\S+)", continuing)[0]
    assert old < tuned < new - 0.05


# -- What scikit-learn's MLP lacks


@pytest.fixture(scope="module")
def features():
    return printed_by("guide/features")


def test_balanced_classes(features):
    (plain, _), (balanced, wrong) = numbers(
        r"nines found: (\S+),  others called nines: (\S+)", features
    )
    assert balanced > plain + 0.5
    assert 0.05 < wrong < 0.5


def test_the_best_epoch_is_kept(features):
    best, last = numbers(r"those after epoch (\d+) of (\d+)", features)[0]
    assert last == best + 11  # n_iter_no_change is 10, and more than that ends it
    assert one(r"^validation loss (\S+)", features) < 0.3


@pytest.mark.skipif(not HAS_CALLBACKS, reason="callbacks came with scikit-learn 1.9")
def test_a_callback_ends_training_at_its_loss(features):
    assert one(r"at a loss of ([\d.]+),", features) < 0.1
    assert one(r"one epoch earlier it was (\S+)", features) >= 0.1


def test_label_smoothing_lowers_confidence(features):
    rows = numbers(
        r"^[a-z ]+  loss (\S+)  accuracy: (\S+)  confidence: (\S+)$", features
    )  # neither, dropout, label smoothing, both
    losses, scores, confidence = rows.T
    assert len(rows) == 4
    assert losses[0] < losses[1] < losses[2]
    assert confidence[2:].max() < confidence[:2].min() - 0.05
    assert np.ptp(scores) < 0.04


def test_one_cycle_is_highest_after_a_quarter(features):
    assert "\n[0.0004, 0.01, " in features


def test_accuracies(features):
    found = numbers(r"accuracy[\w ]*: (0\.\d+)", features)
    assert len(found) >= 9
    assert found.min() > 0.7
    assert one(r"through two units: (\S+)", features) > 0.8
    assert "features of the last hidden layer: (450, 50)" in features


def test_given_weights(features):
    assert "blind at the start: 5 of 20" in features
    assert "starts from the same weights: True" in features


def test_quantiles_make_an_interval(features):
    within, n = numbers(r"within: (\d+)% of (\d+)", features)[0]
    assert n == 111
    assert 65 <= within <= 90


def test_the_table_of_features_keeps_its_issues():
    text = (ROOT / "docs" / "chapters" / "guide" / "features.py").read_text("utf-8")
    links = re.findall(r"`(\d+) <https://github.com/scikit-learn/scikit-learn/issues/(\d+)>", text)
    assert len(links) == 22
    assert all(shown == linked for shown, linked in links)


# -- Scaling out


@pytest.fixture(scope="module")
def scaling_out():
    return printed_by("guide/scaling_out")


@pytest.mark.parametrize(
    "claim",
    [
        "the same with two jobs: True",
        "the same comparison with two jobs: True",
        "threads within: 1\n",
        "as many afterwards as before: True",
        "the same weights as from memory: True",
    ],
)
def test_neither_jobs_nor_files_change_results(claim, scaling_out):
    assert claim in scaling_out


def test_memory_of_predictions(scaling_out):
    n, ours = numbers(r"^sk_xavier +(\d+) rows: +(\S+) MB", scaling_out).T
    theirs = numbers(r"^scikit-learn +\d+ rows: +(\S+) MB", scaling_out)
    returned = n * 10 * 8 / 2**20  # ten probabilities a row
    np.testing.assert_allclose(np.diff(ours), np.diff(returned), atol=1.0)
    hidden = n * 256 * 8 / 2**20
    assert (theirs > hidden).all()


def test_memory_of_mapped_and_sparse_samples(scaling_out):
    size, peak = numbers(r"samples: (\S+) MB; fit took (\S+) MB beside them", scaling_out)[0]
    assert peak < size / 3
    dense = one(r"samples would take (\S+) MB", scaling_out)
    assert one(r"^fit took (\S+) MB, of which", scaling_out) < dense / 20


def test_the_stream_from_disk_is_learned(scaling_out):
    assert one(r"last piece, not trained on: (\S+)", scaling_out) > 0.85


def test_float32_halves_bytes(scaling_out):
    double, single = numbers(r"samples (\d+) bytes, weights (\d+) bytes", scaling_out)
    np.testing.assert_array_equal(double, 2 * single)


def test_halving_takes_fewer_epochs(scaling_out):
    halved, whole = numbers(r"epochs in each fold: (\d+); of a whole .*: (\d+)", scaling_out)[0]
    assert whole == 3 * halved  # three rounds of 9 * 5, 3 * 15 and 1 * 45
    assert "chosen init: " in scaling_out
    assert "chosen init: constant" not in scaling_out


# -- Saving and loading


@pytest.fixture(scope="module")
def saving():
    return printed_by("guide/saving")


@pytest.mark.parametrize(
    "claim",
    [
        "This was run by loading the file.\nwhat was loaded: None",
        "\n['sk_xavier._estimators.XavierMLPClassifier']\n",
        "\nsk_xavier.initializers.GlorotUniform\n",
        "\nUntrustedTypesFoundException\n",
        "square",
        "three epochs, a file, three epochs are six: True",
        "the same predictions: True",
        "of this version: True",
        "that scikit-learn would check: False",
        "two lines of NumPy predict the same: True",
    ],
)
def test_files(claim, saving):
    assert claim in saving


def test_probabilities_outlive_both_files(saving):
    assert saving.count("the same probabilities, bit for bit: True") == 2
