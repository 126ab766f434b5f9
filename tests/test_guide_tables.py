"""What the guide's chapter on tables claims of what it prints."""

import re

import pytest
from scripts import numbers, printed_by

CHAPTER = "guide/tables"

pytestmark = [pytest.mark.polars, pytest.mark.skrub]


def scores():
    """Mean and standard deviation of each model's folds, from the table at the end."""
    printed = printed_by(CHAPTER)
    found = re.findall(r"^(\D+): (\d\.\d+) \+- (\d\.\d+)$", printed, re.M)
    return {name: (float(mean), float(std)) for name, mean, std in found}


def test_every_way_of_encoding_is_scored():
    assert list(scores()) == [
        "commoner class",
        "unscaled, tanh",
        "unscaled, relu",
        "districts as codes",
        "ColumnTransformer",
        "tabular_pipeline",
        "gradient boosting",
    ]


def test_both_pipelines_are_near_what_can_be_known():
    (best,) = numbers(r"^who knew all but the luck: accuracy (\S+)$", printed_by(CHAPTER))
    for name in ("ColumnTransformer", "tabular_pipeline"):
        mean, _ = scores()[name]
        assert scores()["commoner class"][0] + 0.3 < mean < best
        assert mean > best - 0.07
    assert abs(scores()["ColumnTransformer"][0] - scores()["tabular_pipeline"][0]) < 0.04


def test_the_scores_are_those_along_the_way():
    printed = printed_by(CHAPTER)
    for name in ("ColumnTransformer", "tabular_pipeline"):
        (score,) = numbers(rf"^{name}: +accuracy (\S+)$", printed)
        assert score == scores()[name][0]


def test_what_not_to_do_costs():
    table = scores()
    assert table["unscaled, tanh"][0] < table["commoner class"][0] + 0.1
    assert table["unscaled, relu"][0] < table["ColumnTransformer"][0] - 0.1
    assert table["districts as codes"][0] < table["ColumnTransformer"][0] - 0.1


def test_gradient_boosting_is_a_rival():
    table = scores()
    assert abs(table["gradient boosting"][0] - table["tabular_pipeline"][0]) < 0.04


def test_unscaled_columns_saturate():
    printed = printed_by(CHAPTER)
    scaled = re.search(r"^scaled: (\d+)% of outputs saturated, verdict (\w+)$", printed, re.M)
    unscaled = re.search(r"^unscaled: (\d+)% of outputs saturated, verdict (\w+)$", printed, re.M)
    assert int(scaled[1]) < 5
    assert int(unscaled[1]) > 95
    assert (scaled[2], unscaled[2]) == ("healthy", "saturated")


def test_one_hot_columns_stay_sparse():
    printed = printed_by(CHAPTER)
    assert "sparse: True, format csr" in printed
    ((held, dense),) = numbers(r"^held: (\S+) MB; dense it would be (\S+) MB$", printed)
    assert held < dense / 50
    (difference,) = numbers(r"those of a dense fit by (\S+) at most$", printed)
    assert difference < 1e-9  # sums in another order


def test_skrub_imputes_and_scales():
    printed = printed_by(CHAPTER)
    steps = re.findall(r"^\w+: (\w+)$", printed, re.M)[:4]
    assert steps[:2] == ["TableVectorizer", "SimpleImputer"]
    assert "Scaler" in steps[2]
    assert steps[3] == "XavierMLPClassifier"
    (zeros,) = numbers(r"^init=zeros: (\S+)$", printed)
    (glorot,) = numbers(r"^init=glorot_uniform: (\S+)$", printed)
    assert glorot > zeros + 0.2
    assert "the start: healthy" in printed


def test_errors_name_what_is_wrong():
    printed = " ".join(printed_by(CHAPTER).split())
    assert re.search(r"hold numbers: 'district' \(\w+\), 'listed' \(datetime64\[\w+\]\)", printed)
    assert printed.count("The feature names should match those that were passed during fit.") == 2
    assert "must be in the same order as they were in fit" in printed
    assert "now missing: - area" in printed
    assert "Input y contains missing values: 996 of 2000, such as <NA>." in printed


def test_frames_are_arrays():
    printed = printed_by(CHAPTER)
    for what in ("probabilities, bit for bit", "in cross-validation", "weights"):
        assert len(re.findall(rf"^the same {what}: True$", printed, re.M)) == 1
    assert "polars: (2000, 30)" in printed
    for names in ("Float32 and Float32: float32", "Float32 and Int8: float32"):
        assert names in printed
    assert "Float32 and Int64: float64" in printed


def test_nullable_numbers_are_floats():
    printed = printed_by(CHAPTER)
    assert "int64: classes [0 1]" in printed
    assert "Int64: classes [0. 1.]" in printed
