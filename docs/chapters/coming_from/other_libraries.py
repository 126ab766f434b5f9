r"""
.. _coming_from_other_libraries:

From skorch, Keras and PyTorch
==============================

How initializers and settings of training are spelled in PyTorch, Keras, JAX and skorch, and here.
Names alone do not settle it: He's normal start is a truncated normal in Keras and not in PyTorch,
``weight_decay`` and ``alpha`` have different units, and a patience of 10 is not an
``n_iter_no_change`` of 10. The tables say what equals what; those of initializers are also measured
below. The statements about the other libraries are as of PyTorch 2.13, Keras 3.15, JAX 0.10,
Flax 0.12, optax 0.2.8 and skorch 1.4.

A weight matrix has the shape (inputs, units) here, in Keras (``kernel``) and in JAX. In PyTorch
it is the transpose, (units, inputs).

"""

import math
import re

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    VarianceScaling,
    Zeros,
)

# %%
# One training, twice
# -------------------
#
# A network of 32 hidden units for the digits, without any of the defaults that differ: given
# weights, plain gradient descent with Nesterov's momentum, samples in their order. One call of
# ``partial_fit`` is one epoch.

X, y = load_digits(return_X_y=True)
X, y = X[:1600] / 16, y[:1600]

mlp = XavierMLPClassifier(
    (32,),
    activation="relu",
    solver="sgd",
    learning_rate_init=0.1,
    momentum=0.9,
    nesterovs_momentum=True,
    alpha=0.0,
    batch_size=32,
    shuffle=False,
    random_state=0,
)
mlp.initialize(X, y)
start = [coef.copy() for coef in mlp.coefs_]

for epoch in range(1, 6):
    mlp.partial_fit(X, y)
    print(f"epoch {epoch}: loss {mlp.loss_:.6f}")

# %%
# The same in PyTorch. The loop, the sum of the losses and the two transposes are what
# ``partial_fit`` does without being told. Run after the cell above, it prints the same losses:
#
# .. code-block:: python
#
#    import torch
#    from torch import nn
#
#    network = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).double()
#    layers = [network[0], network[2]]
#    for layer, coef in zip(layers, start):
#        layer.weight.data = torch.tensor(coef.T.copy())
#        nn.init.zeros_(layer.bias)
#
#    loss_function = nn.CrossEntropyLoss()
#    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, nesterov=True)
#    inputs, targets = torch.tensor(X), torch.tensor(y)
#
#    for epoch in range(1, 6):
#        total = 0.0
#        for rows in torch.arange(len(X)).split(32):
#            optimizer.zero_grad()
#            loss = loss_function(network(inputs[rows]), targets[rows])
#            loss.backward()
#            optimizer.step()
#            total += loss.item() * len(rows)
#        print(f"epoch {epoch}: loss {total / len(X):.6f}")
#
# A network that was trained there is brought here through the same transposes
# (:ref:`guide_pytorch_and_keras` has functions for both ways). The sizes and the activation must
# agree, and the classes are those of ``y``, sorted:
#
# .. code-block:: python
#
#    moved = XavierMLPClassifier(
#        (32,),
#        activation="relu",
#        init=[layer.weight.detach().numpy().T for layer in layers],
#        bias_init=[layer.bias.detach().numpy() for layer in layers],
#    )
#    moved.initialize(X, y)
#    probabilities = moved.predict_proba(X)
#
# With two classes the network here has one output unit, as with PyTorch's ``BCEWithLogitsLoss``. To
# bring a network with two outputs over, take the second column of the last weights minus the
# first, and the same of the biases.
#
# Initializers of PyTorch
# -----------------------
#
# In each row, the call on the left fills a layer's ``weight`` from the same distribution that the
# object on the right draws from. The last two columns are measured on a layer of 400 inputs and
# 200 units. A preset with its default parameters may be written by its name:
# ``init="glorot_uniform"`` is ``init=GlorotUniform()``.

pytorch = {
    "kaiming_uniform_(w, a=math.sqrt(5))": VarianceScaling(1 / 3, "fan_in", "uniform"),
    "xavier_uniform_(w)": GlorotUniform(),
    "xavier_uniform_(w, gain=1.5)": GlorotUniform(gain=1.5),
    "xavier_normal_(w)": GlorotNormal(),
    "kaiming_uniform_(w)": HeUniform(),
    "kaiming_normal_(w)": HeNormal(),
    "kaiming_normal_(w, a=0.5)": HeNormal(gain=1 / math.sqrt(1 + 0.5**2)),
    "kaiming_normal_(w, mode='fan_out')": VarianceScaling(2.0, "fan_out", "normal"),
    "kaiming_uniform_(w, nonlinearity='linear')": LecunUniform(),
    "kaiming_normal_(w, nonlinearity='linear')": LecunNormal(),
    "kaiming_normal_(w, nonlinearity='tanh')": LecunNormal(gain=5 / 3),
    "orthogonal_(w)": Orthogonal(),
    "normal_(w, std=0.02)": Normal(std=0.02),
    "uniform_(w, -0.05, 0.05)": Uniform(-0.05, 0.05),
    "trunc_normal_(w, std=0.02)": Normal(std=0.02),
    "trunc_normal_(w, std=0.02, a=-0.04, b=0.04)": TruncatedNormal(std=0.02),
    "constant_(w, 0.1)": Constant(0.1),
    "zeros_(w)": Zeros(),
}


def table(calls, heading):
    """Calls, what they are here, and what was drawn."""
    rows = {}
    for call, initializer in calls.items():
        weights = initializer((400, 200), random_state=0)
        spelled = re.sub(r"\d\.\d{4,}", lambda number: f"{float(number[0]):.3f}", repr(initializer))
        rows[call] = [spelled, f"{weights.std():.4f}", f"{np.abs(weights).max():.4f}"]
    frame = pd.DataFrame.from_dict(rows, "index", columns=["sk_xavier", "std", "largest"])
    return frame.rename_axis(columns=heading)


pd.set_option("display.max_colwidth", None)
table(pytorch, "torch.nn.init")

# %%
# Four remarks, from the top:
#
# * The first row is what ``nn.Linear`` does by itself. Its weights are uniform on ±1/sqrt(in),
#   which is a variance of 1 / (3 in): a third of LeCun's and, for ``relu``, a sixth of He's. It
#   is the start that Glorot and Bengio (2010) call standard and argue against;
#   :ref:`guide_xavier` derives why.
# * ``kaiming_normal_`` assumes by default a leaky ReLU whose slope ``a`` is 0, so it is He's
#   start. The gain for another slope is sqrt(2 / (1 + a²)), that is 1 / sqrt(1 + a²) times He's.
# * ``init="auto"`` uses no gain of 5/3 for ``tanh``; write ``GlorotUniform(gain=5 / 3)`` for
#   ``xavier_uniform_(w, gain=nn.init.calculate_gain("tanh"))``.
# * ``trunc_normal_`` cuts at -2 and 2, not at two standard deviations. With a standard deviation of
#   0.02 nothing is cut.
#
# Biases: ``nn.Linear`` draws them on ±1/sqrt(in) too. ``bias_init="same"`` does that here, with
# the number of inputs of the layer. A module whose biases are set by ``zeros_`` has the default
# here. So this network starts as PyTorch's do, unless told otherwise:

as_pytorch = XavierMLPClassifier(
    (32,), init=VarianceScaling(1 / 3, "fan_in", "uniform"), bias_init="same", random_state=0
).initialize(X, y)
for i, (coef, intercept) in enumerate(zip(as_pytorch.coefs_, as_pytorch.intercepts_, strict=True)):
    bound = 1 / math.sqrt(len(coef))
    print(f"layer {i + 1}: 1/sqrt(in) = {bound:.4f},", end=" ")
    print(f"largest weight {abs(coef).max():.4f}, bias {abs(intercept).max():.4f}")

# %%
# Initializers of Keras
# ---------------------
#
# Arguments of ``Dense(..., kernel_initializer=...)``. The default there is ``"glorot_uniform"``
# with biases of zero, which is the default here.

keras_initializers = {
    "GlorotUniform()": GlorotUniform(),
    "GlorotNormal()": GlorotNormal(truncated=True),
    "HeUniform()": HeUniform(),
    "HeNormal()": HeNormal(truncated=True),
    "LecunUniform()": LecunUniform(),
    "LecunNormal()": LecunNormal(truncated=True),
    "RandomNormal(stddev=0.05)": Normal(std=0.05),
    "RandomUniform(-0.05, 0.05)": Uniform(-0.05, 0.05),
    "TruncatedNormal(stddev=0.05)": TruncatedNormal(std=0.05),
    "VarianceScaling(2.0, 'fan_avg', 'uniform')": VarianceScaling(2.0, "fan_avg", "uniform"),
    "VarianceScaling(2.0, 'fan_in', 'untruncated_normal')": VarianceScaling(
        2.0, "fan_in", "normal"
    ),
    "Orthogonal()": Orthogonal(),
    "Constant(0.1)": Constant(0.1),
    "Ones()": Constant(1.0),
    "Zeros()": Zeros(),
}
table(keras_initializers, "keras.initializers")

# %%
# The three named normals are truncated at two standard deviations there, and widened so that what
# is left has the variance of the formula; ``truncated=True`` does so here. ``TruncatedNormal`` is
# cut and not widened, in Keras as here: its values have 0.88 times the standard deviation that is
# asked for.
#
# Initializers of JAX
# -------------------
#
# ``jax.nn.initializers``, which Flax takes from there. Its ``Dense`` and ``Linear`` start with
# ``lecun_normal()`` and biases of zero.

jax_initializers = {
    "lecun_normal()": LecunNormal(truncated=True),
    "glorot_uniform()": GlorotUniform(),
    "glorot_normal()": GlorotNormal(truncated=True),
    "he_uniform()": HeUniform(),
    "he_normal()": HeNormal(truncated=True),
    "normal()": Normal(std=0.01),
    "uniform()": Uniform(0.0, 0.01),
    "truncated_normal()": TruncatedNormal(std=0.01),
    "variance_scaling(2.0, 'fan_in', 'normal')": VarianceScaling(2.0, "fan_in", "normal"),
    "orthogonal()": Orthogonal(),
}
table(jax_initializers, "jax.nn.initializers")

# %%
# ``uniform()`` is not symmetric there: it draws between 0 and 0.01.
#
# Settings of training
# --------------------
#
# .. list-table::
#    :header-rows: 1
#    :widths: 24 38 38
#
#    * - here
#      - PyTorch, skorch
#      - Keras
#    * - ``learning_rate_init=0.001``
#      - ``lr``; 0.001, and 0.01 for ``RMSprop`` and in skorch
#      - ``learning_rate``; 0.001, and 0.01 for ``SGD``
#    * - ``momentum=0.9``, ``nesterovs_momentum=True``
#      - 0 and False
#      - 0 and False
#    * - ``epsilon=1e-8``
#      - ``eps=1e-8``, added elsewhere (:ref:`below <coming_from_epsilon>`)
#      - ``epsilon=1e-7``
#    * - ``beta_2=0.999`` of ``"rmsprop"``
#      - ``alpha=0.99``
#      - ``rho=0.9``, with ``epsilon`` under the root
#    * - ``alpha=0.0001``
#      - ``weight_decay=0``: another unit (:ref:`below <coming_from_alpha>`)
#      - ``kernel_regularizer=None``; ``L2`` has another unit
#    * - ``weight_decay=0.01`` of ``"adamw"``
#      - 0.01, of the biases too
#      - 0.004, of the biases too
#    * - ``batch_size``: ``min(200, n_samples)``
#      - you write the loop; 128 in skorch
#      - 32
#    * - ``shuffle=True``
#      - ``DataLoader(shuffle=False)``; skorch's ``iterator_train__shuffle`` likewise
#      - ``shuffle=True``
#    * - ``max_iter=200`` at most
#      - your loop; ``max_epochs=10`` in skorch
#      - ``epochs=1``
#    * - ``n_iter_no_change=10``
#      - ``EarlyStopping(patience=5)`` of skorch (:ref:`below <coming_from_patience>`)
#      - ``EarlyStopping(patience=0)``
#    * - best weights, with ``early_stopping=True``
#      - ``EarlyStopping(load_best=True)``
#      - ``restore_best_weights=True``
#    * - ``validation_fraction=0.1``, drawn at random
#      - ``train_split=ValidSplit(5)``: a fifth, without shuffling
#      - ``validation_split``: the last rows
#    * - ``fit(..., X_val=..., y_val=...)``
#      - ``predefined_split(dataset)``
#      - ``validation_data=(X, y)``
#    * - ``learning_rate="adaptive"``: a fifth
#      - ``ReduceLROnPlateau(factor=0.1)``
#      - ``ReduceLROnPlateau(factor=0.1)``
#    * - ``learning_rate="cosine"``
#      - ``CosineAnnealingLR(T_max=steps)``
#      - ``CosineDecay(rate, steps)``
#    * - ``learning_rate="one_cycle"``, ``warmup_fraction``
#      - ``OneCycleLR(max_lr, pct_start=0.3)``, which also cycles the momentum
#      - none
#    * - ``max_grad_norm``
#      - ``clip_grad_norm_``; skorch's ``GradientNormClipping``
#      - ``global_clipnorm``, not ``clipnorm``
#    * - ``dropout=[0.1, 0.3]``
#      - ``nn.Dropout`` after each hidden activation
#      - ``Dropout`` likewise
#    * - ``class_weight={...}``
#      - ``CrossEntropyLoss(weight=...)``
#      - ``fit(class_weight={...})``
#    * - float64, and float32 where ``X`` is
#      - float32
#      - float32
#
# And the losses:
#
# .. list-table::
#    :header-rows: 1
#    :widths: 30 35 35
#
#    * - here
#      - PyTorch
#      - Keras
#    * - several classes
#      - ``CrossEntropyLoss``
#      - ``SparseCategoricalCrossentropy``
#    * - two classes
#      - ``BCEWithLogitsLoss``
#      - ``BinaryCrossentropy``
#    * - label indicators: the sum over labels
#      - ``BCEWithLogitsLoss``: the mean
#      - ``BinaryCrossentropy``: the mean
#    * - ``"squared_error"``: r²/2
#      - ``MSELoss``: r²
#      - ``MeanSquaredError``: r²
#    * - ``"absolute_error"``
#      - ``L1Loss``
#      - ``MeanAbsoluteError``
#    * - ``"huber"``, ``huber_delta``
#      - ``HuberLoss(delta)``
#      - ``Huber(delta)``
#    * - ``"poisson"``
#      - ``PoissonNLLLoss(log_input=True)``, up to a constant
#      - ``Poisson`` after an exponential output, up to a constant
#
# ``ReduceLROnPlateau`` and ``"adaptive"`` are alike in idea only: here it is for ``sgd``,
# looks at the training loss (with early stopping at the validation score), and ends training where
# the rate has fallen below 1e-6.
#
# Where a loss differs by a factor c, ``sgd`` needs a learning rate c times as large here, and the
# penalty is to be divided by c. Adam divides the gradient by its size, so only the penalty
# matters there.
#
# .. _coming_from_alpha:
#
# The same L2 penalty
# -------------------
#
# For a batch of n samples, with weights w and biases b, this library minimizes what scikit-learn
# does,
#
# .. math:: \frac{1}{n} \sum_{i=1}^n \ell_i + \frac{\alpha}{2 n} \lVert w \rVert^2 ,
#
# whose gradient has the term :math:`\alpha w / n`. PyTorch's optimizers (but ``AdamW``) add
# :math:`\lambda w` with ``weight_decay`` :math:`\lambda`, and so for the biases. Keras' ``L2(c)``
# adds :math:`c \lVert w \rVert^2` to the loss, hence :math:`2 c w` to its gradient. So
#
# .. math:: \alpha = n \lambda = 2 n c
#
# with n the size of the batches. Two things remain. The last batch of an epoch is smaller where
# the sizes do not divide, and counts the penalty for more; and PyTorch's biases decay unless they
# are put into a parameter group with ``weight_decay=0``. With ``lbfgs``, n is the number of all
# samples.
#
# One step of ``sgd`` shows it. The right-hand side is PyTorch's rule, written out:

rng = np.random.RandomState(0)
inputs, target = rng.normal(size=(50, 3)), rng.normal(size=50)
rate, weight_decay = 0.1, 0.02

linear = XavierMLPRegressor(
    (), solver="sgd", momentum=0.0, learning_rate_init=rate, batch_size=50, random_state=0
)
linear.set_params(alpha=50 * weight_decay)  # n times weight_decay
linear.initialize(inputs, target)
w, b = linear.coefs_[0][:, 0].copy(), linear.intercepts_[0][0]
linear.partial_fit(inputs, target)

gradient = inputs.T @ (inputs @ w + b - target) / 50 + weight_decay * w
by_hand = w - rate * gradient
print(f"largest difference: {np.abs(by_hand - linear.coefs_[0][:, 0]).max():.0e}")

# %%
# ``solver="adamw"`` has no such factor: its ``weight_decay`` is PyTorch's, except that biases do
# not decay. Set ``alpha=0`` beside it.
#
# .. _coming_from_epsilon:
#
# Adam's epsilon
# --------------
#
# Kingma and Ba (2015) give two forms of the step. PyTorch and optax add epsilon after the
# correction of the averages' bias, scikit-learn, Keras and this library before it:
#
# .. math:: \underbrace{\eta \, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}}
#           _{\text{PyTorch, optax}}
#           \qquad
#           \underbrace{\eta \, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
#           \frac{m}{\sqrt{v} + \epsilon}}_{\text{here, scikit-learn, Keras}}
#
# The second is the first with :math:`\epsilon / \sqrt{1 - \beta_2^t}` in the place of
# :math:`\epsilon`: a factor that falls to 1 during the first thousands of steps.

for step in (1, 10, 100, 1000, 10_000):
    print(f"step {step:6}: epsilon counts {1 / math.sqrt(1 - 0.999**step):5.2f} times")

# %%
# With 1e-8 this changes nothing that could be measured unless gradients are themselves as small as
# that. With Keras' 1e-7, or the 1e-3 that is sometimes advised, it does.
#
# .. _coming_from_patience:
#
# Patience
# --------
#
# ``n_iter_no_change=k`` allows k epochs without progress, as in scikit-learn, and stops after the
# next. Keras and skorch stop after the epoch number ``patience`` without progress. So
# ``n_iter_no_change = patience - 1``. A learning rate so small that nothing changes shows the
# count: the first epoch is the best.

still = XavierMLPClassifier((5,), learning_rate_init=1e-15, random_state=0, early_stopping=True)
patience = 6
still.set_params(n_iter_no_change=patience - 1).fit(X, y)
print(f"patience={patience}: stopped after {still.n_iter_} = 1 + {patience} epochs")

# %%
# What counts as progress differs too. ``tol`` is absolute, 0.0001 of accuracy, R² or loss;
# skorch's ``threshold`` is the same number relative to the best, and Keras' ``min_delta`` is 0.
# Keras and skorch watch the validation *loss* by default: ``scoring="loss"`` does that here. And
# here, without ``early_stopping``, it is the training loss that ends training;
# ``n_iter_no_change=numpy.inf`` lets all ``max_iter`` epochs run.
#
# Class weights
# -------------
#
# Weights of samples and classes are averaged as by PyTorch's ``CrossEntropyLoss(weight=...)``:
# the sum is divided by the sum of the weights in the batch. Keras divides by the number of
# samples. With weights whose mean is 1, as ``"balanced"`` gives them, the two agree on the whole
# of the data, though not on each batch.
#
# skorch's defaults
# -----------------
#
# A skorch ``NeuralNetClassifier`` is a scikit-learn estimator, so the program around it can stay
# as it is. Its defaults, spelled here, but for the fifth of the samples that it sets aside to
# watch:

as_skorch = XavierMLPClassifier(
    (32,),
    init=VarianceScaling(1 / 3, "fan_in", "uniform"),
    bias_init="same",
    solver="sgd",
    learning_rate_init=0.01,
    momentum=0.0,
    alpha=0.0,
    batch_size=128,
    shuffle=False,
    random_state=0,
)
for _ in range(10):  # max_epochs=10
    as_skorch.partial_fit(X, y, classes=range(10))
print(f"loss {as_skorch.loss_:.2f}, accuracy {as_skorch.score(X, y):.2f}")

defaults = XavierMLPClassifier((32,), random_state=0)
for _ in range(10):
    defaults.partial_fit(X, y, classes=range(10))
print(f"with the defaults here: loss {defaults.loss_:.2f}, accuracy {defaults.score(X, y):.2f}")

# %%
# Ten epochs of plain ``sgd`` at 0.01 are a beginning and no more; this is why skorch's examples set
# ``lr`` and ``max_epochs``.
#
# What has no counterpart here
# ----------------------------
#
# GPUs, convolutions, recurrent and attention layers, batch normalization, embeddings of categories,
# networks with branches, losses of your own: use the frameworks. Activations of your own are
# possible (:ref:`guide_activations`), and so is a start of your own: any function of the form
# ``init(shape, *, fan_in, fan_out, random_state, dtype)``.
