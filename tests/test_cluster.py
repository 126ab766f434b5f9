"""Searches and comparisons on a real cluster of Dask: two worker processes on this machine."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from itertools import chain
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from scipy import sparse
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, StratifiedKFold
from threadpoolctl import threadpool_info

from sk_xavier import XavierMLPClassifier, compare_initializers

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

pytestmark = [
    pytest.mark.dask,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

N_WORKERS = 2
LOCAL = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
GRID = {"init": ["glorot_uniform", "uniform"], "learning_rate_init": [0.001, 0.003, 0.01, 0.03]}


@pytest.fixture(scope="module")
def cluster():
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # of workers that were killed
    with (
        # After that time a cluster gives up a worker that was lost and, as the one after it was
        # killed, too, is not there at that moment.
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1 h"}),
        distributed.LocalCluster(n_workers=N_WORKERS, threads_per_worker=1, **LOCAL) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield SimpleNamespace(scheduler=cluster.scheduler, client=client)


@pytest.fixture
def client(cluster):
    """Of the cluster with all its workers; the nanny starts another one for one that was killed."""
    cluster.client.wait_for_workers(N_WORKERS, timeout=30)
    return cluster.client


@pytest.fixture
def jobs(cluster, client):
    """The batches of fits that workers finished: on how many workers, and what was killed."""
    watch = watcher(cluster.scheduler, client.run(os.getpid))
    cluster.scheduler.add_plugin(watch, name="watch")
    yield watch
    cluster.scheduler.remove_plugin("watch")
    if watch.killed:
        wait_until(lambda: watch.killed not in cluster.scheduler.workers)
        client.wait_for_workers(N_WORKERS, timeout=30)
        # Batches of a search that has failed still run, and data have names by what they hold:
        # sent again while they are given up, they may be lost.
        client.restart(timeout=30)


def wait_until(done):
    for _ in range(600):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def watcher(scheduler, pids):
    class Watch(distributed.SchedulerPlugin):
        def __init__(self):
            self.workers = []  # of each batch that ended, in order
            self.kill_when = None
            self.killed = None
            self.n_done = self.n_left = None  # batches that were, when it was killed

        def transition(self, key, start, finish, *args, **kwargs):
            if "batch_of" not in str(key):
                return
            if start == "processing" and finish == "memory":
                self.workers.append(kwargs["worker"])
            if self.kill_when and not self.killed:
                self.killed = self.kill_when(finish)
                if self.killed:
                    self.n_done = len(self.workers)
                    batches = [task for key, task in scheduler.tasks.items() if "batch_of" in key]
                    self.n_left = sum(task.state != "memory" for task in batches)
                    os.kill(pids[self.killed], signal.SIGKILL)

        def kill_in_the_middle(self, n):
            """Once `n` batches are done, one of those workers that have something to do."""

            def busy(finish):
                if len(self.workers) < n:
                    return None
                return next((w for w, state in scheduler.workers.items() if state.processing), None)

            self.kill_when = busy

        def kill_the_only_holder(self, size):
            """When a batch is given out: a worker that alone has an array of `size` bytes."""

            def holder(finish):
                states = [
                    task
                    for task in scheduler.tasks.values()
                    if finish == "processing" and task.nbytes >= size and len(task.who_has) == 1
                ]
                return next((state.address for task in states for state in task.who_has), None)

            self.kill_when = holder

    return Watch()


@pytest.fixture(scope="module")
def samples():
    """4 MB of float64; classes that a network can tell."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(2000, 256))
    return X, (X[:, :3].sum(axis=1) > 0).astype(int)


def mlp(**parameters):
    return XavierMLPClassifier((8,), max_iter=3, random_state=0).set_params(**parameters)


def compare(X, y, **settings):
    settings = {"cv": 3, "n_repeats": 2, "random_state": 0} | settings
    return compare_initializers(settings.pop("estimator", mlp()), X, y, **settings)


def outcome(comparison):
    return comparison.to_frame().drop(columns="fit_seconds")


def assert_same_search(there, here):
    assert there.best_params_ == here.best_params_
    scores = [name for name in here.cv_results_ if "score" in name and "time" not in name]
    assert len(scores) >= 6
    for name in scores:
        np.testing.assert_array_equal(there.cv_results_[name], here.cv_results_[name])
    for ours, theirs in zip(there.best_estimator_.coefs_, here.best_estimator_.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


SEARCHES = {
    "grid": lambda X, y, **more: GridSearchCV(mlp(), GRID, **{"cv": 3} | more).fit(X, y),
    "halving": lambda X, y, **more: HalvingGridSearchCV(
        *(mlp(n_iter_no_change=np.inf), GRID),
        **{"cv": 3, "resource": "max_iter", "max_resources": 9, "random_state": 0} | more,
    ).fit(X, y),
}
WORK = {"search": SEARCHES["grid"], "comparison": compare}


# -- A cluster that is not there; first, as there is no client yet ---------------------------------


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_a_client_is_needed(work, samples):
    with (
        pytest.raises(ValueError, match=r"first create a Dask Client\s+from dask.distributed"),
        parallel_config("dask"),
    ):
        work(*samples)


def test_nobody_answers():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # and does not listen
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(OSError, match=f"Timed out trying to connect to {address} after 1 s"):
            distributed.Client(address, timeout=1)


def test_no_worker_comes(samples):
    with (
        distributed.LocalCluster(n_workers=0, **LOCAL) as cluster,
        distributed.Client(cluster),
        parallel_config("dask", wait_for_workers_timeout=1),
        pytest.raises(TimeoutError, match="has no worker after 1 seconds"),
    ):
        compare(*samples)


@contextlib.contextmanager
def command(*words):
    words = [sys.executable, "-m", "dask", *words, "--dashboard-address=:0"]
    path = os.pathsep.join(filter(None, sys.path))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(words, env=os.environ | {"PYTHONPATH": path}, **quiet)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def mortal(tmp_path):
    """A client of a scheduler that may be killed, with a worker that no nanny looks after."""
    where = f"--scheduler-file={tmp_path / 'scheduler.json'}"
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "2s"}),
        command("scheduler", "--host=127.0.0.1", "--port=0", where),
    ):
        wait_until((tmp_path / "scheduler.json").exists)
        with (
            command("worker", where, "--nthreads=2", "--no-nanny"),
            distributed.Client(scheduler_file=str(tmp_path / "scheduler.json")) as client,
        ):
            client.wait_for_workers(1, timeout=30)
            yield client


class Kill:
    """A start that kills a process; zeros if that is another one."""

    def __init__(self, pid):
        self.pid = pid

    def __call__(self, shape, **more):
        os.kill(self.pid, signal.SIGKILL)
        return np.zeros(shape)


WORK_AND_KILL = {
    "search": lambda X, y, kill: GridSearchCV(mlp(), {"init": ["auto", kill]}, cv=3).fit(X, y),
    "comparison": lambda X, y, kill: compare(X, y, inits={"auto": "auto", "kill": kill}),
}


def test_the_scheduler_died_before(samples, mortal):
    os.kill(mortal.run_on_scheduler(os.getpid), signal.SIGKILL)
    wait_until(lambda: mortal.status == "connecting")
    given_up = "Timed out trying to connect|ConnectionPool closing"  # whichever is first
    with parallel_config("dask"), pytest.raises(OSError, match=given_up):
        compare(*samples)


@pytest.mark.filterwarnings("ignore:A worker was lost:RuntimeWarning")
@pytest.mark.parametrize("work", WORK_AND_KILL.values(), ids=WORK_AND_KILL)
def test_the_scheduler_dies_meanwhile(work, samples, mortal):
    kill = Kill(mortal.run_on_scheduler(os.getpid))
    lost = distributed.client.FutureCancelledError
    with parallel_config("dask"), pytest.raises(lost, match="scheduler-connection-lost"):
        work(*samples, kill)


@pytest.mark.filterwarnings("ignore:A worker was lost:RuntimeWarning")
def test_the_last_worker_dies_for_good(samples, mortal):
    # The data are lost with it. A comparison waits for another worker, and then says the same.
    [pid] = mortal.run(os.getpid).values()
    lost = distributed.client.FutureCancelledError
    with (
        parallel_config("dask", wait_for_workers_timeout=1),
        pytest.raises(lost, match="already forgotten"),
    ):
        WORK_AND_KILL["comparison"](*samples, Kill(pid))


def test_a_cluster_for_one_fit_at_a_time_gets_none(samples):
    # joblib does in this process what is not to be done in parallel.
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, **LOCAL
        ) as one,
        distributed.Client(one) as client,
    ):
        watch = watcher(one.scheduler, {})
        one.scheduler.add_plugin(watch)
        with parallel_config("dask"):
            compare(*samples, n_repeats=1)
        assert watch.workers == []
        assert sum(client.ncores().values()) == 1


# -- The same results ------------------------------------------------------------------------------


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_a_search_gives_the_local_results(search, samples, jobs):
    here = search(*samples)
    assert jobs.workers == []
    with parallel_config("dask"):
        there = search(*samples)
    assert jobs.workers
    assert_same_search(there, here)


FORMS = {
    "array": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "frame": lambda X: pd.DataFrame(X, columns=[f"x{i}" for i in range(X.shape[1])]),
    "csr_matrix": lambda X: sparse.csr_matrix(np.maximum(X, 0)),
    "csr_array": lambda X: sparse.csr_array(np.maximum(X, 0)),
    "list": lambda X: X[:, :3].tolist(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_comparison_gives_the_local_results(form, samples, jobs):
    X, y = form(samples[0]), samples[1]
    here = compare(X, y)
    assert jobs.workers == []
    with parallel_config("dask"):
        there = compare(X, y)
    assert jobs.workers
    assert outcome(here)["error"].isna().all()
    pd.testing.assert_frame_equal(outcome(there), outcome(here), check_exact=True)
    assert [run.loss_curve for run in there.runs] == [run.loss_curve for run in here.runs]


def test_a_search_within_a_comparison(samples, jobs):
    # Fits that wait for fits: each worker has one thread, and none may block it.
    X, y = samples[0][:300], samples[1][:300]
    estimator = GridSearchCV(mlp(), {"alpha": [0.0001, 1.0]}, cv=2)
    settings = {"estimator": estimator, "inits": ["auto", "normal"], "n_repeats": 1}
    here = compare(X, y, **settings)
    with parallel_config("dask"):
        there = compare(X, y, **settings)
    pd.testing.assert_frame_equal(outcome(there), outcome(here), check_exact=True)
    assert jobs.workers


def test_progress_is_told(samples, client, capsys):
    with parallel_config("dask"):
        compare(*samples, inits=["auto", "normal"], n_repeats=1, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["auto", "normal"]


def lock(X):
    """Make the samples' arrays read-only, as a worker gets them where they were so before."""
    for array in [X] if isinstance(X, np.ndarray) else [X.data, X.indices, X.indptr]:
        array.flags.writeable = False
    return X


def fit_and_tell(X, y):
    network = mlp(solver="lbfgs").fit(X, y)
    arrays = [X] if isinstance(X, np.ndarray) else [X.data, X.indices, X.indptr]
    writeable = [array.flags.writeable for array in (*arrays, y)]
    return writeable, network.coefs_[0], network.predict_proba(X)


@pytest.mark.parametrize("form", ["array", "float32", "csr_matrix", "csr_array"])
def test_fits_take_arrays_that_must_not_be_written_to(form, samples, client):
    X, y = lock(FORMS[form](samples[0].copy())), lock(samples[1].copy())
    writeable, weights, probabilities = client.submit(fit_and_tell, X, y).result()
    assert not any(writeable)
    _, here, probabilities_here = fit_and_tell(X, y)
    np.testing.assert_array_equal(weights, here)
    np.testing.assert_array_equal(probabilities, probabilities_here)


def test_workers_have_one_thread_of_blas_each(client):
    threads = client.run(
        lambda: [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
    )
    assert set(chain(*threads.values())) == {1}


# -- What is sent ----------------------------------------------------------------------------------


def count_received():
    """How many bytes this process has read from sockets since the first call."""
    from tornado.iostream import IOStream

    if not hasattr(IOStream, "n_received"):
        read = IOStream.read_from_fd

        def read_and_count(self, buffer):
            n = read(self, buffer)
            IOStream.n_received += n or 0
            return n

        IOStream.n_received, IOStream.read_from_fd = 0, read_and_count
    return IOStream.n_received


@pytest.fixture
def without_memory_manager(client):
    """Copies stay, also those that nobody waits for."""
    client.amm.stop()
    yield
    client.amm.start()


@pytest.fixture
def received(client, without_memory_manager):
    """What workers received during `work`, in sizes of the samples."""

    def measure(work, X, *arguments, **settings):
        before = sum(client.run(count_received).values())
        with parallel_config("dask", **settings):
            work(X, *arguments)
        return (sum(client.run(count_received).values()) - before) / n_bytes(X)

    return measure


def n_bytes(X):
    if isinstance(X, pd.DataFrame):
        return X.memory_usage().sum()
    return X.nbytes if isinstance(X, np.ndarray) else X.data.nbytes + X.indices.nbytes


@pytest.fixture
def fresh():
    """4 MB that no worker has yet."""

    def make(form="array"):
        X = np.random.RandomState().normal(size=(2000, 256))
        return FORMS[form](X), (X[:, :3].sum(axis=1) > 0).astype(int)

    return make


def search_only(X, y, **more):
    SEARCHES["grid"](X, y, refit=False, **more)


N_FITS = {search_only: 3 * 8, compare: 3 * 2 * 5}
# What else there is: folds, networks and messages. The samples sent once more would be 1.
OTHERS = 0.3


@pytest.mark.parametrize("scattered", [False, True])
@pytest.mark.parametrize(
    ("work", "form"),
    [
        (search_only, "array"),
        (search_only, "frame"),
        (search_only, "csr_matrix"),
        (compare, "array"),
    ],
)
def test_samples_are_sent_once_to_each_worker(work, form, scattered, received, fresh):
    X, y = fresh(form)
    sent = received(work, X, y, **({"scatter": [X, y]} if scattered else {}))
    least = N_WORKERS if scattered else 1  # if one of them does all the work
    assert least <= sent <= N_WORKERS + OTHERS
    assert N_FITS[work] > 8 * N_WORKERS


def test_what_joblib_takes_for_small_is_sent_with_each_batch(received, fresh):
    # It asks Dask for the size, which knows csr_matrix and not csr_array.
    X, y = fresh("csr_array")
    assert received(search_only, X, y) > 3 * N_WORKERS
    X, y = fresh("csr_array")
    assert received(search_only, X, y, scatter=[X, y]) <= N_WORKERS + OTHERS


def test_weights_are_sent_with_each_batch(received, fresh):
    X, y = fresh()
    X, weights = X[:, :16].copy(), np.ones(len(X))

    def search(X, y, **more):
        GridSearchCV(mlp(), GRID, cv=3, refit=False).fit(X, y, **more)

    without = received(search, X, y)
    with_weights = received(lambda X: search(X, y, sample_weight=weights), X + 1)
    assert (with_weights - without) * X.nbytes > 3 * N_WORKERS * weights.nbytes


def test_halving_sends_the_samples_in_each_round(received, fresh):
    rounds = []

    def search(X, y):
        rounds.append(SEARCHES["halving"](X, y, refit=False).n_iterations_)

    X, y = fresh()
    sent = received(search, X, y)
    assert rounds[0] >= 2
    assert rounds[0] <= sent <= rounds[0] * (N_WORKERS + OTHERS)
    X, y = fresh()
    assert N_WORKERS <= received(search, X, y, scatter=[X, y]) <= N_WORKERS + OTHERS


def test_folds_are_a_small_part(received):
    # As numbers, the rows of a fold would be an eighth of the samples with each of 30 fits.
    X = np.random.RandomState().normal(size=(20_000, 8))
    y = (X[:, :3].sum(axis=1) > 0).astype(int)
    share = X.nbytes / (X.nbytes + y.nbytes)
    assert received(compare, X, y) * share <= N_WORKERS + OTHERS


# -- Workers that are killed -----------------------------------------------------------------------


def assert_killed_in_the_middle(jobs):
    assert jobs.killed
    assert jobs.n_done > 0
    assert jobs.n_left > 0


@pytest.mark.usefixtures("without_memory_manager")
@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_a_search_survives_a_killed_worker(search, samples, jobs):
    X, y = samples
    folds = list(StratifiedKFold(3).split(X, y))
    here = search(X, y, cv=folds)
    jobs.kill_in_the_middle(3)
    with parallel_config("dask", scatter=[X, y, *chain(*folds)]):
        there = search(X, y, cv=folds)
    assert_killed_in_the_middle(jobs)
    assert_same_search(there, here)


@pytest.mark.parametrize("scattered", ["nothing", "samples", "samples and folds"])
def test_a_search_dies_with_the_only_worker_that_has_the_data(scattered, samples, client, jobs):
    X, y = samples
    folds = list(StratifiedKFold(3).split(X, y))
    parts = {"nothing": [], "samples": [X, y], "samples and folds": [X, y, *chain(*folds)]}
    jobs.kill_the_only_holder(folds[0][0].nbytes)
    with parallel_config("dask", scatter=parts[scattered]):
        if scattered == "samples and folds":
            let_memory_manager_work(client)
        with pytest.raises(distributed.client.FutureCancelledError, match="already forgotten"):
            SEARCHES["grid"](X, y, cv=folds)
    assert jobs.killed


def let_memory_manager_work(client):
    """As it does every two seconds; until there is no copy that nobody waits for."""
    client.amm.run_once()
    wait_until(lambda: {len(workers) for workers in client.who_has().values()} == {1})


class KillsOnArrival:
    """What kills the process that unpacks it."""

    def __reduce__(self):
        return kill_unless, (os.getpid(),)


def kill_unless(pid):
    assert os.getpid() != pid
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_dies_while_it_is_sent_the_samples(client):
    # By joblib itself they are sent in the background, and it waits for ever.
    with pytest.raises(OSError, match=r"ConnectionPool\.scatter"):
        parallel_config("dask", scatter=[KillsOnArrival()])


@pytest.mark.usefixtures("without_memory_manager")
def test_a_comparison_survives_a_killed_worker(samples, jobs):
    here = compare(*samples)
    jobs.kill_in_the_middle(5)
    with parallel_config("dask", scatter=[*samples]):
        there = compare(*samples)
    assert_killed_in_the_middle(jobs)
    pd.testing.assert_frame_equal(outcome(there), outcome(here), check_exact=True)


@pytest.mark.filterwarnings("ignore:A worker was lost:RuntimeWarning")  # if it alone had the data
def test_a_comparison_needs_no_settings_for_that(samples, jobs):
    here = compare(*samples)
    jobs.kill_in_the_middle(5)
    with parallel_config("dask"):
        there = compare(*samples)
    assert_killed_in_the_middle(jobs)
    pd.testing.assert_frame_equal(outcome(there), outcome(here), check_exact=True)


def test_a_comparison_survives_the_only_worker_that_has_the_data(samples, jobs):
    here = compare(*samples)
    jobs.kill_the_only_holder(samples[0].nbytes)
    with (
        parallel_config("dask"),
        pytest.warns(RuntimeWarning, match="30 of 30 runs have no result yet.* started again"),
    ):
        there = compare(*samples)
    assert jobs.killed
    pd.testing.assert_frame_equal(outcome(there), outcome(here), check_exact=True)


@pytest.mark.filterwarnings("ignore:A worker was lost:RuntimeWarning")
def test_a_comparison_keeps_to_what_was_scattered(samples):
    # Three workers, as with one left joblib would go on in this process, which has the samples.
    with (
        distributed.LocalCluster(n_workers=3, threads_per_worker=1, **LOCAL) as cluster,
        distributed.Client(cluster) as client,
    ):
        watch = watcher(cluster.scheduler, client.run(os.getpid))
        cluster.scheduler.add_plugin(watch)
        watch.kill_the_only_holder(samples[0].nbytes)
        with parallel_config("dask", scatter=[*samples]):
            let_memory_manager_work(client)
            with pytest.raises(distributed.client.FutureCancelledError):
                compare(*samples)
        assert watch.killed
