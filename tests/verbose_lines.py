"""What `verbose=True` prints, read back, and a Ctrl-C that follows it."""

import io
import re
import signal


def epoch_of(text):
    """The number of the epoch or iteration that a line tells of; None for other text."""
    line = re.match(r"(?:Epoch|Iteration) +(\d+)", text)
    return None if line is None else int(line[1])


class InterruptingStream(io.StringIO):
    """Presses Ctrl-C where the line of a given epoch or iteration is printed."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def write(self, text):
        if epoch_of(text) == self.epoch:
            signal.raise_signal(signal.SIGINT)
        return super().write(text)
