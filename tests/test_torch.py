"""PyTorch as a witness: the same weights, the same steps."""

import numpy as np
import pytest

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ACTIVATIONS = {
    "identity": torch.nn.Identity,
    "logistic": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
}
ALPHA = 0.3
RATE = 0.01
EPSILON = 1e-30  # scikit-learn adds it before the bias correction, PyTorch after
OPTIMIZERS = {
    "sgd": lambda groups: torch.optim.SGD(groups, lr=RATE),
    "momentum": lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9),
    "nesterov": lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9, nesterov=True),
    "adam": lambda groups: torch.optim.Adam(groups, lr=RATE, betas=(0.8, 0.95), eps=EPSILON),
}
SETTINGS = {
    "sgd": {"solver": "sgd", "momentum": 0.0},
    "momentum": {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": True},
    "adam": {"solver": "adam", "beta_1": 0.8, "beta_2": 0.95, "epsilon": EPSILON},
}

RNG = np.random.RandomState(0)
N_SAMPLES = 40
X = RNG.normal(size=(N_SAMPLES, 6))
CODES = np.arange(N_SAMPLES) % 4
NUMBERS = RNG.normal(size=(N_SAMPLES, 3))


def mean_over_samples(loss):
    return loss.sum(dim=1).mean()


# Target, the same for PyTorch, and the loss of its raw output.
TASKS = {
    "binary": (
        CODES % 2,
        (CODES % 2)[:, np.newaxis].astype(float),
        torch.nn.functional.binary_cross_entropy_with_logits,
    ),
    "multiclass": (CODES, CODES, torch.nn.functional.cross_entropy),
    "multilabel": (
        np.column_stack([CODES % 2, CODES // 2]),
        np.column_stack([CODES % 2, CODES // 2]).astype(float),
        lambda raw, y: mean_over_samples(
            torch.nn.functional.binary_cross_entropy_with_logits(raw, y, reduction="none")
        ),
    ),
    "squared_error": (
        NUMBERS[:, 0],
        NUMBERS[:, :1],
        lambda raw, y: torch.nn.functional.mse_loss(raw, y) / 2,
    ),
    "multioutput": (NUMBERS, NUMBERS, lambda raw, y: torch.nn.functional.mse_loss(raw, y) / 2),
    "poisson": (
        CODES.astype(float),
        CODES[:, np.newaxis].astype(float),
        lambda raw, y: (
            torch.nn.functional.poisson_nll_loss(raw, y, log_input=True)
            + (torch.xlogy(y, y) - y).mean()
        ),
    ),
}


def make_ours(task, activation, optimizer):
    parameters = {
        "hidden_layer_sizes": (5, 4),
        "activation": activation,
        "learning_rate_init": RATE,
        "alpha": ALPHA,
        "bias_init": "normal",
        "random_state": 1,
        **SETTINGS[optimizer],
    }
    if task in ("binary", "multiclass", "multilabel"):
        return XavierMLPClassifier(**parameters)
    loss = "poisson" if task == "poisson" else "squared_error"
    return XavierMLPRegressor(loss=loss, **parameters)


def make_theirs(mlp, activation):
    layers = []
    for coef, intercept in zip(mlp.coefs_, mlp.intercepts_, strict=True):
        linear = torch.nn.Linear(*coef.shape, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(coef.T))
            linear.bias.copy_(torch.tensor(intercept))
        layers += [linear, ACTIVATIONS[activation]()]
    return torch.nn.Sequential(*layers[:-1])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_steps_are_pytorchs(task, activation, optimizer):
    y, y_theirs, loss_of = TASKS[task]
    mlp = make_ours(task, activation, optimizer).initialize(X, y)
    net = make_theirs(mlp, activation)
    linears = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
    step = OPTIMIZERS[optimizer](
        [
            {"params": [layer.weight for layer in linears], "weight_decay": ALPHA / N_SAMPLES},
            {"params": [layer.bias for layer in linears]},
        ]
    )
    for _ in range(10):
        raw = net(torch.tensor(X))
        loss = loss_of(raw, torch.tensor(y_theirs))
        step.zero_grad()
        loss.backward()
        penalty = sum((layer.weight**2).sum().item() for layer in linears) * ALPHA / 2 / N_SAMPLES
        step.step()
        mlp.partial_fit(X, y)
        assert mlp.loss_ == pytest.approx(loss.item() + penalty, rel=1e-10)
        for coef, intercept, layer in zip(mlp.coefs_, mlp.intercepts_, linears, strict=True):
            np.testing.assert_allclose(coef, layer.weight.detach().numpy().T, rtol=1e-7, atol=1e-10)
            np.testing.assert_allclose(
                intercept, layer.bias.detach().numpy(), rtol=1e-7, atol=1e-10
            )
