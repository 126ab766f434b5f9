r"""
.. _guide_choosing:

Choosing an initializer
=======================

The short answer:

- **Leave the default**, ``init="glorot_uniform"``, for up to three hidden layers of
  anything but ``logistic``, and for one or two of ``logistic``. In the measurements below,
  ``"auto"`` gains nothing there.
- **Take** ``init="auto"`` for more layers, above all when you train by plain gradient
  descent. It is what the literature recommends for each layer's activation. With Adam the
  default is often as good.
- **Deviate** in two cases that are measured below: for ten layers of ``softplus``, where
  ``"he_normal"`` is better than ``"auto"``, and for ten layers of ``logistic``, where no
  start is sound and another activation is the better way out.
- **Try** ``init="orthogonal"`` where networks are deep, trained by Adam, and you search
  anyway. No rule of thumb here recommends it for an activation, and it did well.
- Then **look**: :func:`~sk_xavier.signal_propagation` says in a moment whether a start is
  sound on your data (:ref:`guide_diagnosing`), and
  :func:`~sk_xavier.compare_initializers` whether it matters after training
  (:ref:`guide_comparing`).

The rest of this page is what the answer rests on: all 14 activations at three depths,
measured as the page is built, and the places where the measurements do not agree with
the rules. All of it is one data set and one width. It shows which differences are large;
it does not rank the starts for your data.

"""

import textwrap
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, activations, signal_propagation
from sk_xavier.initializers import Constant, GlorotUniform, LecunNormal

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=500, stratify=y, random_state=0
)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

WIDTH = 32  # units of every hidden layer
DEPTHS = (1, 3, 10)
STARTS = {
    "uniform": "uniform",
    "glorot": "glorot_uniform",
    "he": "he_normal",
    "lecun": "lecun_normal",
    "orthogonal": "orthogonal",
    "auto": "auto",
}

# %%
# What "auto" stands for
# ----------------------
#
# Every activation knows the start that its literature recommends, and the gain that goes
# with it. Biases start at zero, and the output layer, which is linear before its link,
# gets Glorot's start.
classes = [getattr(activations, name) for name in activations.__all__]
classes.remove(activations.Activation)  # the base class
classes.sort(key=lambda cls: (cls().start, cls().start_gain))
built_in = {cls.name: cls() for cls in classes}


def recommended(activation):
    """What "auto" takes for it, in words."""
    gain = activation.start_gain
    return activation.start + ("" if round(gain, 3) == 1 else f", gain {gain:.2g}")


recommendations = {name: recommended(one) for name, one in built_in.items()}
for text in sorted(set(recommendations.values())):
    names = [name for name, other in recommendations.items() if other == text]
    print(textwrap.fill(f"{text}: {', '.join(names)}", 66, subsequent_indent="    "))

# %%
# Before training
# ---------------
#
# For each activation, depth and start, 200 samples pass through a network that has not
# been trained. Two numbers describe what becomes of them:
#
# - **signal**: the factor per layer by which the spread between samples changes from the
#   first hidden layer to the last, a geometric mean. At 1 it is kept; at 0.5, ten layers
#   leave a five-hundredth;
# - **gradient**: the standard deviation of the gradient in the first hidden layer divided
#   by that in the last. Below 1 it fades on its way back.
#
# The verdict of :func:`~sk_xavier.signal_propagation` puts bounds on both, and looks for
# copies, dead and saturated units as well.
samples, targets = X_train[:200], y_train[:200]


def look(activation, depth, start, seed=0):
    """Two numbers and the verdict on one start."""
    network = XavierMLPClassifier(
        (WIDTH,) * depth, activation, init=STARTS[start], random_state=seed
    )
    found = signal_propagation(network, samples, targets)
    first, last = found.layers[0].sample_std, found.layers[depth - 1].sample_std
    return {
        "signal": (last / first) ** (1 / max(depth - 1, 1)),
        "gradient": found.first_to_last_gradient_ratio,
        "verdict": str(found.verdict),
    }


measured = {
    (activation, depth, start): look(activation, depth, start)
    for activation in built_in
    for depth in DEPTHS
    for start in STARTS
}
for depth in DEPTHS:
    verdicts = [one["verdict"] for at, one in measured.items() if at[1] == depth]
    n_healthy = verdicts.count("healthy")
    print(f"{depth:2} hidden: {n_healthy} of {len(verdicts)} starts are healthy")

# %%
# With one hidden layer, nothing can fade from layer to layer. The verdict has nothing to
# say between these starts, whatever the activation. The table has what ``"auto"`` gets at
# the three depths; at ten layers, from five seeds instead of one.


def judged(activation, depth):
    """The verdict on "auto"; for the deepest, how often it is healthy."""
    if depth < max(DEPTHS):
        return measured[activation, depth, "auto"]["verdict"]
    found = [look(activation, depth, "auto", seed)["verdict"] for seed in range(5)]
    return f"healthy {found.count('healthy')} of {len(found)}"


columns = {"auto is": recommendations}
for depth in DEPTHS:
    columns[f"{depth} hidden"] = {name: judged(name, depth) for name in built_in}
decisions = pd.DataFrame(columns)
n_of_five = decisions["10 hidden"].str.extract(r"(\d)", expand=False).astype(int)
print("never healthy at 10 hidden:", ", ".join(n_of_five.index[n_of_five == 0]))
mixed = n_of_five.index[n_of_five.between(1, 4)]
print("depends on the draw:", ", ".join(f"{at} {n_of_five[at]}/5" for at in mixed))

decisions.rename_axis("activation")

# %%
# Twelve of the fourteen are healthy at ten layers, in all draws or most. The two others
# are those whose gain comes from the slope at zero alone:
#
# - ``logistic`` with a gain of 4 fades, though less than with any other start;
# - ``softplus`` with a gain of 2 grows, and whether it passes the bound depends on the
#   draw. Its slope is 1/2 at zero only; where units are active it is nearer to 1, as that
#   of a rectifier.
#
# The numbers behind the table, with the other starts that are healthy beside ``"auto"``:


def table(depth):
    """The numbers of "auto", and which other starts are healthy."""
    rows = {}
    for activation in built_in:
        auto = measured[activation, depth, "auto"]
        others = [
            start
            for start in list(STARTS)[:-1]
            if measured[activation, depth, start]["verdict"] == "healthy"
        ]
        rows[activation] = {
            "signal": f"{auto['signal']:.2f}",
            "gradient": f"{auto['gradient']:.2g}",
            "auto": auto["verdict"],
            "also healthy": ", ".join(others) or "none",
        }
    return pd.DataFrame(rows).T


# %%
# Three hidden layers: but for ``logistic``, all pass except the fixed range of
# ``"uniform"``, and with ``selu`` even that.
table(3)

# %%
# Ten hidden layers: now the family matters. Glorot's start still does for activations
# with a slope of 1 or more on both sides of zero, and no longer for rectifiers and what
# resembles them.
for start in ("glorot", "he"):
    names = [at for at in built_in if measured[at, 10, start]["verdict"] == "healthy"]
    text = f"10 hidden, healthy from {STARTS[start]}: {', '.join(names)}"
    print(textwrap.fill(text, 66, subsequent_indent="    "))

table(10)

# %%
# In between, the verdict on Glorot's start for rectifiers turns at one depth. The bound
# is on the whole way from the first hidden layer to the last, so it is a question of the
# number of layers.
for activation in ("relu", "gelu", "elu"):
    found = {n: look(activation, n, "glorot")["verdict"] for n in range(2, 11)}
    last = max(n for n, verdict in found.items() if verdict == "healthy")
    more = " and maybe more" if last == 10 else ""
    print(f"{activation:4} from glorot_uniform: healthy up to {last} hidden{more}")

# %%
# The same at a glance. Dots on the line keep the spread of the signals.
marks = {
    "uniform": ("#CC79A7", "x"),
    "glorot": ("#0072B2", "o"),
    "he": ("#D55E00", "^"),
    "auto": ("#000000", "|"),
}
rows = np.arange(len(built_in))
figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
axes.axvline(1.0, color="0.7")
for start, (color, marker) in marks.items():
    factors = [measured[name, 10, start]["signal"] for name in built_in]
    size = 250 if start == "auto" else 45
    axes.scatter(factors, rows, size, color, marker=marker, label=start)
axes.set_yticks(rows, list(built_in))
axes.invert_yaxis()
axes.set_xlabel("factor on the signal per layer, 10 hidden layers")
_ = axes.legend(loc="lower left")

# %%
# The rules, in words
# -------------------
#
# - **LeCun et al. (1998)**: a variance of 1 / fan_in keeps the variance of a sum of
#   independent inputs. That is ``"lecun_normal"``, forward only.
# - **Glorot and Bengio (2010)**: the gradient asks for 1 / fan_out; 2 / (fan_in +
#   fan_out) is the compromise, for functions that are symmetric about zero with a slope
#   of 1 there: ``tanh``, ``softsign``, ``hard_tanh``. See :ref:`guide_xavier`.
# - **He et al. (2015)**: a rectifier passes half of its inputs, hence twice LeCun's
#   variance, for ``relu`` and what resembles it. See :ref:`guide_he_lecun_orthogonal`.
# - **Klambauer et al. (2017)**: ``selu`` with LeCun's variance has mean 0 and variance 1
#   as a fixed point.
# - **Saxe et al. (2014)**: orthogonal matrices keep all directions of the signal alike,
#   not only their mean square.
#
# Two of these are closer than their names. Between layers of equal width, Glorot's and
# LeCun's variances are the same number, as 2 / (n + n) = 1 / n. And Glorot's is half of
# He's there: per rectified layer a factor of :math:`\sqrt{1/2}` on the signals, which
# three layers forgive and ten do not.

# %%
# After training
# --------------
#
# A verdict is about the start. What do these networks reach after 12 epochs of Adam on
# 500 digits, as a mean over three seeds? All have the same learning rate, so a start that
# would do better with another is not given it.
SEEDS = range(3)


def accuracies(activation, depth, start, **parameters):
    """On the test samples, one for each seed."""
    scores = []
    for seed in SEEDS:
        network = XavierMLPClassifier(
            (WIDTH,) * depth,
            activation,
            init=STARTS.get(start, start),
            random_state=seed,
            **{
                "batch_size": 50,
                "learning_rate_init": 0.003,
                "max_iter": 12,
                **parameters,
            },
        )
        with warnings.catch_warnings():
            # All stop after so many epochs, converged or not.
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(X_train, y_train)
        scores.append(network.score(X_test, y_test))
    return scores


networks = [
    ("relu", 1),
    ("relu", 3),
    ("relu", 10),
    ("tanh", 10),
    ("selu", 10),
    ("softplus", 10),
    ("logistic", 1),
    ("logistic", 3),
    ("logistic", 10),
]
trained = {
    (f"{activation}, {depth}", start): accuracies(activation, depth, start)
    for activation, depth in networks
    for start in ("uniform", "glorot", "auto", "orthogonal")
}
after_training = pd.Series({at: np.mean(scores) for at, scores in trained.items()})
after_training = after_training.unstack(sort=False).round(2)
print(after_training.to_string())
ranges = [max(scores) - min(scores) for scores in trained.values()]
middle = np.median(ranges)
print(f"\nbetween seeds: {middle:.2f} in the median, {max(ranges):.2f} at most")

# %%
# **Where the start does not matter.** In the row of one rectified layer, the four starts
# differ by about as much as their seeds do, and so they do in the row of three. In that
# of ten, ``uniform`` fails and the others are near each other (``"auto"`` is He's there).
#
# **Where it decides.** At ten layers, ``uniform`` on [-0.1, 0.1] is far behind for every
# activation in the table but ``logistic``, where all but ``"auto"`` are at the level of
# guessing, one in ten. Of ``logistic``, three layers suffice for the start to decide.
#
# **Where none suffices.** No start is healthy for ten layers of ``logistic``; only
# ``"auto"`` gets off the ground, and behind one layer of the same units. A symmetric
# activation, as in the row of ten layers of ``tanh``, or fewer layers are the cure: the
# logistic function's outputs are all positive and its slope is 1/4 at most.
#
# **The default or** ``"auto"``. The decision table once more, for networks that have been
# trained: the accuracy from the default and from ``"auto"``, all 14 activations at the
# three depths. The last column has the rule of this page: take ``"auto"`` from the depth
# on where it is ahead by more than 0.03, which is more than seeds do in the median, and
# otherwise the default.
AHEAD = 0.03


def trained_from(activation, depth):
    """Mean accuracies from the default and from "auto"."""
    return [np.mean(accuracies(activation, depth, start)) for start in ("glorot", "auto")]


rows = {}
for name in built_in:
    pairs = {depth: trained_from(name, depth) for depth in DEPTHS}
    gains = [depth for depth, (default, auto) in pairs.items() if auto > default + AHEAD]
    row = {f"{depth} hidden": f"{pairs[depth][0]:.2f}, {pairs[depth][1]:.2f}" for depth in DEPTHS}
    rows[name] = row | {"take": f"auto from {gains[0]} on" if gains else "default"}
    print(f"{name:10}", " | ".join(row.values()), "|", rows[name]["take"])

pd.DataFrame(rows).T.rename_axis("activation")

# %%
# Where both are the same start, so are the numbers. Adam makes little of the difference
# between Glorot's start and He's, up to ten layers; the next section has more on that.
#
# Where the rules and the measurements disagree
# ---------------------------------------------
#
# **A vanishing verdict that Adam overcomes.** Ten layers of ``relu`` from Glorot's start
# are judged as vanishing, yet they train as well as from He's. Adam divides each step by
# the size of the gradients, and so does not mind how small they are (Kingma and Ba, 2015:
# its steps are invariant to a rescaling of the gradients). Plain gradient descent does:
sgd = {
    start: accuracies("relu", 10, start, solver="sgd", learning_rate_init=0.01)
    for start in ("uniform", "glorot", "orthogonal", "auto")
}
for start, scores in sgd.items():
    print(
        f"sgd, relu, 10 hidden, {start:10} {np.mean(scores):.2f}"
        f" (seeds: {min(scores):.2f} to {max(scores):.2f})"
    )

# %%
# There, He's start earns its rule. Adam does not help either where the signals themselves
# are gone, as from ``uniform``: no scaling of the gradient tells samples apart again. So
# choose by the rule when you train with ``"sgd"``,
# and expect less from it with ``"adam"``, ``"adamw"`` and ``"rmsprop"``.
#
# **A recommended start that is slower.** One layer of ``logistic`` from ``"auto"``, which
# is Glorot's start with a gain of 4, lags behind the default. Two layers make up for
# that, and three turn it around. scikit-learn's own rule for ``logistic``,
# ``init="sklearn"``, has a gain of :math:`\sqrt{1/3}`:
logistic = {
    (f"{depth} hidden, {epochs} epochs", start): np.mean(
        accuracies("logistic", depth, start, max_iter=epochs)
    )
    for depth in (1, 2, 3)
    for epochs in (12, 40)
    for start in ("sklearn", "glorot", "auto")
}
logistic = pd.Series(logistic).unstack(sort=False).round(2)
print(logistic.to_string())

# %%
# The gain repairs the slope at zero, and that is right for small pre-activations. Here
# they are not small: 64 standardized pixels come into the first layer.
for init in ("glorot_uniform", "auto"):
    network = XavierMLPClassifier((WIDTH,), "logistic", init=init, random_state=0)
    first = signal_propagation(network, samples, targets).layers[0]
    print(
        f"{init:14} std of pre-activations {first.z_std:.1f},"
        f" {first.saturated:.0%} of outputs saturated"
    )

# %%
# A share of the units is in the flat parts from the outset; the verdict calls half of
# them saturated and less than that healthy. For one layer of ``logistic``, keep the
# default.
#
# **A gain that is too large in numbers.** For ten layers of ``softplus``, ``"auto"`` is
# not the best choice. He's start, made for rectifiers, fits what ``softplus`` does to
# large inputs:
for start in ("auto", "he"):
    found = measured["softplus", 10, start]
    print(
        f"softplus, 10 hidden, {start:4} signal {found['signal']:.2f} per layer,"
        f" accuracy {np.mean(accuracies('softplus', 10, start)):.2f}"
    )

# %%
# Biases
# ------
#
# The papers above start biases at zero, and so does ``bias_init``. ``"same"`` draws them
# as the weights are drawn; scikit-learn does that. Any name, initializer, callable or
# list serves, too. A rectifier that starts with a large negative bias never outputs
# anything:
for label, bias_init in {
    "'zeros'": "zeros",
    "'same'": "same",
    "Constant(0.1)": Constant(0.1),
    "Constant(-5.0)": Constant(-5.0),
}.items():
    network = XavierMLPClassifier(
        (WIDTH,) * 3, "relu", init="auto", bias_init=bias_init, random_state=0
    )
    verdict = signal_propagation(network, samples, targets).verdict
    score = np.mean(accuracies("relu", 3, "auto", bias_init=bias_init))
    print(f"bias_init={label:15} {verdict:8} accuracy {score:.2f}")

# %%
# Between the first three there is nothing to choose here. A reason to set biases is the
# output layer, where a class is rare: a bias at the logarithm of the odds makes the
# network start near the base rate, so that the first steps need not find it. Of two
# classes, there is one output. ``bias_init`` takes a list with an entry for each layer:
is_eight = (y_train == 8).astype(int)
rate = is_eight.mean()
shares = np.array([1 - rate, rate])
print(f"loss of predicting the base rate: {-shares @ np.log(shares):.2f}")
for label, bias in {"zero": 0.0, "log-odds": np.log(rate / (1 - rate))}.items():
    losses = []
    for seed in range(5):
        biases = ["zeros", [bias]]
        network = XavierMLPClassifier((WIDTH,), bias_init=biases, random_state=seed)
        found = signal_propagation(network, X_train, is_eight)
        losses.append(found.initial_loss)
    print(f"output bias at {label:8}: loss at the start {np.mean(losses):.2f}")

# %%
# One start per layer, arrays, your own
# -------------------------------------
#
# A list has one entry for each hidden layer and one for the output layer. Entries may be
# names, initializers with parameters of their own, callables, and weight matrices of
# shape (fan_in, fan_out). With ``"auto"``, layers of different activations get their own
# starts without a list.
per_layer = XavierMLPClassifier(
    (32, 16),
    activation=["selu", "tanh"],
    init=[LecunNormal(), GlorotUniform(gain=5 / 3), "zeros"],
    random_state=0,
).initialize(X_train, y_train)
for weights in per_layer.coefs_:
    print(f"{weights.shape!s:9} std {weights.std():.3f}")

# %%
# The output layer may start at zero, as its units differ by their targets; a hidden layer
# may not (:ref:`guide_symmetry`). A first layer that starts at the principal directions
# of the data:
directions = PCA(16, random_state=0).fit(X_train).components_.T  # shape (64, 16)
from_pca = XavierMLPClassifier((16,), "tanh", init=[directions / 4, "auto"])
print(signal_propagation(from_pca, X_train, y_train, random_state=0).verdict)

# %%
# A callable gets the shape, both fans, the generator and the type, and returns an array.
# Martens (2010) starts with a fixed number of inputs to each unit, so that their sum does
# not grow with the number of units:


def sparse(shape, *, fan_in, fan_out, random_state, dtype):
    """15 inputs into each unit, standard normal times 1/4."""
    weights = np.zeros(shape, dtype)
    for unit in range(fan_out):
        chosen = random_state.permutation(fan_in)[:15]
        weights[chosen, unit] = random_state.normal(scale=0.25, size=len(chosen))
    return weights


for depth in DEPTHS:
    network = XavierMLPClassifier((WIDTH,) * depth, "tanh", init=sparse)
    verdict = signal_propagation(network, samples, targets, random_state=0).verdict
    print(f"sparse, tanh, {depth:2} hidden: {verdict}")

# %%
# For a search over starts, and over the parameters of a start, see
# :ref:`start_grid_search`. For an activation of your own, give
# :class:`~sk_xavier.activations.Activation` its ``init``, and ``"auto"`` will take it.
#
# What this page does not show
# ----------------------------
#
# One data set of images, 500 samples, layers of one width, one learning rate, at most 40
# epochs. Normalization layers and residual connections, which this library does not have,
# reduce what a start decides. Regression, many inputs and very different widths from layer
# to layer can turn out otherwise. Measure on your own data, and compare starts as
# :ref:`guide_comparing` describes: three seeds, as here, tell large differences only.
#
# References
# ----------
#
# - Yann LeCun, Léon Bottou, Genevieve Orr and Klaus-Robert Müller, `"Efficient BackProp"
#   <https://doi.org/10.1007/3-540-49430-8_2>`_, in Neural Networks: Tricks of the Trade,
#   1998.
# - Xavier Glorot and Yoshua Bengio, `"Understanding the difficulty of training deep
#   feedforward neural networks" <https://proceedings.mlr.press/v9/glorot10a.html>`_,
#   AISTATS 2010.
# - James Martens, `"Deep learning via Hessian-free optimization"
#   <https://icml.cc/Conferences/2010/papers/458.pdf>`_, ICML 2010.
# - Andrew Saxe, James McClelland and Surya Ganguli, `"Exact solutions to the nonlinear
#   dynamics of learning in deep linear neural networks"
#   <https://arxiv.org/abs/1312.6120>`_, ICLR 2014.
# - Kaiming He, Xiangyu Zhang, Shaoqing Ren and Jian Sun, `"Delving deep into rectifiers"
#   <https://arxiv.org/abs/1502.01852>`_, ICCV 2015.
# - Diederik Kingma and Jimmy Ba, `"Adam: a method for stochastic optimization"
#   <https://arxiv.org/abs/1412.6980>`_, ICLR 2015.
# - Günter Klambauer, Thomas Unterthiner, Andreas Mayr and Sepp Hochreiter,
#   `"Self-normalizing neural networks" <https://arxiv.org/abs/1706.02515>`_, NeurIPS 2017.
