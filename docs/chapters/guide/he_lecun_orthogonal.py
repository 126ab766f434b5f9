r"""
.. _guide_he_lecun_orthogonal:

He, LeCun, orthogonal
=====================

Xavier's start is derived for activations that are nearly the identity (:ref:`guide_xavier`). Its
relatives ask the same question under other assumptions, and each answers with one number, the
variance of the weights:

- **LeCun**: only signals count, not gradients. :math:`1/n_{in}`. Yann LeCun et al., "Efficient
  BackProp" (1998), eq. 16; it is also what ``selu`` needs (Günter Klambauer et al.,
  `Self-normalizing neural networks <https://arxiv.org/abs/1706.02515>`_, 2017).
- **Glorot**: signals and gradients, activations close to the identity.
  :math:`2/(n_{in} + n_{out})`.
- **He**: rectifiers, which pass one half. :math:`2/n_{in}`. Kaiming He et al., `Delving deep into
  rectifiers <https://arxiv.org/abs/1502.01852>`_ (2015), eq. 10.
- **Orthogonal**: not only the mean length of signals, but the length of each. Andrew Saxe et al.,
  `Exact solutions to the nonlinear dynamics of learning in deep linear neural networks
  <https://arxiv.org/abs/1312.6120>`_ (2014).

This chapter derives each in short and measures it by depth.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import truncnorm

from sk_xavier import XavierMLPClassifier, activations, signal_propagation
from sk_xavier.activations import SELU, ReLU, Tanh
from sk_xavier.initializers import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    TruncatedNormal,
    VarianceScaling,
)

rng = np.random.RandomState(0)
X = rng.normal(size=(500, 200))
y = rng.randint(10, size=500)


def hidden_layers(activation, init, widths=(200,) * 10):
    network = XavierMLPClassifier(widths, activation, init=init, random_state=0)
    return signal_propagation(network, X, y, random_state=0).layers[:-1]


# %%
# One family
# ----------
# All but the orthogonal are members of :class:`~sk_xavier.initializers.VarianceScaling`, with the
# variance
#
# .. math:: v = \text{gain}^2\,\frac{\text{scale}}{\text{fan}} ,
#
# where *fan* is the number of inputs (``fan_in``), of outputs (``fan_out``) or the mean of both
# (``fan_avg``). The shape of the distribution is another choice; only its variance enters the
# derivations. For a layer with 300 inputs and 100 outputs:

n_in, n_out = 300, 100
rows = []
for init, variance in (
    (LecunUniform(), 1 / n_in),
    (LecunNormal(), 1 / n_in),
    (GlorotUniform(), 2 / (n_in + n_out)),
    (GlorotNormal(), 2 / (n_in + n_out)),
    (HeUniform(), 2 / n_in),
    (HeNormal(), 2 / n_in),
):
    w = init((n_in, n_out), random_state=0)
    rows.append(
        {
            "start": type(init).__name__,
            "std, formula": variance**0.5,
            "std, measured": w.std(),
            "largest": np.abs(w).max(),
        }
    )
family = pd.DataFrame(rows).set_index("start").round(4)
print(family.to_string())

# %%
# He: rectifiers
# --------------
# Let :math:`z` be symmetric around 0. ``relu`` keeps one half of it and sets the other to 0, so
# the *mean square* of its output is half that of :math:`z`:
#
# .. math::
#
#    \mathbb{E}[\max(0, z)^2] = \tfrac12 \mathbb{E}[z^2], \qquad
#    \operatorname{Var} z^{(l+1)} = n_{in} v\,\mathbb{E}[\max(0, z^{(l)})^2]
#    = \tfrac12 n_{in} v \operatorname{Var} z^{(l)} .
#
# (The mean square, since the weights have mean 0 and the outputs do not.) Setting the factor to 1
# gives :math:`v = 2/n_{in}`. Backward, the slope is 1 for one half and 0 for the other, and its
# mean square is 1/2 again: :math:`v = 2/n_{out}` would keep the gradients.
#
# Printed is the factor by which a layer multiplies variances, over ten layers of 200 units. All
# have as many inputs as outputs, so Glorot's and LeCun's variance is the same.

for init, factor in (("he_normal", 1.0), ("glorot_normal", 0.5), ("lecun_normal", 0.5)):
    layers = hidden_layers("relu", init)
    forward = (layers[-1].z_std / layers[0].z_std) ** (2 / 9)
    backward = (layers[0].gradient_std / layers[-1].gradient_std) ** (2 / 9)
    print(
        f"relu, {init}: formula {factor:.3f}"
        f" measured {forward:.3f} forward, {backward:.3f} backward"
    )

# %%
# Fan in, fan out, or the mean
# ----------------------------
# With layers of different widths one has to choose. With :math:`v = 2/n_{in}` the signal is kept,
# and gradients change by :math:`n_{out} / n_{in}` in each layer. In the product the widths
# between cancel, and what is left is the ratio of the last width to the first:
#
# .. math:: \prod_l \frac{n_l}{n_{l-1}} = \frac{n_L}{n_0} .
#
# It does not grow with depth. He et al. conclude that either choice will do. Here from hidden
# layer 1 to the last, and back:

widths = (400, 200, 100, 200, 400, 200, 100)
for mode in ("fan_in", "fan_out", "fan_avg"):
    init = VarianceScaling(scale=2.0, mode=mode, distribution="normal")
    layers = hidden_layers("relu", init, widths)
    forward = (layers[-1].z_std / layers[0].z_std) ** 2
    backward = (layers[0].gradient_std / layers[-1].gradient_std) ** 2
    up = down = 1.0
    for n_in, n_out in pairwise(widths):
        fan = {"fan_in": n_in, "fan_out": n_out, "fan_avg": (n_in + n_out) / 2}[mode]
        up *= n_in / fan
        down *= n_out / fan
    print(f"{mode}, forward: formula {up:.3f} measured {forward:.3f}")
    print(f"{mode}, backward: formula {down:.3f} measured {backward:.3f}")

# %%
# These are single draws of single networks; with a hundred units in a layer, variances stray by
# tens of per cent from what they are on average.
#
# Where He's start falls short
# ----------------------------
# He's start keeps the mean square of the signal. But outputs of rectifiers are not centred, and
# with each layer more of that mean square is common to all samples. What tells samples apart
# fades, if slowly. Printed is the share of the mean square that differs between samples, in the
# first and the last of twenty layers.

for activation, init in (("relu", "he_normal"), ("tanh", "glorot_normal")):
    layers = hidden_layers(activation, init, (200,) * 20)
    for layer in (layers[0], layers[-1]):
        share = layer.sample_std**2 / (layer.std**2 + layer.mean**2)
        print(
            f"{activation}, {init}, layer {layer.layer}: {share:.0%} differs,"
            f" effective rank {layer.effective_rank:.1f}"
        )

# %%
# LeCun, and networks that normalize themselves
# ---------------------------------------------
# LeCun et al. asked for pre-activations with standard deviation 1, where the sigmoid that they
# recommend, :math:`1.7159 \tanh(\tfrac23 z)`, is nearly linear and has :math:`f(\pm 1) = \pm 1`.
# With standardized inputs this needs :math:`n_{in} v = 1`.
#
# For ``selu`` the same number has another ground. Klambauer et al. chose the two constants of
# :class:`~sk_xavier.activations.SELU` such that for :math:`z \sim N(0, 1)` the output has mean 0
# and variance 1 again, and that this is a *stable* fixed point: networks that start somewhat off
# move towards it from layer to layer. So :math:`n_{in} v = 1`, LeCun's start.

grid = np.linspace(-8.0, 8.0, 8001)
density = np.exp(-(grid**2) / 2)
density /= density.sum()
output = SELU().function(grid)
print(f"selu of a standard normal: mean {abs(density @ output):.4f},", end=" ")
print(f"mean square {density @ output**2:.4f}")
for init in ("lecun_normal", "he_normal"):
    layers = hidden_layers("selu", init, (200,) * 20)
    for layer in (layers[0], layers[9], layers[19]):
        print(f"selu, {init}, layer {layer.layer}: mean {layer.mean:.2f}, std {layer.std:.2f}")

# %%
# The gain of an activation
# -------------------------
# The same argument works for any activation :math:`f`. If pre-activations are to stay at variance
# 1, the weights need
#
# .. math::
#
#    v = \frac{\text{gain}^2}{n_{in}}, \qquad
#    \text{gain} = \frac{1}{\sqrt{\mathbb{E}[f(z)^2]}}, \quad z \sim N(0, 1) .
#
# Beside it, the gain that keeps gradients at that variance, :math:`1/\sqrt{\mathbb{E}[f'(z)^2]}`,
# and what PyTorch's ``calculate_gain`` (2.13) returns. The last column is what ``init="auto"``
# draws here for layers of equal width, in the same unit.

pytorch = {"logistic": 1.0, "tanh": 5 / 3, "relu": 2**0.5, "selu": 3 / 4}
classes = [
    "Tanh",
    "Softsign",
    "HardTanh",
    "Logistic",
    "ReLU",
    "ELU",
    "SELU",
    "GELU",
    "SiLU",
    "Mish",
]
rows = []
for class_name in classes:
    f = getattr(activations, class_name)()
    name = f.name
    start = XavierMLPClassifier((200, 200), f, init="auto", random_state=0)
    drawn = start.initialize(X, y).coefs_[1].std() * 200**0.5
    rows.append(
        {
            "activation": name,
            "signals": (density @ f.function(grid) ** 2) ** -0.5,
            "gradients": (density @ f.derivative(grid) ** 2) ** -0.5,
            "PyTorch": pytorch.get(name, np.nan),
            "auto": drawn,
        }
    )
gains = pd.DataFrame(rows).set_index("activation").round(2)
print(gains.to_string(na_rep=""))

# %%
# For ``relu`` the first two columns agree. For tanh they do not: no single gain can keep both.
# Measured over ten layers:

for gain in (1.0, 1.59, 5 / 3):
    layers = hidden_layers("tanh", GlorotUniform(gain=gain))
    forward = (layers[-1].z_std / layers[0].z_std) ** (1 / 9)
    backward = (layers[0].gradient_std / layers[-1].gradient_std) ** (1 / 9)
    print(f"tanh, gain {gain:.2f}: std a layer: {forward:.3f} forward, {backward:.3f} backward")

# %%
# With a gain of 5/3 signals stay at a size where tanh bends, and gradients grow on their way
# down. With Glorot's gain of 1 both shrink a little, and alike. For the logistic function the
# first column is the mean of 1/2 speaking, and says nothing about what differs between samples
# (:ref:`guide_saturation`).
#
# Truncated normals
# -----------------
# Keras and JAX draw their "normal" starts from a normal cut at two standard deviations, so that
# no single weight is far off. The cut takes variance away. A standard normal cut at :math:`\pm 2`
# has the variance
#
# .. math:: 1 - \frac{4\,\varphi(2)}{2\,\Phi(2) - 1} ,
#
# whose root is 0.8796 (:math:`\varphi` and :math:`\Phi` are the density and the distribution
# function of the standard normal). To have the variance of the formula, the normal before the cut
# must be wider by 1/0.8796. ``truncated=True`` corrects for it, as Keras and JAX do in their
# scaled starts; :class:`~sk_xavier.initializers.TruncatedNormal` takes the standard deviation
# before the cut, as theirs. In units of the standard deviation asked for:

std = (1 / 400) ** 0.5
cut = truncnorm(-2, 2).std()
for name, init, expected in (
    ("LecunNormal()", LecunNormal(), 1.0),
    ("LecunNormal(truncated=True)", LecunNormal(truncated=True), 1.0),
    ("TruncatedNormal(std=...)", TruncatedNormal(std=std), cut),
):
    w = init((400, 400), random_state=0) / std
    largest = np.abs(w).max()
    print(f"{name}: formula {expected:.4f} measured {w.std():.4f}, largest {largest:.2f}")

# %%
# Orthogonal
# ----------
# A variance is about the mean over many directions. A Gaussian matrix with :math:`v = 1/n` keeps
# the length of a vector on average, but stretches some directions to about twice their length,
# and squeezes others to nothing. In a product of many such matrices this adds up. A square
# orthogonal matrix, :math:`W^T W = I`, keeps *every* length and angle, and so does a product of
# them: all its singular values are 1. Saxe et al. call this dynamical isometry.

n = 200
singular = {}
for init in (LecunNormal(), Orthogonal()):
    name = type(init).__name__
    product = np.eye(n)
    for layer in range(1, 17):
        product = product @ init((n, n), random_state=layer)
        if layer in (1, 4, 16):
            values = np.linalg.svd(product, compute_uv=False)
            singular[name, layer] = values
            print(
                f"{name}, {layer} layers: mean square {(values**2).mean():.3f},"
                f" largest {values[0]:.3f}, median {np.median(values):.2g}"
            )

# %%
# The mean square of the singular values is near 1 for the Gaussian products too: this is all that
# a variance can promise. But it comes from a few large ones. A gradient that comes through
# sixteen Gaussian layers has lost all but a few of its directions.

figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
for layer, color in ((1, "#0072B2"), (4, "#E69F00"), (16, "#D55E00")):
    values = singular["LecunNormal", layer]
    axes.semilogy(range(1, n + 1), values, color=color, label=f"Gaussian, layers: {layer}")
values = singular["Orthogonal", 16]
axes.semilogy(range(1, n + 1), values, "k--", label="orthogonal, layers: 16")
axes.set(xlabel="singular values, from the largest", ylabel="value", ylim=(1e-10, 30))
_ = axes.legend(loc="lower left")

# %%
# For a rectangular matrix :class:`~sk_xavier.initializers.Orthogonal` makes the shorter side
# orthonormal. With more outputs than inputs, lengths are kept exactly. With fewer, some
# directions must be lost: on average a share of :math:`n_{out}/n_{in}` of the square of the
# length is left.

for n_in, n_out in ((100, 300), (300, 100)):
    samples = rng.normal(size=(2000, n_in))
    w = Orthogonal()((n_in, n_out), random_state=0)
    kept = np.sum((samples @ w) ** 2, axis=1) / np.sum(samples**2, axis=1)
    print(
        f"{n_in} to {n_out}: formula {min(1, n_out / n_in):.4f} measured {kept.mean():.4f},"
        f" from {kept.min():.4f} to {kept.max():.4f}"
    )

# %%
# An activation breaks the isometry. How much, the Jacobian of the whole network tells: the matrix
# of derivatives of the last hidden layer by the inputs. Below are its singular values for one
# small input, over ten layers, with the gain that keeps small signals: 1 for tanh, :math:`\sqrt2`
# for ``relu``.


def jacobian(f, init, n_layers=10, n=200):
    """Singular values of the derivatives of the last layer by a random input."""
    h, product = np.random.RandomState(1).normal(0.0, 0.2, size=n), np.eye(n)
    for layer in range(n_layers):
        w = init((n, n), random_state=layer)
        z = h @ w
        product = product @ (w * f.derivative(z))
        h = f.function(z)
    return np.linalg.svd(product, compute_uv=False)


rows = []
for f, gain in ((Tanh(), 1.0), (ReLU(), 2**0.5)):
    for init in (LecunNormal(gain=gain), Orthogonal(gain=gain)):
        values = jacobian(f, init)
        rows.append(
            {
                "network": f"{f.name}, {type(init).__name__}",
                "largest": values[0],
                "median": np.median(values),
                "above 0.1": f"{np.mean(values > 0.1):.0%}",
            }
        )
isometry = pd.DataFrame(rows).set_index("network")
print(isometry.to_string(float_format="{:.2g}".format))

# %%
# With tanh and small inputs the orthogonal network stays near isometry: all directions come
# through. With ``relu``, a layer sets about half of its outputs to 0, so that its Jacobian has a
# rank of about :math:`n/2` whatever the weights, and at least half of the singular values are 0.
# Jeffrey Pennington et al. (`Resurrecting the sigmoid in deep learning through dynamical isometry
# <https://arxiv.org/abs/1711.04735>`_, 2017) show that ``relu`` networks cannot have it.
#
# What to conclude
# ----------------
# - ``relu`` and its relatives: He. ``selu``: LeCun. tanh and its like: Glorot. This is what
#   ``init="auto"`` does.
# - Between uniform, normal and truncated normal there is no difference that these derivations
#   see.
# - Fan in, fan out or the mean matters where widths change much, most of all between the two
#   ends.
# - Orthogonal weights have their argument in deep networks that are nearly linear. In one or two
#   hidden layers there is little for them to do.
# - All of this is about the first step. :ref:`guide_comparing` shows how to find out what a start
#   is worth after training.
