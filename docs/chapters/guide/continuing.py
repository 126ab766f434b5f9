r"""
.. _guide_continuing:

Continuing
==========

Training need not be one call of ``fit``. Samples may arrive in pieces, a first training may turn
out too short, or a network that exists already may be the start of the next. There are two ways
to go on, and they differ in what goes on:

- ``partial_fit`` is one more epoch of *the same* training: weights, the optimizer's averages, the
  learning rate, the random numbers and the counters all go on;
- ``fit`` with ``warm_start=True`` is *another* training from the weights that are there.

"""

import contextlib
import copy
import io
import pickle
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from sk_xavier import XavierMLPClassifier

# The numbers of epochs are chosen here, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

X, y = load_digits(return_X_y=True)
X = X / 16
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)


def same_weights(one, other):
    ones, others = (mlp.coefs_ + mlp.intercepts_ for mlp in (one, other))
    return all(np.array_equal(a, b) for a, b in zip(ones, others, strict=True))


# %%
# k calls are k epochs
# --------------------
#
# On the same samples, k calls of ``partial_fit`` are ``fit`` with ``max_iter=k``, bit for bit:
# the shuffling too, since the random generator goes on where it stopped.

parameters = {"hidden_layer_sizes": (50,), "random_state": 0}
at_once = XavierMLPClassifier(max_iter=5, **parameters).fit(X_train, y_train)
by_epoch = XavierMLPClassifier(**parameters)
for _ in range(5):
    by_epoch.partial_fit(X_train, y_train, classes=np.arange(10))
print(f"the same weights: {same_weights(at_once, by_epoch)}")
print(f"the same curve:   {at_once.loss_curve_ == by_epoch.loss_curve_}")
print(f"epochs, samples:  {by_epoch.n_iter_}, {by_epoch.t_}")

# %%
# In scikit-learn's network, an int as ``random_state`` starts the generator anew in each call, so
# that every epoch takes the samples in the same order (:ref:`coming_from_differences`):

at_once = MLPClassifier(max_iter=5, **parameters).fit(X_train, y_train)
by_epoch = MLPClassifier(**parameters)
for _ in range(5):
    by_epoch.partial_fit(X_train, y_train, classes=np.arange(10))
print(f"the same weights in scikit-learn: {same_weights(at_once, by_epoch)}")

# %%
# So a loop of your own can do between epochs whatever you like: look, log, save, stop. Since
# pickling keeps all that goes on, the training may be cut anywhere and go on in another process:

by_epoch = XavierMLPClassifier(**parameters)
for _ in range(5):
    by_epoch.partial_fit(X_train, y_train, classes=np.arange(10))
    by_epoch = pickle.loads(pickle.dumps(by_epoch))
at_once = XavierMLPClassifier(max_iter=5, **parameters).fit(X_train, y_train)
print(f"the same weights after five pickles: {same_weights(at_once, by_epoch)}")

# %%
# Load pickles of your own only; files without code are the topic of :ref:`guide_saving`.
#
# A stream of samples
# -------------------
#
# ``partial_fit`` trains on the samples it is given, once, in mini-batches of ``batch_size``. The
# first call must know all classes that will ever come, as a piece may lack some:

try:
    XavierMLPClassifier().partial_fit(X[:5], y[:5])
except ValueError as error:
    print(error)

# %%
# Below, digits arrive in pieces of 50 in the order of the data set. Each is first predicted, then
# learned, so that every accuracy is one on samples not yet seen. Nothing of a piece is kept.

mlp = XavierMLPClassifier((50,), learning_rate_init=0.01, random_state=0)
accuracies = []
for first in range(0, len(X), 50):
    piece = slice(first, first + 50)
    if first > 0:
        accuracies.append(mlp.score(X[piece], y[piece]))
    mlp.partial_fit(X[piece], y[piece], classes=np.arange(10))
print(f"mean accuracy on the first five pieces: {np.mean(accuracies[:5]):.2f}")
print(f"mean accuracy on the last five:         {np.mean(accuracies[-5:]):.2f}")
print(f"steps of the optimizer so far: {mlp.n_iter_}")

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.plot(50 * np.arange(1, len(accuracies) + 1), accuracies, ".-", color=BLUE)
axes.set(xlabel="samples seen before", ylabel="accuracy on the next piece")
_ = axes.set_ylim(0, 1)

# %%
# A piece of 50 rows is one batch, so one call is one step and ``n_iter_`` counts calls. The dip
# towards the end is in the data, whose order is kept here: a stream whose samples change shows in
# such a curve. Going through every piece once is little training; several calls for each piece
# learn more from it, and forget more of the others.
#
# What needs all samples is refused or missing:
#
# - ``early_stopping=True`` and ``class_weight="balanced"`` raise an error;
# - ``solver="lbfgs"`` has no ``partial_fit``;
# - a :class:`~sklearn.pipeline.Pipeline` has none either: call that of the scaler and that of the
#   network in turn (:ref:`guide_scaling_out` has an example).
#
# A warm start
# ------------
#
# With ``warm_start=True`` a second ``fit`` starts from the weights of the first. The usual reason
# is the warning that ``max_iter`` was reached:

mlp = XavierMLPClassifier(
    (50,), warm_start=True, learning_rate_init=0.01, max_iter=15, random_state=0
)
mlp.fit(X_train, y_train)
first_loss = mlp.loss_
mlp.fit(X_train, y_train)
print(f"loss after 15 epochs: {first_loss:.3f}, after 15 more: {mlp.loss_:.3f}")
print(f"n_iter_: {mlp.n_iter_}, points of the curve: {len(mlp.loss_curve_)}")
whole = XavierMLPClassifier((50,), learning_rate_init=0.01, max_iter=30, random_state=0)
whole.fit(X_train, y_train)
print(f"the same as 30 epochs at once: {same_weights(whole, mlp)}")

# %%
# It is not the same as 30 epochs at once: Adam's averages start at zero again, and with an int as
# ``random_state`` the shuffling is that of the first ``fit`` once more. In full:

goes_on = [
    ("weights, biases", "go on", "go on"),
    ("loss_curve_, t_", "go on", "go on"),
    ("n_iter_", "goes on", "restarts at 0"),
    ("the optimizer's averages", "go on", "restart"),
    ("learning rate, schedule", "go on", "restart"),
    ("random numbers", "go on", "restart, if an int"),
    ("epochs without progress", "end nothing", "counted on"),
    ("best validation score", "not used", "restarts"),
]
pd.DataFrame(goes_on, columns=["", "partial_fit", "warm fit"]).set_index("")

# %%
# The restart of a schedule can be what you want: ``learning_rate="cosine"`` with a warm start is
# a cosine with warm restarts, as in Loshchilov and Hutter's
# `SGDR <https://arxiv.org/abs/1608.03983>`_ (2017).

cosine = XavierMLPClassifier(
    (50,),
    learning_rate="cosine",
    learning_rate_init=0.01,
    warm_start=True,
    max_iter=15,
    n_iter_no_change=np.inf,
    random_state=0,
)
for _ in range(3):
    cosine.fit(X_train, y_train)

figure, panels = plt.subplots(2, figsize=(7, 4.4), sharex=True, layout="constrained")
top, bottom = panels
epochs = np.arange(1, 46)
top.plot(epochs, cosine.learning_rate_curve_, color=ORANGE)
top.set_ylabel("learning rate")
bottom.plot(epochs, cosine.loss_curve_, color=BLUE)
bottom.set(xlabel="epoch", ylabel="training loss", yscale="log")
rates = cosine.learning_rate_curve_
print("rates in epochs 1, 15, 16: ", *(f"{rates[i]:.5f}" for i in (0, 14, 15)))

# %%
# The data of a warm ``fit`` may be others, but their features, and the classes of a classifier,
# must be those of the first.
#
# Other parameters between calls
# ------------------------------
#
# Parameters are read in each call, so they may change in between: the learning rate, the
# schedule, ``alpha``, ``batch_size``, dropout, even the solver. A learning rate that is set takes
# effect while the averages go on:

mlp = XavierMLPClassifier((50,), solver="sgd", learning_rate_init=0.1, random_state=0)
for epoch in range(20):
    if epoch == 10:
        mlp.set_params(learning_rate_init=0.01)
    mlp.partial_fit(X_train, y_train, classes=np.arange(10))
print("rates in epochs 10 and 11:", *mlp.learning_rate_curve_[9:11])

# %%
# What may not change is the shape of the network:

try:
    mlp.set_params(hidden_layer_sizes=(20,)).partial_fit(X_train, y_train)
except ValueError as error:
    print(str(error).replace(": ", ":\n"))
_ = mlp.set_params(hidden_layer_sizes=(50,))

# %%
# A call that fails leaves the network as it was, its counters and random numbers included.
#
# Ctrl-C
# ------
#
# Ctrl-C in ``fit`` ends training gently, whatever the solver: what was learned is kept, with a
# warning. Here a stream presses the keys when the line of the fourth epoch is printed.


class CtrlC(io.StringIO):
    """Raises what Ctrl-C raises, when a line begins with some text."""

    def __init__(self, begin):
        super().__init__()
        self.begin = begin

    def write(self, text):
        if text.startswith(self.begin):
            raise KeyboardInterrupt
        return super().write(text)


mlp = XavierMLPClassifier(verbose=True, **parameters)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    with contextlib.redirect_stdout(CtrlC("Epoch   4")):
        mlp.fit(X_train, y_train)
print(f"{caught[0].category.__name__}: {caught[0].message}")
print(f"epochs: {mlp.n_iter_}, accuracy: {mlp.score(X_test, y_test):.3f}")

# %%
# In ``partial_fit`` it is passed on, so that it also ends the loop around it, and the call that
# it hit is undone:

mlp = XavierMLPClassifier(**parameters)
try:
    for _ in range(10):
        with contextlib.redirect_stdout(CtrlC("Epoch 3")):
            mlp.set_params(verbose=True).partial_fit(X_train, y_train, classes=range(10))
except KeyboardInterrupt:
    two = XavierMLPClassifier(max_iter=2, **parameters).fit(X_train, y_train)
    print(f"epochs: {mlp.n_iter_}; as fit with max_iter=2: {same_weights(two, mlp)}")

# %%
# From a copy
# -----------
#
# A deep copy is a fork in the road: both train on, and neither disturbs the other.

trunk = XavierMLPClassifier(**parameters)
for _ in range(3):
    trunk.partial_fit(X_train, y_train, classes=np.arange(10))
branch = copy.deepcopy(trunk).set_params(learning_rate_init=0.01)
for _ in range(3):
    branch.partial_fit(X_train, y_train)
    trunk.partial_fit(X_train, y_train)
six = XavierMLPClassifier(max_iter=6, **parameters).fit(X_train, y_train)
print(f"the trunk is as if there were no branch: {same_weights(trunk, six)}")
print(f"loss: trunk {trunk.loss_:.2f}, branch {branch.loss_:.2f}")

# %%
# Callbacks (scikit-learn 1.9) get such copies as ``fitted_estimator``: one that keeps that of the
# third epoch keeps a network that trains on from there.


class KeepEpoch:
    """Keeps the network as it is after one epoch."""

    def __init__(self, number):
        self.number = number

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        is_epoch = context.task_name == "epoch"
        if is_epoch and len(fitted_estimator.loss_curve_) == self.number:
            self.kept = fitted_estimator


if hasattr(trunk, "set_callbacks"):
    keep = KeepEpoch(3)
    mlp = XavierMLPClassifier(max_iter=8, **parameters).set_callbacks(keep)
    mlp.fit(X_train, y_train)
    for _ in range(3):
        keep.kept.partial_fit(X_train, y_train)
    print(f"from the copy to epoch 6, as at once: {same_weights(keep.kept, six)}")

# %%
# The copy goes on as the whole training did: it has the weights, averages and generator of its
# epoch, and the order in which that left the samples. (A network after ``fit`` no longer has the
# order: its next shuffle differs from that of a longer ``fit``.) The callback
# :class:`~sk_xavier.checkpoints.Checkpoint` writes such copies to a file, for training that may
# be killed (:ref:`guide_larger_than_memory`).
#
# Before the first step
# ---------------------
#
# ``initialize(X, y)`` builds the network and trains nothing. Look at the weights, edit them, then
# go on with ``partial_fit``, or with ``fit`` and ``warm_start=True``. Unedited, training takes
# the course that it would have taken without the call:

mlp = XavierMLPClassifier(max_iter=5, warm_start=True, **parameters)
mlp.initialize(X_train, y_train)
print(f"epochs: {mlp.n_iter_}, loss at the start: {mlp.loss_:.2f}")
print(f"the same in the end: {same_weights(mlp.fit(X_train, y_train), at_once)}")

# %%
# Fine-tuning
# -----------
#
# ``init`` and ``bias_init`` take arrays, one for each layer, so any weights can be the start:
# those of another network of this library, or the ``coefs_`` of scikit-learn's. Suppose that a
# camera has lost its left three columns of pixels, and there are only 50 new, labelled images.
# Three choices, over five draws of the 50: use the old network as it is; train a new one; go on
# from the old one.

old = XavierMLPClassifier((50,), learning_rate_init=0.01, max_iter=30, random_state=0)
old.fit(X_train, y_train)


def compare(change):
    X_new, X_new_test = change(X_train), change(X_test)
    scores = []
    for seed in range(5):
        rows = np.random.RandomState(seed).permutation(len(X_train))[:50]
        fresh = XavierMLPClassifier(
            (50,),
            learning_rate_init=0.01,
            max_iter=60,
            random_state=seed,
        )
        tuned = XavierMLPClassifier(
            (50,),
            init=old.coefs_,
            bias_init=old.intercepts_,
            learning_rate_init=0.01,
            max_iter=10,
            random_state=seed,
        )
        for mlp in (fresh, tuned):
            mlp.fit(X_new[rows], y_train[rows])
        scores.append([mlp.score(X_new_test, y_test) for mlp in (old, fresh, tuned)])
    return np.mean(scores, axis=0)


columns = np.arange(64) % 8
lost = compare(lambda X: np.where(columns < 3, 0.0, X))
moved = compare(lambda X: np.roll(X.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64))
print("mean accuracy         old    new   tuned")
print(f"three columns lost  {lost[0]:.3f}  {lost[1]:.3f}  {lost[2]:.3f}")
print(f"moved by one pixel  {moved[0]:.3f}  {moved[1]:.3f}  {moved[2]:.3f}")

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
for i, (name, color) in enumerate(
    {"old network": BLUE, "new network": ORANGE, "fine-tuned": GREEN}.items()
):
    bars = axes.bar(
        np.arange(2) + 0.25 * (i - 1),
        [lost[i], moved[i]],
        0.23,
        color=color,
        label=name,
    )
    axes.bar_label(bars, fmt="%.2f")
axes.set_xticks([0, 1], ["three columns lost", "moved by one pixel"])
axes.set(ylabel="mean accuracy", ylim=(0, 1.25))
_ = axes.legend(ncols=3, loc="upper center")

# %%
# With lost columns, what the old network knows of the others is worth keeping, and fine-tuning
# gives the best of the three. With images moved by a pixel, no weight is where it is needed: the
# confident old weights have to be unlearned first, and a new start does better. So always compare
# with both ends, the old network untouched and a new one.
#
# Layers may be mixed: ``init=[W, "glorot_uniform"], bias_init=[b, "zeros"]`` keeps a first layer
# and draws the output layer anew, as is needed where the classes are others. No layer can be kept
# fixed while the others train; for that, use the hidden layer as a transformer
# (:ref:`guide_hidden`).
