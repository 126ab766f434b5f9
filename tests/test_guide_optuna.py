"""What the guide's page on Optuna claims."""

import os
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from scripts import CHAPTERS, numbers, printed_by

from sk_xavier.initializers import GlorotUniform

optuna = pytest.importorskip("optuna")

pytestmark = pytest.mark.optuna

PAGE = "guide/tuning_with_optuna"
STARTS = ["constant", "uniform", "glorot_uniform", "variance_scaling"]


@pytest.fixture(scope="module")
def printed():
    return printed_by(PAGE)


def test_pruning_saves_epochs_and_the_search_finds_something(printed):
    [[n_trials, pruned]] = numbers(r"^trials: (\d+), pruned: (\d+)$", printed)
    [[epochs, without]] = numbers(r"^epochs: (\d+) of (\d+)$", printed)
    assert without == 18 * n_trials
    assert pruned + 18 * (n_trials - pruned) <= epochs < 0.8 * without
    [[first, best]] = numbers(r"^first trial: (\S+), best: (\S+)$", printed)
    assert 0.9 < first <= best < 1.0


def test_which_start_a_study_keeps_to_depends_on_the_seed(printed):
    counts = numbers(r"^seed \d: " + ", ".join(rf"{name} (\d+)" for name in STARTS) + "$", printed)
    np.testing.assert_array_equal(counts.sum(axis=1), 25)
    favourites = counts.argmax(axis=1)
    assert len(set(favourites)) > 1
    assert (counts.max(axis=1) >= 10).all()  # of 15 that are not drawn at random
    best = re.findall(r"^ +best: \S+ from (\w+)$", printed, re.M)
    assert len(best) == 3
    assert "constant" not in best
    assert len(set(best)) > 1


def test_what_each_pruner_saves_and_costs(printed):
    rows = dict(re.findall(r"^(\w[\w ,-]*?) +(\d+% +0\.\d+)$", printed, re.M))
    found = {name: np.array(row.replace("%", "").split(), float) for name, row in rows.items()}
    assert list(found) == ["none", "median", "median, warm-up 9", "successive halving", "Hyperband"]
    share, left = np.array(list(found.values())).T
    [most] = numbers(r"best score left +\(all: (\S+)\)$", printed)
    assert share[0] == 100.0
    assert left[0] == most
    assert (share[1:] < 75.0).all()
    assert share[1] < 40.0 < share[2]  # a warm-up gives back some of the saving
    assert most - left[2] < most - left[1]  # and most of the loss
    assert (most - left < 0.006).all()


def test_the_same_budget(printed):
    found = {
        name: float(score)
        for name, score in re.findall(r"^(\w[\w ,]*?) +after 200 epochs: (\S+)$", printed, re.M)
    }
    assert list(found) == ["random", "random, pruned", "TPE, pruned"]
    assert found["random"] < found["random, pruned"] < found["TPE, pruned"]
    [error] = numbers(r"^standard error of one validation score: (\S+)$", printed)
    assert 0.009 < error < 0.015  # 400 samples, of which about 94 % are right
    assert found["TPE, pruned"] - found["random"] < 1.2 * error


def test_one_score_at_the_end(printed):
    assert re.search(r"^epochs: 18$", printed, re.M)
    [[accuracy, error]] = numbers(r"^accuracy on the test set: (\S+) ± (\S+)$", printed)
    assert 0.94 < accuracy < 1.0
    assert error == pytest.approx(np.sqrt(accuracy * (1 - accuracy) / 997), abs=1e-3)


def test_slow_starts_are_pruned_for_it(printed):
    auto, small, large = numbers(
        r"^\w+ +accuracy after 3 epochs (\S+), after 24 epochs (\S+)$", printed
    )
    assert small[0] < large[0] < auto[0]
    assert small[0] < 0.4 < 0.7 < auto[0]
    assert small[1] > auto[1] - 0.005  # as good in the end
    assert large[1] < auto[1] - 0.02  # not so
    assert "verdict on the large weights: saturated" in printed
    rows = numbers(r"^ +(\d+) +(\d+)% +(\d+)% +(\d+)% +(\d+)%$", printed)
    warm_up, of_auto, of_small, of_large, epochs = rows.T
    np.testing.assert_array_equal(warm_up, [0, 7, 14, 21])
    assert abs(of_small[0] - of_large[0]) < 10.0
    assert of_small[0] > 2.0 * of_auto[0]
    assert (np.diff(of_small) < 0.0).all()
    assert of_small[-1] < 0.5 * of_small[0]
    assert np.ptp(of_large) < 10.0
    assert (np.diff(epochs) > 0.0).all()


def test_tpe_is_blind_to_failed_trials(printed):
    failed, pruned = numbers(
        r"^diverged is \w+: (\d+) of 30 trials lost, (\d+) of the last 15; best R2 (\S+)$", printed
    )
    assert failed[1] >= 12
    assert pruned[1] <= 5
    assert pruned[2] > failed[2] > 0.4


def test_the_same_study_again(printed):
    assert "the same study again: True" in printed
    assert "resumed, sampler kept: True" in printed
    [repeated] = numbers(r"^resumed with the same seed: (\d) of 7 trials had been run", printed)
    assert repeated == 3  # the tenth is the last that is drawn at random
    [[mean, n_trials]] = numbers(r"^best mean over three folds: (\S+), (\d+) trials$", printed)
    assert mean > 0.8
    assert n_trials == 8


# -- What the page says without showing it ---------------------------------------------------------


def test_objects_as_choices_are_warned_of():
    trial = optuna.create_study().ask()
    with pytest.warns(UserWarning, match="persistent storage"):
        trial.suggest_categorical("init", [GlorotUniform(), "uniform"])


def test_a_name_stands_for_the_same_choices():
    study = optuna.create_study()
    study.ask().suggest_categorical("init", ["uniform", "normal"])
    with pytest.raises(ValueError, match="dynamic value space"):
        study.ask().suggest_categorical("init", ["uniform", "orthogonal"])


def test_a_trial_that_returns_nan_counts_as_failed():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study()
    study.optimize(lambda trial: float("nan"), n_trials=1)
    assert study.trials[0].state == optuna.trial.TrialState.FAIL


def test_two_processes_with_one_seed_draw_the_same_trials():
    def suggest(seed):
        sampler = optuna.samplers.TPESampler(seed=seed)
        return optuna.create_study(sampler=sampler).ask().suggest_float("rate", 0.0, 1.0)

    assert suggest(0) == suggest(0) != suggest(1)


WORKER = """
import optuna
from optuna.pruners import MedianPruner
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from sklearn.datasets import load_iris

from sk_xavier import XavierMLPClassifier

X, y = load_iris(return_X_y=True)


def objective(trial):
    rate = trial.suggest_float("rate", 1e-3, 1e-1, log=True)
    mlp = XavierMLPClassifier((5,), learning_rate_init=rate, random_state=0)
    for _ in range(12):
        score = mlp.partial_fit(X, y, classes=[0, 1, 2]).score(X, y)
        trial.report(score, mlp.n_iter_)
        if trial.should_prune():
            raise optuna.TrialPruned
    return score


"""


def test_several_processes_share_a_study(tmp_path):
    text = (CHAPTERS / f"{PAGE}.py").read_text("utf-8")
    [block] = re.findall(r"^# \.\. code-block:: python\n#\n((?:#    .*\n|#\n)+)", text, re.M)
    block = textwrap.dedent(re.sub("^#", "", block, flags=re.M))
    (tmp_path / "worker.py").write_text(WORKER + block, "utf-8")
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    workers = [
        subprocess.Popen([sys.executable, "worker.py"], cwd=tmp_path, env=environment)
        for _ in range(2)
    ]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(tmp_path / "study.log"))
    )
    study = optuna.load_study(study_name="digits", storage=storage)
    assert sorted(trial.number for trial in study.trials) == list(range(20))
    assert all(trial.state.is_finished() for trial in study.trials)
    assert len({trial.params["rate"] for trial in study.trials}) == 20
