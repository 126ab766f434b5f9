r"""
.. _guide_tables:

Tables: pandas and polars
=========================

A network takes numbers, of about the same size. A table has names, text, dates, gaps, and columns
in metres beside columns in years. This chapter goes from one to the other: by hand with
scikit-learn's :class:`~sklearn.compose.ColumnTransformer`, in one line with `skrub
<https://skrub-data.org>`_; with frames of pandas and of polars; and it shows which mistakes are
refused, and which are not.

"""

import textwrap
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from skrub import tabular_pipeline

from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier, signal_propagation

# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

BLUE, GREY = "#0072B2", "#666666"


def show(error):
    """An error, in lines that fit on the page."""
    lines = f"{type(error).__name__}: {error}".splitlines()
    print(*(textwrap.fill(line, 75) for line in lines), sep="\n")


# %%
# A table
# -------
#
# Flats to let, and whether they were let within a week. The table is generated, so that we know
# what is to be found: districts differ, cheap flats go faster, more is let in autumn than in
# spring, and the rest is luck. Some values are missing.

N_FLATS = 2_000
rng = np.random.RandomState(0)
names = "Altona Barmbek Curslack Dulsberg Eppendorf Finkenwerder Groden Horn Iserbrook"
names = np.array(names.split())
pull = np.array([1.6, -0.4, -1.8, 0.9, 2.0, -1.5, -0.9, 1.1, -1.2])  # of each district
district = rng.randint(len(names), size=N_FLATS)
day = rng.randint(2 * 365, size=N_FLATS)
area = rng.lognormal(np.log(65.0), 0.35, N_FLATS)
price = rng.lognormal(np.log(12.0), 0.25, N_FLATS)  # a square metre
cause = (
    pull[district]
    - 4.0 * np.log(price / 12.0)
    - 1.2 * np.cos(2.0 * np.pi * (day % 365) / 365.0 - 1.6)
)
y = (cause + 0.4 * rng.logistic(size=N_FLATS) > 0).astype(int)

flats = pd.DataFrame(
    {
        "district": names[district],
        "listed": pd.Timestamp("2023-01-01") + pd.to_timedelta(day, unit="D"),
        "area": area.round(1),
        "rent": (area * price).round(),
        "distance": rng.gamma(4.0, 800.0, N_FLATS).round(),  # to the centre, in metres
    }
)
flats.loc[rng.uniform(size=N_FLATS) < 0.05, "district"] = None
flats.loc[rng.uniform(size=N_FLATS) < 0.10, "distance"] = np.nan

print(f"who knew all but the luck: accuracy {np.mean((cause > 0) == y):.3f}")
flats.head()

# %%
# As it is, the network refuses it, and says which columns are no numbers:

mlp = XavierMLPClassifier((30,), learning_rate_init=0.01, max_iter=40, random_state=0)
try:
    mlp.fit(flats, y)
except ValueError as error:
    show(error)

# %%
# By hand
# -------
#
# One transformer for each kind of column. Categories become columns of 0 and 1. A date becomes
# what may matter of it, here the season as a point on a circle, for which December is close to
# January. Numbers are imputed and scaled. The ratio of rent to area is left for the network to
# find.


def season(dates):
    angle = 2.0 * np.pi * dates["listed"].dt.day_of_year / 365.0
    return np.column_stack([np.cos(angle), np.sin(angle)])


numbers = ["area", "rent", "distance"]
impute_and_scale = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
columns = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore"), ["district"]),
    (FunctionTransformer(season), ["listed"]),
    (impute_and_scale, numbers),
)
by_hand = make_pipeline(columns, mlp)

guess = cross_val_score(DummyClassifier(), flats, y, cv=3)
score = cross_val_score(by_hand, flats, y, cv=3)
print(f"the commoner class:   accuracy {guess.mean():.3f}")
print(f"ColumnTransformer:    accuracy {score.mean():.3f}")

# %%
# ``handle_unknown="ignore"`` matters: a district that the training set did not have becomes a row
# of zeros, and not an error, half a year later. The transformer is a step of the pipeline, so that
# means and categories are learned from the training part of each fold alone.
#
# Many categories, sparse
# -----------------------
#
# Nine districts are nine columns. Streets would be thousands, almost all of them 0:
# ``OneHotEncoder`` gives a sparse matrix (``sparse_output=True`` is its default), and the network
# takes it as it is. The ``ColumnTransformer`` stacks what is sparse and what is dense, and makes
# all of it dense where more than ``sparse_threshold`` (0.3) of the entries are not zero.

street = pd.Series(rng.randint(3_000, size=N_FLATS).astype(str), name="street")
wide = pd.concat([flats, street], axis=1)
encoder = OneHotEncoder(sparse_output=True, handle_unknown="ignore")
with_streets = make_column_transformer(
    (encoder, ["district", "street"]),
    (FunctionTransformer(season), ["listed"]),
    (impute_and_scale, numbers),
)
short = XavierMLPClassifier((30,), max_iter=5, random_state=0)
model = make_pipeline(with_streets, short).fit(wide, y)
matrix = model[:-1].transform(wide)
held = (matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes) / 2**20
print(f"sparse: {sparse.issparse(matrix)}, format {matrix.format}, {matrix.shape}")
print(f"entries not zero: {matrix.nnz / np.prod(matrix.shape):.2%}")
megabytes = np.prod(matrix.shape) * 8 / 2**20
print(f"held: {held:.2f} MB; dense it would be {megabytes:.0f} MB")

dense = clone(short).fit(matrix.toarray(), y)
difference = np.abs(dense.predict_proba(matrix) - model.predict_proba(wide)).max()
print(f"probabilities differ from those of a dense fit by {difference:.0e} at most")

# %%
# What is not sparse is the first layer: a row of weights for each category. A category that occurs
# twice teaches little; ``min_frequency`` of ``OneHotEncoder`` gathers the rare ones, and
# :class:`~sklearn.preprocessing.TargetEncoder` makes one column of them all, the mean target of
# each category, smoothed, from other folds.
#
# In one line
# -----------
#
# skrub looks at the columns and chooses:

tabular = tabular_pipeline(mlp).fit(flats, y)
for name, step in tabular.steps:
    print(f"{name}: {type(step).__name__}")
print(f"columns that the network gets: {tabular[-1].n_features_in_}")
score = cross_val_score(tabular, flats, y, cv=3)
print(f"tabular_pipeline:     accuracy {score.mean():.3f}")

# %%
# Its steps depend on the learner. skrub (0.6 and later) adds an imputer where the estimator does
# not say that it takes missing values, as ours does not. For forests and gradient boosting, which
# it knows by their classes or the names of these, it leaves the scaler out and takes other
# encoders. Ours gets what a linear model gets: text one-hot encoded, or embedded where there are
# many values; dates as the year, seconds, and splines that go round with the months and the days of
# a month; means for gaps, with a column that marks them; and a scaler at the end, which since
# version 0.7 squeezes outliers, too. That scales all columns, the one-hot ones included, and all
# are dense: for thousands of categories build the sparse transformer above.
#
# The learner can be searched in it, and diagnosed, as in any pipeline:

grid = {"xaviermlpclassifier__init": ["zeros", "glorot_uniform"]}
search = GridSearchCV(tabular, grid, cv=3).fit(flats, y)
for row, start in enumerate(grid["xaviermlpclassifier__init"]):
    print(f"init={start}: {search.cv_results_['mean_test_score'][row]:.3f}")
print(f"the start: {signal_propagation(clone(tabular), flats, y).verdict}")

# %%
# Frames between steps
# --------------------
#
# ``set_output`` makes the steps give frames to one another. It needs dense columns. The network
# then knows the names of its inputs, which pays where weights are looked at:

named_columns = make_column_transformer(
    (OneHotEncoder(sparse_output=False, handle_unknown="ignore"), ["district"]),
    (impute_and_scale, numbers),
    verbose_feature_names_out=False,
)
named = make_pipeline(named_columns, mlp).set_output(transform="pandas").fit(flats, y)
network = named[-1]
strength = np.abs(network.coefs_[0]).mean(axis=1)
strength = pd.Series(strength, index=network.feature_names_in_)
print("largest weights from:", *strength.nlargest(3).index, sep="\n  ")

# %%
# :class:`~sk_xavier.HiddenLayerTransformer` does so, too, in the kind of frame that is asked for:

hidden = HiddenLayerTransformer(mlp).set_output(transform="polars")
features = make_pipeline(named_columns, hidden).fit(flats, y).transform(flats)
print(f"{type(features).__module__.split('.')[0]}: {features.shape}")
print(*features.columns[:3], "...", sep="\n")

# %%
# polars
# ------
#
# A frame of polars is taken wherever one of pandas is: by ``fit`` and ``predict``, as ``X_val``, in
# cross-validation and searches. What is in the arrays is the same, so the results are the same:

table = pl.DataFrame({name: flats[name].to_numpy() for name in ["area", "rent"]})
X = table.to_numpy()
scaled = (X - X.mean(axis=0)) / X.std(axis=0)
frame = pl.DataFrame(scaled, schema=table.columns)
as_frame, as_array = (
    XavierMLPClassifier((20,), max_iter=20, random_state=0).fit(samples, y)
    for samples in (frame, scaled)
)
same = (as_frame.predict_proba(frame) == as_array.predict_proba(scaled)).all()
print(f"the same probabilities, bit for bit: {same}")
of_frame = cross_val_score(as_array, frame, pl.Series(y), cv=3)
of_array = cross_val_score(as_array, scaled, y, cv=3)
print(f"the same in cross-validation: {(of_frame == of_array).all()}")

# %%
# Some rules. A ``LazyFrame`` has no rows yet: pass ``frame.collect()``, or the error will ask for
# it. A pyarrow ``Table`` is taken as well, by cross-validation from scikit-learn 1.7 on. Names of
# polars' columns are seen, and thus checked, by scikit-learn 1.9 and later; earlier versions find
# them by a protocol that polars deprecated in version 1.40 and that version 2 does not have: there
# columns in another order go unnoticed, and ``frame.to_pandas()`` is the safe way.
#
# Names are checked
# -----------------
#
# Once fitted on named columns, a network takes these columns in this order. Anything else is
# refused with scikit-learn's message:

two = flats[["area", "rent"]]
scaler = StandardScaler().set_output(transform="pandas")
two = scaler.fit_transform(two)
named = XavierMLPClassifier((20,), max_iter=20, random_state=0).fit(two, y)
for other in (
    two[["rent", "area"]],
    two.rename(columns={"area": "size"}),
):
    try:
        named.predict(other)
    except ValueError as error:
        show(error)

# %%
# So do ``partial_fit``, a warm ``fit`` and ``X_val``. An array has no names: it is taken, with a
# warning. The *index* of a frame is never looked at; ``y`` and ``sample_weight`` count by their
# position, as everywhere in scikit-learn:

shuffled = pd.Series(y, index=rng.permutation(N_FLATS))
again = XavierMLPClassifier((20,), max_iter=20, random_state=0)
again.fit(two, shuffled)
print(f"the same weights: {(again.coefs_[0] == named.coefs_[0]).all()}")

# %%
# Join tables, and sort them alike, before they come here.
#
# What is missing
# ---------------
#
# Gaps in ``X``, as NaN, ``pandas.NA`` or null, are refused: the imputer above is for them. Gaps in
# ``y`` are refused, too:

try:
    mlp.fit(two, pd.Series(y, dtype="Int64").astype("string").mask(y == 1))
except ValueError as error:
    show(error)

# %%
# pandas' nullable types are no hindrance otherwise, but scikit-learn reads those of numbers as
# floats, in targets as well. ``astype("int64")`` on the targets keeps whole numbers as classes:

for dtype in ("int64", "Int64"):
    fitted = clone(named).fit(two, pd.Series(y, dtype=dtype))
    print(f"{dtype}: classes {fitted.classes_}")

# %%
# float32
# -------
#
# A network computes in the type that NumPy finds for all columns together: float32 only where
# every column fits into it, which are float32, small integers (16 bits or fewer) and booleans. One
# column of float64 or of ordinary integers makes float64 of all. With polars as with pandas:

for second in (pl.Float32, pl.Int8, pl.Int64):
    typed = frame.cast({"area": pl.Float32, "rent": second})
    fitted = clone(as_frame).fit(typed, y)
    print(f"Float32 and {second}: {fitted.coefs_[0].dtype}")

# %%
# ``OneHotEncoder(dtype=np.float32)`` keeps a ``ColumnTransformer`` from returning to float64,
# where its other columns are float32.
#
# What not to do: codes as numbers
# --------------------------------
#
# A column of numbers is a column of numbers, whatever they stand for. Codes in alphabetical order
# tell the network that Barmbek lies between Altona and Curslack. Nothing can warn of that, not even
# where the column is of pandas' type ``category``. The network has to learn its way round; what
# that costs is among the scores at the end.

code = make_pipeline(
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    SimpleImputer(strategy="most_frequent"),
    StandardScaler(),
)
as_codes = make_column_transformer(
    (code, ["district"]),
    (FunctionTransformer(season), ["listed"]),
    (impute_and_scale, numbers),
)

# %%
# What not to do: columns as they were measured
# ---------------------------------------------
#
# Xavier's start is derived for inputs of mean 0 and variance 1 (:ref:`guide_xavier`, the
# assumptions). A distance in metres is thousands. The signals that it sends are thousands, too,
# and where an activation has an end, all units are there (:ref:`guide_saturation`):

unscaled = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore"), ["district"]),
    (FunctionTransformer(season), ["listed"]),
    (SimpleImputer(add_indicator=True), numbers),
)
tanh = clone(mlp).set_params(activation="tanh")
for name, transformer in {"scaled": columns, "unscaled": unscaled}.items():
    found = signal_propagation(make_pipeline(transformer, tanh), flats, y)
    saturated = found.layers[0].saturated
    print(f"{name}: {saturated:.0%} of outputs saturated, verdict {found.verdict}")

# %%
# A saturated unit has a slope of almost 0: no gradient comes through, and its weights stay. With
# ``"relu"``, which has an end on one side only, the network is not stuck, but the large columns
# drown the others.
#
# The scores
# ----------

models = {
    "commoner class": DummyClassifier(),
    "unscaled, tanh": make_pipeline(unscaled, tanh),
    "unscaled, relu": make_pipeline(unscaled, mlp),
    "districts as codes": make_pipeline(as_codes, mlp),
    "ColumnTransformer": by_hand,
    "tabular_pipeline": tabular,
    "gradient boosting": tabular_pipeline("classifier"),
}
folds = pd.DataFrame({n: cross_val_score(m, flats, y, cv=3) for n, m in models.items()})
for name, found in folds.items():
    print(f"{name}: {found.mean():.3f} +- {found.std():.3f}")
best = np.mean((cause > 0) == y)

figure, axes = plt.subplots(figsize=(7, 3.0), layout="constrained")
axes.plot(folds.mean(), folds.columns, "o", color=BLUE)
axes.hlines(folds.columns, folds.min(), folds.max(), color=BLUE)
axes.axvline(best, color=GREY, ls="--")
axes.text(best - 0.005, -0.2, "all but luck", ha="right", color=GREY)
_ = axes.set(xlabel="accuracy, three folds and their mean")

# %%
# To conclude: encode, impute and scale within a pipeline; by ``tabular_pipeline`` to begin with,
# by a ``ColumnTransformer`` where you know more of the columns than their types say, or where
# there are too many categories for dense columns. Fit on frames, so that columns that change places
# are noticed.
#
# Where it does not hold: gradient boosting
# (:class:`~sklearn.ensemble.HistGradientBoostingClassifier`, the last of the scores) takes gaps,
# columns of pandas' type ``category`` and columns of any scale as they are. On tables it is the
# first thing to compare a network with. This table was made of smooth causes, which suit a network;
# yours may have steps.
