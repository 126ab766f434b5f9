"""Class weights: what they are as sample weights, and as repeated rows."""

import contextlib
import copy

import numpy as np
import pytest
from scipy import sparse
from sklearn.utils.class_weight import compute_sample_weight

from sk_xavier import XavierMLPClassifier
from sk_xavier._class_weight import class_weight_factors

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = ["sgd", "adam", "adamw", "rmsprop", "lbfgs"]


@pytest.fixture
def uneven(targets, digits):
    """Samples, and targets of which some classes are rare."""
    X, y = digits[0][:120, 10:50], digits[1][:120]
    labels = np.column_stack([y < 2, y < 6, y == 3]).astype(int)
    return X, {"binary": (y < 2).astype(int), "multiclass": (y > 1) * 1 + (y > 7), "labels": labels}


WEIGHTS = {
    "binary": {0: 0.5, 1: 3.0},
    "multiclass": {0: 4.0, 1: 0.25, 2: 1.5},
    "labels": [{0: 1.0, 1: 5.0}, {0: 2.0, 1: 0.5}, {0: 0.7, 1: 1.1}],
}


def make(**parameters):
    common = {"hidden_layer_sizes": (6,), "max_iter": 4, "batch_size": 50, "random_state": 0}
    return XavierMLPClassifier(**common | parameters)


def assert_same_weights(mlp, other):
    for mine, theirs in zip(
        mlp.coefs_ + mlp.intercepts_, other.coefs_ + other.intercepts_, strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)
    assert mlp.loss_curve_ == other.loss_curve_


# --- as sample weights


@pytest.mark.parametrize("kind", sorted(WEIGHTS))
@pytest.mark.parametrize("class_weight", ["dict", "balanced"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_class_weights_are_the_sample_weights_that_scikit_learn_makes(
    kind, class_weight, solver, uneven
):
    X, y = uneven[0], uneven[1][kind]
    class_weight = WEIGHTS[kind] if class_weight == "dict" else "balanced"
    mlp = make(solver=solver, class_weight=class_weight).fit(X, y)
    expected = compute_sample_weight(class_weight, y)
    assert_same_weights(mlp, make(solver=solver).fit(X, y, expected))


@pytest.mark.parametrize("kind", sorted(WEIGHTS))
def test_weights_of_classes_and_of_samples_are_multiplied(kind, uneven):
    X, y = uneven[0], uneven[1][kind]
    weight = np.random.RandomState(0).uniform(0.0, 3.0, len(X))
    mlp = make(class_weight=WEIGHTS[kind]).fit(X, y, weight)
    by_class = compute_sample_weight(WEIGHTS[kind], y)
    assert_same_weights(mlp, make().fit(X, y, by_class * weight))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float32_networks_get_weights_of_float32(dtype, uneven):
    X, y = uneven[0].astype(dtype), uneven[1]["multiclass"]
    mlp = make(class_weight="balanced").fit(X, y)
    assert mlp.coefs_[0].dtype == dtype
    expected = compute_sample_weight("balanced", y).astype(dtype)
    assert_same_weights(mlp, make().fit(X, y, expected))


def test_sparse_indicators_are_dense_ones(uneven):
    X, y = uneven[0], uneven[1]["labels"]
    mlp = make(class_weight=WEIGHTS["labels"]).fit(X, sparse.csr_matrix(y))
    assert_same_weights(mlp, make(class_weight=WEIGHTS["labels"]).fit(X, y))


# --- as repeated rows


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_a_class_of_weight_three_has_its_rows_three_times(solver, kind, uneven):
    X, y = uneven[0], uneven[1][kind]
    mlp = make(solver=solver, batch_size=10**6, shuffle=False)
    repeats = np.where(y == 1, 3, 1)
    with (
        pytest.warns(UserWarning, match="clipped")
        if solver != "lbfgs"
        else contextlib.nullcontext()
    ):
        weighted = copy.deepcopy(mlp).set_params(class_weight={1: 3}).fit(X, y)
        repeated = mlp.fit(X.repeat(repeats, axis=0), y.repeat(repeats))
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-6)


def test_a_class_of_weight_zero_has_no_rows(uneven):
    X, y = uneven[0], uneven[1]["multiclass"]
    mlp = make(solver="lbfgs", max_iter=20, class_weight={2: 0.0}).fit(X, y)
    kept = y != 2
    without = make(solver="lbfgs", max_iter=20).fit(X, y, kept.astype(float))
    assert_same_weights(mlp, without)
    assert not (mlp.predict(X) == 2).any()


@pytest.mark.parametrize("kind", ["binary", "multiclass", "labels"])
def test_balanced_counts_a_row_of_weight_two_twice(kind, uneven):
    X, y = uneven[0], uneven[1][kind]
    counts = np.random.RandomState(0).randint(1, 4, len(X))
    mlp = make(solver="lbfgs", class_weight="balanced")
    weighted = copy.deepcopy(mlp).fit(X, y, counts)
    repeated = mlp.fit(X.repeat(counts, axis=0), y.repeat(counts, axis=0))
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-6)


def test_balanced_classes_have_the_same_total_and_all_of_them_the_samples():
    rng = np.random.RandomState(0)
    y, weight = rng.choice(4, 200, p=[0.6, 0.2, 0.15, 0.05]), rng.uniform(0, 2, 200)
    factors = class_weight_factors("balanced", y, np.arange(4), weight)
    totals = np.bincount(y, weights=factors * weight)
    np.testing.assert_allclose(totals, weight.sum() / 4, rtol=1e-12)


def test_balanced_predicts_a_rare_class_as_often_as_another():
    # Two classes that overlap, ten times as many of the first: without weights, the second is
    # hardly ever predicted.
    rng = np.random.RandomState(0)
    y = (np.arange(1100) >= 1000).astype(int)
    X = rng.normal(size=(1100, 1)) + y[:, np.newaxis]
    plain = make(solver="lbfgs").fit(X, y)
    balanced = make(solver="lbfgs", class_weight="balanced").fit(X, y)
    recall = [(mlp.predict(X[y == 1]) == 1).mean() for mlp in (plain, balanced)]
    assert recall[0] < 0.3 < 0.55 < recall[1]


def test_balanced_leaves_out_classes_that_a_warm_start_does_not_weigh():
    factors = class_weight_factors("balanced", np.array([0, 0, 2]), np.arange(3), None)
    np.testing.assert_allclose(factors, [0.75, 0.75, 1.5])  # as with the two classes it has


# --- keys


@pytest.mark.parametrize(
    ("names", "class_weight"),
    [
        (["no", "yes", "maybe"], {"no": 2.0, "maybe": 0.5}),
        (["1", "2", "10"], {"1": 2.0, "10": 0.5}),
        ([-5, 7, 100], {-5: 2.0, 100: 0.5}),
        ([0.0, 1.0, 2.0], {0: 2.0, 2: 0.5}),
        ([False, True], {False: 2.0}),
        ([False, True], {0: 2.0, 1: 1.0}),
    ],
)
@pytest.mark.parametrize("dtype", [None, object])
def test_keys_are_labels_of_any_kind_and_those_left_out_count_one(
    names, class_weight, dtype, uneven
):
    if dtype is object and not isinstance(names[0], str):
        pytest.skip("scikit-learn takes objects for strings alone")
    X, codes = uneven[0], uneven[1]["multiclass"] % len(names)
    y = np.array(names, dtype=dtype)[codes]
    expected = np.array([2.0, 1.0, 0.5])[codes]
    mlp = make(class_weight=class_weight).fit(X, y)
    assert_same_weights(mlp, make().fit(X, y, expected))


@pytest.mark.parametrize("key", ["1", 1.5, 3])
def test_a_key_that_is_no_class_is_refused_where_a_class_has_no_weight(key, uneven):
    X, y = uneven[0], uneven[1]["multiclass"]
    class_weight = {0: 2.0, key: 1.0}
    with pytest.raises(ValueError, match="in class_weight"):
        compute_sample_weight(class_weight, y)  # as scikit-learn does
    with pytest.raises(ValueError, match=rf"class_weight has weights for \[{key!r}\].*none for"):
        make(class_weight=class_weight).fit(X, y)


def test_more_keys_than_classes_are_taken_where_each_class_has_a_weight(uneven):
    X, y = uneven[0], uneven[1]["binary"]
    class_weight = {0: 2.0, 1: 3.0, 2: 4.0}
    mlp = make(class_weight=class_weight).fit(X, y)
    assert_same_weights(mlp, make().fit(X, y, compute_sample_weight(class_weight, y)))


# --- what is refused


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf, -np.inf, "2", None, [1.0]])
@pytest.mark.parametrize("kind", ["multiclass", "labels"])
def test_weights_that_are_no_finite_numbers_of_at_least_zero_are_named(bad, kind, uneven):
    X, y = uneven[0], uneven[1][kind]
    class_weight = {1: bad} if kind == "multiclass" else [{}, {1: bad}, {}]
    with pytest.raises(ValueError, match=r"class_weight must hold finite numbers.* for class 1"):
        make(class_weight=class_weight).fit(X, y)


@pytest.mark.parametrize(
    ("kind", "class_weight", "message"),
    [
        ("binary", [{0: 1, 1: 2}], "lists are for label indicators"),
        ("multiclass", [{0: 1}, {0: 1}, {0: 1}], "lists are for label indicators"),
        ("labels", {0: 1, 1: 2}, "a list with one dictionary for each label"),
        ("labels", [{0: 1}, {0: 1}], "each of the 3 labels. Got 2 entries"),
        ("labels", [{0: 1}] * 4, "each of the 3 labels. Got 4 entries"),
        ("labels", [1.0, 2.0, 3.0], "must hold dictionaries. Got 1.0"),
        ("labels", [{2: 1.0}, {}, {}], r"weights for \[2\]"),
        ("binary", {0: 0.0, 1: 0.0}, "class_weight=.*at least one non-zero"),
        ("labels", [{0: 0, 1: 0}, {}, {}], "class_weight=.*at least one non-zero"),
        ("binary", {0: 1e-320, 1: 1e-320}, "class_weight=.*multiply all by a constant"),
    ],
)
def test_class_weights_that_do_not_fit_are_refused(kind, class_weight, message, uneven):
    X, y = uneven[0], uneven[1][kind]
    mlp = make(class_weight=class_weight)
    with pytest.raises(ValueError, match=message):
        mlp.fit(X, y)
    assert not hasattr(mlp, "coefs_")


@pytest.mark.parametrize("bad", ["unbalanced", 2.0, ("balanced",)])
def test_other_class_weights_are_named_with_the_choices(bad, uneven):
    X, y = uneven[0], uneven[1]["binary"]
    with pytest.raises(ValueError, match=r"'class_weight' parameter .*'balanced'.*dict"):
        make(class_weight=bad).fit(X, y)


# --- partial_fit and early stopping


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("kind", sorted(WEIGHTS))
def test_partial_fits_with_class_weights_are_one_fit(solver, kind, uneven):
    X, y = uneven[0], uneven[1][kind]
    mlp = make(solver=solver, class_weight=WEIGHTS[kind])
    steps = copy.deepcopy(mlp)
    for _ in range(4):
        steps.partial_fit(X, y, classes=np.arange(3 if kind != "binary" else 2))
    assert_same_weights(steps, mlp.fit(X, y))


def test_partial_fit_weighs_classes_that_a_batch_does_not_have(uneven):
    X, y = uneven[0], uneven[1]["multiclass"]
    rows = y != 1
    mlp = make(class_weight=WEIGHTS["multiclass"], batch_size=20)
    mlp.partial_fit(X[rows], y[rows], classes=range(3))
    expected = compute_sample_weight(WEIGHTS["multiclass"], y)[rows]
    plain = make(batch_size=20).partial_fit(X[rows], y[rows], expected, classes=range(3))
    assert_same_weights(mlp, plain)


def test_partial_fit_refuses_balanced_and_changes_nothing(uneven):
    X, y = uneven[0], uneven[1]["multiclass"]
    mlp = make(class_weight="balanced")
    with pytest.raises(ValueError, match=r"'balanced' is not supported for partial_fit.*dict"):
        mlp.partial_fit(X, y, classes=range(3))
    assert not hasattr(mlp, "coefs_")
    assert not hasattr(mlp, "n_features_in_")
    mlp.fit(X, y)
    before = copy.deepcopy(mlp)
    with pytest.raises(ValueError, match="'balanced' is not supported for partial_fit"):
        mlp.partial_fit(X, y)
    assert_same_weights(mlp, before)
    assert mlp.t_ == before.t_


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_samples_set_aside_are_weighted_by_their_class(solver, uneven):
    X, y = uneven[0], uneven[1]["multiclass"]
    parameters = {"solver": solver, "early_stopping": True, "validation_fraction": 0.4}
    mlp = make(class_weight=WEIGHTS["multiclass"], **parameters).fit(X, y)
    expected = compute_sample_weight(WEIGHTS["multiclass"], y)
    weighted = make(**parameters).fit(X, y, expected)
    assert_same_weights(mlp, weighted)
    assert mlp.validation_scores_ == weighted.validation_scores_
    assert mlp.validation_scores_ != make(**parameters).fit(X, y).validation_scores_


def test_a_validation_set_that_is_passed_is_not_weighted_by_class(uneven):
    X, y = uneven[0], uneven[1]["multiclass"]
    mlp = make(class_weight=WEIGHTS["multiclass"], max_iter=1).fit(X, y, X_val=X, y_val=y)
    assert mlp.validation_scores_ == [mlp.score(X, y)]


def test_initialize_tells_the_weighted_loss(uneven):
    X, y = uneven[0], uneven[1]["binary"]
    mlp = make(class_weight={0: 1.0, 1: 9.0}, alpha=0.0).initialize(X, y)
    own = -mlp.predict_log_proba(X)[np.arange(len(X)), y]
    assert mlp.loss_ == pytest.approx(np.average(own, weights=np.where(y == 1, 9.0, 1.0)))
