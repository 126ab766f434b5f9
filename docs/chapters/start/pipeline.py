r"""
.. _start_pipeline:

In a pipeline
=============

A network learns from inputs of about the same size: see :ref:`guide_training` for what happens
otherwise. In a :class:`~sklearn.pipeline.Pipeline`, the steps that bring them there are fitted to
the training samples together with the network, and applied wherever it predicts.

"""

from sklearn.datasets import load_wine
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier

X, y = load_wine(return_X_y=True)
mlp = XavierMLPClassifier((30,), solver="lbfgs", max_iter=1000, random_state=0)
model = make_pipeline(StandardScaler(), mlp)
for name, estimator in {"alone": mlp, "in a pipeline": model}.items():
    scores = cross_val_score(estimator, X, y, cv=5)
    print(f"{name}: accuracy {scores.mean():.3f}")

# %%
# Without a scaler, proline, which goes up to 1,680, drowns the twelve other measurements.
#
# Columns of several kinds
# ------------------------
# A :class:`~sklearn.compose.ColumnTransformer` treats numbers and categories apart. The categories
# become sparse indicators, which the network takes as they are. (The table is made up.)
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder

rng = np.random.default_rng(0)
n_samples = 600
table = pd.DataFrame(
    {
        "age": rng.integers(18, 80, n_samples),
        "income": rng.lognormal(10, 0.5, n_samples),
        "city": rng.choice(["Aarhus", "Bergen", "Turku"], n_samples),
    }
)
likes_skiing = (table["city"] == "Bergen") ^ (table["age"] > 50)

columns = make_column_transformer(
    (StandardScaler(), ["age", "income"]), (OneHotEncoder(), ["city"])
)
mlp = XavierMLPClassifier((20,), learning_rate_init=0.02, max_iter=1000, random_state=0)
model = make_pipeline(columns, mlp)
table_train, table_test, y_train, y_test = train_test_split(table, likes_skiing, random_state=0)
model.fit(table_train, y_train)
print(f"accuracy: {model.score(table_test, y_test):.2f}")

# %%
# The start of the last step
# --------------------------
# :func:`~sk_xavier.signal_propagation` takes the whole pipeline: the samples pass its first steps,
# and the verdict is on the network that they reach.
from sk_xavier import signal_propagation

propagation = signal_propagation(model, table_train, y_train, random_state=0)
print(propagation)

# %%
# Parameters of the network are reached by the name of its step, which
# :func:`~sklearn.pipeline.make_pipeline` makes of the class's name. :ref:`start_grid_search` uses
# that.
print(model.get_params()["xaviermlpclassifier__init"])
