"""Data larger than memory: training on one chunk after the other.

A *chunk* is what is in memory at a time: some thousands or millions of rows, in which
`partial_fit` takes its mini-batches of ``batch_size``.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from ._callbacks import StreamTask
from ._chunks import ArrayChunks, ParquetChunks
from ._parameters import check_count, check_verbose
from ._progress import StreamLines
from ._run import fitted_state
from ._sklearn_compat import with_callbacks
from ._warnings import warn_caller
from .checkpoints import CheckpointWriter, parameters_in_words, read_checkpoint, restore

__all__ = ["ArrayChunks", "ParquetChunks", "StreamResult", "fit_stream"]


@dataclass(frozen=True)
class StreamResult:
    """What one call of `fit_stream` did.

    Read more in the :ref:`user guide <guide_larger_than_memory>`.

    Parameters
    ----------
    n_chunks : int
        Chunks that it went through.
    n_rows : int
        Rows of them.
    n_chunks_before : int
        Chunks that the training in the checkpoint had gone through before; 0 without one.
    seconds : float
        How long it took, with reading.
    seconds_reading : float
        How long reading took.

    Attributes
    ----------
    rows_per_second : float
        Rows in a second, with the time for reading; 0 where there were none.

    Examples
    --------
    >>> from sk_xavier.streaming import StreamResult
    >>> result = StreamResult(
    ...     n_chunks=2, n_rows=3000, n_chunks_before=0, seconds=1.5, seconds_reading=0.5
    ... )
    >>> print(result)
    3,000 rows in 2 chunks, 2,000 rows/s, 33 % of the time for reading
    """

    n_chunks: int
    n_rows: int
    n_chunks_before: int
    seconds: float
    seconds_reading: float

    @property
    def rows_per_second(self) -> float:
        """Rows in a second."""
        return self.n_rows / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        part = self.seconds_reading / self.seconds if self.seconds else 0.0
        return (
            f"{self.n_rows:,} rows in {self.n_chunks} chunks, {self.rows_per_second:,.0f} rows/s,"
            f" {part:.0%} of the time for reading".replace("%", " %")
        )


def fit_stream(
    estimator: Any,
    chunks: Iterable[Any] | Callable[[], Iterable[Any]],
    *,
    n_epochs: int = 1,
    classes: Any = None,
    shuffle: bool = False,
    random_state: int | np.random.RandomState | None = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: int = 1,
    resume: bool = True,
    verbose: int = 0,
) -> StreamResult:
    """Train an estimator on chunks of data, by one `partial_fit` for each.

    One chunk is in memory at a time. With `checkpoint`, training that was cut off, by whatever it
    was, goes on where the last checkpoint is when the same call is made again, and ends with
    the weights that it would have had.

    Read more in the :ref:`user guide <guide_larger_than_memory>`.

    Parameters
    ----------
    estimator : estimator or Pipeline
        Trained in place; anything with `partial_fit`, such as the estimators of this package or a
        scaler. Of a pipeline the last step is trained, on what the steps before, which are
        fitted already, make of the samples. If it is fitted, it is trained further.
    chunks : sequence, iterable or callable
        Chunks: each X or a tuple of X, y and perhaps sample_weight. `ArrayChunks`,
        `ParquetChunks` or any other sequence; an iterable that begins anew for each epoch; or a
        function without arguments that returns one, such as a generator function.
    n_epochs : int, default=1
        How often to go through all chunks.
    classes : array-like of shape (n_classes,), default=None
        All labels that will come. A classifier that is not fitted needs them.
    shuffle : bool, default=False
        Whether each epoch takes the chunks in another order; they must be a sequence. Rows
        within a chunk are shuffled by the estimator.
    random_state : int, RandomState instance or None, default=None
        Decides on that order.
    checkpoint : str or path-like, default=None
        The file for checkpoints, for estimators of this package. If there is one already,
        training goes on from it. A training that has done all epochs does nothing more, unless
        `n_epochs` is larger now; one that a callback ended goes on. The stream must be the
        same: what is compared is its length, the number of features and the classes.
    checkpoint_every : int, default=1
        After how many chunks the next checkpoint is written. One is also written at the end, on
        Ctrl-C and on an error.
    resume : bool, default=True
        Whether to go on from a checkpoint that is there; else it is replaced.
    verbose : int, default=0
        1 prints a line for each epoch, 2 also for each chunk.

    Returns
    -------
    result : StreamResult
        How many rows, and how fast.

    Raises
    ------
    FileNotFoundError
        If the folder of `checkpoint` does not exist.
    NotFittedError
        If a step of a pipeline before the last is not fitted.
    TypeError
        If the estimator has no `partial_fit`, or with `checkpoint` is not of this package;
        if `chunks` is none of the above, or a chunk has more than three parts.
    ValueError
        If there are no chunks, or what `partial_fit` raises, with the number of the chunk; if
        the checkpoint cannot be read, or is of another network, version or stream.

    Warns
    -----
    UserWarning
        If parameters of the estimator are not those of the checkpoint; training goes on
        with the estimator's. If a pipeline has callbacks.

    See Also
    --------
    sk_xavier.checkpoints.load_checkpoint : Reads a checkpoint into an estimator.

    Notes
    -----
    Each chunk is one epoch of the estimator's own: its ``n_iter_`` counts chunks and its
    ``loss_curve_`` has one loss for each, of every batch before its step. Schedules over
    ``max_iter`` epochs, such as ``learning_rate="cosine"``, span ``n_epochs`` times the number of
    chunks if ``max_iter`` is that.

    Callbacks of the estimator, in a pipeline those of its last step (scikit-learn 1.9), see a task
    for each epoch and in it one for each chunk; one that asks to stop ends the epoch, or after an
    epoch the training.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.streaming import ArrayChunks, fit_stream
    >>> X, y = load_digits(return_X_y=True)
    >>> chunks = ArrayChunks(X, y, chunk_rows=500)  # X could be a memory map
    >>> scaler = StandardScaler()
    >>> _ = fit_stream(scaler, chunks)
    >>> model = make_pipeline(scaler, XavierMLPClassifier((50,), random_state=0))
    >>> result = fit_stream(model, chunks, n_epochs=20, classes=np.arange(10))
    >>> result.n_chunks
    80
    >>> model.score(X, y) > 0.95
    True
    """
    n_epochs = check_count("n_epochs", n_epochs)
    checkpoint_every = check_count("checkpoint_every", checkpoint_every)
    verbose = check_verbose(verbose)
    learner, steps = _split(estimator)
    stream = _Stream(chunks, n_epochs, shuffle, steps)
    seed = int(check_random_state(random_state).randint(2**31 - 1)) if shuffle else None
    position = _Position(seed=seed, stream_length=stream.length)
    writer = None
    if checkpoint is not None:
        writer = CheckpointWriter(checkpoint, learner, checkpoint_every)
        if resume and Path(checkpoint).exists():
            fixed = shuffle and isinstance(random_state, Integral)
            position = _take_up(learner, checkpoint, position, is_seed_fixed=fixed)
            _check_same_stream(learner, stream, classes, position.epoch, n_epochs)
    training = _Training(learner, stream, position, n_epochs, classes, writer)
    return with_callbacks(_train)(learner, training, verbose)


class _Position(NamedTuple):
    """How far training has come: epochs that are done, and chunks of the next one.

    It never changes but is replaced, so that nothing can come in between.
    """

    epoch: int = 0
    chunk: int = 0
    n_chunks: int = 0
    seed: int | None = None
    stream_length: int | None = None

    def after_chunk(self) -> "_Position":
        return self._replace(chunk=self.chunk + 1, n_chunks=self.n_chunks + 1)

    def after_epoch(self) -> "_Position":
        return self._replace(epoch=self.epoch + 1, chunk=0)


class _Tally:
    """Counts rows and seconds."""

    def __init__(self, n_chunks_before: int) -> None:
        self.n_chunks_before = n_chunks_before
        self.n_chunks = self.n_rows = 0
        self._begin = perf_counter()
        self._seconds_reading = 0.0

    def reading(self, chunks: Iterator[Any]) -> Iterator[Any]:
        """The same chunks, with the seconds noted that they take to come."""
        while True:
            begin = perf_counter()
            try:
                chunk = next(chunks)
            except StopIteration:
                return
            finally:
                self._seconds_reading += perf_counter() - begin
            yield chunk
            del chunk  # before the next is read

    def count(self, X: Any) -> None:
        self.n_chunks += 1
        self.n_rows += X.shape[0] if hasattr(X, "shape") else len(X)

    def result(self) -> StreamResult:
        return StreamResult(
            self.n_chunks,
            self.n_rows,
            self.n_chunks_before,
            perf_counter() - self._begin,
            self._seconds_reading,
        )


class _Stream:
    """The chunks of any epoch, from any of them on."""

    def __init__(
        self, chunks: Any, n_epochs: int, shuffle: bool, steps: Sequence[Any] = ()
    ) -> None:
        is_iterable = callable(chunks) or isinstance(chunks, Iterable)
        if not is_iterable or isinstance(chunks, tuple | str) or hasattr(chunks, "shape"):
            raise TypeError(
                "chunks must be a sequence or another iterable of chunks (X, y), or a function"
                " that returns one; arrays go into ArrayChunks(X, y). Got an object of"
                f" type {type(chunks).__name__}."
            )
        if isinstance(chunks, Iterator) and n_epochs > 1:
            raise ValueError(
                f"chunks is an iterator, which one epoch uses up, and n_epochs={n_epochs}. Pass"
                " the function that makes it, without calling it."
            )
        self._is_sequence = hasattr(chunks, "__getitem__") and hasattr(chunks, "__len__")
        if shuffle and not self._is_sequence:
            raise ValueError(
                "shuffle=True needs a sequence of chunks, such as ArrayChunks, ParquetChunks or a"
                f" list. Got an object of type {type(chunks).__name__}."
            )
        self._chunks = chunks
        self._steps = steps
        self.length = len(chunks) if hasattr(chunks, "__len__") else None
        if self.length == 0:
            raise ValueError("chunks is empty.")

    def peek(self) -> tuple[Any, ...] | None:
        """The first chunk, where reading it takes no other from anybody."""
        return self._prepare(self._chunks[0]) if self._is_sequence else None

    def epoch(self, number: int, first: int, seed: int | None) -> Iterator[tuple[Any, ...]]:
        """Chunks of this epoch as (X, y, sample_weight) or less, without the first ones."""
        for chunk in self._read(number, first, seed):
            yield self._prepare(chunk)
            del chunk  # before the next is read

    def _prepare(self, chunk: Any) -> tuple[Any, ...]:
        """What the estimator gets of a chunk: the steps before it have made the samples."""
        is_several = isinstance(chunk, tuple) or (
            isinstance(chunk, list) and all(hasattr(part, "shape") for part in chunk)
        )
        parts = tuple(chunk) if is_several else (chunk,)
        if not 1 <= len(parts) <= 3:
            raise TypeError(
                "A chunk must be X, (X, y) or (X, y, sample_weight). Got"
                f" {len(parts)} parts of {[type(part).__name__ for part in parts]}."
            )
        X = parts[0]
        for step in self._steps:
            try:
                X = step.transform(X)
            except NotFittedError as error:
                error.add_note(
                    "Fit the steps of a pipeline before the last first, for example with"
                    " fit_stream(step, chunks)."
                )
                raise
        return (X, *parts[1:])

    def _read(self, number: int, first: int, seed: int | None) -> Iterator[Any]:
        if self._is_sequence:
            order: Any = range(len(self._chunks))
            if seed is not None:
                order = np.random.RandomState([seed, number]).permutation(len(self._chunks))
            for i in order[first:]:
                yield self._chunks[int(i)]
            return
        n_skipped = -1
        iterable = self._chunks() if callable(self._chunks) else self._chunks
        for n_skipped, chunk in enumerate(iterable):
            if n_skipped >= first:
                yield chunk
            del chunk
        if n_skipped < max(0, first - 1):
            what = "chunks is empty" if n_skipped < 0 else f"chunks ended after {n_skipped + 1}"
            raise ValueError(f"{what}, and {max(first, 1)} were to come at least.")


def _split(estimator: Any) -> tuple[Any, list[Any]]:
    """What is trained, and the steps before it that make its samples."""
    if isinstance(estimator, type):
        raise TypeError(f"estimator must be an instance, not the class {estimator.__name__}.")
    learner, steps = estimator, []
    if isinstance(estimator, Pipeline):
        learner = estimator[-1]
        steps = [step for _, step in estimator.steps[:-1] if step not in (None, "passthrough")]
        if getattr(estimator, "_skl_callbacks", None):
            warn_caller(
                "fit_stream does not call the callbacks of a pipeline: set them on its last step."
            )
    try:
        learner.partial_fit  # noqa: B018
    except AttributeError as error:
        # scikit-learn's `available_if` keeps the reason in the cause.
        reason = f" {error.__cause__}" if error.__cause__ else ""
        raise TypeError(
            "estimator must have partial_fit, or be a pipeline whose last step has. Got"
            f" {learner!r}.{reason}"
        ) from None
    return learner, steps


def _take_up(
    learner: Any, path: str | os.PathLike, expected: _Position, *, is_seed_fixed: bool
) -> _Position:
    """Set the estimator to what a checkpoint has, and return the position in it."""
    saved = read_checkpoint(path)
    name = os.fspath(path)
    if saved["position"] is None:
        raise ValueError(
            f"The checkpoint {name!r} has no position in a stream: fit_stream has not written it."
            " Read it with load_checkpoint, and give checkpoint another name, or resume=False."
        )
    position = _Position(**saved["position"])
    if is_seed_fixed and position.seed not in (None, expected.seed):
        raise ValueError(
            f"The checkpoint {name!r} was written with another random_state. To begin anew, set"
            " resume=False."
        )
    lengths = {position.stream_length, expected.stream_length} - {None}
    if len(lengths) > 1 or (position.seed is None) != (expected.seed is None):
        raise ValueError(
            f"The checkpoint {name!r} is of another stream, of {position.stream_length} chunks with"
            f" shuffle={position.seed is not None}; now there are {expected.stream_length} with"
            f" shuffle={expected.seed is not None}. To begin anew, set resume=False."
        )
    now, then = parameters_in_words(learner), saved["parameters"]
    restore(learner, saved, path)
    changed = [
        f"{key}={now[key]} (then {then[key]})" for key in now if now[key] != then.get(key, now[key])
    ]
    if changed:
        warn_caller(
            f"The checkpoint {name!r} was written with other parameters; training goes on with"
            f" {', '.join(changed)}."
        )
    return position


def _check_same_stream(
    learner: Any, stream: _Stream, classes: Any, n_done: int, n_epochs: int
) -> None:
    """Hold what can be told of the stream and the call against a training taken up.

    Raises
    ------
    ValueError
        If they are others.
    """
    if n_done > n_epochs:
        raise ValueError(
            f"n_epochs={n_epochs}, but the training in the checkpoint has done {n_done}. To begin"
            " anew, set resume=False."
        )
    known = getattr(learner, "classes_", None)
    if classes is not None and known is not None:
        given = np.unique(classes)
        # For label indicators, 0 and 1 stand for whatever columns there are.
        is_same = np.array_equal(given, known) or np.array_equal(given, [0, 1])
        if not is_same:
            raise ValueError(
                f"classes={classes!r}, but those of the checkpoint are {known}. To begin anew, set"
                " resume=False."
            )
    first = stream.peek()
    if first is not None and np.ndim(first[0]) == 2:
        n_features = np.shape(first[0])[1]
        if n_features != learner.n_features_in_:
            raise ValueError(
                f"The chunks have {n_features} features, but the checkpoint is of a network for"
                f" {learner.n_features_in_}. To begin anew, set resume=False."
            )


class _Training:
    """One call on its way through the chunks that are left."""

    def __init__(
        self,
        learner: Any,
        stream: _Stream,
        position: _Position,
        n_epochs: int,
        classes: Any,
        writer: CheckpointWriter | None,
    ) -> None:
        self.learner = learner
        self.stream = stream
        self.position = position
        self.n_epochs = n_epochs
        self.options = {} if classes is None else {"classes": classes}
        self.writer = writer
        # An estimator of this package counts its chunks; both counts grow as one.
        self.n_before = getattr(learner, "n_iter_", 0) - position.n_chunks

    def learn(self, X: Any, y: Any = None, sample_weight: Any = None) -> None:
        """Take the next chunk."""
        more = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.learner.partial_fit(*((X,) if y is None else (X, y)), **self.options, **more)
        self.position = self.position.after_chunk()

    def save(self, *, if_due: bool = False) -> None:
        """Write a checkpoint, if there is a file for it."""
        if self.writer is None:
            return
        if getattr(self.learner, "n_iter_", 0) - self.n_before > self.position.n_chunks:
            self.position = self.position.after_chunk()  # Ctrl-C came before it was counted
        n_chunks = self.position.n_chunks
        if n_chunks > 0 and (not if_due or n_chunks % self.writer.every == 0):
            self.writer.write(self.position._asdict())


def _train(learner: BaseEstimator, training: _Training, verbose: int) -> StreamResult:
    """Go through the chunks that are left."""
    stream, n_epochs = training.stream, training.n_epochs
    tally = _Tally(training.position.n_chunks)
    lines = StreamLines(n_epochs, stream.length, verbose)
    task = StreamTask(learner, n_epochs - training.position.epoch, lambda: fitted_state(learner))
    try:
        while training.position.epoch < n_epochs:
            epoch, first, _, seed, length = training.position
            task.begin_epoch(None if length is None else length - first)
            for chunk in tally.reading(stream.epoch(epoch, first, seed)):
                task.begin_chunk(*chunk)
                training.learn(*chunk)
                tally.count(chunk[0])
                del chunk  # before the next is read
                lines.print_chunk(epoch, training.position.chunk, tally.n_rows, learner)
                training.save(if_due=True)
                if task.end_chunk():
                    break
            training.position = training.position.after_epoch()
            lines.print_epoch(epoch + 1, tally.n_rows, learner)
            if task.end_epoch():
                break
    except BaseException as error:
        position = training.position
        error.add_note(f"At chunk {position.chunk} of epoch {position.epoch}, counted from 0.")
        raise
    finally:
        training.save()
    task.end()
    return tally.result()
