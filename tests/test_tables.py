"""Tables in and out: pandas and polars frames, `set_output`, ColumnTransformer, skrub."""

import re
import tracemalloc
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sk_xavier import (
    HiddenLayerTransformer,
    XavierMLPClassifier,
    XavierMLPRegressor,
    compare_initializers,
    signal_propagation,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = ["pandas", pytest.param("polars", marks=pytest.mark.polars)]
NAMES = ["age", "height", "income", "visits"]


@pytest.fixture(scope="module")
def numbers():
    """120 samples of four features, labels and numbers."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(120, 4))
    score = X[:, 0] - 2 * X[:, 1] * X[:, 2]
    return X, (score > 0).astype(int), score


def frame(kind, columns, names=NAMES):
    """A frame of an array's columns, or of a dictionary's."""
    if not isinstance(columns, dict):
        columns = dict(zip(names, np.transpose(columns), strict=True))
    if kind == "pandas":  # rows have names that must not matter
        n_samples = len(next(iter(columns.values())))
        return pd.DataFrame(columns).set_axis(np.arange(n_samples)[::-1] * 7, axis=0)
    return pytest.importorskip("polars").DataFrame(columns)


def series(kind, values):
    if kind == "pandas":
        return pd.Series(values, index=np.roll(np.arange(len(values)), 5))
    return pytest.importorskip("polars").Series(values)


def pick(kind, table, names):
    return table[names] if kind == "pandas" else table.select(names)


def classifier(**params):
    return XavierMLPClassifier((6,), **({"max_iter": 5, "random_state": 0} | params))


def regressor(**params):
    return XavierMLPRegressor((6,), **({"max_iter": 5, "random_state": 0} | params))


def features(**params):
    return HiddenLayerTransformer(classifier(**params))


def target(estimator, numbers):
    _, labels, score = numbers
    return score if isinstance(estimator, XavierMLPRegressor) else labels


def outcome(estimator, X):
    return estimator.transform(X) if hasattr(estimator, "transform") else estimator.predict(X)


def weights(estimator):
    network = getattr(estimator, "estimator_", estimator)
    return np.concatenate([*map(np.ravel, network.coefs_), *network.intercepts_])


ESTIMATORS = pytest.mark.parametrize("make", [classifier, regressor, features])
FRAMES = pytest.mark.parametrize("kind", KINDS)


# --- a frame is its array


@ESTIMATORS
@FRAMES
def test_a_frame_is_its_array(make, kind, numbers):
    X, y = numbers[0], target(make(), numbers)
    table = frame(kind, X)
    of_array = make().fit(X, y)
    of_frame = make().fit(table, series(kind, y))
    assert_array_equal(weights(of_frame), weights(of_array))
    assert_array_equal(outcome(of_frame, table), outcome(of_array, X))
    assert list(of_frame.feature_names_in_) == NAMES
    assert not hasattr(of_array, "feature_names_in_")


@FRAMES
def test_probabilities_and_scores_of_a_frame(kind, numbers):
    X, y, score = numbers
    table, labels = frame(kind, X), series(kind, y)
    of_frame, of_array = classifier().fit(table, labels), classifier().fit(X, y)
    for method in ("predict_proba", "predict_log_proba"):
        assert_array_equal(getattr(of_frame, method)(table), getattr(of_array, method)(X))
    assert of_frame.score(table, labels) == of_array.score(X, y)
    expected = regressor().fit(X, score).score(X, score)
    assert regressor().fit(table, series(kind, score)).score(table, series(kind, score)) == expected


@FRAMES
def test_signal_propagation_of_a_frame(kind, numbers):
    X, y, _ = numbers
    start = XavierMLPClassifier((6, 6), "tanh", random_state=0)
    of_frame = signal_propagation(start, frame(kind, X), series(kind, y), max_samples=50)
    of_array = signal_propagation(start, X, y, max_samples=50, random_state=0)
    again = signal_propagation(
        start, frame(kind, X), series(kind, y), max_samples=50, random_state=0
    )
    assert len(of_frame.layers) == 3
    assert str(again) == str(of_array)
    assert [layer.z_std for layer in again.layers] == [layer.z_std for layer in of_array.layers]


@FRAMES
def test_compare_initializers_on_a_frame(kind, numbers):
    X, y, _ = numbers
    labels = np.array(["no", "yes"])[y]
    model = make_pipeline(StandardScaler(), classifier())
    options = {"inits": ["zeros", "glorot_uniform"], "cv": 3, "n_repeats": 2, "random_state": 0}
    of_array = compare_initializers(model, X, labels, **options)
    of_frame = compare_initializers(model, frame(kind, X), series(kind, labels), **options)
    scores = [run.score for run in of_frame.runs]
    assert scores == [run.score for run in of_array.runs]
    assert len(set(scores)) > 1


@FRAMES
@pytest.mark.parametrize("scoring", [None, "loss", "roc_auc"])
def test_samples_set_aside_from_a_frame(kind, scoring, numbers):
    X, y, _ = numbers
    labels = np.array(["no", "yes"])[y]
    params = {"early_stopping": True, "scoring": scoring, "validation_fraction": 0.3}
    of_array = classifier(**params).fit(X, labels)
    of_frame = classifier(**params).fit(frame(kind, X), series(kind, labels))
    assert_array_equal(weights(of_frame), weights(of_array))
    assert of_frame.validation_scores_ == of_array.validation_scores_


# --- names of columns


def renamed(kind, table):
    return (
        table.rename(columns={"age": "years"})
        if kind == "pandas"
        else table.rename({"age": "years"})
    )


OTHER_COLUMNS = {
    "reordered": lambda kind, table: pick(kind, table, NAMES[::-1]),
    "missing": lambda kind, table: pick(kind, table, NAMES[1:]),
    "extra": lambda kind, table: (
        pd.concat([table, table[["age"]].set_axis(["more"], axis=1)], axis=1)
        if kind == "pandas"
        else table.with_columns(more=table["age"])
    ),
    "renamed": renamed,
}
COMPLAINTS = {
    "reordered": "Feature names must be in the same order as they were in fit",
    "missing": "Feature names seen at fit time, yet now missing:\n- age",
    "extra": "Feature names unseen at fit time:\n- more",
    "renamed": "Feature names unseen at fit time:\n- years\nFeature names seen at fit time, yet now"
    " missing:\n- age",
}


@ESTIMATORS
@FRAMES
@pytest.mark.parametrize("change", OTHER_COLUMNS)
def test_other_columns_are_refused(make, kind, change, numbers):
    X, y = numbers[0], target(make(), numbers)
    table = frame(kind, X)
    fitted = make().fit(table, y)
    other = OTHER_COLUMNS[change](kind, table)
    with pytest.raises(ValueError, match="feature names should match") as refused:
        outcome(fitted, other)
    # The message is scikit-learn's own, word for word.
    with pytest.raises(ValueError, match=re.escape(str(refused.value))):
        LogisticRegression().fit(table, numbers[1]).predict(other)
    assert COMPLAINTS[change] in str(refused.value)


@ESTIMATORS
@FRAMES
def test_an_array_after_a_frame_warns(make, kind, numbers):
    X, y = numbers[0], target(make(), numbers)
    fitted = make().fit(frame(kind, X), y)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but Xavier"):
        of_array = outcome(fitted, X)
    assert_array_equal(of_array, outcome(fitted, frame(kind, X)))
    with pytest.warns(UserWarning, match="X has feature names, but Xavier.* without feature names"):
        outcome(make().fit(X, y), frame(kind, X))


@pytest.mark.polars
def test_pandas_and_polars_columns_of_one_name_are_one(numbers):
    X, y, _ = numbers
    fitted = classifier().fit(frame("pandas", X), y)
    assert_array_equal(fitted.predict(frame("polars", X)), fitted.predict(frame("pandas", X)))


def test_columns_without_names_have_none(numbers):
    X, y, _ = numbers
    fitted = classifier().fit(pd.DataFrame(X), y)
    assert not hasattr(fitted, "feature_names_in_")
    with pytest.raises(TypeError, match="only supported if all input features have string names"):
        classifier().fit(pd.DataFrame(X, columns=["age", 1, 2, 3]), y)


@FRAMES
def test_names_of_a_validation_set(kind, numbers):
    X, y, _ = numbers
    table, labels = frame(kind, X[:80]), series(kind, y[:80])
    held_out = frame(kind, X[80:])
    params = {"early_stopping": True, "max_iter": 8}
    of_array = classifier(**params).fit(X[:80], y[:80], X_val=X[80:], y_val=y[80:])
    of_frame = classifier(**params).fit(table, labels, X_val=held_out, y_val=series(kind, y[80:]))
    assert_array_equal(weights(of_frame), weights(of_array))
    assert of_frame.validation_scores_ == of_array.validation_scores_
    with pytest.raises(ValueError, match=r"(?s)X_val.*must be in the same order as they were"):
        classifier().fit(table, labels, X_val=pick(kind, held_out, NAMES[::-1]), y_val=y[80:])
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        classifier().fit(table, labels, X_val=X[80:], y_val=y[80:])


@FRAMES
@pytest.mark.parametrize("make", [classifier, regressor])
def test_names_between_calls_of_partial_fit(make, kind, numbers):
    X, y = numbers[0], target(make(), numbers)
    first = {"classes": [0, 1]} if make is classifier else {}
    table = frame(kind, X)
    of_frame = make().partial_fit(table, series(kind, y), **first)
    of_array = make().partial_fit(X, y, **first)
    before = weights(of_frame)
    for change, complaint in COMPLAINTS.items():
        with pytest.raises(ValueError, match=re.escape(complaint)):
            of_frame.partial_fit(OTHER_COLUMNS[change](kind, table), series(kind, y))
    assert_array_equal(weights(of_frame), before)
    of_frame.partial_fit(table, series(kind, y))
    assert_array_equal(weights(of_frame), weights(of_array.partial_fit(X, y)))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        of_frame.partial_fit(X, y)


@FRAMES
def test_names_of_a_warm_start(kind, numbers):
    X, y, _ = numbers
    fitted = classifier(warm_start=True).fit(frame(kind, X), y)
    with pytest.raises(ValueError, match="must be in the same order"):
        fitted.fit(pick(kind, frame(kind, X), NAMES[::-1]), y)
    other = frame(kind, X, ["a", "b", "c", "d"])
    assert list(classifier().fit(frame(kind, X), y).fit(other, y).feature_names_in_) == [*"abcd"]


# --- weights and targets


@FRAMES
@pytest.mark.parametrize("make", [classifier, regressor, features])
def test_weights_go_by_place_not_by_index(make, kind, numbers):
    X, y = numbers[0], target(make(), numbers)
    weight = np.random.RandomState(1).uniform(0.1, 3, len(X))
    of_array = make().fit(X, y, sample_weight=weight)
    of_frame = make().fit(frame(kind, X), series(kind, y), sample_weight=series(kind, weight))
    assert_array_equal(weights(of_frame), weights(of_array))
    assert (weights(make().fit(X, y)) != weights(of_array)).any()
    if make is classifier:
        table, labels, weight = frame(kind, X), series(kind, y), series(kind, weight)
        score = of_frame.score(table, labels, sample_weight=weight)
        assert score == of_array.score(X, y, sample_weight=np.asarray(weight))


LABELS = {
    "pandas Int64": lambda y, s: (pd.Series(y, dtype="Int64"), [0, 1]),
    "pandas boolean": lambda y, s: (pd.Series(y == 1, dtype="boolean"), [False, True]),
    "pandas string": lambda y, s: (pd.Series(s, dtype="string"), ["no", "yes"]),
    "pandas object": lambda y, s: (pd.Series(s, dtype=object), ["no", "yes"]),
    "pandas category": lambda y, s: (pd.Series(s, dtype="category"), ["no", "yes"]),
    "pandas category of numbers": lambda y, s: (pd.Series(y, dtype="category"), [0, 1]),
    # Neither the order of the categories nor those that do not occur count: labels are sorted.
    "pandas categories": lambda y, s: (
        pd.Series(pd.Categorical(s, ["yes", "perhaps", "no"], ordered=True)),
        ["no", "yes"],
    ),
    "polars Int64": lambda y, s: (polars().Series(y), [0, 1]),
    "polars UInt8": lambda y, s: (polars().Series(y, dtype=polars().UInt8), [0, 1]),
    "polars Boolean": lambda y, s: (polars().Series(y == 1), [False, True]),
    "polars String": lambda y, s: (polars().Series(s), ["no", "yes"]),
    "polars Categorical": lambda y, s: (
        polars().Series(s, dtype=polars().Categorical),
        ["no", "yes"],
    ),
    "polars Enum": lambda y, s: (
        polars().Series(s, dtype=polars().Enum(["yes", "perhaps", "no"])),
        ["no", "yes"],
    ),
    "polars column": lambda y, s: (polars().DataFrame({"y": s}), ["no", "yes"]),
}


def polars():
    return pytest.importorskip("polars")


def of_both(table):
    """The names in a table that begin with "polars" get the marker."""
    return [
        pytest.param(name, marks=pytest.mark.polars) if name.startswith("polars") else name
        for name in table
    ]


@pytest.mark.filterwarnings("ignore:A column-vector y:sklearn.exceptions.DataConversionWarning")
@pytest.mark.parametrize("kind", of_both(LABELS))
def test_labels_of_every_type(kind, numbers):
    X, y, _ = numbers
    labels, classes = LABELS[kind](y, np.array(["no", "yes"])[y])
    expected = classifier().fit(X, y)
    fitted = classifier().fit(frame(kind.split()[0], X), labels)
    assert_array_equal(weights(fitted), weights(expected))
    assert list(fitted.classes_) == classes
    assert fitted.score(frame(kind.split()[0], X), labels) == expected.score(X, y)


@FRAMES
def test_a_frame_of_targets(kind, numbers):
    X, y, score = numbers
    both = np.column_stack([score, -score])
    of_frame = regressor().fit(frame(kind, X), frame(kind, both, ["up", "down"]))
    assert_array_equal(weights(of_frame), weights(regressor().fit(X, both)))
    indicators = np.column_stack([y, 1 - y])
    of_frame = classifier().fit(frame(kind, X), frame(kind, indicators, ["up", "down"]))
    assert_array_equal(weights(of_frame), weights(classifier().fit(X, indicators)))


@pytest.mark.parametrize("dtype", ["Float64", "Float32", "Int64", "boolean"])
def test_numbers_that_may_be_missing_are_numbers(dtype, numbers):
    X, y, score = numbers
    given = pd.Series(score if dtype.startswith("F") else y).astype(dtype)
    expected = regressor().fit(X, given.to_numpy(float))
    assert_array_equal(weights(regressor().fit(frame("pandas", X), given)), weights(expected))


MISSING = {
    "pandas Int64": lambda y, s: pd.Series([pd.NA, *y[1:]], dtype="Int64"),
    "pandas boolean": lambda y, s: pd.Series([pd.NA, *(y[1:] == 1)], dtype="boolean"),
    "pandas string": lambda y, s: pd.Series([pd.NA, *s[1:]], dtype="string"),
    "pandas str": lambda y, s: pd.Series([None, *s[1:]]),
    "pandas category": lambda y, s: pd.Series([None, *s[1:]], dtype="category"),
    "pandas objects and NA": lambda y, s: pd.Series([pd.NA, *s[1:]], dtype=object),
    "pandas objects and None": lambda y, s: pd.Series([None, *s[1:]], dtype=object),
    "pandas objects and NaN": lambda y, s: pd.Series([np.nan, *s[1:]], dtype=object),
    "polars Int64": lambda y, s: polars().Series([None, *y[1:].tolist()]),
    "polars Boolean": lambda y, s: polars().Series([None, *(y[1:] == 1).tolist()]),
    "polars String": lambda y, s: polars().Series([None, *s[1:].tolist()]),
    "polars Categorical": lambda y, s: polars().Series(
        [None, *s[1:].tolist()], dtype=polars().Categorical
    ),
}


@pytest.mark.parametrize("make", [classifier, regressor, features])
@pytest.mark.parametrize("kind", of_both(MISSING))
def test_missing_labels_are_refused(kind, make, numbers):
    X, y, _ = numbers
    labels = MISSING[kind](y, np.array(["no", "yes"])[y])
    message = r"^Input y contains (NaN\.|None, NaN or NA in 1 of 120 places\. Leave these samples)"
    with pytest.raises(ValueError, match=message):
        make().fit(X, labels)
    with pytest.raises(ValueError, match=r"X_val.*: Input y contains N"):
        make().fit(X, y, X_val=X, y_val=labels)


def test_labels_that_are_words_are_no_numbers(numbers):
    with pytest.raises(ValueError, match=r"could not convert string to float: .*yes"):
        regressor().fit(numbers[0], pd.Series(["yes", "no"] * 60))


# --- types of columns


@FRAMES
def test_columns_of_several_types(kind, numbers):
    X, y, _ = numbers
    columns = {
        "age": X[:, 0].astype(np.float32),
        "height": np.round(10 * X[:, 1]).astype(np.int32),
        "income": X[:, 2],
        "visits": X[:, 3] > 0,
    }
    expected = classifier().fit(np.column_stack([*columns.values()]), y)
    fitted = classifier().fit(frame(kind, columns), y)
    assert fitted.coefs_[0].dtype == np.float64
    assert_array_equal(weights(fitted), weights(expected))


@FRAMES
@pytest.mark.parametrize("last", [np.float32, np.int8, np.bool_])
@ESTIMATORS
def test_float32_stays_float32(make, kind, last, numbers):
    X, y = numbers[0].astype(np.float32), target(make(), numbers)
    columns = dict(zip(NAMES, X.T, strict=True))
    columns["visits"] = (columns["visits"] * 3).astype(last)
    table = frame(kind, columns)
    fitted = make().fit(table, y)
    assert weights(fitted).dtype == np.float32
    of_array = make().fit(np.column_stack([*columns.values()]).astype(np.float32), y)
    assert_array_equal(weights(fitted), weights(of_array))
    if make is features:
        assert fitted.transform(table).dtype == np.float32
    if make is regressor:
        assert fitted.predict(table).dtype == np.float32
    # What float32 cannot hold makes it float64: whole numbers of 64 bits.
    columns["visits"] = np.arange(len(X))
    assert weights(make().fit(frame(kind, columns), y)).dtype == np.float64


@pytest.mark.parametrize("dtype", ["Float64", "Int64", "boolean"])
def test_columns_that_may_be_missing(dtype, numbers):
    X, y, _ = numbers
    plain = {"Float64": X, "Int64": np.round(3 * X), "boolean": X > 0}[dtype]
    table = pd.DataFrame(plain, columns=NAMES).astype(dtype)
    expected = classifier().fit(plain.astype(float), y)
    assert_array_equal(weights(classifier().fit(table, y)), weights(expected))
    with pytest.raises(ValueError, match=r"^Input X contains NaN"):
        classifier().fit(table.mask(table.index.to_series() == 3), y)


@FRAMES
@pytest.mark.parametrize("values", ["floats", "whole", "truth"])
def test_missing_values_are_refused(kind, values, numbers):
    X, y, _ = numbers
    column = {"floats": X[:, 0], "whole": y, "truth": y == 1}[values].tolist()
    table = frame(kind, {"age": [None, *column[1:]], "height": X[:, 1]})
    with pytest.raises(ValueError, match=r"^Input X contains NaN"):
        classifier().fit(table, y)
    fitted = classifier().fit(frame(kind, {"age": column, "height": X[:, 1]}), y)
    with pytest.raises(ValueError, match=r"^Input X contains NaN"):
        fitted.predict(table)


@FRAMES
@pytest.mark.parametrize("dtype", ["words", "categories"])
def test_columns_of_words_are_refused(kind, dtype, numbers):
    X, y, _ = numbers
    words = np.array(["no", "yes"])[y]
    if dtype == "categories":
        words = (
            pd.Categorical(words)
            if kind == "pandas"
            else polars().Series(words, dtype=polars().Categorical)
        )
    with pytest.raises(ValueError, match=r"could not convert string to float: .*(yes|no)"):
        classifier().fit(frame(kind, {"age": words, "height": X[:, 1]}), y)


# --- set_output


@FRAMES
@pytest.mark.parametrize("came_from", KINDS)
def test_hidden_outputs_as_a_frame(kind, came_from, numbers):
    X, y, _ = numbers
    table = frame(came_from, X)
    transformer = features().set_output(transform=kind).fit(table, y)
    hidden = transformer.transform(table)
    names = [f"hiddenlayertransformer{i}" for i in range(6)]
    assert type(hidden).__module__.partition(".")[0] == kind
    assert list(hidden.columns) == list(transformer.get_feature_names_out()) == names
    assert_array_equal(np.asarray(hidden), features().fit(X, y).transform(X))
    assert_array_equal(np.asarray(clone(transformer).fit_transform(table, y)), np.asarray(hidden))
    if kind == came_from == "pandas":
        assert_array_equal(hidden.index, table.index)


@FRAMES
def test_names_go_through_a_pipeline(kind, numbers):
    X, y, _ = numbers
    table = frame(kind, X)
    model = make_pipeline(
        ColumnTransformer(
            [("scaled", StandardScaler(), ["income", "age"]), ("as_is", "passthrough", ["visits"])]
        ),
        classifier(),
    ).set_output(transform=kind)
    model.fit(table, y)
    assert list(model[-1].feature_names_in_) == ["scaled__income", "scaled__age", "as_is__visits"]
    plain = np.column_stack([StandardScaler().fit_transform(X[:, [2, 0]]), X[:, 3]])
    assert_array_equal(model.predict(table), classifier().fit(plain, y).predict(plain))
    # A ColumnTransformer takes columns by name, whatever their order; one missing is an error.
    assert_array_equal(model.predict(pick(kind, table, NAMES[::-1])), model.predict(table))
    with pytest.raises(ValueError, match=r"columns are missing: {'age'}"):
        model.predict(pick(kind, table, NAMES[1:]))


@FRAMES
def test_hidden_outputs_feed_a_classifier_by_name(kind, numbers):
    X, y, _ = numbers
    model = make_pipeline(StandardScaler(), features(max_iter=50), LogisticRegression())
    model.set_output(transform=kind).fit(frame(kind, X), y)
    assert model[-1].feature_names_in_[-1] == "hiddenlayertransformer5"
    plain = clone(model).set_output(transform="default").fit(X, y)
    assert_array_equal(model.predict(frame(kind, X)), plain.predict(X))


# --- categories


def customers(n_samples=800, seed=0):
    """A table of dates, words, numbers and gaps, and who left.

    Who leaves depends on the plan, the city, the month and, with a plan of its own each, on the
    income: above for one, below for another.
    """
    rng = np.random.RandomState(seed)
    since = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 1400, n_samples), "D")
    plan = rng.choice(["basic", "family", "business"], n_samples)
    city = rng.choice([f"city {i:02d}" for i in range(12)], n_samples)
    income = rng.lognormal(10, 0.5, n_samples)
    z = (np.log(income) - 10) / 0.5
    slope = pd.Series(plan).map({"basic": -2.0, "family": 2.0, "business": 0.0}).to_numpy()
    of_city = np.linspace(-1.5, 1.5, 12)[[int(name[-2:]) for name in city]]
    logit = 1.5 * (slope * z + of_city + np.where(since.month < 7, 1.0, -1.0))
    left = np.where(rng.uniform(size=n_samples) < 1 / (1 + np.exp(-logit)), "left", "stayed")
    table = pd.DataFrame({"since": since, "plan": plan, "city": city, "income": income})
    table["calls"] = rng.poisson(2, n_samples)
    table.loc[rng.uniform(size=n_samples) < 0.1, "income"] = np.nan
    table.loc[rng.uniform(size=n_samples) < 0.05, "city"] = None
    return table, pd.Series(left, name="outcome")


def by_hand(learner, figures=("income", "calls"), sparse_output=True):
    """What one would write for these customers with scikit-learn alone."""
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=sparse_output),
    )
    scaled = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    columns = ColumnTransformer(
        [("words", words, ["plan", "city"]), ("figures", scaled, list(figures))],
        sparse_threshold=1.0 if sparse_output else 0.0,
    )
    return make_pipeline(columns, learner)


def need_pyarrow():
    """Through it polars reads pandas' columns of words; none of these tests is about it."""
    if find_spec("pyarrow") is None:
        pytest.skip("pyarrow is not installed")


@FRAMES
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_categories_are_dense_ones(kind, solver):
    table, left = customers()
    if kind == "polars":
        need_pyarrow()
        table = polars().from_pandas(table)
    learner = classifier(solver=solver, max_iter=10)
    sparse = by_hand(learner).fit(table, left)
    dense = by_hand(learner, sparse_output=False).fit(table, left)
    encoded = sparse[:-1].transform(table)
    assert issparse(encoded)
    assert encoded.format == "csr"
    assert not issparse(dense[:-1].transform(table))
    assert_array_equal(sparse[-1].coefs_[0].shape, dense[-1].coefs_[0].shape)
    # Sums in another order: rounding, which ten steps multiply.
    assert_allclose(sparse.predict_proba(table), dense.predict_proba(table), rtol=1e-8)


def test_sparse_categories_stay_sparse():
    n_samples, n_categories = 2000, 4000
    names = np.arange(n_samples) * 7 % n_categories
    table = pd.DataFrame({"name": names.astype(str), "second": np.roll(names, 1).astype(str)})
    table = pd.concat([table, table.assign(name=names[::-1].astype(str))], ignore_index=True)
    encoder = OneHotEncoder(categories=[np.unique(np.arange(n_categories).astype(str))] * 2)
    encoded = encoder.fit_transform(table)
    dense = encoded.shape[0] * encoded.shape[1] * 8
    mlp = classifier(max_iter=2, batch_size=200)
    tracemalloc.start()
    mlp.fit(encoded, names.repeat(2) % 2).predict(encoded)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # 256 MB dense, and 13 MB a batch of it. The network's 48,000 weights are 0.4 MB a copy.
    assert dense == 4000 * 8000 * 8
    assert peak < 10e6


# --- searches


@FRAMES
def test_a_search_over_a_frame(kind, numbers):
    X, y, _ = numbers
    labels = np.array(["no", "yes"])[y]
    model = make_pipeline(StandardScaler(), classifier(max_iter=30, learning_rate_init=0.05))
    grid = {"xaviermlpclassifier__init": ["zeros", "glorot_uniform", "he_normal"]}
    search = GridSearchCV(model, grid, cv=3, scoring="neg_log_loss")
    of_frame = clone(search).fit(frame(kind, X), series(kind, labels))
    of_array = search.fit(X, labels)
    assert_array_equal(
        of_frame.cv_results_["mean_test_score"], of_array.cv_results_["mean_test_score"]
    )
    assert of_frame.best_params_["xaviermlpclassifier__init"] != "zeros"
    assert list(of_frame.feature_names_in_) == NAMES
    assert_array_equal(of_frame.predict(frame(kind, X)), of_array.predict(X))


@FRAMES
def test_cross_validation_of_a_frame_with_weights(kind, numbers):
    X, y = numbers[0], numbers[2]
    weight = np.random.RandomState(1).uniform(0.1, 3, len(X))
    of_array = cross_val_score(regressor(), X, y, params={"sample_weight": weight})
    of_frame = cross_val_score(
        regressor(),
        frame(kind, X),
        series(kind, y),
        params={"sample_weight": series(kind, weight)},
    )
    assert_array_equal(of_frame, of_array)
    assert (of_array != cross_val_score(regressor(), X, y)).any()


# --- skrub


LEARNER = XavierMLPClassifier(
    (16,), alpha=1.0, max_iter=100, learning_rate_init=0.01, random_state=0
)


@pytest.mark.skrub
def test_skrub_prepares_a_table_as_for_a_linear_model():
    skrub = pytest.importorskip("skrub")

    def steps(learner):
        return {
            name: str(step.get_params())
            for name, step in skrub.tabular_pipeline(learner).steps[:-1]
        }

    ours = steps(LEARNER)
    assert list(ours) == ["tablevectorizer", "simpleimputer", "squashingscaler"]
    # As for scikit-learn's own, which as ours takes no missing values, and not as for trees.
    assert (
        ours == steps(LogisticRegression()) == steps(MLPClassifier()) == steps(XavierMLPRegressor())
    )
    assert ours != steps(HistGradientBoostingClassifier())


@pytest.mark.skrub
def test_skrub_hands_over_what_suits_a_network():
    skrub = pytest.importorskip("skrub")
    table, left = customers()
    model = skrub.tabular_pipeline(LEARNER).fit(table, left)
    prepared = np.asarray(model[:-1].transform(table))
    assert prepared.dtype == np.float32
    assert model[-1].coefs_[0].dtype == np.float32
    assert np.isfinite(prepared).all()
    assert abs(prepared).max() <= 5  # SquashingScaler(max_absolute_value=5)
    assert model[-1].n_features_in_ == prepared.shape[1]
    assert len(model[:-1].get_feature_names_out()) == prepared.shape[1]
    start = signal_propagation(XavierMLPClassifier((16, 16), "tanh", random_state=0), prepared)
    assert start.layers[0].saturated < 0.05


@pytest.mark.skrub
def test_skrub_scores_as_a_pipeline_by_hand():
    skrub = pytest.importorskip("skrub")
    table, left = customers(1500)
    scores = {}
    for kind in (
        ("pandas", "polars") if find_spec("polars") and find_spec("pyarrow") else ("pandas",)
    ):
        if kind == "polars":
            table = polars().from_pandas(table)
        train, test, y_train, y_test = train_test_split(table, left, random_state=0)
        for name, learner in {"network": LEARNER, "linear": LogisticRegression()}.items():
            model = skrub.tabular_pipeline(learner).fit(train, y_train)
            scores[f"{name} {kind}"] = model.score(test, y_test)
        with pytest.raises(ValueError, match="city"):
            model.predict(pick(kind, test, ["since", "plan", "income", "calls"]))
    table, _ = customers(1500)
    table["summer"] = table["since"].dt.month < 7
    train, test, y_train, y_test = train_test_split(table, left, random_state=0)
    hand = by_hand(LEARNER, figures=["income", "calls", "summer"]).fit(train, y_train)
    none = DummyClassifier().fit(train, y_train).score(test, y_test)
    # A standard error of a share among 375 is 0.025: each bound is two of them or more.
    assert scores["network pandas"] > none + 0.2
    assert scores["network pandas"] > scores["linear pandas"] + 0.05
    assert scores["network pandas"] == pytest.approx(hand.score(test, y_test), abs=0.05)
    if "network polars" in scores:
        assert scores["network polars"] == pytest.approx(scores["network pandas"], abs=0.02)


# --- dates ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [np.datetime64("2026-01-01", "us").item(), np.timedelta64(3, "s").item()]
)
@pytest.mark.parametrize("kind", ["pandas", pytest.param("polars", marks=pytest.mark.polars)])
def test_dates_and_times_are_refused_by_name(kind, value):
    X, y = np.random.RandomState(0).normal(size=(20, 2)), np.arange(20) % 2
    if kind == "pandas":
        plain = pd.DataFrame(X, columns=["a", "b"])
        dated = plain.assign(b=value)
    else:
        polars = pytest.importorskip("polars")
        plain = polars.DataFrame(X, schema=["a", "b"])
        dated = plain.with_columns(polars.Series("b", [value] * 20))
    mlp = XavierMLPClassifier((3,), max_iter=2)
    for call in (lambda: mlp.fit(dated, y), lambda: mlp.fit(plain, y).predict(dated)):
        with pytest.raises(ValueError, match=r"X has dates or times in the columns \['b'\]"):
            call()


def test_an_array_of_dates_is_refused():
    dates = np.full((20, 2), np.datetime64("2026-01-01"))
    with pytest.raises(ValueError, match=r"X must hold numbers, got an array of datetime64\[D\]"):
        XavierMLPClassifier((3,)).fit(dates, np.arange(20) % 2)
