"""States of estimators: the version in them, and those of other versions.

tests/test_saved_models.py loads files that other versions did write.
"""

import copy
import pickle
import warnings

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import InconsistentVersionWarning

import sk_xavier
from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.activations import ELU, Activation, LeakyReLU, ReLU
from sk_xavier.initializers import GlorotUniform, Initializer, VarianceScaling, Zeros

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KEY = "_sk_xavier_version"
VALUES = {
    "GlorotUniform": GlorotUniform(gain=2.0),
    "VarianceScaling": VarianceScaling(scale=2.0, mode="fan_in"),
    "Zeros": Zeros(),
    "LeakyReLU": LeakyReLU(0.2),
    "ELU": ELU(),
    "ReLU": ReLU(),
    "Activation": Activation(np.sin, np.cos),
}
FITTED = {
    "classifier": XavierMLPClassifier,
    "regressor": XavierMLPRegressor,
}


def fit(cls, data, **parameters):
    return cls((4,), max_iter=3, random_state=0, **parameters).fit(*data)


def load_state(cls, state):
    """What unpickling does with a state."""
    loaded = cls.__new__(cls)
    loaded.__setstate__(state)
    return loaded


@pytest.fixture
def saved_by(monkeypatch):
    """Pickles an object as another version would."""

    def save(version, estimator):
        with monkeypatch.context() as patched:
            patched.setattr(sk_xavier, "__version__", version)
            return pickle.dumps(estimator)

    return save


# --- the version is in the state, and nowhere else -----------------------------------


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_the_state_has_the_version(value):
    state = value.__getstate__()
    assert state == {**vars(value), KEY: sk_xavier.__version__}


@pytest.mark.parametrize(
    "pass_on",
    [copy.copy, copy.deepcopy, lambda mlp: pickle.loads(pickle.dumps(mlp))],
    ids=["copy", "deepcopy", "pickle"],
)
@pytest.mark.parametrize("cls", FITTED.values(), ids=FITTED)
def test_an_object_has_no_version_of_its_own(cls, pass_on, digits):
    mlp = fit(cls, digits)
    passed_on = pass_on(mlp)
    assert list(vars(passed_on)) == list(vars(mlp))
    assert KEY not in vars(mlp)
    np.testing.assert_array_equal(passed_on.predict(digits[0]), mlp.predict(digits[0]))
    assert KEY not in vars(clone(mlp))


def test_loading_does_not_touch_the_state(digits):
    state = fit(XavierMLPClassifier, digits).__getstate__()
    before = dict(state)
    load_state(XavierMLPClassifier, state)
    assert list(state) == list(before)


def test_the_transformer_and_what_is_in_it_have_it(digits):
    transformer = HiddenLayerTransformer(XavierMLPClassifier((4,), max_iter=2)).fit(*digits)
    data = pickle.dumps(transformer)
    assert KEY in transformer.__getstate__()
    assert KEY in transformer.estimator_.__getstate__()
    np.testing.assert_array_equal(
        pickle.loads(data).transform(digits[0]), transformer.transform(digits[0])
    )


def test_attributes_of_users_pass_without_a_word(digits):
    mlp = fit(XavierMLPClassifier, digits)
    mlp.note = "of Monday"
    assert pickle.loads(pickle.dumps(mlp)).note == "of Monday"


def test_equal_estimators_hash_alike(digits):
    mlp = fit(XavierMLPRegressor, digits)
    assert joblib.hash(mlp) == joblib.hash(copy.deepcopy(mlp))
    assert joblib.hash(mlp) != joblib.hash(fit(XavierMLPRegressor, digits, alpha=1.0))


def test_caches_are_found_again(tmp_path):
    calls = []
    memory = joblib.Memory(tmp_path, verbose=0)

    def units(mlp):
        calls.append(mlp)
        return mlp.hidden_layer_sizes

    cached = memory.cache(units)
    for size in (3, 3, 4):
        cached(XavierMLPClassifier((size,), init=GlorotUniform()))
    assert len(calls) == 2


# --- files of older versions -----------------------------------------------------------


def older(estimator, version, *missing):
    """The state as a version would have saved it that did not have these parameters."""
    state = {name: value for name, value in vars(estimator).items() if name not in missing}
    return state if version is None else state | {KEY: version}


@pytest.mark.parametrize("version", [None, "0.0.9", sk_xavier.__version__])
@pytest.mark.parametrize("cls", FITTED.values(), ids=FITTED)
def test_parameters_that_did_not_exist_are_at_their_defaults(cls, version, digits):
    X, y = digits
    mlp = cls(max_iter=3).fit(X, y)
    by_hand = {"max_iter", "hidden_layer_sizes"}
    for name in sorted(set(mlp.get_params(deep=False)) - by_hand):
        loaded = load_state(cls, older(mlp, version, name))
        assert loaded.get_params() == mlp.get_params()
        np.testing.assert_array_equal(loaded.predict(X), mlp.predict(X))
    loaded = load_state(cls, older(mlp, version, *set(mlp.get_params()) - by_hand))
    loaded = pickle.loads(pickle.dumps(loaded))
    for _ in range(2):
        np.testing.assert_array_equal(loaded.predict(X), mlp.predict(X))
        loaded.partial_fit(X, y)
        mlp.partial_fit(X, y)


@pytest.mark.parametrize(
    ("value", "name", "default"),
    [(GlorotUniform(), "gain", 1.0), (LeakyReLU(), "negative_slope", 0.01)],
)
def test_objects_get_their_defaults_too(value, name, default):
    assert getattr(load_state(type(value), older(value, "0.0.9", name)), name) == default


def test_the_transformer_gets_its_layer(digits):
    transformer = HiddenLayerTransformer(XavierMLPClassifier((4,), max_iter=2)).fit(*digits)
    loaded = load_state(HiddenLayerTransformer, older(transformer, "0.0.9", "layer"))
    np.testing.assert_array_equal(loaded.transform(digits[0]), transformer.transform(digits[0]))


def test_what_a_state_has_wins_over_defaults():
    assert load_state(LeakyReLU, {"negative_slope": 0.3}).negative_slope == 0.3


def test_what_has_no_default_is_not_made_up():
    assert vars(load_state(HiddenLayerTransformer, {})) == {"layer": -1}


def test_classes_of_users_may_take_any_arguments():
    class Mine(Initializer):
        def __init__(self, *args, size=1.0, **kwargs):
            self.size = size

        def _draw(self, shape, fan_in, fan_out, rng):
            return np.full(shape, self.size)

    assert vars(copy.deepcopy(Mine(size=2.0))) == {"size": 2.0}
    assert vars(load_state(Mine, {})) == {"size": 1.0}


@pytest.mark.parametrize(
    ("version", "own"),
    [("0.9.1", "0.10.0"), ("0.1.0.dev0", "0.1.0"), ("1.0rc1", "1.0"), ("1.0", "1.0.0")],
)
def test_older_versions_load_without_a_warning(version, own, monkeypatch, saved_by):
    data = saved_by(version, XavierMLPClassifier((3,)))
    monkeypatch.setattr(sk_xavier, "__version__", own)
    assert pickle.loads(data).hidden_layer_sizes == (3,)  # and a warning is an error


# --- files of newer versions -----------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "own"),
    [("0.10.0", "0.9.1"), ("0.1.0", "0.1.0.dev0"), ("1.0", "1.0rc1"), ("1.0.1", "1.0")],
)
def test_newer_versions_warn(version, own, monkeypatch, saved_by):
    data = saved_by(version, XavierMLPRegressor())
    monkeypatch.setattr(sk_xavier, "__version__", own)
    with pytest.warns(InconsistentVersionWarning) as caught:
        pickle.loads(data)
    [warning] = caught
    assert str(warning.message) == (
        f"This XavierMLPRegressor was saved by sk_xavier {version} and is loaded by {own}, which is"
        " older: it may fail, or predict something else."
        f" Install sk_xavier {version} or later to load it."
    )
    assert warning.filename == __file__


def test_parameters_that_are_unknown_here_are_named(saved_by, digits):
    mlp = fit(XavierMLPClassifier, digits)
    mlp.skip_connections, mlp.gates, mlp.fit_time_, mlp._private = True, 3, 1.0, None
    with pytest.warns(InconsistentVersionWarning) as caught:
        loaded = pickle.loads(saved_by("99.0", mlp))
    [warning] = caught
    assert " Unknown here, and without effect: gates, skip_connections. " in str(warning.message)
    np.testing.assert_array_equal(loaded.predict(digits[0]), mlp.predict(digits[0]))
    assert loaded.skip_connections  # still there, for who saves it again


def test_one_filter_stops_files_of_any_other_version(saved_by):
    # As scikit-learn's guide on persistence has it.
    data = saved_by("99.0", XavierMLPClassifier())
    with warnings.catch_warnings():
        warnings.simplefilter("error", InconsistentVersionWarning)
        with pytest.raises(InconsistentVersionWarning) as caught:
            pickle.loads(data)
    assert caught.value.original_sklearn_version is None
    again = pickle.loads(pickle.dumps(caught.value))  # as worker processes send it
    assert str(again) == str(caught.value)


def test_a_value_that_is_unknown_here_is_one_clear_error(saved_by, digits):
    mlp = fit(XavierMLPClassifier, digits)
    mlp.activation = "of_the_future"
    with pytest.warns(InconsistentVersionWarning):
        loaded = pickle.loads(saved_by("99.0", mlp))
    with pytest.raises(ValueError, match="'of_the_future'"):
        loaded.predict(digits[0])


def test_everything_that_is_saved_is_versioned():
    def subclasses(cls):
        return {cls}.union(*map(subclasses, cls.__subclasses__()))

    ours = {cls for cls in subclasses(BaseEstimator) if cls.__module__.split(".")[0] == "sk_xavier"}
    assert {XavierMLPClassifier, HiddenLayerTransformer, ReLU, Zeros} <= ours
    assert all(cls.__setstate__ is HiddenLayerTransformer.__setstate__ for cls in ours)
