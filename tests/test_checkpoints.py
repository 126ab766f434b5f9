"""Checkpoints: training goes on from them bit for bit, and whatever is wrong is said at once."""

import os
import pickle
import re
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sk_xavier
from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier._plain_files import read_plain, write_plain
from sk_xavier.activations import LeakyReLU, ReLU
from sk_xavier.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from sk_xavier.initializers import GlorotUniform

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

needs_callbacks = pytest.mark.skipif(
    not hasattr(XavierMLPClassifier, "set_callbacks"),
    reason="scikit-learn has callbacks since 1.9",
)


def classifier(**parameters):
    return XavierMLPClassifier(**{"hidden_layer_sizes": (7,), "random_state": 0} | parameters)


def weights(mlp):
    return np.concatenate([array.ravel() for array in [*mlp.coefs_, *mlp.intercepts_]])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mlp.npz"


@pytest.fixture
def written(path, digits):
    X, y = digits
    save_checkpoint(path, classifier().partial_fit(X, y, classes=np.arange(10)))
    return path


# --- training goes on ----------------------------------------------------------------


CASES = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive"},
    "adamw, one cycle": {"solver": "adamw", "learning_rate": "one_cycle", "max_iter": 8},
    "rmsprop, dropout": {"solver": "rmsprop", "dropout": 0.3},
    "sgd, no shuffling": {"solver": "sgd", "shuffle": False, "momentum": 0.5},
    "no hidden layer": {"hidden_layer_sizes": ()},
    "two layers": {"hidden_layer_sizes": (7, 5), "activation": ["tanh", LeakyReLU(0.2)]},
    "initializer": {"init": GlorotUniform(gain=2.0), "store_initial_weights": True},
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_partial_fit_goes_on_as_if_nothing_had_been_between(name, dtype, path, digits):
    X, y = digits[0].astype(dtype), digits[1]
    mlp = classifier(**CASES[name])
    for _ in range(3):
        mlp.partial_fit(X, y, classes=np.arange(10))
    save_checkpoint(path, mlp)
    other = load_checkpoint(path, classifier(**CASES[name]))
    for _ in range(3):
        mlp.partial_fit(X, y)
        other.partial_fit(X, y)
    np.testing.assert_array_equal(weights(other), weights(mlp), strict=True)
    assert other.loss_curve_ == mlp.loss_curve_
    assert (other.n_iter_, other.t_) == (mlp.n_iter_, mlp.t_)
    np.testing.assert_array_equal(other.predict_proba(X), mlp.predict_proba(X), strict=True)


KINDS = ["binary", "multiclass", "multilabel", "regression", "multioutput"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_fitted_attribute_comes_back(kind, path, digits, targets):
    X, y = digits[0], targets[kind]
    cls = XavierMLPRegressor if kind in ("regression", "multioutput") else XavierMLPClassifier
    mlp = cls((7,), max_iter=3, random_state=0).fit(X, y)
    save_checkpoint(path, mlp)
    other = load_checkpoint(path, cls((7,)))
    np.testing.assert_array_equal(other.predict(X), mlp.predict(X), strict=True)
    fitted = {name for name in vars(mlp) if name not in mlp.get_params()}
    assert fitted == {name for name in vars(other) if name not in other.get_params()}
    for name in fitted - {"_continuation"}:
        old, new = getattr(mlp, name), getattr(other, name)
        assert type(old) is type(new), name
        if isinstance(old, list) and isinstance(old[0], np.ndarray):
            for one, two in zip(old, new, strict=True):
                np.testing.assert_array_equal(one, two, strict=True)
        else:
            np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    "labels", [np.array(["no", "yes"]), np.array(["no", "yes"], dtype=object), [False, True]]
)
def test_labels_keep_their_type(labels, path, digits):
    X, y = digits
    y = np.asarray(labels)[y % 2]
    mlp = classifier().partial_fit(X, y, classes=np.unique(y))
    save_checkpoint(path, mlp)
    other = load_checkpoint(path, classifier())
    np.testing.assert_array_equal(other.predict(X), mlp.predict(X), strict=True)
    assert set(other.partial_fit(X, y).predict(X)) <= set(labels)


def test_names_of_features_come_back(path, digits):
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame(digits[0]).add_prefix("pixel")
    save_checkpoint(path, classifier(max_iter=2).fit(X, digits[1]))
    other = load_checkpoint(path, classifier())
    with pytest.raises(ValueError, match="feature names"):
        other.partial_fit(X[X.columns[::-1]], digits[1])
    other.partial_fit(X, digits[1])


def test_a_generator_of_the_users_own_is_left_alone(path, digits):
    X, y = digits
    rng = np.random.RandomState(0)
    mlp = classifier(random_state=rng).partial_fit(X, y, classes=np.arange(10))
    save_checkpoint(path, mlp)
    other = load_checkpoint(path, classifier(random_state=np.random.RandomState(5)))
    before = rng.get_state(legacy=False)
    other.partial_fit(X, y)
    np.testing.assert_equal(rng.get_state(legacy=False), before)
    mlp.partial_fit(X, y)
    np.testing.assert_array_equal(weights(other), weights(mlp))


def test_what_is_initialized_can_be_written(path, digits):
    X, y = digits
    save_checkpoint(path, classifier().initialize(X, y))
    other = load_checkpoint(path, classifier(max_iter=3, warm_start=True)).fit(X, y)
    np.testing.assert_array_equal(weights(other), weights(classifier(max_iter=3).fit(X, y)))


def test_attributes_of_an_earlier_fit_go(written, digits):
    mlp = classifier(store_initial_weights=True, max_iter=2).fit(*digits)
    load_checkpoint(written, mlp)
    assert not hasattr(mlp, "initial_coefs_")
    assert mlp.n_iter_ == 1


def test_other_parameters_are_the_estimators(written, digits):
    mlp = load_checkpoint(written, classifier(learning_rate_init=0.5))
    assert mlp.partial_fit(*digits).learning_rate_curve_ == [0.001, 0.5]


# --- the file ------------------------------------------------------------------------


def test_numpy_reads_the_arrays(written, digits):
    mlp = load_checkpoint(written, classifier())
    with np.load(written) as arrays:
        np.testing.assert_array_equal(arrays["fitted/coefs_/0"], mlp.coefs_[0])


def test_no_member_is_a_pickle(written):
    with zipfile.ZipFile(written) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                array = np.lib.format.read_array(member, allow_pickle=False)
            assert not array.dtype.hasobject, name


KILLED = """
import sys
from sk_xavier import XavierMLPRegressor
from sk_xavier.checkpoints import save_checkpoint
import numpy as np
X = np.ones((20, 400))
mlp = XavierMLPRegressor((400,), random_state=0)
while True:
    mlp.partial_fit(X, X[:, 0])
    save_checkpoint(sys.argv[1], mlp)
    print(mlp.n_iter_, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_at_any_time_there_is_a_whole_checkpoint(path):
    for after in (0.0, 0.003, 0.007, 0.011):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        ) as process:
            process.stdout.readline()
            process.stdout.readline()
            time.sleep(after)
            process.send_signal(signal.SIGKILL)
            done = process.stdout.read().split()
        n_iter = load_checkpoint(path, XavierMLPRegressor((400,))).n_iter_
        assert n_iter >= max(2, *map(int, done), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_full_disk_leaves_the_older_checkpoint(written, tmp_path, digits):
    resource = pytest.importorskip("resource")
    X, y = digits
    mlp = load_checkpoint(written, classifier()).partial_fit(X, y)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1]))
        with pytest.raises(OSError, match="File too large"):
            save_checkpoint(written, mlp)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert load_checkpoint(written, classifier()).n_iter_ == 1
    assert list(tmp_path.iterdir()) == [written]


class Label:
    """Orders like its number; neither a number nor a string."""

    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        return self.number < other.number


def test_what_would_need_a_pickle_is_refused(written, tmp_path, digits):
    mlp = load_checkpoint(written, classifier())
    mlp.classes_ = np.array([Label(i) for i in range(10)], dtype=object)
    with pytest.raises(TypeError, match="fitted/classes_ is an array of objects"):
        save_checkpoint(written, mlp)
    assert load_checkpoint(written, classifier()).n_iter_ == 1
    assert list(tmp_path.iterdir()) == [written]


# --- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (classifier(hidden_layer_sizes=(8,)), r"its hidden_layer_sizes is \[7\], .* is \[8\]"),
        (classifier(hidden_layer_sizes=(7, 7)), r"is \[7\], .* is \[7, 7\]"),
        (classifier(activation="tanh"), r"its activation is \[ReLU.*\], .* is \[Tanh"),
        (classifier(activation=[LeakyReLU(0.3)]), r"is \[LeakyReLU\(.*0.3"),
        (XavierMLPRegressor((7,)), "its class is XavierMLPClassifier, .* XavierMLPRegressor"),
    ],
)
def test_a_checkpoint_of_another_network(other, message, written):
    with pytest.raises(ValueError, match=message) as caught:
        load_checkpoint(written, other)
    assert str(written) in str(caught.value)
    assert not hasattr(other, "coefs_")


def test_a_checkpoint_of_another_loss(path, digits):
    X, y = digits
    save_checkpoint(path, XavierMLPRegressor((7,), loss="poisson").partial_fit(X, y))
    with pytest.raises(ValueError, match=r"its loss is 'poisson', .* is 'squared_error'"):
        load_checkpoint(path, XavierMLPRegressor((7,)))


def test_a_failed_load_leaves_the_estimator_as_it_was(written, digits):
    mlp = classifier(hidden_layer_sizes=(8,), max_iter=2).fit(*digits)
    before = pickle.dumps(mlp)
    with pytest.raises(ValueError, match="another network"):
        load_checkpoint(written, mlp)
    assert pickle.dumps(mlp) == before


def test_a_checkpoint_of_another_version(written, monkeypatch):
    monkeypatch.setattr(sk_xavier.checkpoints, "__version__", "7.0")
    with pytest.raises(ValueError, match=r"written by sk_xavier 0.*, and this is 7\.0") as caught:
        load_checkpoint(written, classifier())
    assert "numpy.load" in str(caught.value)


@pytest.mark.parametrize("part", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file(part, written):
    data = written.read_bytes()
    written.write_bytes(data[: int(part * len(data))])
    with pytest.raises(
        ValueError, match=r"mlp.npz' is no checkpoint of sk_xavier: it is cut short"
    ):
        load_checkpoint(written, classifier())


def test_any_changed_byte_is_noticed_or_changes_nothing(written):
    data, whole = written.read_bytes(), load_checkpoint(written, classifier())
    rng, n_noticed = np.random.RandomState(0), 0
    for i in rng.randint(len(data), size=100):
        changed = bytearray(data)
        changed[i] ^= 0x55
        written.write_bytes(changed)
        try:
            loaded = load_checkpoint(written, classifier())
        except ValueError as error:
            assert re.search("no checkpoint of sk_xavier", str(error))
            n_noticed += 1
        else:  # a date or the like in the archive's own records
            np.testing.assert_array_equal(weights(loaded), weights(whole))
    assert n_noticed > 80


@pytest.mark.parametrize("content", ["text", "npz", "pickle", "zip"])
def test_a_file_of_another_kind(content, path, digits):
    if content == "npz":
        with path.open("wb") as file:
            np.savez(file, coefs=np.ones(3))
    elif content == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("values", "{}")
    else:
        path.write_bytes(pickle.dumps([]) if content == "pickle" else b"loss, 1.0")
    with pytest.raises(ValueError, match=r"is no checkpoint of sk_xavier: .* another kind"):
        load_checkpoint(path, classifier())


class RunsWhenUnpickled:
    def __reduce__(self):
        return os.mkdir, ("ran",)


def test_loading_runs_nothing(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with path.open("wb") as file:
        np.savez(file, values=np.array([RunsWhenUnpickled()], dtype=object))
    with pytest.raises(ValueError, match="another kind"):
        load_checkpoint(path, classifier())
    assert not (tmp_path / "ran").exists()
    with np.load(path, allow_pickle=True) as arrays:  # the file would have
        arrays["values"]
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"network": 3},
        {"fitted": []},
        {"fitted": {"coefs_": 3}},
        {"position": 3},
        {"more": 1},
        {"fitted": {"predict": 1}},
    ],
)
def test_a_file_of_another_form(change, path, digits):
    mlp = classifier(max_iter=2).fit(*digits)
    save_checkpoint(path, mlp)
    before = pickle.dumps(mlp)
    write_plain(path, read_plain(path) | change)
    with pytest.raises(ValueError, match=r"no checkpoint of sk_xavier: .* another kind"):
        load_checkpoint(path, mlp)
    assert pickle.dumps(mlp) == before


@pytest.mark.parametrize("form", ["name", "object", "list"])
def test_an_activation_is_the_same_in_every_form(form, written):
    activation = {"name": "relu", "object": ReLU(), "list": ["relu"]}[form]
    with config_context(print_changed_only=False):
        assert load_checkpoint(written, classifier(activation=activation)).n_iter_ == 1


def test_a_subclass_with_other_parameters(path, digits):
    class Narrow(XavierMLPClassifier):
        def __init__(self, width=7):
            super().__init__((width,), random_state=0)
            self.width = width

    mlp = Narrow().partial_fit(*digits, classes=np.arange(10))
    save_checkpoint(path, mlp)
    np.testing.assert_array_equal(weights(load_checkpoint(path, Narrow())), weights(mlp))


@pytest.mark.skipif(sys.platform == "win32", reason="links and modes of POSIX")
def test_links_and_modes_stay(written, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(written)
    written.chmod(0o600)
    save_checkpoint(link, load_checkpoint(written, classifier()))
    assert link.is_symlink()
    assert written.stat().st_mode & 0o777 == 0o600


def test_no_file(path):
    with pytest.raises(FileNotFoundError, match=r"There is no checkpoint '.*mlp\.npz'"):
        load_checkpoint(path, classifier())


def test_no_folder(tmp_path, digits):
    mlp = classifier(max_iter=2).fit(*digits)
    for wrong in (tmp_path, tmp_path / "no" / "mlp.npz"):
        with pytest.raises(FileNotFoundError, match="must be a file in a folder that exists"):
            save_checkpoint(wrong, mlp)


def test_no_path(written):
    mlp = load_checkpoint(written, classifier())
    for function in (save_checkpoint, load_checkpoint):
        with pytest.raises(TypeError, match="of a checkpoint must be a str or path-like, got 3"):
            function(3, mlp)
        with pytest.raises(TypeError, match=r"must be .*[gG]ot (XavierMLPClassifier|\w+Path)\("):
            function(mlp, written)


def test_other_estimators(written):
    class Other(BaseEstimator):
        pass

    for function in (
        lambda mlp: save_checkpoint(written, mlp),
        lambda mlp: load_checkpoint(written, mlp),
    ):
        with pytest.raises(TypeError, match="estimator must be an XavierMLPClassifier or"):
            function(Other())


def test_not_fitted(path):
    with pytest.raises(NotFittedError):
        save_checkpoint(path, classifier())
    assert not path.exists()


# --- the callback --------------------------------------------------------------------


KILLED_FITS = {
    "adam": {},
    "sgd": {"solver": "sgd"},
    "adamw": {"solver": "adamw", "learning_rate": "cosine"},
    "rmsprop": {"solver": "rmsprop"},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling"},
    # Progress of less than tol counts as none, so that the rate falls again and again.
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 1.0, "n_iter_no_change": 2},
}


@needs_callbacks
@pytest.mark.parametrize("name", KILLED_FITS)
def test_a_killed_fit_goes_on_to_the_same_end(name, path, digits):
    X, y = digits
    parameters = {"max_iter": 8, "dropout": 0.1} | KILLED_FITS[name]

    class KilledError(Exception):
        pass

    class Kill:
        def setup(self, estimator, context): ...
        def teardown(self, estimator, context): ...
        def on_fit_task_end(self, estimator, context): ...
        def on_fit_task_begin(self, estimator, context):
            if context.parent is not None and context.task_id == 5:
                raise KilledError

    mlp = classifier(**parameters).set_callbacks(Checkpoint(path, every=2), Kill())
    with pytest.raises(KilledError):
        mlp.fit(X, y)
    mlp = load_checkpoint(path, classifier(**parameters))
    assert mlp.n_iter_ == 4
    while mlp.n_iter_ < mlp.max_iter:
        mlp.partial_fit(X, y)
    at_once = classifier(**parameters).fit(X, y)
    np.testing.assert_array_equal(weights(mlp), weights(at_once))
    assert mlp.loss_curve_ == at_once.loss_curve_
    assert mlp.learning_rate_curve_ == at_once.learning_rate_curve_


@needs_callbacks
@pytest.mark.parametrize("parameters", [{"early_stopping": True}, {"solver": "lbfgs"}])
def test_the_last_checkpoint_is_the_fitted_estimator(parameters, path, digits):
    X, y = digits
    mlp = classifier(max_iter=7, **parameters)
    mlp.set_callbacks(Checkpoint(path, every=5)).fit(X, y)
    other = load_checkpoint(path, classifier())
    np.testing.assert_array_equal(weights(other), weights(mlp))
    assert other.n_iter_ == mlp.n_iter_


@needs_callbacks
def test_a_search_cannot_share_one_file(path, digits):
    mlp = classifier(max_iter=2).set_callbacks(Checkpoint(path))
    search = GridSearchCV(mlp, {"alpha": [0.1, 1.0]}, cv=2, error_score="raise")
    with pytest.raises(
        ValueError, match=r"has one file and cannot serve the fits of a GridSearchCV"
    ):
        search.fit(*digits)


@needs_callbacks
def test_a_step_of_a_pipeline_can_have_it(path, digits):
    mlp = classifier(max_iter=3).set_callbacks(Checkpoint(path))
    model = make_pipeline(StandardScaler(), mlp).fit(*digits)
    other = load_checkpoint(path, classifier())
    np.testing.assert_array_equal(weights(other), weights(model[-1]))


@needs_callbacks
def test_where_it_cannot_write_it_says_so_before_training(tmp_path, digits):
    mlp = classifier().set_callbacks(Checkpoint(tmp_path / "no" / "mlp.npz"))
    with pytest.raises(FileNotFoundError, match="in a folder that exists"):
        mlp.fit(*digits)
    assert not hasattr(mlp, "coefs_")


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "2"])
def test_every(every, path):
    with pytest.raises(ValueError, match=f"every must be an int of at least 1, got {every!r}"):
        Checkpoint(path, every)
