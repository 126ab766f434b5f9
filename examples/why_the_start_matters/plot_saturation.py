"""
Saturation: weights too small, too large, and Xavier's
======================================================

You learn what the size of its starting weights does to a sigmoid network. Where they are too
small, sigmoids see inputs near 0 and act as straight lines, and the gradient fades from layer to
layer. Where they are too large, most sigmoids are flat, and most units get next to no gradient.
Xavier's start lies between, but is derived for activations whose slope at 0 is 1. A sigmoid's is
1/4, hence the gain of 4 that ``init="auto"`` gives it.

"""

import sys
import warnings

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sk_xavier import LossCurveDisplay, XavierMLPClassifier, signal_propagation
from sk_xavier.initializers import Normal

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

# %%
# Four starts of one network of five sigmoid layers.
starts = {
    "small: std 0.01": Normal(std=0.01),
    "large: std 1": Normal(std=1.0),
    "Xavier": "glorot_uniform",
    "Xavier, gain 4": "auto",
}
networks = {
    name: XavierMLPClassifier((100,) * 5, "logistic", init=init, max_iter=30, random_state=0)
    for name, init in starts.items()
}

# %%
# The inputs z of the sigmoids in layer 1, and the slope of the sigmoid there: on its way back, the
# gradient is multiplied by it. It is 0.25 at most. Let a sigmoid be flat where it has less than a
# tenth of that.
inputs, flat = {}, {}
for name, network in networks.items():
    network.initialize(X_train, y_train)
    z = X_train @ network.coefs_[0] + network.intercepts_[0]
    slope = expit(z) * expit(-z)
    inputs[name], flat[name] = z.ravel(), (slope < 0.025).mean()
    print(f"{name}: std of z {z.std():.3f}, mean slope {slope.mean():.3f}, flat {flat[name]:.1%}")

# %%
# The gradient that is left, layer by layer. A standard deviation hides that a few units may have it
# all, so here is the median of its magnitude: half of the units get no more than that. It is
# compared with the standard deviation in layer 5, where the gradient comes from.
left_over = {}
for name, network in networks.items():
    propagation = signal_propagation(network, X_train, y_train, random_state=0)
    hidden = propagation.layers[:-1]
    medians = np.array([np.median(np.abs(layer.gradients)) for layer in hidden])
    left_over[name] = medians / hidden[-1].gradient_std
    print(
        f"{name}: {propagation.verdict},"
        f" gradient left in layer 5 {left_over[name][-1]:.2g}, in layer 1 {left_over[name][0]:.2g}"
    )

# %%
# What training makes of them. 30 epochs are meant to tell the starts apart, not to be enough, so
# the warning that they are not enough is turned off.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    for name, network in networks.items():
        network.fit(X_train, y_train)
        print(
            f"{name}: loss {network.loss_:.3f} after {network.n_iter_} epochs,"
            f" test accuracy {network.score(X_test, y_test):.3f}"
        )

# %%
# Above, where the inputs lie on the sigmoid; it is flat where the ground is grey. Below, the
# gradient that is left, and what training makes of it.
figure = plt.figure(figsize=(8, 6.4), layout="constrained")
above, below = figure.subfigures(2, 1)
panels = above.subplots(1, 4, sharey=True)
grid = np.linspace(-12.0, 12.0, 481)
edge = np.arccosh(np.sqrt(10.0)) * 2.0  # there, the slope is a tenth of the largest
for axes, (name, z) in zip(panels, inputs.items(), strict=True):
    axes.axvspan(-12.0, -edge, color="0.88")
    axes.axvspan(edge, 12.0, color="0.88")
    shares = np.full(len(z), 1.0 / len(z))
    axes.hist(z, np.linspace(-12.25, 12.25, 50), weights=shares, color="#56B4E9")
    axes.plot(grid, 4.0 * expit(grid) * expit(-grid), color="black")
    axes.set(title=f"{name}\n{flat[name]:.0%} flat", xlabel="input z", xlim=(-12, 12))
panels[0].set_ylabel("bars: share of inputs\nline: slope / 0.25")

left, right = below.subplots(1, 2)
lines = LossCurveDisplay.from_estimators(networks, ax=right).lines_[0]
for gradients, line in zip(left_over.values(), lines, strict=True):
    left.semilogy(
        range(1, 6),
        gradients,
        color=line.get_color(),
        linestyle=line.get_linestyle(),
        marker=line.get_marker(),
        label=line.get_label(),
    )
left.set(xlabel="hidden layer", ylabel="median |gradient|\n/ std in layer 5", xticks=range(1, 6))
left.legend(fontsize="small")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
