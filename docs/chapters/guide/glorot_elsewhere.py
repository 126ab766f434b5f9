r"""
.. _guide_glorot_elsewhere:

What others mean by "Glorot"
============================

"Glorot initialization" is a name that several libraries use, and not all mean the same by it.
Biases, the shape of the distribution and factors differ, and what a layer starts from by *default*
differs even more. So results do not carry over from one library to another unless the start does.
This chapter computes what each library draws, and gives the start in sk_xavier that draws the same.

Only dense layers are considered: a convolution's fans also count its kernel's positions.

The formulas are those in the sources of scikit-learn 1.9.1 (``_multilayer_perceptron.py``), PyTorch
2.13.0 (``torch/nn/init.py`` and ``torch/nn/modules/linear.py``), Keras 3.15
(``random_initializers.py`` and ``dense.py``; ``tf.keras`` documents the same formulas),
JAX 0.10 (``jax/_src/nn/initializers.py``) and Flax 0.12 (``flax/linen/linear.py``).
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, signal_propagation
from sk_xavier.initializers import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    LecunNormal,
    LecunUniform,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
)

# %%
# The paper has one formula, equation 16 of `Glorot and Bengio (2010)
# <https://proceedings.mlr.press/v9/glorot10a.html>`_: weights uniform on :math:`\pm\sqrt{6 /
# (n_{in} + n_{out})}`, which have the variance :math:`2 / (n_{in} + n_{out})` of its equation 12;
# biases zero. Take a layer with 64 inputs and 100 units.

pd.set_option("display.max_colwidth", None)
n_in, n_out = 64, 100
glorot = np.sqrt(2 / (n_in + n_out))
print(f"bound {np.sqrt(6 / (n_in + n_out)):.4f}, standard deviation {glorot:.4f}")

# %%
# What is called Glorot or Xavier
# -------------------------------
# Each row of the table: the call in the other library, the standard deviation by its formula, the
# counterpart here, and the standard deviation of what that draws for 64 inputs and 100 units.
#
# Keras' and JAX's *normal* is a normal cut at two standard deviations, widened so that the
# standard deviation is that of the formula (:ref:`guide_he_lecun_orthogonal`). PyTorch's is a
# whole normal, as is this library's unless told ``truncated=True``.
#
# scikit-learn has no parameter for its start. Its source calls it the method recommended by
# Glorot et al., and for most activations the bound is theirs. For ``logistic`` it has a factor of
# 2 instead of 6. The tutorial of Theano had a gain of 4 in the same case, where the derivation
# does ask for more (:ref:`guide_saturation`). Between these two "Glorots" for the same layer lies
# a factor of :math:`4\sqrt 3`.

named = [
    ("Keras glorot_uniform", glorot, GlorotUniform()),
    ("JAX glorot_uniform", glorot, GlorotUniform()),
    ("PyTorch xavier_uniform_", glorot, GlorotUniform()),
    ("Keras glorot_normal", glorot, GlorotNormal(truncated=True)),
    ("JAX glorot_normal", glorot, GlorotNormal(truncated=True)),
    ("PyTorch xavier_normal_", glorot, GlorotNormal()),
    ("PyTorch, gain of tanh", 5 / 3 * glorot, GlorotUniform(gain=5 / 3)),
    ("scikit-learn", glorot, GlorotUniform()),
    ("scikit-learn, logistic", np.sqrt(1 / 3) * glorot, GlorotUniform(gain=3**-0.5)),
    ("Theano tutorial, logistic", 4 * glorot, GlorotUniform(gain=4)),
]


def table_of(starts):
    """A row for each start: its standard deviation, and that of the counterpart's draws."""
    rows = []
    for call, std, init in starts:
        draws = [init((n_in, n_out), random_state=seed) for seed in range(20)]
        row = {
            "elsewhere": call,
            "std": std,
            "here": repr(init),
            "drawn": np.std(draws),
        }
        rows.append(row)
    return pd.DataFrame(rows).set_index("elsewhere").round(4)


called_glorot = table_of(named)
worst = (called_glorot["drawn"] / called_glorot["std"] - 1.0).abs().max()
print(f"{len(called_glorot)} starts, drawn and formula differ by at most {worst:.1%}")
called_glorot.head(len(named))

# %%
# What a layer starts from by default
# -----------------------------------
# Few networks name their start. The default is:

bound_of_linear = 1 / np.sqrt(n_in)
pytorch = VarianceScaling(1 / 3, "fan_in", "uniform")
defaults = [
    ("Keras Dense", glorot, GlorotUniform()),
    ("Flax Dense", np.sqrt(1 / n_in), LecunNormal(truncated=True)),
    ("PyTorch Linear", bound_of_linear / np.sqrt(3), pytorch),
    ("scikit-learn", glorot, GlorotUniform()),
    ("sk_xavier", glorot, GlorotUniform()),
]
by_default = table_of(defaults)
worst = (by_default["drawn"] / by_default["std"] - 1.0).abs().max()
print(f"{len(by_default)} defaults, drawn and formula differ by at most {worst:.1%}")
by_default.head(len(defaults))

# %%
# PyTorch's default deserves a closer look. ``Linear.reset_parameters`` calls
# ``kaiming_uniform_(weight, a=sqrt(5))``. "Kaiming" is He's start; with a leaky rectifier of
# slope :math:`a` below zero, its gain is :math:`\sqrt{2 / (1 + a^2)}` and its bound
# :math:`\text{gain}\,\sqrt{3 / n_{in}}`. But there is no rectifier of slope :math:`\sqrt5`. The
# number is there to reproduce an older rule:
#
# .. math::
#
#    \sqrt{\frac{2}{1 + 5}} \sqrt{\frac{3}{n_{in}}} = \frac{1}{\sqrt{n_{in}}} .
#
# This is the *standard heuristic* of equation 1 in Glorot and Bengio's paper, the one that they
# propose to replace. Its variance is a third of LeCun's. (Nor is Keras' ``lecun_uniform`` that
# heuristic: with equal widths it has Glorot's variance.)

a = np.sqrt(5)
kaiming = np.sqrt(2 / (1 + a**2)) * np.sqrt(3 / n_in)
drawn = VarianceScaling(1 / 3, "fan_in", "uniform")((n_in, n_out), random_state=0)
print(f"bound of Linear: formula {bound_of_linear:.4f} measured {np.abs(drawn).max():.4f}")
print(f"bound of kaiming_uniform_ with a = sqrt(5): {kaiming:.4f}")
lecun = LecunUniform()((n_out, n_out), random_state=0).std()
print(f"lecun_uniform, {n_out} inputs and units: formula {1 / n_out**0.5:.4f} measured {lecun:.4f}")

# %%
# Shapes: which fan is which
# --------------------------
# Here, in scikit-learn, Keras and JAX a weight matrix has the shape ``(n_in, n_out)``, and a
# layer computes ``x @ W + b``. PyTorch stores the transpose, ``(n_out, n_in)``, and computes ``x
# @ W.T + b``. Glorot's formula does not mind; a rule with ``fan_in`` does. He's start for a
# matrix of the wrong orientation has the fans swapped:

wrong = HeNormal()((n_out, n_in), random_state=0).T  # PyTorch's shape to a formula for ours
right = HeNormal()((n_in, n_out), random_state=0)
print(f"He, transposed: formula {np.sqrt(2 / n_out):.4f} measured {wrong.std():.4f}")
print(f"He: formula {np.sqrt(2 / n_in):.4f} measured {right.std():.4f}")

# %%
# To start from weights of a PyTorch module, transpose them:
# ``init=[linear.weight.detach().numpy().T, ...]`` (:ref:`guide_given_weights`), or load them by a
# function that does (:ref:`guide_pytorch_and_keras`).
#
# Biases
# ------
# Biases start at zero in the paper, in Keras, in Flax and here. PyTorch's ``Linear`` draws them
# uniformly from :math:`\pm 1/\sqrt{n_{in}}`. scikit-learn draws them as it draws the layer's
# weights. Both are ``bias_init="same"`` here, and scikit-learn's start is even drawn from the
# same random numbers:

X, y = load_digits(return_X_y=True)
X = StandardScaler().fit_transform(X)
theirs = MLPClassifier((100,), random_state=0).partial_fit(X, y, classes=np.arange(10))
ours = XavierMLPClassifier((100,), init="sklearn", bias_init="same", random_state=0)
ours.partial_fit(X, y, classes=np.arange(10))
for name in ("coefs_", "intercepts_"):
    pairs = zip(getattr(ours, name), getattr(theirs, name), strict=True)
    apart = max(np.abs(mine - yours).max() for mine, yours in pairs)
    print(f"{name} after an epoch, beside scikit-learn's: differ by at most {apart:.0e}")

linear = XavierMLPClassifier(
    (100,),
    init=VarianceScaling(1 / 3, "fan_in", "uniform"),
    bias_init="same",
    random_state=0,
).initialize(X, y)
print(f"as PyTorch, largest bias: bound {bound_of_linear:.4f}", end=" ")
print(f"measured {np.abs(linear.intercepts_[0]).max():.4f}")

# %%
# Truncated normals without the correction
# ----------------------------------------
# Two more names to be careful with. ``truncated_normal`` in Keras and JAX takes the standard
# deviation *before* the cut at two of it, so that the weights have 0.88 times as much.
# :class:`~sk_xavier.initializers.TruncatedNormal` does the same. PyTorch's ``trunc_normal_`` cuts
# at -2 and 2, whatever the standard deviation: for the usual small ones it cuts nothing.
#
# And ``random_normal`` and ``random_uniform`` have fixed scales: in Keras a standard deviation of
# 0.05 and an interval of :math:`\pm 0.05`, here 0.1 and :math:`\pm 0.1`.

cut = TruncatedNormal(std=0.05)((n_in, n_out), random_state=0)
flat = Uniform(-0.05, 0.05)((n_in, n_out), random_state=0)
print(f"TruncatedNormal(std=0.05): formula {0.05 * 0.87963:.4f} measured {cut.std():.4f}")
print(f"Uniform(-0.05, 0.05): formula {0.05 / np.sqrt(3):.4f} measured {flat.std():.4f}")

# %%
# Does it matter?
# ---------------
# For a layer of 64 inputs, the standard deviations by the number of units. Glorot's rule takes
# the units into account, the others do not.

units = np.geomspace(4, 1024, 60)
figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
axes.loglog(
    units,
    4 * np.sqrt(2 / (64 + units)),
    color="#CC79A7",
    ls=":",
    label="Theano, logistic",
)
axes.loglog(units, np.full(60, 64**-0.5), color="#009E73", ls="--", label="Flax Dense")
axes.loglog(units, np.sqrt(2 / (64 + units)), color="#0072B2", label="Glorot; Keras Dense")
axes.loglog(
    units,
    np.full(60, (3 * 64) ** -0.5),
    color="#E69F00",
    ls="-.",
    label="PyTorch Linear",
)
axes.loglog(
    units,
    np.sqrt(2 / (64 + units) / 3),
    color="#D55E00",
    ls=(0, (1, 2)),
    label="scikit-learn, logistic",
)
axes.set(xlabel="units of the layer", ylabel="std of its weights", ylim=(0.01, 2))
_ = axes.legend(ncols=2, loc="upper right")

# %%
# In a deep network such factors multiply. Six hidden layers of 100 units on digits, from the
# default of each library, or its rule for ``logistic``:

PYTORCH = {"init": VarianceScaling(1 / 3, "fan_in", "uniform"), "bias_init": "same"}
deep = {
    "tanh, Keras": ("tanh", {"init": "glorot_uniform"}),
    "tanh, Flax": ("tanh", {"init": LecunNormal(truncated=True)}),
    "tanh, PyTorch": ("tanh", PYTORCH),
    "tanh, scikit-learn": ("tanh", {"init": "sklearn", "bias_init": "same"}),
    "logistic, Keras": ("logistic", {"init": "glorot_uniform"}),
    "logistic, scikit-learn": ("logistic", {"init": "sklearn", "bias_init": "same"}),
    "logistic, Theano's": ("logistic", {"init": "auto"}),
}
rows = []
for name, (activation, start) in deep.items():
    network = XavierMLPClassifier((100,) * 6, activation, **start, random_state=0)
    propagation = signal_propagation(network, X, y, random_state=0)
    *hidden, _ = propagation.layers
    rows.append(
        {
            "network": name,
            "signal": f"{hidden[-1].sample_std / hidden[0].sample_std:.1e}",
            "gradient": f"{propagation.first_to_last_gradient_ratio:.1e}",
            "verdict": str(propagation.verdict),
        }
    )
effects = pd.DataFrame(rows).set_index("network")
print(effects.to_string())

# %%
# *signal* is what is left in layer 6 of the differences between samples in layer 1, *gradient* what
# is left in layer 1 of the gradient in layer 6. Among the logistic rows Theano's gain keeps by far
# the most, and over six layers even that is little.
#
# What to conclude
# ----------------
# - When you reproduce a result, find out the *default* of the layer, not the name in the paper.
# - From Keras: ``init="glorot_uniform"``, the default here too. From PyTorch with its default:
#   ``VarianceScaling(1/3, "fan_in", "uniform")`` with ``bias_init="same"``. From scikit-learn:
#   ``init="sklearn", bias_init="same"``. :ref:`coming_from_other_libraries` has the rest of such
#   a move.
# - Where a library's default is the heuristic of equation 1, deep networks rest on other means,
#   such as normalization layers, or on a start that is set by hand.
