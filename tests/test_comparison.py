"""Comparisons of initializers."""

import contextlib
import math
import pickle
import sys
import threading
import warnings
from html.parser import HTMLParser

import joblib
import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, ShuffleSplit, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from verbose_lines import InterruptingStream, epoch_of

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.comparison import (
    FIVE_INITS,
    InitializerComparison,
    Run,
    compare_initializers,
    plan_comparison,
    run_comparison,
)
from sk_xavier.initializers import GlorotUniform, Normal


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def digits_comparison(digits):
    mlp = XavierMLPClassifier((16,), max_iter=20, learning_rate_init=0.01)
    return compare_initializers(mlp, *digits, random_state=0)


def classifier(**parameters):
    mlp = XavierMLPClassifier((6,), max_iter=10, learning_rate_init=0.05)
    return mlp.set_params(**parameters)


def pipeline(**parameters):
    return make_pipeline(StandardScaler(), classifier(**parameters))


def quick(estimator, X, y, **settings):
    settings = {"inits": ["uniform", "auto"], "cv": 2, "n_repeats": 1, "random_state": 0} | settings
    return compare_initializers(estimator, X, y, **settings)


def without_times(comparison):
    return [
        (r.label, r.repeat, r.fold, r.score, r.n_iter, r.loss_curve, r.converged, r.error)
        for r in comparison.runs
    ]


def made_up(scores_by_label, *, test_to_train=0.25, errors=()):
    """A comparison with these scores; NaN is a run that failed."""
    runs = [
        Run(
            init=f"init of {label}",
            label=label,
            repeat=i // 5,
            fold=i % 5,
            score=score,
            fit_seconds=1.0 + i,
            n_iter=None if math.isnan(score) else 10 * (i + 1),
            loss_curve=() if math.isnan(score) else (1.0, 0.5 + i),
            converged=i % 2 == 0,
            error="ValueError: it\n broke" if math.isnan(score) else None,
            n_train=100,
            n_test=int(100 * test_to_train),
        )
        for label, scores in scores_by_label.items()
        for i, score in enumerate(scores)
    ]
    labels = list(scores_by_label)
    return InitializerComparison(runs, [f"init of {one}" for one in labels], labels, "accuracy")


# --- runs


def test_runs_are_those_of_a_loop_by_hand(iris):
    X, y = iris
    comparison = quick(pipeline(), X, y, cv=3, n_repeats=2, random_state=5)
    assert comparison.inits == comparison.labels == ["uniform", "auto"]
    rng = np.random.RandomState(5)
    plan = []
    for repeat in range(2):
        cv = StratifiedKFold(3, shuffle=True, random_state=rng.randint(2**31 - 1))
        for fold, (train, test) in enumerate(cv.split(X, y)):
            plan.append((repeat, fold, train, test, rng.randint(2**31 - 1)))
    by_hand = []
    for init in ("uniform", "auto"):
        for repeat, fold, train, test, seed in plan:
            model = pipeline(init=init, random_state=int(seed))
            with pytest.warns(UserWarning, match="Maximum iterations"):
                model.fit(X[train], y[train])
            score, losses = model.score(X[test], y[test]), tuple(model[-1].loss_curve_)
            by_hand.append((init, repeat, fold, score, 10, losses, False, None))
    assert without_times(comparison) == by_hand
    assert {(run.n_train, run.n_test) for run in comparison.runs} == {(100, 50)}
    assert all(run.fit_seconds > 0 for run in comparison.runs)


def test_results_do_not_depend_on_jobs_or_backend(iris):
    settings = {"inits": None, "scoring": "neg_log_loss", "cv": 3}
    estimator = pipeline(max_iter=11, tol=0.05, n_iter_no_change=2)
    filters, show = warnings.filters[:], warnings.showwarning
    alone = quick(estimator, *iris, **settings)
    in_processes = quick(estimator, *iris, n_jobs=2, **settings)
    with joblib.parallel_config(backend="threading"):
        in_threads = quick(estimator, *iris, n_jobs=2, **settings)
    assert without_times(alone) == without_times(in_processes) == without_times(in_threads)
    assert {run.converged for run in alone.runs} == {True, False}
    assert (warnings.filters, warnings.showwarning) == (filters, show)


def test_each_initializer_gets_the_same_folds_and_seeds(iris):
    twice = {"inits": ["normal", "normal"], "n_repeats": 2, "random_state": None}
    for cv in (3, ShuffleSplit(3, test_size=0.3), KFold(3, shuffle=True)):
        first, second = np.split(
            np.array(without_times(quick(pipeline(), *iris, cv=cv, **twice)), dtype=object)[:, 3:6],
            2,
        )
        np.testing.assert_array_equal(first, second)
        assert len({losses for *_, losses in first}) == 6, "other folds and seeds in each run"


def test_a_splitter_or_pairs_of_rows_are_taken_as_they_are(iris):
    _, y = iris
    rows = np.arange(150)
    halves = [
        (rows[:100] + 50, range(50)),
        (np.repeat([True, False], [100, 50]), tuple(range(-50, 0))),
    ]
    seen = []

    def remember(X):
        seen.append(X[:, 0])
        return X

    model = make_pipeline(FunctionTransformer(remember), classifier())
    comparison = quick(model, rows[:, np.newaxis], y, cv=iter(halves), n_repeats=2, inits=["auto"])
    assert [(run.repeat, run.fold) for run in comparison.runs] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    expected = [rows[50:], rows[:50], rows[:100], rows[100:]] * 2
    assert len(seen) == len(expected)
    for a, b in zip(seen, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_folds_are_stratified_for_classes_only(digits):
    def share_of_first_class(estimator, X, y):
        return np.mean(y == 0)

    X, _ = digits
    y = np.repeat([0, 1], [30, 270])
    classes = quick(classifier(), X, y, scoring=share_of_first_class, inits=["auto"])
    assert {run.score for run in classes.runs} == {0.1}
    numbers = quick(
        XavierMLPRegressor((2,), max_iter=1), X, y, scoring=share_of_first_class, inits=["auto"]
    )
    assert {run.score for run in numbers.runs} != {0.1}
    labels = np.column_stack([y, 1 - y])
    assert quick(classifier(), X, labels).runs[0].error is None


def test_the_estimator_and_its_other_seeds_stay_as_they_are(iris):
    seen = []

    class Noise(FunctionTransformer):
        def __init__(self, random_state=None):
            super().__init__()
            self.random_state = random_state

        def fit(self, X, y=None):
            seen.append(self.random_state)
            return super().fit(X, y)

    model = make_pipeline(Noise(random_state=7), classifier(random_state=1, init="orthogonal"))
    before = repr(model.get_params())
    quick(model, *iris)
    assert seen == [7, 7, 7, 7]
    assert repr(model.get_params()) == before
    assert not hasattr(model[-1], "coefs_")


def test_scores_have_names(iris):
    X, y = iris

    def first(estimator, X, y):
        return estimator.predict_proba(X)[0, 0]

    def of(scoring, estimator=None):
        comparison = quick(pipeline() if estimator is None else estimator, X, y, scoring=scoring)
        return comparison.scoring, [run.score for run in comparison.runs]

    assert of(None) == ("accuracy", of("accuracy")[1])
    name, losses = of("neg_log_loss")
    assert name == "neg_log_loss"
    assert max(losses) < 0
    assert of(first)[0] == "first"
    assert of(make_scorer(f1_score, average="macro"))[0].startswith("make_scorer(f1_score")
    search = GridSearchCV(classifier(), {"alpha": [1e-4]}, cv=2, scoring="neg_log_loss")
    name, losses = of(None, search)
    assert name == "neg_log_loss"
    assert max(losses) < 0
    assert quick(XavierMLPRegressor((2,), max_iter=1), X, y).scoring == "R²"
    name, by_hand = of(lambda model, X, y: -log_loss(y, model.predict_proba(X)))
    assert name == "<lambda>"
    assert by_hand == of("neg_log_loss")[1]


# --- what may be given


def test_labels_are_short_and_unique(iris):
    def start(shape, *, fan_in, fan_out, random_state, dtype):
        return random_state.normal(size=shape).astype(dtype)

    rng = np.random.RandomState(0)
    matrices = [rng.normal(size=(4, 6)), rng.normal(size=(6, 3))]
    others = [matrices[0] + 1.0, matrices[1].tolist()]
    inits = [start, matrices, others, matrices, Normal(std=0.5), ["normal", GlorotUniform()]]
    comparison = quick(pipeline(), *iris, inits=inits, n_jobs=2)
    assert comparison.labels[0] == "start"
    assert comparison.labels[1] == "[array of shape (4, 6), array of shape (6, 3)]"
    assert comparison.labels[3:] == [
        "[array of shape (4, 6), array of shape (6, 3)] (2)",
        "Normal(std=0.5)",
        "[normal, GlorotUniform()]",
    ]
    assert max(map(len, comparison.labels)) <= 60
    assert [run.error for run in comparison.runs] == [None] * 12
    assert all(run.init is init for run, init in zip(comparison.runs[::2], inits, strict=True))
    curves = {run.label: run.loss_curve for run in comparison.runs}
    assert len(set(curves.values())) == 5, "the same matrices twice"


def test_a_dict_has_the_labels(iris):
    comparison = quick(pipeline(), *iris, inits={"small": Normal(std=0.01), 2: "normal"})
    assert comparison.labels == ["small", "2"]
    assert repr(comparison.inits) == "[Normal(std=0.01), 'normal']"
    assert (
        comparison.best_init_ is comparison.inits[comparison.labels.index(comparison.best_label_)]
    )


def test_the_five_are_the_default(iris):
    assert quick(classifier(max_iter=1), *iris, inits=None).labels == list(FIVE_INITS)


def test_a_table_with_text_and_gaps(iris):
    pd = pytest.importorskip("pandas")
    X, y = iris
    frame = pd.DataFrame(X.copy(), columns=["a", "b", "c", "d"])
    frame["colour"] = np.where(X[:, 0] > 5.8, "red", "blue")
    species = pd.Series(np.array(["setosa", "versicolor", "virginica"])[y], index=frame.index[::-1])
    columns = make_column_transformer(
        (OneHotEncoder(), ["colour"]), (StandardScaler(), ["a", "b", "c", "d"])
    )
    model = make_pipeline(columns, classifier())
    comparison = quick(model, frame, species, n_jobs=2)
    assert min(run.score for run in comparison.runs) > 0.6
    assert without_times(comparison) == without_times(quick(model, frame, list(species)))
    frame.loc[3, "a"] = np.nan
    gap = quick(model, frame, species)
    assert all("NaN" in run.error for run in gap.runs if run.n_iter is None)
    assert sum(run.error is not None for run in gap.runs) == 4


@pytest.mark.parametrize("form", [csr_array, np.ndarray.tolist, np.asfortranarray])
def test_forms_of_samples(form, iris):
    X, y = iris
    expected = [run.score for run in quick(classifier(), X, y).runs]
    assert [run.score for run in quick(classifier(), form(X), y).runs] == pytest.approx(expected)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: GridSearchCV(model, {"xavier__alpha": [1e-4, 1.0]}, cv=2),
        lambda model: CalibratedClassifierCV(model, cv=2),
        lambda model: make_pipeline(StandardScaler(), model),
    ],
    ids=["search", "calibration", "pipeline"],
)
def test_a_network_inside_others_is_found(wrap, iris):
    model = make_pipeline(StandardScaler(), classifier(max_iter=7))
    model.steps[-1] = ("xavier", model[-1])
    comparison = quick(wrap(model), *iris, inits=["constant", "auto"])
    assert [run.error for run in comparison.runs] == [None] * 4
    assert {run.n_iter for run in comparison.runs} == {7}
    assert {len(run.loss_curve) for run in comparison.runs} == {7}
    assert not any(run.converged for run in comparison.runs)
    curves = {run.loss_curve for run in comparison.runs}
    assert len(curves) == 4


def test_a_regressor_of_transformed_targets():
    X, y = load_diabetes(return_X_y=True)
    mlp = XavierMLPRegressor((10,), solver="lbfgs", alpha=10.0, max_iter=30)
    model = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), mlp), func=np.log, inverse_func=np.exp
    )
    comparison = quick(model, X, y, inits=["auto"], cv=5)
    assert comparison.scoring == "R²"
    assert 0.3 < comparison.summary()[0].mean < 0.6
    assert 0 < comparison.runs[0].n_iter <= 30


class Hiding(ClassifierMixin, BaseEstimator):
    """Keeps of its network what it predicts with, and nothing that shows it."""

    def __init__(self, inner=None):
        self.inner = inner

    def fit(self, X, y):
        fitted = clone(self.inner).fit(X, y)
        self.classes_, self.predict = fitted.classes_, fitted.predict
        return self


def test_a_network_that_is_not_found_leaves_no_history(iris):
    comparison = quick(Hiding(classifier()), *iris)
    assert {(run.n_iter, run.loss_curve, run.error) for run in comparison.runs} == {
        (None, (), None)
    }
    assert comparison.summary()[0].mean > 0.4
    assert all(math.isnan(one.n_iter) and math.isnan(one.loss) for one in comparison.summary())
    assert "Hiding" not in str(comparison)


def test_a_search_over_init_inside_is_told(iris):
    search = GridSearchCV(classifier(), {"init": ["normal"]}, cv=2)
    comparison = quick(search, *iris, inits=["normal", "auto"])
    assert [run.error is None for run in comparison.runs] == [True, True, False, False]
    assert "init='normal' instead of 'auto'" in comparison.runs[2].error


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inits": []}, r"inits must be a sequence .* Got \[\].*'constant', 'glorot_normal'"),
        ({"inits": "uniform"}, r"inits must be a sequence .*\['uniform', 'auto'\].* Got 'uniform'"),
        ({"inits": GlorotUniform()}, r"inits must be a sequence .* Got GlorotUniform\(\)"),
        ({"inits": 3}, r"inits must be a sequence .* Got 3"),
        ({"inits": ["auto", "glorot"]}, r"^inits .*among .*'auto', 'constant'.* Got 'glorot'"),
        ({"inits": ["auto", ["auto", "glorot"]]}, r"^inits .* Got 'glorot'"),
        ({"inits": [GlorotUniform]}, r"^inits .*GlorotUniform is a class; write GlorotUniform\(\)"),
        ({"inits": [Normal(std=-1.0)]}, r"^inits .*'std' parameter of Normal"),
        ({"inits": {"a": 0.1}}, r"^inits has an unusable value, a: .* Got 0.1"),
        ({"inits": np.eye(3)}, r"^inits .* Got an array of shape \(3,\)"),
        ({"n_repeats": 0}, r"n_repeats must be an int of at least 1. Got 0"),
        ({"n_repeats": True}, r"n_repeats must be an int of at least 1. Got True"),
        ({"n_repeats": 1.5}, r"n_repeats must be an int of at least 1. Got 1.5"),
        ({"cv": 1}, r"n_splits=2 or more"),
        ({"cv": 51}, r"n_splits=51 cannot be greater"),
        ({"cv": "five"}, r"cv\W? as an integer"),
        ({"cv": []}, r"cv must give folds with samples"),
        ({"cv": [([0, 50, 100], [])]}, r"cv must give folds with samples"),
        ({"scoring": "acuracy"}, r"scoring must be None, .* accuracy, .* Got 'acuracy'"),
        ({"scoring": ["accuracy"]}, r"scoring must be None, .* Got \['accuracy'\]"),
        ({"scoring": accuracy_score}, r"metric function rather than a scorer"),
    ],
)
def test_bad_settings_fail_before_any_training(change, message, iris):
    class Untrainable(XavierMLPClassifier):
        def fit(self, X, y):
            raise KeyboardInterrupt

    with pytest.raises(ValueError, match=message):
        quick(Untrainable(), *iris, **change)


class Scoreless(BaseEstimator):
    def __init__(self, inner=None):
        self.inner = inner

    def fit(self, X, y):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (
            LogisticRegression(),
            r"exactly one XavierMLPClassifier .* Got LogisticRegression\(\) with 0",
        ),
        (XavierMLPClassifier, "exactly one .* with 0"),
        (None, "exactly one .* Got None with 0"),
        (
            VotingClassifier([("a", XavierMLPClassifier()), ("b", XavierMLPClassifier())]),
            "exactly one .* with 2, at a, b",
        ),
        (Scoreless(XavierMLPClassifier()), "Scoreless has no method score; give scoring"),
    ],
)
def test_estimators_without_one_network_are_refused(estimator, message, iris):
    with pytest.raises(ValueError, match=message):
        quick(estimator, *iris)


def test_samples_and_targets_must_match(iris):
    X, y = iris
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        quick(classifier(), X, y[1:])


# --- failures, warnings, interruptions


def test_a_run_that_diverges_is_reported_and_ends_no_other(iris):
    inits = [Normal(std=1e200), "glorot_uniform"]
    comparison = quick(pipeline(activation="identity"), *iris, inits=inits, n_jobs=2)
    failed, good = comparison.runs[:2], comparison.runs[2:]
    for run in failed:
        assert run.error.startswith("ValueError: Training diverged")
        assert math.isnan(run.score)
        assert (run.n_iter, run.loss_curve, run.converged) == (None, (), False)
    assert min(run.score for run in good) > 0.7
    assert comparison.best_init_ == "glorot_uniform"
    best, last = comparison.summary()
    assert (best.n_failed, last.n_failed, last.difference) == (0, 2, "failed")
    assert "Normal(std=1e+200) failed: ValueError: Training diverged" in str(comparison)


def test_scores_that_are_no_numbers_fail(iris):
    comparison = quick(pipeline(), *iris, scoring=lambda *_: np.inf)
    assert {run.error for run in comparison.runs} == {"the score is inf, not a finite number"}
    assert all(math.isnan(run.score) for run in comparison.runs)
    assert {run.n_iter for run in comparison.runs} == {10}, "the fits went well"
    comparison = quick(pipeline(), *iris, scoring=lambda *_: "high")
    assert "could not convert" in comparison.runs[0].error


def test_nothing_is_best_where_all_failed(iris):
    X, y = iris
    X = X.copy()
    X[::2, 0] = np.nan
    comparison = quick(pipeline(), X, y)
    with pytest.raises(
        AttributeError, match=r"no best initializer.*ValueError: Input X contains NaN"
    ):
        _ = comparison.best_init_
    assert not hasattr(comparison, "best_label_")
    assert [one.difference for one in comparison.summary()] == ["failed", "failed"]
    assert "Input X contains NaN" in str(comparison)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_warnings_other_than_of_convergence_are_shown_once(n_jobs, iris):
    class OddWarning(UserWarning):
        def __init__(self, *, text):
            super().__init__(text)

    def warn(X):
        warnings.warn("unusual samples", RuntimeWarning, stacklevel=1)
        warnings.warn(OddWarning(text="odd samples"), stacklevel=1)
        return X

    model = make_pipeline(FunctionTransformer(warn), classifier())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        comparison = quick(model, *iris, n_jobs=n_jobs)
    assert [(w.category, str(w.message)) for w in caught] == [
        (RuntimeWarning, "unusual samples"),
        (UserWarning, "OddWarning: odd samples"),
    ]
    assert {w.filename for w in caught} == {__file__}
    assert not any(run.converged for run in comparison.runs)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        failed = quick(model, *iris, n_jobs=n_jobs)
    assert {run.error for run in failed.runs} == {"RuntimeWarning: unusual samples"}


def test_warnings_of_threads_that_a_fit_starts_are_shown(iris):
    def warn_elsewhere(X):
        def warn():
            warnings.warn("from elsewhere", RuntimeWarning, stacklevel=1)

        thread = threading.Thread(target=warn)
        thread.start()
        thread.join()
        return X

    model = make_pipeline(FunctionTransformer(warn_elsewhere), classifier())
    with pytest.warns(RuntimeWarning, match="from elsewhere"):
        comparison = quick(model, *iris)
    assert [run.error for run in comparison.runs] == [None] * 4


@pytest.mark.parametrize("searched", [False, True])
def test_ctrl_c_ends_the_comparison(searched, iris):
    model = classifier(verbose=True)
    if searched:  # which would take a fit that raises an Exception for one that failed
        model = GridSearchCV(model, {"alpha": [1e-4, 1e-3]}, cv=2, error_score=0.0)
    filters, show = warnings.filters[:], warnings.showwarning
    stream = InterruptingStream(3)
    with contextlib.redirect_stdout(stream), pytest.raises(KeyboardInterrupt):
        quick(model, *iris)
    assert [epoch_of(line) for line in stream.getvalue().splitlines()].count(1) == 1
    assert (warnings.filters, warnings.showwarning) == (filters, show)


# --- progress


def test_progress_is_told_in_order(iris):
    told = []
    options = {"inits": None, "cv": 2, "n_repeats": 1, "scoring": None, "random_state": 0}
    plan = plan_comparison(pipeline(), *iris, **options)
    comparison = run_comparison(plan, progress=lambda *now: told.append(now))
    assert [run for run, _, _ in told] == comparison.runs
    assert [(done, total) for _, done, total in told] == [(i + 1, 10) for i in range(10)]


def test_verbose_prints_lines(iris, capsys):
    inits = {"auto": "auto", "huge": Normal(std=1e200)}
    comparison = quick(pipeline(), *iris, inits=inits)
    assert capsys.readouterr() == ("", "")
    mean = np.mean([run.score for run in comparison.runs[:2]])
    quick(pipeline(), *iris, inits=inits, verbose=1)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"auto: mean accuracy {mean:.3f} (")
    assert second.startswith("huge: 2 of 2 runs failed (")
    quick(pipeline(), *iris, inits=inits, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"1/4 auto: accuracy {comparison.runs[0].score:.3f} (")
    assert lines[3].startswith("4/4 huge: ValueError: Training diverged")


def test_verbose_is_looked_at_before_the_first_fit(iris):
    def fail(*_):
        raise AssertionError

    for verbose in ("yes", None, 1.5, -1):
        with pytest.raises(ValueError, match=f"verbose must be .* got {verbose!r}"):
            quick(pipeline(), *iris, scoring=fail, verbose=verbose)


# --- the summary


def test_digits_tell_constant_from_xavier_but_not_xaviers_two(digits_comparison):
    by_label = {one.label: one for one in digits_comparison.summary()}
    assert digits_comparison.summary()[-1].label == "constant"
    best = digits_comparison.best_label_
    assert best != "constant"
    assert by_label[best].difference == "best"
    assert by_label["constant"].difference == "significant"
    assert by_label["constant"].p_value < 0.001


def test_xaviers_two_are_alike_and_constant_is_not(digits):
    mlp = XavierMLPClassifier((16,), max_iter=20, learning_rate_init=0.01)
    inits = ["constant", "glorot_uniform", "glorot_normal"]
    first, second, last = compare_initializers(mlp, *digits, inits=inits, random_state=1).summary()
    assert {first.label, second.label} == {"glorot_uniform", "glorot_normal"}
    assert second.difference == "no significant difference"
    assert (last.label, last.difference) == ("constant", "significant")
    assert first.low <= first.mean <= first.high
    assert last.high < second.low


def test_the_summary_beside_scipy():
    rng = np.random.RandomState(0)
    scores = {
        label: rng.normal(mean, 0.02, 15)
        for label, mean in zip("abc", [0.8, 0.86, 0.9], strict=True)
    }
    c, b, a = made_up(scores).summary()
    assert [one.label for one in (c, b, a)] == ["c", "b", "a"]
    assert [one.init for one in (c, b, a)] == ["init of c", "init of b", "init of a"]
    p = {}
    for label in "ab":
        t = stats.ttest_rel(scores["c"], scores[label]).statistic / math.sqrt(1 + 15 * 0.25)
        p[label] = 2 * stats.t(14).sf(abs(t))
    assert p["a"] < p["b"]
    assert a.p_value == pytest.approx(2 * p["a"])
    assert b.p_value == pytest.approx(max(p["b"], 2 * p["a"]))
    assert c.p_value is None
    for one in (a, b, c):
        own = scores[one.label]
        assert (one.mean, one.std) == pytest.approx((np.mean(own), np.std(own, ddof=1)))
        reach = stats.t(14).ppf(0.975) * math.sqrt((1 / 15 + 0.25) * np.var(own, ddof=1))
        assert (one.low, one.high) == pytest.approx((one.mean - reach, one.mean + reach))
        assert (one.n_runs, one.n_failed, one.n_converged) == (15, 0, 8)
        assert (one.n_iter, one.loss, one.fit_seconds) == pytest.approx((80.0, 7.5, 8.0))


def test_runs_that_fail_cost_the_rank():
    nan = math.nan
    scores = {
        "dead": [nan] * 4,
        "gaps": [0.99, 0.98, 0.99, nan],
        "poor": [0.5, 0.51, 0.52, 0.5],
        "good": [0.8, 0.81, 0.8, 0.82],
        "one": [nan, nan, nan, 1.0],
    }
    comparison = made_up(scores)
    summary = comparison.summary()
    assert [one.label for one in summary] == ["good", "poor", "one", "gaps", "dead"]
    assert [one.rank for one in summary] == [1, 2, 3, 4, 5]
    assert [one.n_failed for one in summary] == [0, 0, 3, 1, 4]
    assert [one.difference for one in summary] == [
        "best",
        "significant",
        "cannot be told",
        "significantly better, but runs failed",
        "failed",
    ]
    assert comparison.best_init_ == "init of good"
    _, poor, one, gaps, dead = summary
    # Differences on the three common folds only, with two degrees of freedom.
    t = stats.ttest_rel(scores["good"][:3], scores["gaps"][:3]).statistic / math.sqrt(1 + 3 * 0.25)
    smaller = stats.ttest_rel(scores["good"], scores["poor"]).statistic / math.sqrt(1 + 4 * 0.25)
    p, q = 2 * stats.t(2).sf(abs(t)), 2 * stats.t(3).sf(abs(smaller))
    expected = (2 * p, max(2 * p, q)) if p < q else (max(2 * q, p), 2 * q)
    assert (gaps.p_value, poor.p_value) == pytest.approx(expected)
    assert gaps.mean == pytest.approx(np.mean(scores["gaps"][:3]))
    for missing in (one.p_value, one.low, one.std, dead.p_value, dead.mean, dead.fit_seconds):
        assert math.isnan(missing)


def test_two_equal_differences_of_few_samples_are_not_significant():
    X, y = load_iris(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    mlp = XavierMLPClassifier((8,), max_iter=30, learning_rate_init=0.02)
    for seed in range(4):
        comparison = compare_initializers(
            mlp, X[2::3], y[2::3], inits=["uniform", "normal"], cv=2, n_repeats=1, random_state=seed
        )
        assert comparison.summary()[1].difference in ("cannot be told", "no significant difference")


def test_ensembles_are_reproduced():
    X, y = load_iris(return_X_y=True)
    ensemble = BaggingClassifier(XavierMLPClassifier((5,), max_iter=3), 2)
    one, other = (
        compare_initializers(
            ensemble, X, y, inits=["constant", "auto"], cv=3, n_repeats=1, random_state=0
        )
        for _ in range(2)
    )
    assert [run.score for run in one.runs] == [run.score for run in other.runs]


def test_the_score_of_a_search_in_a_pipeline_is_named():
    X, y = load_iris(return_X_y=True)
    mlp = XavierMLPClassifier((3,), max_iter=2)
    for scoring, refit, name in (
        ("neg_log_loss", True, "neg_log_loss"),
        ({"a": "accuracy"}, "a", "score"),
    ):
        search = GridSearchCV(mlp, {"alpha": [0.1]}, cv=2, scoring=scoring, refit=refit)
        pipeline = make_pipeline(StandardScaler(), search)
        comparison = compare_initializers(pipeline, X, y, inits=["auto"], cv=2, n_repeats=1)
        assert comparison.scoring == name


@pytest.mark.parametrize(("X", "y", "name"), [(None, [0, 1], "X"), ([[0.0], [1.0]], None, "y")])
def test_missing_data_are_refused(X, y, name):
    with pytest.raises(ValueError, match=f"^{name} must hold"):
        compare_initializers(XavierMLPClassifier(), X, y)


def test_groups_are_passed_as_folds():
    X, y = load_iris(return_X_y=True)
    mlp, groups = XavierMLPClassifier((3,), max_iter=2), np.arange(150) % 3
    with pytest.raises(ValueError, match=r"list\(cv.split\(X, y, groups\)\)"):
        compare_initializers(mlp, X, y, cv=GroupKFold(3))
    folds = list(GroupKFold(3).split(X, y, groups))
    assert len(compare_initializers(mlp, X, y, inits=["auto"], cv=folds, n_repeats=1).runs) == 3


def test_degenerate_differences():
    same = made_up({"a": [0.5, 0.7, 0.6], "b": [0.5, 0.7, 0.6], "c": [0.25, 0.45, 0.35]})
    a, b, c = same.summary()
    assert (a.label, b.label) == ("a", "b"), "the order given decides between equals"
    assert (b.p_value, b.difference) == (1.0, "no significant difference")
    assert c.difference == "cannot be told", "three equal differences say nothing of variance"
    single = made_up({"a": [0.5], "b": [0.6]}).summary()
    assert [one.difference for one in single] == ["best", "cannot be told"]


# --- how it shows


class Cells(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.rows, self.text = set(), [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open[-1:] in (["td"], ["th"]):
            self.rows[-1][-1] += data


def test_it_prints_as_a_table(digits_comparison):
    lines = str(digits_comparison).splitlines()
    assert lines[0] == "5 initializers, each in 3 x 5 folds"
    assert lines[1].split("  ")[0] == "initializer"
    assert [line.split()[0] for line in lines[2:7]] == [
        one.label for one in digits_comparison.summary()
    ]
    assert f"{digits_comparison.summary()[0].mean:.3f}" in lines[2]
    assert "best" in lines[2]
    assert "< 0.001" in lines[6]
    assert "Nadeau and Bengio" in lines[7]
    assert lines[8] == "no run converged; a larger max_iter may help"
    assert repr(digits_comparison) == str(digits_comparison.summary())


def test_notes_of_convergence_and_failures():
    text = str(made_up({"a": [0.5, 0.6, math.nan], "<script>": [0.4, 0.3, 0.35]}))
    assert "runs that did not converge: <script> 1 of 3, a 1 of 2" in text
    assert text.splitlines()[-1] == "a failed: ValueError: it broke"
    assert "p:" not in str(made_up({"a": [0.5, 0.6]}))


def test_html_is_a_plain_escaped_table():
    comparison = made_up({"<script>alert()</script>": [0.5, 0.6], "b": [math.nan, 0.2]})
    page = Cells(comparison._repr_html_())
    assert page.open == []
    assert page.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "p", "br"}
    assert [row[0] for row in page.rows] == ["initializer", "<script>alert()</script>", "b"]
    assert "ValueError: it broke" in page.text
    assert comparison.summary()._repr_html_() == comparison._repr_html_()


def test_small_and_large_scores_keep_their_digits():
    text = str(made_up({"a": [-12345.678, -12346.0], "b": [-99999.0, -1e5]}))
    assert "-1.235e+04" in text
    assert "0.0001234" in str(made_up({"a": [0.00012344, 0.00012344]}))


def test_frames(digits_comparison):
    pytest.importorskip("pandas")
    frame = digits_comparison.to_frame()
    assert len(frame) == 75
    assert list(frame.columns) == [
        *("label", "repeat", "fold", "score", "fit_seconds", "n_iter", "loss", "converged"),
        *("error", "n_train", "n_test"),
    ]
    means = frame.groupby("label")["score"].mean()
    summary = digits_comparison.summary().to_frame()
    assert list(summary["rank"]) == [1, 2, 3, 4, 5]
    for label, mean in zip(summary["label"], summary["mean"], strict=True):
        assert means[label] == pytest.approx(mean)
    assert frame["loss"][0] == digits_comparison.runs[0].loss_curve[-1]
    assert list(frame["n_iter"].unique()) == [20]


def test_frames_need_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for table in (made_up({"a": [0.5]}), made_up({"a": [0.5]}).summary()):
        with pytest.raises(ImportError, match="pip install pandas"):
            table.to_frame()


def test_summaries_are_sequences():
    summary = made_up({"a": [0.5, 0.6], "b": [0.9, 0.8]}).summary()
    assert len(summary) == 2
    assert [one.label for one in summary[:1]] == ["b"]
    assert summary[-1] in summary


def test_results_pickle(digits_comparison):
    again = pickle.loads(pickle.dumps(digits_comparison))
    assert again.runs == digits_comparison.runs
    assert str(pickle.loads(pickle.dumps(again.summary()))) == str(digits_comparison)
