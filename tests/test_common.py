"""scikit-learn's own checks, over estimators, solvers and initializers."""

import warnings

import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

SOLVERS = ("lbfgs", "sgd", "adam")
FIVE = ("constant", "uniform", "normal", "glorot_uniform", "glorot_normal")


def estimators():
    for cls in (XavierMLPClassifier, XavierMLPRegressor):
        for solver in SOLVERS:
            for init in FIVE:
                yield cls(solver=solver, init=init, hidden_layer_sizes=(20,))


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(list(estimators()))
def test_scikit_learn_check(estimator, check):
    check(estimator)
