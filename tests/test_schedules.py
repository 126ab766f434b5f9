"""Learning-rate schedules against their formulas, written out, and against PyTorch's."""

import math

import pytest
from numpy.testing import assert_allclose

from sk_xavier._schedules import SCHEDULES

ARGUMENTS = {"invscaling": (0.5,), "cosine": (None,), "one_cycle": (None,)}


def test_names_of_schedules():
    assert set(SCHEDULES) == {"constant", "invscaling", "adaptive", "cosine", "one_cycle"}


@pytest.mark.parametrize("name", ["constant", "adaptive", "cosine", "one_cycle"])
def test_epochs_do_not_change_the_learning_rate(name):
    schedule = SCHEDULES[name](0.1, *ARGUMENTS.get(name, ()))
    for n_samples_seen in (0, 1, 1000):
        assert schedule.after_epoch(0.025, n_samples_seen) == 0.025


@pytest.mark.parametrize(
    ("initial", "power", "n_samples_seen", "expected"),
    [
        (0.1, 0.5, 0, 0.1),
        (0.1, 0.5, 3, 0.05),
        (0.1, 0.5, 99, 0.01),
        (0.2, 2.0, 9, 0.002),
        (0.2, 0.0, 9, 0.2),
        (1, 1, 4, 0.2),
    ],
)
def test_inverse_scaling(initial, power, n_samples_seen, expected):
    schedule = SCHEDULES["invscaling"](initial, power)
    # What the learning rate is by now does not matter.
    for learning_rate in (initial, 1e-3):
        assert_allclose(schedule.after_epoch(learning_rate, n_samples_seen), expected, rtol=1e-14)


@pytest.mark.parametrize("name", ["constant", "invscaling", "cosine", "one_cycle"])
def test_a_plateau_is_the_end(name):
    assert SCHEDULES[name](0.1, *ARGUMENTS.get(name, ())).after_plateau(0.1) is None


def test_adaptive_goes_on_with_a_fifth():
    schedule = SCHEDULES["adaptive"](0.1)
    rates = [0.1]
    while (rate := schedule.after_plateau(rates[-1])) is not None:
        rates.append(rate)
    # 0.1 / 5**8 = 2.56e-7 is the first that is not above 1e-6.
    assert_allclose(rates, [0.1 / 5**k for k in range(9)], rtol=1e-14)
    assert schedule.after_plateau(1e-6) is None
    assert_allclose(schedule.after_plateau(1.1e-6), 2.2e-7, rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "warmup", "progress", "expected"),
    [
        ("cosine", None, 0.0, 1.0),
        ("cosine", None, 1 / 3, 0.75),  # (1 + cos 60 degrees) / 2
        ("cosine", None, 0.5, 0.5),
        ("cosine", None, 1.0, 0.0),
        ("cosine", 0.2, 0.0, 0.0),
        ("cosine", 0.2, 0.05, 0.25),
        ("cosine", 0.2, 0.2, 1.0),
        ("cosine", 0.2, 0.6, 0.5),
        ("one_cycle", None, 0.0, 0.04),
        ("one_cycle", None, 0.15, 0.52),  # half-way from 0.04 to 1
        ("one_cycle", None, 0.3, 1.0),
        ("one_cycle", None, 0.65, (1 + 4e-6) / 2),
        ("one_cycle", None, 1.0, 4e-6),
        ("one_cycle", 0.5, 0.5, 1.0),
        ("one_cycle", 0.0, 0.0, 1.0),
    ],
)
def test_values_by_hand(name, warmup, progress, expected):
    assert_allclose(SCHEDULES[name](3.0, warmup).at(progress), 3 * expected, atol=1e-15)


@pytest.mark.parametrize("name", ["cosine", "one_cycle"])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.3, 0.9])
def test_the_rate_rises_and_falls_without_a_jump(name, warmup):
    schedule = SCHEDULES[name](1.0, warmup)
    rates = [schedule.at(k / 1000) for k in range(1001)]
    peak = rates.index(max(rates))
    assert peak == round(1000 * warmup)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[peak] == pytest.approx(1.0, abs=1e-12)
    # The steepest part rises by pi / 2 over its length.
    steepest = math.pi / 2 / min(1 - warmup, warmup or 1.0) / 1000
    assert max(abs(a - b) for a, b in zip(rates[1:], rates[:-1], strict=True)) <= steepest + 1e-12


@pytest.mark.torch
def test_cosine_is_pytorchs():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20)
    ours = SCHEDULES["cosine"](0.3, None)
    for epoch in range(21):
        assert_allclose(ours.at(epoch / 20), theirs.get_last_lr()[0], rtol=1e-12, atol=1e-15)
        optimizer.step()
        theirs.step()


@pytest.mark.torch
def test_one_cycle_is_pytorchs():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    # PyTorch's first phase ends at step 0.3 * total - 1 and the second at total - 1.
    total = 100
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.3, total_steps=total)
    ours = SCHEDULES["one_cycle"](0.3, None)
    for step in range(total):
        part = step / 29 * 0.3 if step <= 29 else 0.3 + (step - 29) / 70 * 0.7
        assert_allclose(ours.at(part), theirs.get_last_lr()[0], rtol=1e-9)
        optimizer.step()
        if step < total - 1:
            theirs.step()
