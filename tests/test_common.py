"""scikit-learn's own checks, over estimators, solvers and initializers."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

SOLVERS = {
    "adam": {},
    # In 200 epochs on a few dozen samples the default rate of 0.001 gets nowhere.
    "sgd": {"solver": "sgd", "learning_rate_init": 0.01},
    # L-BFGS blows rounding up by a factor of ten in a few iterations, and the checks
    # compare fits whose sums are rounded in another order to 1e-7.
    "lbfgs": {"solver": "lbfgs", "max_iter": 30},
}
FIVE = ("constant", "uniform", "normal", "glorot_uniform", "glorot_normal")


def make_estimators():
    """With the default solver each initializer, and with each solver the default one."""
    for cls in (XavierMLPClassifier, XavierMLPRegressor):
        for init in FIVE:
            yield cls((20,), init=init)
        yield cls((20,), **SOLVERS["sgd"])
        yield cls((20,), **SOLVERS["lbfgs"])
        yield cls((20,), "logistic", init="auto", bias_init="normal", learning_rate_init=0.01)
        yield cls((20, 10), "tanh", init="sklearn", bias_init="same")
        yield cls((), alpha=0.0, shuffle=False, init="zeros", learning_rate_init=0.1)


def make_more_estimators():
    """The other solvers with the other initializers."""
    for cls in (XavierMLPClassifier, XavierMLPRegressor):
        for solver in ("sgd", "lbfgs"):
            for init in FIVE:
                if init != "glorot_uniform":
                    yield cls((20,), init=init, **SOLVERS[solver])
        yield cls((20,), init="orthogonal", activation="identity")


def expected_failures(estimator):
    if isinstance(estimator, XavierMLPClassifier) and estimator.init == "constant":
        reason = "three classes need more than the one function that all hidden units compute"
        return {"check_classifiers_train": reason}
    return {}


@pytest.mark.filterwarnings("ignore")  # tiny data: the checks' own and ConvergenceWarning
@parametrize_with_checks(list(make_estimators()), expected_failed_checks=expected_failures)
def test_scikit_learn_check(estimator, check):
    assert check(estimator) is None  # it raises where the estimator fails


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(list(make_more_estimators()), expected_failed_checks=expected_failures)
def test_scikit_learn_check_with_more(estimator, check):
    assert check(estimator) is None  # it raises where the estimator fails
