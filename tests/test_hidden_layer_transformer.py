"""What hidden layers make of samples, and the transformer for pipelines."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import erf
from sklearn import config_context
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier, XavierMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def network(cls=XavierMLPClassifier, **parameters):
    return cls(**{"hidden_layer_sizes": (6, 5), "max_iter": 3, "random_state": 0} | parameters)


@pytest.fixture(scope="module")
def fitted(digits):
    return network(activation=["tanh", "gelu"], bias_init="normal", dropout=0.5).fit(*digits)


def by_hand(mlp, X):
    """Both hidden layers of `fitted`."""
    first = np.tanh(X @ mlp.coefs_[0] + mlp.intercepts_[0])
    z = first @ mlp.coefs_[1] + mlp.intercepts_[1]
    return [first, z * (1 + erf(z / np.sqrt(2))) / 2]


@pytest.mark.parametrize("layer", [0, 1, -1, -2])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, sparse.csc_matrix, list])
def test_outputs_are_those_of_the_layer(layer, kind, fitted, digits):
    X, _ = digits
    outputs = fitted.transform_hidden(kind(X), layer)
    assert_allclose(outputs, by_hand(fitted, X)[layer], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("layer", range(-4, 4))
def test_layers_are_counted_as_in_a_list(layer, digits):
    mlp = network(hidden_layer_sizes=(2, 3, 4, 5)).initialize(*digits)
    assert mlp.transform_hidden(digits[0], layer).shape == (300, [2, 3, 4, 5][layer])


def test_the_last_layer_is_the_default(fitted, digits):
    X, _ = digits
    assert_array_equal(fitted.transform_hidden(X), fitted.transform_hidden(X, layer=1))


def test_the_output_layer_reads_them(fitted, digits):
    X, _ = digits
    raw = fitted.transform_hidden(X) @ fitted.coefs_[2] + fitted.intercepts_[2]
    assert_array_equal(fitted.classes_[raw.argmax(axis=1)], fitted.predict(X))


def test_edited_weights_count(digits):
    X, y = digits
    mlp = network(activation="identity").fit(X, y)
    mlp.coefs_[0] = np.eye(64, 6)
    mlp.intercepts_[0][:] = 1.0
    assert_allclose(mlp.transform_hidden(X, 0), X[:, :6] + 1.0)


def test_float32_stays_float32(digits):
    X, y = digits
    mlp = network().fit(X.astype(np.float32), y)
    assert mlp.transform_hidden(X.astype(np.float32)).dtype == np.float32
    assert mlp.transform_hidden(X).dtype == np.float64


def test_a_network_without_training_has_outputs(digits):
    X, y = digits
    assert network().initialize(X, y).transform_hidden(X, 0).shape == (300, 6)


@pytest.mark.parametrize("layer", [2, -3, 0.0, "last", None, True])
def test_other_layers_are_refused(layer, fitted, digits):
    with pytest.raises(ValueError, match=r"layer must be .* from -2 to 1\. Got"):
        fitted.transform_hidden(digits[0], layer)


def test_a_linear_model_has_none(digits):
    mlp = network(hidden_layer_sizes=()).fit(*digits)
    with pytest.raises(ValueError, match="there is none"):
        mlp.transform_hidden(digits[0])


def test_bad_samples_are_refused(fitted, digits):
    with pytest.raises(ValueError, match="3 features, but XavierMLPClassifier is expecting 64"):
        fitted.transform_hidden(digits[0][:, :3])
    with pytest.raises(ValueError, match="not finite"):
        network(init="constant").fit(*digits).transform_hidden(np.full((1, 64), 1e308))


def test_feature_names_are_checked(digits):
    X, y = digits
    frame = pd.DataFrame(X).add_prefix("pixel")
    mlp = network().fit(frame, y)
    assert_array_equal(mlp.transform_hidden(frame), network().fit(X, y).transform_hidden(X))
    with pytest.raises(ValueError, match="feature names"):
        mlp.transform_hidden(frame.rename(columns={"pixel0": "dot"}))


# --- the transformer


@parametrize_with_checks(
    [
        HiddenLayerTransformer(XavierMLPClassifier((5,), max_iter=20, random_state=0)),
        HiddenLayerTransformer(XavierMLPRegressor((5, 4), max_iter=20, random_state=0), layer=0),
    ]
)
@pytest.mark.filterwarnings("ignore")  # tiny data: the checks' own and ConvergenceWarning
def test_scikit_learn_check(estimator, check):
    assert check(estimator) is None  # it raises where the estimator fails


def test_it_is_the_networks_hidden_layer(digits):
    X, y = digits
    transformer = HiddenLayerTransformer(network(), layer=0).fit(X, y)
    assert_array_equal(transformer.transform(X), network().fit(X, y).transform_hidden(X, 0))
    assert not hasattr(transformer.estimator, "coefs_")


def test_learned_features_make_a_linear_model_better(digits):
    X, y = digits
    learned = network(hidden_layer_sizes=(20,), max_iter=200, learning_rate_init=0.01)
    few = LogisticRegression(max_iter=1000)
    model = make_pipeline(StandardScaler(), HiddenLayerTransformer(learned), clone(few))
    # 20 random projections are what an untrained layer gives.
    start = clone(learned).initialize(X[:200], y[:200])
    random = make_pipeline(HiddenLayerTransformer(FrozenEstimator(start)), clone(few))
    learned_score = model.fit(X[:200], y[:200]).score(X[200:], y[200:])
    assert learned_score > random.fit(X[:200], y[:200]).score(X[200:], y[200:])
    assert learned_score > 0.8


def test_a_search_reaches_the_network_and_the_layer(digits):
    X, y = digits
    model = make_pipeline(HiddenLayerTransformer(network()), LogisticRegression(max_iter=1000))
    grid = {
        "hiddenlayertransformer__layer": [0, 1],
        "hiddenlayertransformer__estimator__init": ["constant", "glorot_normal"],
    }
    search = GridSearchCV(model, grid, cv=2).fit(X, y)
    assert search.best_params_["hiddenlayertransformer__estimator__init"] == "glorot_normal"


def test_a_frozen_network_stays_as_it_is(fitted, digits):
    X, y = digits
    before = [coef.copy() for coef in fitted.coefs_]
    transformer = HiddenLayerTransformer(FrozenEstimator(fitted)).fit(X[:10], y[:10])
    assert_array_equal(transformer.transform(X), fitted.transform_hidden(X))
    for kept, coef in zip(before, fitted.coefs_, strict=True):
        assert_array_equal(kept, coef)


def test_columns_have_names(digits):
    X, y = digits
    transformer = HiddenLayerTransformer(network()).set_output(transform="pandas")
    frame = transformer.fit(X, y).transform(X)
    names = [f"hiddenlayertransformer{i}" for i in range(5)]
    assert list(frame.columns) == list(transformer.get_feature_names_out()) == names
    first = HiddenLayerTransformer(network(), layer=0).fit(X, y)
    assert len(first.get_feature_names_out()) == 6


def test_features_have_names(digits):
    X, y = digits
    transformer = HiddenLayerTransformer(network()).fit(pd.DataFrame(X).add_prefix("pixel"), y)
    assert transformer.n_features_in_ == 64
    assert transformer.feature_names_in_[3] == "pixel3"
    assert not hasattr(HiddenLayerTransformer(network()).fit(X, y), "feature_names_in_")


def test_it_is_copied(digits):
    X, y = digits
    transformer = HiddenLayerTransformer(network(), layer=0).fit(X, y)
    loaded = pickle.loads(pickle.dumps(transformer))
    assert_array_equal(loaded.transform(X), transformer.transform(X))
    assert clone(transformer).layer == 0
    assert "layer=0" in repr(transformer)


def test_weights_and_validation_sets_pass(digits):
    X, y = digits
    weights = np.random.RandomState(0).uniform(size=300)
    direct = network(early_stopping=True)
    direct.fit(X, y, weights, X_val=X[:50], y_val=y[:50])
    arguments = {"sample_weight": weights, "X_val": X[:50], "y_val": y[:50]}
    plain = HiddenLayerTransformer(network(early_stopping=True)).fit(X, y, **arguments)
    with config_context(enable_metadata_routing=True):
        inner = network(early_stopping=True)
        inner.set_fit_request(sample_weight=True, X_val=True, y_val=True)
        model = make_pipeline(HiddenLayerTransformer(inner), LogisticRegression(max_iter=1000))
        model[-1].set_fit_request(sample_weight=False)
        routed = model.fit(X, y, **arguments)[0]
    for transformer in (plain, routed):
        assert_array_equal(transformer.transform(X), direct.transform_hidden(X))


@pytest.mark.parametrize("estimator", [LogisticRegression(), StandardScaler()])
def test_other_estimators_are_refused(estimator, digits):
    with pytest.raises(TypeError, match="estimator must be a XavierMLPClassifier"):
        HiddenLayerTransformer(estimator).fit(*digits)


def test_bad_layers_are_refused_before_training(digits):
    with pytest.raises(ValueError, match="from -2 to 1"):
        HiddenLayerTransformer(network(max_iter=10**9), layer=2).fit(*digits)
    with pytest.raises(ValueError, match="'layer' parameter of HiddenLayerTransformer"):
        HiddenLayerTransformer(network(), layer="last").fit(*digits)
