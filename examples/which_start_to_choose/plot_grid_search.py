"""
Grid search over the initializer and the penalty
================================================

You learn how to search ``init`` together with other parameters, here the strength ``alpha`` of
the L2 penalty, by scikit-learn's ``GridSearchCV``; and how to read the result: which differences
are larger than the noise between folds, and what the winner scores on data that the search has
not seen.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier

# %%
# 600 digits to search on; the others are for the test.
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=600, stratify=y, random_state=0
)

# %%
# The initializer is a parameter like any other. Of an initializer object, the parameters can be
# searched as well: with ``init=GlorotUniform()``, the gain is ``network__init__gain``.
model = Pipeline(
    [
        ("scale", StandardScaler()),
        (
            "network",
            XavierMLPClassifier(
                (30, 30), "tanh", learning_rate_init=0.01, tol=1e-3, max_iter=300, random_state=0
            ),
        ),
    ]
)
inits = ["constant", "uniform", "normal", "glorot_uniform", "glorot_normal"]
alphas = [1e-4, 1.0, 10.0, 100.0]
grid = {"network__alpha": alphas, "network__init": inits}
search = GridSearchCV(model, grid, cv=5).fit(X_train, y_train)

# %%
# The best of so many candidates owes part of its score to luck. How many others come as near to it
# as its own scores on the five folds are to one another?
results = search.cv_results_
best = search.best_index_
margin = results["std_test_score"][best]
near = results["mean_test_score"] > search.best_score_ - margin
near_inits = sorted({params["network__init"] for params in np.array(results["params"])[near]})
print(f"best: {search.best_params_}")
print(f"its accuracy in cross-validation: {search.best_score_:.3f} ± {margin:.3f} over the folds")
print(f"its accuracy on {len(y_test)} other digits: {search.score(X_test, y_test):.3f}")
print(f"candidates within that ± of the best: {near.sum()} of {near.size}")
print(f"initializers among them: {', '.join(near_inits)}")

# %%
# Rows differ in ``alpha``, which shrinks all weights to nothing where it is too large. The column
# ``constant`` is lost whatever ``alpha`` is. Among the random starts, the differences between
# neighbouring fields are mostly noise: the frame marks the best field, a dot those near it.
scores = results["mean_test_score"].reshape(len(alphas), len(inits))
figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
image = axes.imshow(scores, cmap="cividis", vmin=0.0, vmax=1.0, aspect="auto")
for (row, column), score in np.ndenumerate(scores):
    mark = " •" if near.reshape(scores.shape)[row, column] else ""
    color = "black" if score > 0.5 else "white"
    axes.text(column, row, f"{score:.3f}{mark}", ha="center", va="center", color=color)
row, column = divmod(best, len(inits))
axes.add_patch(plt.Rectangle((column - 0.48, row - 0.47), 0.96, 0.94, fill=False, lw=2.5))
axes.set_xticks(range(len(inits)), inits)
axes.set_yticks(range(len(alphas)), [f"{alpha:g}" for alpha in alphas])
axes.set(xlabel="init", ylabel="alpha, strength of the L2 penalty")
figure.colorbar(image, label="accuracy, mean over 5 folds")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
