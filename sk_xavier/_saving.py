"""Estimators in files, and files of other versions of this package."""

import sys
import warnings
from functools import cache
from inspect import Parameter, signature
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.utils.fixes import parse_version

__all__ = ["NewerVersionWarning", "VersionedEstimator"]

_KEY = "_sk_xavier_version"
"""Where a state holds the version that saved it; the object itself has no such attribute."""

_NO_DEFAULT = Parameter.empty


class NewerVersionWarning(InconsistentVersionWarning):
    """A file is of a newer version of this package than the one that loads it.

    Who makes scikit-learn's warning an error, or passes over it, does so with this one too.
    """

    # Handlers of scikit-learn's warning read these, and its versions are not what differs.
    original_sklearn_version = current_sklearn_version = None

    def __init__(self, message: str) -> None:
        UserWarning.__init__(self, message)

    def __str__(self) -> str:
        return UserWarning.__str__(self)


class VersionedEstimator(BaseEstimator):
    """Base of what is saved: its state has the version, and later versions can read it.

    A parameter that did not exist when the state was saved gets its default, which has to do what
    the older version did.
    """

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), _KEY: _own_version()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        cls: Any = type(self)
        parameters = _parameters(cls)
        attributes = {name: value for name, value in parameters.items() if value is not _NO_DEFAULT}
        attributes |= state
        saved_by = attributes.pop(_KEY, None)
        if saved_by is not None and _is_newer(saved_by):
            unknown = {name for name in attributes if not name.startswith("_") and name[-1] != "_"}
            _warn(cls.__name__, saved_by, sorted(unknown - set(parameters)))
        super().__setstate__(attributes)


@cache
def _parameters(cls: Any) -> dict[str, Any]:
    """The parameters that a constructor names, and their defaults."""
    return {name: parameter.default for name, parameter in signature(cls).parameters.items()}


def _own_version() -> str:
    # Looked up when it is needed: the package imports this module before it is whole.
    return sys.modules[__package__].__version__


def _is_newer(version: str) -> bool:
    own = _own_version()
    return version != own and parse_version(version) > parse_version(own)


def _warn(name: str, version: str, unknown: list[str]) -> None:
    message = (
        f"This {name} was saved by sk_xavier {version} and is loaded by {_own_version()}, which is"
        " older: it may fail, or predict something else."
    )
    if unknown:
        message += f" Unknown here, and without effect: {', '.join(unknown)}."
    message += f" Install sk_xavier {version} or later to load it."
    warnings.warn(message, NewerVersionWarning, stacklevel=3)
