"""The estimators: scikit-learn's multilayer perceptrons with an initializer to choose."""

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils import Tags, check_random_state, column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from ._activations import ACTIVATIONS
from ._losses import BinaryLogLoss, HalfPoissonLoss, HalfSquaredError, Loss, MultinomialLogLoss
from ._network import Network
from ._optimizers import SCHEDULES, SGD, Adam, Optimizer
from ._sklearn_compat import (
    Interval,
    Options,
    StrOptions,
    check_sample_weight,
    validate_params,
)
from ._starting_weights import BIAS_INIT_NAMES, INIT_NAMES, draw_starting_weights
from ._training import (
    EpochSettings,
    History,
    LBFGSSettings,
    Samples,
    TrainingResult,
    Validation,
    train_epochs,
    train_lbfgs,
)

__all__ = ["XavierMLPClassifier", "XavierMLPRegressor"]

_OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "adam": Adam}
"""The solvers that take steps on mini-batches; the other one is 'lbfgs'."""

_LINKS: dict[str, type[Loss]] = {
    loss.link: loss
    for loss in (HalfSquaredError, HalfPoissonLoss, BinaryLogLoss, MultinomialLogLoss)
}
"""The loss that goes with each ``out_activation_``."""


_REGRESSION_LOSSES: dict[str, type[Loss]] = {
    "squared_error": HalfSquaredError,
    "poisson": HalfPoissonLoss,
}
"""The regressor's choices of `loss`."""


class _Target(NamedTuple):
    """Encoded targets, their loss, and the fitted attributes that describe them."""

    y: np.ndarray
    loss: Loss
    n_outputs: int
    attributes: dict[str, Any]


class _Run(NamedTuple):
    """One call of `fit`, `partial_fit` or `initialize` on its way to training."""

    network: Network
    samples: Samples
    target: _Target
    theta: np.ndarray
    history: History
    optimizer: Optimizer | None
    random_state: np.random.RandomState
    n_samples_seen: int
    order: np.ndarray | None
    incremental: bool


def _is_stochastic(estimator: "_XavierMLP") -> bool:
    if estimator.solver not in _OPTIMIZERS:
        raise AttributeError(
            f"partial_fit is only available for the solvers {', '.join(_OPTIMIZERS)}:"
            f" {estimator.solver!r} is not stochastic."
        )
    return True


class _XavierMLP(BaseEstimator):
    """What the classifier and the regressor share: all but targets and predictions."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "solver": [StrOptions({"lbfgs", *_OPTIMIZERS})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "init": [StrOptions(set(INIT_NAMES)), callable, list, tuple],
        "bias_init": [StrOptions(set(BIAS_INIT_NAMES)), callable, list, tuple],
    }

    # The parameters, which the subclasses' constructors store.
    hidden_layer_sizes: int | Sequence[int]
    activation: str
    solver: str
    alpha: float
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: int | np.random.RandomState | None
    tol: float
    verbose: bool
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    init: Any
    bias_init: Any

    # What fit publishes.
    coefs_: list[np.ndarray]
    intercepts_: list[np.ndarray]
    loss_: float
    loss_curve_: list[float]
    best_loss_: float | None
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    n_iter_: int
    t_: int
    n_layers_: int
    n_outputs_: int
    n_features_in_: int
    out_activation_: str
    _continuation: dict[str, Any]

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """Train the network on data.

        With ``warm_start=True``, training goes on from ``coefs_`` and ``intercepts_``.
        Ctrl-C ends training early and keeps what was learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets: class labels or label indicators for the classifier, numbers
            for the regressor.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each sample counts, not negative; None counts them alike.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or a parameter is invalid, or training diverged.
        """
        resume = self.warm_start and hasattr(self, "coefs_")
        run = self._begin(X, y, sample_weight, resume=resume)
        result = self._train(run)
        self._publish(run, result)
        if result.complaint is not None:
            warnings.warn(result.complaint, ConvergenceWarning, stacklevel=2)
        return self

    def initialize(self, X: Any, y: Any) -> Self:
        """Build the network with its starting weights, and train nothing.

        The weights can then be looked at, edited in ``coefs_`` and ``intercepts_``, and
        trained with ``partial_fit``, or with ``fit`` where ``warm_start=True``. Unedited,
        they take the same course as without this call.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples; they tell the number of features and the type.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets; they tell the classes or the number of outputs.

        Returns
        -------
        self : object
            The estimator with its network: ``n_iter_`` is 0, ``loss_curve_`` is empty and
            ``loss_`` is the loss at the start.

        Raises
        ------
        ValueError
            If the data or a parameter is invalid.
        """
        run = self._begin(X, y, None, resume=False)
        run.history.watch(validation=self.early_stopping and self.solver in _OPTIMIZERS)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = run.network.mean_loss(run.theta, *run.samples)
        self._publish(run, TrainingResult(run.theta, loss, n_iter=0))
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Self:
        """One epoch, as a later part of the same training."""
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True.")
        resume = hasattr(self, "coefs_")
        run = self._begin(X, y, sample_weight, resume=resume, incremental=True, classes=classes)
        self._publish(run, self._train(run))
        return self

    def _begin(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        resume: bool,
        incremental: bool = False,
        classes: Any = None,
    ) -> _Run:
        """Validate everything, build the network, and draw its weights or take them up."""
        validate_params(self)
        hidden_units = self._hidden_units()
        X, y, sample_weight = self._validate_data(X, y, sample_weight, resume=resume)
        target = self._encode_target(
            y, X.dtype, resume=resume, incremental=incremental, classes=classes
        )
        network = Network(
            [X.shape[1], *hidden_units, target.n_outputs],
            [ACTIVATIONS[self.activation]] * len(hidden_units),
            target.loss,
            alpha=self.alpha,
            dtype=X.dtype,
        )
        saved = self._continuation if resume else {}
        # A warm fit takes random_state anew, as scikit-learn's does, unless there was no
        # training yet: `initialize` and then `fit` are one training.
        if resume and (incremental or self.t_ == 0):
            random_state = saved["random_state"]
        else:
            random_state = check_random_state(self.random_state)
        if resume:
            theta, history = network.pack(self.coefs_, self.intercepts_), self._history()
        else:
            theta, history = self._draw_start(network, random_state), History()
        return _Run(
            network,
            Samples(X, target.y, sample_weight),
            target,
            theta,
            history,
            self._make_optimizer(theta, saved.get("optimizer") if incremental else None),
            random_state,
            n_samples_seen=self.t_ if resume else 0,
            order=saved.get("order") if incremental else None,
            incremental=incremental,
        )

    def _hidden_units(self) -> list[int]:
        sizes: Any = self.hidden_layer_sizes
        units = [sizes] if isinstance(sizes, Integral) else list(sizes)
        if not all(isinstance(n_units, Integral) and int(n_units) > 0 for n_units in units):
            raise ValueError(
                f"hidden_layer_sizes must be an int or a sequence of int, each > 0, got {sizes!r}."
            )
        return [int(n_units) for n_units in units]

    def _validate_data(self, X: Any, y: Any, sample_weight: Any, *, resume: bool) -> tuple:
        """X as an array or CSR matrix of float32 or float64, y as it is, weights like X."""
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=not is_classifier(self),
            dtype=self._fitted_dtype() if resume else [np.float64, np.float32],
            reset=not resume,
        )
        if y.ndim == 2 and y.shape[1] == 1 and not issparse(y):
            y = column_or_1d(y, warn=True)
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, X, X.dtype)
        return X.tocsr() if issparse(X) else X, y, sample_weight

    def _fitted_dtype(self) -> np.dtype:
        all_float32 = all(np.asarray(coef).dtype == np.float32 for coef in self.coefs_)
        return np.dtype(np.float32 if all_float32 else np.float64)

    def _draw_start(self, network: Network, random_state: np.random.RandomState) -> np.ndarray:
        coefs, intercepts = draw_starting_weights(
            self.init,
            self.bias_init,
            layer_units=network.layer_units,
            activations=[ACTIVATIONS[self.activation]] * len(network.shapes),
            random_state=random_state,
            dtype=network.dtype,
        )
        return network.pack(coefs, intercepts)

    def _history(self) -> History:
        return History(
            self.loss_curve_,
            self.validation_scores_,
            self.best_loss_,
            self.best_validation_score_,
            self._continuation["n_epochs_stalled"],
        )

    def _make_optimizer(self, theta: np.ndarray, saved: dict[str, Any] | None) -> Optimizer | None:
        """A new optimizer, or the one of an earlier call with its state."""
        if self.solver not in _OPTIMIZERS:
            return None
        parameters: dict[str, Any] = {"learning_rate": self.learning_rate_init}
        if self.solver == "sgd":
            parameters |= {"momentum": self.momentum, "nesterov": self.nesterovs_momentum}
        else:
            names = ("beta_1", "beta_2", "epsilon")
            parameters |= {name: getattr(self, name) for name in names}
        if saved is not None and saved["solver"] == self.solver:
            parameters |= saved["state"]
            if saved["learning_rate_init"] == self.learning_rate_init:
                parameters["learning_rate"] = saved["learning_rate"]
        return _OPTIMIZERS[self.solver](theta, **parameters)

    def _train(self, run: _Run) -> TrainingResult:
        # What overflows shows in the loss, and that is checked.
        with np.errstate(over="ignore", invalid="ignore"):
            if run.optimizer is None:
                return train_lbfgs(
                    run.network,
                    run.theta,
                    run.samples,
                    settings=LBFGSSettings(
                        self.max_iter, self.max_fun, self.tol, bool(self.verbose)
                    ),
                    history=run.history,
                )
            return self._train_epochs(run, run.optimizer)

    def _train_epochs(self, run: _Run, optimizer: Optimizer) -> TrainingResult:
        n_samples, order, validation = run.samples.X.shape[0], None, None
        if self.early_stopping:
            order, validation = self._split(run)
            n_samples = len(order)
        elif self.shuffle and run.order is not None and len(run.order) == n_samples:
            order = run.order
        schedule = self.learning_rate if self.solver == "sgd" else "constant"
        return train_epochs(
            run.network,
            run.theta,
            run.samples,
            settings=EpochSettings(
                1 if run.incremental else self.max_iter,
                self._batch_rows(n_samples),
                self.shuffle,
                self.tol,
                self.n_iter_no_change,
                bool(self.verbose),
            ),
            optimizer=optimizer,
            schedule=SCHEDULES[schedule](self.learning_rate_init, self.power_t),
            history=run.history,
            random_state=run.random_state,
            n_samples_seen=run.n_samples_seen,
            order=order,
            validation=validation,
        )

    def _split(self, run: _Run) -> tuple[np.ndarray, Validation]:
        """Numbers of the rows to train on, and the others to validate on.

        As in scikit-learn, binary targets are stratified and others are not.
        """
        stratify = run.target.y if isinstance(run.target.loss, BinaryLogLoss) else None
        if run.target.n_outputs > 1:
            stratify = None
        train, held_out = train_test_split(
            np.arange(run.samples.X.shape[0]),
            test_size=self.validation_fraction,
            random_state=run.random_state,
            stratify=stratify,
        )
        if len(held_out) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of"
                f" your dataset: validation_fraction={self.validation_fraction} of"
                f" {len(train) + len(held_out)} samples is {len(held_out)}."
            )
        score = partial(self._score_raw, run.target.loss)
        return train, Validation(run.samples.rows(held_out), score)

    def _batch_rows(self, n_samples: int) -> int:
        if isinstance(self.batch_size, str):
            return min(200, n_samples)
        if self.batch_size > n_samples:
            warnings.warn(
                f"batch_size={self.batch_size} is larger than the {n_samples} samples to train"
                " on. It is going to be clipped.",
                stacklevel=5,
            )
        return min(self.batch_size, n_samples)

    def _publish(self, run: _Run, result: TrainingResult) -> None:
        """Set the fitted attributes from what training returned."""
        network, history = run.network, run.history
        coefs, intercepts = network.views(result.theta)
        self.coefs_, self.intercepts_ = list(coefs), list(intercepts)
        self.loss_ = result.loss
        self.loss_curve_ = history.loss_curve
        self.best_loss_ = history.best_loss
        self.validation_scores_ = history.validation_scores
        self.best_validation_score_ = history.best_validation_score
        goes_on = run.incremental and run.n_samples_seen > 0
        self.n_iter_ = result.n_iter + (self.n_iter_ if goes_on else 0)
        self.t_ = run.n_samples_seen + result.n_samples_seen
        self.n_layers_ = len(network.layer_units)
        self.n_outputs_ = network.layer_units[-1]
        self.out_activation_ = network.loss.link
        for name, value in run.target.attributes.items():
            setattr(self, name, value)
        self._continuation = self._what_goes_on(run, result)

    def _what_goes_on(self, run: _Run, result: TrainingResult) -> dict[str, Any]:
        """What a later `partial_fit` needs beside the public attributes: plain values only."""
        saved: dict[str, Any] = {
            "random_state": run.random_state,
            "n_epochs_stalled": run.history.n_epochs_stalled,
        }
        if run.incremental and result.order is not None:
            saved["order"] = result.order
        if run.optimizer is not None:
            saved["optimizer"] = {
                "solver": self.solver,
                "learning_rate_init": self.learning_rate_init,
                "learning_rate": run.optimizer.learning_rate,
                "state": run.optimizer.state,
            }
        return saved

    # What the subclasses say of targets and scores.

    @abstractmethod
    def _encode_target(
        self, y: Any, dtype: np.dtype, *, resume: bool, incremental: bool, classes: Any
    ) -> _Target:
        """Encode validated targets for a loss."""

    @staticmethod
    @abstractmethod
    def _score_raw(
        loss: Loss, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None
    ) -> float:
        """Score raw predictions, which it may use up, against encoded targets."""

    def _raw_predictions(self, X: Any) -> tuple[np.ndarray, Loss]:
        """Raw predictions of shape (n_samples, n_outputs), and the loss that owns their link."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        all_float32 = X.dtype == np.float32 and self._fitted_dtype() == np.float32
        loss = _LINKS[self.out_activation_]()
        network = Network(
            [self.n_features_in_, *(np.shape(coef)[-1] for coef in self.coefs_)],
            [ACTIVATIONS[self.activation]] * (len(self.coefs_) - 1),
            loss,
            dtype=np.float32 if all_float32 else np.float64,
        )
        parameters = network.parameters(self.coefs_, self.intercepts_)
        with np.errstate(over="ignore", invalid="ignore"):
            raw = network.raw_predictions(parameters, X.tocsr() if issparse(X) else X)
        if not np.isfinite(raw).all():
            raise ValueError(
                "The network's predictions are not finite: X has values far larger than those"
                " it was trained on, or coefs_ or intercepts_ hold infinite or huge values."
            )
        return raw, loss

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class XavierMLPClassifier(ClassifierMixin, _XavierMLP):
    """Multilayer perceptron classifier whose weight initializer is a parameter.

    It takes the parameters, attributes and methods of scikit-learn's `MLPClassifier`,
    and `init` and `bias_init` beside them: the weights start as Glorot and Bengio
    proposed [1]_ unless told otherwise. It minimizes the log loss.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of shape (n_layers - 2,), default=(100,)
        Numbers of units of the hidden layers. An empty sequence makes a linear model.
    activation : {'identity', 'logistic', 'tanh', 'relu'}, default='relu'
        What the hidden layers' units compute of their pre-activation z:

        - 'identity': z;
        - 'logistic': 1 / (1 + exp(-z));
        - 'tanh': tanh(z);
        - 'relu': max(0, z).
    solver : {'lbfgs', 'sgd', 'adam'}, default='adam'
        How the loss is minimized:

        - 'lbfgs': SciPy's quasi-Newton method on all samples at once; often the best
          choice for a few thousand samples or fewer;
        - 'sgd': stochastic gradient descent on mini-batches;
        - 'adam': the stochastic method of Kingma and Ba [4]_.
    alpha : float, default=0.0001
        Strength of the L2 penalty on the weights. It is divided by the sum of the sample
        weights of each batch (the number of samples, where there are no weights).
    batch_size : int or 'auto', default='auto'
        Samples in a mini-batch; 'auto' is ``min(200, n_samples)``. Not for 'lbfgs'.
    learning_rate : {'constant', 'invscaling', 'adaptive'}, default='constant'
        Schedule of the learning rate, only for 'sgd':

        - 'constant': `learning_rate_init` throughout;
        - 'invscaling': ``learning_rate_init / (t + 1) ** power_t`` after t samples;
        - 'adaptive': `learning_rate_init` as long as there is progress, a fifth of the
          rate each time that there is none for more than `n_iter_no_change` epochs.
    learning_rate_init : float, default=0.001
        The learning rate at the start, for 'sgd' and 'adam'.
    power_t : float, default=0.5
        Exponent of 'invscaling'.
    max_iter : int, default=200
        The most epochs ('sgd', 'adam') or iterations ('lbfgs').
    shuffle : bool, default=True
        Whether to shuffle the samples before each epoch, for 'sgd' and 'adam'.
    random_state : int, RandomState instance or None, default=None
        Source of the starting weights, the validation split and the shuffling. An int
        gives the same result in each call of `fit`.
    tol : float, default=0.0001
        Progress less than this counts as none; for 'lbfgs', the largest component of
        the gradient at which to stop.
    verbose : bool, default=False
        Whether to print the loss after each epoch or iteration.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights that the estimator has.
    momentum : float, default=0.9
        Momentum of 'sgd', in [0, 1].
    nesterovs_momentum : bool, default=True
        Whether the momentum is Nesterov's.
    early_stopping : bool, default=False
        Whether to set samples aside, to stop when the score on them makes no progress,
        and to keep the weights that scored best. For 'sgd' and 'adam', in `fit`.
    validation_fraction : float, default=0.1
        The share of the samples to set aside, in (0, 1).
    beta_1 : float, default=0.9
        Decay of 'adam's average of gradients, in [0, 1).
    beta_2 : float, default=0.999
        Decay of 'adam's average of squared gradients, in [0, 1).
    epsilon : float, default=1e-08
        What 'adam' adds to denominators.
    n_iter_no_change : int, default=10
        Epochs without progress after which 'sgd' and 'adam' stop; `numpy.inf` for never.
    max_fun : int, default=15000
        The most evaluations of the loss by 'lbfgs'.
    init : str, Initializer, callable or list, default='glorot_uniform'
        Where the weights start:

        - a name: 'constant', 'uniform', 'normal', 'truncated_normal', 'glorot_uniform',
          'glorot_normal', 'he_uniform', 'he_normal', 'lecun_uniform', 'lecun_normal',
          'orthogonal', 'zeros'; 'xavier_...' is 'glorot_...', 'kaiming_...' is 'he_...';
        - 'auto': what the literature recommends for the layer's activation: He's normal
          for 'relu', Glorot's uniform for 'tanh', 'identity' and the output, and with a
          gain of 4 for 'logistic';
        - 'sklearn': the rule of scikit-learn's MLP, Glorot's uniform, with a gain of
          ``sqrt(1/3)`` for 'logistic';
        - an object of `sk_xavier.initializers`, whose parameters a search reaches, as in
          ``init__gain``;
        - a callable ``init(shape, *, fan_in, fan_out, random_state, dtype)``;
        - a list of these, or of weight matrices of shape (fan_in, fan_out): one for each
          hidden layer and one for the output layer.
    bias_init : str, Initializer, callable or list, default='zeros'
        Where the biases start: likewise, with vectors of shape (fan_out,); 'same' draws
        the biases of each layer as its weights are drawn.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels; the columns' numbers for multilabel targets.
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        The weights, layer by layer. They may be edited: what they hold is what predicts
        and what training goes on from.
    intercepts_ : list of ndarray of shape (fan_out,)
        The biases, layer by layer; likewise.
    loss_ : float
        The loss of the last epoch or iteration.
    loss_curve_ : list of float
        The loss of each epoch: its samples' mean, each batch before its step. For
        'lbfgs', the loss after each iteration. A warm start adds to it.
    best_loss_ : float or None
        The least of them; None with early stopping.
    validation_scores_ : list of float or None
        With early stopping, the accuracy on the held-out samples after each epoch.
    best_validation_score_ : float or None
        The best of them.
    n_iter_ : int
        Epochs or iterations of the last `fit`, and of `partial_fit` since.
    t_ : int
        Samples that training has gone through, over all epochs.
    n_layers_ : int
        Number of layers, input and output included.
    n_outputs_ : int
        Number of outputs.
    out_activation_ : str
        What turns the network's output into probabilities: 'softmax' for several
        classes, 'logistic' for two and for multilabel targets.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X is a data frame whose column names are strings.

    See Also
    --------
    XavierMLPRegressor : The same network for numbers.
    sklearn.neural_network.MLPClassifier : What this is modelled on.

    Notes
    -----
    With ``init="sklearn", bias_init="same"`` and the same `random_state`, training
    retraces that of scikit-learn's `MLPClassifier`.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.
    .. [2] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level
       performance on ImageNet classification", ICCV 2015.
    .. [3] Geoffrey E. Hinton, "Connectionist learning procedures", Artificial
       Intelligence 40, 1989.
    .. [4] Diederik P. Kingma and Jimmy Ba, "Adam: a method for stochastic optimization",
       ICLR 2015.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sk_xavier import XavierMLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> mlp = XavierMLPClassifier(solver="lbfgs", init="glorot_uniform", random_state=0)
    >>> model = make_pipeline(StandardScaler(), mlp).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.9
    True
    """

    classes_: np.ndarray
    _sparse_labels: bool

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        init: Any = "glorot_uniform",
        bias_init: Any = "zeros",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.init = init
        self.bias_init = bias_init

    @available_if(_is_stochastic)
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch over the given data, as a part of one long training.

        The optimizer, the learning rate and the random generator go on from the call
        before: k calls on the same data are ``fit`` with ``max_iter=k``. Only for the
        solvers 'sgd' and 'adam'.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels or label indicators.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each sample counts, not negative; None counts them alike.
        classes : array-like of shape (n_classes,), default=None
            All class labels of all calls to come. Needed in the first call, unless
            `initialize` or `fit` came before it.

        Returns
        -------
        self : object
            The estimator, trained a little further.

        Raises
        ------
        ValueError
            If the data or a parameter is invalid, `classes` are missing or not those of
            earlier calls, or training diverged; the weights then stay as they were.
        """
        return self._partial_fit(X, y, sample_weight, classes)

    def predict(self, X: Any) -> np.ndarray:
        """Predict classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The most probable classes, or the label indicators (a CSR matrix where those
            of `fit` were sparse).
        """
        raw, _ = self._raw_predictions(X)
        codes = self._decide(raw)
        if codes.ndim == 1:
            return self.classes_[codes]
        return csr_matrix(codes) if self._sparse_labels else codes

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict probabilities of classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``, each between 0 and 1 and neither. For multilabel
            targets, the probability of each label by itself.
        """
        raw, loss = self._raw_predictions(X)
        raw = self._one_column_a_class(raw)
        loss.inplace_inverse_link(raw)
        # A finite network is never certain: where rounding says so, take the next number.
        zero, one = np.zeros((), raw.dtype), np.ones((), raw.dtype)
        return np.clip(raw, np.nextafter(zero, one), np.nextafter(one, zero), out=raw)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Predict logarithms of probabilities of classes.

        They come from the network's output directly and so stay finite where a
        probability is too small for a float.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Natural logarithms, in the order of ``classes_``.
        """
        raw, loss = self._raw_predictions(X)
        raw = self._one_column_a_class(raw)
        loss.inplace_log_inverse_link(raw)
        return raw

    @staticmethod
    def _one_column_a_class(raw: np.ndarray) -> np.ndarray:
        """Two columns, -r and r, for a binary target's one; others as they are."""
        return np.hstack([-raw, raw]) if raw.shape[1] == 1 else raw

    def _decide(self, raw: np.ndarray) -> np.ndarray:
        """Codes of the most probable classes, or label indicators."""
        if self.out_activation_ == "softmax":
            return raw.argmax(axis=1)
        indicators = (raw > 0).astype(np.int64)
        return indicators.ravel() if raw.shape[1] == 1 else indicators

    @staticmethod
    def _score_raw(
        loss: Loss, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None
    ) -> float:
        """Accuracy; for multilabel targets, of whole rows."""
        correct = raw.argmax(axis=1) == y if y.ndim == 1 else ((raw > 0) == y).all(axis=1)
        return float(np.average(correct, weights=sample_weight))

    def _encode_target(
        self, y: Any, dtype: np.dtype, *, resume: bool, incremental: bool, classes: Any
    ) -> _Target:
        kind = type_of_target(y, input_name="y")
        if kind not in ("binary", "multiclass", "multilabel-indicator"):
            raise ValueError(
                f"Unknown label type: {kind}. y must hold class labels, or label indicators of"
                " shape (n_samples, n_labels); for numbers, use XavierMLPRegressor."
            )
        known = self.classes_ if resume else None
        if incremental:
            known = self._classes_of_partial_fit(known, classes)
        if kind == "multilabel-indicator":
            return self._encode_labels(y, dtype, self.classes_ if resume else None)
        if resume and self.n_outputs_ > 1 and self.out_activation_ == "logistic":
            raise ValueError(
                f"y must have {self.n_outputs_} columns of label indicators, as in the first"
                f" call. Got an array of shape {y.shape}."
            )
        labels = unique_labels(y)
        if known is None:
            known = labels
        elif resume and not incremental and set(labels) != set(known):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous"
                f" call to fit. Previously got {known}, `y` has {labels}."
            )
        elif len(np.setdiff1d(labels, known)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {known}. `y` has"
                f" {labels}."
            )
        if len(known) < 2:
            raise ValueError(
                "The number of classes has to be greater than one; got"
                f" {len(known)} class: {known}."
            )
        codes = np.searchsorted(known, y)
        attributes = {"classes_": known, "_sparse_labels": False}
        if len(known) == 2:
            return _Target(codes.astype(dtype)[:, np.newaxis], BinaryLogLoss(), 1, attributes)
        return _Target(codes, MultinomialLogLoss(), len(known), attributes)

    @staticmethod
    def _classes_of_partial_fit(known: np.ndarray | None, classes: Any) -> np.ndarray:
        if classes is None:
            if known is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            return known
        classes = unique_labels(classes)
        if known is not None and not np.array_equal(known, classes):
            raise ValueError(
                f"`classes={classes}` is not the same as on last call to partial_fit, was: {known}"
            )
        return classes

    def _encode_labels(self, y: Any, dtype: np.dtype, known: np.ndarray | None) -> _Target:
        """Label indicators as floats."""
        n_labels = y.shape[1]
        if known is not None and (len(known) != n_labels or self.out_activation_ != "logistic"):
            raise ValueError(
                f"y has {n_labels} columns of label indicators, but the network was built for"
                f" the classes {known}."
            )
        indicators = (y.toarray() if issparse(y) else y).astype(dtype)
        attributes = {"classes_": np.arange(n_labels), "_sparse_labels": issparse(y)}
        return _Target(indicators, BinaryLogLoss(), n_labels, attributes)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class XavierMLPRegressor(RegressorMixin, _XavierMLP):
    """Multilayer perceptron regressor whose weight initializer is a parameter.

    It takes the parameters, attributes and methods of scikit-learn's `MLPRegressor`, and
    `init` and `bias_init` beside them: the weights start as Glorot and Bengio proposed
    [1]_ unless told otherwise. It minimizes the squared error or the Poisson deviance.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of shape (n_layers - 2,), default=(100,)
        Numbers of units of the hidden layers. An empty sequence makes a linear model.
    activation : {'identity', 'logistic', 'tanh', 'relu'}, default='relu'
        What the hidden layers' units compute of their pre-activation z:

        - 'identity': z;
        - 'logistic': 1 / (1 + exp(-z));
        - 'tanh': tanh(z);
        - 'relu': max(0, z).
    loss : {'squared_error', 'poisson'}, default='squared_error'
        What is minimized: half the squared error, averaged over outputs, or half the
        Poisson deviance, whose predictions are exp of the network's output and whose
        targets must not be negative.
    solver : {'lbfgs', 'sgd', 'adam'}, default='adam'
        How the loss is minimized:

        - 'lbfgs': SciPy's quasi-Newton method on all samples at once; often the best
          choice for a few thousand samples or fewer;
        - 'sgd': stochastic gradient descent on mini-batches;
        - 'adam': the stochastic method of Kingma and Ba [4]_.
    alpha : float, default=0.0001
        Strength of the L2 penalty on the weights. It is divided by the sum of the sample
        weights of each batch (the number of samples, where there are no weights).
    batch_size : int or 'auto', default='auto'
        Samples in a mini-batch; 'auto' is ``min(200, n_samples)``. Not for 'lbfgs'.
    learning_rate : {'constant', 'invscaling', 'adaptive'}, default='constant'
        Schedule of the learning rate, only for 'sgd':

        - 'constant': `learning_rate_init` throughout;
        - 'invscaling': ``learning_rate_init / (t + 1) ** power_t`` after t samples;
        - 'adaptive': `learning_rate_init` as long as there is progress, a fifth of the
          rate each time that there is none for more than `n_iter_no_change` epochs.
    learning_rate_init : float, default=0.001
        The learning rate at the start, for 'sgd' and 'adam'.
    power_t : float, default=0.5
        Exponent of 'invscaling'.
    max_iter : int, default=200
        The most epochs ('sgd', 'adam') or iterations ('lbfgs').
    shuffle : bool, default=True
        Whether to shuffle the samples before each epoch, for 'sgd' and 'adam'.
    random_state : int, RandomState instance or None, default=None
        Source of the starting weights, the validation split and the shuffling. An int
        gives the same result in each call of `fit`.
    tol : float, default=0.0001
        Progress less than this counts as none; for 'lbfgs', the largest component of
        the gradient at which to stop.
    verbose : bool, default=False
        Whether to print the loss after each epoch or iteration.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights that the estimator has.
    momentum : float, default=0.9
        Momentum of 'sgd', in [0, 1].
    nesterovs_momentum : bool, default=True
        Whether the momentum is Nesterov's.
    early_stopping : bool, default=False
        Whether to set samples aside, to stop when the score on them makes no progress,
        and to keep the weights that scored best. For 'sgd' and 'adam', in `fit`.
    validation_fraction : float, default=0.1
        The share of the samples to set aside, in (0, 1).
    beta_1 : float, default=0.9
        Decay of 'adam's average of gradients, in [0, 1).
    beta_2 : float, default=0.999
        Decay of 'adam's average of squared gradients, in [0, 1).
    epsilon : float, default=1e-08
        What 'adam' adds to denominators.
    n_iter_no_change : int, default=10
        Epochs without progress after which 'sgd' and 'adam' stop; `numpy.inf` for never.
    max_fun : int, default=15000
        The most evaluations of the loss by 'lbfgs'.
    init : str, Initializer, callable or list, default='glorot_uniform'
        Where the weights start:

        - a name: 'constant', 'uniform', 'normal', 'truncated_normal', 'glorot_uniform',
          'glorot_normal', 'he_uniform', 'he_normal', 'lecun_uniform', 'lecun_normal',
          'orthogonal', 'zeros'; 'xavier_...' is 'glorot_...', 'kaiming_...' is 'he_...';
        - 'auto': what the literature recommends for the layer's activation: He's normal
          for 'relu', Glorot's uniform for 'tanh', 'identity' and the output, and with a
          gain of 4 for 'logistic';
        - 'sklearn': the rule of scikit-learn's MLP, Glorot's uniform, with a gain of
          ``sqrt(1/3)`` for 'logistic';
        - an object of `sk_xavier.initializers`, whose parameters a search reaches, as in
          ``init__gain``;
        - a callable ``init(shape, *, fan_in, fan_out, random_state, dtype)``;
        - a list of these, or of weight matrices of shape (fan_in, fan_out): one for each
          hidden layer and one for the output layer.
    bias_init : str, Initializer, callable or list, default='zeros'
        Where the biases start: likewise, with vectors of shape (fan_out,); 'same' draws
        the biases of each layer as its weights are drawn.

    Attributes
    ----------
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        The weights, layer by layer. They may be edited: what they hold is what predicts
        and what training goes on from.
    intercepts_ : list of ndarray of shape (fan_out,)
        The biases, layer by layer; likewise.
    loss_ : float
        The loss of the last epoch or iteration.
    loss_curve_ : list of float
        The loss of each epoch: its samples' mean, each batch before its step. For
        'lbfgs', the loss after each iteration. A warm start adds to it.
    best_loss_ : float or None
        The least of them; None with early stopping.
    validation_scores_ : list of float or None
        With early stopping, the R² on the held-out samples after each epoch.
    best_validation_score_ : float or None
        The best of them.
    n_iter_ : int
        Epochs or iterations of the last `fit`, and of `partial_fit` since.
    t_ : int
        Samples that training has gone through, over all epochs.
    n_layers_ : int
        Number of layers, input and output included.
    n_outputs_ : int
        Number of outputs.
    out_activation_ : str
        What turns the network's output into predictions: 'identity', or 'exp' for the
        Poisson loss.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X is a data frame whose column names are strings.

    See Also
    --------
    XavierMLPClassifier : The same network for classes.
    sklearn.neural_network.MLPRegressor : What this is modelled on.

    Notes
    -----
    With ``init="sklearn", bias_init="same"`` and the same `random_state`, training
    retraces that of scikit-learn's `MLPRegressor`, except for the squared error of
    several outputs: its gradient there is ``n_outputs`` times that of its loss.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.
    .. [2] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level
       performance on ImageNet classification", ICCV 2015.
    .. [3] Geoffrey E. Hinton, "Connectionist learning procedures", Artificial
       Intelligence 40, 1989.
    .. [4] Diederik P. Kingma and Jimmy Ba, "Adam: a method for stochastic optimization",
       ICLR 2015.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sk_xavier import XavierMLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> mlp = XavierMLPRegressor((20,), solver="lbfgs", alpha=100.0, random_state=0)
    >>> model = make_pipeline(StandardScaler(), mlp).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.3
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **_XavierMLP._parameter_constraints,
        "loss": [StrOptions(set(_REGRESSION_LOSSES))],
    }

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        loss: str = "squared_error",
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        init: Any = "glorot_uniform",
        bias_init: Any = "zeros",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.loss = loss
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.init = init
        self.bias_init = bias_init

    @available_if(_is_stochastic)
    def partial_fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """Train for one epoch over the given data, as a part of one long training.

        The optimizer, the learning rate and the random generator go on from the call
        before: k calls on the same data are ``fit`` with ``max_iter=k``. Only for the
        solvers 'sgd' and 'adam'.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each sample counts, not negative; None counts them alike.

        Returns
        -------
        self : object
            The estimator, trained a little further.

        Raises
        ------
        ValueError
            If the data or a parameter is invalid, or training diverged; the weights then
            stay as they were.
        """
        return self._partial_fit(X, y, sample_weight)

    def predict(self, X: Any) -> np.ndarray:
        """Predict numbers.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            The predictions.

        Raises
        ------
        ValueError
            If a prediction is too large for its type.
        """
        raw, loss = self._raw_predictions(X)
        with np.errstate(over="ignore"):
            loss.inplace_inverse_link(raw)
        if not np.isfinite(raw).all():
            raise ValueError(
                f"A prediction is too large for {raw.dtype.name}: the network's output goes"
                " through exp. X has values far larger than those it was trained on."
            )
        return raw.ravel() if raw.shape[1] == 1 else raw

    @staticmethod
    def _score_raw(
        loss: Loss, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None
    ) -> float:
        """R²; NaN where a prediction is not finite."""
        loss.inplace_inverse_link(raw)
        if not np.isfinite(raw).all():
            return np.nan
        return float(r2_score(y, raw, sample_weight=sample_weight))

    def _encode_target(
        self, y: Any, dtype: np.dtype, *, resume: bool, incremental: bool, classes: Any
    ) -> _Target:
        with np.errstate(over="ignore"):
            targets = (y.toarray() if issparse(y) else y).astype(dtype)
        if targets.ndim == 1:
            targets = targets[:, np.newaxis]
        if not np.isfinite(targets).all():
            raise ValueError(f"Input y contains a value too large for {np.dtype(dtype).name}.")
        if resume and targets.shape[1] != self.n_outputs_:
            raise ValueError(
                f"y has {targets.shape[1]} outputs, but the network was built for"
                f" {self.n_outputs_}."
            )
        if self.loss == "poisson" and (targets < 0).any():
            raise ValueError("loss='poisson' needs y >= 0. Got negative targets.")
        return _Target(targets, _REGRESSION_LOSSES[self.loss](), targets.shape[1], {})

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
