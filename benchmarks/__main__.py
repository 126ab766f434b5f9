"""``python -m benchmarks``: print the table of ratios, and write it where asked to."""

import argparse
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from .cases import CASES, Case
from .contestants import load_before
from .growth import GROWTHS, exponents
from .timing import Ratios, ratios

README = Path(__file__).parent / "README.md"
MARK = "<!-- results -->\n"
DTYPES = ["float32", "float64"]
HEAD = """\
| case | dtype | scikit-learn / ours | aim | PyTorch / ours | ours / matrix products |
| --- | --- | --- | --- | --- | --- |
"""
AGAINST_HEAD = """\
| case | dtype | before / ours |
| --- | --- | --- |
"""
GROWTH_HEAD = """\
| growth with | dtype | exponent, ours | exponent, scikit-learn |
| --- | --- | --- | --- |
"""


def machine() -> str:
    """Processor, threads and versions, in two lines."""
    names = ["numpy", "scipy", "scikit-learn", "torch"]
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"no {name}")
    blas = sorted(
        f"{info['internal_api']} {info['version']} ({info['architecture']},"
        f" {info['num_threads']} threads)"
        for info in threadpool_info()
        if info["user_api"] == "blas"
    )
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        cpu = models[0] if models else cpu
    return (
        f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" {', '.join(versions)};\n{'; '.join(dict.fromkeys(blas))}."
    )


def median(runs: Sequence[Ratios]) -> Ratios:
    """The median of several runs, figure by figure."""
    return Ratios(*np.median(np.array(runs), axis=0).tolist())


def row(case: Case, dtype: str, found: Ratios) -> str:
    """A line of the table."""
    if not np.isnan(found.before):
        return f"| {case.name} | {dtype} | {found.before:.3f} |"
    figures = ["" if np.isnan(figure) else f"{figure:.2f}" for figure in found[:3]]
    return f"| {case.name} | {dtype} | {figures[0]} | {case.targets[dtype]} | " + " | ".join(
        [*figures[1:], ""]
    )


def run(arguments: argparse.Namespace) -> str:
    """Time everything; return the tables."""
    before = None if arguments.against is None else load_before(arguments.against)
    text = HEAD if before is None else AGAINST_HEAD
    print(text, end="", flush=True)
    for case in CASES:
        if not any(name in case.name for name in arguments.names):
            continue
        for dtype in arguments.dtype:
            works = case.contestants(dtype, before=before)
            runs = [ratios(works, arguments.rounds) for _ in range(arguments.runs)]
            line = row(case, dtype, median(runs)).rstrip() + "\n"
            print(line, end="", flush=True)
            text += line
    if arguments.growth:
        text += "\n" + GROWTH_HEAD
        print("\n" + GROWTH_HEAD, end="", flush=True)
        for kind in GROWTHS:
            for dtype in arguments.dtype:
                found = exponents(kind, dtype, arguments.rounds)
                line = f"| {kind} | {dtype} | {found['ours']:.2f} | {found['scikit-learn']:.2f} |\n"
                print(line, end="", flush=True)
                text += line
    return text


def main() -> None:
    """Read the command line, time, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", default=[""], help="parts of the names of cases; all by default"
    )
    parser.add_argument("--dtype", nargs="+", choices=DTYPES, default=DTYPES)
    parser.add_argument("--rounds", type=int, default=5, help="the fastest of these counts")
    parser.add_argument("--runs", type=int, default=1, help="the median of these is printed")
    parser.add_argument("--threads", type=int, help="how many threads BLAS may use, for all alike")
    parser.add_argument("--growth", action="store_true", help="fit exponents of growth, too")
    parser.add_argument(
        "--against",
        metavar="CHECKOUT",
        type=Path,
        help="time another checkout of this library and nothing else",
    )
    parser.add_argument("--write", action="store_true", help=f"put the table into {README.name}")
    arguments = parser.parse_args()
    for name in arguments.names:
        if not any(name in case.name for case in CASES):
            parser.error(f"no case has {name!r} in its name: {[case.name for case in CASES]}")
    if arguments.against is not None and (arguments.write or arguments.growth):
        parser.error("--against goes without --write and --growth")
    with threadpool_limits(arguments.threads):
        description = machine()
        print(description + "\n")
        tables = run(arguments)
    if arguments.write:
        head = README.read_text("utf-8").split(MARK)[0]
        README.write_text(
            f"{head}{MARK}\n{description} The median of {arguments.runs} runs, each the fastest of"
            f" {arguments.rounds} rounds.\n\n{tables}",
            "utf-8",
        )


if __name__ == "__main__":
    main()
