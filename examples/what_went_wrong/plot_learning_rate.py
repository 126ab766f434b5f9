"""
A learning rate too small, too large, and far too large
=======================================================

You learn how to find the learning rate when a network hardly learns: try powers of ten for a few
epochs each. Rates too small and too large both end at a high loss, but their curves differ, and a
rate that is far too large ends with an error that says so.

"""

import sys
import textwrap
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPRegressor

X, y = load_diabetes(return_X_y=True)
X, y = StandardScaler().fit_transform(X), (y - y.mean()) / y.std()

# %%
# Twelve rates for 20 epochs each, by stochastic gradient descent and by Adam. (20 epochs are meant
# to tell rates apart, not to be enough, so the warning that they are not is turned off.) Where
# training diverges, ``fit`` raises a ``ValueError``.
rates = 10.0 ** np.arange(-5, 0.6, 0.5)
networks, errors = {}, {}
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    for solver in ("sgd", "adam"):
        for rate in rates:
            mlp = XavierMLPRegressor(
                (50,),
                init="auto",
                solver=solver,
                learning_rate_init=rate,
                batch_size=32,
                n_iter_no_change=np.inf,
                max_iter=20,
                random_state=0,
            )
            try:
                networks[solver, rate] = mlp.fit(X, y)
            except ValueError as error:
                errors[solver, rate] = error

# %%
# The loss of the last epoch. A network that always predicts the mean has a loss of 1/2.
print(f"{'learning rate':>13} {'sgd':>9} {'adam':>9}")
for rate in rates:
    losses = (
        f"{networks[solver, rate].loss_:9.3f}" if (solver, rate) in networks else " diverged"
        for solver in ("sgd", "adam")
    )
    print(f"{rate:13.1e} {' '.join(losses)}")
(_, first), message = next(iter(errors.items()))
print()
print(textwrap.fill(f"sgd at {first:.1e}: {message}", 75))
print()
kinds = {"too small": rates[0], "between": rates[6], "too large": rates[10]}
for kind, rate in kinds.items():
    curve = networks["adam", rate].loss_curve_
    print(
        f"adam, {kind} ({rate:.1g}): {curve[0]:.3g} in the first epoch, {curve[-1]:.3g} in the last"
    )

# %%
# Each curve falls to a basin and rises beyond it. Take a rate from the lower edge of the basin's
# floor: the upper edge is where other seeds may jump. The basin is a place for this network on
# these data with this solver. As Adam divides its steps by the size of the gradient, they stay
# bounded: where rates are far too large, its loss may be huge without overflowing.
#
# On the right, three kinds of curves to know. Too small a rate makes a slow, smooth fall. In
# between, it is steep at first and then flat. Under too large a rate, the first steps throw the
# loss far up, and the other epochs go into coming back. More in :ref:`guide_diagnosing` and
# :ref:`faq_not_learning`.
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4.4), layout="constrained")
for solver, style in (("sgd", "s-"), ("adam", "o-")):
    here = [rate for rate in rates if (solver, rate) in networks]
    losses = [networks[solver, rate].loss_ for rate in here]
    color = {"sgd": "#0072B2", "adam": "#D55E00"}[solver]
    left.loglog(here, losses, style, color=color, lw=2.5, label=solver)
    diverged = [rate for rate in rates if (solver, rate) in errors]
    left.plot(diverged, np.full(len(diverged), 5.0), "x", color=color, ms=10, mew=3)
left.axhline(0.5, color="0.5", ls="--", label="predicting the mean")
left.plot([], [], "kx", ms=10, mew=3, label="diverged")
left.set(xlabel="learning_rate_init", ylabel="training loss after 20 epochs", ylim=(None, 8))
left.legend(fontsize="small")
for (kind, rate), color in zip(kinds.items(), ("#E69F00", "#009E73", "#CC79A7"), strict=True):
    curve = networks["adam", rate].loss_curve_
    label = f"{kind}: {rate:.1g}"
    right.semilogy(range(1, len(curve) + 1), curve, color=color, lw=2.5, label=label)
right.set(xlabel="epoch", ylabel="training loss, adam")
right.legend(fontsize="small")

if sys.argv[1:]:
    figure.savefig(sys.argv[1])
else:
    plt.show()
