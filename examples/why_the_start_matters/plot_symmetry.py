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
from sklearn.inspection import DecisionBoundaryDisplay

from sk_xavier import WeightsDisplay, XavierMLPClassifier, signal_propagation

# %%
# Points in a square are of class 1 inside a disc and of class 0 around it. A hidden unit with
# two inputs draws one straight line, and it takes three lines to enclose a disc. So three hidden
# units are just enough, provided that they are three.
rng = np.random.RandomState(0)
X = rng.uniform(-1.0, 1.0, size=(400, 2))
y = (np.hypot(X[:, 0], X[:, 1]) < 0.75).astype(int)
print(f"share of the commoner class: {max(y.mean(), 1.0 - y.mean()):.3f}")

# %%
# The same network twice, but for its start: every weight 0.1, or each drawn at random between
# -0.1 and 0.1.
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


def draw_weights(network, part, when):
    """A panel for each hidden unit, in one part of the figure."""
    axes = part.subplots(1, 3)
    display = WeightsDisplay.from_estimator(network, ax=axes)
    axes[0].set_title("unit 1", fontsize="small")
    part.suptitle(f"{network.init}, {when} training: {display.n_distinct} distinct")
    return display


figure = plt.figure(figsize=(13, 6.5), layout="constrained")
parts = figure.subfigures(2, 3, width_ratios=(4, 4, 3.5))
for (init, network), (left, middle, right) in zip(networks.items(), parts, strict=True):
    before = draw_weights(network.initialize(X, y), left, "before")
    after = draw_weights(network.fit(X, y), middle, "after")
    print(f"\n{init}:")
    print(f"distinct hidden units before training: {before.n_distinct}")
    print(f"distinct hidden units after {network.n_iter_} iterations: {after.n_distinct}")
    print(f"weights into them, a column each:\n{network.coefs_[0].round(2)}")
    print(f"accuracy: {network.score(X, y):.3f}")
    boundary = DecisionBoundaryDisplay.from_estimator(
        network,
        X,
        ax=right.subplots(),
        eps=0.1,
        response_method="predict_proba",
        levels=np.linspace(0.0, 1.0, 11),
        cmap="cividis",
        xlabel="x0 (circles: class 0, triangles: class 1)",
        ylabel="x1",
    )
    right.colorbar(boundary.surface_, label="probability of class 1")
    for label, marker, color in ((0, "o", "white"), (1, "^", "black")):
        boundary.ax_.plot(*X[y == label].T, marker, color=color, mec="black", mew=0.4, ms=3.5)
    right.suptitle(f"{init}: accuracy {network.score(X, y):.3f}")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
