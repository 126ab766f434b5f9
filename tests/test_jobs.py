"""Calls through joblib of which a worker is lost: real processes that are killed."""

import os
import pickle
import signal
from concurrent.futures import BrokenExecutor
from functools import partial

import numpy as np
import pandas as pd
import pytest
from joblib import delayed, parallel_backend
from sklearn.datasets import load_iris
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, TimeSeriesSplit

from sk_xavier import XavierMLPClassifier, compare_initializers
from sk_xavier._cross_validation import make_folds
from sk_xavier._jobs import run_jobs


def die(signs, cell):
    """The first calls with 3 end their process, one for each sign that is there."""
    for sign in signs:
        if cell == 3 and sign.exists():
            sign.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
    return 10 * cell


@pytest.fixture
def signs(tmp_path):
    def make(n):
        paths = [tmp_path / str(i) for i in range(n)]
        for path in paths:
            path.touch()
        return paths

    return make


def test_results_are_in_order_whatever_the_backend():
    for backend in ("sequential", "threading", "loky", "multiprocessing"):
        with parallel_backend(backend):  # joblib 1.2 has no parallel_config
            assert list(run_jobs(delayed(abs), [-3, 1, -2], n_jobs=2)) == [3, 1, 2]
    assert list(run_jobs(delayed(abs), [], n_jobs=2)) == []


def test_what_was_lost_with_a_worker_is_done_again(signs):
    work = delayed(partial(die, signs(1)))
    with pytest.warns(RuntimeWarning, match=r"of 6 runs have no result yet; .* Terminated") as told:
        assert list(run_jobs(work, range(6), n_jobs=2)) == [0, 10, 20, 30, 40, 50]
    assert [one.filename for one in told] == [__file__]


def test_what_kills_its_worker_each_time_ends_it(signs):
    work = delayed(partial(die, signs(9)))
    with (
        pytest.warns(RuntimeWarning, match="A worker was lost"),
        pytest.raises(BrokenExecutor, match="terminated"),
    ):
        list(run_jobs(work, [3, 4], n_jobs=2))


def fail(cell):
    raise OSError(f"no {cell}")


def test_other_errors_are_not_tried_again(tmp_path):
    with pytest.raises(OSError, match="no 1"):
        list(run_jobs(delayed(fail), [1], n_jobs=1))


class FatalStart:
    """Zeros; the first time, the end of the process."""

    def __init__(self, sign):
        self.sign = sign

    def __call__(self, shape, **more):
        die([self.sign], 3)
        return np.zeros(shape)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_comparison_survives_a_killed_process(signs):
    X, y = load_iris(return_X_y=True)
    mlp = XavierMLPClassifier((5,), max_iter=5)
    inits = {"auto": "auto", "fatal": FatalStart(*signs(1)), "normal": "normal"}
    settings = {"inits": inits, "cv": 3, "n_repeats": 1, "random_state": 0}
    with pytest.warns(RuntimeWarning, match="A worker was lost"):
        there = compare_initializers(mlp, X, y, n_jobs=2, **settings)
    here = compare_initializers(mlp, X, y, n_jobs=1, **settings)
    frames = [one.to_frame().drop(columns="fit_seconds") for one in (there, here)]
    pd.testing.assert_frame_equal(*frames, check_exact=True)


# -- What goes along with each call ----------------------------------------------------------------

N = 4_000
SPLITTERS = {
    "a number": 5,
    "KFold": KFold(5),
    "GroupKFold": list(GroupKFold(5).split(np.zeros(N), groups=np.arange(N) % 10)),
    "TimeSeriesSplit": TimeSeriesSplit(5),
    "ShuffleSplit": ShuffleSplit(5, random_state=0),
    "few rows": [([0], [N - 1]), ([N - 1, 3], [2, 1])],
    "rows twice": [([0, 1, 1, 2] * 500, [3, 4, 5])],
}


@pytest.mark.parametrize("cv", SPLITTERS.values(), ids=SPLITTERS)
def test_folds_travel_as_they_are(cv):
    X, y = np.zeros((N, 1)), np.arange(N) % 2
    for fold in make_folds(XavierMLPClassifier(), X, y, cv, 1, 0):
        copy = pickle.loads(pickle.dumps(fold))
        assert copy[:3] == fold[:3]
        for ours, theirs in zip(copy[3:], fold[3:], strict=True):
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype


def test_folds_of_all_rows_travel_as_bits():
    X, y = np.zeros((N, 1)), np.arange(N) % 2
    for cv in (5, KFold(5), SPLITTERS["GroupKFold"]):
        [fold, *_] = make_folds(XavierMLPClassifier(), X, y, cv, 1, 0)
        # A bit for each row in the training set and one in the test set, and names.
        assert len(pickle.dumps(fold)) < 2 * N / 8 + 1_000
