"""The initializer as a hyperparameter of a search."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier
from sk_xavier.initializers import GlorotUniform, HeNormal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FIVE = ["constant", "uniform", "normal", "glorot_uniform", "glorot_normal"]


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


def pipeline(**parameters):
    mlp = XavierMLPClassifier((8,), max_iter=60, learning_rate_init=0.02, random_state=0)
    return Pipeline([("scale", StandardScaler()), ("mlp", mlp.set_params(**parameters))])


def scores(search):
    return {k: v for k, v in search.cv_results_.items() if "test_score" in k}


def test_the_five_initializers_beside_alpha(iris):
    grid = {"mlp__init": FIVE, "mlp__alpha": [1e-4, 1e-1]}
    alone = GridSearchCV(pipeline(), grid, cv=3).fit(*iris)
    in_parallel = GridSearchCV(pipeline(), grid, cv=3, n_jobs=2).fit(*iris)
    assert alone.best_score_ > 0.93
    assert alone.best_params_ == in_parallel.best_params_
    for name, values in scores(alone).items():
        np.testing.assert_array_equal(values, scores(in_parallel)[name])


def test_the_gain_of_an_initializer(iris):
    grid = {"mlp__init__gain": [1e-3, 1.0, 2.0]}
    model = pipeline(init=GlorotUniform())
    alone = GridSearchCV(model, grid, cv=3).fit(*iris)
    in_parallel = GridSearchCV(model, grid, cv=3, n_jobs=2).fit(*iris)
    for name, values in scores(alone).items():
        np.testing.assert_array_equal(values, scores(in_parallel)[name])
    gain = alone.best_params_["mlp__init__gain"]
    assert alone.best_estimator_["mlp"].init.gain == gain
    bound = gain * np.sqrt(6 / (4 + 8))
    start = alone.best_estimator_["mlp"].initialize(*iris).coefs_[0]
    assert bound * 0.8 < np.abs(start).max() <= bound
    assert model["mlp"].init.gain == 1.0  # the search leaves the original alone


def test_objects_and_lists_among_the_candidates(iris):
    candidates = ["auto", GlorotUniform(gain=0.5), HeNormal(truncated=True), ["normal", "zeros"]]
    search = RandomizedSearchCV(
        pipeline(), {"mlp__init": candidates}, n_iter=4, cv=2, random_state=0
    ).fit(*iris)
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_misspelled_initializer_fails_with_its_name(iris):
    search = GridSearchCV(pipeline(), {"mlp__init": ["glorot"]}, cv=2, error_score="raise")
    with pytest.raises(ValueError, match=r"'init' parameter of XavierMLPClassifier.*'glorot'"):
        search.fit(*iris)
