"""Frames of pandas and polars: the same networks as from arrays, with names that are checked."""

import re

import numpy as np
import pytest
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from sk_xavier import (
    HiddenLayerTransformer,
    XavierMLPClassifier,
    XavierMLPRegressor,
    compare_initializers,
    signal_propagation,
)

pd = pytest.importorskip("pandas")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

NAMES = [f"pixel{i}" for i in range(64)]
KINDS = ["pandas", pytest.param("polars", marks=pytest.mark.polars)]
of_kinds = pytest.mark.parametrize("kind", KINDS)


def make(cls=XavierMLPClassifier, **parameters):
    return cls(**{"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0} | parameters)


def frame(X, kind, names=NAMES):
    """Rows are numbered from the end, which must not matter."""
    if kind == "pandas":
        return pd.DataFrame(X, columns=names, index=np.arange(len(X))[::-1])
    import polars

    return polars.DataFrame(X, schema=names)


def column(values, kind, dtype=None):
    if kind == "pandas":
        return pd.Series(values, index=np.arange(len(values))[::-1], dtype=dtype)
    import polars

    return polars.Series(values, dtype=dtype)


def weights(mlp):
    return np.concatenate([array.ravel() for array in [*mlp.coefs_, *mlp.intercepts_]])


@pytest.fixture(params=KINDS)
def kind(request):
    if request.param == "polars":
        pytest.importorskip("polars")
    return request.param


# --- the same as arrays --------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("cls", [XavierMLPClassifier, XavierMLPRegressor])
def test_a_frame_is_its_array(cls, dtype, kind, digits):
    X, y = digits[0].astype(dtype), digits[1]
    mlp, of_frame = make(cls).fit(X, y), make(cls).fit(frame(X, kind), column(y, kind))
    np.testing.assert_array_equal(weights(of_frame), weights(mlp), strict=True)
    np.testing.assert_array_equal(of_frame.predict(frame(X, kind)), mlp.predict(X), strict=True)
    assert of_frame.feature_names_in_.tolist() == NAMES
    assert of_frame.coefs_[0].dtype == dtype
    once = make(cls)
    if cls is XavierMLPClassifier:
        once.partial_fit(frame(X, kind), column(y, kind), classes=np.arange(10))
    else:
        once.partial_fit(frame(X, kind), column(y, kind))
    np.testing.assert_array_equal(weights(once), weights(make(cls, max_iter=1).fit(X, y)))


def test_columns_of_several_types_are_numbers(kind, digits):
    X, y = digits
    X = X[:, :3].astype(np.float32)
    names = NAMES[:3]
    table = frame(X, kind, names)
    flags, counts = X[:, 0] > 0.2, (16 * X[:, 1]).astype(int)
    if kind == "pandas":
        table = table.assign(pixel0=flags, pixel1=counts)
    else:
        table = table.with_columns(column(flags, kind).alias(names[0]))
        table = table.with_columns(column(counts, kind).alias(names[1]))
    array = np.column_stack([flags, counts, X[:, 2]]).astype(np.float64)
    mlp = make().fit(table, y)
    np.testing.assert_array_equal(weights(mlp), weights(make().fit(array, y)), strict=True)


def test_weights_go_by_position(kind, digits):
    X, y = digits
    w = np.random.RandomState(0).uniform(0.1, 1.0, size=len(y))
    if kind == "pandas":
        index = np.random.RandomState(1).permutation(len(y))
        given = pd.Series(w, index=index)
    else:
        given = column(w, kind)
    mlp = make().fit(frame(X, kind), column(y, kind), sample_weight=given)
    np.testing.assert_array_equal(weights(mlp), weights(make().fit(X, y, sample_weight=w)))


@pytest.mark.parametrize("scoring", [None, "loss", "neg_log_loss"])
def test_samples_held_out_go_by_position(scoring, kind, digits):
    X, y = digits
    settings = {"early_stopping": True, "scoring": scoring, "max_iter": 6}
    mlp = make(**settings).fit(frame(X, kind), column(y, kind))
    reference = make(**settings).fit(X, y)
    np.testing.assert_array_equal(weights(mlp), weights(reference))
    assert mlp.validation_scores_ == reference.validation_scores_


@pytest.mark.parametrize("scoring", [None, "neg_log_loss"])
def test_an_own_validation_set_is_a_frame_of_the_same_columns(scoring, kind, digits):
    X, y = digits
    settings = {"early_stopping": True, "scoring": scoring}
    val = {"X_val": frame(X[250:], kind), "y_val": column(y[250:], kind)}
    mlp = make(**settings).fit(frame(X[:250], kind), column(y[:250], kind), **val)
    reference = make(**settings).fit(X[:250], y[:250], X_val=X[250:], y_val=y[250:])
    np.testing.assert_array_equal(weights(mlp), weights(reference))
    val["X_val"] = frame(X[250:], kind, NAMES[::-1])
    with pytest.raises(ValueError, match=r"validation set .* cannot be used: The feature names"):
        make(**settings).fit(frame(X[:250], kind), column(y[:250], kind), **val)


@pytest.mark.parametrize(
    "labels",
    ["str", "category", "string", "Int64", "boolean", "polars: String", "polars: Categorical"],
)
def test_labels_of_every_type(labels, digits):
    X, y = digits
    codes = y % 2 if labels == "boolean" else y
    words = codes.astype(str)
    if labels.startswith("polars"):
        polars = pytest.importorskip("polars")
        given = column(words.tolist(), "polars", getattr(polars, labels.split(": ")[1]))
    elif labels in ("Int64", "boolean"):
        given = column(codes, "pandas", labels)
    else:
        given = column(words, "pandas", labels)
    mlp = make().fit(X, given)
    np.testing.assert_array_equal(weights(mlp), weights(make().fit(X, codes)))
    assert set(mlp.predict(X)) <= set(np.asarray(given).tolist())


def test_several_targets_in_a_frame(kind, digits):
    X, y = digits
    targets = np.column_stack([y, y % 3]) / 4
    mlp = make(XavierMLPRegressor).fit(frame(X, kind), frame(targets, kind, ["a", "b"]))
    reference = make(XavierMLPRegressor).fit(X, targets)
    np.testing.assert_array_equal(weights(mlp), weights(reference))


def test_sparse_columns_are_taken(digits):
    X, y = digits
    table = frame(X, "pandas").astype(pd.SparseDtype("float64", 0.0))
    mlp = make().fit(table, y)
    np.testing.assert_allclose(weights(mlp), weights(make().fit(X, y)), atol=1e-10)


def test_diagnosing_and_comparing(kind, digits):
    X, y = digits
    given = frame(X, kind), column(y, kind)
    one, other = signal_propagation(make(), X, y), signal_propagation(make(), *given)
    assert str(one) == str(other)
    settings = {"inits": ["uniform", "normal"], "cv": 2, "n_repeats": 1, "random_state": 0}
    scores = [
        [run.score for run in compare_initializers(make(), *data, **settings).runs]
        for data in ((X, y), given)
    ]
    assert scores[0] == scores[1]


def test_searching(kind, digits):
    X, y = digits
    searches = [
        GridSearchCV(make(), {"init": ["uniform", "normal"]}, cv=2, error_score="raise").fit(*data)
        for data in ((X, y), (frame(X, kind), column(y, kind)))
    ]
    scores = [search.cv_results_["mean_test_score"] for search in searches]
    np.testing.assert_array_equal(*scores)


# --- names ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("reordered", "must be in the same order as they were in fit"),
        ("renamed", "unseen at fit time:\n- other\n.*now missing:\n- pixel0"),
        ("missing", "seen at fit time, yet now missing:\n- pixel0"),
        ("more", "unseen at fit time:\n- other"),
    ],
)
@pytest.mark.parametrize("method", ["predict", "predict_proba", "transform_hidden", "partial_fit"])
def test_names_are_checked(method, change, message, kind, digits):
    X, y = digits
    mlp = make().partial_fit(frame(X, kind), y, classes=np.arange(10))
    changed = {
        "reordered": frame(X, kind, NAMES[::-1]),
        "renamed": frame(X, kind, ["other", *NAMES[1:]]),
        "missing": frame(X[:, 1:], kind, NAMES[1:]),
        "more": frame(np.column_stack([X, X[:, 0]]), kind, [*NAMES, "other"]),
    }[change]
    before = weights(mlp)
    with pytest.raises(ValueError, match=re.compile(message, re.DOTALL)):
        getattr(mlp, method)(changed, *([y] if method == "partial_fit" else []))
    np.testing.assert_array_equal(weights(mlp), before)


def test_names_that_are_missing_are_warned_of(kind, digits):
    X, y = digits
    mlp = make().fit(frame(X, kind), y)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but Xavier"):
        mlp.predict(X)
    with pytest.warns(UserWarning, match="X has feature names, but Xavier.* was fitted without"):
        make().fit(X, y).predict(frame(X, kind))


def test_polars_may_follow_pandas(digits):
    pytest.importorskip("polars")
    X, y = digits
    mlp = make().fit(frame(X, "pandas"), y)
    np.testing.assert_array_equal(mlp.predict(frame(X, "polars")), mlp.predict(frame(X, "pandas")))


def test_set_output(kind, digits):
    X, y = digits
    table = frame(X, kind)
    model = make_pipeline(StandardScaler(), HiddenLayerTransformer(make()))
    model.set_output(transform=kind)
    hidden = model.fit(table, y).transform(table)
    assert type(hidden) is type(table)
    assert list(hidden.columns) == list(model.get_feature_names_out())
    assert hidden.shape == (300, 8)
    arrays = make_pipeline(StandardScaler(), HiddenLayerTransformer(make())).fit(X, y)
    # A scaler sums the columns of a frame, which lie together, in another order.
    np.testing.assert_allclose(np.asarray(hidden), arrays.transform(X), atol=1e-10)
    if kind == "pandas":
        assert hidden.index.equals(table.index)


def test_frames_between_the_steps_of_a_pipeline(kind, digits):
    X, y = digits
    model = make_pipeline(StandardScaler(), make()).set_output(transform=kind)
    model.fit(frame(X, kind), y)
    assert model[-1].feature_names_in_.tolist() == NAMES
    reference = make_pipeline(StandardScaler(), make()).fit(X, y)
    # As above.
    np.testing.assert_allclose(weights(model[-1]), weights(reference[-1]), atol=1e-10)


# --- bad columns ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("null", "Input X contains NaN"),
        ("text", "could not convert string to float: '?a'?|X must hold numbers"),
        ("date", r"X has dates or times in the columns \['pixel1'\]"),
        ("duration", r"X has dates or times in the columns \['pixel1'\]"),
    ],
)
def test_what_is_no_number_is_refused(bad, message, kind, digits):
    X, y = digits
    table = frame(X, kind)
    values = {
        "null": [None] * 300,
        "text": ["a"] * 300,
        "date": [np.datetime64("2026-01-01", "us").item()] * 300,
        "duration": [np.timedelta64(3, "s").item()] * 300,
    }[bad]
    if kind == "pandas":
        dtype = "Float64" if bad == "null" else None
        bad_table = table.assign(pixel1=column(values, kind, dtype))
    else:
        bad_table = table.with_columns(column(values, kind).alias("pixel1"))
    with pytest.raises(ValueError, match=message):
        make().fit(bad_table, y)
    with pytest.raises(ValueError, match=message):
        make().fit(table, y).predict(bad_table)


def test_an_array_of_dates_is_refused(digits):
    dates = np.full((300, 2), np.datetime64("2026-01-01"))
    with pytest.raises(ValueError, match=r"X must hold numbers, got an array of datetime64\[D\]"):
        make().fit(dates, digits[1])


@pytest.mark.parametrize("dtype", ["string", "object", "Int64", "polars: String", "polars: Int64"])
def test_missing_targets_are_refused(dtype, digits):
    X, y = digits
    words = [None, *map(str, y[1:])] if "Int" not in dtype else [None, *map(int, y[1:])]
    if dtype.startswith("polars"):
        polars = pytest.importorskip("polars")
        given = column(words, "polars", getattr(polars, dtype.split(": ")[1]))
    else:
        given = column(words, "pandas", dtype)
    with pytest.raises(ValueError, match=r"y has 1 missing targets of 300|Input y contains NaN"):
        make().fit(X, given)


# --- categories ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def customers():
    """A table of numbers and words, some of them missing, and a rule that needs both."""
    rng = np.random.RandomState(0)
    n = 1200
    table = pd.DataFrame(
        {
            "income": np.exp(rng.normal(10.0, 0.6, size=n)),
            "age": rng.randint(18, 80, size=n),
            "city": rng.choice([f"city {i}" for i in range(30)], size=n),
            "plan": rng.choice(["basic", "plus", "pro"], size=n),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 1500, n), "D"),
        }
    )
    of_city = dict(zip(sorted(set(table["city"])), rng.normal(size=30), strict=True))
    score = 2.0 * (np.log(table["income"]) - 10.0) + 1.5 * table["city"].map(of_city)
    score += table["plan"].map({"basic": -1.0, "plus": 1.0, "pro": 0.0})
    table.loc[rng.uniform(size=n) < 0.05, "income"] = np.nan
    return table, np.where(score > 0.0, "yes", "no")


def by_hand(learner, *, sparse_output=True):
    numbers = make_pipeline(SimpleImputer(), FunctionTransformer(np.log1p), StandardScaler())
    encode = make_column_transformer(
        (numbers, ["income", "age"]),
        (OneHotEncoder(sparse_output=sparse_output), ["city", "plan"]),
        sparse_threshold=1.0,
    )
    return make_pipeline(encode, learner)


def learner():
    return XavierMLPClassifier((30,), learning_rate_init=0.01, max_iter=40, random_state=0)


def test_one_hot_categories_stay_sparse(customers):
    table, y = customers
    model, dense = (by_hand(learner(), sparse_output=flag) for flag in (True, False))
    given = model[:-1].fit_transform(table)
    assert sparse.issparse(given)
    assert not sparse.issparse(dense[:-1].fit_transform(table))
    # 40 epochs let the rounding of another order of sums grow.
    np.testing.assert_allclose(
        model.fit(table, y).predict_proba(table),
        dense.fit(table, y).predict_proba(table),
        atol=1e-6,
    )


@pytest.mark.skrub
def test_tabular_pipeline_of_skrub(customers):
    skrub = pytest.importorskip("skrub")
    table, y = customers
    model = skrub.tabular_pipeline(learner())
    ours = cross_val_score(model, table, y, cv=3).mean()
    hand = cross_val_score(by_hand(learner()), table, y, cv=3).mean()
    dummy = cross_val_score(DummyClassifier(), table, y, cv=3).mean()
    assert dummy < 0.6
    assert ours > dummy + 0.2
    assert ours > hand - 0.05


@pytest.mark.skrub
def test_skrub_imputes_and_scales_for_a_network(customers):
    skrub = pytest.importorskip("skrub")
    table, y = customers
    with_nan = skrub.tabular_pipeline(learner()).fit(table, y)
    given = with_nan[:-1].transform(table)
    assert np.isfinite(np.asarray(given, dtype=float)).all()
    assert np.abs(np.asarray(given, dtype=float)).max() <= 5.0  # of the income, tens of thousands
    with pytest.raises(ValueError, match="- plan"):
        with_nan.predict(table.drop(columns="plan"))


@pytest.mark.polars
@pytest.mark.skrub
def test_skrub_takes_polars(customers):
    polars, skrub = pytest.importorskip("polars"), pytest.importorskip("skrub")
    pytest.importorskip("pyarrow")
    table, y = customers
    model = skrub.tabular_pipeline(learner())
    score = cross_val_score(model, polars.from_pandas(table), y, cv=3).mean()
    assert score > 0.75
