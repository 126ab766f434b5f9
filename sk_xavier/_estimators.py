"""The estimators: scikit-learn's multilayer perceptrons with an initializer to choose."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if

from ._base_estimator import BaseXavierMLP
from ._class_weight import class_weight_factors
from ._continuation import check_stochastic
from ._losses import Loss
from ._sklearn_compat import Interval, StrOptions, check_sample_weight
from ._targets import (
    POSITIVE_LOSSES,
    REGRESSION_LOSSES,
    Target,
    check_classes,
    encode_classes,
    encode_numbers,
    regression_loss,
)
from ._vectors import all_finite

__all__ = ["XavierMLPClassifier", "XavierMLPRegressor"]


class XavierMLPClassifier(ClassifierMixin, BaseXavierMLP):
    """Multilayer perceptron classifier whose weight initializer is a parameter.

    It takes the parameters, attributes and methods of scikit-learn's `MLPClassifier`,
    and `init` and `bias_init` beside them: the weights start as Glorot and Bengio
    proposed [1]_ unless told otherwise. It minimizes the log loss, by backpropagation [2]_.

    The parameters come in groups: the network (to `dropout`), its start (to
    `store_initial_weights`), what is minimized (to `alpha`), how (to `max_fun`), when to stop
    (to `scoring`), and calls.

    Read more in the :ref:`user guide <guide>`.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of shape (n_layers - 2,), default=(100,)
        Numbers of units of the hidden layers. An empty sequence makes a linear model.
    activation : str, Activation or list, default='relu'
        What the hidden layers' units compute of their pre-activation z:

        - 'identity': z;
        - 'logistic': 1 / (1 + exp(-z));
        - 'tanh': tanh(z);
        - 'relu': max(0, z);
        - 'leaky_relu', 'elu', 'selu', 'relu6': its relatives, that let something below zero
          pass, or nothing above six;
        - 'gelu', 'silu', 'mish': z times a gate, z Phi(z), z / (1 + exp(-z)) and
          z tanh(log(1 + exp(z)));
        - 'softplus': log(1 + exp(z));
        - 'softsign', 'hard_tanh': z / (1 + abs(z)), and z cut at -1 and 1;
        - an object of :mod:`sk_xavier.activations`, such as ``LeakyReLU(negative_slope=0.1)``, or
          an ``Activation`` from a function and its derivative;
        - a list of these, one for each hidden layer.
    dropout : float or array-like of shape (n_layers - 2,), default=0.0
        The probability, in [0, 1), that an output of a hidden layer is left out of a step of
        training, for all layers or one by one; the others are scaled up to keep the mean [3]_.
        Nothing is left out when predicting. Not for 'lbfgs'.
    init : str, Initializer, callable or list, default='glorot_uniform'
        Where the weights start:

        - a name: 'constant', 'uniform', 'normal', 'truncated_normal', 'glorot_uniform',
          'glorot_normal', 'he_uniform', 'he_normal', 'lecun_uniform', 'lecun_normal',
          'orthogonal', 'zeros'; 'xavier' may stand for 'glorot', and 'kaiming' for 'he';
        - 'auto': what the literature recommends for the layer's activation: He's normal
          [4]_ for 'relu' and its relatives, 'gelu', 'silu' and 'mish'; LeCun's normal for
          'selu' [5]_; Glorot's uniform for 'tanh', 'softsign', 'hard_tanh', 'identity' and the
          output, with a gain of 4 for 'logistic' and 2 for 'softplus';
        - 'sklearn': the rule of scikit-learn's MLP, Glorot's uniform, with a gain of
          ``sqrt(1/3)`` for 'logistic';
        - an object of :mod:`sk_xavier.initializers`, whose parameters a search reaches, as in
          ``init__gain``;
        - a callable ``init(shape, *, fan_in, fan_out, random_state, dtype)``;
        - a list of these, or of weight matrices of shape (fan_in, fan_out): one for each
          hidden layer and one for the output layer.
    bias_init : str, Initializer, callable or list, default='zeros'
        Where the biases start: likewise, with vectors of shape (fan_out,). 'auto' is
        'zeros', and 'same' draws the biases of each layer as its weights are drawn.
    store_initial_weights : bool, default=False
        Whether to keep copies of the weights that training starts from, in
        ``initial_coefs_`` and ``initial_intercepts_``.
    class_weight : dict, list of dict or 'balanced', default=None
        What the sample weights of each class are multiplied by; None for 1. 'balanced' is
        ``n_samples / (n_classes * count)``, with samples counted by their weights, and not for
        `partial_fit`. A dictionary has classes as keys, 1 for those that it leaves out; label
        indicators take a list, with one dictionary of the keys 0 and 1 for each label. Samples
        set aside to validate on are weighted likewise, those passed as `X_val` are not.
    label_smoothing : float, default=0.0
        The part of each sample's target, in [0, 1), that is shared out evenly among the
        classes [6]_; among 0 and 1 for each label of label indicators.
    alpha : float, default=0.0001
        Strength of the L2 penalty on the weights. It is divided by the sum of the sample
        weights of each batch (the number of samples, where there are no weights).
    solver : {'lbfgs', 'sgd', 'adam', 'adamw', 'rmsprop'}, default='adam'
        How the loss is minimized:

        - 'lbfgs': SciPy's quasi-Newton method on all samples at once [7]_; often the
          best choice for a few thousand samples or fewer;
        - 'sgd': stochastic gradient descent on mini-batches;
        - 'adam': the stochastic method of Kingma and Ba [8]_;
        - 'adamw': the same, with weights that decay by themselves [9]_;
        - 'rmsprop': steps scaled by a running average of the squared gradient [10]_.
    batch_size : int or 'auto', default='auto'
        Samples in a mini-batch; 'auto' is ``min(200, n_samples)``. Not for 'lbfgs'.
    shuffle : bool, default=True
        Whether to shuffle the samples before each epoch, for all solvers but 'lbfgs'.
    learning_rate : {'constant', 'invscaling', 'adaptive', 'cosine', 'one_cycle'}, \
            default='constant'
        Schedule of the learning rate. As in scikit-learn, the second and third are for 'sgd'
        alone; the last two are for all solvers but 'lbfgs', change with each step, and take
        `max_iter` epochs, beyond which `partial_fit` hardly learns; while they rise, little
        progress ends nothing:

        - 'constant': `learning_rate_init` throughout;
        - 'invscaling': ``learning_rate_init / (t + 1) ** power_t`` after t samples;
        - 'adaptive': `learning_rate_init` as long as there is progress, a fifth of the
          rate each time that there is none for more than `n_iter_no_change` epochs;
        - 'cosine': up from 0 in a straight line during the warm-up, if any, then half a
          cosine down to 0 [11]_;
        - 'one_cycle': half a cosine up from 1/25 of `learning_rate_init`, and half a cosine
          down to 1/250,000 of it [12]_.
    learning_rate_init : float, default=0.001
        The learning rate at the start; of 'cosine' and 'one_cycle' the highest. Not for
        'lbfgs'.
    power_t : float, default=0.5
        Exponent of 'invscaling'.
    warmup_fraction : float, default=None
        The part of `max_iter`, in [0, 1), in which 'cosine' and 'one_cycle' rise; None is 0
        for 'cosine' and 0.3 for 'one_cycle'.
    momentum : float, default=0.9
        Momentum of 'sgd', in [0, 1].
    nesterovs_momentum : bool, default=True
        Whether the momentum is Nesterov's [13]_.
    beta_1 : float, default=0.9
        Decay of the average of gradients in 'adam' and 'adamw', in [0, 1).
    beta_2 : float, default=0.999
        Decay of the average of squared gradients in 'adam', 'adamw' and 'rmsprop', in [0, 1).
    epsilon : float, default=1e-08
        What 'adam', 'adamw' and 'rmsprop' add to denominators.
    weight_decay : float, default=0.01
        The rate at which weights decay in 'adamw': by ``learning_rate * weight_decay`` of them
        in each step, whatever the batch size; biases do not. It comes beside `alpha`.
    max_grad_norm : float, default=None
        Gradients whose norm, over all weights and biases together, is larger are scaled down
        to it [14]_; None leaves them as they are. Not for 'lbfgs'.
    max_fun : int, default=15000
        The most evaluations of the loss by 'lbfgs'.
    max_iter : int, default=200
        The most epochs, or iterations of 'lbfgs'.
    tol : float, default=0.0001
        Progress less than this counts as none; for 'lbfgs', the largest component of
        the gradient at which to stop.
    n_iter_no_change : int, default=10
        Epochs without progress after which training stops; `numpy.inf` for never. For 'lbfgs'
        iterations, with early stopping alone.
    early_stopping : bool, default=False
        Whether to set samples aside, to stop when the score on them makes no progress for
        more than `n_iter_no_change` epochs or iterations, and to keep the weights that scored
        best. For `fit`; `X_val` there takes the place of samples set aside.
    validation_fraction : float, default=0.1
        The share of the samples to set aside, in (0, 1).
    scoring : str or callable, default=None
        The score of the validation set, higher is better: None is the accuracy, 'loss'
        is minus the loss without its penalty, and others are scikit-learn's scorers or their
        names.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights that the estimator has.
    random_state : int, RandomState instance or None, default=None
        Source of the starting weights, the validation split, the shuffling and dropout. An int
        gives the same result in each call of `fit`.
    verbose : bool, default=False
        Whether to print a line after each epoch or iteration: the loss, the loss and the score
        of the validation set, and the seconds that it took.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels; the columns' numbers for multilabel targets.
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        The weights, layer by layer. They may be edited: what they hold is what predicts
        and what training goes on from.
    intercepts_ : list of ndarray of shape (fan_out,)
        The biases, layer by layer; likewise.
    initial_coefs_, initial_intercepts_ : list of ndarray
        With ``store_initial_weights=True``, the weights and biases that the last `fit`, or the
        first `partial_fit`, started from.
    loss_ : float
        The loss of the last epoch or iteration.
    loss_curve_ : list of float
        The loss of each epoch: its samples' mean, each batch before its step. For
        'lbfgs', the loss after each iteration. A warm start adds to it.
    best_loss_ : float or None
        The least of them; None with early stopping.
    learning_rate_curve_ : list of float
        The learning rate at the start of each epoch; none from 'lbfgs'.
    validation_loss_curve_ : list of float or None
        Where there are samples to validate on, the loss on them after each epoch, without its
        penalty.
    validation_scores_ : list of float or None
        Likewise their score, by `scoring`. Both curves are as long as samples have been
        validated on without a break: after a warm start, they may be shorter than
        ``loss_curve_`` and end where it ends.
    best_validation_score_ : float or None
        The best of them since the last `fit` began.
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
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
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
    .. [2] Geoffrey E. Hinton, "Connectionist learning procedures", Artificial
       Intelligence 40, 1989.
    .. [3] Nitish Srivastava et al., "Dropout: a simple way to prevent neural networks from
       overfitting", JMLR 15, 2014.
    .. [4] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level
       performance on ImageNet classification", ICCV 2015.
    .. [5] Günter Klambauer et al., "Self-normalizing neural networks", NIPS 2017.
    .. [6] Christian Szegedy et al., "Rethinking the Inception architecture for computer vision",
       CVPR 2016.
    .. [7] Dong C. Liu and Jorge Nocedal, "On the limited memory BFGS method for large scale
       optimization", Mathematical Programming 45, 1989.
    .. [8] Diederik P. Kingma and Jimmy Ba, "Adam: a method for stochastic optimization",
       ICLR 2015.
    .. [9] Ilya Loshchilov and Frank Hutter, "Decoupled weight decay regularization", ICLR
       2019.
    .. [10] Tijmen Tieleman and Geoffrey E. Hinton, "Lecture 6.5: rmsprop", Coursera: Neural
       Networks for Machine Learning, 2012.
    .. [11] Ilya Loshchilov and Frank Hutter, "SGDR: stochastic gradient descent with warm
       restarts", ICLR 2017.
    .. [12] Leslie N. Smith and Nicholay Topin, "Super-convergence: very fast training of
       neural networks using large learning rates", 2018, arXiv:1708.07120.
    .. [13] Ilya Sutskever et al., "On the importance of initialization and momentum in deep
       learning", ICML 2013.
    .. [14] Razvan Pascanu et al., "On the difficulty of training recurrent neural networks",
       ICML 2013.

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

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseXavierMLP._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, list, None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    }

    classes_: np.ndarray
    _sparse_labels: bool

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: Any = "relu",
        *,
        dropout: float | Sequence[float] = 0.0,
        # its start
        init: Any = "glorot_uniform",
        bias_init: Any = "zeros",
        store_initial_weights: bool = False,
        # what is minimized
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        alpha: float = 0.0001,
        # how
        solver: str = "adam",
        batch_size: int | str = "auto",
        shuffle: bool = True,
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        warmup_fraction: float | None = None,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        max_grad_norm: float | None = None,
        max_fun: int = 15000,
        # when to stop
        max_iter: int = 200,
        tol: float = 1e-4,
        n_iter_no_change: float = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        scoring: Any = None,
        # calls
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.init = init
        self.bias_init = bias_init
        self.store_initial_weights = store_initial_weights
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing
        self.alpha = alpha
        self.solver = solver
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.warmup_fraction = warmup_fraction
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.weight_decay = weight_decay
        self.max_grad_norm = max_grad_norm
        self.max_fun = max_fun
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.scoring = scoring
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @available_if(check_stochastic)
    def partial_fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch over the given data, as a part of one long training.

        The optimizer, the learning rate and the random generator go on from the call
        before: k calls on the same data are ``fit`` with ``max_iter=k``. Only for
        solvers of mini-batches: not for 'lbfgs'.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels or label indicators.
        sample_weight : array-like of shape (n_samples,), default=None
            How much each sample counts, not negative; None counts them alike.
        classes : array-like of shape (n_classes,), default=None
            All class labels of all calls to come; for label indicators the columns' numbers,
            or 0 and 1. Needed in the first call, unless `initialize` or `fit` came before it.

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

    def predict(self, X: Any) -> np.ndarray | csr_matrix:
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

        Raises
        ------
        NotFittedError
            If the estimator has no weights yet.
        ValueError
            If `X` is invalid, or the network's output is not finite.
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

        Raises
        ------
        NotFittedError
            If the estimator has no weights yet.
        ValueError
            If `X` is invalid, or the network's output is not finite.
        """
        raw, loss = self._raw_predictions(X)
        raw = self._one_column_a_class(raw)
        info = np.finfo(raw.dtype)
        with np.errstate(all="ignore"):
            loss.inplace_inverse_link(raw)
            # A finite network is never certain: where rounding says so, take the next number.
            np.clip(raw, info.tiny, 1 - info.epsneg, out=raw)
        return raw

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Predict logarithms of probabilities of classes.

        They come from the network's output directly and are finite: as `predict_proba`,
        they are bounded by the smallest normal number, whose logarithm is -708 (-87 in
        float32).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Natural logarithms, in the order of ``classes_``.

        Raises
        ------
        NotFittedError
            If the estimator has no weights yet.
        ValueError
            If `X` is invalid, or the network's output is not finite.
        """
        raw, loss = self._raw_predictions(X)
        raw = self._one_column_a_class(raw)
        with np.errstate(all="ignore"):
            loss.inplace_log_inverse_link(raw)
            # The bound of predict_proba: where that has ties, there are ties here.
            np.maximum(raw, np.log(np.finfo(raw.dtype).tiny), out=raw)
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
    ) -> Target:
        known = self.classes_ if resume else None
        return encode_classes(
            y,
            dtype,
            known=check_classes(known, classes, y) if incremental else known,
            was_multilabel=self._is_multilabel() if resume else None,
            needs_all=resume and not incremental,
            label_smoothing=self.label_smoothing,
        )

    def _encode_more(self, y: Any, target: Target) -> Target:
        return encode_classes(
            y,
            np.dtype(target.y.dtype if target.y.ndim > 1 else np.float64),
            known=target.attributes["classes_"],
            was_multilabel=target.loss.link == "logistic" and target.n_outputs > 1,
        )

    def _weigh_classes(
        self, target: Target, sample_weight: np.ndarray | None, X: Any, *, incremental: bool
    ) -> np.ndarray | None:
        if self.class_weight is None:
            return sample_weight
        if incremental and self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not supported for partial_fit, as one call does not"
                " see all samples. Pass the weights as a dictionary, from"
                " sklearn.utils.class_weight.compute_class_weight('balanced', classes=classes,"
                " y=y) with a large enough sample of y."
            )
        codes = target.y[:, 0] if target.n_outputs == 1 else target.y
        factors = class_weight_factors(
            self.class_weight, codes.astype(np.intp), target.attributes["classes_"], sample_weight
        )
        if sample_weight is not None:
            factors *= sample_weight
        try:
            return check_sample_weight(factors, X, X.dtype)
        except ValueError as error:
            raise ValueError(f"class_weight={self.class_weight!r}: {error}") from error

    def _is_multilabel(self) -> bool:
        return self.out_activation_ == "logistic" and self.n_outputs_ > 1

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class XavierMLPRegressor(RegressorMixin, BaseXavierMLP):
    """Multilayer perceptron regressor whose weight initializer is a parameter.

    It takes the parameters, attributes and methods of scikit-learn's `MLPRegressor`, and
    `init` and `bias_init` beside them: the weights start as Glorot and Bengio proposed
    [1]_ unless told otherwise. It minimizes the squared error or another loss, by
    backpropagation [2]_.

    The parameters come in groups: the network (to `dropout`), its start (to
    `store_initial_weights`), what is minimized (to `alpha`), how (to `max_fun`), when to stop
    (to `scoring`), and calls.

    Read more in the :ref:`user guide <guide>`.

    Parameters
    ----------
    hidden_layer_sizes : int or array-like of shape (n_layers - 2,), default=(100,)
        Numbers of units of the hidden layers. An empty sequence makes a linear model.
    activation : str, Activation or list, default='relu'
        What the hidden layers' units compute of their pre-activation z:

        - 'identity': z;
        - 'logistic': 1 / (1 + exp(-z));
        - 'tanh': tanh(z);
        - 'relu': max(0, z);
        - 'leaky_relu', 'elu', 'selu', 'relu6': its relatives, that let something below zero
          pass, or nothing above six;
        - 'gelu', 'silu', 'mish': z times a gate, z Phi(z), z / (1 + exp(-z)) and
          z tanh(log(1 + exp(z)));
        - 'softplus': log(1 + exp(z));
        - 'softsign', 'hard_tanh': z / (1 + abs(z)), and z cut at -1 and 1;
        - an object of :mod:`sk_xavier.activations`, such as ``LeakyReLU(negative_slope=0.1)``, or
          an ``Activation`` from a function and its derivative;
        - a list of these, one for each hidden layer.
    dropout : float or array-like of shape (n_layers - 2,), default=0.0
        The probability, in [0, 1), that an output of a hidden layer is left out of a step of
        training, for all layers or one by one; the others are scaled up to keep the mean [3]_.
        Nothing is left out when predicting. Not for 'lbfgs'.
    init : str, Initializer, callable or list, default='glorot_uniform'
        Where the weights start:

        - a name: 'constant', 'uniform', 'normal', 'truncated_normal', 'glorot_uniform',
          'glorot_normal', 'he_uniform', 'he_normal', 'lecun_uniform', 'lecun_normal',
          'orthogonal', 'zeros'; 'xavier' may stand for 'glorot', and 'kaiming' for 'he';
        - 'auto': what the literature recommends for the layer's activation: He's normal
          [4]_ for 'relu' and its relatives, 'gelu', 'silu' and 'mish'; LeCun's normal for
          'selu' [5]_; Glorot's uniform for 'tanh', 'softsign', 'hard_tanh', 'identity' and the
          output, with a gain of 4 for 'logistic' and 2 for 'softplus';
        - 'sklearn': the rule of scikit-learn's MLP, Glorot's uniform, with a gain of
          ``sqrt(1/3)`` for 'logistic';
        - an object of :mod:`sk_xavier.initializers`, whose parameters a search reaches, as in
          ``init__gain``;
        - a callable ``init(shape, *, fan_in, fan_out, random_state, dtype)``;
        - a list of these, or of weight matrices of shape (fan_in, fan_out): one for each
          hidden layer and one for the output layer.
    bias_init : str, Initializer, callable or list, default='zeros'
        Where the biases start: likewise, with vectors of shape (fan_out,). 'auto' is
        'zeros', and 'same' draws the biases of each layer as its weights are drawn.
    store_initial_weights : bool, default=False
        Whether to keep copies of the weights that training starts from, in
        ``initial_coefs_`` and ``initial_intercepts_``.
    loss : {'squared_error', 'absolute_error', 'huber', 'quantile', 'poisson', 'gamma'}, \
            default='squared_error'
        What is minimized, averaged over the outputs, by the residual r of each:

        - 'squared_error': r^2 / 2;
        - 'absolute_error': abs(r); predicts the median;
        - 'huber': r^2 / 2 up to `huber_delta`, linear beyond [6]_;
        - 'quantile': the pinball loss; predicts a `quantile` [7]_;
        - 'poisson': half the Poisson deviance, for targets of at least 0, summed over the
          outputs; predictions are exp of the network's output;
        - 'gamma': half the gamma deviance, for targets above 0; likewise exp.
    huber_delta : float, default=1.0
        Residuals up to this size are squared by ``loss='huber'``, in units of y.
    quantile : float, default=0.5
        Which quantile ``loss='quantile'`` predicts, in (0, 1).
    alpha : float, default=0.0001
        Strength of the L2 penalty on the weights. It is divided by the sum of the sample
        weights of each batch (the number of samples, where there are no weights).
    solver : {'lbfgs', 'sgd', 'adam', 'adamw', 'rmsprop'}, default='adam'
        How the loss is minimized:

        - 'lbfgs': SciPy's quasi-Newton method on all samples at once [8]_; often the
          best choice for a few thousand samples or fewer;
        - 'sgd': stochastic gradient descent on mini-batches;
        - 'adam': the stochastic method of Kingma and Ba [9]_;
        - 'adamw': the same, with weights that decay by themselves [10]_;
        - 'rmsprop': steps scaled by a running average of the squared gradient [11]_.
    batch_size : int or 'auto', default='auto'
        Samples in a mini-batch; 'auto' is ``min(200, n_samples)``. Not for 'lbfgs'.
    shuffle : bool, default=True
        Whether to shuffle the samples before each epoch, for all solvers but 'lbfgs'.
    learning_rate : {'constant', 'invscaling', 'adaptive', 'cosine', 'one_cycle'}, \
            default='constant'
        Schedule of the learning rate. As in scikit-learn, the second and third are for 'sgd'
        alone; the last two are for all solvers but 'lbfgs', change with each step, and take
        `max_iter` epochs, beyond which `partial_fit` hardly learns; while they rise, little
        progress ends nothing:

        - 'constant': `learning_rate_init` throughout;
        - 'invscaling': ``learning_rate_init / (t + 1) ** power_t`` after t samples;
        - 'adaptive': `learning_rate_init` as long as there is progress, a fifth of the
          rate each time that there is none for more than `n_iter_no_change` epochs;
        - 'cosine': up from 0 in a straight line during the warm-up, if any, then half a
          cosine down to 0 [12]_;
        - 'one_cycle': half a cosine up from 1/25 of `learning_rate_init`, and half a cosine
          down to 1/250,000 of it [13]_.
    learning_rate_init : float, default=0.001
        The learning rate at the start; of 'cosine' and 'one_cycle' the highest. Not for
        'lbfgs'.
    power_t : float, default=0.5
        Exponent of 'invscaling'.
    warmup_fraction : float, default=None
        The part of `max_iter`, in [0, 1), in which 'cosine' and 'one_cycle' rise; None is 0
        for 'cosine' and 0.3 for 'one_cycle'.
    momentum : float, default=0.9
        Momentum of 'sgd', in [0, 1].
    nesterovs_momentum : bool, default=True
        Whether the momentum is Nesterov's [14]_.
    beta_1 : float, default=0.9
        Decay of the average of gradients in 'adam' and 'adamw', in [0, 1).
    beta_2 : float, default=0.999
        Decay of the average of squared gradients in 'adam', 'adamw' and 'rmsprop', in [0, 1).
    epsilon : float, default=1e-08
        What 'adam', 'adamw' and 'rmsprop' add to denominators.
    weight_decay : float, default=0.01
        The rate at which weights decay in 'adamw': by ``learning_rate * weight_decay`` of them
        in each step, whatever the batch size; biases do not. It comes beside `alpha`.
    max_grad_norm : float, default=None
        Gradients whose norm, over all weights and biases together, is larger are scaled down
        to it [15]_; None leaves them as they are. Not for 'lbfgs'.
    max_fun : int, default=15000
        The most evaluations of the loss by 'lbfgs'.
    max_iter : int, default=200
        The most epochs, or iterations of 'lbfgs'.
    tol : float, default=0.0001
        Progress less than this counts as none; for 'lbfgs', the largest component of
        the gradient at which to stop.
    n_iter_no_change : int, default=10
        Epochs without progress after which training stops; `numpy.inf` for never. For 'lbfgs'
        iterations, with early stopping alone.
    early_stopping : bool, default=False
        Whether to set samples aside, to stop when the score on them makes no progress for
        more than `n_iter_no_change` epochs or iterations, and to keep the weights that scored
        best. For `fit`; `X_val` there takes the place of samples set aside.
    validation_fraction : float, default=0.1
        The share of the samples to set aside, in (0, 1).
    scoring : str or callable, default=None
        The score of the validation set, higher is better: None is the R², and minus the loss
        where ``loss='quantile'``; 'loss' is minus the loss without its penalty, and others
        are scikit-learn's scorers or their names.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights that the estimator has.
    random_state : int, RandomState instance or None, default=None
        Source of the starting weights, the validation split, the shuffling and dropout. An int
        gives the same result in each call of `fit`.
    verbose : bool, default=False
        Whether to print a line after each epoch or iteration: the loss, the loss and the score
        of the validation set, and the seconds that it took.

    Attributes
    ----------
    coefs_ : list of ndarray of shape (fan_in, fan_out)
        The weights, layer by layer. They may be edited: what they hold is what predicts
        and what training goes on from.
    intercepts_ : list of ndarray of shape (fan_out,)
        The biases, layer by layer; likewise.
    initial_coefs_, initial_intercepts_ : list of ndarray
        With ``store_initial_weights=True``, the weights and biases that the last `fit`, or the
        first `partial_fit`, started from.
    loss_ : float
        The loss of the last epoch or iteration.
    loss_curve_ : list of float
        The loss of each epoch: its samples' mean, each batch before its step. For
        'lbfgs', the loss after each iteration. A warm start adds to it.
    best_loss_ : float or None
        The least of them; None with early stopping.
    learning_rate_curve_ : list of float
        The learning rate at the start of each epoch; none from 'lbfgs'.
    validation_loss_curve_ : list of float or None
        Where there are samples to validate on, the loss on them after each epoch, without its
        penalty.
    validation_scores_ : list of float or None
        Likewise their score, by `scoring`. Both curves are as long as samples have been
        validated on without a break: after a warm start, they may be shorter than
        ``loss_curve_`` and end where it ends.
    best_validation_score_ : float or None
        The best of them since the last `fit` began.
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
        losses 'poisson' and 'gamma'.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
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
    .. [2] Geoffrey E. Hinton, "Connectionist learning procedures", Artificial
       Intelligence 40, 1989.
    .. [3] Nitish Srivastava et al., "Dropout: a simple way to prevent neural networks from
       overfitting", JMLR 15, 2014.
    .. [4] Kaiming He et al., "Delving deep into rectifiers: surpassing human-level
       performance on ImageNet classification", ICCV 2015.
    .. [5] Günter Klambauer et al., "Self-normalizing neural networks", NIPS 2017.
    .. [6] Peter J. Huber, "Robust estimation of a location parameter", The Annals of
       Mathematical Statistics 35, 1964.
    .. [7] Roger Koenker and Gilbert Bassett, "Regression quantiles", Econometrica 46, 1978.
    .. [8] Dong C. Liu and Jorge Nocedal, "On the limited memory BFGS method for large scale
       optimization", Mathematical Programming 45, 1989.
    .. [9] Diederik P. Kingma and Jimmy Ba, "Adam: a method for stochastic optimization",
       ICLR 2015.
    .. [10] Ilya Loshchilov and Frank Hutter, "Decoupled weight decay regularization", ICLR
       2019.
    .. [11] Tijmen Tieleman and Geoffrey E. Hinton, "Lecture 6.5: rmsprop", Coursera: Neural
       Networks for Machine Learning, 2012.
    .. [12] Ilya Loshchilov and Frank Hutter, "SGDR: stochastic gradient descent with warm
       restarts", ICLR 2017.
    .. [13] Leslie N. Smith and Nicholay Topin, "Super-convergence: very fast training of
       neural networks using large learning rates", 2018, arXiv:1708.07120.
    .. [14] Ilya Sutskever et al., "On the importance of initialization and momentum in deep
       learning", ICML 2013.
    .. [15] Razvan Pascanu et al., "On the difficulty of training recurrent neural networks",
       ICML 2013.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sk_xavier import XavierMLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> mlp = XavierMLPRegressor((20,), "tanh", solver="lbfgs", alpha=1000.0, random_state=0)
    >>> model = make_pipeline(StandardScaler(), mlp).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.3
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseXavierMLP._parameter_constraints,
        "loss": [StrOptions(set(REGRESSION_LOSSES))],
        "huber_delta": [Interval(Real, 0, None, closed="neither")],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: Any = "relu",
        *,
        dropout: float | Sequence[float] = 0.0,
        # its start
        init: Any = "glorot_uniform",
        bias_init: Any = "zeros",
        store_initial_weights: bool = False,
        # what is minimized
        loss: str = "squared_error",
        huber_delta: float = 1.0,
        quantile: float = 0.5,
        alpha: float = 0.0001,
        # how
        solver: str = "adam",
        batch_size: int | str = "auto",
        shuffle: bool = True,
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        warmup_fraction: float | None = None,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        max_grad_norm: float | None = None,
        max_fun: int = 15000,
        # when to stop
        max_iter: int = 200,
        tol: float = 1e-4,
        n_iter_no_change: float = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        scoring: Any = None,
        # calls
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.init = init
        self.bias_init = bias_init
        self.store_initial_weights = store_initial_weights
        self.loss = loss
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.alpha = alpha
        self.solver = solver
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.warmup_fraction = warmup_fraction
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.weight_decay = weight_decay
        self.max_grad_norm = max_grad_norm
        self.max_fun = max_fun
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.scoring = scoring
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @available_if(check_stochastic)
    def partial_fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """Train for one epoch over the given data, as a part of one long training.

        The optimizer, the learning rate and the random generator go on from the call
        before: k calls on the same data are ``fit`` with ``max_iter=k``. Only for
        solvers of mini-batches: not for 'lbfgs'.

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
        NotFittedError
            If the estimator has no weights yet.
        ValueError
            If `X` is invalid, the network's output is not finite, or a prediction is too large
            for its type.
        """
        raw, loss = self._raw_predictions(X)
        with np.errstate(all="ignore"):
            loss.inplace_inverse_link(raw)
        if not all_finite(raw):
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
        if not all_finite(raw):
            return np.nan
        return float(r2_score(y, raw, sample_weight=sample_weight))

    def _encode_target(
        self, y: Any, dtype: np.dtype, *, resume: bool, incremental: bool, classes: Any
    ) -> Target:
        n_outputs = self.n_outputs_ if resume else None
        return encode_numbers(
            y, dtype, loss=regression_loss(self), name=self.loss, n_outputs=n_outputs
        )

    def _encode_more(self, y: Any, target: Target) -> Target:
        return encode_numbers(
            y, target.y.dtype, loss=target.loss, name=self.loss, n_outputs=target.n_outputs
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = self.loss in POSITIVE_LOSSES
        return tags
