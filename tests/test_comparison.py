"""Comparisons of initializers."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.comparison import FIVE_INITS, Run, run_comparison, summarize
from sk_xavier.initializers import Normal


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


def pipeline(**parameters):
    mlp = XavierMLPClassifier((8,), max_iter=40, learning_rate_init=0.02).set_params(**parameters)
    return make_pipeline(StandardScaler(), mlp)


def without_time(runs):
    return [(r.init, r.repeat, r.fold, r.score, r.loss, r.n_iter, r.error) for r in runs]


def test_runs_are_those_of_a_loop_by_hand(iris):
    X, y = iris
    runs = run_comparison(
        pipeline(), X, y, inits=["uniform", "auto"], cv=3, n_repeats=2, random_state=5
    )
    assert [(r.init, r.repeat, r.fold) for r in runs] == [
        (init, repeat, fold)
        for init in ("uniform", "auto")
        for repeat in range(2)
        for fold in range(3)
    ]
    seeds = np.random.RandomState(5).randint(2**31 - 1, size=(2, 2))
    by_hand = []
    for init in ("uniform", "auto"):
        for fold_seed, fit_seed in seeds:
            folds = StratifiedKFold(3, shuffle=True, random_state=fold_seed).split(X, y)
            for train, test in folds:
                model = pipeline(init=init, random_state=fit_seed)
                with pytest.warns(UserWarning, match="Maximum iterations"):
                    model.fit(X[train], y[train])
                by_hand.append((model.score(X[test], y[test]), model[-1].loss_, model[-1].n_iter_))
    assert [(r.score, r.loss, r.n_iter) for r in runs] == by_hand


def test_results_do_not_depend_on_the_number_of_jobs(iris):
    alone, parallel = (
        run_comparison(pipeline(), *iris, cv=2, n_repeats=1, n_jobs=n_jobs, random_state=0)
        for n_jobs in (1, 2)
    )
    assert without_time(alone) == without_time(parallel)
    assert all(run.seconds > 0 for run in parallel)


def test_progress_is_told_in_order(iris):
    told = []
    runs = run_comparison(
        pipeline(),
        *iris,
        cv=2,
        n_repeats=1,
        random_state=0,
        progress=lambda run, done, total: told.append((run, done, total)),
    )
    assert [run for run, _, _ in told] == runs
    assert [(done, total) for _, done, total in told] == [(i + 1, 10) for i in range(10)]


def test_constant_is_worst(digits):
    runs = run_comparison(pipeline(), *digits, cv=3, n_repeats=1, random_state=0)
    score = {summary.init: summary.score_mean for summary in summarize(runs)}
    assert list(score) == list(FIVE_INITS)
    assert min(score, key=score.get) == "constant"


def test_a_fit_that_fails_is_reported_and_ends_no_other(iris):
    inits = [Normal(std=1e200), "glorot_uniform"]
    runs = run_comparison(
        pipeline(activation="identity"), *iris, inits=inits, cv=2, n_repeats=1, random_state=0
    )
    failed, good = summarize(runs)
    assert (failed.n_failed, failed.n_runs) == (2, 2)
    assert np.isnan(failed.score_mean)
    assert all("Training diverged" in run.error for run in runs[:2])
    assert good.n_failed == 0
    assert good.score_mean > 0.7


def test_regressors_are_scored_by_r2():
    X, y = load_diabetes(return_X_y=True)
    mlp = XavierMLPRegressor((10,), solver="lbfgs", alpha=10.0, max_iter=30)
    runs = run_comparison(
        make_pipeline(StandardScaler(), mlp), X, y, inits=["auto"], n_repeats=1, random_state=0
    )
    assert 0.3 < summarize(runs)[0].score_mean < 0.6


def test_the_bare_estimator_will_do(iris):
    runs = run_comparison(pipeline()[-1], *iris, inits=["auto"], cv=2, n_repeats=1, random_state=0)
    assert [run.error for run in runs] == [None, None]


def test_an_estimator_without_ours_is_refused(iris):
    with pytest.raises(ValueError, match="exactly one XavierMLPClassifier"):
        run_comparison(make_pipeline(StandardScaler(), LogisticRegression()), *iris)


def test_summaries_are_means_over_runs():
    runs = [
        Run("a", 0, 0, 0.5, 1.0, 10, 0.1),
        Run("b", 0, 0, 0.9, 1.0, 10, 0.1, position=1),
        Run("a", 0, 1, 0.7, 3.0, 30, 0.3),
        Run("a", 1, 0, np.nan, np.nan, 0, 0.3, error="no"),
    ]
    a, b = summarize(runs)
    assert (a.init, a.n_runs, a.n_failed) == ("a", 3, 1)
    assert (a.score_mean, a.score_std) == pytest.approx((0.6, 0.1))
    assert (a.loss, a.n_iter, a.seconds) == pytest.approx((2.0, 20.0, 0.2))
    assert (b.init, b.score_mean, b.score_std) == ("b", 0.9, 0.0)


def test_callables_and_arrays_are_told_apart(iris):
    def start(shape, *, fan_in, fan_out, random_state, dtype):
        return random_state.normal(size=shape).astype(dtype)

    rng = np.random.RandomState(0)
    matrices = [rng.normal(size=(4, 8)), rng.normal(size=(8, 3))]
    others = [matrices[0].copy(), matrices[1]]
    others[0][2, 3] += 1.0
    runs = run_comparison(
        pipeline(), *iris, inits=[start, matrices, others], cv=2, n_repeats=1, n_jobs=2
    )
    assert [summary.n_runs for summary in summarize(runs)] == [2, 2, 2]
