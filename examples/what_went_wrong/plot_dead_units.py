"""
Dead units: when ReLU stops for good
====================================

You learn how to find hidden units that are zero for every sample, what kills them, here steps that
are too large, and what helps: a smaller learning rate, or an activation that lets something below
zero pass.

"""

import sys
import textwrap
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, signal_propagation

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

# %%
# Where a rectified unit's input is negative for all samples, its output is 0, its slope is 0, no
# gradient reaches its weights, and so it stays as it is. A single large step can push it there.
#
# A good start has no such units. So let the learning rate of Adam grow, far beyond its default of
# 0.001, and count the units of the second layer that are 0 for all training samples. (15 epochs are
# enough for that, so the warning that they are not enough to converge is turned off.)
start = XavierMLPClassifier((50, 50), init="auto", max_iter=15, random_state=0)
before = signal_propagation(start, X_train, y_train, random_state=0)
print(f"before training: {before.verdict}, dead units in layer 2: {before.layers[1].dead:.0%}")

rates = (0.001, 0.01, 0.03, 0.1, 0.3, 1.0)
networks, patterns, dead, accuracy = {}, {}, {}, {}
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    for activation in ("relu", "leaky_relu"):
        for rate in rates:
            mlp = XavierMLPClassifier(**start.get_params())
            mlp.set_params(activation=activation, learning_rate_init=rate).fit(X_train, y_train)
            networks[activation, rate] = mlp
            active = mlp.transform_hidden(X_train) > 0
            patterns[activation, rate] = active
            dead[activation, rate] = np.mean(~active.any(axis=0))
            accuracy[activation, rate] = mlp.score(X_test, y_test)

print(f"\n{'':13} {'relu':>23} {'leaky_relu':>23}")
print(f"{'learning rate':13}" + f" {'never positive':>14} {'accuracy':>8}" * 2)
for rate in rates:
    cells = (
        f" {dead[activation, rate]:14.0%} {accuracy[activation, rate]:8.3f}"
        for activation in ("relu", "leaky_relu")
    )
    print(f"{rate:13g}" + "".join(cells))

# %%
# With ``relu``, the network loses unit after unit as the rate grows, long before its accuracy
# tells. Then the last ones go, and it predicts the same for every sample. With ``leaky_relu``, many
# units are never positive either, but a hundredth of their input passes, and of their gradient as
# well, so that they take part and may come back. It forgives a rate that is too large; it does not
# make it a good one.
verdict = signal_propagation(networks["relu", 1.0], X_train, y_train, random_state=0).verdict
print(textwrap.fill(verdict.message, 75))

# %%
# Above, the units of layer 2, a row each, on 150 samples: yellow where the unit is active. A row
# without yellow is a dead unit. Below, what each learning rate leads to. More in
# :ref:`guide_diagnosing` and :ref:`faq_not_learning`.
figure = plt.figure(figsize=(8, 6.4), layout="constrained")
above, below = figure.subfigures(2, 1, height_ratios=(1.1, 1))
for axes, rate in zip(above.subplots(1, 3, sharey=True), (0.01, 0.1, 0.3), strict=True):
    order = np.argsort(-patterns["relu", rate].mean(axis=0), kind="stable")
    axes.imshow(
        patterns["relu", rate][:150, order].T, cmap="cividis", aspect="auto", vmin=0, vmax=1
    )
    axes.set(title=f"relu, learning rate {rate:g}", xlabel="sample")
above.axes[0].set_ylabel("unit, the busiest first")
left, right = below.subplots(1, 2)
for activation, style in (("relu", "o-"), ("leaky_relu", "^--")):
    color = {"relu": "#0072B2", "leaky_relu": "#D55E00"}[activation]
    left.semilogx(rates, [dead[activation, rate] for rate in rates], style, color=color, lw=2)
    right.semilogx(
        rates,
        [accuracy[activation, rate] for rate in rates],
        style,
        color=color,
        lw=2,
        label=activation,
    )
left.set(xlabel="learning rate", ylabel="share of units\nnever positive", ylim=(-0.05, 1.05))
right.set(xlabel="learning rate", ylabel="test accuracy", ylim=(0, 1.05))
right.legend(loc="lower left")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
