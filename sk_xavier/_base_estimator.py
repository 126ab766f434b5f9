"""What the classifier and the regressor share: the way through `fit`, and raw predictions."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import issparse
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags, check_array, check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from ._callbacks import FitTask
from ._continuation import make_optimizer, what_goes_on
from ._frames import check_no_missing_targets, columns_named, float_types
from ._losses import Loss
from ._network import Network, Parameters
from ._parameters import (
    CONSTRAINTS,
    check_parameters,
    hidden_layer_number,
    hidden_units,
    layer_activations,
    start_activations,
)
from ._run import Run, fitted_attributes, fitted_state
from ._samples import Samples
from ._saving import VersionedEstimator
from ._sklearn_compat import CallbackSupportMixin, check_sample_weight, with_callbacks
from ._solve import own_validation, solve, unit
from ._starting_weights import draw_starting_weights
from ._targets import LINKS, Target
from ._training import History, TrainingResult
from ._validation import check_validation_set
from ._vectors import all_finite
from ._warnings import warn_caller

__all__ = ["BaseXavierMLP"]


class BaseXavierMLP(CallbackSupportMixin, VersionedEstimator, ABC):
    """Base of the estimators: all but targets and predictions."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CONSTRAINTS

    # The parameters, which the subclasses' constructors store.
    hidden_layer_sizes: int | Sequence[int]
    activation: Any
    dropout: float | Sequence[float]
    init: Any
    bias_init: Any
    store_initial_weights: bool
    alpha: float
    solver: str
    batch_size: int | str
    shuffle: bool
    learning_rate: str
    learning_rate_init: float
    power_t: float
    warmup_fraction: float | None
    momentum: float
    nesterovs_momentum: bool
    beta_1: float
    beta_2: float
    epsilon: float
    weight_decay: float
    max_grad_norm: float | None
    max_fun: int
    max_iter: int
    tol: float
    n_iter_no_change: float
    early_stopping: bool
    validation_fraction: float
    scoring: Any
    warm_start: bool
    random_state: int | np.random.RandomState | None
    verbose: bool

    # What fit publishes.
    coefs_: list[np.ndarray]
    intercepts_: list[np.ndarray]
    loss_: float
    loss_curve_: list[float]
    learning_rate_curve_: list[float]
    validation_loss_curve_: list[float] | None
    best_loss_: float | None
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    n_iter_: int
    t_: int
    n_layers_: int
    n_outputs_: int
    n_features_in_: int
    out_activation_: str
    initial_coefs_: list[np.ndarray]
    initial_intercepts_: list[np.ndarray]
    _continuation: dict[str, Any]

    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
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
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Samples to validate on after each epoch, with `y_val`. With
            ``early_stopping=True`` they take the place of samples set aside; without, they
            are looked at and change nothing. In a Pipeline, ``transform_input=["X_val"]``
            lets them pass the steps before.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Their targets.
        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or a parameter is invalid, parameters contradict each other, or
            training diverged.
        """
        check_parameters(self)
        given = None
        if check_validation_set(X_val, y_val, sample_weight_val):
            given = X_val, y_val, sample_weight_val
        resume = self.warm_start and hasattr(self, "coefs_")
        task = FitTask(self, X, y, sample_weight, task_name=unit(self), n_tasks=self.max_iter)
        with self._all_or_nothing():
            run = self._begin(X, y, sample_weight, resume=resume, validation_set=given)
            self._note_start(run)
            result = solve(self, run, task)
            self._publish(run, result)
        task.end(lambda: copy.deepcopy(fitted_state(self)))
        if result.complaint is not None:
            warn_caller(result.complaint, ConvergenceWarning)
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
        check_parameters(self)
        with self._all_or_nothing():
            run = self._begin(X, y, None, resume=False)
            self._note_start(run)
            stops = self.early_stopping
            run.history.watch(validation=stops, stops_on_score=stops)
            with np.errstate(all="ignore"):
                loss = run.network.mean_loss(run.theta, run.samples)
            self._publish(run, TrainingResult(run.theta, loss, n_iter=0))
        if not np.isfinite(loss):
            warn_caller(
                f"The loss at the start is {loss}: the weights or the samples are too large.",
                RuntimeWarning,
            )
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Self:
        """One epoch, as a later part of the same training."""
        if self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True: each call sees other samples."
                " Set early_stopping=False, or use fit."
            )
        check_parameters(self)
        resume = hasattr(self, "coefs_")
        with self._all_or_nothing():
            run = self._begin(X, y, sample_weight, resume=resume, incremental=True, classes=classes)
            if run.n_samples_seen == 0:
                self._note_start(run)
            self._publish(run, solve(self, run))
        return self

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Leave the estimator and its generators as they were where what is done inside fails."""
        before = vars(self).copy()
        n_losses = len(before.get("loss_curve_", ()))
        n_rates = len(before.get("learning_rate_curve_", ()))
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
                del self.learning_rate_curve_[n_rates:]
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
        validation_set: tuple[Any, Any, Any] | None = None,
    ) -> Run:
        """Validate everything, build the network, and draw its weights or take them up."""
        units = hidden_units(self)
        dtype = self._fitted_dtype() if resume else None
        X, y, sample_weight = self._validate_data(X, y, sample_weight, dtype, reset=not resume)
        target = self._encode_target(
            y, X.dtype, resume=resume, incremental=incremental, classes=classes
        )
        sample_weight = self._weigh_classes(target, sample_weight, X, incremental=incremental)
        network = Network(
            [X.shape[1], *units, target.n_outputs],
            layer_activations(self, len(units)),
            target.loss,
            alpha=self.alpha,
            dtype=X.dtype,
        )
        samples = Samples(X, target.y, sample_weight)
        if resume:
            run = self._take_up(network, samples, y, target, incremental)
        else:
            rng = check_random_state(self.random_state)
            theta = self._draw_start(network, rng)
            optimizer = make_optimizer(self, network, theta, None)
            run = Run(network, samples, y, target, theta, History(), optimizer, rng, incremental)
        if validation_set is not None:
            run = run._replace(validation=own_validation(self, run, *validation_set))
        return run

    def _take_up(
        self, network: Network, samples: Samples, y: Any, target: Target, incremental: bool
    ) -> Run:
        """Go on from the weights as they are and, incrementally, from all other state too."""
        saved = self._continuation
        theta = self._pack(network)
        # A warm fit takes random_state anew, as scikit-learn's does, unless there was no
        # training yet: `initialize` and then `fit` are one training.
        goes_on = incremental or self.t_ == 0

        def own(curve: list[float] | None) -> Any:
            # Incrementally the list itself: copies would make k calls cost k**2.
            return curve if incremental or curve is None else curve.copy()

        history = History(
            own(self.loss_curve_),
            own(self.validation_loss_curve_),
            own(self.validation_scores_),
            own(self.learning_rate_curve_),
            self.best_loss_,
            self.best_validation_score_,
            saved["n_epochs_stalled"],
        )
        return Run(
            network,
            samples,
            y,
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

    def _validate_data(
        self, X: Any, y: Any, sample_weight: Any, dtype: Any = None, *, reset: bool = False
    ) -> tuple:
        """X as an array or CSR matrix of float32 or float64, y as it is, weights like X."""
        check_no_missing_targets(y)
        # What float32 cannot hold is an error.
        with np.errstate(over="ignore", invalid="ignore"), columns_named(X):
            X, y = validate_data(
                self,
                X,
                y,
                accept_sparse=["csr", "csc"],
                multi_output=True,
                y_numeric=not is_classifier(self),
                dtype=float_types(X) if dtype is None else dtype,
                reset=reset,
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
            activations=start_activations(self, len(network.activations)),
            random_state=random_state,
            dtype=network.dtype,
        )
        return network.pack(coefs, intercepts)

    def _note_start(self, run: Run) -> None:
        """Keep copies of the weights that training starts from, where that is asked for."""
        for name in ("initial_coefs_", "initial_intercepts_"):
            self.__dict__.pop(name, None)
        if self.store_initial_weights:
            coefs, intercepts = run.network.views(run.theta.copy())
            self.initial_coefs_, self.initial_intercepts_ = list(coefs), list(intercepts)

    def _publish(self, run: Run, result: TrainingResult) -> None:
        """Set the fitted attributes from what training returned."""
        self.__dict__.update(fitted_attributes(self, run, result))
        order = result.order if run.incremental else None
        self._continuation = what_goes_on(
            self, run.network, run.history, run.optimizer, run.random_state, order
        )

    # What the subclasses say of targets and scores.

    @abstractmethod
    def _encode_target(
        self, y: Any, dtype: np.dtype, *, resume: bool, incremental: bool, classes: Any
    ) -> Target:
        """Encode validated targets for a loss."""

    @abstractmethod
    def _encode_more(self, y: Any, target: Target) -> Target:
        """Encode other validated targets of the same kind as those of `target`."""

    def _weigh_classes(
        self, target: Target, sample_weight: np.ndarray | None, X: Any, *, incremental: bool
    ) -> np.ndarray | None:
        """The sample weights with those of the classes in them."""
        return sample_weight

    @staticmethod
    @abstractmethod
    def _score_raw(
        loss: Loss, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None
    ) -> float:
        """Score raw predictions, which it may use up, against encoded targets."""

    def _network_on(self, X: Any, loss: Loss | None = None) -> tuple[Network, Parameters, Any]:
        """The fitted network and its parameters, and validated samples, all of one type.

        Predicting needs no more of the loss than its link; else `loss` is the whole of it.
        """
        check_is_fitted(self)
        with columns_named(X):
            X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
            if X.dtype.kind == "O":  # of columns whose types scikit-learn did not see
                X = check_array(X, dtype=np.float64, estimator=self, input_name="X")
            if X.dtype.kind not in "biuf":
                raise ValueError(f"X must hold numbers, got an array of {X.dtype}.")
        all_float32 = np.can_cast(X.dtype, np.float32) and self._fitted_dtype() == np.float32
        network = Network(
            [self.n_features_in_, *(np.shape(coef)[-1] for coef in self.coefs_)],
            layer_activations(self, len(self.coefs_) - 1),
            LINKS[self.out_activation_]() if loss is None else loss,
            dtype=np.float32 if all_float32 else np.float64,
        )
        parameters = network.parameters(self.coefs_, self.intercepts_)
        return network, parameters, X.tocsr() if issparse(X) else X

    def _raw_predictions(self, X: Any) -> tuple[np.ndarray, Loss]:
        """Raw predictions of shape (n_samples, n_outputs), and the loss that owns their link."""
        network, parameters, X = self._network_on(X)
        return self._layer_outputs(network, parameters, X, len(self.coefs_) - 1), network.loss

    def transform_hidden(self, X: Any, layer: int = -1) -> np.ndarray:
        """Compute what a hidden layer makes of samples: features that the network has learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.
        layer : int, default=-1
            Which hidden layer: 0 is the first, -1 the last.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_units)
            The outputs of the layer's units, after their activation; no dropout.

        Raises
        ------
        NotFittedError
            If the estimator has no weights yet.
        ValueError
            If there is no such layer, `X` is invalid, or an output is not finite.

        See Also
        --------
        sk_xavier.HiddenLayerTransformer : The same as a step of a pipeline.
        """
        network, parameters, X = self._network_on(X)
        number = hidden_layer_number(layer, len(network.activations))
        return self._layer_outputs(network, parameters, X, number)

    @staticmethod
    def _layer_outputs(network: Network, parameters: Parameters, X: Any, layer: int) -> np.ndarray:
        with np.errstate(all="ignore"):
            outputs = network.layer_outputs(parameters, X, layer)
        if not all_finite(outputs):
            raise ValueError(
                "The network's predictions are not finite: X has values far larger than those"
                " it was trained on, or coefs_ or intercepts_ hold infinite or huge values."
            )
        return outputs

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
