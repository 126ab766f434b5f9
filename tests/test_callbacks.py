"""scikit-learn's callbacks: when they are called, what they see, and that they can stop a fit."""

import contextlib
import copy
import io
import pickle
import signal
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, get_scorer, log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

try:
    from sklearn.callback import ProgressBar, ScoringMonitor
except ImportError:
    ProgressBar = ScoringMonitor = None
needs_callbacks = pytest.mark.skipif(ScoringMonitor is None, reason="scikit-learn before 1.9")

STOCHASTIC = ["sgd", "adam", "adamw", "rmsprop"]
SOLVERS = [*STOCHASTIC, "lbfgs"]


def make(cls=XavierMLPClassifier, **parameters):
    common = {"hidden_layer_sizes": (6,), "max_iter": 5, "batch_size": 80, "random_state": 0}
    return cls(**common | {"learning_rate_init": 0.02} | parameters)


def all_weights(mlp):
    return np.concatenate([array.ravel() for array in mlp.coefs_ + mlp.intercepts_])


class Recorder:
    """Notes every call; does what it is told at the end of an epoch."""

    def __init__(self, at_end=None, at_begin=None):
        self.calls = []
        self.begun = []
        self.ended = []
        self.at_begin = at_begin
        self.at_end = at_end

    def note(self, what, context):
        level = "epoch" if context.parent is not None and context.max_subtasks == 0 else "fit"
        self.calls.append((what, level, context.task_id))

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.note("begin", context)
        self.begun.append((context, X, y, metadata, fitted_estimator))
        if self.at_begin is not None:
            self.at_begin(*self.calls[-1][1:])

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.note("end", context)
        self.ended.append((context, X, y, metadata, fitted_estimator))
        return None if self.at_end is None else self.at_end(*self.calls[-1][1:])

    def epochs(self, what):
        """The estimators that hooks of epochs saw, or other parts of these calls."""
        calls = self.begun if what == "begin" else self.ended
        return [call for call in calls if call[0].parent is not None]


class Plain:
    """A callback that asks for nothing; a class that can be pickled."""

    n_calls = 0

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.n_calls += 1


def whole_fit(n_epochs):
    epochs = [(what, "epoch", k) for k in range(n_epochs) for what in ("begin", "end")]
    return ["setup", ("begin", "fit", 0), *epochs, ("end", "fit", 0), "teardown"]


@pytest.mark.skipif(ScoringMonitor is not None, reason="scikit-learn has callbacks since 1.9")
def test_without_callbacks_in_scikit_learn_there_are_none_here(digits):
    mlp = make().fit(*digits)
    assert not hasattr(mlp, "set_callbacks")
    assert not [name for name in vars(mlp) if "callback" in name]


# --- when they are called


@needs_callbacks
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_hooks_are_called_around_each_epoch(solver, early_stopping, digits):
    mlp = make(solver=solver, early_stopping=early_stopping)
    recorder = Recorder()
    mlp.set_callbacks(recorder).fit(*digits)
    assert mlp.n_iter_ == 5
    assert recorder.calls == whole_fit(5)
    contexts = [call[0] for call in recorder.epochs("end")]
    unit = "iteration" if solver == "lbfgs" else "epoch"
    assert {context.task_name for context in contexts} == {unit}
    assert {context.parent.max_subtasks for context in contexts} == {5}
    assert not [name for name in vars(mlp) if "callback_fit" in name or "teardown" in name]


@needs_callbacks
def test_a_fit_that_converges_calls_as_many_epochs(digits):
    recorder = Recorder()
    mlp = make(max_iter=200, tol=1e-2, n_iter_no_change=2).set_callbacks(recorder).fit(*digits)
    assert 5 < mlp.n_iter_ < 200
    assert recorder.calls == whole_fit(mlp.n_iter_)


@needs_callbacks
def test_an_iteration_of_lbfgs_that_is_not_finished_is_ended(digits):
    recorder = Recorder()
    mlp = make(solver="lbfgs", init="zeros", tol=10.0).set_callbacks(recorder).fit(*digits)
    assert mlp.n_iter_ == 0
    assert recorder.calls == whole_fit(1)
    assert recorder.epochs("end")[0][-1] is None  # no estimator of an iteration that is none


@needs_callbacks
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("hook", ["at_begin", "at_end"])
def test_ctrl_c_ends_all_that_has_begun(solver, hook, digits):
    def press(level, number):
        if (level, number) == ("epoch", 2):
            signal.raise_signal(signal.SIGINT)

    recorder = Recorder(**{hook: press})
    mlp = make(solver=solver).set_callbacks(recorder)
    with pytest.warns(UserWarning, match="interrupted"):
        mlp.fit(*digits)
    n_done = 2 if hook == "at_begin" else 3
    assert mlp.n_iter_ == len(mlp.loss_curve_) == n_done
    assert recorder.calls == whole_fit(3)
    np.testing.assert_array_equal(
        all_weights(mlp), all_weights(make(solver=solver, max_iter=n_done).fit(*digits))
    )


@needs_callbacks
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_bad_samples_are_refused_with_callbacks_torn_down(solver, digits):
    X, y = digits[0].copy(), digits[1]
    X[3, 4] = np.nan
    recorder = Recorder()
    mlp = make(solver=solver).set_callbacks(recorder)
    with pytest.raises(ValueError, match="NaN"):
        mlp.fit(X, y)
    assert recorder.calls == ["setup", ("begin", "fit", 0), "teardown"]
    assert set(vars(mlp)) - set(mlp.get_params()) == {"_skl_callbacks"}


@needs_callbacks
def test_bad_parameters_are_refused_before_callbacks(digits):
    recorder = Recorder()
    with pytest.raises(ValueError, match="'alpha'"):
        make(alpha=-1.0).set_callbacks(recorder).fit(*digits)
    assert recorder.calls == []


@needs_callbacks
def test_diverging_training_tears_down_and_leaves_the_estimator(digits):
    X, y = digits
    recorder = Recorder()
    mlp = make(XavierMLPRegressor, solver="sgd").fit(X, y)
    before = copy.deepcopy(vars(mlp))
    mlp.set_callbacks(recorder)
    with pytest.raises(ValueError, match="Training diverged"):
        mlp.fit(X * 1e150, y)
    assert recorder.calls[0] == "setup"
    assert recorder.calls[-1] == "teardown"
    assert recorder.calls.count("setup") == recorder.calls.count("teardown") == 1
    assert set(vars(mlp)) == set(before) | {"_skl_callbacks"}
    np.testing.assert_array_equal(mlp.coefs_[0], before["coefs_"][0])
    recorder.calls.clear()
    mlp.fit(X, y)  # and it can be fitted again
    assert recorder.calls == whole_fit(5)


@needs_callbacks
def test_a_callback_that_raises_leaves_the_estimator_as_it_was(digits):
    def fail(level, number):
        if (level, number) == ("epoch", 2):
            raise RuntimeError("the disk is full")

    X, y = digits
    for hook in ("at_begin", "at_end"):
        recorder = Recorder(**{hook: fail})
        mlp = make().set_callbacks(recorder)
        with pytest.raises(RuntimeError, match="disk is full"):
            mlp.fit(X, y)
        assert set(vars(mlp)) - set(mlp.get_params()) == {"_skl_callbacks"}
        assert recorder.calls[-1] == "teardown"
        mlp.set_callbacks().fit(X, y)
        before = all_weights(mlp)
        curve = mlp.loss_curve_.copy()
        with pytest.raises(RuntimeError, match="disk is full"):
            mlp.set_callbacks(recorder).set_params(warm_start=True).fit(X, y)
        np.testing.assert_array_equal(all_weights(mlp), before)
        assert mlp.loss_curve_ == curve


@needs_callbacks
def test_partial_fit_and_initialize_call_no_hooks(digits):
    recorder = Recorder()
    mlp = make().set_callbacks(recorder).initialize(*digits)
    mlp.partial_fit(*digits)
    assert recorder.calls == []


# --- stopping


@needs_callbacks
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_callback_stops_training_after_seven_epochs(solver, digits):
    recorder = Recorder(at_end=lambda level, number: number == 6)
    mlp = make(solver=solver, max_iter=50).set_callbacks(recorder)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)  # stopping was asked for
        mlp.fit(*digits)
    assert mlp.n_iter_ == len(mlp.loss_curve_) == 7
    assert recorder.calls == whole_fit(7)
    short = make(solver=solver, max_iter=7).fit(*digits)
    np.testing.assert_array_equal(all_weights(mlp), all_weights(short))
    assert mlp.loss_curve_ == short.loss_curve_
    assert mlp.loss_ == short.loss_
    assert mlp.t_ == short.t_


@needs_callbacks
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_stopped_with_early_stopping_it_keeps_the_best(solver, digits):
    recorder = Recorder(at_end=lambda level, number: number == 6)
    mlp = make(solver=solver, max_iter=50, early_stopping=True, learning_rate_init=0.5)
    mlp.set_callbacks(recorder).fit(*digits)
    short = make(solver=solver, max_iter=7, early_stopping=True, learning_rate_init=0.5)
    short.fit(*digits)
    assert mlp.validation_scores_ == short.validation_scores_
    assert len(mlp.validation_scores_) == 7
    np.testing.assert_array_equal(all_weights(mlp), all_weights(short))


@needs_callbacks
def test_one_of_several_callbacks_may_stop(digits):
    stopping, other = Recorder(at_end=lambda level, number: number == 1), Recorder()
    for callbacks in ((stopping, other), (other, stopping)):
        mlp = make().set_callbacks(*callbacks).fit(*digits)
        assert mlp.n_iter_ == 2
    assert other.calls == whole_fit(2) * 2


# --- what they see


@needs_callbacks
@pytest.mark.parametrize("solver", SOLVERS)
def test_they_see_the_models_of_shorter_fits(solver, digits):
    X, y = digits
    recorder = Recorder()
    mlp = make(solver=solver, max_iter=4).set_callbacks(recorder).fit(X, y)
    shorter = [make(solver=solver, max_iter=k).fit(X, y) for k in range(1, 5)]
    ended = [call[-1] for call in recorder.epochs("end")]
    for model, short in zip(ended, shorter, strict=True):  # after training: they are copies
        np.testing.assert_array_equal(model.predict_proba(X), short.predict_proba(X))
        for name in ("n_iter_", "t_", "loss_", "loss_curve_", "learning_rate_curve_", "best_loss_"):
            assert getattr(model, name) == getattr(short, name), name
    begun = [call[-1] for call in recorder.epochs("begin")]
    np.testing.assert_array_equal(all_weights(begun[0]), all_weights(make().initialize(X, y)))
    for model, short in zip(begun[1:], shorter, strict=False):
        np.testing.assert_array_equal(all_weights(model), all_weights(short))
    np.testing.assert_array_equal(all_weights(ended[-1]), all_weights(mlp))
    assert ended[-1].coefs_[0] is not mlp.coefs_[0]


@needs_callbacks
def test_at_the_end_they_see_the_fitted_estimator(digits):
    X, y = digits
    recorder = Recorder()
    mlp = make(early_stopping=True, learning_rate_init=0.5).set_callbacks(recorder).fit(X, y)
    np.testing.assert_array_equal(recorder.ended[-1][-1].predict_proba(X), mlp.predict_proba(X))
    assert recorder.begun[0][-1] is None


@needs_callbacks
def test_with_early_stopping_they_see_the_current_weights_and_the_samples_seen(digits):
    X, y = digits
    recorder = Recorder()
    make(early_stopping=True).set_callbacks(recorder).fit(X, y)
    for k, call in enumerate(recorder.epochs("end"), start=1):
        assert call[-1].t_ == 270 * k
        assert len(call[-1].validation_scores_) == k


@needs_callbacks
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_training_can_go_on_from_what_they_see(solver, digits):
    X, y = digits
    recorder = Recorder()
    make(solver=solver, max_iter=5).set_callbacks(recorder).fit(X, y)
    model = recorder.epochs("end")[1][-1]
    model.partial_fit(X, y).partial_fit(X, y)
    at_once = make(solver=solver, max_iter=4).fit(X, y)
    np.testing.assert_array_equal(all_weights(model), all_weights(at_once))
    assert model.loss_curve_ == at_once.loss_curve_


@needs_callbacks
def test_training_on_other_samples_goes_on_from_what_they_see(digits):
    X, y = digits
    recorder = Recorder()
    make(early_stopping=True).set_callbacks(recorder).fit(X, y)
    model = recorder.epochs("end")[1][-1].set_params(early_stopping=False)
    # As many as there were to train on, whose numbers among all 300 would mean nothing here. With
    # hardly any step, the loss of the epoch is the mean over all rows, each of them once.
    model.set_params(alpha=0.0, learning_rate_init=1e-12).partial_fit(X[:270], y[:270])
    assert model.loss_ == pytest.approx(log_loss(y[:270], model.predict_proba(X[:270])), rel=1e-6)


@needs_callbacks
def test_training_what_they_see_disturbs_nothing(digits):
    X, y = digits
    plain = make(early_stopping=False, dropout=0.2).fit(X, y)

    class Meddling(Recorder):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator):
            if context.parent is not None:
                fitted_estimator.partial_fit(X, y)
                fitted_estimator.coefs_[0][:] = 0.0
                fitted_estimator.loss_curve_.clear()

    mlp = make(dropout=0.2).set_callbacks(Meddling()).fit(X, y)
    np.testing.assert_array_equal(mlp.intercepts_[0], plain.intercepts_[0])
    assert mlp.loss_curve_ == plain.loss_curve_


@needs_callbacks
def test_frames_stay_frames(digits):
    X, y = digits
    X, y = pd.DataFrame(X).add_prefix("pixel"), pd.Series(y)
    recorder = Recorder()
    mlp = make(early_stopping=True).set_callbacks(recorder).fit(X, y)
    for *_, X_seen, y_seen, _, model in recorder.epochs("end"):
        assert list(X_seen.columns) == list(X.columns)
        assert len(X_seen) == len(y_seen) == 270
        assert model.predict(X_seen).shape == (270,)  # and no warning of feature names
    assert len(mlp.predict(X)) == 300


FORMS = {"list": np.ndarray.tolist, "csr": sparse.csr_matrix, "csc": sparse.csc_matrix}


@needs_callbacks
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("form", sorted(FORMS))
def test_samples_of_all_forms(form, early_stopping, digits):
    X, y = digits
    recorder = Recorder()
    mlp = make(early_stopping=early_stopping).set_callbacks(recorder).fit(FORMS[form](X), y)
    plain = make(early_stopping=early_stopping).fit(FORMS[form](X), y)
    np.testing.assert_array_equal(all_weights(mlp), all_weights(plain))
    _, X_seen, y_seen, _, model = recorder.epochs("end")[-1]
    assert model.score(X_seen, y_seen) == accuracy_score(y_seen, model.predict(X_seen))


@needs_callbacks
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_samples_set_aside_are_not_shown(solver, weighted, digits):
    X, y = digits
    X = np.column_stack([X, np.arange(300) / 300])  # tells the rows
    weight = np.random.RandomState(0).uniform(0.5, 2.0, 300)
    held_out = []

    def scorer(estimator, X, y, sample_weight=None):
        held_out[:] = (X[:, -1] * 300).round().astype(int)
        return accuracy_score(y, estimator.predict(X))

    recorder = Recorder()
    mlp = make(solver=solver, early_stopping=True, scoring=scorer).set_callbacks(recorder)
    mlp.fit(X, y, weight if weighted else None)
    assert len(recorder.begun[0][1]) == 300  # before they are set aside
    for _, X_seen, y_seen, metadata, _ in recorder.epochs("begin") + recorder.epochs("end"):
        rows = (X_seen[:, -1] * 300).round().astype(int)
        np.testing.assert_array_equal(np.sort([*rows, *held_out]), np.arange(300))
        np.testing.assert_array_equal(y_seen, y[rows])
        if weighted:
            np.testing.assert_array_equal(metadata["sample_weight"], weight[rows])
        else:
            assert metadata is None


@needs_callbacks
def test_a_validation_set_that_is_passed_leaves_all_samples(digits):
    X, y = digits
    recorder = Recorder()
    mlp = make(early_stopping=True).set_callbacks(recorder)
    mlp.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert [len(call[1]) for call in recorder.epochs("end")] == [200] * mlp.n_iter_


# --- scikit-learn's own callbacks


@needs_callbacks
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scoring", ["neg_log_loss", "accuracy"])
def test_scores_are_those_of_shorter_fits(solver, weighted, scoring, digits):
    X, y = digits
    weight = np.random.RandomState(0).uniform(0, 2, 300) if weighted else None
    monitor = ScoringMonitor(scoring=scoring)
    make(solver=solver).set_callbacks(monitor).fit(X, y, weight)
    logged = monitor.get_logs().data
    scorer = get_scorer(scoring)
    passed = {"sample_weight": weight} if weighted else {}
    for k in range(1, 6):
        short = make(solver=solver, max_iter=k).fit(X, y, weight)
        found = [row for row in logged if row["task_id_path"] == (0, k - 1)]
        assert len(found) == 1
        assert found[0][scoring] == pytest.approx(scorer(short, X, y, **passed), rel=1e-9)


@needs_callbacks
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_a_progress_bar_tells_the_fit(solver, digits, capsys):
    pytest.importorskip("rich")
    make(solver=solver).set_callbacks(ProgressBar()).fit(*digits)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("XavierMLPClassifier - fit")
    assert "100%" in line


@needs_callbacks
def test_a_progress_bar_of_a_pipeline(digits, capsys):
    pytest.importorskip("rich")
    model = make_pipeline(StandardScaler(), make()).set_callbacks(ProgressBar())
    model.fit(*digits)
    out = capsys.readouterr().out
    assert "Pipeline - fit" in out
    assert "XavierMLPClassifier - fit" in out
    assert out.count("100%") >= 2
    np.testing.assert_array_equal(
        all_weights(model[-1]),
        all_weights(make_pipeline(StandardScaler(), make()).fit(*digits)[-1]),
    )


@needs_callbacks
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_progress_bar_of_a_search(n_jobs, digits, capsys):
    pytest.importorskip("rich")
    search = GridSearchCV(make(), {"alpha": [0.1, 1.0]}, cv=2, n_jobs=n_jobs)
    search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(*digits)
    out = capsys.readouterr().out
    assert "GridSearchCV - fit" in out
    assert out.count("XavierMLPClassifier - fit") == 2 * 2 + 1
    plain = GridSearchCV(make(), {"alpha": [0.1, 1.0]}, cv=2).fit(*digits)
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
    )


# --- estimators with callbacks


@needs_callbacks
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_training_is_the_same_with_callbacks_and_without(solver, early_stopping, digits):
    parameters = {"solver": solver, "early_stopping": early_stopping}
    plain = make(**parameters).fit(*digits)
    mlp = make(**parameters).set_callbacks(Recorder()).fit(*digits)
    np.testing.assert_array_equal(all_weights(mlp), all_weights(plain))
    assert mlp.loss_curve_ == plain.loss_curve_
    assert mlp.validation_scores_ == plain.validation_scores_
    assert set(vars(mlp)) == set(vars(plain)) | {"_skl_callbacks"}


@needs_callbacks
def test_clones_share_the_callbacks(digits):
    recorder = Recorder()
    copied = clone(make().set_callbacks(recorder)).fit(*digits)
    assert copied.n_iter_ == 5
    assert recorder.calls == whole_fit(5)
    theirs = clone(StandardScaler().set_callbacks(recorder))  # as scikit-learn's own do
    assert theirs._skl_callbacks == copied._skl_callbacks == [recorder]


@needs_callbacks
def test_callbacks_are_pickled_along(digits, tmp_path):
    X, y = digits
    mlp = make().set_callbacks(Plain()).fit(X, y)
    joblib.dump(mlp, tmp_path / "mlp.joblib")
    for loaded in (pickle.loads(pickle.dumps(mlp)), joblib.load(tmp_path / "mlp.joblib")):
        np.testing.assert_array_equal(loaded.predict_proba(X), mlp.predict_proba(X))
        loaded.fit(X, y)
        assert loaded._skl_callbacks[0].n_calls == 12
    assert mlp._skl_callbacks[0].n_calls == 6


@needs_callbacks
def test_what_they_see_can_be_pickled(digits):
    X, y = digits
    seen = []

    class Saving(Plain):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator):
            seen.append(pickle.dumps(clone(fitted_estimator.set_callbacks())))
            seen.append(pickle.dumps(fitted_estimator.coefs_))

    mlp = make(max_iter=2).set_callbacks(Saving()).fit(X, y)
    np.testing.assert_array_equal(pickle.loads(seen[-1])[0], mlp.coefs_[0])
    assert mlp._skl_callbacks  # the copies alone were rid of them


@needs_callbacks
def test_verbose_lines_and_callbacks_go_together(digits):
    recorder = Recorder()
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        make(verbose=True).set_callbacks(recorder).fit(*digits)
    assert len(stream.getvalue().splitlines()) == 5
    assert recorder.calls == whole_fit(5)


@needs_callbacks
def test_a_warm_start_is_a_fit_of_its_own(digits):
    X, y = digits
    recorder = Recorder()
    mlp = make(warm_start=True).set_callbacks(recorder).fit(X, y)
    recorder.ended.clear()
    mlp.fit(X, y)
    assert recorder.calls == whole_fit(5) * 2
    assert [call[-1].n_iter_ for call in recorder.epochs("end")] == [1, 2, 3, 4, 5]
    assert [len(call[-1].loss_curve_) for call in recorder.epochs("end")] == [6, 7, 8, 9, 10]


@needs_callbacks
def test_coordinates_of_sparse_samples_are_split(digits):
    X, y = digits
    mlp = XavierMLPClassifier((5,), early_stopping=True, max_iter=2)
    monitor = ScoringMonitor(scoring="accuracy")
    mlp.set_callbacks(monitor).fit(sparse.coo_matrix(X), y)
    of_epochs = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert len(of_epochs) == 2


@needs_callbacks
def test_what_the_end_of_fit_shows_is_a_copy(digits):
    class Ruins:
        def setup(self, estimator, context):
            pass

        def teardown(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            fitted_estimator.coefs_[0][:] = np.nan
            fitted_estimator.loss_curve_.clear()
            fitted_estimator.random_state = None

    plain = XavierMLPClassifier((5,), max_iter=3, random_state=0).fit(*digits)
    ruined = clone(plain).set_callbacks(Ruins()).fit(*digits)
    np.testing.assert_array_equal(ruined.coefs_[0], plain.coefs_[0])
    assert ruined.loss_curve_ == plain.loss_curve_
