"""What the command line takes and how it answers: options, files to write, colour."""

import argparse
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TextIO

from ._continuation import OPTIMIZERS
from ._datasets import TOY_DATASETS
from ._starting_weights import INIT_NAMES
from .activations import ACTIVATIONS
from .comparison import FIVE_INITS

__all__ = [
    "PROGRAM",
    "UsageError",
    "check_outputs",
    "make_painter",
    "open_streams",
    "parse_options",
    "write_file",
]

PROGRAM = "python -m sk_xavier"

PICTURE_FORMATS = ("png", "svg", "pdf")
"""What --plot can write, by the file's suffix."""

_DEFAULT_INITS = {"compare": FIVE_INITS, "diagnose": ("glorot_uniform",)}

_EXIT_CODES = {
    "compare": "exit code: 0 where a fit succeeded, 1 where none did",
    "diagnose": "exit code: 0 whatever the verdicts, as this is a report and not a check; 1 where"
    " no start could be looked at",
}
_COMMON_EXIT_CODES = (
    "2 for data, options or files that cannot be used, told before any training; 130 for Ctrl-C"
)


class UsageError(ValueError):
    """What cannot be done as asked; its message is one line for the user."""


# --- options


def _at_least(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be an int of at least {least}, got {text!r}")
        return int(text)

    return parse


def _seed(text: str) -> int:
    seed = _at_least(0)(text)
    if seed >= 2**32:
        raise argparse.ArgumentTypeError(f"must be an int below 2**32, got {text!r}")
    return seed


def _n_jobs(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(
            f"must be an int other than 0, such as 1, or -1 for all processors, got {text!r}"
        )
    return int(text)


def _sizes(text: str) -> list[int]:
    try:
        return [_at_least(1)(part) for part in text.split(",")]
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"must be numbers of units such as 100 or 64,32, got {text!r}"
        ) from None


def _inits(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in INIT_NAMES:
            raise argparse.ArgumentTypeError(
                f"unknown initializer {name!r}; choose from {', '.join(sorted(INIT_NAMES))}"
            )
    return names


def parse_options(arguments: Sequence[str], version: str) -> argparse.Namespace:
    """The options, with `init` and `hidden` as lists in which no initializer comes twice."""
    options = _make_parser(version).parse_args(arguments)
    inits = getattr(options, "init", [_DEFAULT_INITS[options.command]])
    options.init = list(dict.fromkeys(name for names in inits for name in names))
    options.target = getattr(options, "target", None)
    options.hidden = [size for sizes in getattr(options, "hidden", [[100]]) for size in sizes]
    return options


def _make_parser(version: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Multilayer perceptrons and how they start.",
        epilog="On a terminal, verdicts have a colour; set NO_COLOR=1 for none.",
    )
    parser.add_argument("--version", action="version", version=f"sk_xavier {version}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    compare = _add_command(
        commands,
        "compare",
        "train with each initializer and print a table",
        "Look at each initializer's start on all samples, then cross-validate a network with each,"
        " in a pipeline with a StandardScaler, repeated over seeds; the same folds and seeds for"
        " all.",
    )
    _add_network_options(compare.add_argument, _DEFAULT_INITS["compare"])
    _add_training_options(compare.add_argument)
    _add_outputs(compare.add_argument, "loss curves and scores")
    diagnose = _add_command(
        commands,
        "diagnose",
        "tell, without training, whether a start is sound",
        "Pass the samples, scaled by a StandardScaler, through a network with its starting"
        " weights, and say whether it is fit to train and, if not, why and what to try.",
    )
    _add_network_options(diagnose.add_argument, _DEFAULT_INITS["diagnose"])
    _add_outputs(diagnose.add_argument, "activations and gradients by layer")
    return parser


def _add_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    description: str,
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        usage="%(prog)s DATA [options]",
        help=summary,
        description=description,
        epilog=f"{_EXIT_CODES[name]}; {_COMMON_EXIT_CODES}.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )


def _add_network_options(add: Callable[..., object], inits: Sequence[str]) -> None:
    add("data", metavar="DATA", help=f"{', '.join(TOY_DATASETS)}, or a CSV file with a header")
    add(
        "--target",
        metavar="COLUMN",
        default=argparse.SUPPRESS,
        help="the CSV file's column to predict",
    )
    add("--regression", action="store_true", help="integers are numbers to predict, not classes")
    add(
        "--init",
        type=_inits,
        nargs="+",
        action="extend",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help=f"one or more initializers (default: {' '.join(inits)})",
    )
    add("--activation", choices=list(ACTIVATIONS), default="relu", help="of the hidden layers")
    add(
        "--hidden",
        type=_sizes,
        nargs="+",
        action="extend",
        metavar="UNITS",
        default=argparse.SUPPRESS,
        help="units of each hidden layer (default: 100)",
    )
    add("--seed", type=_seed, default=0, help="what all seeds come from")


def _add_training_options(add: Callable[..., object]) -> None:
    add("--solver", choices=[*OPTIMIZERS, "lbfgs"], default="adam", help="how to train")
    add("--max-iter", type=_at_least(1), default=200, help="the most epochs or iterations")
    add("--cv", type=_at_least(2), default=5, metavar="FOLDS", help="folds of the cross-validation")
    add("--repeats", type=_at_least(1), default=3, help="repetitions, each with its own seed")
    add("--n-jobs", type=_n_jobs, default=-1, help="fits at a time; -1 for all processors")


def _add_outputs(add: Callable[..., object], what: str) -> None:
    suffixes = ", ".join(f".{suffix}" for suffix in PICTURE_FORMATS)
    for option, metavar, text in (
        ("--plot", "FILE", f"draw {what} (needs matplotlib); one of {suffixes}"),
        ("--json", "FILE", "write all numbers; those that are not finite become null"),
        ("--report", "FILE.html", "write one page with all of it (needs matplotlib)"),
    ):
        add(option, metavar=metavar, default=argparse.SUPPRESS, help=text)


# --- files to write


def check_outputs(arguments: argparse.Namespace) -> dict[str, Path]:
    """The files to write by their option: plot, json, report.

    Raises
    ------
    UsageError
        If one cannot be written, as far as can be told beforehand.
    """
    outputs: dict[str, Path] = {}
    for option in ("plot", "json", "report"):
        name = getattr(arguments, option, None)
        if name is None:
            continue
        path = _check_output(f"--{option}", name, PICTURE_FORMATS if option == "plot" else ())
        if _is_same(path, Path(arguments.data)):
            raise UsageError(f"--{option} {name!r} would overwrite the data")
        for other, taken in outputs.items():
            if path == taken:
                raise UsageError(f"--{other} and --{option} are the same file, {name!r}")
        outputs[option] = path
    if "plot" in outputs or "report" in outputs:
        _check_matplotlib()
    return outputs


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def _check_output(option: str, name: str, suffixes: Sequence[str]) -> Path:
    if suffixes and Path(name).suffix.lower().removeprefix(".") not in suffixes:
        raise UsageError(
            f"{option} {name!r} must end in {', '.join(f'.{suffix}' for suffix in suffixes)}"
        )
    try:
        mode = os.stat(name or ".").st_mode
    except FileNotFoundError:
        mode = None
    except (OSError, ValueError) as error:
        raise UsageError(f"{option} {name!r} cannot be written: {_reason(error)}") from error
    if mode is not None and stat.S_ISDIR(mode):
        raise UsageError(f"{option} {name!r} is a folder; give a file")
    if mode is not None and not stat.S_ISREG(mode):
        return Path(name)  # a device or a pipe
    path = Path(name).resolve()  # what a link points to, so that the link stays
    if not path.parent.is_dir():
        raise UsageError(f"{option} {name!r}: there is no folder {str(path.parent)!r}")
    if mode is not None and not os.access(path, os.W_OK):
        raise UsageError(f"{option} {name!r} may not be overwritten")
    try:
        trial = _beside(path)
        trial.touch(exist_ok=False)
        trial.unlink()
    except OSError as error:
        raise UsageError(f"{option} {name!r} cannot be written: {_reason(error)}") from error
    return path


def _beside(path: Path) -> Path:
    return path.with_name(f".{secrets.token_hex(8)}.tmp")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _check_matplotlib() -> None:
    try:
        import_module("matplotlib.figure")
    except ImportError as error:
        raise UsageError(
            "--plot and --report draw with matplotlib, which could not be imported; install it"
            ' with: pip install "sk-xavier[plot]"'
        ) from error


def write_file(path: Path, content: bytes) -> None:
    """Write all of it or nothing: what was there stays until the new file is complete.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    if path.exists() and not path.is_file():  # a device or a pipe
        path.write_bytes(content)
        return
    part = _beside(path)
    try:
        part.write_bytes(content)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


# --- colour

_STYLES = {"good": "32", "bad": "31", "best": "1"}


def make_painter(stream: TextIO) -> Callable[[str, str], str]:
    """``paint(text, style)`` for a stream: good, bad or best, or as it is where no colour fits.

    That is where the stream is no terminal, or a dumb one, or where the user has set NO_COLOR
    (https://no-color.org).
    """
    plain = not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"

    def paint(text: str, style: str) -> str:
        return text if plain else f"\x1b[{_STYLES[style]}m{text}\x1b[0m"

    return paint


def open_streams() -> None:
    """Make the standard streams fit to print to, wherever they lead."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before the start, and so its number is free
            handle = os.open(os.devnull, os.O_WRONLY)
            os.set_inheritable(handle, True)  # joblib's workers need one
            setattr(sys, name, os.fdopen(handle, "w"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # where a terminal has no ± sign
