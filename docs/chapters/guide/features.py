r"""
.. _guide_features:

What scikit-learn's MLP lacks
=============================

scikit-learn takes bug fixes only for its multilayer perceptron. These are the features that its
users have asked for most, with the issues where they did. All are off by default: with default
parameters, training is what it was.

.. list-table::
   :header-rows: 1
   :widths: 30 38 32

   * - feature
     - spelled
     - asked for in (issues and pull requests)
   * - :ref:`class weights <guide_class_weight>`
     - ``class_weight``
     - `9113 <https://github.com/scikit-learn/scikit-learn/issues/9113>`__,
       `10588 <https://github.com/scikit-learn/scikit-learn/issues/10588>`__,
       `25326 <https://github.com/scikit-learn/scikit-learn/issues/25326>`__
   * - :ref:`your own validation set <guide_validation>`
     - ``fit(X, y, X_val=..., y_val=...)``
     - `18748 <https://github.com/scikit-learn/scikit-learn/issues/18748>`__
   * - :ref:`what to stop on <guide_validation>`
     - ``scoring``
     - `24411 <https://github.com/scikit-learn/scikit-learn/issues/24411>`__,
       `18507 <https://github.com/scikit-learn/scikit-learn/issues/18507>`__
   * - :ref:`callbacks, progress <guide_callbacks>`
     - ``set_callbacks``, ``verbose``
     - `16925 <https://github.com/scikit-learn/scikit-learn/issues/16925>`__,
       `27676 <https://github.com/scikit-learn/scikit-learn/issues/27676>`__,
       `7596 <https://github.com/scikit-learn/scikit-learn/issues/7596>`__
   * - :ref:`activations, one per layer, your own <guide_activations>`
     - ``activation``
     - `10665 <https://github.com/scikit-learn/scikit-learn/issues/10665>`__,
       `11952 <https://github.com/scikit-learn/scikit-learn/issues/11952>`__,
       `26912 <https://github.com/scikit-learn/scikit-learn/issues/26912>`__,
       `30199 <https://github.com/scikit-learn/scikit-learn/issues/30199>`__,
       `10097 <https://github.com/scikit-learn/scikit-learn/issues/10097>`__
   * - :ref:`dropout; label smoothing <guide_dropout>`
     - ``dropout``, ``label_smoothing``
     - `6175 <https://github.com/scikit-learn/scikit-learn/issues/6175>`__
   * - :ref:`AdamW, RMSprop, schedules, gradient clipping <guide_optimizers>`
     - ``solver``, ``learning_rate``, ``max_grad_norm``
     - `16169 <https://github.com/scikit-learn/scikit-learn/issues/16169>`__,
       `10477 <https://github.com/scikit-learn/scikit-learn/issues/10477>`__
   * - :ref:`hidden representations <guide_hidden>`
     - ``transform_hidden``, ``HiddenLayerTransformer``
     - `8291 <https://github.com/scikit-learn/scikit-learn/issues/8291>`__,
       `9468 <https://github.com/scikit-learn/scikit-learn/issues/9468>`__
   * - :ref:`starting from given weights <guide_given_weights>`
     - ``initialize``, ``init=[...]``, ``store_initial_weights``
     - `19701 <https://github.com/scikit-learn/scikit-learn/issues/19701>`__
   * - :ref:`losses of the regressor <guide_losses>`
     - ``loss``
     - `14571 <https://github.com/scikit-learn/scikit-learn/issues/14571>`__,
       `29270 <https://github.com/scikit-learn/scikit-learn/issues/29270>`__

"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import sklearn
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import (
    HiddenLayerTransformer,
    LossCurveDisplay,
    XavierMLPClassifier,
    XavierMLPRegressor,
)
from sk_xavier.activations import Activation, LeakyReLU

# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

X, y = load_digits(return_X_y=True)
split = train_test_split(X / 16, y, stratify=y, random_state=0)
X_train, X_test, y_train, y_test = split
X_train, X_val, y_train, y_val = train_test_split(X_train, y_train, random_state=0)

# %%
# .. _guide_class_weight:
#
# Class weights
# -------------
#
# ``class_weight`` multiplies the sample weights: a dictionary from classes to weights, or
# ``"balanced"``, which is ``n_samples / (n_classes * count)``. Samples are counted by their
# weights, so that a weight of 2 is still the row twice. Here one digit in ten is a nine, and a
# short training learns to say "no" first:

is_nine, test_is_nine = y_train == 9, y_test == 9
plain = XavierMLPClassifier((10,), max_iter=15, random_state=0)
balanced = XavierMLPClassifier((10,), max_iter=15, random_state=0)
balanced.set_params(class_weight="balanced")
for name, mlp in {"plain": plain, "balanced": balanced}.items():
    mlp.fit(X_train, is_nine)
    found = mlp.predict(X_test)
    print(
        f"{name:8}  nines found: {found[test_is_nine].mean():.2f},"
        f"  others called nines: {found[~test_is_nine].mean():.2f}"
    )

# %%
# Weights shift errors from one class to the other, and probabilities with them: those of the
# balanced network are those for classes that are equally common. Label indicators take a list
# with one dictionary for each label, and the factors of a row are multiplied, as in
# scikit-learn's trees. ``partial_fit`` sees a part of the samples only, so ``"balanced"`` is
# refused there, as by :class:`~sklearn.linear_model.SGDClassifier`.

# %%
# .. _guide_validation:
#
# Your own validation set, and what to stop on
# --------------------------------------------
#
# With ``early_stopping=True``, training stops when the score on held-out samples makes no
# progress for more than ``n_iter_no_change`` epochs, and the weights that scored best are kept;
# with ``"lbfgs"``, too, whose iterations take the epochs' place. Pass the samples yourself, or
# let ``validation_fraction`` of ``X`` be set aside. ``scoring`` is the accuracy or R² by default,
# ``"loss"``, or any scorer of scikit-learn.

mlp = XavierMLPClassifier(
    (50,),
    learning_rate_init=0.01,
    early_stopping=True,
    scoring="neg_log_loss",
    random_state=0,
)
mlp.fit(X_train, y_train, X_val=X_val, y_val=y_val)
best = int(np.argmax(mlp.validation_scores_)) + 1
print(f"the weights are those after epoch {best} of {mlp.n_iter_}")
print(f"validation loss {min(mlp.validation_loss_curve_):.3f}")

figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
LossCurveDisplay.from_estimator(mlp, name="digits", ax=axes, kind="loss")
figure.axes[-1].axvline(best, color="gray", linewidth=0.8)
_ = figure.axes[-1].annotate(" kept", (best, 1.0))

# %%
# Without ``early_stopping``, a validation set is watched and changes nothing:
# ``validation_loss_curve_`` and ``validation_scores_`` show when you should have stopped.
# ``"loss"`` is the loss without its L2 penalty; its score is minus that, as higher is better. A
# scorer that is not the default one sees an estimator with the weights as they are, once an
# epoch; copy it deeply to keep it. The default score and ``"loss"`` are computed on the network
# itself. With ``loss="quantile"`` the default is minus the loss, as R² would draw a quantile to
# the mean. Where no epoch has a finite score, ``fit`` raises an error.
#
# In a pipeline the validation set must pass the steps before. With metadata routing it does:

with sklearn.config_context(enable_metadata_routing=True):
    mlp.set_fit_request(X_val=True, y_val=True)
    steps = [("scaler", StandardScaler()), ("mlp", mlp)]
    model = Pipeline(steps, transform_input=["X_val"])
    model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
print(f"accuracy in a pipeline: {model.score(X_test, y_test):.3f}")

# %%
# A search splits everything that is as long as ``X``: give it a validation set of another length.

# %%
# .. _guide_callbacks:
#
# Callbacks and progress
# ----------------------
#
# scikit-learn 1.9 has an experimental protocol for callbacks, ``sklearn.callback``. Here ``fit``
# is a task, and each epoch (or iteration of ``"lbfgs"``) one below it. ``ProgressBar`` (which
# needs ``rich``) and ``ScoringMonitor`` work, also from a :class:`~sklearn.pipeline.Pipeline` or
# :class:`~sklearn.model_selection.GridSearchCV` around the network. A callback whose
# ``on_fit_task_end`` returns True ends training. Before scikit-learn 1.9 there is no
# ``set_callbacks``.


class StopAtLoss:
    """Ends training where the loss is small enough."""

    def __init__(self, loss):
        self.loss = loss

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        return context.task_name == "epoch" and fitted_estimator.loss_ < self.loss


mlp = XavierMLPClassifier((50,), learning_rate_init=0.01, random_state=0)
if hasattr(mlp, "set_callbacks"):  # scikit-learn 1.9 and later
    mlp.set_callbacks(StopAtLoss(0.1)).fit(X_train, y_train)
    print(f"stopped after {mlp.n_iter_} epochs at a loss of {mlp.loss_:.3f},")
    print(f"one epoch earlier it was {mlp.loss_curve_[-2]:.3f}")

# %%
# ``fitted_estimator`` is a copy with weights of its own, those after the epoch; it is made only
# for callbacks that ask for it. ``partial_fit`` calls no callbacks. ``verbose=True`` prints a
# line for each epoch: the loss, the loss and the score on the validation set, the learning rate
# where it changes, and the seconds.

# %%
# .. _guide_activations:
#
# Activations
# -----------
#
# ``softsign``, ``leaky_relu``, ``elu``, ``selu``, ``gelu`` (exact), ``silu``, ``mish``,
# ``softplus``, ``relu6`` and ``hard_tanh`` beside scikit-learn's four; objects of
# ``sk_xavier.activations`` where they have a parameter; a list for one per hidden layer.
# ``init="auto"`` knows the start of each.

mlp = XavierMLPClassifier(
    (50, 50),
    ["gelu", LeakyReLU(negative_slope=0.1)],
    init="auto",
    max_iter=20,
    random_state=0,
)
mlp.fit(X_train, y_train)
print(f"accuracy with GELU and leaky ReLU: {mlp.score(X_test, y_test):.3f}")

# %%
# An :class:`~sk_xavier.activations.Activation` is made of a function and its derivative, both of
# the pre-activations. A unit of this one answers to a range of its input and to nothing beyond:

bump = Activation(lambda z: np.exp(-(z**2)), lambda z: -2 * z * np.exp(-(z**2)))
mlp.set_params(activation=bump, hidden_layer_sizes=(50,)).fit(X_train, y_train)
print(f"accuracy with bumps: {mlp.score(X_test, y_test):.3f}")

z = np.linspace(-4, 4, 201)
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.plot(z, np.exp(-(z**2)), color=BLUE, label="the bump")
axes.plot(z, -2 * z * np.exp(-(z**2)), "--", color=ORANGE, label="its derivative")
axes.set(xlabel="pre-activation z", ylabel="output")
_ = axes.legend()

# %%
# The network keeps the pre-activations for the derivative. The built-in ones take it from their
# outputs where these tell it, which saves memory: all but ``gelu``, ``silu`` and ``mish``, which
# are not monotonic.

# %%
# .. _guide_dropout:
#
# Dropout and label smoothing
# ---------------------------
#
# ``dropout`` is the probability that an output of a hidden layer is left out of a step, for all
# layers or one by one; the others are divided by the probability of staying, so that nothing is
# to be done when predicting (Srivastava et al.,
# `Dropout <https://jmlr.org/papers/v15/srivastava14a.html>`_, 2014). The estimator's
# ``random_state`` draws it. ``label_smoothing`` shares that part of each target out evenly among
# the classes. Twenty epochs with each, and what they do to confidence:

parameters = {
    "hidden_layer_sizes": (100, 100),
    "learning_rate_init": 0.005,
    "max_iter": 20,
    "random_state": 0,
}
variants = {
    "neither": {},
    "dropout": {"dropout": [0.1, 0.3]},
    "label smoothing": {"label_smoothing": 0.1},
    "both": {"dropout": [0.1, 0.3], "label_smoothing": 0.1},
}
for name, more in variants.items():
    mlp = XavierMLPClassifier(**parameters, **more).fit(X_train, y_train)
    confidence = mlp.predict_proba(X_test).max(axis=1).mean()
    print(
        f"{name:15}  loss {mlp.loss_:.3f}  accuracy: {mlp.score(X_test, y_test):.3f}"
        f"  confidence: {confidence:.3f}"
    )

# %%
# ``loss_curve_`` is the loss with dropout and smoothed targets, and so it is higher and cannot be
# compared with that of a network without. Smoothed targets keep probabilities away from 0 and 1.
# What either does for the accuracy is little here, and to be measured on your data. As
# ``"lbfgs"`` minimizes one fixed function, it refuses dropout.

# %%
# .. _guide_optimizers:
#
# Optimizers, schedules, clipping
# -------------------------------
#
# ``solver="adamw"`` lets weights decay by ``learning_rate * weight_decay`` of themselves in each
# step, whatever the gradient, its scale and the batch size; set ``alpha=0`` to have that instead
# of the L2 penalty and not beside it (Loshchilov and Hutter, `Decoupled weight decay
# regularization <https://arxiv.org/abs/1711.05101>`_, 2019). ``solver="rmsprop"`` takes
# ``beta_2`` and ``epsilon``. ``max_grad_norm`` bounds the Euclidean norm of the whole gradient,
# penalty included.
#
# ``learning_rate="cosine"`` and ``"one_cycle"`` are for all solvers but ``"lbfgs"`` and take
# ``max_iter`` epochs; the rate changes with every step. With :math:`p` the part of all steps that
# is done, :math:`w` the ``warmup_fraction`` and :math:`\eta_1` the ``learning_rate_init``,
#
# .. math:: \eta(p) = \begin{cases}
#           \eta_0 + (\eta_1 - \eta_0) \, u(p / w) & p < w \\
#           \eta_2 + (\eta_1 - \eta_2) \,
#           \frac{1}{2} \left(1 + \cos \pi \frac{p - w}{1 - w}\right) & p \ge w
#           \end{cases}
#
# where ``"cosine"`` has :math:`\eta_0 = \eta_2 = 0` and a straight line :math:`u`, and
# ``"one_cycle"`` :math:`\eta_0 = \eta_1 / 25`, :math:`\eta_2 = \eta_0 / 10^4` and half a cosine.
# ``"invscaling"``, for ``"sgd"``, divides the rate by a power of the number of samples seen.
# (``"adaptive"``, for ``"sgd"`` too, divides it by 5 at each plateau.) ``learning_rate_curve_``
# has the rate at the start of each epoch:

schedules = {
    "constant": ({}, "gray", "-"),
    "invscaling": ({"solver": "sgd", "power_t": 0.25}, "#CC79A7", ":"),
    "cosine": ({}, BLUE, "-"),
    "cosine, warm-up": ({"warmup_fraction": 0.2}, GREEN, "-."),
    "one_cycle": ({}, ORANGE, "--"),
}
figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
for name, (more, color, line) in schedules.items():
    mlp = XavierMLPClassifier(
        (20,),
        learning_rate=name.split(",")[0],
        learning_rate_init=0.01,
        max_iter=40,
        n_iter_no_change=np.inf,
        random_state=0,
        **more,
    ).fit(X_train, y_train)
    rates = mlp.learning_rate_curve_
    axes.plot(range(1, 41), rates, color=color, linestyle=line, label=name)
axes.set(xlabel="epoch", ylabel="learning rate at its start", ylim=(0, 0.0135))
_ = axes.legend(ncols=3, loc="upper center", fontsize="small")

# %%
# All of it together, with a rise over the first quarter of the epochs:

mlp = XavierMLPClassifier(
    (50,),
    solver="adamw",
    weight_decay=0.1,
    alpha=0.0,
    learning_rate="one_cycle",
    learning_rate_init=0.01,
    warmup_fraction=0.25,
    max_iter=20,
    max_grad_norm=1.0,
    random_state=0,
)
mlp.fit(X_train, y_train)
print([round(rate, 4) for rate in mlp.learning_rate_curve_[::5]])
print(f"accuracy with one cycle: {mlp.score(X_test, y_test):.3f}")

# %%
# The rate is highest after 5 epochs. Training still stops early where the loss makes no progress,
# though not while the rate rises; ``n_iter_no_change=numpy.inf`` lets a schedule run to its end,
# and no warning says that training has not converged. ``partial_fit`` goes through the same
# schedule, one epoch a call.

# %%
# .. _guide_hidden:
#
# Hidden representations
# ----------------------
#
# ``transform_hidden`` gives what a hidden layer makes of samples. As a step of a pipeline,
# :class:`~sk_xavier.HiddenLayerTransformer` trains a clone of the network and passes its features
# on:

print(f"features of the last hidden layer: {mlp.transform_hidden(X_test).shape}")
model = make_pipeline(HiddenLayerTransformer(mlp), LogisticRegression(max_iter=1000))
model.fit(X_train, y_train)
print(f"accuracy of a regression on them: {model.score(X_test, y_test):.3f}")

# %%
# Within :class:`~sklearn.frozen.FrozenEstimator` a network that is trained already stays as it
# is. A narrow layer makes a picture: with two units before the output, each test sample has a
# place on a plane, and the output layer draws straight borders there.

narrow = XavierMLPClassifier(
    (50, 2),
    ["relu", "identity"],
    learning_rate_init=0.01,
    max_iter=200,
    random_state=0,
).fit(X_train, y_train)
places = narrow.transform_hidden(X_test)
print(f"accuracy through two units: {narrow.score(X_test, y_test):.3f}")

figure, axes = plt.subplots(figsize=(6, 5.4), layout="constrained")
axes.scatter(*places.T, c=y_test, cmap="tab10", s=12, alpha=0.6)
for digit in range(10):
    center = np.median(places[y_test == digit], axis=0)
    axes.annotate(
        str(digit),
        center,
        ha="center",
        va="center",
        bbox={"boxstyle": "circle,pad=0.2", "facecolor": "white"},
    )
_ = axes.set(xlabel="output of hidden unit 1", ylabel="output of hidden unit 2")

# %%
# .. _guide_given_weights:
#
# Starting from given weights
# ---------------------------
#
# ``initialize`` builds the network and trains nothing. Edit the start, then train;
# ``store_initial_weights`` keeps copies of the weights that training started from, and ``init``
# takes arrays:

mlp = XavierMLPClassifier(
    (20,), max_iter=20, warm_start=True, store_initial_weights=True, random_state=0
)
mlp.initialize(X_train, y_train)
mlp.coefs_[0][:, :5] = 0.0  # five units start blind
mlp.fit(X_train, y_train)
print(f"blind at the start: {(mlp.initial_coefs_[0] == 0).all(axis=0).sum()} of 20")

again = XavierMLPClassifier(
    (20,),
    init=mlp.initial_coefs_,
    bias_init=mlp.initial_intercepts_,
    max_iter=20,
    random_state=0,
)
again.initialize(X_train, y_train)
same = (again.coefs_[0] == mlp.initial_coefs_[0]).all()
print(f"the other network starts from the same weights: {same}")

# %%
# More of it under :ref:`guide_continuing`.

# %%
# .. _guide_losses:
#
# Losses of the regressor
# -----------------------
#
# ``squared_error``, ``absolute_error`` (the median), ``huber`` with ``huber_delta``, ``quantile``
# with ``quantile``, and with predictions that are exp of the network's output ``poisson`` and
# ``gamma``. Of several outputs the mean is minimized, and with ``poisson``, as in scikit-learn,
# the sum.
#
# Two quantiles make an interval. Below, the diabetes data, scaled; 80 % of the test targets
# should lie between the predicted quantiles 0.1 and 0.9.

X, y = load_diabetes(return_X_y=True)
X, y = StandardScaler().fit_transform(X), (y - y.mean()) / y.std()
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
mlp = XavierMLPRegressor((10,), "tanh", loss="quantile", alpha=3.0, random_state=0)
mlp.set_params(learning_rate="cosine", learning_rate_init=0.01)
low, high = (
    mlp.set_params(quantile=quantile).fit(X_train, y_train).predict(X_test)
    for quantile in (0.1, 0.9)
)
inside = (low <= y_test) & (y_test <= high)
print(f"within: {np.mean(inside):.0%} of {len(y_test)}")

order = np.argsort(low + high)
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.fill_between(
    range(len(order)),
    low[order],
    high[order],
    color=BLUE,
    alpha=0.25,
    linewidth=0,
)
rank = np.argsort(order)
axes.plot(rank[inside], y_test[inside], ".", color=BLUE, label="within")
axes.plot(rank[~inside], y_test[~inside], "x", color=ORANGE, label="outside")
axes.set(xlabel="test sample, by the middle of its interval", ylabel="target (scaled)")
_ = axes.legend()

# %%
# Two networks know nothing of each other: their quantiles may cross, and what share they hold on
# new samples is promised by nothing but a check like this one. On this test set of about a
# hundred, the share itself is uncertain by some 4 percentage points (one standard error,
# :math:`\sqrt{0.8 \cdot 0.2 / 111}`).
