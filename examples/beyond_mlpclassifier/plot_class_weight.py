"""
A rare class: what class weights change
=======================================

You learn what ``class_weight="balanced"`` does where one class is rare: many more of its samples
are found, at the price of false alarms, and the probabilities no longer are those of the data.
And you learn that a lower threshold on the unweighted network buys much the same.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import balanced_accuracy_score, precision_score, recall_score

from sk_xavier import XavierMLPClassifier

# %%
# Two clouds that overlap. The smaller one, class 1, has one sample in 25.
rng = np.random.RandomState(0)
share = 0.04


def draw(n_samples):
    """Samples and their classes."""
    y = (rng.uniform(size=n_samples) < share).astype(int)
    X = rng.normal(size=(n_samples, 2))
    X[y == 1] = 0.7 * X[y == 1] + [1.3, 1.0]
    return X, y


X, y = draw(2000)
X_test, y_test = draw(20_000)
print(f"share of class 1 in the test samples: {y_test.mean():.3f}")

# %%
# The same network without weights and with them. ``"balanced"`` weighs samples by the inverse of
# their class's frequency, so that both classes count alike.
plain = XavierMLPClassifier((20,), "tanh", solver="lbfgs", alpha=3.0, max_iter=1000, random_state=0)
balanced = XavierMLPClassifier(**plain.get_params()).set_params(class_weight="balanced")
for mlp in (plain, balanced):
    mlp.fit(X, y)

# %%
# Recall is the share of class 1 that is found, precision the share of alarms that are true. The
# third row is the unweighted network again; it now says 1 where the probability of class 1 is above
# its share, and not above one half.
probability = {
    "unweighted": plain.predict_proba(X_test)[:, 1],
    "balanced": balanced.predict_proba(X_test)[:, 1],
}
predictions = {
    "unweighted": plain.predict(X_test),
    "balanced": balanced.predict(X_test),
    "threshold": (probability["unweighted"] > y.mean()).astype(int),
}
print(f"{'':10} {'accuracy':>9} {'recall':>7} {'precision':>10} {'balanced accuracy':>18}")
for name, predicted in predictions.items():
    print(
        f"{name:10} {np.mean(predicted == y_test):9.3f} {recall_score(y_test, predicted):7.3f}"
        f" {precision_score(y_test, predicted):10.3f}"
        f" {balanced_accuracy_score(y_test, predicted):18.3f}"
    )

# %%
# By accuracy, saying 0 always would be as good as anything here, which is why accuracy is the wrong
# score. The weights also change what the probabilities mean: their mean is that of the data without
# weights, and far above it with them. Where costs are known, the unweighted network and a threshold
# are the simpler way; :class:`~sklearn.model_selection.TunedThresholdClassifierCV` finds one.
# Weights help where a network's own decision is what counts, in its score as in early stopping, and
# where several classes are rare at once (:ref:`guide_class_weight`).
for name, values in probability.items():
    print(f"{name}: mean probability of class 1 {values.mean():.3f}")

# %%
# Where the two networks draw the line. Probability rises from blue to yellow.
figure, panels = plt.subplots(1, 2, figsize=(8, 4.4), sharey=True, layout="constrained")
ticks = np.linspace(-3.5, 3.5, 141)
grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
for axes, (name, mlp) in zip(panels, (("unweighted", plain), ("balanced", balanced)), strict=True):
    values = mlp.predict_proba(grid)[:, 1].reshape(141, 141)
    image = axes.contourf(ticks, ticks, values, np.linspace(0.0, 1.0, 11), cmap="cividis")
    axes.contour(ticks, ticks, values, [0.5], colors="white", linewidths=3)
    axes.plot(*X[y == 0].T, ".", color="white", ms=2, alpha=0.5)
    axes.plot(*X[y == 1].T, "^", color="#D55E00", mec="black", mew=0.5, ms=6)
    recall = recall_score(y_test, predictions[name])
    axes.set(title=f"{name}: recall {recall:.2f}", xlabel="x0", aspect="equal")
    axes.set(xlim=(-3.5, 3.5), ylim=(-3.5, 3.5))
panels[0].set_ylabel("x1 (triangles: class 1)")
figure.colorbar(image, ax=panels, label="probability of class 1", shrink=0.7)

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
