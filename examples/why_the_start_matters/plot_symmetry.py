"""
Symmetry: why weights must not start alike
==========================================

You learn that hidden units which start as copies of one another stay copies, however long they
are trained: three of them can do no more than one. With random weights each becomes a unit of
its own.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np

from sk_xavier import WeightsDisplay, XavierMLPClassifier, signal_propagation

# %%
# Points in a square are of class 1 inside a disc and of class 0 around it. A hidden unit with two
# inputs draws one straight line, and it takes three lines to enclose a disc. So three hidden units
# are just enough, provided that they are three.
rng = np.random.RandomState(0)
X = rng.uniform(-1.0, 1.0, size=(400, 2))
y = (np.hypot(X[:, 0], X[:, 1]) < 0.75).astype(int)
print(f"share of the commoner class: {max(y.mean(), 1.0 - y.mean()):.3f}")

# %%
# The same network twice, but for its start: every weight 0.1, or each drawn at random between -0.1
# and 0.1.
networks = {
    init: XavierMLPClassifier(
        (3,), "tanh", init=init, solver="lbfgs", alpha=0.01, max_iter=2000, random_state=1
    )
    for init in ("constant", "uniform")
}

# %%
# ``signal_propagation`` tells them apart before any training.
for init, network in networks.items():
    verdict = signal_propagation(network, X, y).verdict
    print(f"{init}: {verdict}, {verdict.message}")

# %%
# Now train both, and look at the weights before and after. The three units of the constant start
# get the same gradient in every step, so they move together.


def n_distinct(network):
    """How many hidden units differ from all before them."""
    return len(np.unique(np.vstack([network.coefs_[0], network.intercepts_[0]]), axis=1).T)


for init, network in networks.items():
    network.initialize(X, y)
    print(f"\n{init}:")
    print(f"distinct hidden units before training: {n_distinct(network)}")
    network.fit(X, y)
    print(f"distinct hidden units after {network.n_iter_} iterations: {n_distinct(network)}")
    print(f"weights into them, a column each:\n{network.coefs_[0].round(2)}")
    print(f"accuracy: {network.score(X, y):.3f}")

# %%
# Above, the probability of class 1 and, in orange, the lines where a unit changes its sign: one
# line, three times over, or three lines around the disc. Below, the weights and biases of the units
# after training. Why copies get the same gradient is in :ref:`guide_symmetry`.
figure = plt.figure(figsize=(8, 7), layout="constrained")
above, below = figure.subfigures(2, 1, height_ratios=(1.9, 1))
panels = above.subplots(1, 2, sharey=True)
ticks = np.linspace(-1.1, 1.1, 111)
grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
for axes, part, (init, network) in zip(
    panels, below.subfigures(1, 2), networks.items(), strict=True
):
    probability = network.predict_proba(grid)[:, 1].reshape(111, 111)
    image = axes.contourf(ticks, ticks, probability, np.linspace(0.0, 1.0, 11), cmap="cividis")
    for label, marker, color in ((0, "o", "white"), (1, "^", "black")):
        axes.plot(*X[y == label].T, marker, color=color, mec="black", mew=0.4, ms=3.5)
    for z in (grid @ network.coefs_[0] + network.intercepts_[0]).T:
        axes.contour(ticks, ticks, z.reshape(111, 111), [0.0], colors="#D55E00", linewidths=3)
    accuracy = network.score(X, y)
    axes.set(title=f"{init}: accuracy {accuracy:.3f}", xlabel="x0", aspect="equal")
    unit_axes = part.subplots(1, 3)
    WeightsDisplay.from_estimator(network, ax=unit_axes)
    unit_axes[0].set_title("unit 1", fontsize="small")
    part.suptitle(f"{init}: {n_distinct(network)} distinct", fontsize="medium")
panels[0].set_ylabel("x1 (triangles: class 1)")
above.colorbar(image, ax=panels, label="probability of class 1", shrink=0.8)

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
