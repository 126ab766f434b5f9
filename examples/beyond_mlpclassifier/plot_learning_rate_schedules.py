"""
Schedules of the learning rate
==============================

You learn what a learning rate that falls in time is good for: the same high rate that makes
training restless until the end lets it settle. ``learning_rate="cosine"`` and
``"one_cycle"`` are compared with a constant rate, from three seeds each.

"""

import sys
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sk_xavier import XavierMLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)

# %%
# Small batches make the gradient noisy, and a rate ten times Adam's usual one or more makes the
# steps large. A schedule is planned for ``max_iter`` epochs, so that many are run, whatever the
# progress. (With the constant rate a warning would say that progress had not ended; it is turned
# off.)
schedules = ("constant", "cosine", "one_cycle")
networks = {}
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    for schedule in schedules:
        networks[schedule] = [
            XavierMLPClassifier(
                (50,),
                init="auto",
                learning_rate=schedule,
                learning_rate_init=0.03,
                batch_size=16,
                alpha=0.0,
                n_iter_no_change=np.inf,
                max_iter=20,
                random_state=seed,
            ).fit(X_train, y_train)
            for seed in range(3)
        ]

# %%
# The training loss of the last epoch, over the seeds, and the accuracy on digits not seen.
print(f"{'schedule':10} {'rates, first to last epoch':>30} {'least and largest loss':>24} test")
for schedule, fitted in networks.items():
    rates = fitted[0].learning_rate_curve_
    losses = [network.loss_ for network in fitted]
    accuracy = np.mean([network.score(X_test, y_test) for network in fitted])
    print(
        f"{schedule:10} {rates[0]:.4f}, at most {max(rates):.3f}, {rates[-1]:.6f}"
        f" {min(losses):12.4f} {max(losses):10.4f} {accuracy:.3f}"
    )

# %%
# At the constant rate, the loss jumps up again and again, and where the last epoch ends is luck. As
# the other two rates fall, the jumps die out. One cycle starts low as well, which helps where the
# first steps are the risk. The difference in accuracy is much smaller than that in the loss.
#
# The comparison is at one highest rate. A lower constant rate is less restless, so compare each
# schedule at the rate that suits it before choosing one. More in :ref:`guide_optimizers`.
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4.2), layout="constrained")
colors = dict(zip(schedules, ("#D55E00", "#0072B2", "#009E73"), strict=True))
for schedule, fitted in networks.items():
    epochs = np.arange(1, len(fitted[0].loss_curve_) + 1)
    color = colors[schedule]
    left.plot(epochs, fitted[0].learning_rate_curve_, color=color, lw=3)
    for network in fitted:
        label = schedule if network is fitted[0] else None
        right.semilogy(epochs, network.loss_curve_, color=color, lw=1.8, label=label)
left.set(xlabel="epoch", ylabel="learning rate at its start", ylim=(0, None))
right.set(xlabel="epoch", ylabel="training loss (nats)")
right.legend(loc="lower left")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
