"""The command line: ``python -m sk_xavier compare digits``, ``... diagnose digits``."""

import argparse
import os
import platform
import shlex
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

import numpy as np
import scipy
import sklearn
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from . import __version__
from ._command_line import (
    PROGRAM,
    UsageError,
    check_outputs,
    make_painter,
    open_streams,
    parse_options,
    write_file,
)
from ._datasets import DataError, Dataset, load
from ._estimators import XavierMLPClassifier, XavierMLPRegressor
from ._report import (
    Facts,
    Start,
    draw_comparison,
    draw_starts,
    format_comparison_page,
    format_json,
    format_starts_page,
)
from .comparison import InitializerComparison, Run, plan_comparison, run_comparison
from .diagnostics import signal_propagation

Painter = Callable[[str, str], str]
Contents = Mapping[str, Callable[[Path], str | bytes]]
"""What to write to a path, by the option that asks for it."""


def _is_regression(dataset: Dataset) -> bool:
    return dataset.y.dtype.kind == "f"


def _make_pipeline(options: argparse.Namespace, dataset: Dataset) -> Pipeline:
    cls = XavierMLPRegressor if _is_regression(dataset) else XavierMLPClassifier
    network = cls(tuple(options.hidden), options.activation, random_state=options.seed)
    if options.command == "compare":
        network.set_params(solver=options.solver, max_iter=options.max_iter)
    return make_pipeline(StandardScaler(), network)


_SETTINGS = (
    *("data", "target", "regression", "init", "hidden", "activation", "seed"),
    *("solver", "max_iter", "cv", "repeats", "n_jobs"),
)
"""Options that bear on the results."""


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(options, name, None) for name in _SETTINGS}
    return {name.replace("_", "-"): value for name, value in given.items() if value is not None}


def _gather_facts(options: argparse.Namespace, arguments: Sequence[str], dataset: Dataset) -> Facts:
    join = subprocess.list2cmdline if os.name == "nt" else shlex.join
    n_samples, n_features = dataset.X.shape
    return Facts(
        options.command,
        dataset.name,
        n_samples,
        n_features,
        target="a number" if _is_regression(dataset) else f"{len(np.unique(dataset.y))} classes",
        settings=_settings(options),
        command_line=f"{PROGRAM} {join(arguments)}",
        versions={
            "Python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
            "sk_xavier": __version__,
        },
        date=datetime.now().astimezone().isoformat(timespec="seconds"),
    )


def _look_at_starts(options: argparse.Namespace, dataset: Dataset) -> list[Start]:
    """Each initializer's start; one that fails ends no other."""
    pipeline = _make_pipeline(options, dataset)
    starts = []
    for init in options.init:
        pipeline[-1].set_params(init=init)
        try:
            with np.errstate(all="ignore"):  # numbers that overflow: the verdict says so
                found = signal_propagation(
                    pipeline, dataset.X, dataset.y, random_state=options.seed
                )
        except Exception as error:
            first_line = str(error).partition("\n")[0]
            starts.append(Start(init, None, f"{type(error).__name__}: {first_line}"))
        else:
            starts.append(Start(init, found))
    return starts


# --- what is printed


def _paint_verdict(start: Start, paint: Painter) -> str:
    if start.propagation is None:
        return f"{paint('failed', 'bad')}: {start.error}"
    verdict = start.propagation.verdict
    return f"{paint(str(verdict), 'good' if verdict == 'healthy' else 'bad')}: {verdict.message}"


def _format_start(start: Start, paint: Painter) -> str:
    """All numbers, with the verdict's word in colour."""
    if start.propagation is None:
        return f"init={start.init!r}: {_paint_verdict(start, paint)}"
    plain = f"verdict: {start.propagation.verdict}: {start.propagation.verdict.message}"
    return str(start.propagation).replace(plain, f"verdict: {_paint_verdict(start, paint)}")


def _format_verdicts(starts: Sequence[Start], paint: Painter) -> str:
    width = max(len(start.init) for start in starts)
    return "\n".join(f"  {start.init:<{width}}  {_paint_verdict(start, paint)}" for start in starts)


def _format_comparison(comparison: InitializerComparison, paint: Painter) -> str:
    """The table and its notes, with the best in bold."""
    summary = comparison.summary()
    title, head, best, *others = str(summary).splitlines()
    if summary[0].n_failed < summary[0].n_runs:
        best = paint(best, "best")
    return "\n".join([title, head, best, *others])


def _make_progress() -> Callable[[Run, int, int], None]:
    """Tell on stderr how far it is: one line that moves, or on a file a line now and then."""
    moves = sys.stderr.isatty()

    def progress(run: Run, n_done: int, n_runs: int) -> None:
        last = n_done == n_runs
        line = f"{n_done}/{n_runs} fits: {run.label}"
        if moves:
            print(f"\r{line:<40}", end="\n" if last else "", file=sys.stderr, flush=True)
        elif last or n_done % max(n_runs // 10, 1) == 0:
            print(line, file=sys.stderr, flush=True)

    return progress


# --- the commands


def _start_workers(n_jobs: int) -> None:
    """Start joblib's workers deaf to Ctrl-C, which a terminal sends to them as well.

    It is this process that ends the command, and them; a worker that is between two fits
    would print a traceback of its own. They inherit that the signal is ignored, as this
    process ignores it while they start: a blocked signal is unblocked by joblib.
    """
    if effective_n_jobs(n_jobs) == 1 or current_thread() is not main_thread():
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        Parallel(n_jobs)(delayed(int)() for _ in range(2))
    finally:
        signal.signal(signal.SIGINT, before)


def _compare(
    options: argparse.Namespace, facts: Facts, dataset: Dataset, outputs: Mapping[str, Path]
) -> int:
    paint = make_painter(sys.stdout)
    starts = _look_at_starts(options, dataset)
    print(facts.summary)
    print("starts, before training:")
    print(_format_verdicts(starts, paint), flush=True)
    with warnings.catch_warnings(record=True) as told:
        plan = plan_comparison(
            _make_pipeline(options, dataset),
            dataset.X,
            dataset.y,
            inits=options.init,
            cv=options.cv,
            n_repeats=options.repeats,
            scoring=None,
            random_state=options.seed,
        )
        _start_workers(options.n_jobs)
        comparison = run_comparison(plan, n_jobs=options.n_jobs, progress=_make_progress())
    for warning in told:
        print(f"warning: {warning.message}", file=sys.stderr)
    print(_format_comparison(comparison, paint), flush=True)
    n_failed = sum(run.error is not None for run in comparison.runs)
    if n_failed:
        print(f"{n_failed} of {len(comparison.runs)} fits failed", file=sys.stderr)
    contents: Contents = {
        "json": lambda _: format_json(facts, starts, comparison),
        "plot": lambda path: draw_comparison(facts, comparison, _suffix(path)),
        "report": lambda _: format_comparison_page(facts, starts, comparison),
    }
    written = _write_outputs(outputs, contents)
    return 1 if n_failed == len(comparison.runs) else 0 if written else 2


def _diagnose(
    options: argparse.Namespace, facts: Facts, dataset: Dataset, outputs: Mapping[str, Path]
) -> int:
    paint = make_painter(sys.stdout)
    starts = _look_at_starts(options, dataset)
    print(facts.summary)
    for start in starts:
        print(f"\n{_format_start(start, paint)}")
    if len(starts) > 1:
        print(f"\nverdicts:\n{_format_verdicts(starts, paint)}")
    contents: Contents = {
        "json": lambda _: format_json(facts, starts),
        "plot": lambda path: draw_starts(starts, _suffix(path)),
        "report": lambda _: format_starts_page(facts, starts),
    }
    if all(start.propagation is None for start in starts):
        _write_outputs(outputs, {name: contents[name] for name in ("json", "report")})
        return 1
    return 0 if _write_outputs(outputs, contents) else 2


def _suffix(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _write_outputs(outputs: Mapping[str, Path], contents: Contents) -> bool:
    """Write the files that were asked for; whether that succeeded for all."""
    sys.stdout.flush()
    succeeded = True
    for option, make_content in contents.items():
        if option not in outputs:
            continue
        path = outputs[option]
        content = make_content(path)
        if isinstance(content, str):
            content = content.encode("utf-8", "replace")  # file names need not be text
        try:
            write_file(path, content)
        except OSError as error:
            _complain(f"cannot write {str(path)!r}: {error.strerror}")
            succeeded = False
        else:
            print(f"wrote {path}", file=sys.stderr)
    return succeeded


def _check_target(options: argparse.Namespace, dataset: Dataset) -> None:
    n_folds = options.cv if options.command == "compare" else 1
    if _is_regression(dataset):
        if len(dataset.y) < 2 * n_folds:
            n_samples = "1 sample is" if len(dataset.y) == 1 else f"{len(dataset.y)} samples are"
            raise DataError(
                f"{n_samples} too few"
                + (f" for {n_folds} folds; try --cv 2" if n_folds > 1 else "")
            )
        return
    classes, counts = np.unique(dataset.y, return_counts=True)
    if len(classes) < 2:
        raise DataError(f"the target has one class only: {classes[0]}")
    if counts.min() < n_folds:
        rarest = classes[counts.argmin()]
        raise DataError(
            f"class {rarest} has {counts.min()} samples, fewer than the {n_folds} folds; lower --cv"
            " or leave rare classes out"
        )


def _complain(message: str) -> None:
    print(f"{PROGRAM}: error: {message}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code.

    0 for success, 1 where every fit failed or no start could be looked at, 2 for bad input or
    files that cannot be written and 130 for Ctrl-C.
    """
    if arguments is None:
        arguments = sys.argv[1:]
    open_streams()
    options = parse_options(arguments, __version__)
    with warnings.catch_warnings():
        try:
            return _run(options, arguments)
        except (DataError, UsageError) as error:
            _complain(str(error))
            return 2
        except KeyboardInterrupt:
            # joblib's, of what it was doing, after this block.
            warnings.filterwarnings("ignore", r"\d+ tasks (which|have) ", UserWarning)
            print("\ninterrupted" if sys.stderr.isatty() else "interrupted", file=sys.stderr)
            return 130
        except BrokenPipeError:  # whoever reads has had enough, as `head` has
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141


def _run(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Refuse what cannot work, before what takes long; then run the command."""
    outputs = check_outputs(options)
    dataset = load(options.data, options.target, regression=options.regression)
    _check_target(options, dataset)
    command = {"compare": _compare, "diagnose": _diagnose}[options.command]
    return command(options, _gather_facts(options, arguments, dataset), dataset, outputs)


if __name__ == "__main__":
    sys.exit(main())
