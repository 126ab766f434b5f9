"""ONNX models: what ONNX Runtime computes from them is what our estimators predict."""

import doctest
import inspect
import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
)
from sklearn.ensemble import StackingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.activations import ACTIVATIONS, ELU, Activation, LeakyReLU
from sk_xavier.onnx import register_converters

skl2onnx = pytest.importorskip("skl2onnx")
onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
data_types = pytest.importorskip("skl2onnx.common.data_types")

pytestmark = [
    pytest.mark.onnx,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

register_converters()

NEWEST_OPSET = skl2onnx.get_latest_tested_opset_version()
DTYPES = [np.float32, np.float64]

# Both sides round each of some dozens of products and sums; values are of the order of 1.
ATOL = {np.float32: 2e-6, np.float64: 1e-14}

X = np.random.RandomState(0).normal(size=(120, 5))
NUMBERS = X[:, 0] * X[:, 1] + X[:, 2]
TARGETS = {
    "binary": (NUMBERS > 0).astype(int),
    "multiclass": np.digitize(NUMBERS, [-1, 0, 1]),
    "two labels": np.column_stack([NUMBERS > 0, X[:, 3] > 0]).astype(int),
    "three labels": np.column_stack([NUMBERS > 0, X[:, 3] > 0, X[:, 4] > 1]).astype(int),
}


def convert(model, samples, **options):
    """A checked ONNX model; classifiers give arrays unless `zipmap` says otherwise."""
    if hasattr(model, "predict_proba"):
        options = {"zipmap": False, **options}
    converted = skl2onnx.to_onnx(model, samples[:1], options=options or None)
    onnx.checker.check_model(converted, full_check=True)
    return converted


def session_of(converted):
    return ort.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])


def run(converted, samples):
    return session_of(converted).run(None, {"X": samples})


def assert_same(model, samples, atol, **options):
    """ONNX Runtime's labels are ours, and its probabilities nearly so."""
    labels, probabilities = run(convert(model, samples, **options), samples)
    ours = model.predict_proba(samples)
    assert (probabilities.shape, probabilities.dtype) == (ours.shape, ours.dtype)
    np.testing.assert_allclose(probabilities, ours, rtol=0, atol=atol)
    np.testing.assert_array_equal(labels, model.predict(samples))


def classifier(hidden=(12, 8), activation="relu", **parameters):
    parameters = {"max_iter": 30, "learning_rate_init": 0.02, "random_state": 0, **parameters}
    return XavierMLPClassifier(hidden, activation, **parameters)


def regressor(hidden=(12, 8), activation="relu", **parameters):
    parameters = {"max_iter": 30, "learning_rate_init": 0.02, "random_state": 0, **parameters}
    return XavierMLPRegressor(hidden, activation, **parameters)


def raw_predictor(biases, y, dtype=np.float64, cls=XavierMLPClassifier, **parameters):
    """A network whose raw predictions are its samples, one column each, plus these biases."""
    biases = np.asarray(biases, dtype)
    weights = np.eye(len(biases), dtype=dtype)
    samples = np.zeros((len(y), len(biases)), dtype)
    mlp = cls((), init=[weights], bias_init=[biases], **parameters)
    return mlp.initialize(samples, y)


# --- kinds of targets


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("hidden", [(), (12, 8)])
def test_classifier(kind, hidden, dtype):
    samples = X.astype(dtype)
    mlp = classifier(hidden).fit(samples, TARGETS[kind])
    assert_same(mlp, samples, ATOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize(
    "loss", ["squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma"]
)
def test_regressor(loss, n_outputs, dtype):
    samples = X.astype(dtype)
    y = np.exp(np.column_stack([NUMBERS, X[:, 3], X[:, 4]])[:, :n_outputs])
    mlp = regressor(loss=loss).fit(samples, y.ravel() if n_outputs == 1 else y)
    (predicted,) = run(convert(mlp, samples), samples)
    assert (predicted.shape, predicted.dtype) == ((len(X), n_outputs), dtype)
    ours = mlp.predict(samples).reshape(predicted.shape)
    np.testing.assert_allclose(predicted, ours, rtol=0, atol=ATOL[dtype] * np.abs(ours).max())


# --- activations

PARAMETRIC = [LeakyReLU(0.3), LeakyReLU(0.0), LeakyReLU(1.0), ELU(2.5)]
GRID = np.concatenate([np.linspace(-30, 30, 2401), [-1e30, -1e4, -300.0, 300.0, 1e4, 1e30]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", [*ACTIVATIONS, *PARAMETRIC], ids=str)
def test_activation(activation, dtype):
    network = XavierMLPRegressor((1,), activation, init=[np.eye(1), np.eye(1)])
    network.initialize(np.zeros((2, 1), dtype), [0.0, 1.0])
    transformer = HiddenLayerTransformer(FrozenEstimator(network))
    z = GRID.astype(dtype)[:, np.newaxis]
    transformer.fit(z, GRID)
    (outputs,) = run(convert(transformer, z), z)
    found = ACTIVATIONS[activation]() if isinstance(activation, str) else activation
    exact = found.function(z.astype(np.float64))
    # A few roundings of numbers up to 1, and of the result.
    rounding = np.finfo(dtype).eps
    np.testing.assert_allclose(outputs, exact, rtol=4 * rounding, atol=20 * rounding)
    assert outputs.dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_small_values_of_gates_are_kept(dtype):
    """A sigmoid that is cut at its ends would be far off after multiplication."""
    z = np.array([[-40.0], [-60.0]], dtype)  # where 1 + exp(z) is rounded to 1
    network = XavierMLPRegressor((1,), "silu", init=[np.eye(1), np.eye(1)])
    network.initialize(z, [0.0, 1.0])
    (outputs,) = run(convert(network, z), z)
    np.testing.assert_allclose(outputs, z * np.exp(z), rtol=20 * np.finfo(dtype).eps)


def test_a_list_of_activations():
    mlp = classifier((12, 8), ["tanh", LeakyReLU(0.5)]).fit(X, TARGETS["multiclass"])
    assert_same(mlp, X, ATOL[np.float64])
    swapped = classifier((12, 8), [LeakyReLU(0.5), "tanh"]).initialize(X, TARGETS["multiclass"])
    swapped.coefs_, swapped.intercepts_ = mlp.coefs_, mlp.intercepts_
    assert_same(swapped, X, ATOL[np.float64])  # also: edited weights are those converted
    assert np.abs(swapped.predict_proba(X) - mlp.predict_proba(X)).max() > 0.01


def test_dropout_has_no_effect():
    mlp = classifier((12, 8), dropout=0.5).fit(X, TARGETS["multiclass"])
    assert_same(mlp, X, ATOL[np.float64])


@pytest.mark.parametrize("opset", [1, 8, {"": 8, "ai.onnx.ml": 1}])
def test_older_opsets_are_refused(opset):
    for fitted in (
        classifier((3,)).fit(X, TARGETS["multiclass"]),
        HiddenLayerTransformer(classifier((3,))).fit(X, TARGETS["multiclass"]),
        regressor((3,)).fit(X, NUMBERS),
    ):
        with pytest.raises(ValueError, match=r"target_opset must be 9 or newer .* Got (1|8)\."):
            skl2onnx.to_onnx(fitted, X[:1].astype(np.float32), target_opset=opset)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("opset", [9, 11, 12, 13, 17, 18, 20, NEWEST_OPSET])
def test_opset(opset, dtype):
    """All activations at once, at the opsets in which operators changed."""
    samples = X.astype(dtype)
    mlp = classifier((6,) * len(ACTIVATIONS), list(ACTIVATIONS), init="auto")
    mlp.initialize(samples, TARGETS["multiclass"])
    converted = skl2onnx.to_onnx(mlp, samples[:1], options={"zipmap": False}, target_opset=opset)
    onnx.checker.check_model(converted, full_check=True)
    assert [entry.version for entry in converted.opset_import if not entry.domain] == [opset]
    labels, probabilities = run(converted, samples)
    np.testing.assert_allclose(probabilities, mlp.predict_proba(samples), atol=ATOL[dtype])
    np.testing.assert_array_equal(labels, mlp.predict(samples))


# --- real data


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
@pytest.mark.parametrize("trained_in", DTYPES)
def test_float32_agrees_to_1e_5_on_real_data(load, trained_in):
    samples, y = load(return_X_y=True)
    samples = StandardScaler().fit_transform(samples)
    mlp = classifier((50, 20)).fit(samples.astype(trained_in), y)
    labels, probabilities = run(
        convert(mlp, samples.astype(np.float32)), samples.astype(np.float32)
    )
    ours = mlp.predict_proba(samples.astype(trained_in))
    np.testing.assert_allclose(probabilities, ours, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(labels, mlp.predict(samples.astype(trained_in)))


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_with_a_scaler_in_a_pipeline(load):
    samples, y = load(return_X_y=True)
    samples = samples.astype(np.float32)
    model = make_pipeline(StandardScaler(), classifier((50, 20))).fit(samples, y)
    assert_same(model, samples, 1e-5)


def test_numbers_of_real_data():
    samples, y = load_diabetes(return_X_y=True)
    samples = samples.astype(np.float32)
    mlp = regressor((50, 20), solver="lbfgs", max_iter=200).fit(samples, y)
    (predicted,) = run(convert(mlp, samples), samples)
    np.testing.assert_allclose(predicted[:, 0], mlp.predict(samples), rtol=1e-5)


# --- a second witness: skl2onnx's own converter, from the same weights

SHARED = ["identity", "logistic", "tanh", "relu"]


def same_network(theirs, cls, samples, y):
    """Ours with the weights of scikit-learn's."""
    mlp = cls((12, 8), theirs.activation, init=theirs.coefs_, bias_init=theirs.intercepts_)
    return mlp.initialize(samples, y)


def signature(converted):
    session = session_of(converted)
    return [(put.name, put.type, put.shape) for put in session.get_outputs()]


@pytest.mark.parametrize("activation", SHARED)
@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        *itertools.product(["binary", "multiclass"], DTYPES),
        ("three labels", np.float32),  # theirs has none in double precision
    ],
)
def test_classifier_of_skl2onnx(activation, kind, dtype):
    samples, y = X.astype(dtype), TARGETS[kind]
    theirs = MLPClassifier((12, 8), activation, max_iter=5, random_state=0).fit(samples, y)
    ours = convert(same_network(theirs, XavierMLPClassifier, samples, y), samples)
    reference = skl2onnx.to_onnx(theirs, samples[:1], options={"zipmap": False})
    their_labels, their_probabilities = run(reference, samples)
    labels, probabilities = run(ours, samples)
    np.testing.assert_allclose(probabilities, their_probabilities, atol=ATOL[dtype])
    np.testing.assert_array_equal(labels, their_labels, strict=True)
    if kind != "three labels":  # whose label they declare as of one dimension
        assert signature(ours) == signature(reference)


@pytest.mark.parametrize("activation", SHARED)
def test_regressor_of_skl2onnx(activation):
    theirs = MLPRegressor(hidden_layer_sizes=(12, 8), activation=activation, max_iter=5)
    theirs.fit(X, NUMBERS)
    ours = convert(same_network(theirs, XavierMLPRegressor, X, NUMBERS), X)
    reference = skl2onnx.to_onnx(theirs, X[:1])
    np.testing.assert_allclose(run(ours, X)[0], run(reference, X)[0], atol=1e-14)
    assert signature(ours) == signature(reference)


def test_shape_of_multilabel_outputs():
    mlp = classifier().initialize(X, TARGETS["three labels"])
    assert signature(convert(mlp, X)) == [
        ("label", "tensor(int64)", [None, 3]),
        ("probabilities", "tensor(double)", [None, 3]),
    ]


# --- class labels and options

LABELS = {
    "int64": (np.array([-5, 3, 2**40]), np.int64),
    "int32": (np.array([-5, 3, 70_000], np.int32), np.int64),
    "int8": (np.array([-5, 3, 100], np.int8), np.int64),
    "uint8": (np.array([5, 3, 200], np.uint8), np.int64),
    "float": (np.array([-5.0, 3.0, 7.0]), np.int64),
    "bool": (np.array([False, True]), np.int64),
    "str": (np.array(["ham", "spam", "größer"]), object),
    "object": (np.array(["ham", "spam", "größer"], object), object),
    "two strings": (np.array(["no", "yes"]), object),
}


@pytest.mark.parametrize("name", LABELS)
def test_class_labels(name):
    classes, dtype = LABELS[name]
    samples = X.astype(np.float32)
    mlp = classifier().fit(samples, classes[TARGETS["multiclass"] % len(classes)])
    ours, proba = mlp.predict(samples), mlp.predict_proba(samples)
    labels, probabilities = run(convert(mlp, samples), samples)
    assert labels.dtype == dtype
    np.testing.assert_array_equal(labels, ours)
    np.testing.assert_allclose(probabilities, proba, atol=2e-6)

    dictionaries = run(convert(mlp, samples, zipmap=True), samples)
    np.testing.assert_array_equal(dictionaries[0], ours)
    assert [*dictionaries[1][0]] == mlp.classes_.tolist()
    np.testing.assert_allclose([[*one.values()] for one in dictionaries[1]], proba, atol=2e-6)

    columns = run(convert(mlp, samples, zipmap="columns"), samples)
    np.testing.assert_array_equal(columns[0], ours)
    np.testing.assert_allclose(np.transpose(columns[1:]), proba, atol=2e-6)


def test_names_of_outputs():
    samples = X.astype(np.float32)
    mlp = classifier().initialize(samples, np.array(["a", "b", "c", "d"])[TARGETS["multiclass"]])
    named = {
        zipmap: [name for name, *_ in signature(convert(mlp, samples, zipmap=zipmap))]
        for zipmap in (True, False, "columns")
    }
    assert named[True] == ["output_label", "output_probability"]
    assert named[False] == ["label", "probabilities"]
    assert named["columns"] == ["output_label", "sa", "sb", "sc", "sd"]
    assert signature(convert(regressor().initialize(X, NUMBERS), X))[0][0] == "variable"


def test_without_class_labels():
    mlp = classifier().fit(X, np.array(["a", "b", "c", "d"])[TARGETS["multiclass"]])
    labels, _ = run(convert(mlp, X, nocl=True), X)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(mlp.classes_[labels], mlp.predict(X))


@pytest.mark.parametrize("name", ["int64", "int32", "str", "object"])
def test_class_labels_as_an_output(name):
    mlp = classifier().initialize(X, LABELS[name][0][TARGETS["multiclass"] % 3])
    *_, classes = run(convert(mlp, X, output_class_labels=True), X)
    np.testing.assert_array_equal(classes, mlp.classes_)


@pytest.mark.parametrize("zipmap", [True, "columns"])
def test_zipmap_of_label_indicators(zipmap):
    samples = X.astype(np.float32)
    mlp = classifier().fit(samples, TARGETS["three labels"])
    labels, *found = run(convert(mlp, samples, zipmap=zipmap), samples)
    np.testing.assert_array_equal(labels, mlp.predict(samples))
    if zipmap is True:
        assert [*found[0][0]] == [0, 1, 2]
        found = np.transpose([[*one.values()] for one in found[0]])
    np.testing.assert_allclose(np.transpose(found), mlp.predict_proba(samples), atol=2e-6)


def test_options_of_one_step_or_of_the_pipeline():
    samples = X.astype(np.float32)
    model = make_pipeline(StandardScaler(), classifier()).fit(samples, TARGETS["binary"])
    for key in (id(model), id(model[-1]), XavierMLPClassifier):
        converted = skl2onnx.to_onnx(model, samples[:1], options={key: {"zipmap": False}})
        assert [name for name, *_ in signature(converted)] == ["label", "probabilities"]


# --- decisions at the edge


@pytest.mark.parametrize("dtype", DTYPES)
def test_ties(dtype):
    """Raw predictions of exactly zero: 0.5 is not more than 0.5, and the first of a tie wins."""
    tiny = np.finfo(dtype).tiny
    samples = np.array([[0.0], [tiny], [-tiny]], dtype)
    binary = raw_predictor([0.0], ["no", "yes"], dtype)
    labels, probabilities = run(convert(binary, samples), samples)
    assert (probabilities == 0.5).all()
    assert labels.tolist() == binary.predict(samples).tolist() == ["no", "yes", "no"]

    samples = np.array([[0.0, 0.0, 0.0], [-1.0, tiny, tiny], [0.0, 0.0, tiny]], dtype)
    several = raw_predictor([0.0, 0.0, 0.0], [0, 1, 2], dtype)
    labels, probabilities = run(convert(several, samples), samples)
    assert labels.tolist() == several.predict(samples).tolist() == [0, 1, 2]
    assert probabilities[2, 0] == probabilities[2, 2]

    indicators = raw_predictor([0.0, 0.0, 0.0], np.eye(3, dtype=int), dtype)
    labels, _ = run(convert(indicators, samples), samples)
    np.testing.assert_array_equal(labels, indicators.predict(samples))
    assert labels.tolist() == [[0, 0, 0], [0, 1, 1], [0, 0, 1]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "y", [["no", "yes"], [0, 1, 2], np.eye(3, dtype=int)], ids=["binary", "multiclass", "labels"]
)
def test_large_raw_predictions(y, dtype):
    """Probabilities are never 0 nor 1, as ours are, and nothing overflows."""
    n_outputs = 1 if len(y) == 2 else 3
    mlp = raw_predictor(np.zeros(n_outputs), y, dtype)
    sizes = np.array([1.0, 20.0, 100.0, 1e4, np.finfo(dtype).max / 4])
    samples = np.array([[size, -size, 0.0][:n_outputs] for size in [*sizes, *-sizes]], dtype)
    labels, probabilities = run(convert(mlp, samples), samples)
    ours = mlp.predict_proba(samples)
    # Relative: small probabilities are right, too. An exp of -100 is 100 roundings off.
    np.testing.assert_allclose(probabilities, ours, rtol=200 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(labels, mlp.predict(samples))
    assert 0 < probabilities.min() < probabilities.max() < 1
    assert np.isfinite(np.log(probabilities)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_exp_that_overflows_is_infinite(dtype):
    parameters = {"cls": XavierMLPRegressor, "loss": "poisson"}
    mlp = raw_predictor([0.0], [0.0, 1.0], dtype, **parameters)
    samples = np.array([[1.0], [-1e3], [1e3]], dtype)
    (predicted,) = run(convert(mlp, samples), samples)
    # Older releases of ONNX Runtime end at the smallest normal number.
    np.testing.assert_allclose(predicted[:, 0], [np.e, 0.0, np.inf], rtol=1e-6, atol=1e-37)
    with pytest.raises(ValueError, match="too large for"):
        mlp.predict(samples)


# --- inputs


def test_sizes_of_batches():
    mlp = classifier().initialize(X, TARGETS["multiclass"])
    session = session_of(convert(mlp, X))
    for n_rows in (0, 1, 7):
        labels, probabilities = session.run(None, {"X": X[:n_rows]})
        assert (labels.shape, probabilities.shape) == ((n_rows,), (n_rows, 4))

    fixed = skl2onnx.convert_sklearn(
        mlp,
        initial_types=[("X", data_types.DoubleTensorType([7, 5]))],
        options={"zipmap": False},
    )
    assert [shape for *_, shape in signature(fixed)] == [[7], [7, 4]]
    np.testing.assert_array_equal(run(fixed, X[:7])[0], mlp.predict(X[:7]))
    with pytest.raises(Exception, match="Got invalid dimensions for input"):
        run(fixed, X[:6])


@pytest.mark.parametrize(
    ("type_name", "given", "computed"),
    [
        ("FloatTensorType", np.float32, np.float32),
        ("DoubleTensorType", np.float64, np.float64),
        ("Int64TensorType", np.int64, np.float32),
        ("BooleanTensorType", bool, np.float32),
    ],
)
@pytest.mark.parametrize("trained_in", DTYPES)
def test_types_of_inputs(type_name, given, computed, trained_in):
    """The declared input decides the precision, whatever the network was trained in."""
    mlp = regressor().fit(X.astype(trained_in), NUMBERS)
    declared = getattr(data_types, type_name)([None, 5])
    converted = skl2onnx.convert_sklearn(mlp, initial_types=[("X", declared)])
    samples = (3 * X).astype(given)
    (predicted,) = run(converted, samples)
    assert predicted.dtype == computed
    ours = mlp.predict(samples.astype(np.float64))
    np.testing.assert_allclose(predicted[:, 0], ours, rtol=0, atol=10 * ATOL[computed])


@pytest.mark.parametrize("dtype", DTYPES)
def test_frame_with_categories(dtype):
    rng = np.random.RandomState(0)
    frame = pd.DataFrame(
        {
            "age": rng.uniform(18, 90, 200).astype(dtype),
            "income": rng.lognormal(10, 1, 200).astype(dtype),
            "children": rng.randint(5, size=200),
            "job": rng.choice(["clerk", "cook", "nurse"], 200),
        }
    )
    y = np.where((frame["age"] > 50) ^ (frame["job"] == "cook"), "yes", "no")
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["age", "income", "children"]),
            ("categories", OneHotEncoder(handle_unknown="ignore"), ["job"]),
        ]
    )
    model = make_pipeline(columns, classifier()).fit(frame, y)
    session = session_of(convert(model, frame))
    other = frame.assign(job=frame["job"].replace("cook", "baker"))  # a category not seen in fit
    for rows in (frame, other):
        inputs = {name: rows[[name]].to_numpy() for name in rows}
        labels, probabilities = session.run(None, inputs)
        np.testing.assert_allclose(
            probabilities, model.predict_proba(rows), rtol=0, atol=ATOL[dtype]
        )
        np.testing.assert_array_equal(labels, model.predict(rows))
        assert probabilities.dtype == dtype


# --- within other estimators


@pytest.mark.parametrize("layer", [0, 1])
def test_hidden_layer_in_a_pipeline(layer):
    model = make_pipeline(
        StandardScaler(), HiddenLayerTransformer(classifier(), layer), LogisticRegression()
    ).fit(X, TARGETS["multiclass"])
    assert_same(model, X, ATOL[np.float64])
    shown = model[:-1]
    (outputs,) = run(convert(shown, X), X)
    np.testing.assert_allclose(outputs, shown.transform(X), rtol=0, atol=ATOL[np.float64])
    assert signature(convert(shown, X)) == [("variable", "tensor(double)", [None, (12, 8)[layer]])]


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda mlp: GridSearchCV(mlp, {"alpha": [1e-4, 1.0]}, cv=2),
        # Ours have no decision_function: converters of these must take probabilities.
        lambda mlp: CalibratedClassifierCV(mlp, cv=2),
        lambda mlp: OneVsRestClassifier(mlp),
        lambda mlp: StackingClassifier([("mlp", mlp)], mlp, cv=2),
    ],
    ids=["search", "calibration", "one vs rest", "stack"],
)
def test_within_another_estimator(wrap, kind):
    samples = X.astype(np.float32)
    model = wrap(classifier()).fit(samples, TARGETS[kind])
    labels, probabilities = run(convert(model, samples), samples)
    np.testing.assert_allclose(probabilities, model.predict_proba(samples), rtol=0, atol=2e-6)
    np.testing.assert_array_equal(labels, model.predict(samples))


# --- files


def test_a_file_needs_neither_library(tmp_path):
    samples, y = load_iris(return_X_y=True)
    samples = samples.astype(np.float32)
    names = load_iris().target_names[y]
    model = make_pipeline(StandardScaler(), classifier()).fit(samples, names)
    (tmp_path / "model.onnx").write_bytes(convert(model, samples).SerializeToString())
    np.save(tmp_path / "samples.npy", samples)
    script = """
import sys
for name in ("sk_xavier", "sklearn", "scipy", "skl2onnx", "onnx"):
    sys.modules[name] = None  # to import it is an error
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
labels, probabilities = session.run(None, {"X": np.load("samples.npy")})
np.save("probabilities.npy", probabilities)
print(*labels)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == model.predict(samples).tolist()
    probabilities = np.load(tmp_path / "probabilities.npy")
    np.testing.assert_allclose(probabilities, model.predict_proba(samples), rtol=0, atol=1e-5)


# --- registration


def test_registering_again_changes_nothing():
    mlp = classifier().initialize(X, TARGETS["multiclass"])
    before = convert(mlp, X).SerializeToString()
    register_converters()
    assert convert(mlp, X).SerializeToString() == before


def test_without_registration_skl2onnx_says_which_converter_is_missing():
    script = """
import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.exceptions import MissingShapeCalculator
from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier, XavierMLPRegressor

X, y = np.eye(4), [0, 1, 0, 1]
mlp = XavierMLPRegressor((3,)).fit(X, y)
for model in (
    XavierMLPClassifier().initialize(X, y), mlp, HiddenLayerTransformer(mlp).fit(X, y)
):
    try:
        to_onnx(model, X, options={"zipmap": False} if hasattr(model, "classes_") else None)
    except MissingShapeCalculator as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for name in ("XavierMLPClassifier", "XavierMLPRegressor", "HiddenLayerTransformer"):
        assert f"{name}'>'.\n" in done.stdout
    assert done.stdout.count("Unable to find a shape calculator for type '<class 'sk_xavier.") == 3
    assert "you need to register" in done.stdout


def test_the_example_of_the_docstring():
    text = inspect.getdoc(register_converters).replace("# doctest: +SKIP", "")
    example = doctest.DocTestParser().get_doctest(text, {}, "example", None, 0)
    assert doctest.DocTestRunner().run(example).failed == 0


# --- what cannot be converted


@pytest.mark.parametrize(
    "model",
    [
        XavierMLPClassifier(),
        XavierMLPRegressor(),
        HiddenLayerTransformer(XavierMLPClassifier()),
        HiddenLayerTransformer(FrozenEstimator(XavierMLPClassifier())),
    ],
    ids=["classifier", "regressor", "transformer", "frozen"],
)
def test_not_fitted(model):
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        skl2onnx.to_onnx(model, X[:1])


def gaussian(z):
    return np.exp(-(z**2))


def slope(z):
    return -2 * z * np.exp(-(z**2))


class Steeper(LeakyReLU):
    def forward(self, z, out):
        np.maximum(z, 2 * z, out=out)


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        (Activation(gaussian, slope), "'gaussian' of type Activation"),
        (Steeper(), "'leaky_relu' of type Steeper"),
    ],
)
def test_an_activation_of_ones_own(activation, name):
    mlp = classifier((4, 3), ["relu", activation]).initialize(X, TARGETS["binary"])
    message = f"activation of hidden layer 2, {name}, cannot be converted.*'identity', 'logistic'"
    with pytest.raises(ValueError, match=message):
        convert(mlp, X)
    # A layer before it can be shown.
    shown = HiddenLayerTransformer(FrozenEstimator(mlp), layer=0).fit(X, TARGETS["binary"])
    (outputs,) = run(convert(shown, X), X)
    np.testing.assert_allclose(outputs, shown.transform(X), rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", ["coefs_", "intercepts_"])
def test_weights_too_large_for_single_precision(name):
    mlp = regressor().initialize(X, NUMBERS)
    getattr(mlp, name)[1][...] = 1e39
    with pytest.raises(ValueError, match=rf"{name}\[1\] has values .* too large for float32"):
        convert(mlp, X.astype(np.float32))
    (predicted,) = run(convert(mlp, X), X)
    np.testing.assert_allclose(predicted[:, 0], mlp.predict(X), rtol=1e-12)


def test_dictionaries_are_of_single_precision():
    mlp = classifier().initialize(X, TARGETS["binary"])
    with pytest.raises(ValueError, match=r"zipmap=True.* single precision only"):
        skl2onnx.to_onnx(mlp, X[:1])
    columns = run(convert(mlp, X, zipmap="columns"), X)
    np.testing.assert_allclose(np.transpose(columns[1:]), mlp.predict_proba(X), atol=1e-14)


@pytest.mark.parametrize("name", ["bool", "float", "int8", "uint8"])
def test_output_class_labels_of_other_types(name):
    mlp = classifier().initialize(X, LABELS[name][0][TARGETS["binary"]])
    with pytest.raises(ValueError, match=f"output_class_labels=True .* {mlp.classes_.dtype}"):
        convert(mlp, X, output_class_labels=True)


@pytest.mark.parametrize("zipmap", [True, False])
def test_labels_that_onnx_does_not_have(zipmap):
    samples = X.astype(np.float32)
    y = np.array([0, 2**64 - 1], np.uint64)[TARGETS["binary"]]
    mlp = classifier().initialize(samples, y)
    with pytest.raises(ValueError, match=r"strings or integers of 64 bits.*18446744073709551615"):
        convert(mlp, samples, zipmap=zipmap)


def test_options_that_are_not_there():
    samples = X.astype(np.float32)
    mlp = classifier().initialize(samples, TARGETS["binary"])
    with pytest.raises(NameError, match="raw_scores"):
        convert(mlp, samples, raw_scores=True)
    with pytest.raises(ValueError, match="zipmap"):
        convert(mlp, samples, zipmap="rows")
