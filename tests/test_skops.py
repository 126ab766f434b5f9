"""Fitted estimators in skops files."""

import io
import json
import os
import pickle
import zipfile
from functools import partial

import numpy as np
import pytest

from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.activations import Activation
from sk_xavier.initializers import GlorotUniform

skops_io = pytest.importorskip("skops.io")
skops_exceptions = pytest.importorskip("skops.io.exceptions")

ESTIMATOR = ["sk_xavier._estimators.XavierMLPClassifier"]

pytestmark = [
    pytest.mark.skops,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def make(cls, **parameters):
    return cls((8,), max_iter=3, random_state=0, **parameters)


@pytest.mark.parametrize("cls", [XavierMLPClassifier, XavierMLPRegressor])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_only_the_estimator_itself_is_to_be_trusted(cls, solver, early_stopping, digits):
    X, y = digits
    mlp = make(cls, solver=solver, early_stopping=early_stopping).fit(X, y)
    data = skops_io.dumps(mlp)
    trusted = [f"sk_xavier._estimators.{cls.__name__}"]
    assert skops_io.get_untrusted_types(data=data) == trusted
    loaded = skops_io.loads(data, trusted=trusted)
    np.testing.assert_array_equal(loaded.predict(X), mlp.predict(X), strict=True)
    if hasattr(mlp, "predict_proba"):
        np.testing.assert_array_equal(loaded.predict_proba(X), mlp.predict_proba(X), strict=True)


def test_an_initializer_is_trusted_by_its_name(digits):
    mlp = make(XavierMLPClassifier, init=GlorotUniform(gain=2.0)).fit(*digits)
    data = skops_io.dumps(mlp)
    trusted = [
        "sk_xavier._estimators.XavierMLPClassifier",
        "sk_xavier.initializers.GlorotUniform",
    ]
    assert sorted(skops_io.get_untrusted_types(data=data)) == trusted
    assert skops_io.loads(data, trusted=trusted).init.gain == 2.0


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_training_goes_on_from_a_file(solver, digits):
    X, y = digits
    at_once = make(XavierMLPClassifier, solver=solver).fit(X, y)
    mlp = make(XavierMLPClassifier, solver=solver)
    for _ in range(3):
        mlp.partial_fit(X, y, classes=np.arange(10))
        data = skops_io.dumps(mlp)
        mlp = skops_io.loads(data, trusted=skops_io.get_untrusted_types(data=data))
    np.testing.assert_array_equal(mlp.predict_proba(X), at_once.predict_proba(X))


def test_a_transformer_is_trusted_by_its_name_too(digits):
    transformer = HiddenLayerTransformer(make(XavierMLPRegressor)).fit(*digits)
    data = skops_io.dumps(transformer)
    trusted = [
        "sk_xavier._estimators.XavierMLPRegressor",
        "sk_xavier._hidden_layer_transformer.HiddenLayerTransformer",
    ]
    assert sorted(skops_io.get_untrusted_types(data=data)) == trusted
    loaded = skops_io.loads(data, trusted=trusted)
    np.testing.assert_array_equal(loaded.transform(digits[0]), transformer.transform(digits[0]))


# --- what is refused -----------------------------------------------------------------


def own_init(shape, **_):
    return np.ones(shape)


def square(z):
    return z * z


def twice(z):
    return 2 * z


class Stranger:
    def __call__(self, shape, **_):
        return np.ones(shape)


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"init": Stranger()}, ["Stranger"]),
        ({"init": own_init}, ["own_init"]),
        ({"init": partial(own_init)}, ["own_init", "functools.partial"]),
        ({"activation": Activation(square, twice)}, ["Activation", "square", "twice"]),
        ({"activation": Activation(lambda z: z, np.ones_like)}, ["Activation", "<lambda>"]),
        ({"scoring": own_init}, ["own_init"]),
    ],
)
def test_a_file_with_other_types_is_refused(parameters, names, digits):
    data = skops_io.dumps(make(XavierMLPClassifier, **parameters).initialize(*digits))
    with pytest.raises(skops_exceptions.UntrustedTypesFoundException) as caught:
        skops_io.loads(data, trusted=ESTIMATOR)
    for name in names:
        assert name in str(caught.value)


def with_payload(data, command):
    """The file with a node in the place of `verbose` that calls ``os.system(command)``.

    skops would not write it, but nothing keeps others from writing it.
    """
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    schema = json.loads(source.read("schema.json"))
    argument = {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(command),
        "is_json": True,
        "__id__": 1,
    }
    arguments = {
        "__class__": "tuple",
        "__module__": "builtins",
        "__loader__": "TupleNode",
        "content": [argument],
        "__id__": 2,
    }
    schema["content"]["content"]["verbose"] = {
        "__class__": "system",
        "__module__": "os",
        "__loader__": "ConstructorFromReduceNode",
        "content": arguments,
        "__id__": 3,
    }
    with zipfile.ZipFile(target, "w") as file:
        for name in source.namelist():
            text = json.dumps(schema) if name == "schema.json" else source.read(name)
            file.writestr(name, text)
    return target.getvalue()


def test_code_in_a_file_is_not_run(tmp_path, digits):
    witness = tmp_path / "witness"
    data = skops_io.dumps(make(XavierMLPClassifier).fit(*digits))
    data = with_payload(data, f'mkdir "{witness}"')
    assert sorted(skops_io.get_untrusted_types(data=data)) == sorted([*ESTIMATOR, "os.system"])
    with pytest.raises(skops_exceptions.UntrustedTypesFoundException, match=r"os\.system"):
        skops_io.loads(data, trusted=ESTIMATOR)
    assert not witness.exists()
    # That nothing was run was the list's doing: who trusts what the file asks for, runs it.
    skops_io.loads(data, trusted=skops_io.get_untrusted_types(data=data))
    assert witness.exists()


def test_code_in_a_pickle_is_run(tmp_path):
    # What the guide says of them, and why there is another file.
    witness = tmp_path / "witness"

    class Payload:
        def __reduce__(self):
            return os.system, (f'mkdir "{witness}"',)

    mlp = make(XavierMLPClassifier)
    mlp.note = Payload()
    pickle.loads(pickle.dumps(mlp))
    assert witness.exists()


# --- what is damaged -----------------------------------------------------------------


@pytest.mark.parametrize("part", [0.01, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_one_clear_error(part, digits, tmp_path):
    data = skops_io.dumps(make(XavierMLPClassifier).fit(*digits))
    path = tmp_path / "mlp.skops"
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(zipfile.BadZipFile, match="not a zip file"):
        skops_io.load(path, trusted=ESTIMATOR)


def test_a_damaged_file_is_one_clear_error(digits):
    mlp = make(XavierMLPClassifier).fit(*digits)
    data = bytearray(skops_io.dumps(mlp))
    place = data.find(mlp.coefs_[0].tobytes()[:64])
    assert place > 0
    data[place] ^= 1
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        skops_io.loads(bytes(data), trusted=ESTIMATOR)
