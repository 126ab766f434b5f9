r"""
.. _guide_optuna:

Tuning with Optuna
==================

A grid is enough for two or three parameters with a few values each
(:ref:`guide_comparing` says what its best score is worth). Start, depth, the width of each layer
and the learning rate together are too many for it, and the widths are not even the same parameters
for every depth. `Optuna <https://optuna.readthedocs.io>`_ (Akiba et al., 2019) proposes one
*trial* after the other, learns from those that are done, and can stop a trial that falls behind.
For the last, the network has to be trained a piece at a time, and that is what ``partial_fit``
does.

Optuna is a package of its own, ``pip install "optuna>=4"``; this library neither needs nor imports
it.

"""

import copy
import tempfile
import warnings
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import optuna
from optuna.pruners import (
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    SuccessiveHalvingPruner,
)
from optuna.samplers import RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor, signal_propagation
from sk_xavier.initializers import GlorotUniform, Normal, VarianceScaling

optuna.logging.set_verbosity(optuna.logging.ERROR)  # else a line on stderr for each trial
# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

COLORS = {
    "constant": "#999999",
    "uniform": "#0072B2",
    "glorot_uniform": "#009E73",
    "variance_scaling": "#D55E00",
}

# %%
# Three sets of samples
# ---------------------
#
# A network is trained on the first set and chosen by its score on the second. The score of the
# chosen one on the second is too high, as it was picked for that. The third set is for one score
# at the very end; until then nothing looks at it. Whatever is fitted to the samples, such as a
# scaler, is fitted to the first. Here the pixels are only divided by their largest value.

X, y = load_digits(return_X_y=True)
X = X / 16
X_train, X_rest, y_train, y_rest = train_test_split(
    X, y, train_size=400, stratify=y, random_state=0
)
X_val, X_test, y_val, y_test = train_test_split(
    X_rest, y_rest, train_size=400, stratify=y_rest, random_state=0
)
print(f"train {len(y_train)}, validate {len(y_val)}, test {len(y_test)}")

# %%
# What to search, and how a trial runs
# ------------------------------------
#
# The space is a function that asks the trial for values. It is ordinary Python, so a parameter can
# depend on another one: there is a width for each layer that the trial has, and ``scale`` and
# ``mode`` only where the start is a ``VarianceScaling``. The choices are names, from which the
# objects are made: Optuna stores choices as text, and warns of objects.

EPOCHS = 18


def suggest_network(trial):
    names = ["constant", "uniform", "glorot_uniform", "variance_scaling"]
    init = trial.suggest_categorical("init", names)
    if init == "variance_scaling":
        init = VarianceScaling(
            scale=trial.suggest_float("scale", 0.1, 30.0, log=True),
            mode=trial.suggest_categorical("mode", ["fan_in", "fan_out", "fan_avg"]),
        )
    n_layers = trial.suggest_int("n_layers", 1, 3)
    units = [trial.suggest_int(f"units_{i}", 8, 48, log=True) for i in range(n_layers)]
    rate = trial.suggest_float("learning_rate_init", 1e-3, 1e-1, log=True)
    return XavierMLPClassifier(
        units,
        "logistic",
        init=init,
        learning_rate_init=rate,
        batch_size=25,
        max_iter=EPOCHS,
        random_state=0,
    )


# %%
# A scale, a width or a learning rate is searched on a logarithmic axis (``log=True``), where each
# doubling counts alike. The same name must stand for the same choices in every trial, or
# Optuna raises an error.
#
# The *objective* trains the network. After each epoch it reports the score on the validation set,
# and asks whether to go on. ``n_iter_`` counts the epochs, from 1:


def objective(trial, n_epochs=EPOCHS):
    mlp = suggest_network(trial)
    for _ in range(n_epochs):
        mlp.partial_fit(X_train, y_train, classes=np.arange(10))
        score = mlp.score(X_val, y_val)
        trial.report(score, step=mlp.n_iter_)
        if trial.should_prune():
            raise optuna.TrialPruned
    return score


# %%
# The epochs of ``partial_fit`` are those of ``fit``, bit for bit (:ref:`guide_continuing`), so a
# trial that is not stopped is a ``fit`` with ``max_iter=18`` that nothing stops before.
# ``max_iter`` is in the network all the same: the schedules ``"cosine"`` and ``"one_cycle"`` ask
# it how long the training will be. ``partial_fit`` has no stopping of its own, so ``tol`` and
# ``n_iter_no_change`` play no part, and ``early_stopping`` is refused.
#
# Run it. The first trial is one of our own, the network that we would have taken without a search:


def run_study(seed, pruner, n_trials=25):
    study = optuna.create_study(
        direction="maximize",
        sampler=TPESampler(seed=seed),
        pruner=pruner,
    )
    study.enqueue_trial(
        {
            "init": "glorot_uniform",
            "n_layers": 1,
            "units_0": 48,
            "learning_rate_init": 0.01,
        }
    )
    study.optimize(objective, n_trials=n_trials)
    return study


def epochs_of(study):
    return [len(trial.intermediate_values) for trial in study.trials]


studies = [run_study(seed, MedianPruner()) for seed in range(3)]
study = studies[0]
n_pruned = len(study.get_trials(states=[TrialState.PRUNED]))
print(f"trials: {len(study.trials)}, pruned: {n_pruned}")
print(f"epochs: {sum(epochs_of(study))} of {len(study.trials) * EPOCHS}")
print(f"first trial: {study.trials[0].value:.4f}, best: {study.best_value:.4f}")
for name, value in study.best_params.items():
    shown = f"{value:.4g}" if isinstance(value, float) else value
    print(f"  {name} = {shown}")

# %%
# Pruning saves the difference of the two numbers of epochs. The trials, by their start; a cross is
# where a trial was pruned:

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
for trial in study.trials:
    color = COLORS[trial.params["init"]]
    steps, scores = zip(*trial.intermediate_values.items(), strict=True)
    axes.plot(steps, scores, color=color, lw=1.2, alpha=0.8)
    if trial.state == TrialState.PRUNED:
        axes.plot(steps[-1], scores[-1], "x", color=color)
for name, color in COLORS.items():
    axes.plot([], [], color=color, label=name)
axes.set(xlabel="epoch", ylabel="accuracy on the validation set", ylim=(0, 1))
axes.set_xticks(range(2, EPOCHS + 1, 2))
_ = axes.legend(loc="lower right")

# %%
# How it decides
# --------------
#
# Two parts decide, and each can be replaced on its own.
#
# **The sampler** proposes values. ``TPESampler``, the tree-structured Parzen estimator (Bergstra et
# al., 2011), draws its first ten trials at random. From then on it parts the trials into the good
# ones, which are the best tenth (at most 25), and the others, estimates for both the density of
# the values that were tried, and proposes the value at which the ratio of the two is largest.
# Optuna 4 does that for each parameter on its own; Optuna 5 takes together those that all trials
# have. With 25 trials, the good ones are three. So a study soon keeps to what happened to be good
# in a few trials, and which start that is depends on the seed. Here is how many trials each of
# three studies gave to each start, and the start of its best trial:

for seed, each in enumerate(studies):
    tried = [trial.params["init"] for trial in each.trials]
    counts = ", ".join(f"{name} {tried.count(name)}" for name in COLORS)
    print(f"seed {seed}: {counts}")
    print(f"        best: {each.best_value:.4f} from {each.best_params['init']}")

# %%
# It is never ``constant``, from which all hidden units of a layer stay copies of one
# (:ref:`guide_symmetry`). Among the others a study does not decide: that a start is in the best
# trial, or in most of them, is no evidence that it is better. Comparing starts takes the same folds
# and seeds for all of them (:ref:`guide_comparing`); a search is for finding one good network.
#
# **The pruner** says which trial to stop.
#
# - ``MedianPruner`` stops a trial whose best score so far is below the median of what the trials
#   before had at this step. Only those that ran to the end count as trials before, and until there
#   are ``n_startup_trials=5`` of them, nothing is stopped. As they are the survivors, the bar rises
#   in the course of a study.
# - ``SuccessiveHalvingPruner`` compares at a few steps only, ``min_resource`` times 1, 3, 9, ...
#   with ``reduction_factor=3``. Of the trials that came that far, about the best third goes on. It
#   is asynchronous (Li et al., 2020): a trial is compared with those that were there before it.
# - ``HyperbandPruner`` (Li et al., 2018) runs several such halvings side by side with different
#   ``min_resource``, because it is not known how early a score tells. Give ``max_resource`` the
#   number of epochs, and expect to need more trials, as they are shared out.
# - ``NopPruner`` stops nothing.
#
# To count what each saves, and what it costs, the *same* trials have to be run with and without. So
# 40 networks are drawn at random and trained to the end, once. Their scores are then replayed to
# each pruner, in 15 random orders, by Optuna's interface of ``ask`` and ``tell``:

full = optuna.create_study(
    direction="maximize",
    sampler=RandomSampler(seed=0),
    pruner=NopPruner(),
)
full.optimize(objective, n_trials=40)
curves = np.array([list(t.intermediate_values.values()) for t in full.trials])


def replay(curves, order, pruner):
    """Epochs that each of the recorded trials gets, in this order."""
    study = optuna.create_study(
        direction="maximize",
        study_name="replay",  # Hyperband makes its choices from the name
        sampler=RandomSampler(seed=0),
        pruner=pruner,
    )
    epochs = np.zeros(len(curves), dtype=int)
    for i in order:
        trial = study.ask()
        for step, score in enumerate(curves[i], start=1):
            trial.report(score, step)
            if trial.should_prune():
                study.tell(trial, state=TrialState.PRUNED)
                break
        else:
            study.tell(trial, score)
        epochs[i] = step
    return epochs


rng = np.random.RandomState(0)
orders = [rng.permutation(len(curves)) for _ in range(15)]
pruners = {
    "none": NopPruner,
    "median": MedianPruner,
    "median, warm-up 9": partial(MedianPruner, n_warmup_steps=9),
    "successive halving": partial(
        SuccessiveHalvingPruner,
        min_resource=2,
        reduction_factor=3,
    ),
    "Hyperband": partial(HyperbandPruner, min_resource=2, max_resource=EPOCHS),
}
final = curves[:, -1]
print(f"{'pruner':20} epochs run   best score left   (all: {final.max():.4f})")
replays = {}
for name, pruner in pruners.items():
    epochs = np.array([replay(curves, order, pruner()) for order in orders])
    replays[name] = epochs
    left = np.where(epochs == EPOCHS, final, 0).max(axis=1)
    share = epochs.sum() / (len(orders) * curves.size)
    print(f"{name:20} {share:9.0%}   {left.mean():14.4f}")

# %%
# Most networks drawn at random are so far behind that they can be told early, and what is lost by
# stopping them is little. A warm-up, of which more below, gives back some of the saving and most of
# the loss.
#
# The same budget for all
# -----------------------
#
# Does the sampler help, too? Searches are compared at the same number of *epochs*, not of trials.
# Random search needs no further training, as the 40 networks are such draws: in an order, the best
# of those done so far is what a random search has at that time, with a pruner or without. TPE has
# the mean of three seeds. (An order whose networks are used up stays where it is. For a
# :class:`~sklearn.model_selection.GridSearchCV` or
# :class:`~sklearn.model_selection.RandomizedSearchCV` with ``cv=5``, each candidate costs five
# times the epochs.)


def best_by_budget(epochs, scores, budgets):
    """The best score of the trials that have run to the end within each budget."""
    spent = np.cumsum(epochs)
    done = np.maximum.accumulate(np.where(np.array(epochs) == EPOCHS, scores, 0.0))
    index = np.searchsorted(spent, budgets, side="right") - 1
    return np.where(index >= 0, done[index], 0.0)


by_random = {
    name: [(replays[key][i, order], final[order]) for i, order in enumerate(orders)]
    for name, key in {"random": "none", "random, pruned": "median"}.items()
}
by_tpe = [(epochs_of(s), [t.value or 0.0 for t in s.trials]) for s in studies]
searches = {**by_random, "TPE, pruned": by_tpe}
budgets = np.arange(EPOCHS, 201)
figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
for (name, runs), style in zip(searches.items(), (":", "--", "-"), strict=True):
    best = np.mean([best_by_budget(*run, budgets) for run in runs], axis=0)
    axes.plot(budgets, best, style, label=name)
    print(f"{name:15} after {budgets[-1]} epochs: {best[-1]:.4f}")
axes.set(xlabel="epochs run", ylabel="best validation score", ylim=(0.8, None))
_ = axes.legend(loc="lower right")
error = np.sqrt(study.best_value * (1 - study.best_value) / len(y_val))
print(f"standard error of one validation score: {error:.4f}")

# %%
# In so small a budget, pruning helps random search only a little: the five trials that have to end
# before anything is stopped take about half of it. TPE is ahead of both, by about the standard
# error of the score that chooses: with 400 digits to validate on, a lead of this size is hardly of
# use. (Its curve begins with our own first trial, which the random searches do not have.) This is
# one data set, one split and an easy task. A sampler has more to gain where the good region is
# small, or with hundreds of trials. Whether it gains on your data is as simple to see as
# ``sampler=RandomSampler(seed=0)``.
#
# One score at the end
# --------------------
#
# ``FixedTrial`` gives the same function its values once more. The chosen network is trained on the
# first two sets together, for as many epochs as in the search, and scored on the third, once:

best = suggest_network(optuna.trial.FixedTrial(study.best_params))
best.set_params(n_iter_no_change=np.inf)  # 18 epochs, whatever the loss does
best.fit(np.concatenate([X_train, X_val]), np.concatenate([y_train, y_val]))
accuracy = best.score(X_test, y_test)
error = np.sqrt(accuracy * (1 - accuracy) / len(y_test))
print(f"epochs: {best.n_iter_}")
print(f"accuracy on the test set: {accuracy:.3f} ± {error:.3f}")

# %%
# With twice the samples to train on, this is another network than the one that was validated, and
# the two scores cannot be compared; how much too high a best score is, is measured in
# :ref:`guide_comparing`. A second look at the test set, to choose among several studies, makes it
# a validation set.
#
# Networks that start slowly
# --------------------------
#
# A pruner takes early scores for a forecast of late ones. It is wrong about networks that begin
# slowly, and how a network begins is just what ``init`` decides. Three starts of one network, eight
# seeds each: the recommended ``"auto"``, weights near zero, and weights so large that the
# sigmoids are flat.

LONG = 24


def record(init, seed):
    mlp = XavierMLPClassifier(
        (60,),
        "logistic",
        init=init,
        learning_rate_init=0.03,
        batch_size=25,
        random_state=seed,
    )
    scores = []
    for _ in range(LONG):
        mlp.partial_fit(X_train, y_train, classes=np.arange(10))
        scores.append(mlp.score(X_val, y_val))
    return scores


starts = {"auto": "auto", "small": Normal(std=0.001), "large": Normal(std=2.0)}
recorded = {}
for name, init in starts.items():
    recorded[name] = np.array([record(init, seed) for seed in range(8)])
    _, _, third, *_, last = recorded[name].mean(axis=0)
    print(f"{name:5} accuracy after 3 epochs {third:.3f}, after {LONG} epochs {last:.3f}")
mlp = XavierMLPClassifier((60,), "logistic", init=starts["large"], random_state=0)
verdict = signal_propagation(mlp, X_train, y_train, random_state=0).verdict
print(f"verdict on the large weights: {verdict}")

# %%
# Both others begin slowly. The small weights are as good as ``"auto"`` in the end, the large ones
# are not. Replayed in 15 random orders to the ``MedianPruner``, the shares of trials that are
# pruned:

together = np.concatenate(list(recorded.values()))
rng = np.random.RandomState(0)
orders = [rng.permutation(len(together)) for _ in range(15)]
print("warm-up    auto   small   large   epochs run")
shares = {}
for warm_up in (0, 7, 14, 21):
    pruner = MedianPruner(n_warmup_steps=warm_up)
    epochs = np.array([replay(together, order, pruner) for order in orders])
    by_start = (epochs < LONG).reshape(len(orders), 3, -1).mean(axis=(0, 2))
    shares[warm_up] = by_start
    columns = "".join(f"{share:8.0%}" for share in by_start)
    print(f"{warm_up:7}{columns}   {epochs.mean() / LONG:10.0%}")

figure, panels = plt.subplots(1, 2, figsize=(7.5, 3.4), layout="constrained")
for i, (name, color) in enumerate(
    (("auto", "#009E73"), ("small", "#0072B2"), ("large", "#D55E00"))
):
    panels[0].plot(range(1, LONG + 1), recorded[name].T, color=color, lw=1)
    of_start = [each[i] for each in shares.values()]
    panels[1].plot(list(shares), of_start, "o-", color=color, label=name)
panels[0].set(xlabel="epoch", ylabel="accuracy on the validation set", ylim=(0, 1))
panels[1].set(xlabel="n_warmup_steps", ylabel="share of trials pruned", ylim=(0, 1))
_ = panels[1].legend()

# %%
# Without a warm-up, the small weights are stopped as often as the large ones, for a score at the
# end that is not worse than that of ``"auto"``. The longer the warm-up, the more of them are
# spared, while the large ones are stopped as before, rightly. And the bias does not stay with the
# pruner: for TPE, a pruned trial ranks behind every trial that was finished, so the sampler turns
# away from that start as well. A study that prunes from the first epoch on searches for networks
# that *begin* well.
#
# What helps: a warm-up (``n_warmup_steps``; for the other two pruners ``min_resource``) that is
# longer than the slow starts take. Run a few trials without pruning first, and look at the curves:
# a warm-up is long enough where curves hardly cross any more. What it costs is in the last column.
# A small learning rate or a schedule with a warm-up begins slowly, too. And where the budget is so
# short that slow means worse, there is no bias: then the pruner is right.
#
# A training that diverges
# ------------------------
#
# A search tries learning rates that are too large. ``partial_fit`` then raises a ``ValueError``,
# "Training diverged", and an error ends the study. There are two ways to live with it, and they
# are not alike. ``catch=(ValueError,)`` lets the study go on; the trial counts as *failed*. The
# other way is to make it a pruned trial:

X_reg, y_reg = load_diabetes(return_X_y=True)
X_reg = X_reg / X_reg.std(axis=0)
y_reg = (y_reg - y_reg.mean()) / y_reg.std()


def train_regressor(trial):
    rate = trial.suggest_float("learning_rate_init", 1e-3, 10.0, log=True)
    mlp = XavierMLPRegressor(
        (10,), solver="sgd", batch_size=10, learning_rate_init=rate, random_state=0
    )
    for _ in range(5):
        mlp.partial_fit(X_reg[:300], y_reg[:300])
    return mlp.score(X_reg[300:], y_reg[300:])


def pruned_if_diverged(trial):
    try:
        return train_regressor(trial)
    except ValueError as error:
        if "Training diverged" not in str(error):
            raise  # a mistake in the code, such as a misspelt parameter
        raise optuna.TrialPruned(str(error)) from error


for name, of_rate, catch in (
    ("failed", train_regressor, (ValueError,)),
    ("pruned", pruned_if_diverged, ()),
):
    sgd = optuna.create_study(direction="maximize", sampler=TPESampler(seed=1))
    sgd.optimize(of_rate, n_trials=30, catch=catch)
    lost = [trial.state != TrialState.COMPLETE for trial in sgd.trials]
    print(
        f"diverged is {name}: {sum(lost)} of 30 trials lost,"
        f" {sum(lost[15:])} of the last 15; best R2 {sgd.best_value:.3f}"
    )

# %%
# TPE learns from trials that are complete or pruned. It does not see failed ones. As it knows of
# no bad trial at large learning rates, it goes on proposing them, and each of them fails.
# Pruned ones count among the bad. So raise ``TrialPruned`` for what the parameters are
# to blame for, and keep errors for what they are not: ``catch=(ValueError,)`` would also pass over
# a misspelt parameter in every trial. A trial that returns NaN counts as failed, too.
#
# The same study again
# --------------------
#
# With a seed for the sampler, one for the network and ``n_jobs=1``, a study can be repeated.
# (``HyperbandPruner`` needs a ``study_name``, too: it sorts trials by the name and their number.)
# With several jobs, what a trial is proposed depends on which others have ended by then, so the
# order of events counts (`Optuna's questions and answers
# <https://optuna.readthedocs.io/en/stable/faq.html>`_).
#
# A study is kept in memory unless it has a *storage*. With a file it can go on tomorrow. It is
# called by its name, and ``load_if_exists=True`` takes up what is there:

short = partial(objective, n_epochs=2)


def params_of(study):
    return [trial.params for trial in study.trials]


def open_study(path, sampler):
    return optuna.create_study(
        study_name="digits",
        storage=JournalStorage(JournalFileBackend(str(path))),
        load_if_exists=True,
        direction="maximize",
        sampler=sampler,
    )


whole = optuna.create_study(direction="maximize", sampler=TPESampler(seed=0))
whole.optimize(short, n_trials=14)
again = optuna.create_study(direction="maximize", sampler=TPESampler(seed=0))
again.optimize(short, n_trials=14)
print(f"the same study again: {params_of(again) == params_of(whole)}")

with tempfile.TemporaryDirectory() as folder:
    log = Path(folder) / "with_sampler.log"
    first = open_study(log, TPESampler(seed=0))
    first.optimize(short, n_trials=7)
    kept = copy.deepcopy(first.sampler)  # or joblib.dump, for another day
    second = open_study(log, kept)
    second.optimize(short, n_trials=7)
    print(f"resumed, sampler kept: {params_of(second) == params_of(whole)}")

    log = Path(folder) / "without.log"
    open_study(log, TPESampler(seed=0)).optimize(short, n_trials=7)
    second = open_study(log, TPESampler(seed=0))
    second.optimize(short, n_trials=7)
    old, new = params_of(second)[:7], params_of(second)[7:]
    repeated = sum(params in old for params in new)
    print(f"resumed with the same seed: {repeated} of 7 trials had been run before")

# %%
# The storage has the trials, not the sampler's random numbers. Keep the sampler beside it
# (``joblib.dump(study.sampler, ...)``) for a study that resumes as if nothing had happened, or
# resume with another seed. The same seed once more draws the same random trials again.
#
# Several processes
# -----------------
#
# ``n_jobs`` in ``optimize`` is threads. For several cores, start the same script several times: all
# with the same storage and study name, and *without* a common seed, which would have each of them
# draw the same trials.
#
# .. code-block:: python
#
#    study = optuna.create_study(
#        study_name="digits",
#        storage=JournalStorage(JournalFileBackend("study.log")),
#        load_if_exists=True,
#        direction="maximize",
#        pruner=MedianPruner(n_warmup_steps=9),
#    )
#    study.optimize(objective, n_trials=10)  # of each process
#
# A process that is killed leaves its trial in the state ``RUNNING``; the study goes on without it.
# A storage of ``"sqlite:///study.db"`` is a file, too, and one with a database server serves
# several machines. Which one fits is told in `Optuna's documentation
# <https://optuna.readthedocs.io/en/stable/tutorial/10_key_features/004_distributed.html>`_. Set
# ``OMP_NUM_THREADS=1`` for the processes (:ref:`guide_scaling_out`).
#
# A pipeline, folds, and the parameters of a start
# ------------------------------------------------
#
# A :class:`~sklearn.pipeline.Pipeline` has no ``partial_fit``. Either scale before the loop, with a
# scaler fitted to the training set, or do without pruning, and score the whole pipeline by
# cross-validation. A start that is an object is reached by ``init__gain`` and the like:

pipeline = Pipeline(
    [
        ("scale", StandardScaler()),
        (
            "mlp",
            XavierMLPClassifier((16,), init=GlorotUniform(), max_iter=4, random_state=0),
        ),
    ]
)


def by_folds(trial):
    pipeline.set_params(
        mlp__init__gain=trial.suggest_float("gain", 0.2, 5.0, log=True),
        mlp__learning_rate_init=trial.suggest_float("rate", 1e-3, 1e-1, log=True),
    )
    return cross_val_score(pipeline, X_train, y_train, cv=3).mean()


folds = optuna.create_study(direction="maximize", sampler=TPESampler(seed=0))
folds.optimize(by_folds, n_trials=8)
print(f"best mean over three folds: {folds.best_value:.3f}, {len(folds.trials)} trials")

# %%
# ``OptunaSearchCV``, in the package ``optuna-integration``, is that with the interface of
# ``GridSearchCV``. It takes one distribution for each parameter, so no parameter depends on
# another. With ``enable_pruning=True`` it calls ``partial_fit`` on all folds, ``max_iter`` times of
# its own; the last fit of the best is a ``fit`` of the estimator, with the estimator's
# ``max_iter``. Set both alike.
#
# To sum up
# ---------
#
# - Names as choices, logarithmic ranges, and a width only for a layer that is there.
# - Begin with the network that you have, by ``enqueue_trial``.
# - Report after each epoch; raise ``TrialPruned`` for a pruned trial, and for a diverged one.
# - Give the pruner a warm-up as long as slow starts take.
# - Compare searches by epochs, with random draws beside them.
# - Score the test set once; believe no difference smaller than its error; compare starts by
#   ``compare_initializers``, not by counting trials.
#
# A short script to begin with is among the examples, in :ref:`gallery`.
#
# References
# ----------
#
# - Takuya Akiba et al., "Optuna: a next-generation hyperparameter optimization framework", KDD
#   2019.
# - James Bergstra et al., "Algorithms for hyper-parameter optimization", NIPS 2011.
# - Lisha Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization",
#   JMLR 18, 2018.
# - Liam Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020.
