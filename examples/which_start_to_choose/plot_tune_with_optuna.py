"""
Start, size and learning rate in one search
===========================================

You learn how to let Optuna choose ``init``, the number of layers, their widths and the learning
rate together, and give up on poor networks after a few epochs: ``partial_fit`` trains one epoch at
a time, and a pruner looks at the score after each. How it decides, what it saves and where it goes
wrong is in :ref:`guide_optuna`. (It needs a package of its own: ``pip install "optuna>=4"``.)

"""

import sys

import matplotlib.pyplot as plt
import optuna
from optuna.trial import FixedTrial, TrialState
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPRegressor

optuna.logging.set_verbosity(optuna.logging.ERROR)

# %%
# A function of five of ten features, with noise. Some samples train, some choose, and some are for
# one score at the end.
X, y = make_friedman1(1500, noise=1.0, random_state=0)
X_rest, X_test, y_rest, y_test = train_test_split(X, y, test_size=500, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, test_size=400, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train, X_val, X_test = (scaler.transform(part) for part in (X_train, X_val, X_test))
center, scale = y_train.mean(), y_train.std()
y_train, y_val, y_test = ((part - center) / scale for part in (y_train, y_val, y_test))

# %%
# What is searched: a start by its name, one to three layers, a width for each that there is, and
# the learning rate.
colors = {
    "constant": "#999999",
    "uniform": "#0072B2",
    "normal": "#56B4E9",
    "glorot_uniform": "#009E73",
    "orthogonal": "#D55E00",
}
n_epochs, n_trials = 30, 40


def suggest_network(trial):
    n_layers = trial.suggest_int("n_layers", 1, 3)
    return XavierMLPRegressor(
        [trial.suggest_int(f"units_{i}", 4, 64, log=True) for i in range(n_layers)],
        "tanh",
        init=trial.suggest_categorical("init", list(colors)),
        learning_rate_init=trial.suggest_float("learning_rate_init", 1e-4, 1e-1, log=True),
        batch_size=50,
        random_state=0,
    )


# %%
# A trial trains, reports its score after each epoch, and ends where the pruner says so. Networks
# are left alone for nine epochs. From then on, one is stopped whose best score is below the median
# of those that went on to the end.
def objective(trial):
    mlp = suggest_network(trial)
    for _ in range(n_epochs):
        score = mlp.partial_fit(X_train, y_train).score(X_val, y_val)
        trial.report(score, step=mlp.n_iter_)
        if trial.should_prune():
            raise optuna.TrialPruned
    return score


study = optuna.create_study(
    direction="maximize",
    sampler=optuna.samplers.TPESampler(seed=0),
    pruner=optuna.pruners.MedianPruner(n_warmup_steps=10),
)
study.optimize(objective, n_trials=n_trials)

# %%
# What it found, and what it took.
epochs = sum(len(trial.intermediate_values) for trial in study.trials)
pruned = study.get_trials(states=[TrialState.PRUNED])
print(f"pruned: {len(pruned)} of {n_trials} trials")
print(f"epochs: {epochs} of {n_trials * n_epochs}")
for name, value in study.best_params.items():
    print(f"{name}: {value:.3g}" if isinstance(value, float) else f"{name}: {value}")
print(f"R2 of the best on the validation set: {study.best_value:.3f}")

# %%
# The best network once more, from its parameters, and its one score on the test set. The noise is
# a part of what is to be predicted, so that no network can reach 1.
best = suggest_network(FixedTrial(study.best_params))
for _ in range(n_epochs):
    best.partial_fit(X_train, y_train)
print(f"R2 on the test set: {best.score(X_test, y_test):.3f}")
print(f"R2 of the true function: {1 - (1.0 / scale) ** 2 / y_test.var():.3f}")

# %%
# Left, each trial by its start; a cross is where it was stopped. Right, where the search went: the
# learning rates it tried, large dots for trials that ran to the end. The first ten trials are
# drawn at random.
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
for trial in study.trials:
    color = colors[trial.params["init"]]
    steps, scores = zip(*trial.intermediate_values.items(), strict=True)
    left.plot(steps, scores, color=color, lw=1)
    if trial.state == TrialState.PRUNED:
        left.plot(steps[-1], scores[-1], "x", color=color)
    size = 45 if trial.state == TrialState.COMPLETE else 12
    right.scatter(trial.number + 1, trial.params["learning_rate_init"], size, color)
for name, color in colors.items():
    left.plot([], [], color=color, label=name)
left.set(xlabel="epoch", ylabel="R2 on the validation set", ylim=(-0.2, 1))
left.legend(loc="lower right")
right.set(xlabel="trial", ylabel="learning_rate_init", yscale="log")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
