r"""
.. _guide_symmetry:

Symmetry: why the start must be random
======================================

A hidden layer of 32 units can compute 32 different functions of its inputs. If all its weights
start at the same value, it computes one function 32 times, and no number of epochs will change
that. This chapter derives why, shows it, and then asks what exactly has to differ: all weights, or
some, or the biases? And what does not help?

The data are scikit-learn's 8 x 8 images of handwritten digits.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from sk_xavier import XavierMLPClassifier, signal_propagation

X, y = load_digits(return_X_y=True)
X = X / 16

# %%
# The gradient of one hidden unit
# -------------------------------
# Take one hidden layer. For a sample :math:`x` with features :math:`x_i`, unit :math:`j` computes
#
# .. math:: z_j = \sum_i x_i w_{ij} + b_j, \qquad h_j = f(z_j),
#
# and the outputs read it through the weights :math:`v_{jk}`: the raw prediction of class
# :math:`k` is :math:`r_k = \sum_j h_j v_{jk} + c_k`. Let :math:`\varepsilon_k` be the derivative
# of the loss by :math:`r_k`; with the log loss it is the predicted probability of class
# :math:`k`, minus 1 if :math:`k` is the right one. The chain rule gives everything that unit
# :math:`j` is told in training:
#
# .. math::
#
#    \frac{\partial L}{\partial v_{jk}} = h_j\,\varepsilon_k, \qquad
#    \delta_j = f'(z_j) \sum_k v_{jk}\,\varepsilon_k, \qquad
#    \frac{\partial L}{\partial w_{ij}} = x_i\,\delta_j, \qquad
#    \frac{\partial L}{\partial b_j} = \delta_j .
#
# The number :math:`j` of the unit occurs only in its own weights and bias. So if units 1 and 2
# have equal weights in (:math:`w_{i1} = w_{i2}`), equal biases and equal weights out
# (:math:`v_{1k} = v_{2k}`), then :math:`h_1 = h_2`, hence :math:`\delta_1 = \delta_2`, and all
# their gradients are equal. A step of gradient descent changes both alike, so they are equal
# *after* the step, and by induction after every step.
#
# Here are these four formulas in NumPy, averaged over the samples. ``initialize`` gives a network
# its starting weights and trains nothing.


def hidden_gradients(network):
    """Derivatives of the mean loss by w, b and v, for one hidden layer of tanh."""
    (w, v), (b, c) = network.coefs_, network.intercepts_
    h = np.tanh(X @ w + b)
    raw = h @ v + c
    epsilon = np.exp(raw - raw.max(axis=1, keepdims=True))
    epsilon /= epsilon.sum(axis=1, keepdims=True)
    epsilon[np.arange(len(y)), y] -= 1
    delta = (1 - h**2) * (epsilon @ v.T)  # the derivative of tanh is 1 - tanh^2
    n = len(X)
    return X.T @ delta / n, delta.mean(axis=0), h.T @ epsilon / n


def make(init, **parameters):
    """A network with one hidden layer of 32 tanh units."""
    parameters = {"learning_rate_init": 0.005, "random_state": 0} | parameters
    return XavierMLPClassifier((32,), "tanh", init=init, **parameters)


for init in ("constant", "uniform"):
    network = make(init).initialize(X, y)
    for when in ("at the start", "after an epoch"):
        of_w, of_b, of_v = hidden_gradients(network)
        difference = np.abs(of_w - of_w[:, :1]).max()
        print(
            f"{init}, {when}: largest gradient {np.abs(of_w).max():.1e},"
            f" units differ by {difference:.1e}"
        )
        network.partial_fit(X, y, classes=np.arange(10))

# %%
# Printed is the gradient by :math:`w`. With the constant start, the gradients of the 32 units do
# not differ, but for the last digits that floating point has. With weights uniform on [-0.1, 0.1]
# they do.
#
# The first line shows one more thing: at the constant start the gradient by :math:`w` is zero but
# for rounding. That is the softmax: the :math:`\varepsilon_k` of a sample sum to 0, so that
# :math:`\delta_j = f'(z_j)\,v \sum_k \varepsilon_k = 0` as long as all :math:`v_{jk}` are the
# same :math:`v`. The weights out move first, and from then on the weights in have a gradient, the
# same for all units.
#
# The formulas are those that the library trains by. ``signal_propagation`` reports the standard
# deviation of the gradient by the weights of each layer:

network = make("uniform").initialize(X, y)
of_w, _, of_v = hidden_gradients(network)
layers = signal_propagation(network, X, y, max_samples=len(X)).layers
for layer, by_hand in zip(layers, (of_w, of_v), strict=True):
    library = layer.weight_gradient_std
    print(f"layer {layer.layer}: by hand {by_hand.std():.6e}, library {library:.6e}")

# %%
# Before and after training
# -------------------------
# Each call of ``partial_fit`` is one epoch. We train 60 of them and count the units that differ
# in their weights or bias.


def train(network, n_epochs=60):
    for _ in range(n_epochs):
        network.partial_fit(X, y, classes=np.arange(10))
    return network


def count_distinct(network):
    """How many hidden units differ from all units before them."""
    w, b, v = network.coefs_[0], network.intercepts_[0], network.coefs_[1]
    return len(np.unique(np.column_stack([w.T, b, v]), axis=0))


trained = {}
for init in ("constant", "uniform"):
    network = make(init).initialize(X, y)
    before = count_distinct(network)
    trained[init] = train(network)
    print(
        f"{init}: distinct units {before} before, {count_distinct(network)} after;"
        f" accuracy {network.score(X, y):.3f}"
    )

# %%
# The constant network did learn: its accuracy is above the 0.1 of guessing one of ten digits. But
# it learned what *one* unit can. This can be made exact. As all rows of :math:`v` are equal, 32
# copies of :math:`h_1` times :math:`v_{1k}` are the same as one :math:`h_1` times
# :math:`32\,v_{1k}`. So a network with one hidden unit and these weights predicts the same
# probabilities:

copies = trained["constant"]
single = XavierMLPClassifier(
    (1,),
    "tanh",
    init=[copies.coefs_[0][:, :1], 32 * copies.coefs_[1][:1]],
    bias_init=[copies.intercepts_[0][:1], copies.intercepts_[1]],
).initialize(X, y)
difference = np.abs(single.predict_proba(X) - copies.predict_proba(X)).max()
print(f"32 copies and one unit: probabilities differ by at most {difference:.0e}")

# %%
# Watch it happen. The weights into eight of the hidden units from one pixel, over the epochs:
# from the constant start, eight curves are drawn on top of each other.

figure, panels = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True, layout="constrained")
colors = [
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#999999",
]
pixel = 28  # row 4, column 5: near the middle
for axes, init in zip(panels, ("constant", "uniform"), strict=True):
    network = make(init).initialize(X, y)
    history = [network.coefs_[0][pixel, :8].copy()]
    for _ in range(60):
        train(network, 1)
        history.append(network.coefs_[0][pixel, :8].copy())
    for unit, curve in enumerate(np.transpose(history)):
        axes.plot(curve, color=colors[unit])
    axes.set(xlabel="epoch", title=f"init={init!r}")
    apart = np.ptp(history[-1])
    print(f"{init}: after 60 epochs the eight weights span {apart:.2g}")
_ = panels[0].set_ylabel("weight from one pixel")

# %%
# The same in terms of rank
# -------------------------
# Let :math:`H` be the matrix of hidden outputs, a row for each sample and a column for each unit.
# The raw predictions are :math:`HV + c`. Equal units mean equal columns, so :math:`H` has rank 1,
# and with :math:`HV` all predictions lie on one straight line in the space of the ten classes.
# The *effective rank* softens the notion: it is the exponential of the entropy of the normalized
# singular values (Roy and Vetterli, "The effective rank", EUSIPCO 2007), and counts directions by
# how much they are used.

rows = []
for init, network in trained.items():
    h = network.transform_hidden(X)
    raw = h @ network.coefs_[1]
    layer = signal_propagation(network, X, y, max_samples=len(X)).layers[0]
    rows.append(
        {
            "start": init,
            "rank of H": np.linalg.matrix_rank(h),
            "rank of HV": np.linalg.matrix_rank(raw),
            "effective rank of H": round(layer.effective_rank, 2),
        }
    )
ranks = pd.DataFrame(rows).set_index("start")
print(ranks.to_string())

# %%
# Two units alike
# ---------------
# The derivation speaks of two units, not of all. Start at random, and make unit 11 a copy of unit
# 3, in all its parts or in some. ``coefs_`` are arrays to edit; training goes on from what they
# hold. Printed are the parts that are alike, and what 20 epochs make of the two units.


def with_pair(weights_in, bias, weights_out):
    """A random start in which unit 11 has these parts of unit 3; biases are random too."""
    network = make("uniform", bias_init="uniform").initialize(X, y)
    if weights_in:
        network.coefs_[0][:, 11] = network.coefs_[0][:, 3]
    if bias:
        network.intercepts_[0][11] = network.intercepts_[0][3]
    if weights_out:
        network.coefs_[1][11] = network.coefs_[1][3]
    return network


parts = [
    ("weights in, bias, weights out", (True, True, True)),
    ("weights in, bias", (True, True, False)),
    ("weights in, weights out", (True, False, True)),
    ("weights out", (False, False, True)),
]
for name, alike in parts:
    network = train(with_pair(*alike), 20)
    distance = np.abs(network.coefs_[0][:, 11] - network.coefs_[0][:, 3]).max()
    print(f"{name}: {count_distinct(network)} distinct units, weights in apart by {distance:.2g}")

# %%
# Only in the first case is a unit lost. A difference in any of the three parts makes the
# gradients differ, and then the others follow. This also answers a common question.
#
# Must biases be random?
# ----------------------
# No. Weights that differ are enough, and zero biases are what Glorot and Bengio (2010) start
# from, and what this library does by default.
#
# Conversely, random biases alone do make units differ, and so do random weights in one of the two
# layers, even where the others are constant or zero:

starts = {
    "all constant": {"init": "constant"},
    "random biases": {"init": "constant", "bias_init": "uniform"},
    "random weights out": {"init": ["constant", "uniform"]},
    "random weights in": {"init": ["uniform", "constant"]},
    "random in, zero out": {"init": ["uniform", "zeros"]},
    "random weights": {"init": "uniform"},
}
rows = []
for name, parameters in starts.items():
    network = make(**parameters).initialize(X, y)
    rank = signal_propagation(network, X, y, max_samples=len(X)).layers[0].effective_rank
    train(network)
    rows.append(
        {
            "start": name,
            "distinct": count_distinct(network),
            "rank before": round(rank, 2),
            "accuracy": round(network.score(X, y), 3),
            "loss": round(network.loss_, 3),
        }
    )
breaking = pd.DataFrame(rows).set_index("start")
print(breaking.to_string())

# %%
# All but the first end with 32 distinct units. Their accuracies on the training data hardly tell
# them apart on this easy problem; their losses after 60 epochs show which had to make up for a
# layer whose outputs started nearly alike. Random weights in are the usual choice because they
# give the layer a high rank from the first step.
#
# Zeros
# -----
# Zero everywhere is a special case of the constant start, and often worse. Look at the formulas
# with :math:`v_{jk} = 0`: then :math:`\delta_j = 0`, and no weight into the hidden layer moves.
# With :math:`h_j = f(0) = 0` the weights out of it do not move either. This holds for ``tanh``
# and ``relu`` (whose derivative at 0 counts as 0). Nothing is left to learn but the output's
# bias, which finds the frequencies of the classes. The logistic function has :math:`f(0) = 1/2`,
# so its weights leave zero; they stay copies.

for activation in ("tanh", "relu", "logistic"):
    network = train(XavierMLPClassifier((32,), activation, init="zeros", random_state=0))
    moved = max(np.abs(coef).max() for coef in network.coefs_)
    print(
        f"{activation}: largest weight {moved:.2g},"
        f" distinct units {count_distinct(network)}, accuracy {network.score(X, y):.3f}"
    )

# %%
# What breaks the symmetry in training, and what does not
# -------------------------------------------------------
# The derivation holds for any samples and any weights of samples. So mini-batches and shuffling
# change nothing: they choose which samples a gradient is averaged over, for all units alike. The
# L2 penalty adds :math:`\alpha w`, equal for equal weights. Adam and momentum compute each step
# from the gradients so far, one weight at a time: equal gradients make equal steps. Dropout is
# different. It draws for *each unit* whether it takes part in a step, so copies get different
# gradients.

settings = {
    "full batches": {"batch_size": len(X)},
    "mini-batches of 50, in order": {"batch_size": 50, "shuffle": False},
    "mini-batches of 50, shuffled": {"batch_size": 50},
    "L2 penalty": {"alpha": 1.0},
    "sgd with momentum": {"solver": "sgd", "learning_rate_init": 0.1},
    "label smoothing": {"label_smoothing": 0.1},
    "dropout": {"dropout": 0.2},
}
rows = []
for name, parameters in settings.items():
    network = train(make("constant", **parameters))
    rows.append(
        {
            "training": name,
            "distinct": count_distinct(network),
            "accuracy": round(network.score(X, y), 3),
        }
    )
noise = pd.DataFrame(rows).set_index("training")
print(noise.to_string())

# %%
# Dropout makes a constant start trainable, but it is no cure to rely on: it does so by chance and
# step by step, while a random start costs nothing.
#
# Rounding
# --------
# On paper copies stay copies. In floating point a library may break the tie by accident: matrix
# products are computed in blocks, and entries at the edge of a block may be summed in another
# order and round differently. Adam then divides by the size of the gradient and can blow the last
# digit up. scikit-learn's ``MLPClassifier`` does nothing against this. It has no constant start,
# so here its weights are set by hand between two fits with ``warm_start`` (the second begins with
# a fresh optimizer). With 37 units, a number that is no multiple of a usual block, what happens
# depends on the machine and on its linear algebra library. The warning that training has not
# converged is turned off.

theirs = MLPClassifier(
    (37,), "tanh", learning_rate_init=0.005, max_iter=1, warm_start=True, random_state=0
)
ours = make("constant", max_iter=60).set_params(hidden_layer_sizes=(37,))
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    theirs.fit(X, y)
    for coef, intercept in zip(theirs.coefs_, theirs.intercepts_, strict=True):
        coef[...], intercept[...] = 0.1, 0.0
    theirs.set_params(max_iter=60).fit(X, y)
    ours.fit(X, y)
for name, network in (("scikit-learn", theirs), ("sk_xavier", ours)):
    apart = np.ptp(network.coefs_[0], axis=1).max()
    print(
        f"{name}: {count_distinct(network)} distinct units of 37,"
        f" apart by {apart:.1e}, accuracy {network.score(X, y):.3f}"
    )

# %%
# This library finds the units that start as copies and keeps them exactly equal
# (:ref:`differences from scikit-learn <coming_from_differences>`), so that what you see with
# ``init="constant"`` is the mathematics and not the rounding.
#
# See it before training
# ----------------------
# ``signal_propagation`` looks for copies first. It counts units that differ by less than 1e-5 of
# the largest weight as alike: training would hardly tell them apart either.

for init in ("constant", "uniform"):
    verdict = signal_propagation(make(init), X, y).verdict
    print(f"{init}: {verdict}\n  {verdict.message}")

# %%
# What to conclude
# ----------------
# - Units that agree in weights in, bias and weights out are one unit, before training and after
#   it.
# - Any random start with a continuous distribution breaks the symmetry, however small its numbers
#   are. It is therefore no argument for one random start over another.
# - The size of the numbers is a question of its own. A start of the wrong size breaks the
#   symmetry and still does not train, which is the subject of the :ref:`next chapter
#   <guide_saturation>`.
#
# The example :ref:`sphx_glr_auto_examples_why_the_start_matters_plot_symmetry.py` shows the
# decision boundaries that three units and three copies of one unit can draw.
