"""PyTorch as a witness: the same weights, the same steps."""

import math
from itertools import product

import numpy as np
import pytest

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.activations import ACTIVATIONS, ELU, LeakyReLU

torch = pytest.importorskip("torch")

functional = torch.nn.functional

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

THEIR_ACTIVATIONS = {
    "identity": torch.nn.Identity,
    "logistic": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "elu": torch.nn.ELU,
    "selu": torch.nn.SELU,
    "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU,
    "mish": torch.nn.Mish,
    "softplus": torch.nn.Softplus,
    "softsign": torch.nn.Softsign,
    "relu6": torch.nn.ReLU6,
    "hard_tanh": torch.nn.Hardtanh,
}
ALPHA = 0.3
RATE = 0.01
DECAY = 0.2
EPSILON = 1e-30  # scikit-learn adds it before the bias correction, PyTorch after
OPTIMIZERS = {
    "sgd": lambda groups: torch.optim.SGD(groups, lr=RATE),
    "momentum": lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9),
    "nesterov": lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9, nesterov=True),
    "adam": lambda groups: torch.optim.Adam(groups, lr=RATE, betas=(0.8, 0.95), eps=EPSILON),
    "adamw": lambda groups: torch.optim.AdamW(groups, lr=RATE, betas=(0.8, 0.95), eps=EPSILON),
    "rmsprop": lambda groups: torch.optim.RMSprop(groups, lr=RATE, alpha=0.95, eps=1e-3),
}
ADAM = {"beta_1": 0.8, "beta_2": 0.95, "epsilon": EPSILON}
SETTINGS = {
    "sgd": {"solver": "sgd", "momentum": 0.0},
    "momentum": {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": True},
    "adam": {"solver": "adam", **ADAM},
    "adamw": {"solver": "adamw", "weight_decay": DECAY, **ADAM},
    "rmsprop": {"solver": "rmsprop", "beta_2": 0.95, "epsilon": 1e-3},
}

RNG = np.random.RandomState(0)
N_SAMPLES = 41  # so that as many signs plus as minus cannot cancel but for rounding
X = RNG.normal(size=(N_SAMPLES, 6))
CODES = np.arange(N_SAMPLES) % 4
NUMBERS = RNG.normal(size=(N_SAMPLES, 3))
COUNTS = CODES.astype(float)
POSITIVE = RNG.gamma(2.0, size=(N_SAMPLES, 2))
LABELS = np.column_stack([CODES % 2, CODES // 2])
DELTA, QUANTILE, SMOOTHING = 0.7, 0.3, 0.2


def mean_over_samples(loss):
    return loss.sum(dim=1).mean()


def binary(raw, y):
    return mean_over_samples(functional.binary_cross_entropy_with_logits(raw, y, reduction="none"))


def smoothed_binary(raw, y):
    return binary(raw, (1 - SMOOTHING) * y + SMOOTHING / 2)


def pinball(raw, y):
    return torch.maximum(QUANTILE * (y - raw), (QUANTILE - 1) * (y - raw)).mean()


def poisson(raw, y):
    loss = functional.poisson_nll_loss(raw, y, log_input=True, reduction="none")
    return mean_over_samples(loss + torch.xlogy(y, y) - y)


def gamma(raw, y):
    return (torch.log(raw.exp() / y) + y / raw.exp() - 1).mean()


SMOOTHED = {"label_smoothing": SMOOTHING}
# The target, ours and PyTorch's; its loss of its raw output; parameters of our estimator.
TASKS = {
    "binary": (CODES % 2, LABELS[:, :1] * 1.0, binary, {}),
    "multiclass": (CODES, CODES, functional.cross_entropy, {}),
    "multilabel": (LABELS, LABELS * 1.0, binary, {}),
    "smoothed binary": (CODES % 2, LABELS[:, :1] * 1.0, smoothed_binary, SMOOTHED),
    "smoothed multiclass": (
        CODES,
        CODES,
        lambda raw, y: functional.cross_entropy(raw, y, label_smoothing=SMOOTHING),
        SMOOTHED,
    ),
    "smoothed multilabel": (LABELS, LABELS * 1.0, smoothed_binary, SMOOTHED),
    "squared error": (
        NUMBERS[:, 0],
        NUMBERS[:, :1],
        lambda raw, y: functional.mse_loss(raw, y) / 2,
        {"loss": "squared_error"},
    ),
    "multioutput": (
        NUMBERS,
        NUMBERS,
        lambda raw, y: functional.mse_loss(raw, y) / 2,
        {"loss": "squared_error"},
    ),
    "absolute error": (NUMBERS, NUMBERS, functional.l1_loss, {"loss": "absolute_error"}),
    "huber": (
        NUMBERS,
        NUMBERS,
        lambda raw, y: functional.huber_loss(raw, y, delta=DELTA),
        {"loss": "huber", "huber_delta": DELTA},
    ),
    "quantile": (NUMBERS, NUMBERS, pinball, {"loss": "quantile", "quantile": QUANTILE}),
    "poisson": (COUNTS, COUNTS[:, np.newaxis], poisson, {"loss": "poisson"}),
    "gamma": (POSITIVE, POSITIVE, gamma, {"loss": "gamma"}),
}


def make_ours(task, activation, optimizer, **parameters):
    parameters = {
        "hidden_layer_sizes": (5, 4),
        "activation": activation,
        "learning_rate_init": RATE,
        "alpha": ALPHA,
        "bias_init": "normal",
        "random_state": 1,
        **SETTINGS[optimizer],
        **TASKS[task][3],
        **parameters,
    }
    if "loss" in parameters:
        return XavierMLPRegressor(**parameters)
    return XavierMLPClassifier(**parameters)


def make_theirs(mlp, activations):
    layers = []
    for i, (coef, intercept) in enumerate(zip(mlp.coefs_, mlp.intercepts_, strict=True)):
        linear = torch.nn.Linear(*coef.shape, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(coef.T))
            linear.bias.copy_(torch.tensor(intercept))
        layers.append(linear)
        if i < len(activations):
            layers.append(activations[i])
    return torch.nn.Sequential(*layers)


def assert_same_steps(mlp, activations, task, optimizer, *, max_norm=None, n_steps=6):
    """Train both side by side; return the norms of the gradients."""
    y, y_theirs, loss_of, _ = TASKS[task]
    mlp.initialize(X, y)
    net = make_theirs(mlp, activations)
    linears = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
    decay = DECAY if optimizer == "adamw" else 0.0
    step = OPTIMIZERS[optimizer](
        [
            {"params": [layer.weight for layer in linears], "weight_decay": decay},
            {"params": [layer.bias for layer in linears], "weight_decay": 0.0},
        ]
    )
    norms = []
    for _ in range(n_steps):
        penalty = sum((layer.weight**2).sum() for layer in linears) * ALPHA / 2 / N_SAMPLES
        loss = loss_of(net(torch.tensor(X)), torch.tensor(y_theirs)) + penalty
        step.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), math.inf).item()
        norms.append(norm)
        if max_norm is not None:
            # It divides by norm + 1e-6: a bound as much larger makes that the norm.
            torch.nn.utils.clip_grad_norm_(net.parameters(), max_norm * (1 + 1e-6 / norm))
        step.step()
        mlp.partial_fit(X, y)
        assert mlp.loss_ == pytest.approx(loss.item(), rel=1e-10)
        for coef, intercept, layer in zip(mlp.coefs_, mlp.intercepts_, linears, strict=True):
            np.testing.assert_allclose(coef, layer.weight.detach().numpy().T, rtol=1e-7, atol=1e-10)
            np.testing.assert_allclose(
                intercept, layer.bias.detach().numpy(), rtol=1e-7, atol=1e-10
            )
    return np.array(norms)


def every_pair():
    """Each activation with each task, and each of them with each optimizer."""
    optimizers = list(OPTIMIZERS)
    for (i, activation), (j, task) in product(enumerate(THEIR_ACTIVATIONS), enumerate(TASKS)):
        yield activation, task, optimizers[(i + j) % len(optimizers)]


@pytest.mark.parametrize(("activation", "task", "optimizer"), [*every_pair()])
def test_steps_are_pytorchs(activation, task, optimizer):
    mlp = make_ours(task, activation, optimizer)
    assert_same_steps(mlp, [THEIR_ACTIVATIONS[activation]()] * 2, task, optimizer)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("task", ["multiclass", "poisson"])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["gelu", LeakyReLU(0.2)], [torch.nn.GELU(), torch.nn.LeakyReLU(0.2)]),
        ([ELU(0.5), "mish"], [torch.nn.ELU(0.5), torch.nn.Mish()]),
        (["softsign", "relu6", "silu"], [torch.nn.Softsign(), torch.nn.ReLU6(), torch.nn.SiLU()]),
    ],
)
def test_steps_with_an_activation_for_each_layer(ours, theirs, task, optimizer):
    mlp = make_ours(task, ours, optimizer, hidden_layer_sizes=(5, 4, 6)[: len(ours)])
    assert_same_steps(mlp, theirs, task, optimizer)


@pytest.mark.parametrize("max_norm", [1e-3, 0.25, 1e3])
@pytest.mark.parametrize("task", ["multiclass", "gamma"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_clipped_steps_are_pytorchs(optimizer, task, max_norm):
    mlp = make_ours(task, "tanh", optimizer, max_grad_norm=max_norm)
    norms = assert_same_steps(mlp, [torch.nn.Tanh()] * 2, task, optimizer, max_norm=max_norm)
    assert (norms > max_norm).any() == (max_norm < 1.0)


def test_some_gradients_are_clipped_and_others_not():
    mlp = make_ours("multioutput", "tanh", "sgd", max_grad_norm=0.3)
    theirs = [torch.nn.Tanh()] * 2
    norms = assert_same_steps(mlp, theirs, "multioutput", "sgd", max_norm=0.3, n_steps=150)
    assert norms[0] > 0.3 > norms[-1]


# --- derivatives, at kinks too -------------------------------------------------------

POINTS = [-1e4, -20.0, -6.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 9.0, 20.0, 1e4]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        *((ACTIVATIONS[name](), THEIR_ACTIVATIONS[name]()) for name in THEIR_ACTIVATIONS),
        (LeakyReLU(0.3), torch.nn.LeakyReLU(0.3)),
        (LeakyReLU(0.0), torch.nn.LeakyReLU(0.0)),
        (ELU(0.3), torch.nn.ELU(0.3)),
        (ELU(2.5), torch.nn.ELU(2.5)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_and_derivatives_are_pytorchs(ours, theirs, dtype):
    points = np.array(POINTS, dtype)
    z = torch.tensor(points, requires_grad=True)
    output = theirs(z)
    output.sum().backward()
    # PyTorch's softplus is the identity above 20: an error of e^-20, 2e-9.
    tight = 3e-9 if isinstance(theirs, torch.nn.Softplus) else 1e-14
    tolerance = tight if dtype is np.float64 else 1e-6
    np.testing.assert_allclose(
        ours.function(points), output.detach().numpy(), rtol=tolerance, atol=tolerance
    )
    np.testing.assert_allclose(
        ours.derivative(points), z.grad.numpy(), rtol=tolerance, atol=tolerance
    )


def test_all_activations_are_compared():
    assert list(THEIR_ACTIVATIONS) == list(ACTIVATIONS)
