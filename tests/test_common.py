"""scikit-learn's own checks, over estimators, solvers and initializers."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

SETTINGS = {
    "lbfgs": {"solver": "lbfgs", "max_iter": 30},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.01},
    "adam": {"solver": "adam"},
}
FIVE = ("constant", "uniform", "normal", "glorot_uniform", "glorot_normal")


def estimators():
    for cls in (XavierMLPClassifier, XavierMLPRegressor):
        for solver in SETTINGS:
            for init in FIVE:
                yield cls((20,), init=init, **SETTINGS[solver])


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(list(estimators()))
def test_scikit_learn_check(estimator, check):
    check(estimator)
