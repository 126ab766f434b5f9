"""Threads of SciPy's BLAS, as threadpoolctl counts them."""

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from sk_xavier import XavierMLPClassifier, _threads
from sk_xavier._lbfgs import LBFGSSettings, train_lbfgs
from sk_xavier._losses import HalfSquaredError
from sk_xavier._network import Network
from sk_xavier._samples import Samples
from sk_xavier._threads import single_threaded_scipy
from sk_xavier._training import History, Monitor
from sk_xavier.activations import ACTIVATIONS


def n_threads():
    """(SciPy's, NumPy's) numbers of threads; skips where they share one library, or none is."""
    blas = [library for library in threadpool_info() if library["user_api"] == "blas"]
    by_owner = {
        owner: library["num_threads"]
        for library in blas
        for owner in ("scipy", "numpy")
        if f"/{owner}" in library["filepath"].replace("\\", "/").rsplit("/", 1)[0]
    }
    if len(by_owner) < 2:
        pytest.skip("SciPy and NumPy do not bring a BLAS each")
    return by_owner["scipy"], by_owner["numpy"]


@pytest.fixture(autouse=True)
def _two_threads():
    with threadpool_limits(2, user_api="blas"):
        yield


def test_only_scipys_threads_are_limited_and_only_within():
    assert n_threads() == (2, 2)
    with single_threaded_scipy():
        assert n_threads() == (1, 2)
        with single_threaded_scipy():
            assert n_threads() == (1, 2)
        assert n_threads() == (1, 2)
    assert n_threads() == (2, 2)


def test_a_library_that_both_share_is_left_alone(monkeypatch):
    everything = ThreadpoolController()
    monkeypatch.setattr(_threads, "ThreadpoolController", lambda: everything.select(prefix="none"))
    _threads._scipy_blas.cache_clear()
    try:
        with single_threaded_scipy():
            assert n_threads() == (2, 2)
    finally:
        _threads._scipy_blas.cache_clear()


@pytest.mark.parametrize("fails", [False, True])
def test_lbfgs_trains_within_and_leaves_the_threads_as_they_were(fails):
    seen = []

    class Spy(np.ndarray):
        """Samples that note the threads when the network reads them."""

        def __array_function__(self, func, types, args, kwargs):
            if func is np.dot:
                seen.append(n_threads())
                if fails:
                    raise FloatingPointError("stop")
            plain = [np.asarray(arg) if isinstance(arg, Spy) else arg for arg in args]
            return func(*plain, **kwargs)

    net = Network((2, 3, 1), [ACTIVATIONS["tanh"]()], HalfSquaredError())
    samples = Samples(np.eye(2).view(Spy), np.ones((2, 1)))
    settings = LBFGSSettings(max_iter=2, max_fun=10, tol=1e-9)
    monitor = Monitor(net, History(), tol=1e-9)

    def train():
        train_lbfgs(net, np.ones(net.n_parameters), samples, settings=settings, monitor=monitor)

    if fails:
        with pytest.raises(FloatingPointError):
            train()
    else:
        train()
    assert set(seen) == {(1, 2)}
    assert n_threads() == (2, 2)


def test_the_other_solvers_leave_the_threads_alone():
    mlp = XavierMLPClassifier((3,), max_iter=1, solver="sgd")
    with pytest.warns(UserWarning, match="converged"):
        mlp.fit(np.eye(4), [0, 1, 0, 1])
    assert n_threads() == (2, 2)
