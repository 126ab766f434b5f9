r"""
.. _guide_tables:

Tables: pandas and polars
=========================

Frames go in where arrays do, as samples and as targets, and a network from a frame is bit for bit
that from its values. What frames add are names, which are checked, and types, which decide what
has to be done to a column before a network can use it. This chapter is about both.

"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import skrub
from sklearn.compose import make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)

from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier, signal_propagation

warnings.simplefilter("ignore", ConvergenceWarning)  # epochs are few by choice

# %%
# A table
# -------
#
# 1,500 customers: an income in euros, of which some are missing, an age, a city and a plan in
# words, and the day on which each came. Whether they stay depends on income, city and plan.

rng = np.random.RandomState(0)
n = 1_500
table = pd.DataFrame(
    {
        "income": np.exp(rng.normal(10.0, 0.6, size=n)).round(),
        "age": rng.randint(18, 80, size=n),
        "city": rng.choice([f"city {i}" for i in range(30)], size=n),
        "plan": rng.choice(["basic", "plus", "pro"], size=n),
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 1500, n), "D"),
    }
)
of_city = dict(zip(sorted(set(table["city"])), rng.normal(size=30), strict=True))
score = 2 * (np.log(table["income"]) - 10) + 1.5 * table["city"].map(of_city)
score += table["plan"].map({"basic": -1, "plus": 1, "pro": 0})
stays = pd.Series(np.where(score > 0, "stays", "leaves"), name="customer")
table.loc[rng.uniform(size=n) < 0.05, "income"] = np.nan
table.head(4)

# %%
# A network takes numbers. What is none is refused, with the name of the column where that helps:

mlp = XavierMLPClassifier((30,), learning_rate_init=0.01, max_iter=30, random_state=0)
for columns in (["city"], ["age", "since"], ["income"]):
    try:
        mlp.fit(table[columns], stays)
    except ValueError as error:
        print(f"{columns}: {str(error).splitlines()[0][:96]}")

# %%
# By hand
# -------
#
# Numbers: fill what is missing, take the logarithm where values span powers of ten, and
# standardize. Words: one column of zeros and ones for each. With ``sparse_output=True`` that is
# a sparse matrix, in which zeros take no memory; a :class:`~sklearn.compose.ColumnTransformer`
# keeps it sparse up to the density ``sparse_threshold``, and the network trains on it as it is.

numbers = make_pipeline(SimpleImputer(), FunctionTransformer(np.log1p), StandardScaler())
encode = make_column_transformer(
    (numbers, ["income", "age"]),
    (OneHotEncoder(sparse_output=True, handle_unknown="ignore"), ["city", "plan"]),
    sparse_threshold=0.5,
)
by_hand = make_pipeline(encode, mlp)
encoded = encode.fit_transform(table)
print(f"{type(encoded).__name__} of shape {encoded.shape}")
print(f"values kept: {encoded.nnz / np.prod(encoded.shape):.0%} of all")

# %%
# With skrub
# ----------
#
# `skrub <https://skrub-data.org>`_ looks at the columns and chooses. Its ``tabular_pipeline``
# puts before a network what it puts before a linear model: encoders for words and dates, an
# imputer and a scaler that squashes outliers.

with_skrub = skrub.tabular_pipeline(mlp)
print(*(type(step).__name__ for _, step in with_skrub.steps), sep="\n")

# %%
# What not to do
# --------------
#
# *Numbers in place of words.* An :class:`~sklearn.preprocessing.OrdinalEncoder` makes 0, 1, 2,
# ... of cities, and a network takes city 20 for twice city 10. (Trees can cut such a column to
# pieces.)
#
# *Columns as they are.* Xavier's start is derived for inputs of variance one
# (:ref:`guide_xavier`). An income of tens of thousands drives units of tanh flat before training
# begins, and nothing else counts beside it. :func:`~sk_xavier.signal_propagation` says so:

as_numbers = (OrdinalEncoder(), ["city", "plan"])
ordinal = make_pipeline(make_column_transformer((numbers, ["income", "age"]), as_numbers), mlp)
unscaled = make_pipeline(
    make_column_transformer(
        (SimpleImputer(), ["income", "age"]), (OneHotEncoder(), ["city", "plan"])
    ),
    mlp,
)
start = XavierMLPClassifier((30, 30), "tanh", random_state=0)
for name, model in {"unscaled": unscaled, "standardized": by_hand}.items():
    X = model[:-1].fit_transform(table)
    verdict = signal_propagation(start, X, stays, random_state=0).verdict
    print(f"{name}: {verdict}")

# %%
# Accuracies in five folds, for each way:

models = {
    "by hand": by_hand,
    "skrub": with_skrub,
    "cities as numbers": ordinal,
    "unscaled": unscaled,
}
scores = {}
for name, model in models.items():
    scores[name] = cross_val_score(model, table, stays, cv=5)
for name, values in scores.items():
    print(f"{name:18} {values.mean():.3f}")

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
for i, values in enumerate(scores.values()):
    axes.plot(values, np.full(5, i), "o", color="#0072B2", alpha=0.6)
    axes.plot(values.mean(), i, "|", color="#D55E00", ms=22, mew=3)
axes.axvline(stays.value_counts(normalize=True).max(), color="0.6", ls=":")
axes.set_yticks(range(4), models)
axes.set(xlabel="accuracy of a fold (bar: mean; dotted: the commoner answer)")
axes.invert_yaxis()

# %%
# One table that was made up for the purpose: the order of the last two will differ elsewhere. By
# hand one knows that incomes want a logarithm, and skrub does not.
#
# Names are checked
# -----------------
#
# Fitted on a frame, a network or a pipeline knows the names of its columns, and refuses others,
# another order, and too many or too few:

small = table[["age", "income"]].fillna(0.0)
mlp.fit(small, stays)
print(f"names: {list(mlp.feature_names_in_)}")
for changed in (
    small[["income", "age"]],
    small.rename(columns={"age": "years"}),
):
    try:
        mlp.predict(changed)
    except ValueError as error:
        print("\n" + str(error).strip())

# %%
# The same holds between two calls of ``partial_fit``, and for ``X_val``. An array has no names,
# and gets a warning. Rows go by position: an index is not looked at, neither that of
# ``sample_weight``.
#
# polars
# ------
#
# Frames and series of polars are taken as they are, and may follow those of pandas.
# ``set_output`` says what transformers return, :class:`~sk_xavier.HiddenLayerTransformer` too:

frame = pl.from_pandas(small)
hidden = make_pipeline(StandardScaler(), HiddenLayerTransformer(mlp))
hidden.set_output(transform="polars").fit(frame, pl.Series(stays))
units = hidden.transform(frame)
print(f"{type(units).__module__.split('.')[0]}, {units.shape}: {units.columns[:2]} ...")

as_array = XavierMLPClassifier(**mlp.get_params()).fit(small.to_numpy(), stays)
as_polars = XavierMLPClassifier(**mlp.get_params()).fit(frame, pl.Series(stays))
same = np.array_equal(as_array.coefs_[0], as_polars.coefs_[0])
print(f"the same weights as from an array: {same}")

# %%
# Types
# -----
#
# The network computes in single precision if all columns are ``float32``, else in double: whole
# numbers and flags become float64. Nullable types of pandas are taken as long as nothing is
# missing; nor may targets be:

single = XavierMLPClassifier((5,), max_iter=2).fit(small.astype("float32"), stays)
mixed = XavierMLPClassifier((5,), max_iter=2).fit(small.astype({"income": "float32"}), stays)
print(f"all float32: {single.coefs_[0].dtype}; float32 and int64: {mixed.coefs_[0].dtype}")
try:
    mlp.fit(small, stays.astype("string").where(stays.index > 2))
except ValueError as error:
    print(error)
