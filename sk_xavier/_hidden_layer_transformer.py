"""A transformer for pipelines: what a network's hidden layer makes of the samples."""

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    MetaEstimatorMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils import Tags, get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.validation import check_is_fitted

from ._base_estimator import BaseXavierMLP
from ._parameters import hidden_layer_number, hidden_units
from ._saving import VersionedEstimator
from ._sklearn_compat import validate_params

__all__ = ["HiddenLayerTransformer"]


class HiddenLayerTransformer(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, MetaEstimatorMixin, VersionedEstimator
):
    """Features that a hidden layer of a network has learned, for the next step of a pipeline.

    `fit` trains a clone of the network on the targets; `transform` is its
    ``transform_hidden``. A network that is trained already stays as it is within
    ``sklearn.frozen.FrozenEstimator``.

    Read more in the :ref:`user guide <guide_hidden>`.

    Parameters
    ----------
    estimator : XavierMLPClassifier, XavierMLPRegressor or FrozenEstimator of one
        The network.
    layer : int, default=-1
        Which hidden layer: 0 is the first, -1 the last.

    Attributes
    ----------
    estimator_ : XavierMLPClassifier, XavierMLPRegressor or FrozenEstimator of one
        The fitted network.
    n_features_in_ : int
        Number of features of the samples.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, where X is a data frame whose column names are strings.

    See Also
    --------
    XavierMLPClassifier.transform_hidden : The same for a fitted network.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sk_xavier import HiddenLayerTransformer, XavierMLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> network = XavierMLPClassifier((30,), learning_rate_init=0.01, tol=0.01, random_state=0)
    >>> model = make_pipeline(HiddenLayerTransformer(network), LogisticRegression(max_iter=5000))
    >>> model.fit(X[:1000] / 16, y[:1000]).score(X[1000:] / 16, y[1000:]) > 0.9
    True
    >>> model[0].transform(X / 16).shape
    (1797, 30)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [BaseEstimator],
        "layer": [Integral],
    }

    estimator_: Any

    def __init__(self, estimator: BaseXavierMLP, layer: int = -1) -> None:
        self.estimator = estimator
        self.layer = layer

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """Train a clone of the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        **fit_params : dict
            What else the network's `fit` takes: `sample_weight`, `X_val`, `y_val` and
            `sample_weight_val`. With metadata routing enabled, what it requests.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        TypeError
            If `estimator` has no hidden layers to show.
        ValueError
            If the data or a parameter is invalid, or there is no such layer.
        """
        validate_params(self)
        if not hasattr(self.estimator, "transform_hidden"):
            raise TypeError(
                "estimator must be a XavierMLPClassifier, a XavierMLPRegressor or a"
                f" FrozenEstimator of one. Got {self.estimator!r}."
            )
        hidden_layer_number(self.layer, len(hidden_units(self.estimator)))
        if get_config()["enable_metadata_routing"]:
            fit_params = process_routing(self, "fit", **fit_params).estimator.fit
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Compute the outputs of the hidden layer.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_units)
            One column a unit.

        Raises
        ------
        NotFittedError
            If `fit` was not called before.
        ValueError
            If `X` is invalid, or an output is not finite.
        """
        check_is_fitted(self)
        return self.estimator_.transform_hidden(X, self.layer)

    @property
    def n_features_in_(self) -> int:
        """Number of features of the samples."""
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the features, where X is a data frame whose column names are strings."""
        return self.estimator_.feature_names_in_

    @property
    def _n_features_out(self) -> int:
        """For the names of the features: ``hiddenlayertransformer0``, ..."""
        return np.shape(self.estimator_.coefs_[:-1][self.layer])[1]

    def get_metadata_routing(self) -> MetadataRouter:
        """Tell which metadata go on to the network.

        Returns
        -------
        routing : MetadataRouter
            What scikit-learn's metadata routing asks for.
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        mapping.add(caller="fit_transform", callee="fit")
        return MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=mapping)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = get_tags(self.estimator).input_tags.sparse
        tags.target_tags.required = True
        return tags
