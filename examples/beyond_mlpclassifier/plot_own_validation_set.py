"""
Early stopping on a validation set of your own
==============================================

You learn why a random validation set misleads where several samples come from the same source,
such as several measurements of one patient, and how to stop on patients that training has not
seen: split by patient, and pass the held-out ones as ``X_val`` and ``y_val``.

"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupShuffleSplit

from sk_xavier import XavierMLPClassifier

# %%
# Ten measurements of each patient, which differ little. Whether a patient is ill depends on the
# first three of 20 features, and on chance: even who knows the rule errs sometimes.
rng = np.random.RandomState(0)


def measure(n_patients, n_each=10):
    """Measurements, whether the patient is ill, and the patient's number."""
    patients = rng.normal(size=(n_patients, 20))
    logit = 2.0 * patients[:, 0] + 1.5 * patients[:, 1] * patients[:, 2]
    ill = (rng.uniform(size=n_patients) < 1.0 / (1.0 + np.exp(-logit))).astype(int)
    X = np.repeat(patients, n_each, axis=0)
    X += rng.normal(scale=0.2, size=X.shape)
    return X, np.repeat(ill, n_each), np.repeat(np.arange(n_patients), n_each)


X, y, patient = measure(150)
X_new, y_new, _ = measure(500)

# %%
# The same network, to stop when the loss on the validation set makes no progress. For one, a fifth
# of the measurements is set aside at random, for the other a fifth of the patients.
mlp = XavierMLPClassifier(
    (50,),
    learning_rate_init=0.003,
    early_stopping=True,
    validation_fraction=0.2,
    scoring="loss",
    max_iter=400,
    random_state=0,
)
by_measurement = XavierMLPClassifier(**mlp.get_params()).fit(X, y)

splitter = GroupShuffleSplit(1, test_size=0.2, random_state=0)
fit, held_out = next(splitter.split(X, y, groups=patient))
by_patient = XavierMLPClassifier(**mlp.get_params()).fit(
    X[fit], y[fit], X_val=X[held_out], y_val=y[held_out]
)

# %%
# What each validation set promised, and what 500 new patients say. A network that always says one
# half has a loss of log 2.
print(f"loss of guessing: {np.log(2.0):.3f}")
networks = {"by measurement": by_measurement, "by patient": by_patient}
for name, network in networks.items():
    best = int(np.argmax(network.validation_scores_))
    print(
        f"{name}: weights of epoch {best + 1} of {network.n_iter_},"
        f" validation loss {network.validation_loss_curve_[best]:.3f},"
        f" loss on new patients {log_loss(y_new, network.predict_proba(X_new)):.3f}"
    )

# %%
# Every patient in the random validation set has other measurements in the training set, so
# recognizing patients is rewarded. The loss there falls with the training loss, training goes on
# for as long as that lasts, and the probabilities for new patients become far too certain. By
# patient, the loss turns where the network begins to learn patients by heart; the weights kept are
# those at the star. More in :ref:`guide_validation`.
figure, panels = plt.subplots(1, 2, figsize=(8, 4.4), sharey=True, layout="constrained")
for axes, (name, network) in zip(panels, networks.items(), strict=True):
    epochs = np.arange(1, network.n_iter_ + 1)
    axes.semilogy(epochs, network.loss_curve_, color="0.5", lw=2.5, label="training")
    axes.semilogy(
        epochs, network.validation_loss_curve_, color="#D55E00", lw=2.5, label="validation"
    )
    best = int(np.argmax(network.validation_scores_))
    axes.plot(best + 1, network.validation_loss_curve_[best], "k*", ms=14, label="weights kept")
    new = log_loss(y_new, network.predict_proba(X_new))
    axes.axhline(new, color="#0072B2", ls="--", lw=2, label="new patients, with these")
    axes.set(title=f"set aside {name}", xlabel="epoch")
panels[0].set_ylabel("log loss (nats)")
panels[1].legend()

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
