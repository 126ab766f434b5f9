r"""
.. _start_grid_search:

In a grid search
================

The initializer is a hyperparameter, so :class:`~sklearn.model_selection.GridSearchCV` searches it
with the others.

"""

from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, train_size=600, stratify=y, random_state=0
)
model = make_pipeline(
    StandardScaler(),
    XavierMLPClassifier((30, 30), "tanh", tol=1e-2, max_iter=400, random_state=0),
)
grid = {
    "xaviermlpclassifier__init": ["constant", "uniform", "glorot_uniform", "auto"],
    "xaviermlpclassifier__learning_rate_init": [0.005, 0.02],
}
search = GridSearchCV(model, grid, cv=3).fit(X_train, y_train)
print("best:", search.best_params_)
print(f"its accuracy on samples not searched with: {search.score(X_test, y_test):.3f}")

# %%
# ``cv_results_`` has all of them. The spread is over the folds, the same for every candidate.
import pandas as pd

results = pd.DataFrame(
    {
        "init": search.cv_results_["param_xaviermlpclassifier__init"],
        "learning rate": search.cv_results_["param_xaviermlpclassifier__learning_rate_init"],
        "accuracy": search.cv_results_["mean_test_score"],
        "std": search.cv_results_["std_test_score"],
    }
)
results.set_index("init").sort_values("accuracy", ascending=False).round(3)

# %%
# The best candidate of a search looks better than it is, as it was chosen for its score; hence the
# samples apart. And candidates whose means differ by less than their spread may be equal:
# :ref:`guide_comparing` is about telling that.
#
# Parameters of an initializer
# ----------------------------
# ``init`` takes objects, too. Theirs are reached by two more underscores.
from sk_xavier.initializers import GlorotUniform

model.set_params(xaviermlpclassifier__init=GlorotUniform())
gains = {"xaviermlpclassifier__init__gain": [0.1, 1.0, 5.0]}
search = GridSearchCV(model, gains, cv=3).fit(X_train, y_train)
for gain, score in zip(gains.popitem()[1], search.cv_results_["mean_test_score"], strict=True):
    print(f"gain {gain:4}: accuracy {score:.3f}")

# %%
# ``n_jobs=2`` searches in two processes: :ref:`guide_scaling_out`.
