"""
How decision regions grow from four starts
==========================================

You learn how one network comes to tell two spirals apart from four starts: weights that are all
alike, small random ones, Xavier's, and large ones. The first never gets beyond a plain border, the
second stays there for long, the third adds bend after bend, and the last begins with a torn map.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from sk_xavier import XavierMLPClassifier
from sk_xavier.initializers import Normal

# %%
# Two spirals, one for each class, with a little noise.
rng = np.random.RandomState(0)


def draw(n_samples):
    """Points of the spirals, and which it is."""
    y = np.arange(n_samples) % 2
    radius = np.sqrt(rng.uniform(0.02, 1.0, size=n_samples))
    angle = 2.5 * np.pi * radius + np.pi * y
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (X + rng.normal(scale=0.06, size=X.shape)) / 0.5, y


X, y = draw(300)
X_test, y_test = draw(2000)

# %%
# Two hidden layers of 30 units. ``partial_fit`` trains for one epoch at each call, so that the
# network can be looked at in between.
starts = {
    "constant\n(all 0.1)": "constant",
    "uniform\n(±0.1)": "uniform",
    "Xavier": "glorot_uniform",
    "large\n(std 3)": Normal(std=3.0),
}
looks = (0, 5, 20, 80, 300)
ticks = np.linspace(-2.3, 2.3, 93)
grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
maps, accuracies = {}, {}
for name, init in starts.items():
    mlp = XavierMLPClassifier(
        (30, 30), "tanh", init=init, learning_rate_init=0.01, batch_size=50, random_state=0
    )
    mlp.initialize(X, y)
    maps[name], accuracies[name] = [], []
    for epoch in range(looks[-1] + 1):
        if epoch in looks:
            maps[name].append(mlp.predict_proba(grid)[:, 1].reshape(93, 93))
            accuracies[name].append(mlp.score(X_test, y_test))
        mlp.partial_fit(X, y)
    print(f"{' '.join(name.split())}: accuracy on the training samples {mlp.score(X, y):.3f}")

# %%
# Accuracy on new points of the spirals, after so many epochs.
print(f"{'':20}" + "".join(f"{epochs:7}" for epochs in looks))
for name, values in accuracies.items():
    print(f"{' '.join(name.split()):20}" + "".join(f"{value:7.3f}" for value in values))

# %%
# Units that are copies of one another bend the border once, together, and never learn more. Under
# weights within ±0.1 the units differ, but so little that for many epochs the network does no more
# than the copies. When it leaves that map, and whether in 300 epochs, depends on the seed. Under
# Xavier's start, the map begins smooth and gets one bend after another.
#
# Large weights make each unit a sharp edge, and the map torn from the start. Training finds its way
# here all the same, as edges only have to be chosen, not made: with two layers and two inputs, too
# large a start does little harm. What it does to the gradient in more layers is in
# :ref:`sphx_glr_auto_examples_why_the_start_matters_plot_saturation.py`.
figure, panels = plt.subplots(4, 5, figsize=(8, 6.4), layout="constrained")
for row, (name, values) in zip(panels, maps.items(), strict=True):
    row[0].set_ylabel(name)
    for axes, value, accuracy in zip(row, values, accuracies[name], strict=True):
        axes.contourf(ticks, ticks, value, np.linspace(0.0, 1.0, 11), cmap="cividis")
        for label, color in ((0, "white"), (1, "black")):
            axes.plot(*X[y == label].T, ".", color=color, ms=1.8)
        axes.text(
            0.97,
            0.03,
            f"{accuracy:.2f}",
            transform=axes.transAxes,
            ha="right",
            va="bottom",
            bbox={"facecolor": "white", "alpha": 0.85, "lw": 0, "pad": 1.5},
        )
        axes.set(aspect="equal", xticks=[], yticks=[])
for axes, epochs in zip(panels[0], looks, strict=True):
    axes.set_title(f"{epochs} epochs" if epochs else "the start")
figure.supxlabel(
    "blue to yellow: probability of the black spiral; number: accuracy on new points",
    fontsize="medium",
)

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
