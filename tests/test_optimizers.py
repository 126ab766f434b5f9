"""Optimizers against textbook loops over plain floats."""

import math
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sk_xavier import XavierMLPRegressor, _optimizers
from sk_xavier._optimizers import SGD, Adam, AdamW, RMSprop

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


def textbook_adamw(theta, grads, *, rate, beta_1, beta_2, epsilon, decay):
    """Loshchilov and Hutter's algorithm 2 in PyTorch's form: the learning rate in the decay."""
    m = v = 0.0
    points = []
    for t, grad in enumerate(grads, start=1):
        m = beta_1 * m + (1 - beta_1) * grad
        v = beta_2 * v + (1 - beta_2) * grad**2
        m_hat = m / (1 - beta_1**t)
        v_hat = v / (1 - beta_2**t)
        step = m_hat / (math.sqrt(v_hat) + epsilon / math.sqrt(1 - beta_2**t))
        theta = theta - rate * decay * theta - rate * step
        points.append(theta)
    return points


def textbook_rmsprop(theta, grads, *, rate, beta_2, epsilon):
    v, points = 0.0, []
    for grad in grads:
        v = beta_2 * v + (1 - beta_2) * grad**2
        theta = theta - rate * grad / (math.sqrt(v) + epsilon)
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


@pytest.mark.parametrize("rate", [0.001, 0.3])
@pytest.mark.parametrize(("beta_1", "beta_2"), [(0.9, 0.999), (0.0, 0.8)])
@pytest.mark.parametrize("epsilon", [1e-8, 0.1])
@pytest.mark.parametrize("decay", [0.0, 0.01, 0.5])
def test_adamw(rate, beta_1, beta_2, epsilon, decay):
    settings = {"beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
    expected = by_parameter(textbook_adamw, gradients(), rate=rate, decay=decay, **settings)
    adamw = AdamW(start(), learning_rate=rate, weight_decay=decay, **settings)
    assert_allclose(course(adamw, start(), gradients()), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("n_decayed", [1, 4, N_PARAMETERS - 1, N_PARAMETERS])
def test_adamw_decays_the_first_parameters_and_no_others(n_decayed):
    rate, decay = 0.1, 0.3
    adamw = AdamW(start(), learning_rate=rate, weight_decay=decay, n_decayed=n_decayed)
    points = course(adamw, start(), np.zeros((N_STEPS, N_PARAMETERS)))
    powers = (1 - rate * decay) ** np.arange(1, N_STEPS + 1)[:, np.newaxis]
    assert_allclose(points[:, :n_decayed], powers * start()[:n_decayed], rtol=1e-14)
    assert_array_equal(points[:, n_decayed:], np.tile(start()[n_decayed:], (N_STEPS, 1)))

    settings = {"learning_rate": rate, "beta_1": 0.8, "beta_2": 0.95}
    adamw = AdamW(start(), weight_decay=decay, n_decayed=n_decayed, **settings)
    points = course(adamw, start(), gradients())
    decayed = AdamW(start(), weight_decay=decay, **settings)
    expected = course(decayed, start(), gradients())[:, :n_decayed]
    assert_allclose(points[:, :n_decayed], expected, rtol=1e-13)
    expected = course(Adam(start(), **settings), start(), gradients())[:, n_decayed:]
    assert_allclose(points[:, n_decayed:], expected, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_adamw_without_decay_is_adam(dtype):
    theta, grads = start().astype(dtype), gradients().astype(dtype)
    expected = course(Adam(theta, learning_rate=0.1), theta, grads)
    for settings in ({"weight_decay": 0.0}, {"weight_decay": 0.0, "n_decayed": 3}):
        adamw = AdamW(theta, learning_rate=0.1, **settings)
        assert_array_equal(course(adamw, theta, grads), expected)


def test_decay_follows_the_learning_rate():
    adamw = AdamW(start(), learning_rate=0.1, weight_decay=0.3)
    theta = start()
    adamw.learning_rate = 0.2
    adamw.inplace_step(theta, np.zeros(N_PARAMETERS))
    assert_allclose(theta, 0.94 * start(), rtol=1e-15)


@pytest.mark.parametrize("n_decayed", [2**15, 2**15 + 7, 2**19 + 1, 2**19 + 3])
def test_decay_of_a_long_vector_ends_where_it_should(n_decayed):
    n = 2**19 + 3  # in parts of 2**15
    theta = np.ones(n)
    adamw = AdamW(theta, learning_rate=0.5, weight_decay=0.5, n_decayed=n_decayed)
    adamw.inplace_step(theta, np.zeros(n))
    assert_array_equal(theta, np.repeat([0.75, 1.0], [n_decayed, n - n_decayed]))


@pytest.mark.parametrize("rate", [0.001, 0.3])
@pytest.mark.parametrize("beta_2", [0.999, 0.8, 0.0])
@pytest.mark.parametrize("epsilon", [1e-8, 0.1])
def test_rmsprop(rate, beta_2, epsilon):
    settings = {"beta_2": beta_2, "epsilon": epsilon}
    expected = by_parameter(textbook_rmsprop, gradients(), rate=rate, **settings)
    rmsprop = RMSprop(start(), learning_rate=rate, **settings)
    assert_allclose(course(rmsprop, start(), gradients()), expected, rtol=1e-11, atol=1e-13)


def test_rmsprop_without_memory_looks_at_signs_only():
    theta = np.zeros(N_PARAMETERS)
    grad = np.array([-30.0, -1e-3, 0.0, 1e-3, 2.0, 500.0, -7.0])
    RMSprop(theta, learning_rate=0.25, beta_2=0.0, epsilon=1e-30).inplace_step(theta, grad)
    assert_allclose(theta, [0.25, 0.25, 0.0, -0.25, -0.25, -0.25, 0.25], rtol=1e-15)


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


def test_defaults_of_adamw_and_rmsprop():
    settings = {"rate": 0.01, "beta_2": 0.999, "epsilon": 1e-8}
    expected = by_parameter(textbook_adamw, gradients(), beta_1=0.9, decay=0.01, **settings)
    points = course(AdamW(start(), learning_rate=0.01), start(), gradients())
    assert_allclose(points, expected, rtol=1e-11, atol=1e-13)
    expected = by_parameter(textbook_rmsprop, gradients(), **settings)
    points = course(RMSprop(start(), learning_rate=0.01), start(), gradients())
    assert_allclose(points, expected, rtol=1e-11, atol=1e-13)


MAKERS = {
    "sgd": lambda like, **state: SGD(like, learning_rate=0.1, nesterov=False, **state),
    "nesterov": lambda like, **state: SGD(like, learning_rate=0.1, nesterov=True, **state),
    "adam": lambda like, **state: Adam(like, learning_rate=0.1, **state),
    "adamw": lambda like, **state: AdamW(like, learning_rate=0.1, weight_decay=0.2, **state),
    "rmsprop": lambda like, **state: RMSprop(like, learning_rate=0.1, beta_2=0.9, **state),
}
STATES = {
    "sgd": {"velocity"},
    "nesterov": {"velocity"},
    "adam": {"gradients", "squares", "n_steps", "betas"},
    "adamw": {"gradients", "squares", "n_steps", "betas"},
    "rmsprop": {"squares"},
}


@pytest.mark.parametrize("name", ["sgd", "nesterov", "adam"])  # the others end elsewhere
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


# --- in the estimators ---------------------------------------------------------------

X = np.random.RandomState(0).normal(size=(12, 4))


def one_step(**parameters):
    """The weights and biases before and after a step on all samples."""
    mlp = XavierMLPRegressor((3,), "tanh", bias_init="normal", random_state=0, **parameters)
    mlp.initialize(X, X[:, 0])
    before = [array.copy() for array in mlp.coefs_ + mlp.intercepts_]
    mlp.partial_fit(X, X[:, 0])
    return before, mlp.coefs_ + mlp.intercepts_, mlp.loss_


def test_weights_decay_and_biases_do_not():
    settings = {"learning_rate_init": 0.1, "alpha": 0.5, "beta_1": 0.8, "beta_2": 0.95}
    start, plain, _ = one_step(solver="adam", **settings)
    _, decayed, _ = one_step(solver="adamw", weight_decay=0.3, **settings)
    for i, (before, other, array) in enumerate(zip(start, plain, decayed, strict=True)):
        decay = 0.03 if i < 2 else 0.0
        assert_allclose(array, other - decay * before, rtol=1e-13, atol=1e-15)


def test_rmsprop_takes_the_parameters_that_it_shares_with_adam():
    start, after, _ = one_step(solver="sgd", momentum=0.0, learning_rate_init=1.0)
    slopes = [old - new for old, new in zip(start, after, strict=True)]
    settings = {"learning_rate_init": 0.1, "beta_2": 0.75, "epsilon": 0.01}
    _, stepped, _ = one_step(solver="rmsprop", **settings)
    for old, slope, new in zip(start, slopes, stepped, strict=True):
        expected = old - 0.1 * slope / (0.5 * np.abs(slope) + 0.01)
        assert_allclose(new, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("max_norm", [0.01, 1e6])
def test_the_norm_of_the_whole_gradient_with_its_penalty_is_clipped(max_norm):
    settings = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 1.0, "alpha": 5.0}
    start, after, loss = one_step(**settings)
    steps = [new - old for old, new in zip(start, after, strict=True)]
    norm = math.sqrt(sum((step**2).sum() for step in steps))
    _, clipped, same_loss = one_step(max_grad_norm=max_norm, **settings)
    assert same_loss == pytest.approx(loss, rel=1e-14)
    for old, step, new in zip(start, steps, clipped, strict=True):
        assert_allclose(new, old + min(1.0, max_norm / norm) * step, rtol=1e-13, atol=1e-15)


def test_no_weight_need_decay():
    theta = np.ones(3)
    AdamW(theta, learning_rate=0.1, weight_decay=0.5, n_decayed=0).inplace_step(theta, np.zeros(3))
    assert_array_equal(theta, np.ones(3))
