"""The lines that `verbose=True` prints: one for each epoch or iteration."""

from time import perf_counter

__all__ = ["ProgressLines"]


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
