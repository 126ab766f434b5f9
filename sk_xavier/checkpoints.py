"""Checkpoints: training in a file, from which it goes on as if it had not been cut.

A checkpoint has the weights and all else that goes on from one `partial_fit` to the next: the
optimizer's averages, the learning rate, the state of the random numbers, the counters and the
curves. It is an ``.npz`` archive of arrays and JSON; reading one runs no code of its writer.

It is no model for keeps: only the version that wrote it reads it, and the estimator that it is
read into brings its parameters. For models, see the :ref:`user guide <guide_saving>`.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from . import __version__
from ._base_estimator import BaseXavierMLP
from ._parameters import check_count, hidden_units, layer_activations
from ._plain_files import read_plain, write_plain
from ._run import fitted_state, is_fitted_state

__all__ = ["Checkpoint", "load_checkpoint", "save_checkpoint"]

_KINDS: dict[str, Any] = {
    "sk_xavier": str,
    "network": dict,
    "parameters": dict,
    "position": (dict, type(None)),
    "fitted": dict,
}
"""What is in a checkpoint, by type; the first is the version."""

_Estimator = TypeVar("_Estimator", bound=BaseXavierMLP)


def save_checkpoint(path: str | os.PathLike, estimator: BaseXavierMLP) -> None:
    """Write an estimator's training to a file.

    The file is written beside `path` and then takes its name, so that whatever happens in
    between, there is a whole checkpoint: the older or the newer.

    Read more in the :ref:`user guide <guide_larger_than_memory>`.

    Parameters
    ----------
    path : str or path-like
        The file, in a folder that exists. A usual ending is ``.npz``.
    estimator : XavierMLPClassifier or XavierMLPRegressor
        Fitted, or `initialize`-d. Its parameters are noted, but do not come back: they may
        hold any object.

    Raises
    ------
    NotFittedError
        If the estimator has no weights yet.
    TypeError
        If `path` is no path, `estimator` is of another class, or what it holds cannot be written
        without pickling, such as classes that are neither numbers nor strings.
    OSError
        If the file cannot be written.

    See Also
    --------
    load_checkpoint : Goes on from it.
    Checkpoint : Saves after epochs of `fit`.
    sk_xavier.streaming.fit_stream : Trains on chunks of data, with checkpoints.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.checkpoints import load_checkpoint, save_checkpoint
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((10,), random_state=0)
    >>> mlp = mlp.partial_fit(X, y, classes=[0, 1, 2])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "iris.npz"
    ...     save_checkpoint(path, mlp)
    ...     other = load_checkpoint(path, XavierMLPClassifier((10,), random_state=0))
    >>> one, two = mlp.partial_fit(X, y), other.partial_fit(X, y)
    >>> bool((one.coefs_[0] == two.coefs_[0]).all())
    True
    """
    CheckpointWriter(path, estimator).write()


def load_checkpoint(path: str | os.PathLike, estimator: _Estimator) -> _Estimator:
    """Read training from a file into an estimator, which then goes on from there.

    The estimator's own parameters stay, and count from the next `partial_fit` on. Those that
    make the network must be those of the checkpoint; others may differ. With all the same,
    further calls of `partial_fit` do bit for bit what they would have done where the
    checkpoint was written, on the same kind of machine with the same versions.

    Read more in the :ref:`user guide <guide_larger_than_memory>`.

    Parameters
    ----------
    path : str or path-like
        The file.
    estimator : XavierMLPClassifier or XavierMLPRegressor
        Gets the fitted attributes, in place of any that it has.

    Returns
    -------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        The same object.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    TypeError
        If `path` is no path, or `estimator` is of another class.
    ValueError
        If the file is cut short or of another kind, was written by another version of
        sk_xavier, or is of another network. The estimator is then as it was.

    See Also
    --------
    save_checkpoint : Writes it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.checkpoints import load_checkpoint, save_checkpoint
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((10,)).partial_fit(X, y, classes=[0, 1, 2])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "iris.npz"
    ...     save_checkpoint(path, mlp)
    ...     other = load_checkpoint(path, XavierMLPClassifier((10,), learning_rate_init=0.1))
    >>> other.n_iter_, other.learning_rate_init
    (1, 0.1)
    """
    restore(estimator, read_checkpoint(path), path)
    return estimator


class Checkpoint:
    """Callback that writes a checkpoint after epochs of `fit`.

    For ``set_callbacks`` of scikit-learn 1.9 and later. After the last epoch it writes the
    estimator as `fit` leaves it. When `fit` was killed,
    `load_checkpoint` and a `partial_fit` for each epoch that is missing give the weights
    that it would have given, for stochastic solvers without ``early_stopping``; for the others
    a checkpoint is a warm start.

    Read more in the :ref:`user guide <guide_larger_than_memory>`.

    Parameters
    ----------
    path : str or path-like
        The file, which each checkpoint replaces. So the callback is for one fit, of the
        estimator alone or as a step of a pipeline. Searches that support callbacks are refused;
        what else clones the estimator, such as ``cross_val_score``, lets each fit replace
        the file of the one before.
    every : int, default=1
        After how many epochs, or iterations of ``solver="lbfgs"``, the next is written.

    Raises
    ------
    ValueError
        If `every` is not a positive int. In `fit`: if the estimator is fitted by another
        one that supports callbacks, such as a search.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.checkpoints import Checkpoint, load_checkpoint
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((10,), tol=0.1, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "iris.npz")
    ...     if hasattr(mlp, "set_callbacks"):  # scikit-learn 1.9
    ...         mlp = mlp.set_callbacks(Checkpoint(path, every=10)).fit(X, y)
    ...         same = load_checkpoint(path, XavierMLPClassifier((10,)))
    ...         assert same.n_iter_ == mlp.n_iter_
    """

    def __init__(self, path: str | os.PathLike, every: int = 1) -> None:
        self.path = path
        self.every = check_count("every", every)

    def setup(self, estimator: Any, context: Any) -> None:
        """Check, before `fit` begins, that there is one fit for the file.

        Parameters
        ----------
        estimator : estimator
            What is about to be fitted.
        context : sklearn.callback.CallbackContext
            Its task.

        Raises
        ------
        FileNotFoundError
            If the folder of the file does not exist.
        TypeError
            If the estimator is of another class.
        ValueError
            If the estimator is fitted by another one.
        """
        CheckpointWriter(self.path, estimator)
        parent = context.parent
        while parent is not None:
            if parent.estimator_name != "Pipeline":
                raise ValueError(
                    f"The callback Checkpoint({os.fspath(self.path)!r}) has one file and cannot"
                    f" serve the fits of a {parent.estimator_name}. Take it off with"
                    " set_callbacks() before."
                )
            parent = parent.parent

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing: each file was closed when it was written.

        Parameters
        ----------
        estimator : estimator
            What was fitted.
        context : sklearn.callback.CallbackContext
            Its task.
        """

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Do nothing before an epoch.

        Parameters
        ----------
        estimator : estimator
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task that begins.
        """

    def on_fit_task_end(self, estimator: Any, context: Any, *, fitted_estimator: Any) -> None:
        """Write a checkpoint, if it is time to.

        Parameters
        ----------
        estimator : estimator
            What is fitted.
        context : sklearn.callback.CallbackContext
            The task that ends: an epoch, an iteration, or all of `fit`.
        fitted_estimator : estimator or None
            A copy as it is now; None after an epoch that was not finished.

        Raises
        ------
        OSError
            If the file cannot be written.
        TypeError
            If something in the estimator cannot be written without pickling.
        """
        is_last = context.task_name not in ("epoch", "iteration")
        if fitted_estimator is not None and (is_last or (context.task_id + 1) % self.every == 0):
            save_checkpoint(self.path, fitted_estimator)


class CheckpointWriter:
    """Writes checkpoints of one estimator to one file, with the position in a stream.

    Parameters
    ----------
    path : str or path-like
        The file.
    estimator : BaseXavierMLP
        What is trained.
    every : int, default=1
        After how many steps of the stream the next is to be written; for those who count them.

    Raises
    ------
    FileNotFoundError, PermissionError
        If the folder does not exist, or cannot be written to.
    TypeError
        If `path` is no path, or the estimator has no checkpoints.
    """

    def __init__(self, path: str | os.PathLike, estimator: BaseXavierMLP, every: int = 1) -> None:
        _check_estimator(estimator)
        _check_path(path)
        self._path = Path(path).resolve()  # whatever becomes the current folder
        folder = self._path.parent
        if self._path.is_dir() or not folder.is_dir():
            raise FileNotFoundError(
                f"A checkpoint must be a file in a folder that exists, got {os.fspath(path)!r}."
            )
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"No file can be written in {str(folder)!r}.")
        self._estimator = estimator
        self._written: dict[str, Any] | None = None
        self.every = every

    def write(self, position: dict[str, Any] | None = None) -> None:
        """Write, unless this position was written last."""
        if position is not None and position == self._written:
            return
        estimator = self._estimator
        check_is_fitted(estimator)
        write_plain(
            self._path,
            {
                "sk_xavier": __version__,
                "network": _network(estimator, [len(bias) for bias in estimator.intercepts_[:-1]]),
                "parameters": parameters_in_words(estimator),
                "position": position,
                "fitted": fitted_state(estimator),
            },
        )
        self._written = position


def read_checkpoint(path: str | os.PathLike) -> dict[str, Any]:
    """Read the whole file, and check that this version wrote it."""
    _check_path(path)
    if not Path(path).exists():
        raise FileNotFoundError(f"There is no checkpoint {os.fspath(path)!r}.")
    try:
        saved = read_plain(Path(path))
        if not _is_checkpoint(saved):
            raise ValueError("it is a file of another kind")
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)!r} is no checkpoint of sk_xavier: {error}.") from error
    version = saved["sk_xavier"]
    if version != __version__:
        raise ValueError(
            f"The checkpoint {os.fspath(path)!r} was written by sk_xavier {version}, and this is"
            f" {__version__}: training could go on otherwise. Go on with that version, or start"
            " again. Its weights can be read with numpy.load and given as init and bias_init."
        )
    return saved


def _is_checkpoint(saved: Any) -> bool:
    """Whether what a file has is of the form that `CheckpointWriter` gives it."""
    if not isinstance(saved, dict) or saved.keys() != _KINDS.keys():
        return False
    if not all(isinstance(saved[name], kinds) for name, kinds in _KINDS.items()):
        return False
    fitted = saved["fitted"]
    layers = [fitted.get("coefs_"), fitted.get("intercepts_")]
    return (
        all(is_fitted_state(name) for name in fitted)
        and all(isinstance(arrays, list) for arrays in layers)
        and all(isinstance(array, np.ndarray) for arrays in layers for array in arrays)
        and isinstance(fitted.get("_continuation"), dict)
    )


def restore(estimator: BaseXavierMLP, saved: dict[str, Any], path: str | os.PathLike) -> None:
    """Set the fitted attributes, if the estimator's network is that of the checkpoint."""
    _check_estimator(estimator)
    for name, value in _network(estimator, hidden_units(estimator)).items():
        if saved["network"].get(name) != value:
            raise ValueError(
                f"The checkpoint {os.fspath(path)!r} is of another network: its {name} is"
                f" {saved['network'].get(name)}, and that of the estimator is {value}."
            )
    for name in fitted_state(estimator):
        delattr(estimator, name)
    estimator.__dict__.update(saved["fitted"])


def parameters_in_words(estimator: BaseXavierMLP) -> dict[str, str]:
    """The parameters of training, so that they can be compared."""
    return {
        name: _in_words(value)
        for name, value in estimator.get_params(deep=False).items()
        if name not in ("verbose", "warm_start")
    }


def _network(estimator: BaseXavierMLP, hidden_layer_sizes: list[int]) -> dict[str, str]:
    """What must be the same where a checkpoint is written and where it is read."""
    activations = layer_activations(estimator, len(hidden_layer_sizes))
    loss = getattr(estimator, "loss", None)
    return {
        "class": type(estimator).__name__,
        "hidden_layer_sizes": str(hidden_layer_sizes),
        "activation": _in_words(activations),
        **({} if loss is None else {"loss": _in_words(loss)}),
    }


def _in_words(value: Any) -> str:
    """A value as text that is the same for equal values, also in another process."""
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return f"array of shape {value.shape}, {value.dtype}, {digest[:16]}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_in_words(entry) for entry in value) + "]"
    if isinstance(value, np.random.RandomState):
        return "a RandomState"
    if isinstance(value, BaseEstimator):
        return f"{type(value).__name__}({_in_words(value.get_params(deep=False))})"
    if isinstance(value, dict):
        entries = sorted(f"{_in_words(key)}: {_in_words(value[key])}" for key in value)
        return "{" + ", ".join(entries) + "}"
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, np.generic):
        value = value.item()
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def _check_path(path: Any) -> None:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"The path of a checkpoint must be a str or path-like, got {path!r}.")


def _check_estimator(estimator: Any) -> None:
    if not isinstance(estimator, BaseXavierMLP):
        raise TypeError(
            "estimator must be an XavierMLPClassifier or an XavierMLPRegressor, whose training a"
            f" checkpoint holds. Got {estimator!r}."
        )
