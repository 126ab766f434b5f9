"""
Prediction intervals by quantile regression
===========================================

You learn how to predict an interval for each sample by ``loss="quantile"``, and how to check it:
which share of new samples lies inside, and whether that share holds everywhere or only on
average. An interval of the same width for all samples is the comparison.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone

from sk_xavier import XavierMLPRegressor

# %%
# Samples of a sine whose noise grows with x: its standard deviation is 0.1 + 0.5 x.
rng = np.random.RandomState(0)
x, x_test = rng.uniform(0.0, 1.0, size=(1000, 1)), rng.uniform(0.0, 1.0, size=(5000, 1))


def draw_y(x):
    """The sine and its noise."""
    return np.sin(2.0 * np.pi * x[:, 0]) + rng.normal(scale=0.1 + 0.5 * x[:, 0])


y, y_test = draw_y(x), draw_y(x_test)

# %%
# Three networks that differ in ``quantile`` alone: the share of the samples that shall lie below
# the prediction. The outer two make an interval that shall hold 90 % of them. A fourth network
# predicts the mean, by the squared error.
#
# All of them take the number of epochs that their cosine schedule is made for.
mlp = XavierMLPRegressor(
    (20, 20),
    "tanh",
    learning_rate="cosine",
    learning_rate_init=0.02,
    n_iter_no_change=np.inf,
    max_iter=150,
    random_state=0,
)
low, median, high = (
    clone(mlp).set_params(loss="quantile", quantile=quantile).fit(x, y)
    for quantile in (0.05, 0.5, 0.95)
)
mean = clone(mlp).fit(x, y)

# %%
# Around the mean, the comparison: as wide as it takes to hold 90 % of the training samples, and as
# wide everywhere.
half_width = np.quantile(np.abs(y - mean.predict(x)), 0.9)


def intervals(x):
    """By name, the lower and the upper ends for some samples."""
    return {
        "quantiles": (low.predict(x), high.predict(x)),
        "one width": (mean.predict(x) - half_width, mean.predict(x) + half_width),
    }


# %%
# Both hold about what they shall over all new samples. By fifths of the range of x, the interval of
# one width holds too many samples where there is little noise and too few where there is much.
fifths = np.minimum(5 * x_test[:, 0], 4).astype(int)
print("share of new samples inside; 90 % are wanted")
print(f"{'':10} {'all':>6}" + "".join(f"{f'fifth {i + 1}':>9}" for i in range(5)))
coverage = {}
for name, (lower, upper) in intervals(x_test).items():
    inside = (lower <= y_test) & (y_test <= upper)
    coverage[name] = [inside[fifths == i].mean() for i in range(5)]
    print(f"{name:10} {inside.mean():6.1%}" + "".join(f"{share:9.1%}" for share in coverage[name]))
crossed = np.mean(low.predict(x_test) > high.predict(x_test))
print(f"samples whose ends have changed places: {crossed:.1%}")

# %%
# Nothing but the data keeps quantiles of separate networks in order, so the last line is worth a
# look. Nor does anything guarantee the share: where a few percent matter, set samples aside and
# widen the interval until it holds what it shall (conformal prediction). The other losses are in
# :ref:`guide_losses`.
figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
grid = np.linspace(0.0, 1.0, 201)[:, None]
ends = intervals(grid)
axes.plot(x[:, 0], y, ".", color="0.6", ms=4)
axes.fill_between(
    grid[:, 0], *ends["quantiles"], color="#56B4E9", alpha=0.6, label="quantiles 0.05 to 0.95"
)
axes.plot(grid, median.predict(grid), color="#0072B2", lw=2.5, label="quantile 0.5")
for end, label in zip(ends["one width"], ("mean ± one width", None), strict=True):
    axes.plot(grid, end, "--", color="#D55E00", lw=2, label=label)
axes.set(xlabel="x", ylabel="y", xlim=(0, 1))
axes.legend()

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
