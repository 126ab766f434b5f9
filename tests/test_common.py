"""scikit-learn's own checks, over estimators, solvers and initializers."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.activations import SELU, LeakyReLU

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
        yield cls((20, 10), "tanh", init="sklearn", bias_init="same", learning_rate_init=0.01)
        yield cls((), alpha=0.0, shuffle=False, init="zeros", learning_rate_init=0.1)


def make_more_estimators():
    """The other solvers with the other initializers."""
    for cls in (XavierMLPClassifier, XavierMLPRegressor):
        for solver in ("sgd", "lbfgs"):
            for init in FIVE:
                if init != "glorot_uniform":
                    yield cls((20,), init=init, **SOLVERS[solver])
        yield cls((20,), init="orthogonal", activation="identity")


def make_featured():
    """What scikit-learn's own MLP lacks, switched on."""
    for cls in (XavierMLPClassifier, XavierMLPRegressor):
        yield cls((20,), dropout=0.1, learning_rate_init=0.01)
        yield cls((20,), solver="adamw", learning_rate="cosine", learning_rate_init=0.01)
    yield XavierMLPClassifier((20,), class_weight="balanced")
    yield XavierMLPClassifier((20, 10), ["gelu", LeakyReLU(0.1)], init="auto", label_smoothing=0.1)
    yield XavierMLPRegressor((20,), "softsign", loss="huber", solver="rmsprop")
    yield XavierMLPRegressor((20,), loss="gamma", learning_rate_init=0.1)
    early = {"early_stopping": True, "validation_fraction": 0.4}
    yield XavierMLPClassifier((20,), scoring="loss", learning_rate_init=0.1, **early)
    yield XavierMLPClassifier((20,), **SOLVERS["lbfgs"], **early)
    yield XavierMLPRegressor((20,), scoring="r2", learning_rate_init=0.1, **early)


def make_more_featured():
    yield XavierMLPClassifier((20,), solver="rmsprop", store_initial_weights=True)
    yield XavierMLPClassifier((20,), learning_rate="one_cycle", learning_rate_init=0.05)
    yield XavierMLPClassifier((20,), max_grad_norm=1.0, **SOLVERS["sgd"])
    yield XavierMLPRegressor((20,), max_grad_norm=1.0, learning_rate="one_cycle")
    yield XavierMLPRegressor((20, 10), ("silu", SELU()), init="auto", store_initial_weights=True)
    yield XavierMLPRegressor((20,), "mish", **SOLVERS["lbfgs"])
    yield XavierMLPRegressor((20,), "softplus", loss="poisson", learning_rate_init=0.01)
    yield XavierMLPRegressor((20,), "elu", loss="absolute_error")
    yield XavierMLPRegressor((20,), "relu6", loss="quantile", quantile=0.4)
    yield XavierMLPRegressor((20,), "hard_tanh", loss="huber", huber_delta=0.1)


PARTIAL_FIT_CHECKS = (
    "check_fit_score_takes_y",
    "check_n_features_in_after_fitting",
    "check_estimators_partial_fit_n_features",
)
WEIGHT_CHECKS = (
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
)


def expected_failures(estimator):
    """The checks that cannot hold, with the reason."""
    failures = {}
    if estimator.init == "constant" and isinstance(estimator, XavierMLPClassifier):
        reason = "three classes need more than the one function that all hidden units compute"
        failures["check_classifiers_train"] = reason
    if estimator.early_stopping and estimator.solver != "lbfgs":
        reason = "no partial_fit with early_stopping=True, as in scikit-learn's MLP"
        failures |= dict.fromkeys(PARTIAL_FIT_CHECKS, reason)
    if getattr(estimator, "class_weight", None) == "balanced":
        reason = "no partial_fit with class_weight='balanced', as in SGDClassifier"
        failures |= dict.fromkeys(PARTIAL_FIT_CHECKS, reason)
    if estimator.dropout or estimator.early_stopping:
        reason = "one draw for each row: other rows get other draws"
        failures |= dict.fromkeys(WEIGHT_CHECKS, reason)
    if getattr(estimator, "loss", None) in ("gamma", "poisson"):
        reason = "takes negative targets, whatever the tag positive_only says"
        failures["check_regressor_multioutput"] = reason
    return failures


@pytest.mark.filterwarnings("ignore")  # tiny data: the checks' own and ConvergenceWarning
@parametrize_with_checks(
    [*make_estimators(), *make_featured()], expected_failed_checks=expected_failures
)
def test_scikit_learn_check(estimator, check):
    assert check(estimator) is None  # it raises where the estimator fails


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [*make_more_estimators(), *make_more_featured()], expected_failed_checks=expected_failures
)
def test_scikit_learn_check_with_more(estimator, check):
    assert check(estimator) is None  # it raises where the estimator fails
