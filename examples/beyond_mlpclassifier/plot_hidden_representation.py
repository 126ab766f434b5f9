"""
Digits through a bottleneck of two units
========================================

You learn how to look at what a network makes of its samples: ``transform_hidden`` returns the
activations of any hidden layer. Of two units they can be drawn, and here they tell most of
the ten digits apart, which the first two principal components do not.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sk_xavier import XavierMLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)

# %%
# 64 pixels, 64 rectified units, 2 units, 10 digits. The two units are linear (``"identity"``): all
# that the output layer gets of a digit is a point of the plane, from which straight lines have to
# part the digits.
mlp = XavierMLPClassifier(
    (64, 2),
    ["relu", "identity"],
    init="auto",
    learning_rate="one_cycle",
    learning_rate_init=0.01,
    n_iter_no_change=np.inf,
    max_iter=60,
    random_state=0,
)
mlp.fit(X_train, y_train)
print(f"accuracy through two units: {mlp.score(X_test, y_test):.3f}")

# %%
# The same points, and those of the first two principal components, given to a classifier that only
# asks the nearest neighbours. The test digits have not been seen by either.
pca = PCA(2).fit(X_train)
points = {
    "principal components": (pca.transform(X_train), pca.transform(X_test)),
    "hidden layer": (mlp.transform_hidden(X_train), mlp.transform_hidden(X_test)),
}
accuracy = {}
for name, (train, test) in points.items():
    neighbours = KNeighborsClassifier(10).fit(train, y_train)
    accuracy[name] = neighbours.score(test, y_test)
    print(f"{name}: shape {test.shape}, accuracy of the neighbours {accuracy[name]:.3f}")

# %%
# Principal components look for the directions in which digits differ most, whatever their class.
# The hidden layer was trained to part classes, and sends each out on a ray of its own, in an order
# that another seed would change. Distances in such a picture say little: it shows what this network
# needs, not how alike digits are. As a step of a pipeline, use
# :class:`~sk_xavier.HiddenLayerTransformer` (:ref:`guide_hidden`).
figure, panels = plt.subplots(1, 2, figsize=(8, 4.4), layout="constrained")
for axes, (name, (_, test)) in zip(panels, points.items(), strict=True):
    axes.scatter(*test.T, c=y_test, cmap="tab10", s=14, alpha=0.7, linewidths=0)
    for digit in range(10):
        x0, x1 = np.median(test[y_test == digit], axis=0)
        axes.text(
            x0,
            x1,
            str(digit),
            ha="center",
            va="center",
            fontsize=17,
            fontweight="bold",
            bbox={"boxstyle": "circle,pad=0.1", "facecolor": "white", "alpha": 0.75, "lw": 0},
        )
    axes.set(title=f"{name}: accuracy {accuracy[name]:.2f}", xticks=[], yticks=[])
panels[0].set(xlabel="component 1", ylabel="component 2")
panels[1].set(xlabel="unit 1", ylabel="unit 2")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
