"""The command line: ``python -m sk_xavier compare digits``."""

import argparse
import io
import sys
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from . import __version__
from ._activations import ACTIVATIONS
from ._datasets import TOY_DATASETS, DataError, Dataset, load
from ._estimators import XavierMLPClassifier, XavierMLPRegressor
from ._starting_weights import INIT_NAMES
from .comparison import FIVE_INITS, Run, Summary, run_comparison, summarize


def _at_least(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be an int of at least {least}, got {text!r}")
        return int(text)

    return parse


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


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sk_xavier", description="Multilayer perceptrons and how they start."
    )
    parser.add_argument("--version", action="version", version=f"sk_xavier {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    compare = commands.add_parser(
        "compare",
        usage="%(prog)s DATA [options]",
        help="train with each initializer and print a table",
        description="Cross-validate a network with each initializer, in a pipeline with a"
        " StandardScaler, repeated over seeds; the same folds and seeds for all.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _add_compare_options(compare.add_argument)
    return parser


def _add_compare_options(add: Callable[..., object]) -> None:
    add("data", metavar="DATA", help=f"{', '.join(TOY_DATASETS)}, or a CSV file with a header")
    add("--target", metavar="COLUMN", help="the CSV file's column to predict")
    add("--regression", action="store_true", help="integers are numbers to predict, not classes")
    add(
        "--init",
        type=_inits,
        nargs="+",
        action="extend",
        metavar="NAME",
        help=f"initializers to compare (default: {' '.join(FIVE_INITS)})",
        default=argparse.SUPPRESS,
    )
    add("--activation", choices=list(ACTIVATIONS), default="relu", help="of the hidden layers")
    add(
        "--hidden",
        type=_sizes,
        nargs="+",
        metavar="UNITS",
        default=argparse.SUPPRESS,
        help="units of each hidden layer (default: 100)",
    )
    add("--solver", choices=["adam", "sgd", "lbfgs"], default="adam", help="how to train")
    add("--max-iter", type=_at_least(1), default=200, help="the most epochs or iterations")
    add("--cv", type=_at_least(2), default=5, metavar="FOLDS", help="folds of the cross-validation")
    add("--repeats", type=_at_least(1), default=3, help="repetitions, each with its own seed")
    add("--seed", type=_at_least(0), default=0, help="what all seeds come from")
    add("--n-jobs", type=int, default=-1, help="fits at a time; -1 for all processors")


def _make_progress() -> Callable[[Run, int, int], None]:
    """Tell on stderr how far it is: one line that moves, or on a file a line now and then."""
    moves = sys.stderr.isatty()

    def progress(run: Run, n_done: int, n_runs: int) -> None:
        last = n_done == n_runs
        line = f"{n_done}/{n_runs} fits: {run.init}"
        if moves:
            print(f"\r{line:<40}", end="\n" if last else "", file=sys.stderr, flush=True)
        elif last or n_done % max(n_runs // 10, 1) == 0:
            print(line, file=sys.stderr, flush=True)

    return progress


def _format_table(summaries: Sequence[Summary], score_name: str) -> str:
    rows = [("initializer", score_name, "final loss", "epochs", "seconds")]
    for summary in summaries:
        row = (
            str(summary.init),
            f"{summary.score_mean:.3f} ± {summary.score_std:.3f}",
            f"{summary.loss:.4f}",
            f"{summary.n_iter:.0f}",
            f"{summary.seconds:.2f}",
        )
        if summary.n_failed == summary.n_runs:
            row = (row[0], "failed", "", "", "")
        elif summary.n_failed:
            row = (f"{row[0]} ({summary.n_failed} of {summary.n_runs} failed)", *row[1:])
        rows.append(row)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    )


def _compare(arguments: argparse.Namespace) -> int:
    """Run the command; return its exit code: 1 where no fit succeeded."""
    dataset = load(arguments.data, arguments.target, regression=arguments.regression)
    inits = [name for names in getattr(arguments, "init", [FIVE_INITS]) for name in names]
    hidden = [n for sizes in getattr(arguments, "hidden", [[100]]) for n in sizes]
    is_regression = dataset.y.dtype.kind == "f"
    cls = XavierMLPRegressor if is_regression else XavierMLPClassifier
    network = cls(
        tuple(hidden),
        arguments.activation,
        solver=arguments.solver,
        max_iter=arguments.max_iter,
    )
    _check_folds(dataset, arguments.cv, is_regression)
    runs = run_comparison(
        make_pipeline(StandardScaler(), network),
        dataset.X,
        dataset.y,
        inits=list(dict.fromkeys(inits)),
        cv=arguments.cv,
        n_repeats=arguments.repeats,
        n_jobs=arguments.n_jobs,
        random_state=arguments.seed,
        progress=_make_progress(),
    )
    n_samples, n_features = dataset.X.shape
    targets = "a number" if is_regression else f"{len(np.unique(dataset.y))} classes"
    print(
        f"{dataset.name}: {n_samples} samples, {n_features} features, {targets};"
        f" hidden units {'-'.join(map(str, hidden))}, {arguments.activation},"
        f" {arguments.solver}; {arguments.cv} folds x {arguments.repeats} seed(s)"
    )
    print(_format_table(summarize(runs), "R²" if is_regression else "accuracy"))
    failures = [f"{run.init} failed: {run.error}" for run in runs if run.error is not None]
    for failure in dict.fromkeys(failures):
        print(failure, file=sys.stderr)
    return 1 if len(failures) == len(runs) else 0


def _check_folds(dataset: Dataset, cv: int, is_regression: bool) -> None:
    if is_regression:
        if len(dataset.y) < 2 * cv:
            raise DataError(f"{len(dataset.y)} samples are too few for {cv} folds; try --cv 2")
        return
    classes, counts = np.unique(dataset.y, return_counts=True)
    if len(classes) < 2:
        raise DataError(f"the target has one class only: {classes[0]}")
    if counts.min() < cv:
        rarest = classes[counts.argmin()]
        raise DataError(
            f"class {rarest} has {counts.min()} samples, fewer than the {cv} folds; lower --cv or"
            " leave rare classes out"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code.

    0 for success, 1 where every fit failed, 2 for bad input and 130 for Ctrl-C.
    """
    parsed = _make_parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # where a terminal has no ± sign
    try:
        return _compare(parsed)
    except DataError as error:
        print(f"python -m sk_xavier: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
