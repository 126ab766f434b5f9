"""Optimizers against textbook loops over plain floats; schedules by their formulas."""

import math
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sk_xavier import _optimizers
from sk_xavier._optimizers import SCHEDULES, SGD, Adam

N_PARAMETERS, N_STEPS = 7, 20


def gradients(seed=0, n_steps=N_STEPS):
    rng = np.random.RandomState(seed)
    scales = np.logspace(-4, 2, N_PARAMETERS)  # small and large slopes
    return scales * rng.normal(size=(n_steps, N_PARAMETERS))


def start():
    return np.random.RandomState(42).normal(size=N_PARAMETERS)


def course(optimizer, theta, grads):
    """All points on the way; the gradients are left as they are."""
    theta, points = theta.copy(), []
    for grad in grads:
        optimizer.inplace_step(theta, grad.copy())
        points.append(theta.copy())
    return np.array(points)


# --- textbooks, one parameter at a time ----------------------------------------------


def textbook_sgd(theta, grads, *, rate, momentum):
    velocity, points = 0.0, []
    for grad in grads:
        velocity = momentum * velocity - rate * grad
        theta = theta + velocity
        points.append(theta)
    return points


def textbook_nesterov(theta, grads, *, rate, momentum):
    velocity, points = 0.0, []
    for grad in grads:
        velocity = momentum * velocity - rate * grad
        theta = theta + momentum * velocity - rate * grad
        points.append(theta)
    return points


def textbook_adam(theta, grads, *, rate, beta_1, beta_2, epsilon):
    """Kingma and Ba's algorithm 1, with their epsilon-hat in place of epsilon."""
    m = v = 0.0
    points = []
    for t, grad in enumerate(grads, start=1):
        m = beta_1 * m + (1 - beta_1) * grad
        v = beta_2 * v + (1 - beta_2) * grad**2
        m_hat = m / (1 - beta_1**t)
        v_hat = v / (1 - beta_2**t)
        theta = theta - rate * m_hat / (math.sqrt(v_hat) + epsilon / math.sqrt(1 - beta_2**t))
        points.append(theta)
    return points


def by_parameter(textbook, grads, **settings):
    columns = [
        textbook(float(theta), [float(grad) for grad in column], **settings)
        for theta, column in zip(start(), grads.T, strict=True)
    ]
    return np.array(columns).T


@pytest.mark.parametrize("rate", [0.001, 0.3])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd(rate, momentum, nesterov):
    textbook = textbook_nesterov if nesterov else textbook_sgd
    expected = by_parameter(textbook, gradients(), rate=rate, momentum=momentum)
    sgd = SGD(start(), learning_rate=rate, momentum=momentum, nesterov=nesterov)
    assert_allclose(course(sgd, start(), gradients()), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd_without_momentum_is_gradient_descent(nesterov):
    sgd = SGD(start(), learning_rate=0.1, momentum=0.0, nesterov=nesterov)
    expected = start() - 0.1 * np.cumsum(gradients(), axis=0)
    assert_allclose(course(sgd, start(), gradients()), expected, rtol=1e-12, atol=1e-13)


def test_nesterov_looks_ahead():
    # Sutskever: v <- mu v - eta f'(x + mu v), x <- x + v. What the optimizer moves is
    # the point looked ahead to, x + mu v.
    rate, momentum = 0.05, 0.9
    curvature = np.linspace(0.5, 8.0, N_PARAMETERS)
    x, velocity = start(), np.zeros(N_PARAMETERS)
    theta = start()
    sgd = SGD(theta, learning_rate=rate, momentum=momentum, nesterov=True)
    for _ in range(N_STEPS):
        velocity = momentum * velocity - rate * curvature * (x + momentum * velocity)
        x = x + velocity
        sgd.inplace_step(theta, curvature * theta)
        assert_allclose(theta, x + momentum * velocity, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("rate", [0.001, 0.3])
@pytest.mark.parametrize(("beta_1", "beta_2"), [(0.9, 0.999), (0.5, 0.8), (0.0, 0.999), (0.9, 0.0)])
@pytest.mark.parametrize("epsilon", [1e-8, 0.1])
def test_adam(rate, beta_1, beta_2, epsilon):
    settings = {"beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
    expected = by_parameter(textbook_adam, gradients(), rate=rate, **settings)
    adam = Adam(start(), learning_rate=rate, **settings)
    assert_allclose(course(adam, start(), gradients()), expected, rtol=1e-11, atol=1e-13)


def test_first_step_of_adam_has_the_size_of_the_learning_rate():
    grad = np.array([-30.0, -1e-3, 0.0, 1e-3, 2.0, 500.0, -7.0])
    theta = np.zeros(N_PARAMETERS)
    Adam(theta, learning_rate=0.25, epsilon=1e-30).inplace_step(theta, grad)
    assert_allclose(theta, [0.25, 0.25, 0.0, -0.25, -0.25, -0.25, 0.25], rtol=1e-12)


def test_defaults():
    expected = by_parameter(textbook_nesterov, gradients(), rate=0.01, momentum=0.9)
    points = course(SGD(start(), learning_rate=0.01), start(), gradients())
    assert_allclose(points, expected, rtol=1e-12, atol=1e-13)
    expected = by_parameter(
        textbook_adam, gradients(), rate=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-8
    )
    points = course(Adam(start(), learning_rate=0.01), start(), gradients())
    assert_allclose(points, expected, rtol=1e-11, atol=1e-13)


MAKERS = {
    "sgd": lambda like, **state: SGD(like, learning_rate=0.1, nesterov=False, **state),
    "nesterov": lambda like, **state: SGD(like, learning_rate=0.1, nesterov=True, **state),
    "adam": lambda like, **state: Adam(like, learning_rate=0.1, **state),
}
STATES = {
    "sgd": {"velocity"},
    "nesterov": {"velocity"},
    "adam": {"gradients", "squares", "n_steps", "betas"},
}


@pytest.mark.parametrize("name", MAKERS)
def test_minimizes_a_parabola(name):
    theta = start()
    optimizer = MAKERS[name](theta)
    for _ in range(500):
        optimizer.inplace_step(theta, 2.0 * (theta - 3.0))
    assert_allclose(theta, 3.0, atol=1e-3)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_before", [0, 1, 10])
def test_restored_state_goes_on_bit_for_bit(name, dtype, n_before):
    grads, theta = gradients().astype(dtype), start().astype(dtype)
    expected = course(MAKERS[name](theta), theta, grads)

    optimizer = MAKERS[name](theta)
    before = course(optimizer, theta, grads[:n_before])
    assert set(optimizer.state) == STATES[name]
    state = pickle.loads(pickle.dumps(optimizer.state))
    middle = before[-1] if n_before else theta
    after = course(MAKERS[name](theta, **state), middle, grads[n_before:])
    assert_array_equal(np.array([*before, *after]), expected)


def test_other_betas_with_a_saved_state():
    # The moments themselves go on: m and v of the first ten steps with the first betas.
    grads, first, then = gradients(), (0.9, 0.999), (0.5, 0.9)
    adam = Adam(start(), learning_rate=0.01, beta_1=first[0], beta_2=first[1])
    theta = course(adam, start(), grads[:10])[-1]
    m, v = np.zeros(N_PARAMETERS), np.zeros(N_PARAMETERS)
    for grad in grads[:10]:
        m = first[0] * m + (1 - first[0]) * grad
        v = first[1] * v + (1 - first[1]) * grad**2
    after = Adam(start(), learning_rate=0.01, beta_1=then[0], beta_2=then[1], **adam.state)
    m = then[0] * m + (1 - then[0]) * grads[10]
    v = then[1] * v + (1 - then[1]) * grads[10] ** 2
    size = 0.01 * math.sqrt(1 - then[1] ** 11) / (1 - then[0] ** 11)
    expected = theta - size * m / (np.sqrt(v) + 1e-8)
    assert_allclose(course(after, theta, grads[10:11])[0], expected, rtol=1e-12)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("part", [1, 2, 3, N_PARAMETERS - 1, N_PARAMETERS])
def test_long_vectors_in_parts(name, part, monkeypatch):
    expected = course(MAKERS[name](start()), start(), gradients())
    monkeypatch.setattr("sk_xavier._optimizers._UNDIVIDED", 0)
    monkeypatch.setattr("sk_xavier._optimizers._PART", part)
    # Not bit for bit: BLAS rounds the last entries of a vector otherwise.
    points = course(MAKERS[name](start()), start(), gradients())
    assert_allclose(points, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", MAKERS)
def test_forgotten_state_goes_on_otherwise(name):
    expected = course(MAKERS[name](start()), start(), gradients())
    after = course(MAKERS[name](start()), expected[9], gradients()[10:])
    assert not np.any(after[0] == expected[10])


@pytest.mark.parametrize("name", MAKERS)
def test_restored_state_is_a_copy(name):
    optimizer = MAKERS[name](start())
    course(optimizer, start(), gradients())
    state = pickle.loads(pickle.dumps(optimizer.state))
    kept = pickle.loads(pickle.dumps(state))
    course(MAKERS[name](start(), **state), start(), gradients(1))
    for key, value in kept.items():
        assert_array_equal(state[key], value)


@pytest.mark.parametrize("name", MAKERS)
def test_float32(name):
    theta = start().astype(np.float32)
    optimizer = MAKERS[name](theta)
    points = course(optimizer, theta, gradients().astype(np.float32))
    assert points.dtype == np.float32
    for value in optimizer.state.values():
        assert not isinstance(value, np.ndarray) or value.dtype == np.float32
    exact = course(MAKERS[name](start()), start(), gradients())
    assert_allclose(points, exact, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", MAKERS)
def test_optimizers_do_not_share_buffers(name):
    expected = course(MAKERS[name](start()), start(), gradients())
    one, other = MAKERS[name](start()), MAKERS[name](start())
    theta, elsewhere = start(), start()
    for i, (grad, another) in enumerate(zip(gradients(), gradients(5), strict=True)):
        one.inplace_step(theta, grad)
        other.inplace_step(elsewhere, another)
        assert_array_equal(theta, expected[i])


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("n_part", [1, 3, N_PARAMETERS])
def test_gradients_are_completed_part_by_part_before_the_step(name, n_part, monkeypatch):
    grads = gradients()
    theta = start()
    expected, losses = theta.copy(), []
    optimizer = MAKERS[name](theta)
    for grad in grads:
        losses.append(0.5 * expected @ expected)
        optimizer.inplace_step(expected, grad + expected)

    monkeypatch.setattr(_optimizers, "_UNDIVIDED", n_part)
    monkeypatch.setattr(_optimizers, "_PART", n_part)
    optimizer = MAKERS[name](theta)
    for grad, loss in zip(grads, losses, strict=True):
        untouched = np.ones(N_PARAMETERS, bool)
        grad = grad.copy()

        def complete(part, grad=grad, untouched=untouched):
            assert untouched[part].all()
            untouched[part] = False
            grad[part] += theta[part]
            return 0.5 * theta[part] @ theta[part]

        assert_allclose(optimizer.inplace_step(theta, grad, complete), loss, rtol=1e-12)
        assert not untouched.any()
    assert_allclose(theta, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", MAKERS)
def test_learning_rate_may_change_between_steps(name):
    slow, fast = MAKERS[name](start()), MAKERS[name](start())
    assert slow.learning_rate == 0.1
    at, elsewhere = np.zeros(N_PARAMETERS), np.zeros(N_PARAMETERS)
    fast.learning_rate = 0.2
    slow.inplace_step(at, gradients()[0])
    fast.inplace_step(elsewhere, gradients()[0])
    assert_allclose(elsewhere, 2.0 * at, rtol=1e-14)


# --- schedules -----------------------------------------------------------------------


def test_names_of_schedules():
    assert set(SCHEDULES) == {"constant", "invscaling", "adaptive"}


@pytest.mark.parametrize("name", ["constant", "adaptive"])
def test_epochs_do_not_change_the_learning_rate(name):
    schedule = SCHEDULES[name](0.1, 0.5)
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


@pytest.mark.parametrize("name", ["constant", "invscaling"])
def test_a_plateau_is_the_end(name):
    assert SCHEDULES[name](0.1, 0.5).after_plateau(0.1) is None


def test_adaptive_goes_on_with_a_fifth():
    schedule = SCHEDULES["adaptive"](0.1, 0.5)
    rates = [0.1]
    while (rate := schedule.after_plateau(rates[-1])) is not None:
        rates.append(rate)
    # 0.1 / 5**8 = 2.56e-7 is the first that is not above 1e-6.
    assert_allclose(rates, [0.1 / 5**k for k in range(9)], rtol=1e-14)
    assert schedule.after_plateau(1e-6) is None
    assert_allclose(schedule.after_plateau(1.1e-6), 2.2e-7, rtol=1e-14)
