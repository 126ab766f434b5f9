"""What the chapter on saving claims beyond what tests/test_guide_training.py reads in it."""

import io
import os
import pickle
import re

import joblib
import numpy as np
import pytest
from scripts import CHAPTERS, printed_by
from test_saved_models import TRUSTED

import sk_xavier
from sk_xavier import XavierMLPClassifier

TEXT = (CHAPTERS / "guide" / "saving.py").read_text("utf-8")


@pytest.fixture(scope="module")
def saving():
    return printed_by("guide/saving")


@pytest.fixture
def mlp(digits):
    return XavierMLPClassifier((8,), solver="lbfgs", max_iter=5, random_state=0).fit(*digits)


pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.skops
@pytest.mark.parametrize(
    "claim",
    [
        "mapped: True, as memmap\n",
        "skops: BadZipFile: File is not a zip file\n",
        "pickle: UnpicklingError: pickle data was truncated\n",
        "\nmlp.skops\n",  # and no part of it beside
        f"saved by sk_xavier {sk_xavier.__version__}, which is ours: True\n",
        "NewerVersionWarning, a kind of InconsistentVersionWarning\nThis XavierMLPClassifier",
    ],
)
def test_what_is_printed(claim, saving):
    assert claim in saving


@pytest.mark.skops
def test_the_future_warns_once_and_by_name(saving):
    assert saving.count("NewerVersionWarning") == 1
    assert "Unknown here, and without effect: gates." in " ".join(saving.split())


def test_the_names_to_trust_are_those_of_the_files_that_are_kept():
    named = set(re.findall(r"sk_xavier\.\w+\.\w+", TEXT))
    assert named <= set(TRUSTED) | {"sk_xavier.initializers.GlorotUniform"}
    # The last one stands for all activations and initializers.
    assert set(TRUSTED) - named == {"sk_xavier.activations.LeakyReLU"}


def test_a_changed_pickle_may_load_and_predict_otherwise(mlp):
    data = bytearray(pickle.dumps(mlp))
    place = data.find(mlp.coefs_[0].tobytes())
    assert place > 0
    data[place + 3] ^= 1
    loaded = pickle.loads(bytes(data))
    assert (loaded.coefs_[0] != mlp.coefs_[0]).sum() == 1


@pytest.mark.parametrize("compress", [0, 3])
def test_a_truncated_joblib_file_never_loads_silently(compress, mlp):
    file = io.BytesIO()
    joblib.dump(mlp, file, compress=compress)
    data = file.getvalue()
    raised = set()
    for length in np.linspace(1, len(data) - 100, 30).astype(int):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which it is depends on the place
            joblib.load(io.BytesIO(data[:length]))
        raised.add(caught.type)
    assert {EOFError, ValueError} <= raised


def test_a_mapped_network_trains_on_in_memory_of_its_own(tmp_path, digits):
    X, y = digits
    mlp = XavierMLPClassifier((8,), random_state=0).partial_fit(X, y, classes=np.arange(10))
    path = tmp_path / "mlp.joblib"
    joblib.dump(mlp, path)
    before = path.read_bytes()
    mapped = joblib.load(path, mmap_mode="r")
    mapped.partial_fit(X, y)
    mlp.partial_fit(X, y)
    np.testing.assert_array_equal(mapped.coefs_[0], mlp.coefs_[0])
    assert not isinstance(mapped.coefs_[0], np.memmap)
    assert path.read_bytes() == before


def checked_loader():
    """The chapter's `load_checked`, and what it needs."""
    skops_io = pytest.importorskip("skops.io")
    [source] = re.findall(r"^trusted = .*?^    return content$", TEXT, re.S | re.M)
    names = {}
    code = (
        "import warnings; import numpy as np; import skops.io\n"
        "from sklearn.exceptions import InconsistentVersionWarning\n"
    )
    exec(code + source[source.index("trusted = ") :], names)
    return names["load_checked"], skops_io


@pytest.mark.skops
def test_the_file_that_checks_itself_finds_what_differs(mlp, digits, monkeypatch):
    load_checked, skops_io = checked_loader()
    rows = digits[0][:5]
    content = {"model": mlp, "rows": rows, "probabilities": mlp.predict_proba(rows)}
    assert load_checked(skops_io.dumps(content))["model"].n_iter_ == mlp.n_iter_
    with monkeypatch.context() as patched:
        patched.setattr(sk_xavier, "__version__", "99.0")
        newer = skops_io.dumps(content)
    with pytest.raises(UserWarning, match=r"99\.0"):
        load_checked(newer)
    mlp.intercepts_[-1][0] += 1e-3
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        load_checked(skops_io.dumps(content))


@pytest.mark.skops
def test_the_old_file_stays_if_saving_fails(tmp_path, mlp):
    skops_io = pytest.importorskip("skops.io")
    [source] = re.findall(r"^def save\(.*?^    beside\.replace\(path\)$", TEXT, re.S | re.M)
    names = {"skops": __import__("skops.io")}
    exec(source, names)
    path = tmp_path / "mlp.skops"
    names["save"](mlp, path)
    assert os.listdir(tmp_path) == ["mlp.skops"]
    before = path.read_bytes()
    mlp.note = (row for row in ())  # a generator cannot be saved
    with pytest.raises(Exception, match="generator"):
        names["save"](mlp, path)
    assert path.read_bytes() == before
    assert skops_io.load(path, trusted=TRUSTED).n_iter_ == mlp.n_iter_
