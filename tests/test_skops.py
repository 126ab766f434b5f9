"""Fitted estimators in skops files."""

import numpy as np
import pytest

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.initializers import GlorotUniform

skops_io = pytest.importorskip("skops.io")

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


def test_a_file_with_other_types_is_refused(digits):
    class Stranger:
        def __call__(self, shape, **_):
            return np.ones(shape)

    mlp = make(XavierMLPClassifier, init=Stranger()).fit(*digits)
    data = skops_io.dumps(mlp)
    with pytest.raises(Exception, match="Stranger"):
        skops_io.loads(data, trusted=["sk_xavier._estimators.XavierMLPClassifier"])
