"""Searches with Optuna, whose trials train by `partial_fit` and may be pruned after any epoch."""

import copy

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.initializers import GlorotUniform, VarianceScaling

optuna = pytest.importorskip("optuna")

from optuna.pruners import HyperbandPruner, MedianPruner, NopPruner  # noqa: E402
from optuna.samplers import GridSampler, RandomSampler, TPESampler  # noqa: E402
from optuna.trial import FixedTrial, TrialState  # noqa: E402

pytestmark = [
    pytest.mark.optuna,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

EPOCHS = 9


@pytest.fixture(autouse=True, scope="module")
def quiet():
    """No line on stderr for each trial."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture(scope="module")
def data(digits):
    """Samples to train on, their labels, and those to validate on."""
    X, y = digits
    return X[:200], y[:200], X[200:], y[200:]


def suggest_network(trial):
    """A start, with parameters of its own if it has them, a width for each layer, and a rate."""
    init = trial.suggest_categorical("init", ["uniform", "glorot_uniform", "variance_scaling"])
    if init == "variance_scaling":
        mode = trial.suggest_categorical("mode", ["fan_in", "fan_out", "fan_avg"])
        init = VarianceScaling(scale=trial.suggest_float("scale", 0.1, 10.0, log=True), mode=mode)
    n_layers = trial.suggest_int("n_layers", 1, 3)
    return XavierMLPClassifier(
        [trial.suggest_int(f"units_{i}", 4, 16) for i in range(n_layers)],
        "tanh",
        init=init,
        learning_rate_init=trial.suggest_float("learning_rate_init", 1e-3, 1e-1, log=True),
        batch_size=50,
        random_state=0,
    )


class Objective:
    """Reports the score of each epoch, and keeps the networks that it has trained."""

    def __init__(self, data, suggest=suggest_network):
        self.data, self.suggest, self.networks = data, suggest, {}

    def __call__(self, trial):
        X, y, X_val, y_val = self.data
        self.networks[trial.number] = mlp = self.suggest(trial)
        for _ in range(EPOCHS):
            mlp.partial_fit(X, y, classes=np.arange(10))
            score = mlp.score(X_val, y_val)
            trial.report(score, step=mlp.n_iter_)
            if trial.should_prune():
                raise optuna.TrialPruned
        return score


def search(objective, n_trials=14, pruner=None, sampler=None, **parameters):
    sampler = TPESampler(seed=0) if sampler is None else sampler
    study = optuna.create_study(
        direction="maximize", sampler=sampler, pruner=pruner or NopPruner(), study_name="digits"
    )
    study.optimize(objective, n_trials=n_trials, **parameters)
    return study


def fit(mlp, data, n_epochs):
    """The whole training in one call, which nothing stops before."""
    X, y, X_val, y_val = data
    mlp.set_params(max_iter=n_epochs, n_iter_no_change=np.inf)
    return mlp.fit(X, y, X_val=X_val, y_val=y_val)


def same_network(one, other):
    assert one.loss_curve_ == other.loss_curve_
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


def whole_curves(study, data):
    """What `fit` scores after each epoch, for each trial's parameters."""
    networks = [suggest_network(FixedTrial(trial.params)) for trial in study.trials]
    return np.array([fit(mlp, data, EPOCHS).validation_scores_ for mlp in networks])


def median_rule(curves, n_startup_trials, n_warmup_steps):
    """Epochs of each trial, and whether it is pruned, by the rule's definition.

    A trial goes on while its best score so far is not below the median of the scores that the
    finished trials before it had in the same epoch.
    """
    expected, finished = [], []
    for curve in curves:
        steps = range(1, EPOCHS + 1) if len(finished) >= n_startup_trials else ()
        below = [
            step
            for step in steps
            if step >= n_warmup_steps
            and curve[:step].max() < np.median([other[step - 1] for other in finished])
        ]
        expected.append((below[0], True) if below else (EPOCHS, False))
        if not below:
            finished.append(curve)
    return expected


@pytest.mark.parametrize(("n_startup_trials", "n_warmup_steps"), [(1, 0), (3, 0), (3, 2)])
def test_a_pruned_trial_stops_where_the_pruner_says(data, n_startup_trials, n_warmup_steps):
    objective = Objective(data)
    pruner = MedianPruner(n_startup_trials, n_warmup_steps)
    study = search(objective, n_trials=30, pruner=pruner, sampler=RandomSampler(seed=0))
    curves = whole_curves(study, data)
    expected = median_rule(curves, n_startup_trials, n_warmup_steps)
    for trial, curve, (n_epochs, pruned) in zip(study.trials, curves, expected, strict=True):
        assert (trial.state == TrialState.PRUNED) == pruned
        assert list(trial.intermediate_values) == list(range(1, n_epochs + 1))
        assert objective.networks[trial.number].n_iter_ == n_epochs
        np.testing.assert_array_equal(list(trial.intermediate_values.values()), curve[:n_epochs])
    stops = {n_epochs for n_epochs, pruned in expected if pruned}
    assert len(stops) > 1  # else the test would say little
    assert min(stops) == max(1, n_warmup_steps)


def test_hyperband_takes_the_epochs_as_its_resource(data):
    objective = Objective(data)
    pruner = HyperbandPruner(min_resource=1, max_resource=EPOCHS, reduction_factor=3)
    study = search(objective, n_trials=20, pruner=pruner)
    n_epochs = {
        state: {
            objective.networks[trial.number].n_iter_ for trial in study.get_trials(states=[state])
        }
        for state in (TrialState.PRUNED, TrialState.COMPLETE)
    }
    # Three brackets, whose rungs are at powers of three.
    assert {1, 3} <= n_epochs[TrialState.PRUNED] <= {1, 3, 9}
    assert n_epochs[TrialState.COMPLETE] == {EPOCHS}


@pytest.mark.parametrize("solver", ["adam", "sgd", "adamw", "rmsprop"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_a_trial_is_the_fit_of_its_epochs(data, solver, dropout):
    def suggest(trial):
        return suggest_network(trial).set_params(solver=solver, dropout=dropout)

    objective = Objective(data, suggest)
    study = search(objective, n_trials=5, pruner=MedianPruner(2))
    states = {trial.state for trial in study.trials}
    assert states == {TrialState.COMPLETE, TrialState.PRUNED}
    for trial in study.trials:
        mlp = objective.networks[trial.number]
        at_once = fit(suggest(FixedTrial(trial.params)), data, mlp.n_iter_)
        same_network(mlp, at_once)
        assert list(trial.intermediate_values.values()) == at_once.validation_scores_


def test_a_schedule_knows_its_length_from_max_iter(data):
    def suggest(trial):
        return suggest_network(trial).set_params(learning_rate="one_cycle", max_iter=EPOCHS)

    objective = Objective(data, suggest)
    study = search(objective, n_trials=2)
    for trial in study.trials:
        at_once = fit(suggest(FixedTrial(trial.params)), data, EPOCHS)
        same_network(objective.networks[trial.number], at_once)
        assert at_once.learning_rate_curve_[-1] < at_once.learning_rate_init / 2


def test_a_regressor(data):
    X, y, X_val, y_val = data
    objective = Objective((X, y / 9, X_val, y_val / 9))

    def of_regressor(trial):
        mlp = XavierMLPRegressor((8,), random_state=0).set_params(
            learning_rate_init=trial.suggest_float("learning_rate_init", 1e-3, 1e-1, log=True)
        )
        for _ in range(EPOCHS):
            score = mlp.partial_fit(X, objective.data[1]).score(X_val, objective.data[3])
            trial.report(score, mlp.n_iter_)
        return score

    study = search(of_regressor, n_trials=3)
    for trial in study.trials:
        mlp = XavierMLPRegressor((8,), random_state=0, **trial.params)
        assert fit(mlp, objective.data, EPOCHS).validation_scores_[-1] == trial.value


def told(study):
    return [(trial.params, trial.state, trial.intermediate_values) for trial in study.trials]


def test_the_same_seed_gives_the_same_study(data):
    # 14 trials: TPE draws ten at random, then it learns.
    one, again, other = (
        search(Objective(data), pruner=MedianPruner(2), sampler=TPESampler(seed=seed))
        for seed in (0, 0, 1)
    )
    assert told(one) == told(again)
    assert told(one) != told(other)
    assert len({trial.state for trial in one.trials}) == 2


def test_a_study_resumes_from_its_file_with_its_sampler(data, tmp_path):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    def resumed(sampler):
        return optuna.create_study(
            study_name="digits",
            storage=JournalStorage(JournalFileBackend(str(tmp_path / "study.log"))),
            load_if_exists=True,
            direction="maximize",
            sampler=sampler,
            pruner=MedianPruner(2),
        )

    first = resumed(TPESampler(seed=0))
    first.optimize(Objective(data), n_trials=7)
    second = resumed(copy.deepcopy(first.sampler))
    second.optimize(Objective(data), n_trials=7)
    whole = search(Objective(data), pruner=MedianPruner(2))
    assert told(second) == told(whole)


def test_networks_in_threads_do_not_disturb_one_another(data):
    objective = Objective(data)
    study = search(objective, n_trials=8, n_jobs=2)
    assert len(study.trials) == 8
    for trial in study.trials:
        mlp = fit(suggest_network(FixedTrial(trial.params)), data, EPOCHS)
        same_network(objective.networks[trial.number], mlp)


def test_constant_weights_are_pruned_and_not_chosen(data):
    """All their hidden units are one, and one unit cannot tell ten digits apart."""

    def suggest(trial):
        init = trial.suggest_categorical("init", ["constant", "glorot_uniform", "he_normal"])
        return XavierMLPClassifier(
            (trial.suggest_int("units", 10, 30),),
            init=init,
            learning_rate_init=0.01,
            batch_size=20,
            random_state=0,
        )

    objective = Objective(data, suggest)
    sampler = GridSampler(
        {"init": ["constant", "glorot_uniform", "he_normal"], "units": [10, 20, 30]}, seed=0
    )
    study = optuna.create_study(
        direction="maximize", sampler=sampler, pruner=MedianPruner(3, n_warmup_steps=4)
    )
    for units in (10, 20, 30):  # the bar
        study.enqueue_trial({"init": "glorot_uniform", "units": units})
    study.optimize(objective, n_trials=12)
    constant = [trial for trial in study.trials if trial.params["init"] == "constant"]
    assert len(constant) == 3
    for trial in constant:
        assert trial.state == TrialState.PRUNED
        assert list(trial.intermediate_values) == [1, 2, 3, 4]
        mlp = objective.networks[trial.number]
        # Copies up to rounding, which differs between the columns of a matrix product.
        spread = np.ptp(mlp.coefs_[0], axis=1).max()
        assert spread < 1e-12
        # A line through the ten classes' logits: as more epochs show, it is no matter of time.
        assert fit(suggest(FixedTrial(trial.params)), data, 100).best_loss_ > 1.0
        assert max(trial.intermediate_values.values()) < 0.45
    assert study.best_params["init"] != "constant"
    assert study.best_value > 0.8


def network_in_pipeline():
    mlp = XavierMLPClassifier((8,), init=GlorotUniform(), max_iter=5, random_state=0)
    return Pipeline([("scale", StandardScaler()), ("mlp", mlp)])


def test_cross_validation_of_a_pipeline_is_that_of_a_grid_search(data):
    X, y, *_ = data
    gains, rates = [0.01, 1.0, 3.0], [0.001, 0.02]
    cv = KFold(3)

    def objective(trial):
        model = network_in_pipeline().set_params(
            mlp__init__gain=trial.suggest_float("gain", 0.01, 3.0),
            mlp__learning_rate_init=trial.suggest_float("rate", 0.001, 0.02),
        )
        return cross_val_score(model, X, y, cv=cv).mean()

    study = search(
        objective, n_trials=None, sampler=GridSampler({"gain": gains, "rate": rates}, seed=0)
    )
    grid = {"mlp__init__gain": gains, "mlp__learning_rate_init": rates}
    by_grid = GridSearchCV(network_in_pipeline(), grid, cv=cv).fit(X, y)
    found = {(trial.params["gain"], trial.params["rate"]): trial.value for trial in study.trials}
    assert len(found) == 6
    for params, mean in zip(
        by_grid.cv_results_["params"], by_grid.cv_results_["mean_test_score"], strict=True
    ):
        # Means of three numbers, in one order or another.
        assert found[tuple(params.values())] == pytest.approx(mean, rel=1e-14)
    assert study.best_value == pytest.approx(by_grid.best_score_, rel=1e-14)
    assert np.ptp(list(found.values())) > 0.1


@pytest.mark.parametrize("as_pruned", [False, True])
def test_a_diverged_training_does_not_end_the_study(as_pruned):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(100, 5))
    y = X.sum(axis=1)

    def objective(trial):
        rate = trial.suggest_float("learning_rate_init", 1e-3, 1e3, log=True)
        mlp = XavierMLPRegressor(
            (8,), solver="sgd", learning_rate_init=rate, batch_size=10, random_state=0
        )
        try:
            for _ in range(5):
                mlp.partial_fit(X, y)
        except ValueError as error:
            assert str(error).startswith("Training diverged")
            if as_pruned:
                raise optuna.TrialPruned(str(error)) from error
            raise
        return mlp.score(X, y)

    rates = [0.01, 100.0, 0.02]
    study = optuna.create_study(
        direction="maximize", sampler=GridSampler({"learning_rate_init": rates}, seed=0)
    )
    for rate in rates:
        study.enqueue_trial({"learning_rate_init": rate})
    study.optimize(objective, n_trials=3, catch=() if as_pruned else (ValueError,))
    diverged = TrialState.PRUNED if as_pruned else TrialState.FAIL
    complete = TrialState.COMPLETE
    assert [trial.state for trial in study.trials] == [complete, diverged, complete]
    assert study.best_value > 0.9


def test_without_a_catch_a_diverged_training_is_an_error():
    def objective(trial):
        rate = trial.suggest_float("learning_rate_init", 99.0, 100.0)
        mlp = XavierMLPRegressor((8,), solver="sgd", learning_rate_init=rate, random_state=0)
        X = np.random.RandomState(0).normal(size=(1000, 5))
        for _ in range(20):
            mlp.partial_fit(X, X.sum(axis=1))

    with pytest.raises(ValueError, match="Training diverged"):
        search(objective, n_trials=1)
