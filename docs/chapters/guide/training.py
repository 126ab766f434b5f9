r"""
.. _guide_training:

Training and stopping
=====================

A start is where training begins. This chapter is about the way from there: what ``fit`` does,
which parameters matter most, and how to tell from a loss curve what to change. In short: scale
the inputs, tune the learning rate, watch a validation set, and leave the rest for later.

"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import LossCurveDisplay, XavierMLPClassifier, XavierMLPRegressor

# Many fits below run for a fixed number of epochs. What the warning says is a
# section of its own, further down.
warnings.simplefilter("ignore", ConvergenceWarning)

BLUE, ORANGE, GREEN, PINK, YELLOW = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
)

X, y = load_digits(return_X_y=True)
split = train_test_split(X / 16, y, stratify=y, random_state=0)
X_train, X_test, y_train, y_test = split


def draw(axes, curve, **style):
    """A curve of one point an epoch, counted from 1."""
    axes.plot(range(1, len(curve) + 1), curve, **style)


# %%
# What fit does
# -------------
#
# Training is a walk downhill. An *epoch* goes through all samples once, in *mini-batches* of
# ``batch_size`` rows, and takes one step for each. What a step looks at is the mean loss of the
# batch :math:`B` and a penalty on the weights (not on the biases),
#
# .. math:: J_B(W, b) = \frac{1}{|B|} \left( \sum_{i \in B} \ell\bigl(y_i, f(x_i)\bigr)
#           + \frac{\alpha}{2} \sum_l \lVert W_l \rVert^2 \right),
#
# and in the plainest solver, ``"sgd"`` without momentum, the step is
# :math:`\theta \leftarrow \theta - \eta \, \nabla J_B`, with the *learning rate* :math:`\eta`.
# (With sample weights, :math:`|B|` is the sum of the batch's weights.) Before each epoch the rows
# are shuffled, so that the batches are new ones.
#
# That is all, and short enough to be written out. Without a hidden layer the network is a softmax
# regression, whose gradient fits on one line. Starting from the same weights and taking the rows
# in order, three epochs by hand and three by ``fit`` end at the same weights:

settings = {
    "hidden_layer_sizes": (),
    "solver": "sgd",
    "momentum": 0.0,
    "learning_rate_init": 0.5,
    "alpha": 0.1,
    "batch_size": 100,
    "shuffle": False,
    "random_state": 0,
}
start = XavierMLPClassifier(**settings).initialize(X_train, y_train)
W, b = start.coefs_[0].copy(), start.intercepts_[0].copy()
one_hot = np.eye(10)[y_train]

for _ in range(3):  # epochs
    for first in range(0, len(X_train), 100):
        X_batch, t_batch = X_train[first : first + 100], one_hot[first : first + 100]
        exps = np.exp(X_batch @ W + b)
        error = exps / exps.sum(axis=1, keepdims=True) - t_batch
        W_gradient = (X_batch.T @ error + 0.1 * W) / len(X_batch)
        W -= 0.5 * W_gradient
        b -= 0.5 * error.mean(axis=0)

fitted = XavierMLPClassifier(**settings, max_iter=3).fit(X_train, y_train)
print(f"largest difference of a weight: {abs(fitted.coefs_[0] - W).max():.1e}")
print(f"epochs: {fitted.n_iter_}, samples gone through: {fitted.t_}")

# %%
# With hidden layers only the gradient is longer: backpropagation computes it. The other solvers
# replace the last line, the step.
#
# Scale the inputs
# ----------------
#
# The features of wine have different units: one is around 0.1, another around 1000. A start such
# as Xavier's assumes inputs of about unit variance (:ref:`the derivation <guide_xavier>`), and
# one learning rate has to serve all directions. :class:`~sklearn.preprocessing.StandardScaler`
# makes it so, within a pipeline, so that test samples do not leak into the scaling.

X_wine, y_wine = load_wine(return_X_y=True)
wine = train_test_split(X_wine, y_wine, stratify=y_wine, random_state=0)
X_raw, X_raw_test, y_raw, y_raw_test = wine
spread = X_raw.std(axis=0)
print(f"smallest, largest standard deviation: {spread.min():.2f}, {spread.max():.0f}")

mlp = XavierMLPClassifier((50,), random_state=0, n_iter_no_change=np.inf)
raw = mlp.fit(X_raw, y_raw)
raw_curve, raw_accuracy = list(raw.loss_curve_), raw.score(X_raw_test, y_raw_test)
model = make_pipeline(StandardScaler(), mlp).fit(X_raw, y_raw)
print(f"accuracy on raw features:    {raw_accuracy:.3f}")
print(f"accuracy on scaled features: {model.score(X_raw_test, y_raw_test):.3f}")

figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
draw(axes, raw_curve, color=ORANGE, linestyle="--", label="raw features")
draw(axes, model[-1].loss_curve_, color=BLUE, label="StandardScaler")
axes.set(xlabel="epoch", ylabel="training loss (log loss)", yscale="log")
_ = axes.legend()

# %%
# On raw features the loss starts far too high, since the logits grow with the largest feature,
# and after as many epochs it is still above that on scaled ones. Pixels of digits have one unit
# and one range already; dividing them by 16 is enough. Scale the targets of a regressor, too:
# weights that start around 1 take many steps to get to targets in the thousands
# (:class:`~sklearn.compose.TransformedTargetRegressor` does it and undoes it when predicting).
#
# The learning rate
# -----------------
#
# If you tune one parameter, tune ``learning_rate_init``, and by factors: 0.0001, 0.001, 0.01,
# 0.1. Three rates of plain ``"sgd"``, 40 epochs each:

styles = {0.001: (PINK, ":"), 0.1: (BLUE, "-"), 1.0: (ORANGE, "--")}
figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
for rate, (color, line) in styles.items():
    mlp = XavierMLPClassifier(
        (50,),
        solver="sgd",
        learning_rate_init=rate,
        max_iter=40,
        n_iter_no_change=np.inf,
        random_state=0,
    ).fit(X_train, y_train)
    draw(axes, mlp.loss_curve_, color=color, linestyle=line, label=f"{rate:g}")
    print(
        f"rate {rate:5g}: first loss {mlp.loss_curve_[0]:.2f}, last {mlp.loss_:.2f};"
        f" accuracy {mlp.score(X_test, y_test):.3f}"
    )
n_dead = int((mlp.transform_hidden(X_train) == 0).all(axis=0).sum())
print(f"units that are 0 for all samples at rate {rate:g}: {n_dead} of 50")
axes.axhline(np.log(10), color="gray", linewidth=0.8)
axes.annotate("log 10: guessing", (39, np.log(10)), ha="right", va="bottom")
axes.set(xlabel="epoch", ylabel="training loss (log loss)", ylim=(0, 4))
_ = axes.legend(title="learning rate")

# %%
# These three shapes are worth knowing by sight:
#
# - *too small*: the curve falls slowly and evenly and is still falling at the end. More epochs
#   would help; a larger rate helps sooner;
# - *right*: it falls steeply, then bends and levels off low;
# - *too large*: it jumps up, or stays at the loss of guessing, here log 10, since a few huge
#   steps have switched hidden units off for all samples (the last line counts them). More epochs
#   do not help.
#
# Rates of different solvers are not comparable: for ``"sgd"`` with momentum 0.9 a rate of 0.1 was
# right here, for ``"adam"`` that is a large one, since each of its steps moves a weight by up to
# about the rate itself. Larger still, or with unscaled data, the loss overflows. That is an
# error, not a silent NaN, and the estimator stays as it was. The diabetes data in their raw
# units, at the default rate:

X_raw, y_raw = load_diabetes(return_X_y=True, scaled=False)
too_far = XavierMLPRegressor(activation="leaky_relu", solver="sgd", random_state=0)
try:
    too_far.fit(X_raw, y_raw)
except ValueError as error:
    message = str(error).replace(". ", ".\n")
    print(message.replace(", ", ",\n"))

# %%
# With ``"relu"`` the units may switch off before anything overflows. Then there is no error, only
# a loss that is absurd: the mean squared error of predicting the mean is the variance of the
# targets, so the training loss, half of a squared error, should end below half of it.

too_far.set_params(activation="relu").fit(X_raw, y_raw)
print(f"half the variance of the targets: {y_raw.var() / 2:.0f}")
print(f"loss after {too_far.n_iter_} epochs: {too_far.loss_:.2g}")

# %%
# The remedies are in the message, in the order to try: scale, a smaller rate, a smaller start.
#
# The size of a batch
# -------------------
#
# Small batches take more steps in an epoch, each in a noisier direction. Ten epochs of ``"adam"``
# at one learning rate:

for batch_size in (10, 50, 200, len(X_train)):
    mlp = XavierMLPClassifier((50,), max_iter=10, random_state=0)
    mlp.set_params(batch_size=batch_size).fit(X_train, y_train)
    n_steps = -(-len(X_train) // batch_size)
    print(
        f"batch_size {batch_size:4}: {n_steps:4} steps an epoch,"
        f" loss {mlp.loss_:.2f}, accuracy {mlp.score(X_test, y_test):.3f}"
    )

# %%
# Counted in epochs, smaller batches are ahead, for they have taken more steps; that holds until
# their noise keeps the loss up. Counted in seconds it is less clear: a step on 10 rows costs more
# than a twentieth of one on 200 (:ref:`guide_speed`). The default, ``"auto"``, is 200 rows or all
# there are. A common way out: keep the batch size, and tune the learning rate for it. They are
# not independent: larger batches often bear larger rates.
#
# Which solver
# ------------
#
# .. list-table::
#    :header-rows: 1
#    :widths: 18 82
#
#    * - ``solver``
#      - when
#    * - ``"adam"``
#      - the default, and a good one: tolerant of the learning rate and of
#        gradients of different sizes
#    * - ``"adamw"``
#      - the same with weights that decay by themselves (:ref:`guide_optimizers`); where decay is
#        wanted as it is usually reported for larger networks
#    * - ``"sgd"``
#      - momentum and a schedule; needs its learning rate tuned; the one solver with
#        ``"invscaling"`` and ``"adaptive"`` rates
#    * - ``"rmsprop"``
#      - as ``"adam"``, without momentum
#    * - ``"lbfgs"``
#      - up to a few thousand samples that fit into memory: all samples at once, no learning rate to
#        tune, a line search instead; no ``partial_fit``, no dropout
#
# Thirty epochs of each; for ``"lbfgs"`` thirty iterations, each at least one pass over all
# samples.

runs = {
    "sgd, 0.1": ({"solver": "sgd", "learning_rate_init": 0.1}, BLUE, "-"),
    "adam, 0.01": ({"solver": "adam", "learning_rate_init": 0.01}, ORANGE, "--"),
    "adamw, 0.01": ({"solver": "adamw", "learning_rate_init": 0.01}, PINK, ":"),
    "rmsprop, 0.001": ({"solver": "rmsprop"}, YELLOW, "-."),
    "lbfgs": ({"solver": "lbfgs"}, GREEN, (0, (5, 1))),
}
figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
for name, (parameters, color, line) in runs.items():
    mlp = XavierMLPClassifier((50,), max_iter=30, random_state=0, **parameters)
    mlp.fit(X_train, y_train)
    draw(axes, mlp.loss_curve_, color=color, linestyle=line, label=name)
    accuracy = mlp.score(X_test, y_test)
    print(f"{name:14} loss {mlp.loss_:.3f}, accuracy {accuracy:.3f}")
axes.set(xlabel="epoch (lbfgs: iteration)", ylabel="training loss", yscale="log")
_ = axes.legend(title="solver, learning rate")

# %%
# (The curve of adamw lies on that of adam.) Each with a rate that suits it, they end close
# together on the test set. A ranking of solvers at *one* learning rate says which of them that
# rate suits, and little else.
#
# When training stops
# -------------------
#
# Solvers of mini-batches stop when more than ``n_iter_no_change`` epochs in a row did not improve
# on the best loss by ``tol`` or more, or after ``max_iter`` epochs. ``"lbfgs"`` stops when the
# largest component of the gradient is ``tol`` or less, when the loss does not fall any more,
# after ``max_iter`` iterations or ``max_fun`` evaluations.

for tol in (1e-2, 1e-3, 1e-4):
    mlp = XavierMLPClassifier(
        (50,), learning_rate_init=0.01, tol=tol, max_iter=1000, random_state=0
    ).fit(X_train, y_train)
    print(
        f"tol {tol:g}: {mlp.n_iter_:3} epochs, loss {mlp.loss_:.4f},"
        f" accuracy {mlp.score(X_test, y_test):.3f}"
    )

# %%
# The loss goes on falling; the accuracy has long stopped rising. ``tol`` is in units of the loss:
# where targets of a regressor are scaled down, it should be, too. And a loss that has not begun
# to fall looks like one that has ended: a plateau at the start also stops training (:ref:`an
# example <sphx_glr_auto_examples_what_went_wrong_plot_sigmoid_rescue.py>`).
#
# When ``max_iter`` comes first, ``fit`` warns:

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    short = XavierMLPClassifier((50,), max_iter=20, random_state=0)
    short.fit(X_train, y_train)
print(caught[0].category.__name__)
print(str(caught[0].message).replace(") reached and", ") reached\nand"))

# %%
# This is not an error, and the network can be used. It says that the rule above had not ended
# training yet; mostly, that the loss was still falling. Raise ``max_iter``, or
# ``learning_rate_init``, or go on from here (:ref:`guide_continuing`). If the number of epochs is
# your choice, as with the schedules below or in this chapter, the warning can be ignored as in
# its first lines. If the loss curve is level and the warning comes anyhow, ``tol`` is smaller
# than the noise of the mini-batches.
#
# Early stopping
# --------------
#
# The training loss does not say when a network begins to learn its samples by heart. Samples that
# it is not trained on do. Here are 100 digits only, an invitation to overfit, and others to
# watch:

few = {"hidden_layer_sizes": (50,), "learning_rate_init": 0.01, "random_state": 0}
X_few, y_few, X_val, y_val = X_train[:100], y_train[:100], X_train[900:], y_train[900:]
watched = XavierMLPClassifier(**few, max_iter=150, n_iter_no_change=np.inf)
watched.fit(X_few, y_few, X_val=X_val, y_val=y_val)
best = int(np.argmin(watched.validation_loss_curve_))
print(f"training loss of the last epoch: {watched.loss_:.3f}")
print(
    f"validation loss: least after epoch {best + 1},"
    f" {watched.validation_loss_curve_[best]:.3f};"
    f" after the last, {watched.validation_loss_curve_[-1]:.3f}"
)

figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
_ = LossCurveDisplay.from_estimator(watched, name="100 digits", ax=axes, kind="loss")

# %%
# :class:`~sk_xavier.LossCurveDisplay` draws ``loss_curve_`` and, thinner,
# ``validation_loss_curve_``. With ``early_stopping=True`` training ends when the validation score
# has made no progress for more than ``n_iter_no_change`` epochs, and the weights that scored best
# are restored. The score is the accuracy or R² unless ``scoring`` says otherwise; ``"loss"``
# notices overconfidence that the accuracy does not. Without ``X_val``, a tenth of the training
# samples, ``validation_fraction``, is set aside.

stopped = XavierMLPClassifier(
    **few, max_iter=150, early_stopping=True, scoring="loss", n_iter_no_change=20
)
stopped.fit(X_few, y_few, X_val=X_val, y_val=y_val)
print(f"ended after epoch {stopped.n_iter_} of at most 150")
kept = log_loss(y_val, stopped.predict_proba(X_val))
print(f"validation loss of the weights kept: {kept:.3f}")

# %%
# It costs samples. With 100 of them the validation set is 10, and its score is a coarse, noisy
# thing to stop on; cross-validate ``alpha`` or ``max_iter`` instead. The best validation score is
# also a biased estimate: it has been chosen as the best of many. Keep a test set that nothing was
# chosen on.
#
# The penalty
# -----------
#
# ``alpha`` pulls weights towards zero. Small values change little here, and large ones leave
# nothing but the biases:

print("alpha    norm of weights  training accuracy  test accuracy")
for alpha in (0.0001, 0.01, 1.0, 100.0):
    mlp = XavierMLPClassifier(
        (50,), alpha=alpha, learning_rate_init=0.01, max_iter=60, random_state=0
    ).fit(X_train, y_train)
    norm = np.sqrt(sum((coef**2).sum() for coef in mlp.coefs_))
    print(
        f"{alpha:<8g} {norm:15.2f}  {mlp.score(X_train, y_train):17.3f}"
        f"  {mlp.score(X_test, y_test):13.3f}"
    )

# %%
# As the formula at the top says, ``alpha`` is divided by the number of samples in a *batch*, as
# scikit-learn does. So the same ``alpha`` is a stronger penalty with smaller batches, and with
# ``"lbfgs"``, whose batch is the whole training set, a far weaker one. Tune it again when you
# change these.

for batch_size in (20, 200):
    mlp = XavierMLPClassifier(
        (50,),
        alpha=1.0,
        batch_size=batch_size,
        learning_rate_init=0.01,
        max_iter=60,
        random_state=0,
    ).fit(X_train, y_train)
    norm = np.sqrt(sum((coef**2).sum() for coef in mlp.coefs_))
    print(f"alpha 1, batch_size {batch_size:3}: norm of weights {norm:.2f}")

# %%
# Schedules
# ---------
#
# A large rate gets far, a small one gets close: ``learning_rate`` takes the name of a schedule
# that begins with the one and ends with the other. ``"cosine"`` and ``"one_cycle"`` are for all
# solvers of mini-batches and are spread over ``max_iter`` epochs; ``"invscaling"`` and
# ``"adaptive"`` are for ``"sgd"``. They are drawn and compared under :ref:`guide_optimizers`.
#
# What it prints
# --------------
#
# ``verbose=True`` prints a line for each epoch. Columns for validation and for a changing rate
# come by themselves; the seconds are those of your machine.

mlp = XavierMLPClassifier(
    (50,), learning_rate="cosine", learning_rate_init=0.01, max_iter=3, random_state=0
)
mlp.set_params(verbose=True).fit(X_train, y_train)
_ = mlp.set_params(verbose=False)

# %%
# Chance
# ------
#
# ``random_state`` seeds the start, the shuffling, the split for early stopping and dropout. An
# int makes ``fit`` repeatable, bit for bit on one machine with one set of library versions. Other
# seeds give other networks:

accuracies = []
for seed in range(8):
    mlp = XavierMLPClassifier((50,), learning_rate_init=0.01, max_iter=20)
    mlp.set_params(random_state=seed).fit(X_train, y_train)
    accuracies.append(mlp.score(X_test, y_test))
print(f"accuracy over 8 seeds: {min(accuracies):.3f} to {max(accuracies):.3f}")
again = mlp.fit(X_train, y_train).score(X_test, y_test)
print(f"the same seed once more is the same: {again == accuracies[-1]}")

# %%
# Two settings whose scores differ by less than this range have not been told apart. Do not choose
# the seed by its score: that is luck, and it will not come again. :ref:`guide_comparing` shows
# how to compare.
#
# float32
# -------
#
# The type of ``X`` decides: float32 samples are trained on in float32 throughout, which halves
# the memory and is faster (:ref:`guide_speed`). The path is not the same bit for bit, and need
# not be.

for dtype in (np.float64, np.float32):
    mlp = XavierMLPClassifier((50,), learning_rate_init=0.01, max_iter=20)
    mlp.set_params(random_state=0).fit(X_train.astype(dtype), y_train)
    size = sum(coef.nbytes for coef in mlp.coefs_)
    accuracy = mlp.score(X_test.astype(dtype), y_test)
    print(f"{mlp.coefs_[0].dtype}: {size} bytes of weights, accuracy {accuracy:.3f}")

# %%
# Where float32 does not do: targets or features whose digits beyond the seventh matter, and
# studies of gradients that vanish.
#
# In which order
# --------------
#
# 1. Scale inputs, and a regressor's targets.
# 2. Look at the start: :func:`~sk_xavier.signal_propagation` costs one pass
#    (:ref:`guide_diagnosing`).
# 3. Find the learning rate by factors of 10, then of 3, on the loss curve.
# 4. Let ``max_iter`` be large and early stopping or a schedule end training.
# 5. Then the size of the network, ``alpha`` and dropout, by cross-validation
#    (:ref:`start_grid_search`).
#
# On why the learning rate comes first, see section 11.4 of Ian Goodfellow, Yoshua Bengio and
# Aaron Courville, `Deep Learning <https://www.deeplearningbook.org>`_, 2016; on batches, rates
# and stopping in practice, Yoshua Bengio, `Practical recommendations for gradient-based training
# of deep architectures <https://arxiv.org/abs/1206.5533>`_, 2012.
