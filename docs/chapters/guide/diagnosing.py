r"""
.. _guide_diagnosing:

Diagnosing a start
==================

A network that starts badly trains for as long as one that starts well, and tells of it
only at the end, if at all. :func:`~sk_xavier.signal_propagation` looks before: it passes
samples forward and gradients backward once, trains nothing, and says in one word what it
found, with the number behind the word. This page explains the numbers, makes each bad
verdict happen, cures it, and ends with what the verdict cannot see.

"""

import subprocess
import sys
import textwrap
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import (
    LossCurveDisplay,
    SignalPropagationDisplay,
    WeightsDisplay,
    XavierMLPClassifier,
    signal_propagation,
)
from sk_xavier.initializers import Constant, Normal

pixels, y = load_digits(return_X_y=True)  # from 0 to 16
X = StandardScaler().fit_transform(pixels)

# %%
# What is measured
# ----------------
#
# Four hidden layers of ``tanh``, not yet trained:
network = XavierMLPClassifier((50,) * 4, "tanh", random_state=0)
propagation = signal_propagation(network, X, y, random_state=0)
print(propagation)

# %%
# There is a line for each layer of weights, the last for the output. The columns, with
# the names of the attributes in :class:`~sk_xavier.diagnostics.LayerSignals`:
#
# .. list-table::
#    :header-rows: 1
#    :widths: 25 75
#
#    * - Column
#      - What it is, and what to look for
#    * - std (``std``)
#      - Standard deviation of the layer's outputs over samples and units. It should stay
#        near one value from layer to layer.
#    * - ratio (``std_ratio``)
#      - That, divided by the layer before. Near 1 is sound; the layers' ratios multiply.
#    * - flat (``saturated``, ``dead``)
#      - For functions with two asymptotes, such as ``tanh``: the share of outputs within
#        3 % of the way to one. For ``relu`` and ``relu6``: the share of units that are
#        active on fewer than 1 % of the samples.
#    * - distinct (``n_distinct``)
#      - Units that differ from each other in their incoming weights. It should be the
#        number of units.
#    * - rank (``effective_rank``)
#      - In how many directions the outputs vary (Roy and Vetterli, 2007). 1 means that
#        all units say the same.
#    * - jacobian (``jacobian``)
#      - Mean singular value of the layer's derivative: the factor on a small change.
#    * - gradient (``gradient_std``)
#      - Standard deviation of the loss differentiated by the pre-activations.
#    * - ratio (``gradient_ratio``)
#      - That, divided by the layer after. Again, near 1 is sound.
#    * - weights' gradient (``weight_gradient_std``)
#      - Standard deviation of the loss differentiated by the weights: what a step of plain
#        gradient descent is proportional to.
#
# ``sample_std``, which the table leaves out, is the spread between samples. ``std`` can
# be large where every unit is stuck at a value of its own, whatever the sample; the
# verdict therefore looks at ``sample_std``. All numbers are in ``propagation.layers``, and
# as a table of pandas:
frame = propagation.to_frame()
frame[["std", "sample_std", "saturated", "gradient_std"]].round(3)

# %%
# Below the table are the loss at the start and that of raw predictions of zero, which for
# 10 classes is :math:`\ln 10 \approx 2.303`. A start that is sound is near it: the network
# does not know anything yet, and is not sure of it either.
#
# The six verdicts
# ----------------
#
# The verdict is a str. It has the layer, the number, its bound, where the bound comes
# from, a message and an advice. Faults that cause others come first, in this order:
#
# .. list-table::
#    :header-rows: 1
#    :widths: 18 47 35
#
#    * - Verdict
#      - Given where
#      - The bound is from
#    * - symmetric
#      - more than a tenth of a layer's units are copies of others
#      - logic: copies get the same gradient
#    * - dead
#      - more than 90 % of a layer's rectifiers are active on fewer than 1 % of the samples
#      - Amazon SageMaker Debugger, DeadRelu, made milder
#    * - saturated
#      - more than half of a layer's outputs are near an asymptote
#      - the same, SaturatedActivation
#    * - vanishing, exploding
#      - the variance between samples changes by more than 10 in a layer
#      - the same, PoorWeightInitialization
#    * -
#      - or by more than 81 since the first hidden layer
#      - Glorot and Bengio (2010): a third in each of four steps
#    * -
#      - the gradient in the first hidden layer is less than 0.001 or more than 70 times
#        that in the last
#      - AUTOTRAINER (Zhang et al., 2021)
#    * -
#      - the loss is more than ten times that of guessing (exploding)
#      - practice
#    * - healthy
#      - none of these
#      -
#
# Numbers that overflow are exploding, before all others, and samples that are all alike
# are vanishing. A change of the variance is no fault where widths explain it, nor where
# the mean factor per layer is above 0.8, as every start of ``tanh`` shrinks a little.
# These bounds are conventions of tools and of one experiment, not a theory.
#
# Each of them, live:


def examine(network, X=X, y=y):
    """Print the verdict on it, and the message."""
    verdict = signal_propagation(network, X, y, random_state=0).verdict
    print(textwrap.fill(f"{verdict}: {verdict.message}", 66, subsequent_indent="    "))


def mlp(n_layers, activation="relu", **parameters):
    """Layers of 50 units."""
    hidden = (50,) * n_layers
    return XavierMLPClassifier(hidden, activation, random_state=0, **parameters)


# %%
# **Symmetric.** All weights alike, so all units are one unit (:ref:`guide_symmetry`). The
# cure is any random start.
examine(mlp(3, init="constant"))
examine(mlp(3, init="glorot_uniform"))

# %%
# **Vanishing.** A fixed range that is too small for these widths, or a rule that was made
# for another activation: ``logistic`` has a slope of 1/4, which Glorot's start does not
# know of. The cure is the scale that fits the activation.
examine(mlp(6, "tanh", init="uniform"))
examine(mlp(6, "tanh", init="auto"))
print()
examine(mlp(3, "logistic"))
examine(mlp(3, "logistic", init="auto"))

# %%
# **Exploding.** Weights that are too large, for the signals, for the gradients, or, in
# one layer, for the loss alone. In the second case, ``tanh`` keeps the signals bounded
# and the gradient grows on its way back all the same.
examine(mlp(5, init=Normal(std=1.0)))
examine(mlp(20, "tanh", init=Normal(std=0.4)))
examine(mlp(1, init=Normal(std=1.0)))
examine(mlp(5, init="auto"))

# %%
# **Saturated.** Weights that are too large, with a function that is flat at both ends, or
# samples that are too large: the same pixels, not scaled. The advice knows the
# difference, by the root mean square of the samples (:ref:`guide_saturation`).
examine(mlp(2, "tanh", init=Normal(std=1.0)))
examine(mlp(2, "tanh"), X=pixels)
examine(mlp(2, "tanh"), X=X)

# %%
# **Dead.** Rectifiers that no sample turns on have a derivative of zero and stay off. Large
# negative biases do that, and so do weights that are all negative where the samples are
# all positive.
examine(mlp(3, bias_init=Constant(-5.0)))
examine(mlp(3, init=Normal(mean=-0.2, std=0.05)), X=pixels / 16)
examine(mlp(3, init="auto"))

# %%
# One fault at a time is named. Two at once, large weights and unscaled samples, are cured
# in two steps: do what the message says, and look again.
examine(mlp(2, "tanh", init=Normal(std=1.0)), X=pixels)
examine(mlp(2, "tanh", init=Normal(std=1.0)), X=X)
examine(mlp(2, "tanh", init="auto"), X=X)

# %%
# In code, compare the verdict with a str, or use its parts:
fading = mlp(6, "tanh", init="uniform")
verdict = signal_propagation(fading, X, y, random_state=0).verdict
print(verdict == "vanishing", verdict.layer)
print(f"{verdict.value:.3g} < {verdict.threshold:.3g}")
print(textwrap.fill(verdict.source, 66))
print(verdict.advice)

# %%
# Pictures
# --------
#
# :class:`~sk_xavier.SignalPropagationDisplay` draws Figures 6 and 7 of Glorot and Bengio
# (2010): a line for each hidden layer, activations above and back-propagated
# gradients below. Where the lines lie on each other, the start is sound. Here, each
# layer's activations are narrower than those of the layer before.
figure, axes = plt.subplots(2, figsize=(6, 7), layout="constrained")
_ = SignalPropagationDisplay.from_estimator(fading, X, y, ax=axes, random_state=0)

# %%
# ``kind="activations"`` and ``kind="gradients"`` draw one of the two, into axes of your
# own. The gradients of two starts side by side:
figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
for ax, init in zip(axes, ("uniform", "auto"), strict=True):
    SignalPropagationDisplay.from_estimator(
        mlp(6, "tanh", init=init), X, y, ax=ax, kind="gradients", random_state=0
    )

# %%
# :class:`~sk_xavier.WeightsDisplay` draws the weights into each unit. Symmetry is visible:
# the four panels are one. It needs weights, so the network is initialized first.
start = XavierMLPClassifier((4,), init="constant").initialize(X, y)
display = WeightsDisplay.from_estimator(start)
print(f"distinct units: {display.n_distinct}")

# %%
start = XavierMLPClassifier((4,), random_state=0).initialize(X, y)
display = WeightsDisplay.from_estimator(start)
print(f"distinct units: {display.n_distinct}")

# %%
# After training
# --------------
#
# A fitted network is looked at as it is. First, what became of two starts above: the loss
# curves show a plateau where the signals vanish, and
# :class:`~sk_xavier.LossCurveDisplay` draws them together.
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=900, stratify=y, random_state=0
)


def fitted(network):
    """Train it for the few epochs that it has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return network.fit(X_train, y_train)


networks = {}
for init in ("uniform", "auto"):
    network = mlp(6, "tanh", init=init, max_iter=15)
    networks[f"init='{init}'"] = fitted(network)
for name, network in networks.items():
    print(f"{name:14} test accuracy {network.score(X_test, y_test):.2f}")
_ = LossCurveDisplay.from_estimators(networks)

# %%
# And the verdict on them afterwards:
for name, network in networks.items():
    propagation = signal_propagation(network, X_train, y_train, random_state=0)
    ranks = ", ".join(f"{one.effective_rank:.0f}" for one in propagation.layers[:-1])
    print(f"{name:14} {propagation.verdict}; ranks {ranks}")

# %%
# Training has repaired the scale of the signals, so both pass now. The ranks still tell
# them apart: behind the bad start, the middle layers say less. After training, take the
# verdict as a search for damage, not as a mark.
#
# Damage looks like this. A learning rate that is far too large kills the rectifiers of a
# start that was healthy:
killed = mlp(3, learning_rate_init=0.3, max_iter=10)
examine(killed)
fitted(killed)
print(f"test accuracy {killed.score(X_test, y_test):.2f}")
propagation = signal_propagation(killed, X_train, y_train, random_state=0)
print(propagation.verdict, "in layer", propagation.verdict.layer)
shares = ", ".join(f"{one.dead:.0%}" for one in propagation.layers[:-1])
print("dead units by layer:", shares)
slower = fitted(mlp(3, learning_rate_init=0.003, max_iter=10))
print(f"test accuracy with a hundredth of the rate {slower.score(X_test, y_test):.2f}")

# %%
# Here the advice that comes with the message, another start, does not apply: the verdict
# looks at the weights and cannot know how they came about. As the start was healthy, the
# training is to blame, and the last line shows the cure.
#
# In a pipeline
# -------------
#
# A :class:`~sklearn.pipeline.Pipeline` is looked at through its last step, with what the
# other steps make of the samples. Unfitted, clones of them are fitted. So the scaling is
# part of the diagnosis, as it should be:
tanh = mlp(2, "tanh")
for model in (make_pipeline(tanh), make_pipeline(StandardScaler(), tanh)):
    found = signal_propagation(model, pixels, y, random_state=0)
    print(" -> ".join(model.named_steps), "|", found.verdict)

# %%
# From the command line
# ---------------------
#
# ``python -m sk_xavier diagnose DATA`` does the same for a data set by name or a CSV file
# with ``--target COLUMN``, behind a StandardScaler, for one start or several. ``--plot``,
# ``--json`` and ``--report`` write files. The exit code is 0 whatever the verdicts.
arguments = "diagnose digits --activation tanh --hidden 50 50 50 50"
arguments += " --init uniform auto"
done = subprocess.run(
    [sys.executable, "-m", "sk_xavier", *arguments.split()],
    capture_output=True,
    check=True,
    encoding="utf-8",
)
print(f"$ python -m sk_xavier {arguments}")
print(done.stdout)

# %%
# False alarms, and what it cannot see
# ------------------------------------
#
# **A bad verdict need not come true.** Ten layers of ``relu`` from Glorot's start are
# vanishing, and Adam trains them none the less (:ref:`guide_choosing`).
#
# **A verdict near its bound depends on the draw.** Ten layers of ``silu`` from ten seeds:
verdicts = [
    str(
        signal_propagation(
            XavierMLPClassifier((32,) * 10, "silu", init="auto", random_state=seed),
            X[:200],
            y[:200],
        ).verdict
    )
    for seed in range(10)
]
print({verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))})

# %%
# **Units that are nearly copies.** Weights that differ by more than a hundred-thousandth
# of the largest count as distinct. They may still be too much alike to part soon; the rank
# shows it, and no bound is put on the rank, as few directions may be all that the data
# has.
for label, init in {"0.1 +- 0.0001": Normal(0.1, 1e-4), "auto": "auto"}.items():
    network = mlp(1, init=init, max_iter=15)
    found = signal_propagation(network, X, y, random_state=0)
    score = fitted(network).score(X_test, y_test)
    print(
        f"{label:13} {found.verdict}; rank {found.layers[0].effective_rank:.1f},"
        f" accuracy after 15 epochs {score:.2f}"
    )

# %%
# **What is not passed.** Without ``y`` there are no gradients and no loss, and what shows
# only there is missed:
large = mlp(1, init=Normal(std=1.0))
print("without y:", signal_propagation(large, X).verdict)
print("with y:   ", signal_propagation(large, X, y).verdict)

# %%
# **What is not in the network.** Labels that have nothing to do with the samples, too few
# samples, a learning rate, a penalty or a stopping rule that does not fit: the start is
# healthy all the same. Here, the labels are shuffled:
shuffled = np.random.RandomState(0).permutation(y)
print(signal_propagation(mlp(2), X, shuffled, random_state=0).verdict)

# %%
# **Half of it.** Up to 90 % dead and 50 % saturated is called healthy, though it wastes
# units; read the column "flat". Of more than ``max_samples`` samples, so many are drawn: a
# rare group of samples may be passed over.
#
# So a bad verdict is a reason to try the advice, which costs nothing, and a good one is
# no promise. What a start is worth after training is for :ref:`guide_comparing`; what else
# may keep a network from learning is in :ref:`faq_not_learning`.
#
# References
# ----------
#
# - Xavier Glorot and Yoshua Bengio, `"Understanding the difficulty of training deep
#   feedforward neural networks" <https://proceedings.mlr.press/v9/glorot10a.html>`_,
#   AISTATS 2010.
# - Olivier Roy and Martin Vetterli, "The effective rank: a measure of effective
#   dimensionality", EUSIPCO 2007.
# - Xiaoyu Zhang et al., "AUTOTRAINER: an automatic DNN training problem detection and
#   repair system", ICSE 2021.
# - Amazon SageMaker Debugger, `list of built-in rules
#   <https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-built-in-rules.html>`_.
