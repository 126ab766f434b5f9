r"""
.. _guide_tables:

Tables: pandas and polars
=========================

A network adds up numbers times weights. A table has words, dates, gaps, and numbers from 0 to
100,000. This chapter takes such a table to a network: first with scikit-learn's
``ColumnTransformer``, then with `skrub <https://skrub-data.org>`_ in one line, from pandas and
from polars. It ends with what goes wrong where a step is left out.

The table is made up, so that we know what is in it: customers, and who left. A high income keeps
customers of one plan and drives away those of another, so that no sum of columns tells the two
apart. Each city has an effect of its own, and winter has one. Some cells are empty.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import skrub
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sk_xavier import (
    HiddenLayerTransformer,
    XavierMLPClassifier,
    signal_propagation,
)

# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

rng = np.random.RandomState(0)
n_samples, n_cities = 4000, 30
days = pd.to_timedelta(rng.randint(0, 1400, n_samples), "D")
city = rng.randint(0, n_cities, n_samples)
z = rng.normal(size=n_samples)
table = pd.DataFrame(
    {
        "since": pd.Timestamp("2020-01-01") + days,
        "plan": rng.choice(["basic", "business", "family"], n_samples),
        "city": [f"city {number:02d}" for number in city],
        "income": np.round(np.exp(10 + 0.5 * z)),
        "calls": rng.poisson(2, n_samples),
    }
)
slope = table["plan"].map({"basic": -2, "business": 0, "family": 2})
winter = table["since"].dt.month.isin([10, 11, 12, 1, 2, 3])
logit = 1.5 * (slope * z + rng.normal(size=n_cities)[city] + np.where(winter, 1, -1))
leaves = rng.uniform(size=n_samples) < 1 / (1 + np.exp(-logit))
left = pd.Series(np.where(leaves, "left", "stayed"))
table["income"] = table["income"].mask(rng.uniform(size=n_samples) < 0.1)
table["city"] = table["city"].mask(rng.uniform(size=n_samples) < 0.05)

train, test, y_train, y_test = train_test_split(table, left, random_state=0)
table.head()

# %%
# By hand
# -------
#
# Each kind of column needs its own treatment:
#
# - **Words** become one column of zeros and ones for each word. What is missing is a word of its
#   own here. ``handle_unknown="ignore"`` makes a word that was not there in training all zeros,
#   instead of an error.
# - **Numbers** get their gaps filled, with a column beside that says where they were, and are
#   scaled to mean 0 and variance 1. Incomes are skewed, so their logarithm might be better yet.
# - **Dates** are no numbers. What of them matters is for you to say: here the month, as a word.

table["month"] = table["since"].dt.month_name()
train, test = table.loc[train.index], table.loc[test.index]


def columns(sparse_output=True, **options):
    encode = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=sparse_output),
    )
    scale = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    return ColumnTransformer(
        [
            ("words", encode, ["plan", "city", "month"]),
            ("numbers", scale, ["income", "calls"]),
        ],
        **options,
    )


params = {"alpha": 3.0, "learning_rate_init": 0.01, "max_iter": 60}
mlp = XavierMLPClassifier((16,), **params, random_state=0)
by_hand = make_pipeline(columns(), mlp).fit(train, y_train)
scores = {"always the same": DummyClassifier().fit(train, y_train).score(test, y_test)}
linear = make_pipeline(columns(), LogisticRegression()).fit(train, y_train)
scores["by hand, linear"] = linear.score(test, y_test)
scores["by hand, network"] = by_hand.score(test, y_test)
for name, score in scores.items():
    print(f"{name:<24}{score:.3f}")

# %%
# The labels are words too, and stay so: ``classes_`` has them in alphabetical order, and
# ``predict`` returns them. A pandas ``category`` works, its order is not used. Labels in pandas'
# ``Int64`` or ``boolean``, types with a place for ``NA``, come out as floats, 0.0 and 1.0, as from
# scikit-learn's own classifiers.
#
# Sparse
# ------
#
# A column of 30 words makes 30 columns, 29 of which are 0 in each row. ``OneHotEncoder`` returns
# them as a sparse matrix, and the estimators of this library take it as it is: a batch is never
# made dense. With many words it decides whether the table fits in memory.

names = pd.DataFrame({"name": [f"street {i}" for i in rng.randint(0, 5000, n_samples)]})
encoded = OneHotEncoder(sparse_output=True).fit_transform(names)
parts = encoded.data.nbytes + encoded.indices.nbytes + encoded.indptr.nbytes
print(f"columns: {encoded.shape[1]}")
print(f"sparse : {parts / 1e6:6.2f} MB")
print(f"dense  : {encoded.shape[0] * encoded.shape[1] * 8 / 1e6:6.2f} MB")

# %%
# ``ColumnTransformer`` has a threshold of its own: where more than ``sparse_threshold=0.3`` of the
# values are not 0, it returns a dense array. Set it to 1 to get a sparse matrix in any case. What
# is predicted is the same, up to rounding:

kept = make_pipeline(columns(sparse_threshold=1.0), mlp).fit(train, y_train)
full = make_pipeline(columns(sparse_threshold=0.0), mlp).fit(train, y_train)
for name, model in {"sparse": kept, "dense": full}.items():
    print(f"{name:<7}: {type(model[:-1].transform(test)).__name__}")
gap = abs(kept.predict_proba(test) - full.predict_proba(test)).max()
print(f"largest difference of a probability below 1e-9: {gap < 1e-9}")

# %%
# ``StandardScaler`` refuses a sparse matrix, as taking the mean off would fill in the zeros. So it
# stands beside the encoder, as above, not after it. After it, ``StandardScaler(with_mean=False)``
# or ``MaxAbsScaler`` would do.
#
# In one line
# -----------
#
# skrub looks at the columns and chooses. With our estimators as the learner it does what it does
# for linear models: words are encoded one-hot, those of many values by the letters that they share,
# dates are taken apart, gaps are filled and marked, and numbers are scaled and squashed into
# [-5, 5], which keeps outliers from saturating units. It gets the date here, and then the month as
# a word in its place:

raw = ["since", "plan", "city", "income", "calls"]
pipeline = skrub.tabular_pipeline(mlp).fit(train[raw], y_train)
print(*pipeline.named_steps, sep="\n")
scores["skrub, network"] = pipeline.score(test[raw], y_test)
told = ["month", *raw[1:]]
with_month = skrub.tabular_pipeline(mlp).fit(train[told], y_train)
scores["skrub with months, network"] = with_month.score(test[told], y_test)
for name in list(scores)[2:]:
    print(f"{name:<30}{scores[name]:.3f}")

# %%
# One line that knows nothing of the table comes close to the pipeline by hand, and closer when it
# is told that of the date the month matters. So it is a good start.
#
# It hands over float32, and the network computes in it:

prepared = np.asarray(pipeline[:-1].transform(test[raw]))
print(f"from skrub : {prepared.dtype}, {prepared.shape[1]} columns")
print(f"weights    : {pipeline[-1].coefs_[0].dtype}")
print(f"largest    : {abs(prepared).max():.1f}")

# %%
# Otherwise it takes ``astype``: a frame of float32 columns, with flags or whole numbers of at most
# 16 bits among them, makes a float32 network, of half the memory. One column of float64, or of
# whole numbers of 32 or 64 bits, makes it float64.
#
# Names of columns
# ----------------
#
# A network that was trained on a frame knows the names, and refuses a frame with others, or with
# the same in another order. Without that, an income would be taken for a number of calls.

scale = make_pipeline(SimpleImputer(), StandardScaler()).set_output(transform="pandas")
numbers = scale.fit_transform(train[["income", "calls"]]).astype("float32")
small = XavierMLPClassifier((5,), "tanh", max_iter=5, random_state=0)
small.fit(numbers, y_train)
print(small.feature_names_in_)
try:
    small.predict(numbers[["calls", "income"]])
except ValueError as error:
    print(error)
try:
    small.predict(numbers.rename(columns={"calls": "visits"}))
except ValueError as error:
    print(error)

# %%
# ``partial_fit`` checks them from call to call, and ``fit`` those of ``X_val``. An array has no
# names: then scikit-learn warns, and takes the columns as they come. A ``ColumnTransformer`` picks
# its columns by name, so their order does not matter to it. What it hands on is an array, unless
# ``set_output`` asks for a frame:

named = make_pipeline(columns(sparse_output=False), mlp).set_output(transform="pandas")
named.fit(train, y_train)
print(*named[-1].feature_names_in_[[0, 1, 2, 3, -3, -2, -1]], sep="\n")

# %%
# A frame cannot be sparse, so choose, names or a sparse matrix:

try:
    make_pipeline(columns(), mlp).set_output(transform="pandas").fit(train, y_train)
except ValueError as error:
    print(str(error).split(". ")[0])

# %%
# Hidden layers have names, too:

hidden = HiddenLayerTransformer(small).set_output(transform="pandas")
hidden.fit(numbers, y_train).transform(numbers.head(3)).round(3).iloc[:, :3]

# %%
# polars
# ------
#
# The estimators above, skrub's included, take polars frames and series as well. The numbers are
# the same bit for bit, and a frame of one library may be predicted by what was trained on one of
# the other, as long as the names are the same.

frame = pl.from_pandas(numbers)
y_polars = pl.Series(y_train.to_list())
same = clone(small).fit(frame, y_polars)
print(f"the same weights: {(same.coefs_[0] == small.coefs_[0]).all()}")
print(f"their type: {same.coefs_[0].dtype}")
print(f"the same predictions: {(same.predict(numbers) == small.predict(frame)).all()}")
print(type(hidden.set_output(transform="polars").transform(frame)))

# %%
# Searches cut polars frames as they cut arrays:

grid = {"xaviermlpclassifier__init": ["zeros", "glorot_uniform"]}
search = GridSearchCV(make_pipeline(columns(), mlp), grid, cv=2)
_ = search.fit(pl.from_pandas(train), y_polars)
for params, score in zip(
    search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
):
    print(f"{params['xaviermlpclassifier__init']:<16}{score:.3f}")

# %%
# A ``LazyFrame`` is a plan, not a table: call ``collect()`` first.
#
# What is missing
# ---------------
#
# The network takes no gaps, neither in the samples nor in the labels, and says so:

for X, y in (
    (train[["income"]], y_train),
    (numbers, y_train.mask(y_train.index < 3)),
    (train[["plan"]], y_train),
):
    try:
        small.fit(X, y)
    except ValueError as error:
        print(str(error).splitlines()[0].split(". ")[0])

# %%
# What not to do
# --------------
#
# **Codes are no numbers.** "city 07" coded as 7 lies between 6 and 8 for a network, and half-way
# between 0 and 14. Nothing in the data says so. The network would have to learn a curve with 30
# bends over one column, instead of one weight for each city.
#
# **Scales differ.** An unscaled income is ten thousand times a count of calls.
# :ref:`guide_xavier` derives that the variance of a unit's input is the number of features times
# the variance of a weight times the *mean square* of the features. Xavier's start takes that mean
# square to be near 1. Here is the formula, and what
# :func:`~sk_xavier.signal_propagation` finds for a network of tanh:

start = XavierMLPClassifier((100, 100), "tanh", random_state=0)
unscaled = train[["income", "calls"]].fillna(train["income"].median())
for name, X in {"unscaled": unscaled, "scaled": numbers}.items():
    found = signal_propagation(start, X, y_train, random_state=0)
    n_in, n_out = 2, 100
    mean_square = (X.to_numpy() ** 2).mean()
    formula = np.sqrt(n_in * 2 / (n_in + n_out) * mean_square)
    print(f"{name}: std of z {found.layers[0].z_std:.2f}, formula {formula:.2f}")
    print(f"  saturated: {found.layers[0].saturated:.0%}")
    print(f"  {found.verdict[:70]}")

# %%
# Saturated units pass almost no gradient. Units of ``relu`` do not saturate, but the large column
# alone decides which of them are on. Both mistakes with the network from above, which is one of
# ``relu``:

codes = make_pipeline(
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    SimpleImputer(),
    StandardScaler(),
)
coded = ColumnTransformer(
    [
        ("words", codes, ["plan", "city", "month"]),
        ("numbers", columns().transformers[1][1], ["income", "calls"]),
    ]
)
raw_numbers = columns().set_params(numbers=SimpleImputer(add_indicator=True))
mistakes = {"codes as numbers": coded, "unscaled numbers": raw_numbers}
for name, prepare in mistakes.items():
    model = make_pipeline(prepare, mlp).fit(train, y_train)
    scores[f"{name}, network"] = model.score(test, y_test)
print(pd.Series(scores).round(3).to_string())

figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
colors = ["tab:orange" if "numbers," in name else "tab:blue" for name in scores]
ax.barh(list(scores), list(scores.values()), color=colors)
ax.axvline(scores["always the same"], color="black", linewidth=1)
ax.set(xlabel="accuracy", xlim=(0.4, 0.9))
_ = ax.invert_yaxis()

# %%
# With codes the network is behind a linear model with one-hot columns, and without scaling it does
# no better than always saying the same. Nor does another start help, as it sets one scale for all
# columns:

for init in ("he_normal", "lecun_normal", "uniform"):
    other = make_pipeline(raw_numbers, clone(mlp).set_params(init=init))
    print(f"{init:<13}{other.fit(train, y_train).score(test, y_test):.3f}")

# %%
# **Dates are no numbers.** Conversions turn them into days or nanoseconds since 1970, some
# libraries with an error and some without. Here they are refused, with the columns' names. Take
# them apart, or count from a date that means something:

try:
    small.fit(pl.from_pandas(train[["income", "since"]].fillna(0.0)), y_train)
except ValueError as error:
    print(str(error).split(". ")[0])
