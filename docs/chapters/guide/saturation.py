r"""
.. _guide_saturation:

Saturation, and the trouble with the sigmoid
============================================

Random weights make hidden units different (:ref:`previous chapter <guide_symmetry>`). Of which size
should they be? For the logistic sigmoid the answer is narrow. Too small, and the gradient fades
from layer to layer; too large, and most units are flat. And even at the right size the sigmoid has
a handicap: its outputs have a mean of 1/2. This chapter measures all three.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from sk_xavier import SignalPropagationDisplay, XavierMLPClassifier, signal_propagation
from sk_xavier.initializers import GlorotUniform, Normal, VarianceScaling

X, y = load_digits(return_X_y=True)
X = StandardScaler().fit_transform(X)

# %%
# The sigmoid and its slope
# -------------------------
# The logistic sigmoid and its derivative are
#
# .. math:: \sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma'(z) = \sigma(z)\,(1 - \sigma(z)).
#
# A product :math:`p (1 - p)` is largest at :math:`p = 1/2`. So the slope is at most 1/4, at
# :math:`z = 0`, and falls off like :math:`e^{-|z|}`. Compare tanh, with a slope of up to 1: as
# :math:`\tanh z = 2\sigma(2z) - 1`, it is the same curve, twice as high and half as wide.

z = np.linspace(-8.0, 8.0, 801)
slope = expit(z) * expit(-z)
print(f"largest slope {slope.max():.4f} at z = {z[slope.argmax()]:.1f}")
edge = z[slope >= 0.1 * slope.max()].max()
print(f"a tenth of that at |z| = {edge:.2f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
left.plot(z, expit(z), color="#0072B2", label="logistic")
left.plot(z, np.tanh(z), color="#D55E00", ls="--", label="tanh")
right.plot(z, slope, color="#0072B2", label="logistic")
right.plot(z, 1 - np.tanh(z) ** 2, color="#D55E00", ls="--", label="tanh")
right.axhline(0.25, color="0.5", lw=0.8)
left.set(xlabel="pre-activation z", ylabel="output")
right.set(xlabel="pre-activation z", ylabel="slope")
_ = left.legend()

# %%
# What the spread of the pre-activations does
# -------------------------------------------
# A pre-activation is a sum of many products, so over units and samples it is nearly normal. Let
# its mean be 0 and its standard deviation :math:`s`. Back-propagation multiplies a gradient by
# :math:`\sigma'(z)`, and so its variance by
#
# .. math:: \mathbb{E}[\sigma'(z)^2], \qquad z \sim N(0, s^2).
#
# The integral has no closed form; a sum over a fine grid computes it. Beside it, the mean over
# 100,000 random numbers, and how the output behaves: its standard deviation (1/2 for a switch
# that is either 0 or 1), and how much a straight line explains of it.

nodes = np.linspace(-8.0, 8.0, 4001)
weights = np.exp(-(nodes**2) / 2)
weights /= weights.sum()


def expected(function, s):
    """The mean of function(z) for a normal z with mean 0 and standard deviation s."""
    return weights @ function(s * nodes)


def squared_slope(z):
    return (expit(z) * expit(-z)) ** 2


rng = np.random.RandomState(0)
rows = []
for s in (0.1, 1.0, 2.0, 4.0, 10.0):
    z = rng.normal(0.0, s, 100_000)
    rows.append(
        {
            "s": s,
            "rms slope": expected(squared_slope, s) ** 0.5,
            "measured": squared_slope(z).mean() ** 0.5,
            "std of output": expit(z).std(),
            "straight line": np.corrcoef(z, expit(z))[0, 1] ** 2,
        }
    )
spread = pd.DataFrame(rows).set_index("s").round(3)
print(spread.to_string())

# %%
# - **Small spread**: the slope is close to 1/4, but the unit is a straight line. A network of
#   straight lines is a linear model, and each layer costs a factor of 4 or more.
# - **Large spread**: the unit is a switch. Most slopes are next to 0, and the few that are not
#   make the average.
#
# The product over the layers
# ---------------------------
# From layer :math:`l + 1` to layer :math:`l`, a gradient is multiplied by the weights between
# them and by the slopes of layer :math:`l`. With weights of mean 0 and variance :math:`v`,
# :math:`n` units in each layer, and all of it independent (the assumptions are the subject of the
# :ref:`next chapter <guide_xavier>`), its standard deviation is multiplied by
#
# .. math:: \sqrt{n v \;\mathbb{E}[\sigma'(z)^2]} .
#
# Glorot's start has :math:`n v = 1` for layers of equal width. So the factor is at most 1/4, and
# after five layers at most :math:`4^{-5}`, less than a thousandth.
#
# What :math:`s` is can be predicted, too. A weighted sum of outputs :math:`h` has the variance
# :math:`n v\,\mathbb{E}[h^2]` over units. The mean square :math:`\mathbb{E}[h^2]`, not the
# variance, since the outputs of a sigmoid have a mean of 1/2, of which every unit gets its random
# multiple. From layer to layer,
#
# .. math:: s^2 \leftarrow n v\,\mathbb{E}[\sigma(z)^2], \qquad z \sim N(0, s^2),
#
# which soon settles. Here for a gain of 1 and of 4 (a gain multiplies the weights, so that
# :math:`n v` is its square), beside networks of five layers of 500 units.


def settled_spread(gain):
    s = 1.0
    for _ in range(200):
        s = gain * expected(lambda z: expit(z) ** 2, s) ** 0.5
    return s


for gain in (1.0, 4.0):
    s = settled_spread(gain)
    factor = gain * expected(squared_slope, s) ** 0.5
    network = XavierMLPClassifier(
        (500,) * 5, "logistic", init=GlorotUniform(gain=gain), random_state=0
    )
    hidden = signal_propagation(network, X, y, random_state=0).layers[:-1]
    measured_s = np.mean([layer.z_std for layer in hidden[2:]])
    measured_factor = np.mean([layer.gradient_ratio for layer in hidden[1:-1]])
    print(f"gain {gain:.0f}, spread of z: formula {s:.3f} measured {measured_s:.3f}")
    print(f"gain {gain:.0f}, gradient factor: formula {factor:.3f} measured {measured_factor:.3f}")

# %%
# So a gain of 4 makes up for the slope of 1/4, but not fully: with zero biases, the mean of 1/2
# spreads the pre-activations to where the slope is smaller. The factor stays well below 1, and
# well above that of a gain of 1.
#
# Where the gain of 4 comes from
# ------------------------------
# The number is that of Theano's deep learning tutorial (its chapter on multilayer perceptrons),
# for the logistic function in place of tanh. It has an exact meaning. As :math:`\sigma(u) =
# \tfrac12 (1 + \tanh\tfrac u2)`, every tanh network *is* a logistic network with other weights:
# if a tanh layer computes :math:`a = \tanh(W^T a')`, then the logistic layer :math:`h =
# \sigma(\tilde W^T h' + \tilde b)` computes :math:`h = \tfrac12(1 + a)` from :math:`h' =
# \tfrac12(1 + a')` for
#
# .. math:: \tilde W = 4\,W, \qquad \tilde b_j = -2 \sum_i w_{ij} .
#
# (The first layer reads :math:`x` itself, hence :math:`2W` and no bias; the output reads
# :math:`h` and stays linear, hence :math:`2W` and minus the sums.) The factor 4 is 2 because the
# tanh curve is half as wide, times 2 because it is twice as high. The biases take the mean of 1/2
# out. A gain of 4 with zero biases has the first half of this. Both, side by side, with the
# gradient in layer 1 relative to that in layer 5 and the effective rank of the outputs of layer
# 5:

sizes = (100,) * 5
tanh = XavierMLPClassifier(sizes, "tanh", init="glorot_uniform", random_state=0)
tanh.initialize(X, y)
first, *middle, last = tanh.coefs_
disguised = XavierMLPClassifier(
    sizes,
    "logistic",
    init=[2 * first, *(4 * w for w in middle), 2 * last],
    bias_init=[np.zeros(100), *(-2 * w.sum(axis=0) for w in middle), -last.sum(axis=0)],
).initialize(X, y)
difference = np.abs(disguised.predict_proba(X) - tanh.predict_proba(X)).max()
print(f"probabilities differ by at most {difference:.0e}")

networks = {
    "tanh, gain 1": tanh,
    "logistic, 4 W and biases": disguised,
    "logistic, gain 4": XavierMLPClassifier(sizes, "logistic", init="auto", random_state=0),
    "logistic, gain 1": XavierMLPClassifier(sizes, "logistic", random_state=0),
}
rows = []
for name, network in networks.items():
    propagation = signal_propagation(network, X, y, random_state=0)
    rows.append(
        {
            "network": name,
            "gradient left": propagation.first_to_last_gradient_ratio,
            "rank, layer 5": propagation.layers[4].effective_rank,
        }
    )
gains = pd.DataFrame(rows).set_index("network")
print(gains.to_string(float_format="{:.3g}".format))

# %%
# The disguised network has the gradients of the tanh network to all digits printed. (Its
# effective rank is lower since the mean of 1/2 counts as one strong direction.) The others show
# what each half of the recipe is worth. ``init="auto"`` uses a gain of 4 and zero biases for
# ``logistic``: the literature's recommendation, and better than a gain of 1 by far, but not a
# tanh network.
#
# Too small, too large, and between
# ---------------------------------
# Five layers of 100 sigmoids from four starts. What :func:`~sk_xavier.signal_propagation`
# reports:
#
# - *spread*: how far the outputs of layer 5 differ between samples (``sample_std``), without what
#   is the same for all samples;
# - *flat*: the largest share of saturated outputs in a layer, those within 1.5 % of the range
#   from 0 or 1;
# - *left*: the median size of a gradient in layer 1, relative to the standard deviation in layer
#   5. A median, since with large weights a few units that are not flat have most of the gradient.

starts = {
    "std 0.01": Normal(std=0.01),
    "Glorot": "glorot_uniform",
    "Glorot, gain 4": "auto",
    "std 1": Normal(std=1.0),
}
propagations = {
    name: signal_propagation(
        XavierMLPClassifier(sizes, "logistic", init=init, random_state=0),
        X,
        y,
        random_state=0,
    )
    for name, init in starts.items()
}
rows = []
for name, propagation in propagations.items():
    *hidden, _ = propagation.layers
    rows.append(
        {
            "start": name,
            "spread": f"{hidden[-1].sample_std:.1e}",
            "flat": f"{max(layer.saturated for layer in hidden):.0%}",
            "left": f"{np.median(np.abs(hidden[0].gradients)) / hidden[-1].gradient_std:.1e}",
            "verdict": str(propagation.verdict),
        }
    )
table = pd.DataFrame(rows).set_index("start")
print(table.to_string())

# %%
# The same as pictures: the distribution of the outputs over all units and samples, a line for
# each layer. Where a start is too small, the upper layers' outputs are next to 1/2. Where it is
# too large, they pile up at 0 and 1. The picture for Glorot's start with a gain of 1 looks sound,
# and is not: in its upper layers it is the units that differ, each by its multiple of the mean of
# 1/2, while for different samples they say the same (*spread* in the table).

figure, panels = plt.subplots(2, 2, figsize=(8, 6.4), layout="constrained")
for axes, (name, propagation) in zip(panels.flat, propagations.items(), strict=True):
    SignalPropagationDisplay.from_signal_propagation(
        propagation, ax=axes, kind="activations", log_scale=True
    )
    axes.set_title(name)
    if axes is not panels[0, 1]:
        axes.get_legend().remove()

# %%
# The top hidden layer
# --------------------
# Glorot and Bengio (`Understanding the difficulty of training deep feedforward neural networks
# <https://proceedings.mlr.press/v9/glorot10a.html>`_, 2010, figure 2) watched sigmoid networks
# *during* training. With four hidden layers, the mean output of the top one soon falls to 0, into
# saturation, while those below stay above 1/2. Their explanation: at first the top layer's
# outputs :math:`h` say next to nothing about the sample. The softmax of :math:`c + V^T h` does
# best by learning the biases :math:`c` and getting :math:`V^T h` out of the way, that is by
# driving :math:`h` to 0. For tanh, 0 is where the slope is largest. For the sigmoid it is the
# flat end, so little gradient comes through, and the layers below learn late, if ever.
#
# They had 1000 units and images of shapes; it can be seen with 100 units on digits, too. The
# start is what they call the standard heuristic, uniform on :math:`\pm 1/\sqrt n` (their equation
# 1), the training plain gradient descent in mini-batches of 10.

standard = VarianceScaling(scale=1 / 3, mode="fan_in", distribution="uniform")
plain = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1, "batch_size": 10}
deep = {}
for activation in ("logistic", "tanh"):
    network = XavierMLPClassifier(
        (100,) * 4, activation, init=standard, alpha=0.0, **plain, random_state=0
    ).initialize(X, y)
    means = []
    for epoch in range(25):
        hidden = signal_propagation(network, X, y, max_samples=300, random_state=0).layers[:-1]
        means.append([layer.mean for layer in hidden])
        if epoch < 24:
            network.partial_fit(X, y)
    deep[activation] = np.array(means)
    text = " ".join(f"{mean:.2f}" for mean in means[-1])
    print(f"{activation}: mean output of layers 1 to 4 after 24 epochs: {text}")
    print(f"{activation}: accuracy {network.score(X, y):.3f}")

# %%

figure, panels = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
colors = ["#0072B2", "#E69F00", "#009E73", "#D55E00"]
for axes, (activation, means) in zip(panels, deep.items(), strict=True):
    for layer, color in enumerate(colors):
        axes.plot(means[:, layer], color=color, label=f"layer {layer + 1}")
    axes.set(xlabel="epoch", title=activation)
panels[0].set_ylabel("mean output, 300 samples")
panels[0].set_ylim(0, 1)
panels[1].set_ylim(-1, 1)
_ = panels[0].legend()

# %%
# The sigmoid network has learned next to nothing by then: with ten classes, guessing has an
# accuracy of 0.1. In the tanh network, from the same start and with the same training, the means
# stay near 0, and it learns.
#
# In the paper the network with four hidden layers leaves saturation later in training, and the
# one with five stays there.
#
# Constant predictions in scikit-learn
# ------------------------------------
# scikit-learn's ``MLPClassifier`` draws the weights of logistic networks uniformly from
# :math:`\pm\sqrt{2 / (n_{in} + n_{out})}`. This is *smaller* than Glorot's start, by
# :math:`\sqrt{1/3}`, where it should be larger. The factor by which a gradient passes a layer
# is at most :math:`\tfrac14 \sqrt{1/3}`, about 1/7.
#
# `Issue 31235 <https://github.com/scikit-learn/scikit-learn/issues/31235>`_ shows what this leads
# to. Two hidden layers of 20 sigmoids are to learn a parabola in a square, and predict the same
# class for every sample. It was closed as not planned.

square = np.random.RandomState(1).uniform(size=(500, 2))
label = (square[:, 0] + (2.0 * square[:, 1] - 1.0) ** 2 >= 0.75).astype(int)
print(f"share of the commoner class: {max(label.mean(), 1 - label.mean()):.3f}")

common = {"activation": "logistic", "random_state": 42}
theirs = MLPClassifier((20, 20), **common)
same = XavierMLPClassifier((20, 20), init="sklearn", bias_init="same", **common)
ours = XavierMLPClassifier((20, 20), init="auto", max_iter=2000, **common)
for name, network in (("init='sklearn'", same), ("init='auto'", ours)):
    verdict = signal_propagation(network, square, label).verdict
    print(f"{name}, before training: {verdict}")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    for name, network in (
        ("scikit-learn", theirs),
        ("init='sklearn'", same),
        ("init='auto'", ours),
    ):
        network.fit(square, label)
        print(
            f"{name}: {network.n_iter_} epochs, classes predicted"
            f" {np.unique(network.predict(square))}, accuracy {network.score(square, label):.3f}"
        )

# %%
# scikit-learn stops by itself after a few epochs, without a warning: the loss has made no
# progress of more than ``tol`` for ten epochs. To the stopping rule a plateau looks like the end.
# The example :ref:`sphx_glr_auto_examples_what_went_wrong_plot_sigmoid_rescue.py` follows this
# case through more seeds, more patience and another solver.
#
# What to conclude
# ----------------
# - Prefer tanh, or a rectifier, in hidden layers. The sigmoid's slope of 1/4 can be scaled away,
#   its mean of 1/2 not without biases that depend on the weights.
# - Where it must be ``logistic``, take ``init="auto"``. It is sound for a few layers; the factor
#   measured above, raised to the number of layers, tells how many.
# - All this multiplies over layers. With a single hidden layer there is nothing to multiply, and
#   the size of the start matters less.
# - A healthy start is not yet healthy training: the top layer of the sigmoid network saturated
#   while it was trained. ``signal_propagation`` takes fitted networks too
#   (:ref:`guide_diagnosing`).
