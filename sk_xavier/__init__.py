"""Multilayer perceptrons for scikit-learn, with the weight initializer as a parameter."""

from . import initializers
from ._estimators import XavierMLPClassifier, XavierMLPRegressor

__version__ = "0.1.0.dev0"

__all__ = ["XavierMLPClassifier", "XavierMLPRegressor", "initializers"]
