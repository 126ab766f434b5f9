"""Starting weights that are kept, schedules, clipping, losses; and that each feature lasts."""

import copy
import math
import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.activations import Activation, LeakyReLU

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

STOCHASTIC = ["sgd", "adam", "adamw", "rmsprop"]


def theta(mlp):
    return np.concatenate([array.ravel() for array in (*mlp.coefs_, *mlp.intercepts_)])


def small(cls=XavierMLPClassifier, **parameters):
    return cls(
        **{"hidden_layer_sizes": (6,), "random_state": 0, "max_iter": 4, "tol": 0.0} | parameters
    )


# --- starting weights


def test_the_starting_weights_are_those_of_initialize(digits):
    mlp = small(store_initial_weights=True).fit(*digits)
    start = small().initialize(*digits)
    for kept, drawn, trained in zip(mlp.initial_coefs_, start.coefs_, mlp.coefs_, strict=True):
        assert_array_equal(kept, drawn)
        assert (kept != trained).any()
    for kept, drawn in zip(mlp.initial_intercepts_, start.intercepts_, strict=True):
        assert_array_equal(kept, drawn)


@pytest.mark.parametrize("solver", [*STOCHASTIC, "lbfgs"])
def test_from_the_kept_weights_training_is_the_same(solver, digits):
    settings = {"solver": solver, "shuffle": False, "bias_init": "normal"}
    mlp = small(store_initial_weights=True, **settings).fit(*digits)
    given = {"init": mlp.initial_coefs_, "bias_init": mlp.initial_intercepts_}
    again = small(**settings | given).fit(*digits)
    assert_array_equal(theta(again), theta(mlp))


def test_edited_weights_are_the_start(digits):
    mlp = small(store_initial_weights=True, warm_start=True).initialize(*digits)
    mlp.coefs_[0][:] = 0.25
    mlp.fit(*digits)
    assert_array_equal(mlp.initial_coefs_[0], np.full((64, 6), 0.25))


def test_partial_fits_have_one_start(digits):
    mlp = small(store_initial_weights=True).partial_fit(*digits, classes=range(10))
    first = copy.deepcopy(mlp.initial_coefs_)
    mlp.partial_fit(*digits)
    assert_array_equal(first[0], small().initialize(*digits).coefs_[0])
    assert_array_equal(mlp.initial_coefs_[0], first[0])


def test_a_warm_fit_has_a_start_of_its_own(digits):
    mlp = small(store_initial_weights=True, warm_start=True).fit(*digits)
    between = copy.deepcopy(mlp.coefs_)
    mlp.fit(*digits)
    assert_array_equal(mlp.initial_coefs_[0], between[0])


def test_nothing_is_kept_unless_asked_for(digits):
    mlp = small(store_initial_weights=True).fit(*digits)
    mlp.set_params(store_initial_weights=False).fit(*digits)
    assert not hasattr(mlp, "initial_coefs_")
    assert not hasattr(mlp, "initial_intercepts_")


# --- schedules


def rates_of(digits, **parameters):
    return small(batch_size=100, **parameters).fit(*digits).learning_rate_curve_


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_cosine_by_epoch(solver, digits):
    rates = rates_of(
        digits, solver=solver, learning_rate="cosine", learning_rate_init=0.02, max_iter=6
    )
    assert_allclose(rates, [0.01 * (1 + math.cos(math.pi * k / 6)) for k in range(6)], rtol=1e-12)


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_one_cycle_by_epoch(solver, digits):
    rates = rates_of(
        digits,
        solver=solver,
        learning_rate="one_cycle",
        learning_rate_init=0.02,
        warmup_fraction=0.5,
        max_iter=8,
    )
    low, high, last = 0.02 / 25, 0.02, 0.02 / 25e4
    rise = [low + (high - low) * (1 - math.cos(math.pi * k / 4)) / 2 for k in range(4)]
    fall = [last + (high - last) * (1 + math.cos(math.pi * k / 4)) / 2 for k in range(4)]
    assert_allclose(rates, rise + fall, rtol=1e-12)


def test_a_straight_warm_up(digits):
    rates = rates_of(
        digits, learning_rate="cosine", learning_rate_init=0.1, warmup_fraction=0.5, max_iter=8
    )
    assert_allclose(rates[:5], [0.0, 0.025, 0.05, 0.075, 0.1], rtol=1e-12, atol=1e-18)


@pytest.mark.parametrize("schedule", ["constant", "invscaling", "adaptive"])
@pytest.mark.parametrize("solver", ["adam", "adamw", "rmsprop"])
def test_scikit_learns_schedules_are_for_sgd_alone(schedule, solver, digits):
    rates = rates_of(
        digits, solver=solver, learning_rate=schedule, tol=10.0, n_iter_no_change=1, max_iter=4
    )
    assert set(rates) == {0.001}


def test_inverse_scaling_by_epoch(digits):
    rates = rates_of(digits, solver="sgd", learning_rate="invscaling", learning_rate_init=0.1)
    expected = [0.1 if k == 0 else 0.1 / math.sqrt(300 * k + 1) for k in range(4)]
    assert_allclose(rates, expected, rtol=1e-12)


def test_adaptive_by_epoch(digits):
    mlp = small(solver="sgd", learning_rate="adaptive", tol=10.0, n_iter_no_change=1, max_iter=7)
    # Nothing is progress: the second epoch is the first one too many without.
    rates = mlp.fit(*digits).learning_rate_curve_
    assert_allclose(rates, [0.001] * 3 + [0.0002] * 2 + [0.00004] * 2, rtol=1e-12)


def test_the_rate_changes_with_each_step():
    # One weight, no hidden layer, samples of x = 1 and y = 0: a step is w -= rate * w.
    n_batches, n_epochs, rate = 5, 2, 0.4
    mlp = XavierMLPRegressor(
        (),
        solver="sgd",
        momentum=0.0,
        alpha=0.0,
        batch_size=1,
        shuffle=False,
        learning_rate="cosine",
        learning_rate_init=rate,
        max_iter=n_epochs,
        init=[np.array([[1.0]])],
    )
    mlp.fit(np.ones((n_batches, 1)), np.zeros(n_batches))
    w, b = 1.0, 0.0
    for step in range(n_batches * n_epochs):
        eta = rate * (1 + math.cos(math.pi * step / (n_batches * n_epochs))) / 2
        residual = w + b
        w, b = w - eta * residual, b - eta * residual
    assert_allclose(mlp.coefs_[0], [[w]], rtol=1e-13)


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_partial_fits_go_through_the_schedule(schedule, digits):
    settings = {"learning_rate": schedule, "max_iter": 5, "batch_size": 64}
    whole = small(**settings).fit(*digits)
    parts = small(**settings)
    for _ in range(5):
        parts.partial_fit(*digits, classes=range(10))
    assert_array_equal(theta(parts), theta(whole))
    assert parts.learning_rate_curve_ == whole.learning_rate_curve_
    with pytest.warns(UserWarning, match=r"'cosine'|'one_cycle'.* max_iter=5 epochs") as caught:
        parts.partial_fit(*digits)
    assert caught[0].filename == __file__
    last = {"cosine": 0.0, "one_cycle": 0.001 / 25e4}[schedule]
    assert parts.learning_rate_curve_[-1] == pytest.approx(last, abs=1e-18)


def test_a_warm_fit_starts_its_schedule_anew(digits):
    mlp = small(learning_rate="cosine", warm_start=True).fit(*digits)
    mlp.fit(*digits)
    assert mlp.learning_rate_curve_[:4] == mlp.learning_rate_curve_[4:]


def test_lbfgs_has_no_learning_rate(digits):
    assert small(solver="lbfgs").fit(*digits).learning_rate_curve_ == []


def test_a_failed_call_leaves_no_learning_rate(digits):
    X, y = digits
    mlp = small().partial_fit(X, y, classes=range(10))
    mlp.set_params(solver="sgd", learning_rate_init=1e300)
    with pytest.raises(ValueError, match="diverged"):
        mlp.partial_fit(X, y)
    assert mlp.learning_rate_curve_ == [0.001]
    assert len(mlp.loss_curve_) == 1


# --- clipping


@pytest.mark.parametrize("bound", [1e-3, 0.05])
def test_one_step_is_no_longer_than_the_bound(bound, digits):
    settings = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1, "alpha": 1.0}
    settings |= {"batch_size": 300, "max_iter": 1}
    start = theta(small().initialize(*digits))
    free = theta(small(**settings).fit(*digits)) - start
    clipped = theta(small(max_grad_norm=bound, **settings).fit(*digits)) - start
    assert np.linalg.norm(free) > 0.1 * bound
    assert_allclose(np.linalg.norm(clipped), 0.1 * bound, rtol=1e-9)
    assert_allclose(clipped, free * (np.linalg.norm(clipped) / np.linalg.norm(free)), atol=1e-12)


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_a_bound_out_of_reach_changes_nothing(solver, digits):
    free, bounded = small(solver=solver), small(solver=solver, max_grad_norm=1e6)
    assert_array_equal(theta(free.fit(*digits)), theta(bounded.fit(*digits)))
    assert free.loss_curve_ == bounded.loss_curve_


# --- weight decay


def test_adamw_decays_weights_and_no_biases():
    # The start fits the samples: all gradients are zero, and nothing but the decay is left.
    X = np.random.RandomState(0).normal(size=(20, 3))
    coef, intercept = np.array([[1.0], [-2.0], [0.5]]), np.array([4.0])
    mlp = XavierMLPRegressor(
        (),
        init=[coef],
        bias_init=[intercept],
        alpha=0.0,
        solver="adamw",
        weight_decay=0.5,
        learning_rate_init=0.1,
    )
    mlp.partial_fit(X, X @ coef.ravel() + intercept)
    assert_allclose(mlp.coefs_[0], 0.95 * coef, rtol=1e-6)
    assert_allclose(mlp.intercepts_[0], intercept, rtol=1e-6)


# --- losses


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    X, y = StandardScaler().fit_transform(X), (y - y.mean()) / y.std()
    return train_test_split(X, y, test_size=0.5, random_state=0)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_quantiles_cover_their_part_of_new_data(quantile, diabetes):
    X_train, X_test, y_train, y_test = diabetes
    mlp = XavierMLPRegressor(
        (10,),
        "tanh",
        loss="quantile",
        quantile=quantile,
        alpha=10.0,
        learning_rate="cosine",
        learning_rate_init=0.01,
        random_state=0,
    )
    prediction = mlp.fit(X_train, y_train).predict(X_test)
    assert np.std(prediction) > 0.1
    # Five binomial standard errors of 221 samples for what training and test set have in luck.
    error = 5 * math.sqrt(quantile * (1 - quantile) / len(y_test))
    assert np.mean(y_test <= prediction) == pytest.approx(quantile, abs=error)


SKEWED = np.exp(np.random.RandomState(0).normal(size=401))
CENTRES = {
    "squared_error": np.mean,
    "absolute_error": np.median,
    "quantile": lambda y: np.quantile(y, 0.8),
    "poisson": np.mean,
    "gamma": np.mean,
}


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_a_schedule_that_ran_to_its_end_warns_of_nothing(schedule):
    X, y = load_iris(return_X_y=True)
    mlp = XavierMLPClassifier((5,), learning_rate=schedule, max_iter=3, random_state=0)
    with pytest.warns(ConvergenceWarning, match="Maximum iterations"):
        mlp.fit(X, y)  # progress was to end training, and has not
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mlp.set_params(n_iter_no_change=np.inf).fit(X, y)
    assert mlp.n_iter_ == 3
    with pytest.warns(ConvergenceWarning, match="Maximum iterations"):
        mlp.set_params(learning_rate="constant").fit(X, y)  # made for no number of epochs


@pytest.mark.parametrize("loss", CENTRES)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_without_features_the_loss_has_its_centre(loss, solver):
    mlp = XavierMLPRegressor(
        (), loss=loss, quantile=0.8, solver=solver, alpha=0.0, tol=1e-9, random_state=0
    )
    mlp.set_params(max_iter=2000, learning_rate="cosine", learning_rate_init=0.05, batch_size=401)
    mlp.set_params(n_iter_no_change=np.inf)
    prediction = mlp.fit(np.zeros((401, 1)), SKEWED).predict([[0.0]])
    # The absolute losses have kinks, at which steps come to rest nearby.
    assert prediction == pytest.approx(CENTRES[loss](SKEWED), rel=0.02)


def test_huber_lies_between_median_and_mean():
    centres = []
    for loss, delta in (("absolute_error", 1.0), ("huber", 0.3), ("huber", 3.0)):
        mlp = XavierMLPRegressor((), loss=loss, huber_delta=delta, alpha=0.0, batch_size=401)
        mlp.set_params(learning_rate="cosine", learning_rate_init=0.05, max_iter=1000, tol=0.0)
        centres += [*mlp.fit(np.zeros((401, 1)), SKEWED).predict([[0.0]])]
    assert [*centres, SKEWED.mean()] == sorted([*centres, SKEWED.mean()])
    assert len({round(c, 3) for c in centres}) == 3


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_predictions_of_counts_and_sizes_are_positive(loss, diabetes):
    X_train, X_test, y_train, _ = diabetes
    mlp = XavierMLPRegressor((5,), loss=loss, random_state=0).fit(X_train, np.exp(y_train))
    assert mlp.predict(X_test).min() > 0
    assert mlp.out_activation_ == "exp"


@pytest.mark.parametrize(("loss", "lowest", "domain"), [("poisson", -1.0, ">="), ("gamma", 0, ">")])
@pytest.mark.parametrize("method", ["fit", "partial_fit", "initialize"])
def test_targets_out_of_range_are_named(loss, lowest, domain, method):
    mlp = XavierMLPRegressor(loss=loss)
    with pytest.raises(ValueError, match=rf"loss='{loss}' needs y {domain} 0\. Got targets down"):
        getattr(mlp, method)(np.eye(3), [1.0, lowest, 2.0])
    assert not hasattr(mlp, "coefs_")


def test_smoothed_labels_lower_the_confidence(digits):
    X, y = digits
    settings = {"hidden_layer_sizes": (30,), "max_iter": 100, "learning_rate_init": 0.02}
    sharp = small(**settings).fit(X, y)
    smooth = small(label_smoothing=0.3, **settings).fit(X, y)
    assert smooth.score(X, y) > 0.95
    assert sharp.predict_proba(X).max(axis=1).mean() > 0.95
    # Minimized by 1 - 0.3 + 0.3 / 10 for the class.
    assert smooth.predict_proba(X).max(axis=1).mean() == pytest.approx(0.73, abs=0.05)


# --- every feature lasts


def sine_slope(z):
    return np.cos(z)


FEATURES = {
    "class_weight": {"class_weight": {0: 2.0, 3: 0.5}},
    "label_smoothing": {"label_smoothing": 0.2},
    "dropout": {"dropout": 0.3},
    "dropout by layer": {"dropout": [0.3], "solver": "sgd"},
    "adamw": {"solver": "adamw", "weight_decay": 0.5},
    "rmsprop": {"solver": "rmsprop", "beta_2": 0.9},
    "cosine": {"learning_rate": "cosine"},
    "one_cycle": {"learning_rate": "one_cycle", "solver": "sgd", "learning_rate_init": 0.1},
    "max_grad_norm": {"max_grad_norm": 0.1},
    "list of activations": {"activation": [LeakyReLU(0.2)]},
    "custom activation": {"activation": Activation(np.sin, sine_slope), "init": "auto"},
    "absolute_error": {"loss": "absolute_error"},
    "huber": {"loss": "huber", "huber_delta": 0.2},
    "quantile": {"loss": "quantile", "quantile": 0.3},
    "gamma": {"loss": "gamma"},
}


@pytest.fixture(params=FEATURES)
def featured(request, digits):
    """An estimator with a feature, and its data."""
    parameters, (X, y) = FEATURES[request.param], digits
    if "loss" in parameters:
        return small(XavierMLPRegressor, **parameters), X, y / 4.0 + 0.1
    return small(**parameters), X, y


def partial_fit(mlp, X, y):
    more = {"classes": range(10)} if isinstance(mlp, XavierMLPClassifier) else {}
    return mlp.partial_fit(X, y, **more)


def test_it_makes_a_difference(featured):
    mlp, X, y = featured
    plain = small(type(mlp))
    assert (theta(mlp.fit(X, y)) != theta(plain.fit(X, y))).any()


def test_it_survives_clone_and_pickle(featured):
    mlp, X, y = featured
    expected = theta(mlp.fit(X, y))
    assert_array_equal(theta(clone(mlp).fit(X, y)), expected)
    loaded = pickle.loads(pickle.dumps(mlp))
    assert_array_equal(theta(loaded), expected)
    assert_array_equal(loaded.predict(X), mlp.predict(X))
    assert repr(loaded) == repr(mlp)


def test_partial_fits_are_one_fit(featured):
    mlp, X, y = featured
    parts = clone(mlp)
    for _ in range(mlp.max_iter):
        parts = pickle.loads(pickle.dumps(partial_fit(parts, X, y)))
    mlp.fit(X, y)
    assert_array_equal(theta(parts), theta(mlp))
    assert parts.loss_curve_ == mlp.loss_curve_


def test_it_goes_on_with_a_warm_start(featured):
    mlp, X, y = featured
    mlp.set_params(warm_start=True).fit(X, y)
    given = clone(mlp).set_params(init=mlp.coefs_, bias_init=mlp.intercepts_)
    given.fit(X, y)
    mlp.fit(X, y)
    assert_array_equal(theta(mlp), theta(given))
    assert mlp.loss_curve_[4:] == given.loss_curve_


@pytest.mark.parametrize(
    ("cls", "parameters", "message"),
    [
        (XavierMLPClassifier, {"label_smoothing": 1.0}, r"'label_smoothing'.*\[0.0, 1.0\)"),
        (XavierMLPClassifier, {"class_weight": "auto"}, "'class_weight'.*'balanced'.*'dict'"),
        (XavierMLPClassifier, {"solver": "AdamW"}, "'solver'.*'adamw'.*'rmsprop'.*'AdamW'"),
        (XavierMLPClassifier, {"learning_rate": "cos"}, "'learning_rate'.*'cosine'.*'one_cycle'"),
        (XavierMLPClassifier, {"warmup_fraction": 1.0}, r"'warmup_fraction'.*\[0.0, 1.0\)"),
        (XavierMLPClassifier, {"weight_decay": -0.1}, r"'weight_decay'.*\[0.0, inf\)"),
        (XavierMLPClassifier, {"max_grad_norm": 0.0}, r"'max_grad_norm'.*\(0.0, inf\) or None"),
        (XavierMLPClassifier, {"dropout": -0.1}, r"'dropout'.*\[0.0, 1.0\)"),
        (XavierMLPClassifier, {"scoring": "good"}, "'scoring'.*'accuracy'.*'loss'.*'good'"),
        (XavierMLPClassifier, {"store_initial_weights": 2}, "'store_initial_weights'"),
        (
            XavierMLPClassifier,
            {"solver": "lbfgs", "max_grad_norm": 1.0},
            "max_grad_norm=1.0.*lbfgs",
        ),
        (XavierMLPRegressor, {"loss": "l1"}, "'loss'.*'absolute_error'.*'quantile'.*'l1'"),
        (XavierMLPRegressor, {"huber_delta": 0.0}, r"'huber_delta'.*\(0.0, inf\)"),
        (XavierMLPRegressor, {"quantile": 1.0}, r"'quantile'.*\(0.0, 1.0\)"),
    ],
)
def test_bad_values_are_named(cls, parameters, message):
    mlp = cls(**parameters)
    with pytest.raises(ValueError, match=message):
        mlp.fit(np.eye(4), [0, 1, 0, 1])
    assert not hasattr(mlp, "coefs_")


@pytest.mark.parametrize("before", ["cosine", "one_cycle", "invscaling"])
@pytest.mark.parametrize("after", ["constant", "adaptive"])
def test_another_schedule_starts_from_its_own_rate(before, after, digits):
    X, y = digits
    mlp = XavierMLPClassifier((5,), solver="sgd", learning_rate=before, max_iter=4)
    for _ in range(4):
        mlp.partial_fit(X, y, classes=range(10))
    mlp.set_params(learning_rate=after).partial_fit(X, y).partial_fit(X, y)
    assert mlp.learning_rate_curve_[-2:] == [0.001, 0.001]


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_a_warm_up_is_no_plateau(schedule, early_stopping, digits):
    mlp = small(solver="sgd", learning_rate=schedule, warmup_fraction=0.5, max_iter=100, tol=1.0)
    mlp.set_params(n_iter_no_change=3, early_stopping=early_stopping).fit(*digits)
    assert mlp.n_iter_ == 54  # nothing is progress: the fourth epoch after the warm-up


def test_decay_must_leave_something(digits):
    mlp = small(solver="adamw", weight_decay=100.0, learning_rate_init=0.01)
    with pytest.raises(ValueError, match=r"weight_decay=100.0 .*learning_rate_init=0.01 must"):
        mlp.fit(*digits)
    mlp.set_params(solver="adam").fit(*digits)


def test_a_bad_loss_prints_in_a_notebook():
    assert "huber" in XavierMLPRegressor(loss=["huber"])._repr_html_()
