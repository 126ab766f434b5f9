r"""
.. _guide_pytorch_and_keras:

Weights from and for PyTorch and Keras
======================================

A network here is a chain of dense layers, and so is an ``nn.Sequential`` of ``Linear`` layers in
PyTorch, or a ``Sequential`` of ``Dense`` layers in Keras. Their weights are the same numbers in
other containers. Moving them is of use

* to train on a GPU what then predicts in a scikit-learn pipeline, on a machine without PyTorch;
* to go on in PyTorch or Keras with a network that was trained here;
* to compare two libraries from the same starting weights, or to use the initializers of one
  in the other.

The functions are in :mod:`sk_xavier.interop`:

.. list-table::
   :header-rows: 1
   :widths: 24 38 38

   * -
     - out
     - in
   * - PyTorch, weights
     - :func:`~sk_xavier.interop.to_torch_state_dict`
     - :func:`~sk_xavier.interop.from_torch_state_dict`
   * - with activations
     - :func:`~sk_xavier.interop.to_torch_module`
     -
   * - Keras, weights
     - :func:`~sk_xavier.interop.to_keras_weights`
     - :func:`~sk_xavier.interop.from_keras_weights`
   * - with activations
     - :func:`~sk_xavier.interop.to_keras_model`
     -

To send a finished model elsewhere, with its preprocessing and without any of these libraries, see
:ref:`guide_onnx`.

To build this page takes neither PyTorch nor Keras. Code that needs them has no output below; the
tests of this library run it.
"""

import io
import textwrap
import warnings

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sk_xavier import XavierMLPClassifier
from sk_xavier.interop import (
    from_keras_weights,
    from_torch_state_dict,
    to_keras_weights,
)

# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)

mlp = XavierMLPClassifier((50, 20), activation="tanh", max_iter=30, random_state=0)
mlp.fit(X_train, y_train)
print(f"accuracy: {mlp.score(X_test, y_test):.3f}")

# %%
# Shapes
# ------
#
# A layer's weights have the shape (inputs, units) here and in Keras, whose ``get_weights`` returns
# them and the biases in one list, layer by layer. PyTorch has the transpose, (units, inputs), and
# a dictionary of names.

listed = to_keras_weights(mlp)
rows = []
for i, (coef, bias) in enumerate(zip(mlp.coefs_, mlp.intercepts_, strict=True)):
    k = 2 * i
    rows += [
        [f"coefs_[{i}]", coef.shape, f"weights[{k}]", f"{k}.weight", coef.T.shape],
        [f"intercepts_[{i}]", bias.shape, f"weights[{k + 1}]", f"{k}.bias", bias.shape],
    ]
columns = ["here", "shape", "Keras", "PyTorch", "its shape"]
pd.DataFrame(rows, columns=columns).set_index("here")

# %%
# A transpose that is forgotten shows where a layer has more or fewer inputs than units. In a square
# layer it shows in the predictions only; the functions do not forget it.
#
# Names count up by two, as an ``nn.Sequential`` numbers its activations as well. For a module
# with other names, give it, or its state dictionary, as ``like``:
#
# .. code-block:: python
#
#    from torch import nn
#
#    from sk_xavier.interop import to_torch_state_dict
#
#
#    class Digits(nn.Module):
#        def __init__(self):
#            super().__init__()
#            self.body = nn.Sequential(
#                nn.Linear(64, 50),
#                nn.Tanh(),
#                nn.Dropout(0.2),
#                nn.Linear(50, 20),
#                nn.Tanh(),
#            )
#            self.head = nn.Linear(20, 10)
#
#        def forward(self, images):
#            return self.head(self.body(images))
#
#
#    network = Digits().double().eval()
#    network.load_state_dict(to_torch_state_dict(mlp, like=network))
#
# In: weights of an estimator
# ---------------------------
#
# The estimator that receives weights knows its features and classes already. ``initialize(X, y)``
# tells it and trains nothing; a few rows do, if they have all classes. Here it gets the weights of
# the network above, through Keras' list:

other = XavierMLPClassifier((50, 20), activation="tanh").initialize(X_train, y_train)
from_keras_weights(other, listed)
same = (other.predict_proba(X_test) == mlp.predict_proba(X_test)).all()
print(f"the same probabilities, bit for bit: {same}")

# %%
# A state dictionary may hold tensors or arrays, so that the machine that predicts needs no PyTorch.
# Where it was trained, its weights are saved as arrays:
#
# .. code-block:: python
#
#    arrays = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
#    np.savez("network.npz", **arrays)
#
# and here read. The prefix of the names is of no importance, their order is:

file = io.BytesIO()  # in the place of a file that PyTorch's side wrote
arrays = {}
for name, coef, intercept in zip(
    ("body.0", "body.3", "head"), mlp.coefs_, mlp.intercepts_, strict=True
):
    arrays[f"{name}.weight"] = coef.T.astype("float32")
    arrays[f"{name}.bias"] = intercept.astype("float32")
np.savez(file, **arrays)
file.seek(0)

with np.load(file) as saved:
    from_torch_state_dict(other, saved)
print(f"type of the weights: {other.coefs_[0].dtype}")
apart = np.abs(other.predict_proba(X_test) - mlp.predict_proba(X_test)).max()
print(f"probabilities differ by at most {apart:.0e}")

# %%
# The weights had been rounded to float32, PyTorch's usual type, before they were saved. The way in
# rounds nothing: the network takes the type of what it gets. It was one of float64, as ``X_train``
# is, and is one of float32 now. (float16 and bfloat16 become float32, which holds each of their
# numbers.) Arrays are copied, so that neither side changes the other's later.
#
# What goes along, and what does not
# ----------------------------------
#
# .. list-table::
#    :header-rows: 1
#    :widths: 30 70
#
#    * - what
#      - does it go?
#    * - weights and biases
#      - yes, exactly
#    * - activations, dropout
#      - out, with ``to_torch_module`` and ``to_keras_model``; not in: set ``activation`` and
#        ``dropout`` to what the other network has
#    * - softmax, logistic function, exp
#      - no: the outputs there are raw predictions, which ``CrossEntropyLoss``,
#        ``BCEWithLogitsLoss`` and Keras' losses with ``from_logits=True`` expect
#    * - loss, penalty, solver, learning rate
#      - no; :ref:`coming_from_other_libraries` says what equals what
#    * - state of the optimizer
#      - no: momentum and averages start from zero there, and stay as they are here
#    * - scaling and encoding
#      - no: they are steps of the pipeline
#    * - classes
#      - no: the outputs are in the order of ``classes_``
#
# Nothing in a state dictionary tells the activation, so a wrong one is no error:

wrong = XavierMLPClassifier((50, 20), activation="relu").initialize(X_train, y_train)
from_keras_weights(wrong, to_keras_weights(mlp))
print(f"accuracy with tanh: {mlp.score(X_test, y_test):.3f}")
print(f"the same weights with relu: {wrong.score(X_test, y_test):.3f}")

# %%
# So after a move, compare predictions for some samples. The way out makes a module of the right
# activations. Its outputs become probabilities by the link that the estimator's
# ``out_activation_`` names, here ``softmax``:
#
# .. code-block:: python
#
#    import torch
#
#    from sk_xavier.interop import to_torch_module
#
#    module = to_torch_module(mlp)
#    with torch.no_grad():
#        probabilities = module(torch.tensor(X_test)).softmax(dim=1).numpy()
#    apart = np.abs(probabilities - mlp.predict_proba(X_test)).max()
#    print(f"largest difference: {apart:.0e}")
#
# Of the other links, ``logistic`` is PyTorch's ``sigmoid``, ``exp`` has the same name, and with
# ``identity`` the outputs are what a regressor predicts. An activation of functions of your own has
# no counterpart and is an error; its weights can still go.
#
# Training goes on, but from where?
# ---------------------------------
#
# New weights are as weights assigned to ``coefs_``: all else of the estimator stays. The curve of
# losses and the number of epochs tell of the training before, and the solver's averages are those
# of the old weights. That is what you want when the network comes back from a detour, and not when
# it is another one. Below, a network was trained to tell 0 to 4 from 5 to 9. Then it gets the
# start of a new network, once as it is, and once after ``initialize``.

halves = (y_train > 4).astype(int)
start = XavierMLPClassifier((50,), random_state=1).initialize(X_train, halves)
used = XavierMLPClassifier((50,), max_iter=100, shuffle=False, random_state=0)
used.fit(X_train, halves)
print(f"before: {used.n_iter_} epochs, loss {used.loss_:.3f}")


def ten_epochs_from_start():
    from_keras_weights(used, to_keras_weights(start))
    for _ in range(10):
        used.partial_fit(X_train, halves)
    losses = [f"{loss:.3f}" for loss in used.loss_curve_[-10::3]]
    return f"{used.n_iter_} epochs, the last losses {' '.join(losses)}"


print(f"as it is: {ten_epochs_from_start()}")
used.initialize(X_train, halves)
print(f"after initialize: {ten_epochs_from_start()}")

# %%
# Weights, samples and their order were the same; the losses differ as the averages do. A comparison
# of starts that forgets ``initialize`` compares something else.
#
# ``fit`` draws new weights, as ever. After ``initialize`` and loading, train with ``partial_fit``,
# or with ``fit`` and ``warm_start=True``.
#
# To a GPU and back
# -----------------
#
# The network, its start and its classes are made here, the training happens there, and the result
# comes back. The samples here are of float64, hence so are the network and the module; ``.float()``
# makes it one of float32, as is usual there:
#
# .. code-block:: python
#
#    device = "cuda" if torch.cuda.is_available() else "cpu"
#    moved = XavierMLPClassifier((50, 20), "tanh", init="auto", random_state=0)
#    moved.initialize(X_train, y_train)
#
#    torch.manual_seed(0)
#    module = to_torch_module(moved).float().to(device).train()
#    inputs = torch.tensor(X_train, dtype=torch.float32, device=device)
#    targets = torch.tensor(np.searchsorted(moved.classes_, y_train), device=device)
#    optimizer = torch.optim.Adam(module.parameters(), lr=0.003)
#    for epoch in range(30):
#        for rows in torch.randperm(len(inputs), device=device).split(100):
#            optimizer.zero_grad()
#            outputs = module(inputs[rows])
#            torch.nn.functional.cross_entropy(outputs, targets[rows]).backward()
#            optimizer.step()
#
#    from_torch_state_dict(moved, module.state_dict())
#    print(f"accuracy: {moved.score(X_test, y_test):.3f}")
#
# ``searchsorted`` turns labels into their numbers in ``classes_``, which is the order of the
# outputs. ``train()`` is needed where there is dropout: the module comes in evaluation mode.
# Tensors may stay on the GPU; they are copied from there.
#
# In Keras:
#
# .. code-block:: python
#
#    import keras
#
#    from sk_xavier.interop import to_keras_model
#
#    keras.utils.set_random_seed(0)
#    kept = XavierMLPClassifier((50, 20), "tanh", init="auto", random_state=0)
#    kept.initialize(X_train.astype("float32"), y_train)
#
#    model = to_keras_model(kept)
#    model.compile(
#        keras.optimizers.Adam(0.003),
#        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
#    )
#    numbers_of_classes = np.searchsorted(kept.classes_, y_train)
#    model.fit(X_train, numbers_of_classes, batch_size=100, epochs=30, verbose=0)
#
#    from_keras_weights(kept, model.get_weights())
#    print(f"accuracy: {kept.score(X_test, y_test):.3f}")
#
# Samples of float32 make a network and a model of float32. Keras 3 has layers of float64 too, but
# multiplies in float32 unless TensorFlow is below it (`issue 23704
# <https://github.com/keras-team/keras/issues/23704>`_).
#
# Starting weights of one library in the other
# --------------------------------------------
#
# In both examples above, ``init="auto"`` was where PyTorch's and Keras' training started: each
# initializer of this library is one for theirs. The other way round, a module that was just made
# brings PyTorch's start here, with its biases:
#
# .. code-block:: python
#
#    torch.manual_seed(0)
#    fresh = nn.Sequential(nn.Linear(64, 50), nn.Tanh(), nn.Linear(50, 10))
#    there = XavierMLPClassifier((50,), "tanh", max_iter=10, warm_start=True)
#    there.initialize(X_train, y_train)
#    from_torch_state_dict(there, fresh.state_dict()).fit(X_train, y_train)
#
# What it draws is not what is called Glorot or Xavier, in PyTorch neither:
# :ref:`guide_glorot_elsewhere` compares them, and :ref:`coming_from_other_libraries` has for each
# the initializer here that draws from the same distribution.
#
# Two classes: one output or two
# ------------------------------
#
# With two classes the network here has one output, the logit of the second class. Many networks
# elsewhere have two, and a softmax. Their weights do not fit:

rng = np.random.RandomState(0)
hidden = {"0.weight": rng.normal(size=(50, 64)) / 8, "0.bias": np.zeros(50)}
last = {"2.weight": rng.normal(size=(2, 50)) / 7, "2.bias": rng.normal(size=2)}
binary = XavierMLPClassifier((50,)).initialize(X_train, halves)
try:
    from_torch_state_dict(binary, hidden | last)
except ValueError as error:
    print(textwrap.fill(str(error), 72))

# %%
# Only the difference of the two outputs counts in a softmax, and it is what the one output is:

difference = {name: array[1:] - array[:1] for name, array in last.items()}
from_torch_state_dict(binary, hidden | difference)

relu = np.maximum(X_test @ hidden["0.weight"].T, 0)
outputs = relu @ last["2.weight"].T + last["2.bias"]
softmax = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
apart = np.abs(binary.predict_proba(X_test) - softmax).max()
print(f"probabilities differ by at most {apart:.0e}")

# %%
# In Keras' shapes it is ``kernel[:, 1:] - kernel[:, :1]``. For the way out to a network of two
# outputs, zeros take the place of the first.
#
# Where it ends
# -------------
#
# Only dense layers in a chain have a counterpart. Keys of other layers are errors that name them:

normalization = {"1.weight": np.ones(50), "1.bias": np.zeros(50)}
normalization |= {"1.running_mean": np.zeros(50)}
try:
    from_torch_state_dict(binary, hidden | normalization | difference)
except ValueError as error:
    print(textwrap.fill(str(error), 72))

# %%
# A call that fails changes nothing. A batch normalization that follows a ``Linear`` directly is,
# once trained, a linear map itself, and PyTorch folds the two into one:
#
# .. code-block:: python
#
#    from torch.nn.utils.fusion import fuse_linear_bn_eval
#
#    torch.manual_seed(0)
#    deep = nn.Sequential(
#        nn.Linear(64, 50), nn.BatchNorm1d(50), nn.Tanh(), nn.Linear(50, 10)
#    )
#    for rows in torch.arange(len(X_train)).split(100):  # some statistics
#        deep(torch.tensor(X_train[rows], dtype=torch.float32))
#    deep.eval()
#    plain = nn.Sequential(fuse_linear_bn_eval(deep[0], deep[1]), deep[2], deep[3])
#    folded = XavierMLPClassifier((50,), "tanh").initialize(X_train, y_train)
#    from_torch_state_dict(folded, plain.state_dict())
#
# Two things cannot be checked:
#
# * The order. A state dictionary lists layers as they were assigned in the module's constructor,
#   which need not be the order in which ``forward`` calls them.
# * Lists of Keras have no names. After a ``Dense`` layer without a bias, a layer normalization
#   without an offset looks like its bias, and so do the slopes of ``PReLU``.
#
# Layers that share their weights are refused where PyTorch shows them, that is in ``like``.
#
# To start training from given arrays, ``init`` takes them as well, and clones of the estimator then
# start from them too: :ref:`guide_given_weights`.
