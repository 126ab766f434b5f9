"""Searches and comparisons on a cluster: the same results, whatever becomes of a worker."""

import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_config
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, StratifiedKFold

from sk_xavier import XavierMLPClassifier, compare_initializers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

GRID = {"init": ["glorot_uniform", "uniform", "constant"], "alpha": [1e-4, 1e-1]}


def make(**parameters):
    return XavierMLPClassifier(
        **{"hidden_layer_sizes": (20,), "max_iter": 5, "n_iter_no_change": 1000, "random_state": 0}
        | parameters
    )


def folds_of(X, y):
    """Folds that are the same arrays in every fit, and these arrays."""
    folds = list(StratifiedKFold(3).split(X, y))
    return folds, [rows for fold in folds for rows in fold]


@pytest.fixture(scope="module")
def data():
    """Digits with some noise, 3 MB of float64."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.RandomState(0)
    X = np.tile(X / 16, (3, 1)) + rng.normal(scale=0.1, size=(3 * len(X), 64))
    return X, np.tile(y, 3)


def grid_search(X, y, cv=3, **parameters):
    search = GridSearchCV(make(**parameters), GRID, cv=cv, error_score="raise")
    return search.fit(X, y)


def halving(X, y, cv=3):
    search = HalvingGridSearchCV(
        make(max_iter=1),
        GRID,
        resource="max_iter",
        min_resources=2,
        max_resources=12,
        factor=2,
        cv=cv,
        error_score="raise",
    )
    return search.fit(X, y)


def comparison(X, y, **parameters):
    inits = ["glorot_uniform", "uniform", "constant"]
    return compare_initializers(
        make(**parameters), X, y, inits=inits, cv=3, n_repeats=2, random_state=0
    )


def same_search(one, other):
    for name in one.cv_results_:
        if "time" not in name:
            np.testing.assert_array_equal(one.cv_results_[name], other.cv_results_[name])
    assert one.best_params_ == other.best_params_
    for a, b in zip(one.best_estimator_.coefs_, other.best_estimator_.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)


def same_comparison(one, other):
    assert [run.error for run in other.runs] == [None] * len(one.runs)
    assert [run.label for run in one.runs] == [run.label for run in other.runs]
    assert [run.score for run in one.runs] == [run.score for run in other.runs]
    assert [run.loss_curve for run in one.runs] == [run.loss_curve for run in other.runs]


WORK = {
    "GridSearchCV": (grid_search, same_search),
    "HalvingGridSearchCV": (halving, same_search),
    "compare_initializers": (comparison, same_comparison),
}


@pytest.fixture(scope="module")
def locally(data):
    """What each gives in this process."""
    return {name: work(*data) for name, (work, _) in WORK.items()}


# --- Dask ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client():
    """A client of a cluster of two worker processes."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def traffic(client):
    """What the scheduler passes on: data that was scattered, tasks and where they were done."""
    from distributed.diagnostics.plugin import SchedulerPlugin

    class Traffic(SchedulerPlugin):
        name = "traffic"

        def __init__(self, scheduler):
            self.scheduler = scheduler
            self.bytes_per_call = []
            self.data_bytes = {}
            self.done = []

        def transition(self, key, start, finish, *args, **kwargs):
            if finish == "memory" and str(key).startswith("batch_of"):
                task = self.scheduler.tasks[key]
                [n_calls] = re.findall(r"_(\d+)_calls", str(key))
                self.bytes_per_call.append(len(pickle.dumps(task.run_spec)) / int(n_calls))
                self.data_bytes |= {data.key: data.nbytes for data in task.dependencies}
                self.done.append(kwargs["worker"])

    scheduler = client.cluster.scheduler
    plugin = Traffic(scheduler)
    scheduler.add_plugin(plugin)
    yield plugin
    scheduler.remove_plugin(plugin.name)


@pytest.mark.dask
@pytest.mark.parametrize("name", WORK)
def test_dask_gives_the_same(name, client, traffic, data, locally):
    work, same = WORK[name]
    with parallel_config("dask"):
        same(locally[name], work(*data))
    assert len(set(traffic.done)) == 2  # both workers have worked


@pytest.mark.dask
@pytest.mark.parametrize("scattered", [False, True], ids=["by joblib", "scatter=[X, y]"])
@pytest.mark.parametrize("name", ["GridSearchCV", "compare_initializers"])
def test_data_are_sent_once_and_not_with_each_fit(name, scattered, client, traffic, data):
    X, y = data
    with parallel_config("dask", scatter=[X, y] if scattered else None):
        WORK[name][0](X, y)
    sent = [n_bytes for n_bytes in traffic.data_bytes.values() if n_bytes >= y.nbytes]
    assert sorted(sent) == [y.nbytes, X.nbytes]
    assert len(traffic.bytes_per_call) > 4
    # A comparison's fits get the numbers of their rows, 8 bytes each, and little else.
    assert max(traffic.bytes_per_call) < 8 * len(y) + 20_000


class KillsAWorker:
    """Kills the worker that is at work once a few fits are done, as a lack of memory would."""

    def __init__(self, client, traffic):
        self.pids = client.run(os.getpid)
        self.traffic = traffic
        self.killed = None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        workers = self.traffic.scheduler.workers
        for _ in range(2000):
            time.sleep(0.01)
            busy = [address for address in self.pids if workers[address].processing]
            if len(self.traffic.done) >= 3 and busy:
                self.n_done = len(self.traffic.done)
                self.killed = self.pids[busy[0]]
                os.kill(self.killed, signal.SIGKILL)
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()


@pytest.mark.dask
@pytest.mark.parametrize("name", WORK)
def test_a_killed_worker_loses_nothing(name, client, traffic, data):
    X, y = data
    work, same = {
        "GridSearchCV": (lambda X, y, cv: grid_search(X, y, cv, max_iter=40), same_search),
        "HalvingGridSearchCV": (halving, same_search),
        "compare_initializers": (lambda X, y, cv: comparison(X, y, max_iter=40), same_comparison),
    }[name]
    client.wait_for_workers(2)
    client.amm.stop()  # Dask's memory manager takes second copies away, every two seconds
    folds, rows = folds_of(X, y)
    with parallel_config("dask", scatter=[X, y, *rows]), KillsAWorker(client, traffic) as killer:
        found = work(X, y, folds)
    assert killer.killed is not None
    assert 3 <= killer.n_done < len(traffic.done)  # it was in the middle
    client.wait_for_workers(2)
    assert killer.killed not in client.run(os.getpid).values()
    same(work(X, y, folds), found)


@pytest.mark.dask
@pytest.mark.parametrize("kind", ["pandas", "csr", "float32"])
def test_dask_with_other_samples(kind, client, data):
    X, y = data[0][:600], data[1][:600]
    if kind == "pandas":
        X = pytest.importorskip("pandas").DataFrame(X).add_prefix("pixel")
    else:
        X = sparse.csr_matrix(X) if kind == "csr" else X.astype(np.float32)
    here = comparison(X, y)
    with parallel_config("dask", scatter=[X, y]):
        same_comparison(here, comparison(X, y))


@pytest.mark.dask
def test_failures_come_back(client, data):
    X, y = data[0][:600], data[1][:600]
    mlp = make(activation="identity", solver="sgd", learning_rate_init=1e200)
    with parallel_config("dask"):
        found = compare_initializers(mlp, X, y, inits=["normal"], cv=2, n_repeats=1)
    assert all("Training diverged" in run.error for run in found.runs)


@pytest.mark.dask
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
class TestNoCluster:
    """These are errors of joblib and Dask, clear enough to be left as they are."""

    def test_no_client(self):
        """In another process: this one may have a client already."""
        pytest.importorskip("distributed")
        code = "import joblib\nwith joblib.parallel_config('dask'): pass"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
        assert done.returncode == 1
        assert "ValueError: To use Joblib with Dask first create a Dask Client" in done.stderr

    def test_no_scheduler_at_the_address(self):
        distributed = pytest.importorskip("distributed")
        with pytest.raises(OSError, match=r"Timed out trying to connect to tcp://127\.0\.0\.1:9"):
            distributed.Client("tcp://127.0.0.1:9", timeout=1)

    def test_no_workers(self, data):
        distributed = pytest.importorskip("distributed")
        with (
            distributed.LocalCluster(n_workers=0, dashboard_address=":0") as cluster,
            distributed.Client(cluster, set_as_default=False) as client,
            pytest.raises(TimeoutError, match="no worker after 1 seconds"),
            parallel_config("dask", client=client, wait_for_workers_timeout=1),
        ):
            comparison(*data)


# --- Ray -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ray():
    ray = pytest.importorskip("ray")
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=100_000_000,
        log_to_driver=False,
        configure_logging=False,
    )
    yield ray
    ray.shutdown()


@pytest.mark.ray
@pytest.mark.parametrize("name", WORK)
def test_ray_gives_the_same(name, ray, data, locally):
    from ray.util.joblib import register_ray

    register_ray()
    work, same = WORK[name]
    with parallel_config("ray", n_jobs=-1):
        same(locally[name], work(*data))
        assert os.getpid() not in Parallel()(delayed(os.getpid)() for _ in range(2))
