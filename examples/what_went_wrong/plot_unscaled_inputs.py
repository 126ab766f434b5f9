"""
Inputs of different scales
==========================

You learn what a network makes of features of very different scales: hardly anything, whatever the
start. The diagnosis before training says so, and a ``StandardScaler`` in front is the cure.

"""

import sys
import textwrap
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, signal_propagation

# %%
# Three kinds of wine, told apart by two of their features: flavanoids, which are a few units, and
# proline, which is hundreds of them.
data = load_wine()
columns = [data.feature_names.index(name) for name in ("flavanoids", "proline")]
X, y = data.data[:, columns], data.target
print(f"mean of the features: {X.mean(axis=0).round(1)}")
print(f"standard deviation of the features: {X.std(axis=0).round(1)}")
print(f"share of the commonest kind: {np.bincount(y).max() / len(y):.3f}")


# %%
# The same network on the features as they are, and behind a
# :class:`~sklearn.preprocessing.StandardScaler`, from several starts: what ``signal_propagation``
# says before training, and the accuracy in five-fold cross-validation. (Training that has not
# converged is no surprise here, so that the warning is turned off.)
def network(init="glorot_uniform"):
    """One hidden layer of 20 units."""
    return XavierMLPClassifier(
        (20,), "tanh", init=init, learning_rate_init=0.01, max_iter=300, random_state=0
    )


print(f"\n{'init':15} {'as they are':>24} {'scaled':>24}")
for init in ("uniform", "normal", "glorot_uniform", "orthogonal"):
    row = f"{init:15}"
    for model in (network(init), make_pipeline(StandardScaler(), network(init))):
        verdict = signal_propagation(model, X, y, random_state=0).verdict
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            accuracy = cross_val_score(model, X, y).mean()
        row += f" {verdict:>18} {accuracy:.3f}"
    print(row)

# %%
# No start repairs it. Hundreds of units of proline drive every ``tanh`` to its flat ends, where no
# gradient passes, and where the other feature makes no difference. The full message names the cure:
verdict = signal_propagation(network(), X, y, random_state=0).verdict
print(textwrap.fill(verdict.message, 75))

# %%
# Would weights small enough for proline do? They would be far too small for the flavanoids. Scaling
# gives each feature the size that the start was made for. Keep the scaler in the pipeline, so that
# it learns its means from the training samples alone (:ref:`start_pipeline`,
# :ref:`faq_not_learning`).
models = {
    "as they are": network(),
    "scaled": make_pipeline(StandardScaler(), network()),
}
figure, panels = plt.subplots(1, 2, figsize=(8, 4.4), sharey=True, layout="constrained")
flavanoids, proline = np.linspace(0.0, 5.5, 111), np.linspace(200.0, 1750.0, 111)
grid = np.stack(np.meshgrid(flavanoids, proline), axis=-1).reshape(-1, 2)
colors = ("#0072B2", "#E69F00", "#CC79A7")
for axes, (name, model) in zip(panels, models.items(), strict=True):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    kinds = model.predict(grid).reshape(111, 111)
    axes.contourf(flavanoids, proline, kinds, (-0.5, 0.5, 1.5, 2.5), colors=colors, alpha=0.45)
    for kind, (color, marker) in enumerate(zip(colors, "o^s", strict=True)):
        axes.plot(*X[y == kind].T, marker, color=color, mec="black", mew=0.6, ms=5)
    axes.set(title=f"{name}: accuracy {model.score(X, y):.2f}", xlabel="flavanoids")
panels[0].set_ylabel("proline")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
