"""
A sigmoid network that predicts one class for everything
========================================================

You learn why a network of sigmoids may end its training after a few epochs with the same
prediction for every sample, how to see that before training, and how another start cures it. The
case is issue 31235 of scikit-learn, closed there as "not planned".

"""

import sys
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from sk_xavier import LossCurveDisplay, XavierMLPClassifier, signal_propagation

# %%
# The data of the issue: points drawn evenly from a square. A parabola divides the two classes.
X = np.random.RandomState(1).uniform(size=(500, 2))
y = (X[:, 0] + (2.0 * X[:, 1] - 1.0) ** 2 >= 0.75).astype(int)
base_rate = max(y.mean(), 1.0 - y.mean())
print(f"share of the commoner class: {base_rate:.3f}")

# %%
# The network of the issue, two layers of 20 sigmoids: scikit-learn's own; ours from scikit-learn's
# start; ours from Xavier's, which is the default; and ours from what the literature recommends for
# sigmoids, Xavier's with a gain of 4 in the hidden layers.
parameters = {"hidden_layer_sizes": (20, 20), "activation": "logistic", "max_iter": 2000}
networks = {
    "scikit-learn": MLPClassifier(**parameters),
    "init='sklearn'": XavierMLPClassifier(**parameters, init="sklearn", bias_init="same"),
    "init='glorot_uniform'": XavierMLPClassifier(**parameters),
    "init='auto'": XavierMLPClassifier(**parameters, init="auto"),
}

# %%
# Before training. Under scikit-learn's start, activations in layer 2 are nearly the same for all
# samples, and on its way back the gradient fades, too.
for name in ("init='sklearn'", "init='glorot_uniform'", "init='auto'"):
    network = networks[name].set_params(random_state=42)
    print(f"\n{signal_propagation(network, X, y)}")

# %%
# After training, from two seeds and that of the issue. From scikit-learn's start, the prediction is
# one class for all samples: the loss is on a plateau, progress is smaller than ``tol``, and
# training stops. Xavier's start leads off the plateau, but not far. The gain makes the difference.
print(f"\n{'seed':4} {'network':21} {'epochs':>6} {'accuracy':>8} {'commonest prediction':>20}")
for seed in (0, 1, 42):
    for name, network in networks.items():
        network.set_params(random_state=seed).fit(X, y)
        share = network.predict(X).mean()
        print(
            f"{seed:4} {name:21} {network.n_iter_:6} {network.score(X, y):8.3f}"
            f" {max(share, 1.0 - share):20.3f}"
        )

# %%
# Is it only a matter of patience? A network that does not stop on the plateau leaves it, but does
# not get as far in as many epochs. (That it has not converged is no surprise, so the warning is
# turned off.) L-BFGS, a solver for small data sets, gets off the plateau by itself.
start = {"init": "sklearn", "bias_init": "same", "random_state": 42}
patient = XavierMLPClassifier(**parameters, **start, n_iter_no_change=np.inf)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    patient.fit(X, y)
lbfgs = XavierMLPClassifier(**parameters, **start, solver="lbfgs").fit(X, y)
print(f"patient, seed 42: accuracy {patient.score(X, y):.3f} after {patient.n_iter_} epochs")
print(f"lbfgs, seed 42: accuracy {lbfgs.score(X, y):.3f} after {lbfgs.n_iter_} iterations")

# %%
# The probabilities that the networks of seed 42 predict, and their losses. More about such plateaus
# in :ref:`guide_saturation`.
figure = plt.figure(figsize=(8, 7), layout="constrained")
maps, losses = figure.subfigures(2, 1, height_ratios=(1.15, 1))
ticks = np.linspace(0.0, 1.0, 101)
grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
panels = maps.subplots(1, 2, sharey=True)
for axes, name in zip(panels, ("scikit-learn", "init='auto'"), strict=True):
    network = networks[name]
    probability = network.predict_proba(grid)[:, 1].reshape(101, 101)
    image = axes.contourf(ticks, ticks, probability, np.linspace(0.0, 1.0, 11), cmap="cividis")
    for label, marker, color in ((0, "o", "white"), (1, "^", "black")):
        axes.plot(*X[y == label].T, marker, color=color, mec="black", mew=0.4, ms=3.5)
    axes.set(title=f"{name}: accuracy {network.score(X, y):.3f}", aspect="equal")
    axes.set_xlabel("x0")
panels[0].set_ylabel("x1 (triangles: class 1)")
maps.colorbar(image, ax=panels, label="probability of class 1", shrink=0.9)
curves = LossCurveDisplay.from_estimators(
    {name: networks[name] for name in networks if name != "init='sklearn'"} | {"patient": patient},
    ax=losses.subplots(),
)
curves.ax_.set_xscale("log")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
