"""Writes small fitted models into files that later versions have to load.

``python save.py FOLDER`` writes them for the installed sk_xavier and scikit-learn, which
``.ci/saved_models`` does for each scikit-learn at a release. All models are in one dictionary, as
a file for each would take three times the space; both files of it are compressed whole, as most
of a skops file is a verbose JSON text. The pickle, which is what most programs store, is ours: no
test loads one from anywhere else. ``expected.json`` has the versions, some rows, and what each
model predicted for them.
"""

import json
import lzma
import pickle
import platform
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import scipy
import sklearn
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sk_xavier
from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.activations import LeakyReLU
from sk_xavier.initializers import GlorotUniform

METHODS = ("predict", "predict_proba", "transform")
MORE_EPOCHS = 3
"""How many epochs "unfinished" is trained for after it was saved."""


def fitted_models():
    """The models by name."""
    iris = load_iris()
    X, number, name = iris.data, iris.target, iris.target_names[iris.target]
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    indicators = np.eye(3, dtype=int)[number]
    unfinished = XavierMLPClassifier((3,), learning_rate_init=0.01, random_state=0)
    for _ in range(2):
        unfinished.partial_fit(X, name, classes=np.unique(name))
    lbfgs = {"hidden_layer_sizes": (3,), "solver": "lbfgs", "max_iter": 10, "random_state": 0}
    scaled = make_pipeline(StandardScaler(), XavierMLPClassifier(**lbfgs, activation="logistic"))
    transformer = HiddenLayerTransformer(XavierMLPRegressor(**lbfgs, activation="tanh"))
    of_objects = {"activation": LeakyReLU(0.1), "init": GlorotUniform(gain=2.0)}
    return {
        "binary": XavierMLPClassifier(**lbfgs, activation="tanh").fit(X, number == 1),
        "strings": XavierMLPClassifier(**lbfgs | {"hidden_layer_sizes": (4, 3)}).fit(X, name),
        "multilabel": XavierMLPClassifier(**lbfgs, activation="tanh").fit(X, indicators),
        "regressor": XavierMLPRegressor(**lbfgs, loss="poisson").fit(X, number),
        "unfinished": unfinished,
        "pipeline": scaled.fit(frame, name),
        "objects": XavierMLPClassifier(**lbfgs, **of_objects).fit(X, number),
        "float32": XavierMLPRegressor(**lbfgs).fit(X.astype(np.float32), X[:, :2]),
        "transformer": transformer.fit(X, number),
    }


def rows_for(name, X):
    """The rows as this model knows them: with the names of its features, and of its type."""
    if name == "pipeline":
        return pd.DataFrame(X, columns=["a", "b", "c", "d"])
    return X.astype(np.float32) if name == "float32" else X


def predictions(name, model, X):
    """What the model makes of rows, by method."""
    X = rows_for(name, X)
    return {method: getattr(model, method)(X) for method in METHODS if hasattr(model, method)}


def train_further(model):
    """Some epochs more on the same data."""
    iris = load_iris()
    for _ in range(MORE_EPOCHS):
        model.partial_fit(iris.data, iris.target_names[iris.target])
    return model


def save(folder):
    """Write the files of the installed versions into this folder."""
    import skops
    import skops.io

    warnings.simplefilter("ignore", ConvergenceWarning)
    models = fitted_models()
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in (("pickle", pickle.dumps(models)), ("skops", skops.io.dumps(models))):
        (folder / f"models.{suffix}.xz").write_bytes(lzma.compress(content, preset=9))
    rows = load_iris().data[::30]
    predicted = {name: predictions(name, model, rows) for name, model in models.items()}
    predicted["unfinished"]["later"] = train_further(models["unfinished"]).predict_proba(rows)
    packages = (sk_xavier, sklearn, np, scipy, joblib, skops)
    expected = {
        "versions": {package.__name__: package.__version__ for package in packages}
        | {"python": platform.python_version()},
        "rows": rows,
        "predicted": predicted,
    }
    text = json.dumps(expected, default=np.ndarray.tolist)
    (folder / "expected.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    minor = ".".join(sklearn.__version__.split(".")[:2])
    save(Path(sys.argv[1]) / sk_xavier.__version__ / f"scikit-learn-{minor}")
