"""
Where the start matters, and where it does not
==============================================

You learn how to compare starts by ``compare_initializers``: on the same folds, from the same
seeds, and with a test that tells a difference from luck. And you learn not to expect too much. In
a small network with one hidden layer, no random start falls significantly behind on any of the
four data sets here, and where a single unit can do the work, not even constant weights do. It
takes depth to tell random starts apart.

"""

import sys

import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import InitializerComparisonDisplay, XavierMLPClassifier, compare_initializers

# %%
# One hidden layer of 20 units, in a pipeline. ``compare_initializers`` finds the network in it, and
# gives each start three times five folds. (``n_jobs`` would have it use several processors.)
shallow = make_pipeline(
    StandardScaler(),
    XavierMLPClassifier((20,), "tanh", learning_rate_init=0.02, tol=1e-3, max_iter=300),
)
data_sets = {
    "iris": load_iris,
    "wine": load_wine,
    "breast cancer": load_breast_cancer,
    "digits": load_digits,
}
comparisons = {}
for name, load in data_sets.items():
    X, y = load(return_X_y=True)
    comparisons[name] = compare_initializers(shallow, X, y, cv=5, n_repeats=3, random_state=0)
    print(f"{name}: {comparisons[name]}\n")

# %%
# No random start is told from the best. What ``constant`` costs depends on how many units the work
# takes, as 20 units alike are worth one. One is enough for breast cancer, where a line separates
# the two classes well, and for iris, where the three classes lie in a row. Ten digits take more.
#
# Now the same digits in five layers of sigmoids, trained for 25 epochs only. ``"auto"``, which is
# Xavier's start with the gain for sigmoids, joins the five. The means lie far apart now. Where the
# test still finds no significant difference, look at the interval: where it is wide, some networks
# of the same start learned much sooner than others.
deep = make_pipeline(
    StandardScaler(),
    XavierMLPClassifier((20,) * 5, "logistic", learning_rate_init=0.02, max_iter=25),
)
inits = ["constant", "uniform", "normal", "glorot_uniform", "glorot_normal", "auto"]
deep_comparison = compare_initializers(deep, X, y, inits=inits, cv=5, n_repeats=2, random_state=0)
print(f"digits, five layers of sigmoids: {deep_comparison}")

# %%
# The digits from both networks, on one scale: each dot is a run, the bar the mean and its 95 %
# interval. How to read the test is in :ref:`guide_comparing`.
figure, panels = plt.subplots(1, 2, figsize=(7, 4), sharex=True, layout="constrained")
pictures = {
    "one layer (tanh)": comparisons["digits"],
    "five layers (logistic)": deep_comparison,
}
for axes, (name, comparison) in zip(panels, pictures.items(), strict=True):
    InitializerComparisonDisplay.from_comparison(comparison, ax=axes, kind="scores")
    axes.set(title=name, xlabel="accuracy on digits", xlim=(0, 1))

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
