"""With scikit-learn's start and seed, training retraces scikit-learn's.

Where it does not, on purpose, tests named in docs/chapters/coming_from/differences.md show how.
"""

import itertools
import random

import numpy as np
import pytest
import sklearn
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.fixes import parse_version

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Of scikit-learn's, where a probability rounds to 0.
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:Got `batch_size`:UserWarning"),
    pytest.mark.filterwarnings("ignore:batch_size=1000:UserWarning"),
]

HAS_WEIGHTS = parse_version(sklearn.__version__) >= parse_version("1.7")
"""Since when scikit-learn's MLP has sample weights and the Poisson loss."""

AS_SCIKIT_LEARN = {"init": "sklearn", "bias_init": "same"}

N_SAMPLES = 130
X, Y = make_classification(
    N_SAMPLES, 11, n_informative=8, n_classes=4, n_clusters_per_class=1, random_state=0
)
X /= X.std(axis=0)
WEIGHT = np.random.RandomState(0).uniform(0.3, 3.0, N_SAMPLES)
TARGETS = {
    "binary": Y % 2,
    "multiclass": Y,
    "multilabel": (Y[:, np.newaxis] >> np.arange(2)) % 2,
    "regression": X[:, 0] * X[:, 1] + Y,
    "poisson": Y.astype(float),
}

DIMENSIONS = {
    "solver": ["adam", "sgd", "lbfgs"],
    "activation": ["identity", "logistic", "tanh", "relu"],
    "kind": list(TARGETS),
    "early_stopping": [False, True],
    "weighted": [False, True],
    "sparse": [False, True],
    "learning_rate": ["constant", "invscaling", "adaptive"],
    "momentum": [(0.0, False), (0.9, False), (0.9, True)],
    "batch_size": ["auto", 37, 1000],
    "shuffle": [True, False],
}


def cells():
    """Every combination that says something other than another does."""
    for values in itertools.product(*DIMENSIONS.values()):
        cell = dict(zip(DIMENSIONS, values, strict=True))
        if cell["solver"] != "sgd" and (cell["learning_rate"], cell["momentum"]) != (
            "constant",
            (0.9, True),
        ):
            continue
        if cell["solver"] == "lbfgs" and (
            cell["early_stopping"] or cell["batch_size"] != "auto" or not cell["shuffle"]
        ):
            continue
        if not HAS_WEIGHTS and (cell["weighted"] or cell["kind"] == "poisson"):
            continue
        yield cell


ALL = list(cells())
LBFGS = [cell for cell in ALL if cell["solver"] == "lbfgs"]
DRAWN = random.Random(0).sample([cell for cell in ALL if cell["solver"] != "lbfgs"], 1700)
SOME, MORE = LBFGS + DRAWN[:200], DRAWN[200:]


def name(cell):
    return "-".join(str(value) for value in cell.values())


def fit_both(cell, **parameters):
    kind, solver = cell["kind"], cell["solver"]
    momentum, nesterov = cell["momentum"]
    parameters = {
        "hidden_layer_sizes": (7, 5),
        "activation": cell["activation"],
        "solver": solver,
        "early_stopping": cell["early_stopping"],
        "learning_rate": cell["learning_rate"],
        # The exponential of the Poisson loss diverges at rates that serve the others.
        "learning_rate_init": 0.001 if kind == "poisson" else 0.02,
        "momentum": momentum,
        "nesterovs_momentum": nesterov,
        "batch_size": cell["batch_size"],
        "shuffle": cell["shuffle"],
        "max_iter": 30,
        "n_iter_no_change": 4,
        # Keeps logits within +-36, where scikit-learn's log loss is not clipped: L-BFGS goes
        # on until they are larger, and then the two minimize different losses.
        "alpha": 1.0 if solver == "lbfgs" else 0.01,
        "random_state": 1,
    } | parameters
    samples = sparse.csr_matrix(X) if cell["sparse"] else X
    weight = {"sample_weight": WEIGHT} if cell["weighted"] else {}
    if kind == "poisson":
        parameters["loss"] = "poisson"
    is_class = kind in ("binary", "multiclass", "multilabel")
    ours, theirs = (
        (XavierMLPClassifier, MLPClassifier) if is_class else (XavierMLPRegressor, MLPRegressor)
    )
    mine = ours(**parameters, **AS_SCIKIT_LEARN)
    yours = theirs(**parameters)
    with np.errstate(all="ignore"):
        return mine.fit(samples, TARGETS[kind], **weight), yours.fit(
            samples, TARGETS[kind], **weight
        )


def assert_same_course(mine, yours, rtol=1e-7):
    for ours, theirs in zip(
        mine.coefs_ + mine.intercepts_, yours.coefs_ + yours.intercepts_, strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())
    assert mine.n_iter_ == yours.n_iter_
    assert mine.loss_ == pytest.approx(yours.loss_, rel=rtol)
    if hasattr(yours, "loss_curve_"):
        np.testing.assert_allclose(mine.loss_curve_, yours.loss_curve_, rtol=rtol)
        assert mine.t_ == yours.t_
    if getattr(yours, "validation_scores_", None) is not None:
        np.testing.assert_allclose(mine.validation_scores_, yours.validation_scores_, rtol=rtol)
        assert mine.best_validation_score_ == pytest.approx(yours.best_validation_score_)
    np.testing.assert_allclose(mine.predict(X), yours.predict(X), rtol=rtol)
    if hasattr(yours, "predict_proba"):
        np.testing.assert_allclose(
            mine.predict_proba(X), yours.predict_proba(X), rtol=1e-6, atol=1e-10
        )


@pytest.mark.parametrize("cell", SOME, ids=name)
def test_training_retraces_scikit_learn(cell):
    assert_same_course(*fit_both(cell))


@pytest.mark.slow
@pytest.mark.parametrize("cell", MORE, ids=name)
def test_training_retraces_scikit_learn_in_more_cells(cell):
    assert_same_course(*fit_both(cell))


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_warm_starts_go_on_as_scikit_learn_does(solver, kind):
    cell = dict.fromkeys(("weighted", "sparse"), False) | {
        "solver": solver,
        "activation": "tanh",
        "kind": kind,
        "early_stopping": False,
        "learning_rate": "adaptive",
        "momentum": (0.9, True),
        "batch_size": 37,
        "shuffle": True,
    }
    mine, yours = fit_both(cell, warm_start=True, max_iter=8)
    for max_iter in (3, 8):
        mine.set_params(max_iter=max_iter).fit(X, TARGETS[kind])
        yours.set_params(max_iter=max_iter).fit(X, TARGETS[kind])
        if solver == "lbfgs":
            yours.t_ = mine.t_
        assert_same_course(mine, yours)


@pytest.mark.skipif(not HAS_WEIGHTS, reason="scikit-learn's MLP had no sample_weight")
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fits_without_shuffling_are_scikit_learns(solver):
    parameters = {"solver": solver, "shuffle": False, "batch_size": 37, "random_state": 1}
    mine = XavierMLPClassifier((7,), **parameters, **AS_SCIKIT_LEARN)
    yours = MLPClassifier((7,), **parameters)
    for rows in (slice(0, 50), slice(50, 130), slice(20, 60)):
        for mlp in (mine, yours):
            mlp.partial_fit(X[rows], Y[rows], WEIGHT[rows], classes=np.arange(4))
    yours.n_iter_ = mine.n_iter_
    assert_same_course(mine, yours)


@pytest.mark.parametrize("learning_rate", ["invscaling", "adaptive"])
def test_adam_takes_no_schedule_as_in_scikit_learn(learning_rate):
    cell = dict.fromkeys(("weighted", "sparse", "early_stopping"), False) | {
        "solver": "adam",
        "activation": "tanh",
        "kind": "multiclass",
        "learning_rate": learning_rate,
        "momentum": (0.9, True),
        "batch_size": 37,
        "shuffle": True,
    }
    assert_same_course(*fit_both(cell))


@pytest.mark.parametrize("pair", [(0, 2), (0, -1), (False, True)])
@pytest.mark.parametrize("container", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_label_indicators_other_than_one(pair, container, solver, digits, targets):
    X, Y = digits[0], targets["multilabel"]
    common = {"solver": solver, "max_iter": 10, "random_state": 0, "alpha": 1.0}
    y = container(np.where(Y == 1, pair[1], pair[0]))
    theirs = MLPClassifier((5,), **common).fit(X, y)
    ours = XavierMLPClassifier((5,), init="sklearn", bias_init="same", **common).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-7)
