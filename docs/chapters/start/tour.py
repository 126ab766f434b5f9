r"""
.. _tour:

A tour in five minutes
======================

From data to a network that is trained, looked at, and compared: on 1,797 images of handwritten
digits, 8 by 8 pixels each, that come with scikit-learn.

"""

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)
print(X_train.shape, X_test.shape)

# %%
# Fit and predict
# ---------------
# :class:`~sk_xavier.XavierMLPClassifier` is an estimator like any other of scikit-learn. Its first
# parameter is the size of the hidden layers, here one of 100 units; ``init`` is how its weights
# start, by default ``"glorot_uniform"``; ``random_state`` makes the result reproducible.
from sk_xavier import XavierMLPClassifier

mlp = XavierMLPClassifier((100,), learning_rate_init=0.01, random_state=0)
mlp.fit(X_train, y_train)
print("predicted:", mlp.predict(X_test[:8]))
print("true:     ", y_test[:8])
print(f"accuracy:  {mlp.score(X_test, y_test):.3f}")

# %%
# :meth:`~sk_xavier.XavierMLPClassifier.predict_proba` says how sure it is of that. These are the
# images it is least sure of, with the two digits that it hesitates between.
import matplotlib.pyplot as plt
import numpy as np

probabilities = mlp.predict_proba(X_test)
least_sure = np.argsort(probabilities.max(axis=1))[:6]
figure, panels = plt.subplots(1, 6, figsize=(8, 1.8), layout="constrained")
for axes, index in zip(panels, least_sure, strict=True):
    second, first = np.argsort(probabilities[index])[-2:]
    axes.imshow(X_test[index].reshape(8, 8), cmap="gray_r")
    axes.set(title=f"{first} or {second}?", xticks=[], yticks=[])

# %%
# How training went
# -----------------
# ``loss_curve_`` has the loss after each epoch, one pass over the training samples.
# :class:`~sk_xavier.LossCurveDisplay` draws it.
from sk_xavier import LossCurveDisplay

figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
display = LossCurveDisplay.from_estimator(mlp, ax=axes)
print(f"{mlp.n_iter_} epochs, loss {mlp.loss_:.4f}")

# %%
# The start
# ---------
# Before training, a network is only its starting weights, and these decide whether it *can* train.
# Take five hidden layers of 50 logistic units, and weights that are drawn uniformly from
# [-0.1, 0.1], whatever the size of the layers. :func:`~sk_xavier.signal_propagation` sends samples
# forward and gradients backward through the network as it starts, measures what is left of them in
# each layer, and gives a verdict.
from sk_xavier import signal_propagation

deep = XavierMLPClassifier((50,) * 5, "logistic", init="uniform", tol=1e-3, random_state=0)
print(signal_propagation(deep, X_train, y_train, random_state=0).verdict.message)

# %%
# And so it is. The loss hardly moves, training gives up, and all that the network has learned is a
# class to predict for everything:
deep.fit(X_train, y_train)
print(f"classes predicted after {deep.n_iter_} epochs: {np.unique(deep.predict(X_test))}")
print(f"accuracy: {deep.score(X_test, y_test):.3f}")

# %%
# The same network, started for its activation. (A clone, as of a network that has been trained,
# :func:`~sk_xavier.signal_propagation` looks at the weights that it has now.)
from sklearn.base import clone

deep = clone(deep).set_params(init="auto")
print(signal_propagation(deep, X_train, y_train, random_state=0).verdict)
deep.fit(X_train, y_train)
print(f"accuracy: {deep.score(X_test, y_test):.3f}")

# %%
# Which start is best?
# --------------------
# :func:`~sk_xavier.compare_initializers` trains a network from several starts, each on the same
# folds and with the same seeds, and tests the differences with a correction for folds that overlap.
# Where it cannot tell two starts apart, it says so.
from sk_xavier import compare_initializers

comparison = compare_initializers(
    XavierMLPClassifier((30, 30, 30), "tanh", learning_rate_init=0.01, tol=1e-3),
    X_train[:600],
    y_train[:600],
    inits=["constant", "uniform", "normal", "glorot_uniform"],
    cv=4,
    n_repeats=1,
    random_state=0,
)
print(comparison)

# %%
# That is all of it: an estimator, a verdict on its start, a comparison. :ref:`start_pipeline` and
# :ref:`start_grid_search` put it among scikit-learn's other tools, and :ref:`guide_symmetry` begins
# to explain what happened above.
