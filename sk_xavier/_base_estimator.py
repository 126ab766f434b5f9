"""What the classifier and the regressor share: the way through `fit`, and raw predictions."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags, check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from ._activations import ACTIVATIONS
from ._continuation import OPTIMIZERS, make_optimizer, what_goes_on
from ._losses import Loss
from ._network import Network, Parameters
from ._optimizers import SCHEDULES, Optimizer
from ._samples import Samples
from ._sklearn_compat import (
    Interval,
    Options,
    StrOptions,
    check_sample_weight,
    validate_params,
)
from ._starting_weights import check_start, draw_starting_weights
from ._targets import LINKS, Target
from ._training import (
    EpochSettings,
    History,
    LBFGSSettings,
    TrainingResult,
    Validation,
    hold_out,
    train_epochs,
    train_lbfgs,
)
from ._vectors import all_finite

__all__ = ["BaseXavierMLP"]


class _Run(NamedTuple):
    """One call of `fit`, `partial_fit` or `initialize` on its way to training."""

    network: Network
    samples: Samples
    target: Target
    theta: np.ndarray
    history: History
    optimizer: Optimizer | None
    random_state: np.random.RandomState
    incremental: bool
    n_samples_seen: int = 0
    order: np.ndarray | None = None


class BaseXavierMLP(BaseEstimator, ABC):
    """Base of the estimators: all but targets and predictions."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "solver": [StrOptions({"lbfgs", *OPTIMIZERS})],
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
        # init and bias_init: check_start, whose message can say more.
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
        with self._all_or_nothing():
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
        with self._all_or_nothing():
            run = self._begin(X, y, None, resume=False)
            run.history.watch(validation=self.early_stopping and self.solver in OPTIMIZERS)
            with np.errstate(all="ignore"):
                loss = run.network.mean_loss(run.theta, run.samples)
            self._publish(run, TrainingResult(run.theta, loss, n_iter=0))
        if not np.isfinite(loss):
            warnings.warn(
                f"The loss at the start is {loss}: the weights or the samples are too large.",
                RuntimeWarning,
                stacklevel=2,
            )
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Self:
        """One epoch, as a later part of the same training."""
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True.")
        resume = hasattr(self, "coefs_")
        with self._all_or_nothing():
            run = self._begin(X, y, sample_weight, resume=resume, incremental=True, classes=classes)
            self._publish(run, self._train(run))
        return self

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Leave the estimator and its generators as they were where what is done inside fails."""
        before = vars(self).copy()
        n_losses = len(before.get("loss_curve_", ()))
        generators = [
            (generator, generator.get_state())
            for generator in (
                self.random_state,
                before.get("_continuation", {}).get("random_state"),
            )
            if isinstance(generator, np.random.RandomState)
        ]
        try:
            yield
        except BaseException:
            self.__dict__ = before
            for generator, state in generators:
                generator.set_state(state)
            if hasattr(self, "loss_curve_"):
                del self.loss_curve_[n_losses:]
            raise

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
        check_start(self.init, self.bias_init, type(self).__name__)
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
        samples = Samples(X, target.y, sample_weight)
        if resume:
            return self._take_up(network, samples, target, incremental)
        rng = check_random_state(self.random_state)
        theta = self._draw_start(network, rng)
        optimizer = make_optimizer(self, network, theta, None)
        return _Run(network, samples, target, theta, History(), optimizer, rng, incremental)

    def _take_up(
        self, network: Network, samples: Samples, target: Target, incremental: bool
    ) -> _Run:
        """Go on from the weights as they are and, incrementally, from all other state too."""
        saved = self._continuation
        theta = self._pack(network)
        # A warm fit takes random_state anew, as scikit-learn's does, unless there was no
        # training yet: `initialize` and then `fit` are one training.
        goes_on = incremental or self.t_ == 0
        history = History(
            # Incrementally the list itself: copies would make k calls cost k**2.
            self.loss_curve_ if incremental else self.loss_curve_.copy(),
            None if self.validation_scores_ is None else self.validation_scores_.copy(),
            self.best_loss_,
            self.best_validation_score_,
            saved["n_epochs_stalled"],
        )
        return _Run(
            network,
            samples,
            target,
            theta,
            history,
            make_optimizer(self, network, theta, saved.get("optimizer") if incremental else None),
            saved["random_state"] if goes_on else check_random_state(self.random_state),
            incremental,
            n_samples_seen=self.t_,
            order=saved.get("order") if incremental else None,
        )

    def _pack(self, network: Network) -> np.ndarray:
        try:
            theta = network.pack(self.coefs_, self.intercepts_)
        except ValueError as error:
            raise ValueError(
                f"hidden_layer_sizes={self.hidden_layer_sizes!r} and the weights disagree: {error}"
            ) from error
        if not all_finite(theta):
            raise ValueError("coefs_ or intercepts_ hold values that are not finite.")
        return theta

    def _hidden_units(self) -> list[int]:
        sizes: Any = self.hidden_layer_sizes
        units = [sizes] if np.ndim(sizes) == 0 else list(sizes)
        if not all(
            isinstance(n_units, Integral) and not isinstance(n_units, bool) and int(n_units) > 0
            for n_units in units
        ):
            raise ValueError(
                f"hidden_layer_sizes must be an int or a sequence of int, each > 0, got {sizes!r}."
            )
        return [int(n_units) for n_units in units]

    def _validate_data(self, X: Any, y: Any, sample_weight: Any, *, resume: bool) -> tuple:
        """X as an array or CSR matrix of float32 or float64, y as it is, weights like X."""
        with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold is an error
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
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y.toarray() if issparse(y) else y, warn=True)
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

    def _train(self, run: _Run) -> TrainingResult:
        with np.errstate(all="ignore"):  # what overflows shows in the loss, and that is checked
            if run.optimizer is not None:
                return self._train_epochs(run, run.optimizer)
            return train_lbfgs(
                run.network,
                run.theta,
                run.samples,
                settings=LBFGSSettings(self.max_iter, self.max_fun, self.tol, bool(self.verbose)),
                history=run.history,
            )

    def _train_epochs(self, run: _Run, optimizer: Optimizer) -> TrainingResult:
        n_samples, order, validation = run.samples.n_samples, None, None
        if self.early_stopping:
            order, validation = self._split(run)
            n_samples = len(order)
        elif self.shuffle and run.order is not None and len(run.order) == n_samples:
            order = run.order.copy()
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
                keeps_interrupted=not run.incremental,
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
        train, held_out = hold_out(
            run.samples,
            self.validation_fraction,
            run.random_state,
            stratify=run.target.strata,
        )
        score = partial(self._score_raw, run.target.loss)
        return train, Validation(np.sort(held_out), score)

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
        order = result.order if run.incremental else None
        self._continuation = what_goes_on(
            self, network, history, run.optimizer, run.random_state, order
        )

    # What the subclasses say of targets and scores.

    @abstractmethod
    def _encode_target(
        self, y: Any, dtype: np.dtype, *, resume: bool, incremental: bool, classes: Any
    ) -> Target:
        """Encode validated targets for a loss."""

    @staticmethod
    @abstractmethod
    def _score_raw(
        loss: Loss, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None
    ) -> float:
        """Score raw predictions, which it may use up, against encoded targets."""

    def _network_on(self, X: Any) -> tuple[Network, Parameters, Any]:
        """The fitted network and its parameters, and validated samples, all of one type."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        if X.dtype.kind not in "biuf":
            raise ValueError(f"X must hold numbers, got an array of {X.dtype}.")
        all_float32 = np.can_cast(X.dtype, np.float32) and self._fitted_dtype() == np.float32
        network = Network(
            [self.n_features_in_, *(np.shape(coef)[-1] for coef in self.coefs_)],
            [ACTIVATIONS[self.activation]] * (len(self.coefs_) - 1),
            LINKS[self.out_activation_](),
            dtype=np.float32 if all_float32 else np.float64,
        )
        parameters = network.parameters(self.coefs_, self.intercepts_)
        return network, parameters, X.tocsr() if issparse(X) else X

    def _raw_predictions(self, X: Any) -> tuple[np.ndarray, Loss]:
        """Raw predictions of shape (n_samples, n_outputs), and the loss that owns their link."""
        network, parameters, X = self._network_on(X)
        with np.errstate(all="ignore"):
            raw = network.raw_predictions(parameters, X)
        if not all_finite(raw):
            raise ValueError(
                "The network's predictions are not finite: X has values far larger than those"
                " it was trained on, or coefs_ or intercepts_ hold infinite or huge values."
            )
        return raw, network.loss

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
