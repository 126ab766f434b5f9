"""Threads of BLAS.

NumPy's and SciPy's wheels each bring an OpenBLAS, with threads of its own that wait spinning
for their next piece of work. Where products by the one and calls of the other take turns, the
threads of the one take the processor from those of the other: L-BFGS on 1,800 digits then took
three to seven times as long on two cores.
"""

from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

from threadpoolctl import ThreadpoolController  # scikit-learn requires it

__all__ = ["single_threaded_scipy"]


@cache
def _scipy_blas() -> ThreadpoolController:
    """The libraries that SciPy alone uses; none where it shares NumPy's."""
    libraries = ThreadpoolController().select(user_api="blas")
    paths = [Path(library["filepath"]) for library in libraries.info()]
    own = [str(path) for path in paths if {"scipy", "scipy.libs"} & set(path.parts[-3:-1])]
    return libraries.select(filepath=own)


def single_threaded_scipy() -> AbstractContextManager:
    """Within it, SciPy's own BLAS takes one thread; then as many as before.

    The number is the process's, not the Python thread's; threadpoolctl sees to it that Python
    threads do not fight over it.
    """
    return _scipy_blas().limit(limits=1)
