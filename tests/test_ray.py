"""Searches and comparisons on Ray, started on this machine."""

import os
import signal

import pandas as pd
import pytest
from joblib import Parallel, delayed, parallel_config
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from sk_xavier import XavierMLPClassifier, compare_initializers

ray = pytest.importorskip("ray")

pytestmark = [
    pytest.mark.ray,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

MLP = XavierMLPClassifier((8,), max_iter=5, random_state=0)
GRID = {"init": ["glorot_uniform", "uniform"], "learning_rate_init": [0.001, 0.01]}


@pytest.fixture(scope="module", autouse=True)
def on_ray(without_ray_afterwards):
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=80 * 2**20,  # the least that it takes
    )


@pytest.fixture(scope="module")
def samples():
    X, y = load_digits(return_X_y=True)
    return X[:300] / 16, y[:300]


def test_jobs_must_be_asked_for():
    with parallel_config("ray"):
        here, there = (
            set(Parallel(n_jobs)(delayed(os.getpid)() for _ in range(4))) for n_jobs in (None, 2)
        )
    assert here == {os.getpid()}
    assert os.getpid() not in there


def test_a_search_gives_the_local_results(samples):
    search = GridSearchCV(MLP, GRID, cv=3, n_jobs=2)
    here = search.fit(*samples).cv_results_
    with parallel_config("ray"):
        there = search.fit(*samples).cv_results_
    names = [name for name in here if "score" in name and "time" not in name]
    pd.testing.assert_frame_equal(
        pd.DataFrame(there)[names], pd.DataFrame(here)[names], check_exact=True
    )


def test_a_comparison_gives_the_local_results(samples, capsys):
    # Ray's backend gives no results one by one; lines of progress come in the end.
    settings = {"inits": ["auto", "normal"], "cv": 3, "n_repeats": 1, "random_state": 0}
    here = compare_initializers(MLP, *samples, **settings)
    with parallel_config("ray"):
        there = compare_initializers(MLP, *samples, n_jobs=2, verbose=1, **settings)
    frames = [one.to_frame().drop(columns="fit_seconds") for one in (there, here)]
    pd.testing.assert_frame_equal(*frames, check_exact=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["auto", "normal"]


def test_a_lost_worker_ends_it_with_one_error(samples):
    def die(shape, **more):
        os.kill(os.getpid(), signal.SIGKILL)

    with (
        parallel_config("ray"),
        pytest.raises(ray.exceptions.ActorDiedError, match="died unexpectedly"),
    ):
        compare_initializers(MLP, *samples, inits=["auto", die], cv=3, n_repeats=1, n_jobs=2)
