"""
Weights before and after training
=================================

You learn how to look at the weights into the hidden units as images, by ``WeightsDisplay``, before
and after training on digits: units that start alike all become the same image, and units from
Xavier's start each become one of their own. You also see what training does not reach.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sk_xavier import WeightsDisplay, XavierMLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

# %%
# Nine hidden units, with all weights 0.1 at the start, or with Xavier's. ``store_initial_weights``
# keeps copies of the weights that training started from.
networks = {
    init: XavierMLPClassifier(
        (9,),
        "tanh",
        init=init,
        learning_rate_init=0.01,
        alpha=1.0,
        store_initial_weights=True,
        random_state=0,
    ).fit(X_train, y_train)
    for init in ("constant", "glorot_uniform")
}

# %%
# Distinct units, and how well the network does with them. As nine equal units are worth one, ten
# digits are too many for it.
displays = {}
for init, network in networks.items():
    stages = {
        "before": (network.initial_coefs_[0], network.initial_intercepts_[0]),
        "after": (network.coefs_[0], network.intercepts_[0]),
    }
    for when, (coefs, intercepts) in stages.items():
        displays[init, when] = WeightsDisplay(
            coefs=coefs, intercepts=intercepts, image_shape=(8, 8)
        )
    distinct = [displays[init, when].n_distinct for when in stages]
    print(
        f"{init}: distinct units {distinct[0]} before and {distinct[1]} after,"
        f" accuracy {network.score(X_test, y_test):.3f}"
    )

# %%
# Some pixels are blank in every digit. No gradient of the log loss reaches the weights that come
# from there: they keep what they started with, but for the penalty ``alpha``, which is all that
# acts on them, and takes them to 0.
blank = X_train.std(axis=0) == 0.0
print(f"pixels that are always blank: {blank.sum()} of {blank.size}")
for (init, when), display in displays.items():
    sizes = np.abs(display.coefs)
    print(
        f"{init}, {when}: mean size of a weight {sizes[~blank].mean():.3f},"
        f" from a blank pixel {sizes[blank].mean():.3f}"
    )

# %%
# An image for each unit: the pixels that excite it are yellow, those that inhibit it blue. Each
# part has a scale of its own. After training from Xavier's start, bright and dark pixels lie
# together in patches, another pattern in each unit. More in :ref:`guide_symmetry`.
figure = plt.figure(figsize=(8, 7), layout="constrained")
parts = figure.subfigures(2, 2, wspace=0.05)
for part, ((init, when), display) in zip(parts.flat, displays.items(), strict=True):
    display.plot(part.subplots(3, 3))
    for axes in display.axes_:
        axes.set(title="", xlabel="", ylabel="", xticks=[], yticks=[])
    part.suptitle(f"{init}, {when}: {display.n_distinct} distinct")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
