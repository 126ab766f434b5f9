"""Models that earlier versions saved, with each scikit-learn, load and are what they were.

saved_models/save.py says what is in the files, and ``.ci/saved_models`` writes them.
"""

import json
import lzma
import pickle
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from saved_models.save import METHODS, predictions, train_further

import sk_xavier

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "saved_models"
SETS = sorted(path.parent for path in FOLDER.glob("*/*/expected.json"))
MODELS = [
    *("binary", "float32", "multilabel", "objects", "pipeline", "regressor", "strings"),
    *("transformer", "unfinished"),
]
# As the guide has it: the estimators, and the classes of objects among their parameters.
TRUSTED = [
    "sk_xavier._estimators.XavierMLPClassifier",
    "sk_xavier._estimators.XavierMLPRegressor",
    "sk_xavier._hidden_layer_transformer.HiddenLayerTransformer",
    "sk_xavier.activations.LeakyReLU",
    "sk_xavier.initializers.GlorotUniform",
]
# Sums of a few float64: another BLAS or another exp may round the last digit otherwise, which
# three epochs of training pass on but hardly enlarge. float32 has half the digits.
TOLERANCE = {"rtol": 1e-11, "atol": 1e-13}
FLOAT32_TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}

# scikit-learn's own steps of the pipeline are from another scikit-learn, as it says.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Trying to unpickle estimator (StandardScaler|Pipeline)"
    ":sklearn.exceptions.InconsistentVersionWarning"
)
each_set = pytest.mark.parametrize("folder", SETS, ids=lambda path: "-".join(path.parts[-2:]))
each_format = pytest.mark.parametrize(
    "suffix", ["pickle", pytest.param("skops", marks=pytest.mark.skops)]
)


def content(folder, suffix):
    return lzma.decompress((folder / f"models.{suffix}.xz").read_bytes())


def load(folder, suffix):
    data = content(folder, suffix)
    if suffix == "skops":
        skops_io = pytest.importorskip("skops.io")
        return skops_io.loads(data, trusted=TRUSTED)
    saved_with = expected(folder)["versions"]["numpy"]
    if major(saved_with) > major(np.__version__):
        pytest.skip(f"a pickle of arrays of NumPy {saved_with} is none for {np.__version__}")
    return pickle.loads(data)


def major(version):
    return int(version.split(".")[0])


@cache
def expected(folder):
    return json.loads((folder / "expected.json").read_text("utf-8"))


def assert_same(values, expected_values, tolerance):
    expected_values = np.array(expected_values)
    assert values.shape == expected_values.shape
    if values.dtype.kind == "f":
        np.testing.assert_allclose(values, expected_values, **tolerance)
    else:
        np.testing.assert_array_equal(values, expected_values)


@each_set
@each_format
def test_models_load_and_predict_what_they_predicted(folder, suffix):
    models = load(folder, suffix)
    rows = np.array(expected(folder)["rows"])
    predicted = expected(folder)["predicted"]
    assert sorted(models) == sorted(predicted) == MODELS
    for name, model in models.items():
        values = predictions(name, model, rows)
        assert set(values) == set(predicted[name]) & set(METHODS)
        for method, value in values.items():
            tolerance = FLOAT32_TOLERANCE if value.dtype == np.float32 else TOLERANCE
            assert_same(value, predicted[name][method], tolerance)
            assert (value.dtype == np.float32) == (name == "float32")


@each_set
@each_format
def test_training_goes_on(folder, suffix):
    model = load(folder, suffix)["unfinished"]
    rows = np.array(expected(folder)["rows"])
    later = train_further(model).predict_proba(rows)
    then = expected(folder)["predicted"]["unfinished"]
    assert_same(later, then["later"], TOLERANCE)
    assert abs(later - then["predict_proba"]).max() > 0.01  # it was no vain training


@each_set
@each_format
def test_all_parameters_are_there(folder, suffix):
    models = load(folder, suffix)
    for model in models.values():
        model.get_params()  # asks each object for each of its parameters
    assert models["objects"].init.gain == 2.0
    assert models["objects"].activation.negative_slope == 0.1


@each_set
@pytest.mark.skops
def test_the_list_of_trusted_types_is_as_short_as_it_was(folder):
    skops_io = pytest.importorskip("skops.io")
    assert sorted(skops_io.get_untrusted_types(data=content(folder, "skops"))) == TRUSTED


@each_set
def test_predictions_tell_networks_apart(folder):
    # A network that predicts the same for all rows would be a bad witness.
    for name, by_method in expected(folder)["predicted"].items():
        for method in {"predict_proba", "transform"} & set(by_method) or ["predict"]:
            assert (np.ptp(by_method[method], axis=0) > 1e-3).any(), name


# --- which sets there are --------------------------------------------------------------


def minor(version):
    return ".".join(version.split(".")[:2])


def minors(script):
    """The versions of scikit-learn that a script in .ci names, but for the newest."""
    versions = re.search(r"\bversions=\((\w[\w. ]*)\)", (ROOT / ".ci" / script).read_text())[1]
    oldest = re.search(r"^scikit-learn==(.+)$", (ROOT / ".ci/oldest.txt").read_text(), re.M)[1]
    assert {"oldest", "newest"} <= set(versions.split())
    return {oldest if v == "oldest" else v for v in versions.split()} - {"newest"}


def needed():
    return {f"scikit-learn-{minor(version)}" for version in minors("saved_models")}


def complaints(version, folders):
    """What a release lacks, or has too much, if it has these folders of sets."""
    if ".dev" in version:
        return []
    of_others = [folder for folder in folders if ".dev" in folder.split("/")[0]]
    own = {folder.split("/")[1] for folder in folders if folder.split("/")[0] == version}
    # The newest scikit-learn is one more than those that have a name.
    return of_others + sorted(needed() - own) + ["newest"] * (len(own) <= len(needed()))


def test_each_scikit_learn_that_is_tested_saves():
    assert {*map(minor, minors("saved_models"))} == {*map(minor, minors("matrix"))}


def test_a_release_has_saved_its_models():
    folders = {"/".join(path.parts[-2:]) for path in SETS}
    assert folders, "there is nothing to load: run .ci/saved_models"
    assert complaints(sk_xavier.__version__, folders) == [], "run .ci/saved_models"


def test_a_release_that_has_not_would_be_told():
    whole = {f"0.2.0/{name}" for name in needed()} | {"0.2.0/scikit-learn-99.0"}
    assert complaints("0.2.0.dev0", set()) == []
    assert complaints("0.2.0", whole | {"0.1.0/scikit-learn-1.6"}) == []
    assert complaints("0.2.0", whole - {"0.2.0/scikit-learn-1.7"})[0] == "scikit-learn-1.7"
    assert complaints("0.2.0", whole - {"0.2.0/scikit-learn-99.0"}) == ["newest"]
    assert complaints("0.2.0", whole | {"0.2.0.dev0/scikit-learn-1.6"})
    assert len(complaints("0.3.0", whole)) == len(needed()) + 1


@each_set
def test_a_set_is_of_the_versions_that_its_folder_names(folder):
    versions = expected(folder)["versions"]
    assert versions["sk_xavier"] == folder.parent.name
    assert folder.name == "scikit-learn-" + ".".join(versions["sklearn"].split(".")[:2])


@each_set
def test_a_set_is_small(folder):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 40_000
