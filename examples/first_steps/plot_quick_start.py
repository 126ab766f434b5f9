"""
Quick start: a network in a pipeline
====================================

You learn how to use ``XavierMLPClassifier`` as any other classifier of scikit-learn: choose
where its weights start, look at that start before training, train it as the last step of a
pipeline, and see how the training went.

"""

import sys

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import LossCurveDisplay, XavierMLPClassifier, signal_propagation

# %%
# The data are images of handwritten digits, 8 by 8 pixels each. A quarter is kept for the test.
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# The network takes the parameters of scikit-learn's ``MLPClassifier``, and ``init`` beside them.
# Xavier's start is the default; it is written here so that it can be seen. Inputs of one scale are
# half of a good start, hence the ``StandardScaler``.
model = make_pipeline(
    StandardScaler(), XavierMLPClassifier((50, 50), init="glorot_uniform", random_state=0)
)

# %%
# Is this start sound? Each row of the table is a layer; above all, neither its signals (``std``)
# nor its gradients should fade or grow much from layer to layer. Nothing is trained for this, and
# ``model`` stays as it is.
print(signal_propagation(model, X_train, y_train, random_state=0))

# %%
# It is, so train it.
model.fit(X_train, y_train)
print(f"epochs: {model[-1].n_iter_}")
print(f"accuracy on {len(y_test)} images it has not seen: {model.score(X_test, y_test):.3f}")

# %%
# How the loss fell, and which digits are still taken for one another. From here, :ref:`start` goes
# on.
figure, axes = plt.subplots(1, 2, figsize=(8, 4.2), layout="constrained")
LossCurveDisplay.from_estimator(model, ax=axes[0])
ConfusionMatrixDisplay.from_estimator(
    model, X_test, y_test, ax=axes[1], cmap="cividis", colorbar=False
)
axes[0].set_title("training")
axes[0].get_legend().remove()
axes[1].set(title="test: number of images", xlabel="digit predicted", ylabel="digit it is")

# A path, as in ``python plot_quick_start.py picture.png``, saves the picture there.
if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
