r"""
.. _guide_xavier:

Xavier's start, derived step by step
====================================

The default start of this library is the one of Xavier Glorot and Yoshua Bengio,
`Understanding the difficulty of training deep feedforward neural networks
<https://proceedings.mlr.press/v9/glorot10a.html>`_ (2010): weights uniform on
:math:`\pm\sqrt{6 / (n_{in} + n_{out})}`. This chapter derives that formula from a product of two
random numbers, and measures each step beside its formula. First in NumPy, by hand; then
:func:`~sk_xavier.signal_propagation` finds the same numbers. At the end come the assumptions,
broken one by one.

The wish is this. In a deep network, signals go up through many layers and gradients come down. If
each layer multiplies their size by 0.5, ten layers leave a thousandth. So choose the variance of
the weights such that each layer multiplies by 1.

**Assumptions**, at the start of training:

1. The weights of a layer are independent, have mean 0 and the same variance :math:`v`. Biases are
   zero.
2. The inputs have mean 0, the same variance for each feature, and nothing to do with the weights.
3. The activation is nearly the identity where its inputs are: :math:`f(z) \approx z`, with slope 1.
   This is true of tanh near 0.
4. Gradients that come down have nothing to do with the weights that they pass.

The first is ours to choose. The others are claims about data and network.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, signal_propagation
from sk_xavier.initializers import GlorotUniform, VarianceScaling

rng = np.random.RandomState(0)


def compare(what, formula, measured):
    print(f"{what}: formula {formula:.4f} measured {measured:.4f}")


# %%
# Step 1: the variance of a product
# ---------------------------------
# For independent random numbers :math:`w` and :math:`x`, means multiply, and so do mean squares:
# :math:`\mathbb{E}[wx] = \mathbb{E}[w]\,\mathbb{E}[x]` and
# :math:`\mathbb{E}[w^2x^2] = \mathbb{E}[w^2]\,\mathbb{E}[x^2]`. With
# :math:`\operatorname{Var} a = \mathbb{E}[a^2] - \mathbb{E}[a]^2` this gives
#
# .. math::
#
#    \operatorname{Var}(wx) = \operatorname{Var} w \operatorname{Var} x
#    + \operatorname{Var} w\,\mathbb{E}[x]^2 + \operatorname{Var} x\,\mathbb{E}[w]^2 .
#
# If both means are 0, only the first term is left. If the mean of the weights is 0, the last term
# is gone, and what is left is :math:`\operatorname{Var} w\,\mathbb{E}[x^2]`: the *mean square* of
# the inputs counts, a fact to come back to.

w = rng.uniform(-0.5, 0.5, 1_000_000)
var_w = 1 / 12
for mean_x in (0.0, 3.0):
    x = rng.normal(mean_x, 2.0, 1_000_000)
    formula = var_w * 2.0**2 + var_w * mean_x**2
    compare(f"Var(w x), mean of x {mean_x:.0f}", formula, (w * x).var())

# %%
# Step 2: the variance of a uniform number
# ----------------------------------------
# In passing we used the variance of a uniform number. On :math:`[-a, a]`, the density is
# :math:`1/(2a)` and the mean is 0, so that
#
# .. math:: \operatorname{Var} w = \frac{1}{2a} \int_{-a}^{a} w^2\,dw = \frac{a^2}{3} .
#
# Read the other way: for variance :math:`v` the bound is :math:`a = \sqrt{3v}`.

for a in (0.1, 0.5, 2.0):
    compare(f"Var of U[-{a}, {a}]", a**2 / 3, rng.uniform(-a, a, 1_000_000).var())

# %%
# Step 3: one layer, forward
# --------------------------
# A unit adds :math:`n_{in}` such products. The weights are independent and have mean 0, so
# products with different weights are uncorrelated, *even if the inputs are not*. Variances add:
#
# .. math:: \operatorname{Var} z = n_{in} \operatorname{Var} w \operatorname{Var} x .

n_in, n_out, v = 400, 300, 0.01
x = rng.normal(size=(2000, n_in))
w = rng.normal(0.0, np.sqrt(v), size=(n_in, n_out))
compare("Var(z)", n_in * v * 1.0, (x @ w).var())

# %%
# Step 4: many layers, forward
# ----------------------------
# With assumption 3, the outputs of a layer are as its pre-activations, and are the inputs of the
# next. So the factors multiply,
#
# .. math:: \operatorname{Var} z^{(L)} = \operatorname{Var} x \prod_{l=1}^{L} n_{l-1} v_l ,
#
# where :math:`n_0` is the number of features, :math:`n_l` the number of units of layer :math:`l`,
# and :math:`v_l` the variance of the weights into it. Here with layers of different widths and
# some variances picked without a thought.

widths = [200, 300, 500, 400, 300, 200]
variances = [0.006, 0.003, 0.002, 0.003, 0.002]
fans = list(pairwise(widths))
coefs = [rng.normal(0.0, np.sqrt(v), size=fan) for fan, v in zip(fans, variances, strict=True)]
h = rng.normal(size=(1000, widths[0]))
formula = 1.0
for layer, ((n_in, _), v, w) in enumerate(zip(fans, variances, coefs, strict=True), 1):
    h = h @ w
    formula *= n_in * v
    compare(f"forward, Var z in layer {layer}", formula, h.var())

# %%
# Step 5: many layers, backward
# -----------------------------
# Let :math:`\delta^{(l)}` be the derivative of the loss by the pre-activations of layer
# :math:`l`. By the chain rule,
#
# .. math::
#
#    \delta^{(l)}_i = f'(z^{(l)}_i) \sum_{j=1}^{n_{l+1}} w^{(l+1)}_{ij}\,\delta^{(l+1)}_j .
#
# It has the form of step 3, with two differences: the slope, which is 1 by assumption 3, and the
# sum, which runs over the *outputs* of the weights. With assumption 4,
#
# .. math:: \operatorname{Var} \delta^{(l)} = n_{l+1} v_{l+1} \operatorname{Var} \delta^{(l+1)} .

delta = rng.normal(size=(1000, widths[-1]))
formula = 1.0
for layer in range(len(coefs) - 1, 0, -1):
    delta = delta @ coefs[layer].T
    formula *= widths[layer + 1] * variances[layer]
    compare(f"backward, Var delta in layer {layer}", formula, delta.var())

# %%
# Step 6: two wishes and a compromise
# -----------------------------------
# Signals keep their size if :math:`n_{in} v = 1`. Gradients keep theirs if :math:`n_{out} v = 1`.
# A layer with as many units as inputs can have both. For others, Glorot and Bengio take the mean
# of the two fans in the place of either (their equation 12):
#
# .. math:: v = \frac{2}{n_{in} + n_{out}} .
#
# Forward the factor is then :math:`2 n_{in} / (n_{in} + n_{out})`, backward :math:`2 n_{out} /
# (n_{in} + n_{out})`. Each lies between 0 and 2, and their sum is 2. For one layer from 400 to
# 100 units:

n_in, n_out = 400, 100
rows = []
for name, v in (
    ("forward: 1 / n_in", 1 / n_in),
    ("backward: 1 / n_out", 1 / n_out),
    ("Glorot: 2 / (n_in + n_out)", 2 / (n_in + n_out)),
):
    w = rng.normal(0.0, np.sqrt(v), size=(n_in, n_out))
    rows.append(
        {
            "variance": name,
            "forward": n_in * v,
            "measured": (rng.normal(size=(2000, n_in)) @ w).var(),
            "backward": n_out * v,
            "measured ": (rng.normal(size=(2000, n_out)) @ w.T).var(),
        }
    )
compromise = pd.DataFrame(rows).set_index("variance").round(3)
print(compromise.to_string())

# %%
# Over a whole network, the products decide. Take widths that go down and up again, and widths
# that grow, with the three choices.


def factors(widths, scale):
    """Products over all layers of the factors forward and backward."""
    pairs = list(pairwise(widths))
    forward = np.prod([n_in * scale(n_in, n_out) for n_in, n_out in pairs])
    backward = np.prod([n_out * scale(n_in, n_out) for n_in, n_out in pairs])
    return forward, backward


choices = {
    "1 / n_in": lambda n_in, n_out: 1 / n_in,
    "1 / n_out": lambda n_in, n_out: 1 / n_out,
    "Glorot": lambda n_in, n_out: 2 / (n_in + n_out),
}
for shape in ([400, 100, 400, 100, 400], [100, 200, 400, 800]):
    for name, scale in choices.items():
        forward, backward = factors(shape, scale)
        print(f"{shape}, {name}: forward {forward:.3f}, backward {backward:.3f}")

# %%
# With a pure choice one direction is exact, and the other is off by the ratio of the last width
# to the first: the widths between cancel. He et al. (2015) argue like this that either will do.
# The compromise loses a little at each change of width, in both directions: by this account, a
# network that goes back and forth between 400 and 100 units many times would lose its signal.
# With equal widths, the case of the paper's experiments, the three are one.
#
# Step 7: the bound
# -----------------
# By step 2, a uniform distribution with that variance has the bound
#
# .. math::
#
#    a = \sqrt{3 v} = \sqrt{\frac{6}{n_{in} + n_{out}}} ,
#
# which is equation 16 of the paper, the *normalized initialization*.
# :class:`~sk_xavier.initializers.GlorotUniform` draws from it:

n_in, n_out = 400, 100
w = GlorotUniform()((n_in, n_out), random_state=0)
compare("largest weight", np.sqrt(6 / (n_in + n_out)), np.abs(w).max())
compare("n_in + n_out times the variance", 2.0, (n_in + n_out) * w.var())

# %%
# The uniform distribution is not essential: no step but the second used it.
# :class:`~sk_xavier.initializers.GlorotNormal` has the same variance. The paper compares equation
# 16 with a heuristic that was common then, uniform on :math:`\pm 1/\sqrt{n_{in}}` (equation 1).
# By step 2 its variance is :math:`1/(3 n_{in})`: with layers of equal width, it divides variances
# by 3 in each layer, in both directions.
#
# The same numbers from the library
# ---------------------------------
# A network of tanh on digits, its forward and backward pass in a few lines of NumPy, and
# :func:`~sk_xavier.signal_propagation` beside them. The library's ``std`` is that of a layer's
# outputs over all samples and units, and ``gradient_std`` that of :math:`\delta`.

X, y = load_digits(return_X_y=True)
X = StandardScaler().fit_transform(X)
network = XavierMLPClassifier((300,) * 6, "tanh", random_state=0).initialize(X, y)

outputs, signal = [], X
for w in network.coefs_[:-1]:
    signal = np.tanh(signal @ w)  # the biases are zero
    outputs.append(signal)
delta = softmax(signal @ network.coefs_[-1], axis=1)
delta[np.arange(len(y)), y] -= 1.0  # the log loss differentiated by the raw predictions
deltas = []
for w, output in zip(network.coefs_[:0:-1], outputs[::-1], strict=True):
    delta = (delta @ w.T) * (1.0 - output**2)
    deltas.insert(0, delta)

propagation = signal_propagation(network, X, y, max_samples=len(X))
rows = [
    {
        "layer": layer.layer,
        "std by hand": output.std(),
        "std": layer.std,
        "delta by hand": delta.std(),
        "gradient_std": layer.gradient_std,
    }
    for layer, output, delta in zip(propagation.layers, outputs, deltas, strict=False)
]
same = pd.DataFrame(rows).set_index("layer").round(6)
print(same.to_string())

# %%
# Now the comparison of the paper: the common heuristic and Xavier's start, over ten layers of 300
# units. Lines are the formulas of steps 4 and 5, drawn from the layer where the signal comes in;
# dots are measured, for linear networks (activation ``identity``, where assumption 3 holds by
# definition) and for tanh.

n_layers = 10
starts = {
    "eq. 1": (VarianceScaling(1 / 3, "fan_in", "uniform"), 1 / 3, "heuristic, eq. 1"),
    "eq. 16": (GlorotUniform(), 1.0, "Xavier, eq. 16"),
}
figure, panels = plt.subplots(2, 2, figsize=(8, 6.6), sharex=True, layout="constrained")
colors = dict(zip(starts, ("#D55E00", "#0072B2"), strict=True))
numbers = np.arange(1, n_layers + 1)
tanh_layers = {}
for column, activation in zip(panels.T, ("identity", "tanh"), strict=True):
    for name, (init, factor, label) in starts.items():
        deep = XavierMLPClassifier((300,) * n_layers, activation, init=init, random_state=0)
        hidden = signal_propagation(deep, X, y, random_state=0).layers[:-1]
        signal = np.array([layer.std for layer in hidden])
        gradient = np.array([layer.gradient_std for layer in hidden])
        if activation == "tanh":
            tanh_layers[name] = hidden
        forward = (signal[-1] / signal[0]) ** (1 / (n_layers - 1))
        backward = (gradient[0] / gradient[-1]) ** (1 / (n_layers - 1))
        compare(f"{activation}, {name}, forward a layer", factor**0.5, forward)
        compare(f"{activation}, {name}, backward a layer", factor**0.5, backward)
        for axes, values, line in (
            (column[0], signal, signal[0] * factor ** ((numbers - 1) / 2)),
            (column[1], gradient, gradient[-1] * factor ** ((n_layers - numbers) / 2)),
        ):
            axes.semilogy(numbers, line, color=colors[name], lw=1)
            axes.semilogy(numbers, values, "o", color=colors[name], ms=4, label=label)
    column[0].set_title(activation)
    column[1].set_xlabel("hidden layer")
panels[0, 0].set_ylabel("std of the outputs")
panels[1, 0].set_ylabel("std of the gradient (nats)")
_ = panels[0, 0].legend()

# %%
# One more thing is in the paper. The gradient by the *weights* of a layer is a product of the
# signal that comes in and the gradient that comes down. When one fades upwards and the other
# fades downwards at the same rate, the product is about the same in all layers, whatever the
# start. So weight gradients of equal size in all layers do not tell that a start is sound.

for name, hidden in tanh_layers.items():
    sizes = np.array([layer.weight_gradient_std for layer in hidden[1:]])
    ratio = sizes.max() / sizes.min()
    print(f"{name}: weight gradients of layers 2 to 10, largest / smallest {ratio:.2f}")

# %%
# Where the assumptions break
# ---------------------------
# **Tanh is not a straight line.** It is flatter away from 0, so it shrinks what it gets. For wide
# layers the formula of step 3 can be kept and the integral done right: with :math:`n v = 1`,
#
# .. math:: \operatorname{Var} z^{(l+1)} = \mathbb{E}[\tanh(z)^2], \qquad
#           z \sim N(0, \operatorname{Var} z^{(l)}) .

grid = np.linspace(-8.0, 8.0, 4001)
density = np.exp(-(grid**2) / 2)
density /= density.sum()


def mean_square(function, variance):
    """The mean of function(z)^2 for a normal z with mean 0 and this variance."""
    return density @ function(np.sqrt(variance) * grid) ** 2


wide = XavierMLPClassifier((500,) * 10, "tanh", random_state=0)
gauss = rng.normal(size=(500, 500))
hidden = signal_propagation(wide, gauss, rng.randint(10, size=500), random_state=0).layers[:-1]
variance = 1.0
for layer in hidden:
    if layer.layer in (1, 2, 5, 10):
        compare(f"tanh, Var z in layer {layer.layer}", variance, layer.z_std**2)
    variance = mean_square(np.tanh, variance)

# %%
# The decay slows down as the signal gets smaller and the curve straighter: it is that of a power,
# not an exponential. (From :math:`\tanh z \approx z - z^3/3` follows that a small variance
# :math:`q` becomes :math:`q - 2q^2`, and hence about :math:`1/(2l)` after many layers :math:`l`.)
# This is why Xavier's start is good for tanh, though not exact.
#
# **Correlated inputs.** Pixels of digits are correlated. Step 3 did not need their independence:
# the mean over units holds. But *single* units differ more. With covariance matrix :math:`C` of
# the inputs, a unit's variance is :math:`w^T C w`. For normal weights its mean over units is
# :math:`v \operatorname{tr} C`, and its relative standard deviation is :math:`\sqrt{2/d}` with
# :math:`d = (\operatorname{tr} C)^2 / \operatorname{tr} C^2`, a number of effective dimensions.

w = rng.normal(0.0, np.sqrt(1 / X.shape[1]), size=(X.shape[1], 5_000))
independent = rng.normal(size=(5000, X.shape[1])) * X.std(axis=0)
for name, samples in (("independent", independent), ("digits", X)):
    covariance = np.cov(samples, rowvar=False, bias=True)
    per_unit = np.einsum("ij,ij->j", w, covariance @ w)
    d = np.trace(covariance) ** 2 / np.trace(covariance @ covariance)
    print(f"{name}: effective dimensions {d:.1f} of {X.shape[1]}")
    mean = np.trace(covariance) / X.shape[1]
    compare(f"{name}, mean of the units' Var z", mean, per_unit.mean())
    compare(f"{name}, relative spread", np.sqrt(2 / d), per_unit.std() / per_unit.mean())

# %%
# **Inputs whose mean is not 0.** Step 1 says what happens: the mean square takes the place of the
# variance. A unit's pre-activations get an offset that is the same for all samples, with the
# variance :math:`v \sum_i \mathbb{E}[x_i]^2` over units. It uses up the range of the activation
# and tells nothing about the sample. Raw pixels between 0 and 1 have such means:

raw = load_digits().data / 16
n_in = raw.shape[1]
z = raw @ rng.normal(0.0, np.sqrt(1 / n_in), size=(n_in, 5_000))
offsets = z.mean(axis=0)
compare("raw pixels, variance of offsets", (raw.mean(axis=0) ** 2).mean(), offsets.var())
compare("raw pixels, variance over samples", raw.var(axis=0).mean(), z.var(axis=0).mean())

# %%
# More than half of the size of these pre-activations is offset. Hence the advice to standardize.
#
# **Rectifiers.** ``relu`` is not the identity near 0: it passes one half of its inputs and blocks
# the other, in both directions. For a symmetric :math:`z` the mean square is halved,
# :math:`\mathbb{E}[\max(0, z)^2] = \tfrac12 \operatorname{Var} z`, and so is the variance of
# gradients. He's start makes up for the 1/2 (:ref:`guide_he_lecun_orthogonal`).

relu = XavierMLPClassifier((500,) * 10, "relu", random_state=0)
hidden = signal_propagation(relu, gauss, rng.randint(10, size=500), random_state=0).layers[:-1]
factor = (hidden[-1].z_std / hidden[0].z_std) ** (2 / 9)
compare("relu, forward factor of Var z", 0.5, factor)
factor = (hidden[0].gradient_std / hidden[-1].gradient_std) ** (2 / 9)
compare("relu, backward factor of Var delta", 0.5, factor)

# %%
# **Narrow layers.** All formulas are means over draws of the weights. A network of narrow layers
# is one draw with few numbers to average: the products of step 4 hold on average, but single
# networks stray, the more so the deeper they are. Linear networks of 20 layers, 200 draws each:

for width in (10, 100):
    found = []
    for _ in range(200):
        h = rng.normal(size=(20, width))
        before = (h**2).mean()
        for _ in range(20):
            h = h @ rng.normal(0.0, np.sqrt(1 / width), size=(width, width))
        found.append((h**2).mean() / before)
    low, high = np.percentile(found, [10, 90])
    print(f"width {width}: 80 % of networks keep {low:.2f} to {high:.2f} times the variance")

# %%
# What to conclude
# ----------------
# - The formula keeps variances where activations are close to the identity: ``identity``, and
#   tanh, softsign and their like on standardized inputs.
# - For ``relu`` and its relatives the same derivation gives another number; for ``logistic``
#   there is more to it (:ref:`guide_saturation`). ``init="auto"`` picks what belongs to the
#   activation.
# - The theory is about the first step. How the network trains afterwards is a question for an
#   experiment (:ref:`guide_comparing`). In the paper, on MNIST and with tanh, the difference in
#   test error between the two starts was within the noise of the test set, while on the harder
#   images of Shapeset it was large (table 1).
