"""What `verbose=True` prints, read back."""

import re


def epoch_of(text):
    """The number of the epoch or iteration that a line tells of; None for other text."""
    line = re.match(r"(?:Epoch|Iteration) +(\d+)", text)
    return None if line is None else int(line[1])
