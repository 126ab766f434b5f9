"""
Activations side by side, and beyond the data
=============================================

You learn what the choice of the activation shows in a fitted curve: straight pieces or bends where
there are samples, and very different habits where there are none. One of the activations is
written here, from a function and its derivative.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from sk_xavier import XavierMLPRegressor
from sk_xavier.activations import Activation

# %%
# 80 samples of a wave with a little noise, between -2 and 2. Outside, the wave goes on, but no
# network is told.
rng = np.random.RandomState(0)
x = np.sort(rng.uniform(-2.0, 2.0, size=(80, 1)), axis=0)


def wave(x):
    """What the networks are to find."""
    return np.sin(2.5 * x[:, 0])


y = wave(x) + rng.normal(scale=0.1, size=80)
inside, outside = np.linspace(-2.0, 2.0, 201)[:, None], np.linspace(2.0, 5.0, 151)[:, None]

# %%
# One hidden layer of 15 units each, from the start that suits the activation (``init="auto"``). An
# :class:`~sk_xavier.activations.Activation` of your own is a function and its derivative; here it
# is the sine.
sine = Activation(np.sin, np.cos)
activations = {
    "identity": "identity",
    "relu": "relu",
    "leaky_relu": "leaky_relu",
    "gelu": "gelu",
    "softplus": "softplus",
    "tanh": "tanh",
    "logistic": "logistic",
    "sine (own)": sine,
}
networks = {
    name: XavierMLPRegressor(
        (15,), activation, init="auto", solver="lbfgs", alpha=0.01, max_iter=5000, random_state=0
    ).fit(x, y)
    for name, activation in activations.items()
}

# %%
# The error on either side of the edge, and the slope of the curve far away, between x = 1000 and
# 2000. Units of ``relu``, its relatives and ``softplus`` are straight lines there, and so is their
# sum. Those of ``tanh`` and ``logistic`` have levelled off.


def error(network, x):
    """Root mean square of the distance from the wave."""
    return np.sqrt(np.mean((network.predict(x) - wave(x)) ** 2))


print(f"{'activation':10} {'error inside':>13} {'outside':>8} {'slope far away':>15}")
for name, network in networks.items():
    far = np.diff(network.predict([[1000.0], [2000.0]]))[0] / 1000.0
    print(f"{name:10} {error(network, inside):13.3f} {error(network, outside):8.3f} {far:15.3f}")

# %%
# Where there are samples, all but ``identity`` come close, and the differences are small: an
# activation is seldom what a fit fails for. Where there are none, each goes on in its own way, and
# so it would from another seed. That a wave goes on as a wave is knowledge, which only the network
# of sines has been given a part of, and even that one loses the track. A network's predictions
# beyond its samples are not to be relied on (:ref:`guide_activations`).
figure, panels = plt.subplots(
    2, 4, figsize=(8, 4.6), sharex=True, sharey=True, layout="constrained"
)
grid = np.linspace(-5.0, 5.0, 501)[:, None]
for axes, (name, network) in zip(panels.flat, networks.items(), strict=True):
    axes.axvspan(-2.0, 2.0, color="0.92")
    axes.plot(grid[:, 0], wave(grid), color="0.6", lw=1)
    axes.plot(x[:, 0], y, ".", color="black", ms=2.5)
    axes.plot(grid[:, 0], network.predict(grid), color="#D55E00", lw=2.2)
    axes.set(title=name, xlim=(-5, 5), ylim=(-2.5, 2.5))
figure.supxlabel("x (grey: where there are samples)", fontsize="medium")
figure.supylabel("y", fontsize="medium")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
