"""What the chapter on PyTorch and Keras claims, and its code where these are installed."""

import functools
import os
import re
import runpy

import numpy as np
import pytest
from scripts import CHAPTERS, numbers, printed_by

os.environ.setdefault("KERAS_BACKEND", "torch")  # read when Keras is first imported

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Of PyTorch's parameters, by Keras when it makes arrays of them with NumPy 2.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),
]

CHAPTER = "guide/pytorch_and_keras"


def test_round_trips_are_exact():
    printed = printed_by(CHAPTER)
    assert "the same probabilities, bit for bit: True" in printed
    assert "type of the weights: float32" in printed
    rounded, softmax = numbers(r"^probabilities differ by at most (\S+)$", printed)
    assert 0 < rounded < 1e-6  # weights rounded to float32
    assert softmax < 1e-14


def test_a_wrong_activation_is_no_error():
    printed = printed_by(CHAPTER)
    accuracy = numbers(r"^accuracy: (\S+)$", printed)[0]
    right = numbers(r"^accuracy with tanh: (\S+)$", printed)[0]
    wrong = numbers(r"^the same weights with relu: (\S+)$", printed)[0]
    assert accuracy == right > 0.9
    assert wrong < right - 0.05


def test_all_else_of_the_estimator_stays():
    printed = printed_by(CHAPTER)
    epochs, trained = numbers(r"^before: (\d+) epochs, loss (\S+)$", printed)[0]
    line = r"(\d+) epochs, the last losses (\S+) (\S+) (\S+) (\S+)$"
    more, *stale = numbers(f"^as it is: {line}", printed)[0]
    ten, *fresh = numbers(f"^after initialize: {line}", printed)[0]
    assert (more, ten) == (epochs + 10, 10)
    assert min(stale[0], fresh[0]) > 2 * trained  # the start is that of another network
    assert abs(stale[-1] - fresh[-1]) > 0.03


def test_errors():
    printed = " ".join(printed_by(CHAPTER).split())
    assert "has shape (2, 50), but for layer 2 of the network it must be (1, 50)" in printed
    assert "one output here, the logit of the second class" in printed
    assert "state_dict has the key '1.running_mean', which belongs to no Linear layer" in printed


def code_blocks():
    """The code of other libraries in the prose."""
    text = (CHAPTERS / f"{CHAPTER}.py").read_text("utf-8")
    blocks = re.findall(r"^# \.\. code-block:: python\n#\n((?:#(?:    .*)?\n)+)", text, re.M)
    return [re.sub(r"^#(    )?", "", block, flags=re.M) for block in blocks]


@functools.cache
def page():
    """The variables of the page, run in this process."""
    pytest.importorskip("pandas")
    return runpy.run_path(str(CHAPTERS / f"{CHAPTER}.py"))


def run(blocks, capsys, **names):
    names = page() | names
    capsys.readouterr()
    for block in blocks:
        exec(block, names)
    return names, capsys.readouterr().out


@pytest.mark.torch
def test_code_with_pytorch(capsys, tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    blocks = [block for block in code_blocks() if "keras" not in block]
    assert len(blocks) == 6
    names, printed = run(blocks, capsys)
    X_test, mlp = names["X_test"], names["mlp"]

    def probabilities(module, dtype=torch.float32):
        with torch.no_grad():
            return module.eval()(torch.tensor(X_test, dtype=dtype)).softmax(dim=1).numpy()

    np.testing.assert_allclose(
        probabilities(names["network"], torch.float64), mlp.predict_proba(X_test), atol=1e-12
    )
    with np.load("network.npz") as saved:
        assert list(saved) == list(names["network"].state_dict())
        # The page makes such a file itself; its names are those of this module.
        assert list(saved) == list(page()["arrays"])
    assert numbers(r"^largest difference: (\S+)$", printed)[0] < 1e-12
    assert numbers(r"^accuracy: (\S+)$", printed)[0] > 0.9
    for theirs, ours in (("module", "moved"), ("plain", "folded"), ("deep", "folded")):
        np.testing.assert_allclose(
            probabilities(names[theirs]), names[ours].predict_proba(X_test), atol=1e-5
        )
    assert names["moved"].coefs_[0].dtype == np.float32
    # Training started from PyTorch's weights: all of them lie within its bound then.
    assert np.abs(names["fresh"][0].weight.detach().numpy()).max() <= 1 / 8
    losses = names["there"].loss_curve_
    assert len(losses) == 10
    assert losses[-1] < losses[0] < np.log(10) + 0.1


@pytest.mark.keras
def test_code_with_keras(capsys):
    keras = pytest.importorskip("keras")
    blocks = [block for block in code_blocks() if "keras" in block]
    assert len(blocks) == 1
    names, printed = run(blocks, capsys)
    assert numbers(r"^accuracy: (\S+)$", printed)[0] > 0.9
    raw = keras.ops.convert_to_numpy(names["model"](names["X_test"].astype("float32")))
    theirs = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    kept = names["kept"].predict_proba(names["X_test"].astype("float32"))
    np.testing.assert_allclose(kept, theirs, atol=1e-5)
    assert kept.dtype == np.float32


@pytest.mark.keras
def test_keras_multiplies_float64_in_float32():
    keras = pytest.importorskip("keras")
    if keras.backend.backend() == "tensorflow":
        pytest.skip("TensorFlow keeps float64")
    matrix = np.full((2, 2), 1 / 3)
    product = keras.ops.convert_to_numpy(keras.ops.matmul(matrix, matrix))
    assert 1e-12 < np.abs(product - matrix @ matrix).max() < 1e-6


@pytest.mark.torch
def test_two_outputs_that_zeros_and_one_output_make():
    torch = pytest.importorskip("torch")
    logit = torch.linspace(-5, 5, 11, dtype=torch.float64)
    both = torch.stack([torch.zeros_like(logit), logit], dim=1).softmax(dim=1)
    np.testing.assert_allclose(both[:, 1], logit.sigmoid(), rtol=1e-14)
