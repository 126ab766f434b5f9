"""The guide's chapter on ONNX: what it prints is what it says."""

import re

import numpy as np
import pandas as pd
import pytest
from scripts import numbers, printed_by
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

skl2onnx = pytest.importorskip("skl2onnx")
onnxruntime = pytest.importorskip("onnxruntime")

pytestmark = [
    pytest.mark.onnx,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

of_this_skl2onnx = pytest.mark.skipif(
    skl2onnx.__version__ != "1.20.0", reason="what the chapter says of skl2onnx is of 1.20"
)

CHAPTER = "guide/leaving_python"


@pytest.fixture(scope="module")
def printed():
    return printed_by(CHAPTER)


def test_the_missing_converter(printed):
    assert printed.startswith("MissingShapeCalculator\nUnable to find a shape calculator for type")
    assert "XavierMLPClassifier" in printed.split("tensor")[0]


def test_inputs_and_outputs(printed):
    assert re.search(r"^X +tensor\(float\) +\['?\w*'?, 64\]$", printed, re.M)
    assert re.search(r"^label +tensor\(int64\) +\[\S+\]$", printed, re.M)
    assert re.search(r"^probabilities +tensor\(float\) +\[\S+, 10\]$", printed, re.M)


def test_agreement(printed):
    assert numbers(r"^largest difference of probabilities: (\S+)$", printed)[0] < 1e-5
    assert numbers(r"^largest difference: (\S+)$", printed)[0] < 1e-5
    assert printed.count("the same labels: True\n") == 2
    assert "the same labels: False" not in printed


def test_another_process_predicts_the_same(printed):
    [there] = re.findall(r"^labels: (.+)$", printed, re.M)
    [here] = re.findall(r"^here: +(.+)$", printed, re.M)
    assert there == here
    assert len(there.split()) == 10


def test_sizes_of_files(printed):
    [weights] = numbers(r"^weights: +(\S+) kB$", printed)
    [small] = numbers(r"^\.onnx +(\S+) kB$", printed)
    [large] = numbers(r"^\.joblib +(\S+) kB$", printed)
    assert weights < small < 1.2 * weights
    assert large > 2 * small


def test_precision(printed):
    rows = re.findall(
        r"^(float\d\d) -> (float\d\d): largest relative error (\S+), (\S+) kB$", printed, re.M
    )
    assert len(rows) == 4
    error = {(trained, runs): float(value) for trained, runs, value, _ in rows}
    size = {(trained, runs): float(value) for trained, runs, _, value in rows}
    assert error["float64", "float64"] < 1e-12
    assert all(value < 1e-5 for value in error.values())
    assert error["float32", "float64"] > 1e-9  # that of the reference
    for trained in ("float32", "float64"):
        assert 1.7 < size[trained, "float64"] / size[trained, "float32"] < 2.1


def test_a_large_constant_takes_the_digits_of_single_precision(printed):
    found = dict(re.findall(r"^(float\d\d): largest relative error (\S+)$", printed, re.M))
    assert float(found["float64"]) < 1e-6
    assert float(found["float32"]) > 100 * 1e-5


def test_options(printed):
    assert re.search(r"^True +output_label output_probability$", printed, re.M)
    assert re.search(r"^False +label probabilities$", printed, re.M)
    assert re.search(r"^columns +output_label sno syes$", printed, re.M)
    assert "one row at a time: [1, 2]\n" in printed
    row = numbers(r"^one row: \{'no': ([\d.]+), 'yes': ([\d.]+)\}$", printed)[0]
    assert abs(row.sum() - 1) < 0.0015  # rounded to three digits


def test_an_activation_of_ones_own(printed):
    *_, message = printed.partition("The activation of hidden layer 1, ")
    assert " ".join(message.split()).startswith("'bump' of type Activation, cannot be converted")


@of_this_skl2onnx
def test_columns_of_two_types():
    numbers = {"a": np.arange(6, dtype=np.float32), "b": np.arange(6.0)}
    frame = pd.DataFrame({**numbers, "job": ["clerk", "cook", "nurse"] * 2})
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), ["a", "b"]), ("categories", OneHotEncoder(), ["job"])]
    )
    for of_one_type in (False, True):
        samples = frame.astype({"a": float}) if of_one_type else frame
        model = make_pipeline(columns, MLPRegressor(max_iter=1)).fit(samples, frame["b"])
        content = skl2onnx.to_onnx(model, samples).SerializeToString()
        if of_one_type:
            onnxruntime.InferenceSession(content)
        else:
            with pytest.raises(Exception, match="different types"):
                onnxruntime.InferenceSession(content)


@of_this_skl2onnx
def test_what_skl2onnx_does_not_convert():
    X, y = load_iris(return_X_y=True)
    X = X.astype(np.float32)
    target = TransformedTargetRegressor(MLPRegressor(max_iter=1)).fit(X, X[:, 0])
    with pytest.raises(Exception, match=r"Unable to find a shape calculator.*TransformedTarget"):
        skl2onnx.to_onnx(target, X)
    mlp = MLPClassifier(max_iter=20, random_state=0)
    differences = {}
    for method in ("sigmoid", "isotonic"):
        model = CalibratedClassifierCV(mlp, method=method, cv=3).fit(X, y)
        content = skl2onnx.to_onnx(model, X, options={"zipmap": False}).SerializeToString()
        _, found = onnxruntime.InferenceSession(content).run(None, {"X": X})
        differences[method] = np.abs(found - model.predict_proba(X)).max()
    assert differences["sigmoid"] < 1e-5
    assert differences["isotonic"] > 1e-3


def test_lines_are_not_too_wide(printed):
    assert max(map(len, printed.splitlines())) <= 75
