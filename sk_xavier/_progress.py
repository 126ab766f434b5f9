"""The lines that `verbose` prints: one for each epoch, iteration or chunk."""

from time import perf_counter
from typing import Any

__all__ = ["ProgressLines", "StreamLines"]


class ProgressLines:
    """Prints aligned lines with what is known of an epoch, and its seconds.

    Parameters
    ----------
    unit : str
        What is counted: "Epoch" or "Iteration".
    n_before : int, default=0
        How many of them came earlier in the same training.
    n_total : int, default=None
        The most of them, where that is known.
    shows_learning_rate : bool, default=False
        Whether the learning rate changes, and so is worth a column.
    """

    def __init__(
        self,
        unit: str,
        *,
        n_before: int = 0,
        n_total: int | None = None,
        shows_learning_rate: bool = False,
    ) -> None:
        self.unit = unit
        self._number = n_before
        self._total = n_total
        self._shows_learning_rate = shows_learning_rate
        self._last_time = perf_counter()

    def print_epoch(
        self, loss: float, validated: tuple[float, float] | None, learning_rate: float | None
    ) -> None:
        """Print a line of the next epoch: `validated` is the loss and the score."""
        self._number += 1
        number, now = str(self._number), perf_counter()
        if self._total is not None:
            number = f"{number:>{len(str(self._total))}}/{self._total}"
        columns = [f"{self.unit} {number}", f"loss {loss:#11.6g}"]
        if validated is not None:
            columns += [
                f"validation loss {validated[0]:#11.6g}",
                f"validation score {validated[1]:#12.6g}",
            ]
        if self._shows_learning_rate and learning_rate is not None:
            columns.append(f"learning rate {learning_rate:#9.3g}")
        columns.append(f"{now - self._last_time:8.3f} s")
        self._last_time = now
        print("  ".join(columns))


class StreamLines:
    """Prints lines on the chunks of a stream, and how many rows are done in a second.

    Parameters
    ----------
    n_epochs : int
        How often the stream is gone through.
    n_chunks : int or None
        Its length, where that is known.
    verbose : int
        0 prints nothing, 1 a line for each epoch, 2 also for each chunk.
    """

    def __init__(self, n_epochs: int, n_chunks: int | None, verbose: int) -> None:
        self._n_epochs = n_epochs
        self._n_chunks = n_chunks
        self._verbose = verbose
        self._begin = perf_counter()

    def print_chunk(self, epoch: int, chunk: int, n_rows: int, estimator: Any) -> None:
        """Print that this chunk, counted from 1, of this epoch, counted from 0, is done."""
        if self._verbose > 1:
            of = "" if self._n_chunks is None else f"/{self._n_chunks}"
            self._print(epoch + 1, f"chunk {chunk:>{max(0, len(of) - 1)}}{of}", n_rows, estimator)

    def print_epoch(self, epoch: int, n_rows: int, estimator: Any) -> None:
        """Print that so many epochs are done."""
        if self._verbose > 0:
            self._print(epoch, "done", n_rows, estimator)

    def _print(self, epoch: int, what: str, n_rows: int, estimator: Any) -> None:
        loss = getattr(estimator, "loss_", None)
        columns = [f"Epoch {epoch}/{self._n_epochs}", what, f"{n_rows:,} rows"]
        columns += [] if loss is None else [f"loss {loss:#11.6g}"]
        columns.append(f"{n_rows / (perf_counter() - self._begin):,.0f} rows/s")
        print("  ".join(columns), flush=True)
