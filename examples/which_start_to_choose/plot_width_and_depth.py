"""
Which widths and depths a start is good for
===========================================

You learn for which networks a fixed range of weights is right by accident, and why Xavier's start
needs no such luck: the gradient that is left in the first layer, measured without any training for
networks of many widths and depths.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, signal_propagation
from sk_xavier.initializers import Normal

X, y = load_wine(return_X_y=True)
X = StandardScaler().fit_transform(X)

# %%
# In a layer of n units, weights of variance v multiply the gradient by about sqrt(n v), as long as
# ``tanh`` is nearly a straight line. Two fixed starts, and the width at which the factor is 1:
#
# - a standard deviation of 0.1, as ``"normal"`` has it: v = 0.01, which is right for n = 100;
# - a standard deviation of 0.2: v = 0.04, which is right for n = 25.
#
# Xavier's start has v = 1 / n between layers of n units. It is right for every n.
widths, depths = (6, 12, 25, 50, 100), (2, 4, 8, 12)
inits = {"std 0.1": "normal", "std 0.2": Normal(std=0.2), "Xavier": "glorot_uniform"}
left, verdicts = {}, {}
for name, init in inits.items():
    left[name], verdicts[name] = np.empty((len(depths), len(widths))), []
    for i, depth in enumerate(depths):
        for j, width in enumerate(widths):
            mlp = XavierMLPClassifier((width,) * depth, "tanh", init=init, random_state=0)
            found = signal_propagation(mlp, X, y, random_state=0)
            left[name][i, j] = found.first_to_last_gradient_ratio
            verdicts[name].append(str(found.verdict))

# %%
# The gradient in the first layer as a part of that in the last, which it comes from. The verdict of
# ``signal_propagation`` asks whether signals and gradients stay within bounds on the way.
for name in inits:
    print(
        f"\n{name}: {verdicts[name].count('healthy')} of {len(verdicts[name])} starts are healthy"
    )
    print(f"{'layers':>8}" + "".join(f"{f'{width} units':>11}" for width in widths))
    for depth, row in zip(depths, left[name], strict=True):
        print(f"{depth:8}" + "".join(f"{value:11.2g}" for value in row))

# %%
# Along each row, a fixed start is good at one width and worse the farther from it; down each
# column, a factor that is off is multiplied once more by each layer. Xavier's start loses a little
# at any width, as ``tanh`` is no straight line, and so will every start in the end: for many more
# layers than these, other remedies are needed. Two layers forgive most starts, which is why so much
# works well with small networks. The rules of thumb are in :ref:`guide_choosing`.
figure, panels = plt.subplots(1, 3, figsize=(8, 4), sharey=True, layout="constrained")
for axes, name in zip(panels, inits, strict=True):
    logs = np.log10(left[name])
    image = axes.imshow(logs, cmap="cividis", vmin=-4.0, vmax=1.0, aspect="auto")
    for (i, j), log in np.ndenumerate(logs):
        text = f"{left[name][i, j]:.2f}" if log > -1.5 else f"1e{log:.0f}"
        color = "black" if log > -2.0 else "white"
        axes.text(j, i, text, ha="center", va="center", color=color)
    axes.set(title=name, xlabel="units in each layer")
    axes.set_xticks(range(len(widths)), widths)
    axes.set_yticks(range(len(depths)), depths)
panels[0].set_ylabel("hidden layers")
figure.colorbar(image, ax=panels, label="log10 of the gradient left", extend="both")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
