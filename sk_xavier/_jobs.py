"""Many calls of a function through joblib, and those again that were lost with a worker."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError
from typing import Any

from joblib import Parallel
from joblib.parallel import get_active_backend

from ._sklearn_compat import STREAMED
from ._warnings import warn_caller

__all__ = ["run_jobs"]

_LOST = (BrokenExecutor, CancelledError)
"""Python's names for calls that will never have a result, whatever the function does: joblib's
own processes end with the first when one is killed, Dask with the second when it loses data."""


def run_jobs(
    make_job: Callable[[Any], Any], cells: Sequence[Any], n_jobs: int | None
) -> Iterator[Any]:
    """Results of ``make_job(cell)``, each a call as made by ``joblib.delayed``, in order.

    Where a worker is lost, and calls with it, those that have no result yet are begun again. That
    ends when it happens twice without a result in between.
    """
    n_done, lost = 0, None
    while n_done < len(cells):
        try:
            for result in Parallel(n_jobs, **_streamed())(map(make_job, cells[n_done:])):
                n_done, lost = n_done + 1, None
                yield result
        except _LOST as error:
            if lost is not None:
                raise
            lost = error
            warn_caller(
                f"A worker was lost, and {len(cells) - n_done} of {len(cells)} runs have no result"
                f" yet; they are started again. {type(error).__name__}: {error}",
                RuntimeWarning,
            )
        except Exception as error:
            if lost is None:
                raise
            raise lost from error  # the cluster is gone; what was lost first says why


def _streamed() -> dict[str, Any]:
    """What makes joblib's backend give results one by one, if it can."""
    backend, _ = get_active_backend()
    return STREAMED if getattr(backend, "supports_return_generator", False) else {}
