"""Data frames in, of pandas, polars and pyarrow: as they are, and through what makes numbers."""

import re
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import DataConversionWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler, TargetEncoder
from sklearn.utils.fixes import parse_version

from sk_xavier import (
    HiddenLayerTransformer,
    XavierMLPClassifier,
    XavierMLPRegressor,
    compare_initializers,
    signal_propagation,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # By polars 1.40 and later 1.x, of what scikit-learn before 1.9 calls.
    pytest.mark.filterwarnings("ignore:Support for the dataframe interchange:DeprecationWarning"),
    # By polars 1.42 and later 1.x, of how scikit-learn and skrub join its columns.
    pytest.mark.filterwarnings("ignore:the default behavior of `how=:DeprecationWarning"),
]

VERSION = parse_version(sklearn.__version__)
PANDAS = pytest.param("pandas")
POLARS = pytest.param("polars", marks=pytest.mark.polars)
PYARROW = pytest.param("pyarrow", marks=pytest.mark.pyarrow)
KINDS = pytest.mark.parametrize("kind", [PANDAS, POLARS, PYARROW])
BOTH = pytest.mark.parametrize("cls", [XavierMLPClassifier, XavierMLPRegressor])
NAMES = ["sepal length", "sepal width", "petal length", "petal width"]


def in_columns(X):
    return dict(zip(NAMES, X.T, strict=True))


def frame_of(kind, columns):
    """A frame of one library, from a dictionary of arrays."""
    if kind == "pandas":
        return pd.DataFrame(columns)
    if kind == "polars":
        return pytest.importorskip("polars").DataFrame(columns)
    return pytest.importorskip("pyarrow").table(columns)


def need_names(kind):
    """scikit-learn before 1.9 finds names by a protocol that polars 2 has no more."""
    if kind == "polars" and parse_version("1.9") > VERSION:
        polars = pytest.importorskip("polars")
        if not hasattr(polars.DataFrame, "__dataframe__"):
            pytest.skip("scikit-learn before 1.9 does not see the names of polars 2's columns")


def need_rows(kind):
    if kind == "pyarrow" and parse_version("1.7") > VERSION:
        pytest.skip("scikit-learn before 1.7 cannot take rows of a pyarrow Table")


def make(cls=XavierMLPClassifier, **parameters):
    return cls(**{"hidden_layer_sizes": (6,), "max_iter": 4, "random_state": 0} | parameters)


def assert_same_weights(first, second):
    arrays = (each.coefs_ + each.intercepts_ for each in (first, second))
    for a, b in zip(*arrays, strict=True):
        assert_array_equal(a, b, strict=True)


@pytest.fixture(scope="module")
def data():
    """Irises, centred; numbers of classes, which a regressor takes as well."""
    X, y = sklearn.datasets.load_iris(return_X_y=True)
    return X - X.mean(axis=0), y


@pytest.fixture
def framed(data, kind):
    return frame_of(kind, in_columns(data[0]))


# --- the same as the array


@KINDS
@BOTH
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"solver": "lbfgs"},
        {"early_stopping": True},
        {"early_stopping": True, "scoring": "neg_mean_absolute_error"},
    ],
    ids=["adam", "lbfgs", "early", "scorer"],
)
def test_a_frame_is_its_array(kind, cls, parameters, data, framed):
    X, y = data
    if parameters.get("scoring") and cls is XavierMLPClassifier:
        parameters = parameters | {"scoring": "neg_log_loss"}
    mlp, plain = (make(cls, **parameters).fit(samples, y) for samples in (framed, X))
    assert_same_weights(mlp, plain)
    for method in ("predict", "predict_proba", "predict_log_proba", "transform_hidden"):
        if hasattr(mlp, method):
            got, expected = (
                getattr(*pair)(x) for pair, x in (((mlp, method), framed), ((plain, method), X))
            )
            assert_array_equal(got, expected, strict=True)
    assert mlp.score(framed, y) == plain.score(X, y)
    assert mlp.validation_scores_ == plain.validation_scores_
    assert not hasattr(plain, "feature_names_in_")
    need_names(kind)
    assert_array_equal(mlp.feature_names_in_, NAMES)
    assert mlp.n_features_in_ == 4


@KINDS
@BOTH
def test_partial_fit_and_initialize(kind, cls, data, framed):
    X, y = data
    start = {"classes": [0, 1, 2]} if cls is XavierMLPClassifier else {}
    mlp, plain = make(cls), make(cls)
    for k in range(3):
        mlp.partial_fit(framed, y, **(start if k == 0 else {}))
        plain.partial_fit(X, y, **(start if k == 0 else {}))
    assert_same_weights(mlp, plain)
    assert_same_weights(make(cls).initialize(framed, y), make(cls).initialize(X, y))


@KINDS
@BOTH
def test_validation_sets_are_frames(kind, cls, data, framed):
    X, y = data
    polars_y = y if kind == "pyarrow" else frame_of(kind, {"y": y})["y"]
    parameters = {"early_stopping": True, "n_iter_no_change": 2, "max_iter": 20}
    mlp = make(cls, **parameters).fit(framed, polars_y, X_val=framed[:60], y_val=polars_y[:60])
    plain = make(cls, **parameters).fit(X, y, X_val=X[:60], y_val=y[:60])
    assert_same_weights(mlp, plain)
    assert mlp.validation_scores_ == plain.validation_scores_


@KINDS
def test_a_hidden_layer_of_frames(kind, data, framed):
    X, y = data
    transformer = HiddenLayerTransformer(make()).fit(framed, y)
    assert_array_equal(
        transformer.transform(framed), HiddenLayerTransformer(make()).fit(X, y).transform(X)
    )
    need_names(kind)
    assert_array_equal(transformer.feature_names_in_, NAMES)


@KINDS
def test_diagnosing_with_frames(kind, data, framed):
    X, y = data
    at_start, plain = (signal_propagation(make(), samples, y) for samples in (framed, X))
    assert str(at_start) == str(plain)
    fitted, plain = (
        signal_propagation(make().fit(samples, y), samples, y) for samples in (framed, X)
    )
    assert str(fitted) == str(plain)


@KINDS
def test_comparing_with_frames(kind, data, framed):
    need_rows(kind)
    X, y = data
    comparisons = [
        compare_initializers(
            make(), samples, targets, inits=["uniform", "glorot_uniform"], cv=3, random_state=0
        )
        for samples, targets in ((X, y), (framed, y), (framed, pd.Series(y, index=150 - y)))
    ]
    scores = [comparison.to_frame()["score"] for comparison in comparisons]
    assert scores[0].notna().all()
    for other in scores[1:]:
        assert_array_equal(scores[0], other)


@KINDS
@pytest.mark.parametrize("targets", ["array", "series", "text"])
def test_searches_over_frames(kind, targets, data, framed):
    need_rows(kind)
    X, y = data
    given = np.array(["a", "b", "c"])[y] if targets == "text" else y
    if targets != "array" and kind != "pyarrow":
        given = frame_of(kind, {"y": given})["y"]
    pipeline = make_pipeline(StandardScaler(), make())
    assert_array_equal(
        cross_val_score(pipeline, framed, given, cv=3), cross_val_score(pipeline, X, y, cv=3)
    )
    grid = {"xaviermlpclassifier__init": ["uniform", "glorot_uniform"]}
    search, plain = (
        GridSearchCV(pipeline, grid, cv=3).fit(*pair) for pair in ((framed, given), (X, y))
    )
    for name in ("mean_test_score", "params"):
        assert_array_equal(search.cv_results_[name], plain.cv_results_[name])
    assert search.score(framed, given) == plain.score(X, y)


@pytest.mark.skipif(parse_version("1.9") > VERSION, reason="scikit-learn before 1.9")
@KINDS
def test_callbacks_score_frames(kind, data, framed):
    from sklearn.callback import ScoringMonitor

    X, y = data
    logs = []
    for samples, targets in ((framed, frame_of(kind, {"y": y})["y"]), (X, y)):
        monitor = ScoringMonitor(scoring="neg_log_loss")
        mlp = make(early_stopping=True).set_callbacks(monitor)
        mlp.fit(samples, np.asarray(targets) if kind == "pyarrow" else targets)
        logs.append([row["neg_log_loss"] for row in monitor.get_logs().data])
    assert len(logs[0]) >= 4
    assert_array_equal(*logs)


# --- names


def changed(kind, columns, how):
    """The same numbers in other columns."""
    first, *others = columns
    if how == "reordered":
        columns = {name: columns[name] for name in reversed(columns)}
    elif how == "missing":
        columns = {name: columns[name] for name in others}
    elif how == "extra":
        columns = columns | {"colour": columns[first]}
    else:
        columns = {"colour": columns[first]} | {name: columns[name] for name in others}
    return frame_of(kind, columns)


USES = {
    "predict": lambda mlp, frame, y: mlp.predict(frame),
    "predict_proba": lambda mlp, frame, y: mlp.predict_proba(frame),
    "score": lambda mlp, frame, y: mlp.score(frame, y),
    "transform_hidden": lambda mlp, frame, y: mlp.transform_hidden(frame),
    "partial_fit": lambda mlp, frame, y: mlp.partial_fit(frame, y),
    "warm fit": lambda mlp, frame, y: mlp.set_params(warm_start=True).fit(frame, y),
    "diagnosing": lambda mlp, frame, y: signal_propagation(mlp, frame),
}


@KINDS
@pytest.mark.parametrize("how", ["reordered", "missing", "extra", "renamed"])
@pytest.mark.parametrize("use", USES)
def test_other_columns_are_refused_as_scikit_learn_does(kind, how, use, data, framed):
    need_names(kind)
    X, y = data
    mlp = make().fit(framed, y)
    weights = mlp.coefs_[0].copy()
    other = changed(kind, in_columns(X), how)
    with pytest.raises(ValueError, match="feature names") as scikit_learns:
        StandardScaler().fit(framed).transform(other)
    with pytest.raises(ValueError, match="feature names") as ours:
        USES[use](mlp, other, y)
    assert str(ours.value) == str(scikit_learns.value)
    assert_array_equal(mlp.coefs_[0], weights)
    with pytest.raises(ValueError, match="feature names") as of_transformer:
        HiddenLayerTransformer(make()).fit(framed, y).transform(other)
    assert str(of_transformer.value) == str(scikit_learns.value)


@KINDS
@pytest.mark.parametrize("how", ["reordered", "missing", "extra", "renamed"])
def test_validation_sets_with_other_columns_are_refused(kind, how, data, framed):
    need_names(kind)
    X, y = data
    other = changed(kind, in_columns(X), how)
    with pytest.raises(ValueError, match=r"validation set .* feature names should match"):
        make().fit(framed, y, X_val=other, y_val=y)


@KINDS
def test_names_on_one_side_only_warn_as_scikit_learn_does(kind, data, framed):
    need_names(kind)
    X, y = data
    for fitted_on, other in ((framed, X), (X, framed)):
        with pytest.warns(UserWarning, match="feature names") as scikit_learns:
            LinearRegression().fit(fitted_on, y).predict(other)
        mlp = make().fit(fitted_on, y)
        with pytest.warns(UserWarning, match="feature names") as ours:
            predicted = mlp.predict(other)
        (text,) = {str(each.message) for each in scikit_learns if each.category is UserWarning}
        text = text.replace("LinearRegression", "XavierMLPClassifier")
        assert [str(each.message) for each in ours if each.category is UserWarning] == [text]
        assert_array_equal(predicted, mlp.predict(fitted_on))
        with pytest.warns(UserWarning, match="feature names"):
            mlp.partial_fit(other, y)
        with pytest.warns(UserWarning, match="feature names"):
            make().fit(fitted_on, y, X_val=other, y_val=y)


def test_names_are_told_before_columns_without_numbers(data):
    X, y = data
    mlp = make().fit(pd.DataFrame(in_columns(X)), y)
    with pytest.raises(ValueError, match=r"now missing:\n- petal width"):
        mlp.predict(pd.DataFrame(in_columns(X)).assign(**{"sepal length": "long"}).iloc[:, :3])


@pytest.mark.polars
def test_names_may_come_from_another_library(data):
    need_names("polars")
    X, y = data
    columns = in_columns(X)
    mlp = make().fit(frame_of("pandas", columns), y)
    assert_array_equal(mlp.predict(frame_of("polars", columns)), mlp.predict(pd.DataFrame(columns)))


def test_the_index_of_a_frame_is_not_looked_at(data):
    X, y = data
    shuffled = np.random.RandomState(0).permutation(len(X))
    weight = np.random.RandomState(1).uniform(0.5, 2.0, len(X))
    for early_stopping in (False, True):
        mlp, plain = (make(early_stopping=early_stopping) for _ in range(2))
        frame = pd.DataFrame(X, columns=NAMES, index=shuffled)
        mlp.fit(frame, pd.Series(y, index=shuffled[::-1]), pd.Series(weight, index=-shuffled))
        assert_same_weights(mlp, plain.fit(X, y, weight))


# --- targets and weights

LABELS = np.array(["se", "ve", "vi"])

PANDAS_TARGETS = {
    "series": lambda y: pd.Series(y),
    "text": lambda y: pd.Series(LABELS[y]),
    "objects": lambda y: pd.Series(LABELS[y], dtype=object),
    "category": lambda y: pd.Series(LABELS[y], dtype="category"),
    "category of numbers": lambda y: pd.Series(y, dtype="category"),
    "string": lambda y: pd.Series(LABELS[y], dtype="string"),
    "bool": lambda y: pd.Series(y > 0),
    "Int64": lambda y: pd.Series(y, dtype="Int64"),
    "Float64": lambda y: pd.Series(y, dtype="Float64"),
    "boolean": lambda y: pd.Series(y > 0, dtype="boolean"),
}
PYARROW_TARGETS = {
    "string[pyarrow]": lambda y: pd.Series(LABELS[y], dtype="string[pyarrow]"),
    "int64[pyarrow]": lambda y: pd.Series(y, dtype="int64[pyarrow]"),
    "bool[pyarrow]": lambda y: pd.Series(y > 0, dtype="bool[pyarrow]"),
    "array": lambda y: pytest.importorskip("pyarrow").array(LABELS[y]),
    "chunked": lambda y: pytest.importorskip("pyarrow").chunked_array([y[:50], y[50:]]),
}
POLARS_TARGETS = {
    "polars": lambda y: polars_series(y),
    "polars text": lambda y: polars_series(LABELS[y]),
    "polars bool": lambda y: polars_series(y > 0),
    "polars category": lambda y: polars_series(LABELS[y], "Categorical"),
}


def polars_series(values, dtype=None):
    polars = pytest.importorskip("polars")
    return polars.Series(values, dtype=dtype and getattr(polars, dtype))


TARGETS = pytest.mark.parametrize(
    "targets",
    [
        *(pytest.param(targets, id=name) for name, targets in PANDAS_TARGETS.items()),
        *(
            pytest.param(targets, id=name, marks=pytest.mark.pyarrow)
            for name, targets in PYARROW_TARGETS.items()
        ),
        *(
            pytest.param(targets, id=name, marks=pytest.mark.polars)
            for name, targets in POLARS_TARGETS.items()
        ),
    ],
)


@TARGETS
@pytest.mark.parametrize(
    "parameters",
    [{}, {"early_stopping": True}, {"early_stopping": True, "scoring": "neg_log_loss"}],
    ids=["plain", "early", "scorer"],
)
def test_targets_of_all_types(targets, parameters, data):
    X, y = data
    given = targets(y)
    codes = np.unique(np.asarray(given), return_inverse=True)[1]
    mlp = make(**parameters).fit(X, given)
    assert_same_weights(mlp, make(**parameters).fit(X, codes))
    witness = MLPClassifier((2,), max_iter=2).fit(X, given)
    assert_array_equal(mlp.classes_, witness.classes_, strict=True)
    assert mlp.predict(X).dtype == mlp.classes_.dtype
    assert mlp.score(X, given) == np.mean(np.asarray(mlp.predict(X)) == mlp.classes_[codes])
    assert signal_propagation(mlp, X, given).initial_loss > 0


@TARGETS
def test_numbers_of_all_types(targets, data):
    X, y = data
    given = targets(y)
    try:
        numbers = np.asarray(given).astype(float)
    except ValueError:
        with pytest.raises(ValueError, match="could not convert string to float"):
            make(XavierMLPRegressor).fit(X, given)
        return
    mlp = make(XavierMLPRegressor).fit(X, given)
    assert_same_weights(mlp, make(XavierMLPRegressor).fit(X, numbers))


@KINDS
@BOTH
def test_a_frame_of_one_target_is_raveled_with_a_warning(kind, cls, data):
    X, y = data
    with pytest.warns(DataConversionWarning, match="column-vector"):
        mlp = make(cls).fit(X, frame_of(kind, {"y": y}))
    assert_same_weights(mlp, make(cls).fit(X, y))


@KINDS
@BOTH
def test_frames_of_several_targets(kind, cls, data):
    X, y = data
    targets = frame_of(kind, {"a": y % 2, "b": y // 2})
    mlp = make(cls, early_stopping=True).fit(X, targets)
    assert_same_weights(mlp, make(cls, early_stopping=True).fit(X, np.c_[y % 2, y // 2]))
    assert mlp.predict(X).shape == (150, 2)


MISSING = {
    "None": lambda y: pd.Series([None if k == 2 else "ab"[k] for k in y], dtype=object),
    "NA": lambda y: pd.Series([pd.NA if k == 2 else "ab"[k] for k in y], dtype=object),
    "NaN": lambda y: pd.Series([np.nan if k == 2 else "ab"[k] for k in y], dtype=object),
    "list": lambda y: [None if k == 2 else "ab"[k] for k in y],
    "float": lambda y: pd.Series(y, dtype=float).mask(y == 2),
    **{
        f"missing {name}": lambda y, name=name: PANDAS_TARGETS[name](y).mask(y == 2)
        for name in ("text", "category", "string", "Int64", "Float64", "boolean")
    },
}
MISSING_POLARS = {
    "polars": lambda y: polars_series([None if k == 2 else int(k) for k in y]),
    "polars text": lambda y: polars_series([None if k == 2 else "ab"[k] for k in y]),
    "polars bool": lambda y: polars_series([None if k == 2 else k == 1 for k in y]),
}


@BOTH
@pytest.mark.parametrize(
    "targets",
    [
        *(pytest.param(targets, id=name) for name, targets in MISSING.items()),
        *(
            pytest.param(targets, id=name, marks=pytest.mark.polars)
            for name, targets in MISSING_POLARS.items()
        ),
        pytest.param(
            lambda y: PYARROW_TARGETS["string[pyarrow]"](y).mask(y == 2),
            id="pyarrow text",
            marks=pytest.mark.pyarrow,
        ),
    ],
)
def test_missing_targets_are_refused(cls, targets, data):
    X, y = data
    mlp = make(cls)
    for fit in (mlp.fit, mlp.initialize, mlp.partial_fit):
        with pytest.raises(ValueError, match=r"Input y contains (NaN|missing values: 50 of 150)"):
            fit(X, targets(y))
    assert not hasattr(mlp, "coefs_")
    with pytest.raises(ValueError, match=r"validation set .* Input y contains"):
        mlp.fit(X, y, X_val=X, y_val=targets(y))


def test_rows_of_targets_of_different_lengths_are_no_missing_values(data):
    with pytest.raises(ValueError, match=r"inhomogeneous|sequence"):
        make().fit(data[0], [[0], [0, 1]] * 75)


WEIGHTS = {
    "series": pytest.param(lambda w: pd.Series(w, index=range(150, 0, -1)), id="series"),
    "Float64": pytest.param(lambda w: pd.Series(w, dtype="Float64"), id="Float64"),
    "polars": pytest.param(lambda w: polars_series(w), id="polars", marks=pytest.mark.polars),
    "pyarrow": pytest.param(
        lambda w: pytest.importorskip("pyarrow").array(w), id="pyarrow", marks=pytest.mark.pyarrow
    ),
}


@BOTH
@pytest.mark.parametrize("weights", WEIGHTS.values())
def test_weights_count_by_their_position(cls, weights, data):
    X, y = data
    weight = np.random.RandomState(0).uniform(0.5, 2.0, len(X))
    for early_stopping in (False, True):
        mlp, plain = (make(cls, early_stopping=early_stopping) for _ in range(2))
        assert_same_weights(mlp.fit(X, y, weights(weight)), plain.fit(X, y, weight))
    mlp = make(cls).fit(X, y, X_val=X, y_val=y, sample_weight_val=weights(weight))
    plain = make(cls).fit(X, y, X_val=X, y_val=y, sample_weight_val=weight)
    assert mlp.validation_scores_ == plain.validation_scores_


def test_missing_weights_are_refused(data):
    X, y = data
    with pytest.raises(ValueError, match="sample_weight contains NaN"):
        make().fit(X, y, pd.Series(np.where(y == 0, np.nan, 1.0), dtype="Float64"))


# --- types of columns


def columns_of(X, *types):
    return {name: (10 * x).astype(type_) for name, x, type_ in zip(NAMES, X.T, types, strict=False)}


TYPES = {
    "f8 f8": np.float64,
    "f4 f8": np.float64,
    "f4 f4": np.float32,
    "f4 i1": np.float32,  # as NumPy promotes them
    "f4 i2": np.float32,
    "f4 i4": np.float64,
    "f4 i8": np.float64,
    "f4 ?": np.float32,
    "i8 i8": np.float64,
    "i8 ?": np.float64,
    "? ?": np.float64,
}


@KINDS
@BOTH
@pytest.mark.parametrize("types", TYPES)
def test_the_type_that_columns_share_is_the_networks(kind, cls, types, data):
    X, y = data
    columns = columns_of(X, *types.split())
    frame = frame_of(kind, columns)
    dtype = TYPES[types]
    mlp = make(cls).fit(frame, y)
    assert {array.dtype for array in mlp.coefs_ + mlp.intercepts_} == {np.dtype(dtype)}
    array = np.column_stack([column.astype(dtype) for column in columns.values()])
    plain = make(cls).fit(array, y)
    assert_same_weights(mlp, plain)
    outputs = [mlp.transform_hidden(frame), plain.transform_hidden(array)]
    assert_array_equal(*outputs, strict=True)
    assert outputs[0].dtype == dtype
    partial = make(cls)
    partial.partial_fit(frame, y, **({"classes": [0, 1, 2]} if "Cl" in cls.__name__ else {}))
    assert partial.coefs_[0].dtype == dtype


@KINDS
def test_validation_sets_and_further_fits_keep_the_networks_type(kind, data):
    X, y = data
    small, large = (frame_of(kind, columns_of(X, *[type_] * 4)) for type_ in ("f4", "f8"))
    for first, second in ((small, large), (large, small)):
        mlp = make(warm_start=True).fit(first, y, X_val=second, y_val=y)
        dtype = mlp.coefs_[0].dtype
        assert mlp.fit(second, y).coefs_[0].dtype == dtype
        assert dtype == (np.float32 if first is small else np.float64)


def test_nullable_columns_without_missing_values(data):
    X, y = data
    columns = columns_of(X, "f8", "i8", "?")
    nullable = pd.DataFrame(
        {
            name: pd.Series(column, dtype=dtype)
            for (name, column), dtype in zip(
                columns.items(), ("Float64", "Int64", "boolean"), strict=True
            )
        }
    )
    mlp, plain = (make().fit(frame, y) for frame in (nullable, pd.DataFrame(columns)))
    assert_same_weights(mlp, plain)
    assert_array_equal(mlp.predict_proba(nullable), plain.predict_proba(pd.DataFrame(columns)))


BAD_COLUMNS = {
    "text": ["se", "ve"] * 75,
    "date": np.arange("2024-01-01", "2024-05-30", dtype="datetime64[D]").astype("datetime64[ms]"),
}


@KINDS
@BOTH
@pytest.mark.parametrize("bad", BAD_COLUMNS)
@pytest.mark.parametrize("alone", [False, True])
def test_columns_without_numbers_are_named(kind, cls, bad, alone, data):
    X, y = data
    good = {} if alone else {"size": X[:, 0]}
    frame = frame_of(kind, good | {"tax band": BAD_COLUMNS[bad]})
    with pytest.raises(ValueError, match=r"that do not hold numbers: 'tax band' \(.+\)\. Make"):
        make(cls).fit(frame, y)
    with pytest.raises(ValueError, match=r"that do not hold numbers: 'tax band' \("):
        make(cls).initialize(frame, y)
    numbers = frame_of(kind, good | {"tax band": X[:, 1]})
    mlp = make(cls).fit(numbers, y)
    with pytest.raises(ValueError, match=r"that do not hold numbers: 'tax band' \("):
        mlp.predict(frame)
    with pytest.raises(ValueError, match=r"validation set .* not hold numbers: 'tax band' \("):
        make(cls).fit(numbers, y, X_val=frame, y_val=y)


@pytest.mark.parametrize("dtype", [object, "category", "string"])
def test_text_of_other_types_is_named_and_missing_values_are_not(dtype, data):
    X, y = data
    frame = pd.DataFrame(
        {
            "size": pd.Series(X[:, 0], dtype="Float64").mask(y == 1),
            "city": pd.Series(["Oslo", None, "Rome"] * 50, dtype=dtype),
        }
    )
    with pytest.raises(ValueError, match=rf"numbers: 'city' \({re.escape(str(frame.city.dtype))}"):
        make().fit(frame, y)


def test_of_many_columns_a_few_are_named(data):
    _, y = data
    frame = pd.DataFrame({f"answer {k}": ["yes", "no"] * 75 for k in range(8)})
    with pytest.raises(ValueError, match=r"'answer 4' \(\w+\), and 3 more\. Make"):
        make().fit(frame, y)


DAYS = pd.date_range("2024-01-01", periods=150)
TIMES = {
    "two units": {"a": DAYS.astype("datetime64[s]"), "b": DAYS.astype("datetime64[ns]")},
    "time zone": {"a": DAYS.tz_localize("UTC")},
    "durations": {"a": DAYS - DAYS[0]},
    "months": {"a": DAYS.to_period("M")},
    "categories": {"a": pd.Categorical(DAYS)},
    "python's": {"a": pd.Series([day.date() for day in DAYS])},
}


@pytest.mark.parametrize("columns", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("alone", [False, True])
def test_times_are_never_made_numbers(columns, alone, data):
    # NumPy would make numbers of most of them.
    X, y = data
    frame = pd.DataFrame(columns if alone else columns | {"size": X[:, 0]})
    with pytest.raises(
        ValueError, match=r"X has columns that do not hold numbers: 'a' \(\w"
    ) as told:
        make().fit(frame, y)
    assert ("'b' (datetime64[ns])" in str(told.value)) == ("b" in columns)
    assert "size" not in str(told.value)


@pytest.mark.polars
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("dtype", ["Date", "Datetime", "Duration", "Time"])
def test_times_of_polars_are_never_made_numbers(dtype, alone, data):
    X, y = data
    polars = pytest.importorskip("polars")
    times = polars.Series(range(150)).cast(getattr(polars, dtype))
    frame = polars.DataFrame({"a": times} if alone else {"a": times, "size": X[:, 0]})
    with pytest.raises(ValueError, match=rf"do not hold numbers: 'a' \({dtype}"):
        make().fit(frame, y)


def test_an_array_of_dates_is_refused(data):
    dates = np.repeat(BAD_COLUMNS["date"][:, np.newaxis], 2, axis=1)
    with pytest.raises(ValueError, match="X must hold numbers, got an array of datetime64"):
        make().fit(dates, data[1])


def test_text_in_y_is_not_blamed_on_x(data):
    X, y = data
    with pytest.raises(ValueError, match=r"^could not convert string to float"):
        make(XavierMLPRegressor).fit(pd.DataFrame(X, columns=NAMES), LABELS[y])


def test_numbers_as_text_and_categories_of_numbers_are_numbers(data):
    # As in scikit-learn; the guide warns of codes.
    X, y = data
    plain = make().fit(np.c_[X[:, 0], y], y)
    for column in (pd.Series(y, dtype="category"), pd.Series(y.astype(str), dtype=object)):
        frame = pd.DataFrame({"size": X[:, 0], "code": column})
        assert_same_weights(make().fit(frame, y), plain)


@pytest.mark.polars
def test_a_query_is_asked_to_be_collected(data):
    X, y = data
    frame = frame_of("polars", in_columns(X))
    mlp = make().fit(frame, y)
    for call in (lambda: make().fit(frame.lazy(), y), lambda: mlp.predict(frame.lazy())):
        with pytest.raises(TypeError, match=r"X is a LazyFrame, .* Pass X\.collect\(\)"):
            call()


# --- missing values


MISSING_COLUMNS = {
    "float": [None, *[0.5] * 149],
    "int": [None, *[1] * 149],
    "bool": [*[True] * 149, None],
}


@KINDS
@BOTH
@pytest.mark.parametrize("column", MISSING_COLUMNS)
def test_missing_values_are_refused(kind, cls, column, data):
    X, y = data
    frame = frame_of(kind, {"a": X[:, 0], "b": MISSING_COLUMNS[column]})
    if kind == "pandas":
        frame = frame.astype({"b": {"int": "Int64", "bool": "boolean"}.get(column, float)})
    with pytest.raises(ValueError, match=f"(?s)^Input X contains NaN.*{cls.__name__} does not"):
        make(cls).fit(frame, y)
    mlp = make(cls).fit(frame_of(kind, {"a": X[:, 0], "b": X[:, 1]}), y)
    with pytest.raises(ValueError, match=r"^Input X contains NaN"):
        mlp.predict(frame)
    with pytest.raises(ValueError, match=r"validation set .* Input X contains NaN"):
        make(cls).fit(frame_of(kind, {"a": X[:, 0], "b": X[:, 1]}), y, X_val=frame, y_val=y)


# --- sparse columns


def test_sparse_columns_stay_sparse(data):
    _, y = data
    matrix = sparse.random(150, 40, density=0.05, format="csr", random_state=0)
    frame = pd.DataFrame.sparse.from_spmatrix(matrix, columns=[f"word {k}" for k in range(40)])
    try:
        frame.sparse.to_coo()
    except ImportError as error:
        pytest.skip(str(error))
    mlp, plain = (make().fit(samples, y) for samples in (frame, matrix))
    assert_same_weights(mlp, plain)  # bit for bit: dense products are summed in another order
    assert_array_equal(mlp.predict_proba(frame), plain.predict_proba(matrix))
    with pytest.warns(UserWarning, match="sparse columns found"):
        make().fit(frame.assign(size=1.0), y)


# --- tables of several types, and what makes numbers of them


def make_table(n_samples, seed=0):
    """Customers, and whether they stay: four causes, some values missing, one cause a date."""
    rng = np.random.RandomState(seed)
    city = rng.choice(["Oslo", "Rome", "Lima", "Cairo"], n_samples, p=[0.4, 0.3, 0.2, 0.1])
    days = rng.randint(0, 730, n_samples)
    income = rng.lognormal(10.0, 0.5, n_samples)
    age = rng.uniform(18.0, 80.0, n_samples)
    score = (
        2.0 * (np.log(income) - 10.0)
        + np.select([city == "Oslo", city == "Lima"], [1.5, -1.5], 0.0)
        + 1.5 * np.cos(2.0 * np.pi * days / 365.0)
        + (age - 49.0) / 20.0
    )
    table = pd.DataFrame(
        {
            "city": city.astype(object),
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D"),
            "income": income,
            "age": age,
        }
    )
    table.loc[rng.uniform(size=n_samples) < 0.05, "city"] = None
    table.loc[rng.uniform(size=n_samples) < 0.1, "age"] = np.nan
    return table, (score + 0.5 * rng.logistic(size=n_samples) > 0).astype(int), score


def by_hand(*, sparse_output=False, sparse_threshold=0.3):
    """One-hot cities, a season from the date, numbers imputed and scaled."""

    def season(dates):
        angle = 2.0 * np.pi * dates["since"].dt.day_of_year / 365.0
        return np.column_stack([np.cos(angle), np.sin(angle)])

    return make_column_transformer(
        (OneHotEncoder(sparse_output=sparse_output, handle_unknown="ignore"), ["city"]),
        (FunctionTransformer(season), ["since"]),
        (make_pipeline(SimpleImputer(), StandardScaler()), ["income", "age"]),
        sparse_threshold=sparse_threshold,
    )


@BOTH
def test_a_column_transformer_dense_and_sparse(cls):
    X, y, _ = make_table(400)
    models = [
        make_pipeline(
            by_hand(sparse_output=True, sparse_threshold=threshold), make(cls, max_iter=20)
        ).fit(X, y)
        for threshold in (0.0, 1.0)
    ]
    dense, csr = (model[:-1].transform(X) for model in models)
    assert isinstance(dense, np.ndarray)
    assert sparse.issparse(csr)
    assert csr.format == "csr"
    # Sums are in another order, and 20 epochs of two steps amplify that a little.
    method = "predict_proba" if cls is XavierMLPClassifier else "predict"
    outputs = [getattr(model, method)(X) for model in models]
    assert_allclose(*outputs, rtol=1e-9)


def test_one_hot_columns_are_never_made_dense():
    rng = np.random.RandomState(0)
    n_samples, n_categories = 3_000, 2_000
    X = pd.DataFrame(
        {
            "place": rng.permutation(np.arange(n_samples) % n_categories).astype(str),
            "size": rng.normal(size=n_samples),
        }
    )
    y = (X["size"] > 0).astype(int)
    encoder = ColumnTransformer(
        [("place", OneHotEncoder(sparse_output=True), ["place"])], remainder="passthrough"
    )
    model = make_pipeline(encoder, make(max_iter=2))
    tracemalloc.start()
    try:
        model.fit(X, y).predict(X)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert model[-1].n_features_in_ == n_categories + 1
    assert sparse.issparse(model[:-1].transform(X))
    assert peak < n_samples * n_categories * 8 / 4  # one dense copy is 48 MB


def test_target_encoding():
    if parse_version("1.9") > VERSION:
        encoder = TargetEncoder(random_state=0)
    else:
        encoder = TargetEncoder(cv=StratifiedKFold(shuffle=True, random_state=0))
    X, y, _ = make_table(1200)
    columns = make_column_transformer(
        (encoder, ["city"]),
        (make_pipeline(SimpleImputer(), StandardScaler()), ["income", "age"]),
    )
    model = make_pipeline(columns, StandardScaler(), make(max_iter=100, learning_rate_init=0.01))
    without = make_pipeline(
        make_column_transformer(columns.transformers[1][1:]),
        make(max_iter=100, learning_rate_init=0.01),
    )
    scores = [each.fit(X[:800], y[:800]).score(X[800:], y[800:]) for each in (model, without)]
    # The city decides as much as the age: a standard deviation of 1.1 to 0.9 of the score's 2.
    assert scores[0] > scores[1] + 0.02
    assert model[:-1].transform(X).shape == (1200, 3)


@pytest.mark.parametrize("output", [PANDAS, POLARS])
@pytest.mark.parametrize("by_config", [False, True])
def test_hidden_layers_as_frames(output, by_config, data):
    X, y = data
    frame_type = pd.DataFrame if output == "pandas" else pytest.importorskip("polars").DataFrame
    frame = frame_of("pandas", in_columns(X))
    transformer = HiddenLayerTransformer(make()).fit(frame, y)
    expected = transformer.transform(frame)
    names = [f"hiddenlayertransformer{k}" for k in range(6)]
    assert_array_equal(transformer.get_feature_names_out(), names)
    if by_config:
        with config_context(transform_output=output):
            found = transformer.transform(frame)
    else:
        found = transformer.set_output(transform=output).transform(frame)
    assert isinstance(found, frame_type)
    assert list(found.columns) == names
    assert_array_equal(np.asarray(found), expected)
    with config_context(transform_output=output):
        assert isinstance(HiddenLayerTransformer(make()).fit_transform(frame, y), frame_type)


@pytest.mark.parametrize("output", [PANDAS, POLARS])
def test_steps_before_that_give_frames(output, data):
    need_names(output)
    X, y = data
    frame = frame_of("pandas", in_columns(X))
    pipeline = make_pipeline(StandardScaler(), HiddenLayerTransformer(make()), make())
    plain = make_pipeline(StandardScaler(), HiddenLayerTransformer(make()), make()).fit(X, y)
    pipeline.set_output(transform=output).fit(frame, y)
    assert_array_equal(pipeline[1].feature_names_in_, NAMES)
    assert list(pipeline[-1].feature_names_in_) == list(pipeline[1].get_feature_names_out())
    # Rows and columns lie in another order in memory, so that sums are rounded otherwise.
    assert_allclose(pipeline.predict_proba(frame), plain.predict_proba(X), rtol=1e-12)
    assert_array_equal(pipeline[:-1].get_feature_names_out(), pipeline[-1].feature_names_in_)


@pytest.mark.parametrize("output", [PANDAS, POLARS])
def test_columns_by_name_from_frame_to_frame(output):
    need_names(output)
    X, y, _ = make_table(200)
    columns = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["city"]),
        (StandardScaler(), ["income"]),
        verbose_feature_names_out=False,
    )
    model = make_pipeline(columns, make()).set_output(transform=output).fit(X, y)
    names = list(model[-1].feature_names_in_)
    assert names[:4] == ["city_Cairo", "city_Lima", "city_Oslo", "city_Rome"]
    assert names[-1] == "income"
    plain = clone(model).set_output(transform="default").fit(X, y)
    assert_allclose(model.predict_proba(X), plain.predict_proba(X), rtol=1e-12)  # likewise


# --- skrub


@pytest.fixture
def tabular_pipeline():
    return pytest.importorskip("skrub").tabular_pipeline


def steps_of(pipeline):
    return [str(step) for _, step in pipeline.steps[:-1]]


@pytest.mark.skrub
@BOTH
def test_skrub_prepares_tables_for_us_as_for_other_networks(cls, tabular_pipeline):
    ours = steps_of(tabular_pipeline(make(cls)))
    assert ours == steps_of(tabular_pipeline(MLPClassifier()))
    assert ours == steps_of(tabular_pipeline(LogisticRegression()))
    assert any("SimpleImputer" in step for step in ours)
    assert "Scaler" in ours[-1]
    trees = steps_of(tabular_pipeline("classifier"))
    assert ours != trees
    assert not any("Scaler" in step for step in trees)


@pytest.mark.skrub
@pytest.mark.parametrize("kind", [PANDAS, POLARS])
def test_a_classifier_in_skrubs_pipeline(kind, tabular_pipeline):
    if kind == "polars":
        pytest.importorskip("pyarrow")  # by which it reads a frame of pandas
    X, y, score = make_table(1500)
    mlp = make(hidden_layer_sizes=(20,), max_iter=50, learning_rate_init=0.01)
    hand = make_pipeline(by_hand(), mlp).fit(X[:1000], y[:1000]).score(X[1000:], y[1000:])
    table = X if kind == "pandas" else pytest.importorskip("polars").from_pandas(X)
    model = tabular_pipeline(mlp).fit(table[:1000], y[:1000])
    found = model.score(table[1000:], y[1000:])
    dummy = DummyClassifier().fit(X[:1000], y[:1000]).score(X[1000:], y[1000:])
    best = np.mean((score[1000:] > 0) == y[1000:])  # who knows all causes, and no chance
    assert found > dummy + 0.2
    assert abs(found - hand) < 0.04  # two standard errors of a share of 500 near 0.87 are 0.03
    assert found < best + 0.01
    assert model.predict_proba(table).shape == (1500, 2)


@pytest.mark.skrub
def test_skrub_hands_over_what_suits_a_network(tabular_pipeline):
    X, y, _ = make_table(400)
    model = tabular_pipeline(make()).fit(X, y)
    prepared = np.asarray(model[:-1].transform(X))
    assert prepared.dtype == model[-1].coefs_[0].dtype == np.float32
    assert len(model[:-1].get_feature_names_out()) == model[-1].n_features_in_
    start = signal_propagation(make(hidden_layer_sizes=(16, 16), activation="tanh"), prepared)
    assert start.layers[0].saturated < 0.05


@pytest.mark.skrub
def test_a_regressor_in_skrubs_pipeline(tabular_pipeline):
    X, _, score = make_table(1000)
    mlp = make(XavierMLPRegressor, hidden_layer_sizes=(20,), max_iter=60, learning_rate_init=0.01)
    model = tabular_pipeline(mlp).fit(X[:700], score[:700])
    assert model.score(X[700:], score[700:]) > 0.8


@pytest.mark.skrub
def test_what_is_around_skrubs_pipeline(tabular_pipeline):
    X, y, _ = make_table(300)
    model = tabular_pipeline(make(max_iter=30, learning_rate_init=0.02))
    grid = {"xaviermlpclassifier__init": ["zeros", "glorot_uniform"]}
    search = GridSearchCV(model, grid, cv=3).fit(X, y)
    zeros, glorot = search.cv_results_["mean_test_score"]
    assert glorot > zeros + 0.1
    comparison = compare_initializers(
        model, X, y, inits=["zeros", "glorot_uniform"], cv=3, n_repeats=1, random_state=0
    )
    assert [run.error for run in comparison.runs] == [None] * 6
    assert signal_propagation(model, X, y).verdict == "healthy"
