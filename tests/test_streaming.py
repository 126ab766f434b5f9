"""Training on chunks: the same as the loop by hand, from any source, cut off anywhere."""

import pickle
import re
import sys
import weakref

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor, streaming
from sk_xavier.activations import LeakyReLU
from sk_xavier.checkpoints import load_checkpoint, save_checkpoint
from sk_xavier.initializers import GlorotUniform
from sk_xavier.streaming import ArrayChunks, ParquetChunks, StreamResult, fit_stream

needs_callbacks = pytest.mark.skipif(
    not hasattr(XavierMLPClassifier, "set_callbacks"),
    reason="scikit-learn has callbacks since 1.9",
)

CLASSES = np.arange(10)


def make(**parameters):
    return XavierMLPClassifier(**{"hidden_layer_sizes": (7,), "random_state": 0} | parameters)


def weights(mlp):
    return np.concatenate([array.ravel() for array in [*mlp.coefs_, *mlp.intercepts_]])


def by_hand(mlp, X, y, n_rows, n_epochs=1, orders=None):
    """The loop that `fit_stream` stands for."""
    starts = range(0, len(y), n_rows)
    for epoch in range(n_epochs):
        for i in range(len(starts)) if orders is None else orders[epoch]:
            rows = slice(starts[i], starts[i] + n_rows)
            mlp.partial_fit(X[rows], y[rows], classes=CLASSES)
    return mlp


@pytest.fixture
def chunks(digits):
    return ArrayChunks(*digits, chunk_rows=70)


# --- training ------------------------------------------------------------------------


@pytest.mark.parametrize("n_epochs", [1, 3])
def test_it_is_the_loop_by_hand(n_epochs, digits, chunks):
    mlp = make()
    result = fit_stream(mlp, chunks, n_epochs=n_epochs, classes=CLASSES)
    np.testing.assert_array_equal(weights(mlp), weights(by_hand(make(), *digits, 70, n_epochs)))
    assert (result.n_chunks, result.n_rows) == (5 * n_epochs, 300 * n_epochs)
    assert result.n_chunks_before == 0
    assert 0.0 <= result.seconds_reading <= result.seconds
    assert result.rows_per_second == result.n_rows / result.seconds


def test_one_chunk_is_fit(digits):
    mlp = make()
    fit_stream(mlp, [digits], n_epochs=4, classes=CLASSES)
    at_once = make(max_iter=4, n_iter_no_change=10, tol=0.0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        at_once.fit(*digits)
    np.testing.assert_array_equal(weights(mlp), weights(at_once))


def test_it_goes_on_with_what_is_fitted(digits, chunks):
    mlp = make()
    for _ in range(2):
        fit_stream(mlp, chunks, classes=CLASSES)
    np.testing.assert_array_equal(weights(mlp), weights(by_hand(make(), *digits, 70, 2)))


@pytest.mark.parametrize("kind", ["list", "generator function", "iterable", "iterator"])
def test_any_kind_of_chunks(kind, digits, chunks):
    class Iterable:
        def __iter__(self):
            return iter(list(chunks))

    source = {
        "list": list(chunks),
        "generator function": lambda: (chunk for chunk in chunks),
        "iterable": Iterable(),
        "iterator": iter(list(chunks)),
    }[kind]
    n_epochs = 1 if kind == "iterator" else 2
    mlp = make()
    fit_stream(mlp, source, n_epochs=n_epochs, classes=CLASSES)
    np.testing.assert_array_equal(weights(mlp), weights(by_hand(make(), *digits, 70, n_epochs)))


def test_shuffling_takes_each_chunk_once_in_an_epoch_in_orders_of_the_seed(chunks):
    def seen(seed, n_epochs=3):
        numbers = []

        class Noted(list):
            def __getitem__(self, i):
                numbers.append(i)
                return super().__getitem__(i)

        mlp = make()
        fit_stream(
            mlp, Noted(chunks), n_epochs=n_epochs, classes=CLASSES, shuffle=True, random_state=seed
        )
        return [numbers[i : i + 5] for i in range(0, len(numbers), 5)], mlp

    orders, mlp = seen(0)
    assert all(sorted(order) == list(range(5)) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    again, same = seen(0)
    assert again == orders
    np.testing.assert_array_equal(weights(mlp), weights(same))
    assert seen(1)[0] != orders
    assert seen(np.random.RandomState(0))[0] == orders


def test_the_order_is_followed(digits, chunks):
    numbers = []

    class Noted(list):
        def __getitem__(self, i):
            numbers.append(i)
            return super().__getitem__(i)

    mlp = make()
    fit_stream(mlp, Noted(chunks), n_epochs=2, classes=CLASSES, shuffle=True, random_state=3)
    hand = by_hand(make(), *digits, 70, 2, [numbers[:5], numbers[5:]])
    np.testing.assert_array_equal(weights(mlp), weights(hand))


def test_sample_weights(digits):
    X, y = digits
    rng = np.random.RandomState(0)
    counts = rng.randint(1, 3, size=len(y))
    weighted, repeated = (make(batch_size=300, shuffle=False) for _ in range(2))
    fit_stream(weighted, ArrayChunks(X, y, counts.astype(float)), classes=CLASSES)
    repeated.set_params(batch_size=int(counts.sum()))
    fit_stream(repeated, [(X.repeat(counts, axis=0), y.repeat(counts))], classes=CLASSES)
    np.testing.assert_allclose(weights(weighted), weights(repeated), atol=1e-12)


def test_a_scaler_and_then_a_pipeline(digits, chunks):
    X, y = digits
    scaler = StandardScaler()
    fit_stream(scaler, chunks)
    np.testing.assert_allclose(scaler.mean_, X.mean(axis=0), atol=1e-14)
    model = make_pipeline(scaler, make())
    fit_stream(model, chunks, n_epochs=2, classes=CLASSES)
    hand = by_hand(make(), scaler.transform(X), y, 70, 2)
    np.testing.assert_array_equal(weights(model[-1]), weights(hand))
    assert model.score(X, y) == hand.score(scaler.transform(X), y)


def test_samples_alone_are_chunks_too(digits):
    X, _ = digits
    scaler = StandardScaler()
    result = fit_stream(scaler, ArrayChunks(X, chunk_rows=64))
    assert (result.n_chunks, result.n_rows) == (5, 300)
    assert scaler.n_samples_seen_ == 300


def test_estimators_of_scikit_learn(digits, chunks):
    X, y = digits
    model, hand = SGDClassifier(random_state=0), SGDClassifier(random_state=0)
    fit_stream(model, chunks, classes=CLASSES)
    np.testing.assert_array_equal(model.coef_, by_hand(hand, X, y, 70).coef_)


def test_weights_go_to_any_estimator_by_name(digits):
    X, y = digits
    w = np.random.RandomState(0).uniform(size=len(y))
    model, hand = SGDClassifier(random_state=0), SGDClassifier(random_state=0)
    fit_stream(model, ArrayChunks(X, y, w), classes=CLASSES)
    hand.partial_fit(X, y, classes=CLASSES, sample_weight=w)
    np.testing.assert_array_equal(model.coef_, hand.coef_)


def test_a_step_that_needs_no_fit(digits, chunks):
    class Doubles(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            return self

        def transform(self, X):
            return 2.0 * X

    model = make_pipeline(Doubles(), "passthrough", make())
    fit_stream(model, chunks, classes=CLASSES)
    hand = by_hand(make(), 2.0 * digits[0], digits[1], 70)
    np.testing.assert_array_equal(weights(model[-1]), weights(hand))


def test_one_chunk_is_in_memory_at_a_time(digits):
    X, y = digits
    alive = []

    class Rows(np.ndarray):
        pass

    class Source(list):
        def __getitem__(self, i):
            alive.append(sum(ref() is not None for ref in refs))
            rows = X[70 * i : 70 * (i + 1)].view(Rows)
            refs.append(weakref.ref(rows))
            return rows, y[70 * i : 70 * (i + 1)]

    refs = []
    fit_stream(make(), Source(range(5)), classes=CLASSES)
    assert alive == [0] * 5


def test_a_list_of_arrays_is_a_chunk(digits):
    X, y = digits
    mlp = make()
    fit_stream(mlp, [[X, y]], classes=CLASSES)
    np.testing.assert_array_equal(weights(mlp), weights(by_hand(make(), X, y, 300)))
    with pytest.raises(TypeError, match=r"must be X, \(X, y\) or .* Got 4 parts"):
        fit_stream(make(), [(X, y, y, y)], classes=CLASSES)


def test_lines(capsys, chunks):
    mlp = make()
    fit_stream(mlp, chunks, n_epochs=2, classes=CLASSES, verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    rows = [int(re.search(r"(\d+) rows ", line.replace(",", ""))[1]) for line in lines]
    assert rows == [70, 140, 210, 280, 300, 300, 370, 440, 510, 580, 600, 600]
    losses = [float(re.search(r"loss +(\S+)", line)[1]) for line in lines]
    expected = [*mlp.loss_curve_[:5], mlp.loss_curve_[4], *mlp.loss_curve_[5:], mlp.loss_]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert lines[6].startswith("Epoch 2/2  chunk 1/5  370 rows")
    fit_stream(mlp, lambda: iter(chunks), verbose=1)
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("Epoch 1/1  done  300 rows")
    fit_stream(StandardScaler(), chunks)
    assert capsys.readouterr().out == ""


# --- checkpoints ---------------------------------------------------------------------


class CutError(Exception):
    pass


def cut(chunks, after):
    """The same chunks, of which no more than so many come."""

    class Cut(list):
        def __getitem__(self, i):
            nonlocal after
            if after == 0:
                raise CutError
            after -= 1
            return super().__getitem__(i)

    return Cut(chunks)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("after", [1, 4, 5, 7])
@pytest.mark.parametrize("every", [1, 3])
def test_cut_anywhere_it_ends_in_the_same_weights(solver, shuffle, after, every, chunks, tmp_path):
    settings = {"n_epochs": 2, "classes": CLASSES, "shuffle": shuffle, "random_state": 1}
    whole = make(solver=solver, dropout=0.1)
    fit_stream(whole, chunks, **settings)
    path = tmp_path / "mlp.npz"
    settings |= {"checkpoint": path, "checkpoint_every": every}
    with pytest.raises(CutError) as caught:
        fit_stream(make(solver=solver, dropout=0.1), cut(chunks, after), **settings)
    assert caught.value.__notes__ == [
        f"At chunk {after % 5} of epoch {after // 5}, counted from 0."
    ]
    mlp = make(solver=solver, dropout=0.1)
    result = fit_stream(mlp, chunks, **settings)
    assert (result.n_chunks_before, result.n_chunks) == (after, 10 - after)
    np.testing.assert_array_equal(weights(mlp), weights(whole))
    assert mlp.loss_curve_ == whole.loss_curve_
    other = load_checkpoint(path, make(dropout=0.1))
    np.testing.assert_array_equal(weights(other), weights(whole))


@pytest.mark.parametrize("after", [3, 5, 8])
def test_streams_that_cannot_be_indexed_are_gone_through_again(after, chunks, tmp_path):
    path = tmp_path / "mlp.npz"

    def source(left):
        for chunk in chunks:
            if left == 0:
                raise CutError
            left -= 1
            yield chunk

    settings = {"n_epochs": 2, "classes": CLASSES, "checkpoint": path}
    left = [min(after, 5), after - 5]
    with pytest.raises(CutError):
        fit_stream(make(), lambda: source(left.pop(0)), **settings)
    mlp, whole = make(), make()
    fit_stream(mlp, lambda: iter(chunks), **settings)
    fit_stream(whole, chunks, n_epochs=2, classes=CLASSES)
    np.testing.assert_array_equal(weights(mlp), weights(whole))


@pytest.mark.parametrize("every", [1, 2, 3, 100])
def test_how_often_a_checkpoint_is_written(every, chunks, tmp_path):
    path, found = tmp_path / "mlp.npz", []

    def source():
        for chunk in chunks:
            found.append(load_checkpoint(path, make()).n_iter_ if path.exists() else 0)
            yield chunk

    fit_stream(make(), source, classes=CLASSES, checkpoint=path, checkpoint_every=every)
    assert found == [k - k % every for k in range(5)]
    assert load_checkpoint(path, make()).n_iter_ == 5


class CtrlCAtLine:
    """Presses Ctrl-C at a line of this package's module of streams."""

    def __init__(self, left):
        self.left = left

    def __enter__(self):
        self.before = sys.gettrace()  # that of a measurement of coverage
        sys.settrace(self.on_call)
        return self

    def __exit__(self, *_):
        sys.settrace(self.before)

    def on_call(self, frame, event, arg):
        return self.on_line if frame.f_code.co_filename == streaming.__file__ else None

    def on_line(self, frame, event, arg):
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self.on_line


def test_ctrl_c_at_any_line_ends_in_the_same_weights(chunks, tmp_path):
    settings = {"n_epochs": 2, "classes": CLASSES}
    whole = make()
    with CtrlCAtLine(0) as counter:
        fit_stream(whole, list(chunks)[:2], **settings)
    assert counter.left < -100
    for line in range(1, -counter.left + 1, 2):
        path = tmp_path / f"{line}.npz"
        try:
            with CtrlCAtLine(line):
                fit_stream(make(), list(chunks)[:2], checkpoint=path, **settings)
        except KeyboardInterrupt:
            pass
        mlp = make()
        fit_stream(mlp, list(chunks)[:2], checkpoint=path, **settings)
        np.testing.assert_array_equal(weights(mlp), weights(whole))
        assert mlp.n_iter_ == 4


def test_ctrl_c_loses_nothing(chunks, tmp_path):
    path = tmp_path / "mlp.npz"

    def source():
        yield from list(chunks)[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_stream(make(), source, classes=CLASSES, checkpoint=path, checkpoint_every=100)
    assert load_checkpoint(path, make()).n_iter_ == 3


def test_a_finished_training_does_nothing_more_unless_it_is_to_be_longer(chunks, tmp_path):
    path = tmp_path / "mlp.npz"
    settings = {"classes": CLASSES, "checkpoint": path}
    first = make()
    fit_stream(first, chunks, n_epochs=2, **settings)
    again = make()
    result = fit_stream(again, chunks, n_epochs=2, **settings)
    assert (result.n_chunks, result.n_chunks_before, result.rows_per_second) == (0, 10, 0.0)
    np.testing.assert_array_equal(weights(again), weights(first))
    longer, whole = make(), make()
    assert fit_stream(longer, chunks, n_epochs=3, **settings).n_chunks == 5
    fit_stream(whole, chunks, n_epochs=3, classes=CLASSES)
    np.testing.assert_array_equal(weights(longer), weights(whole))


def test_what_is_seen_to_be_another_stream_is_refused(digits, chunks, tmp_path):
    X, y = digits
    settings = {"checkpoint": tmp_path / "mlp.npz"}
    fit_stream(make(), chunks, n_epochs=2, classes=CLASSES, **settings)
    with pytest.raises(ValueError, match=r"n_epochs=1, but the training .* has done 2"):
        fit_stream(make(), chunks, **settings)
    with pytest.raises(ValueError, match=r"classes=\[0, 1, 2\], but those of the checkpoint are"):
        fit_stream(make(), chunks, n_epochs=2, classes=[0, 1, 2], **settings)
    narrow = ArrayChunks(X[:, :5], y, chunk_rows=70)
    with pytest.raises(ValueError, match=r"chunks have 5 features, but .* for 64"):
        fit_stream(make(), narrow, n_epochs=2, **settings)


def test_another_seed_of_the_order_is_refused(chunks, tmp_path):
    settings = {"classes": CLASSES, "shuffle": True, "checkpoint": tmp_path / "mlp.npz"}
    fit_stream(make(), chunks, random_state=0, **settings)
    with pytest.raises(ValueError, match="written with another random_state"):
        fit_stream(make(), chunks, n_epochs=2, random_state=1, **settings)
    assert fit_stream(make(), chunks, n_epochs=2, **settings).n_chunks == 5


def test_it_can_begin_anew(chunks, tmp_path):
    path = tmp_path / "mlp.npz"
    settings = {"classes": CLASSES, "checkpoint": path}
    fit_stream(make(), chunks, n_epochs=3, **settings)
    assert fit_stream(make(), chunks, resume=False, **settings).n_chunks == 5
    assert load_checkpoint(path, make()).n_iter_ == 5


def test_the_last_step_of_a_pipeline_has_the_checkpoint(digits, chunks, tmp_path):
    scaler = StandardScaler().fit(digits[0])
    settings = {"n_epochs": 2, "classes": CLASSES}
    whole, model = make_pipeline(scaler, make()), make_pipeline(scaler, make())
    fit_stream(whole, chunks, **settings)
    settings["checkpoint"] = tmp_path / "mlp.npz"
    with pytest.raises(CutError):
        fit_stream(make_pipeline(scaler, make()), cut(chunks, 7), **settings)
    fit_stream(model, chunks, **settings)
    np.testing.assert_array_equal(weights(model[-1]), weights(whole[-1]))


def test_other_parameters_are_named(chunks, tmp_path):
    settings = {"classes": CLASSES, "checkpoint": tmp_path / "mlp.npz"}
    fit_stream(make(), chunks, **settings)
    with pytest.warns(UserWarning, match=r"goes on with alpha=0.1 \(then 0.0001\)\.") as caught:
        fit_stream(make(alpha=0.1), chunks, n_epochs=2, **settings)
    assert caught[0].filename == __file__


def test_what_does_not_change_training_may_change(chunks, tmp_path, capsys):
    settings = {"classes": CLASSES, "checkpoint": tmp_path / "mlp.npz"}
    fit_stream(make(), chunks, **settings)
    fit_stream(make(verbose=True, warm_start=True), chunks, n_epochs=2, **settings)
    assert capsys.readouterr().out.startswith("Epoch 6")


def scorer(estimator, X, y):
    return 0.0


def test_equal_parameters_are_no_others(chunks, tmp_path):
    settings = {"classes": CLASSES, "checkpoint": tmp_path / "mlp.npz"}
    for n_epochs in (1, 2):
        mlp = make(
            init=[GlorotUniform(gain=2.0), np.ones((7, 10))],
            activation=[LeakyReLU(0.2)],
            scoring=scorer,
            random_state=np.random.RandomState(0),
        )
        mlp = pickle.loads(pickle.dumps(mlp))  # as if made in another process
        fit_stream(mlp, chunks, n_epochs=n_epochs, **settings)
    mlp.set_params(init=[GlorotUniform(), np.zeros((7, 10))])
    with pytest.warns(UserWarning, match=r"goes on with init=\[.*array of shape \(7, 10\)"):
        fit_stream(mlp, chunks, n_epochs=2, **settings)


# --- sources -------------------------------------------------------------------------


def test_rows_of_arrays(digits):
    X, y = digits
    chunks = ArrayChunks(X, y, chunk_rows=70)
    assert len(chunks) == 5
    assert [len(part) for _, part in chunks] == [70, 70, 70, 70, 20]
    np.testing.assert_array_equal(np.concatenate([part for part, _ in chunks]), X)
    np.testing.assert_array_equal(chunks[-1][1], y[280:])
    with pytest.raises(IndexError):
        chunks[5]


@pytest.mark.parametrize(
    "kind",
    [
        *("csr", "pandas", "list", "memmap", "half"),
        pytest.param("polars", marks=pytest.mark.polars),
    ],
)
def test_rows_of_other_kinds(kind, digits, tmp_path):
    X, y = digits
    if kind == "csr":
        source, back = sparse.csr_matrix(X), lambda part: part.toarray()
    elif kind == "pandas":
        pandas = pytest.importorskip("pandas")
        source, back = pandas.DataFrame(X, index=np.arange(300)[::-1]), np.asarray
        y = pandas.Series(y, index=np.arange(300)[::-1])
    elif kind == "polars":
        polars = pytest.importorskip("polars")
        source, back = polars.DataFrame(X), np.asarray
        y = polars.Series(y)
    elif kind == "list":
        source, y, back = X.tolist(), y.tolist(), np.asarray
    else:
        source = np.memmap(tmp_path / "X", X.dtype, "w+", shape=X.shape)
        source[:] = X
        source, back = (source[150:] if kind == "half" else source), np.asarray
        X, y = (X[150:], y[150:]) if kind == "half" else (X, y)
    chunks = ArrayChunks(source, y, chunk_rows=70)
    np.testing.assert_array_equal(np.concatenate([back(part) for part, _ in chunks]), X)
    np.testing.assert_array_equal(np.concatenate([part for _, part in chunks]), y)
    is_frame_or_sparse = kind in ("csr", "pandas", "polars")
    assert type(chunks[0][0]) is (type(source) if is_frame_or_sparse else np.ndarray)


def test_chunks_have_32_mib_where_nobody_says():
    X = np.broadcast_to(np.zeros(1024, dtype=np.float32), (20_000, 1024))
    assert len(ArrayChunks(X)[0]) == 2**25 // 4096


def test_sparse_rows_count_what_they_hold():
    columns = np.arange(200_000) % 2**20
    X = sparse.csr_matrix(
        (np.ones(200_000), columns, np.arange(0, 200_001, 10)), shape=(20_000, 2**20)
    )
    assert len(ArrayChunks(X)) == 1
    assert len(ArrayChunks(X.tocoo(), chunk_rows=6_000)) == 4


@pytest.mark.parametrize("chunks", [None, (64, 4)])
def test_arrays_of_other_libraries(chunks):
    """As data sets of h5py and Zarr are: rows for a slice, and chunks that are None or a shape."""

    class DataSet:
        shape, dtype = (100, 4), np.dtype(np.float64)

        def __init__(self):
            self.chunks = chunks

        def __getitem__(self, rows):
            return np.arange(400.0).reshape(100, 4)[rows]

    parts = list(ArrayChunks(DataSet(), np.arange(100), chunk_rows=60))
    assert [len(y) for _, y in parts] == [60, 40]
    assert len(ArrayChunks(DataSet(), np.arange(100))) == 1


def test_a_slice_of_chunks(digits):
    parts = ArrayChunks(*digits, chunk_rows=70)[1:3]
    np.testing.assert_array_equal(np.concatenate([y for _, y in parts]), digits[1][70:210])


def test_a_private_memory_map_keeps_its_changes(tmp_path):
    np.zeros((100, 4)).tofile(tmp_path / "X")
    X = np.memmap(tmp_path / "X", np.float64, "c", shape=(100, 4))
    X[:] = 1.0
    assert all((part == 1.0).all() for part in ArrayChunks(X, chunk_rows=30))
    assert (X == 1.0).all()


def test_changes_of_a_shared_memory_map_are_kept(tmp_path):
    X = np.memmap(tmp_path / "X", np.float64, "w+", shape=(1000, 400))
    X[:] = 1.0
    assert all((part == 1.0).all() for part in ArrayChunks(X, chunk_rows=300))
    assert (X == 1.0).all()


@pytest.mark.skipif(not hasattr(__import__("mmap").mmap, "madvise"), reason="no madvise")
def test_pages_that_were_read_are_given_back(tmp_path):
    status = pytest.importorskip("pathlib").Path("/proc/self/status")
    if not status.exists():
        pytest.skip("no /proc")
    n_bytes = 2**27
    X = np.memmap(tmp_path / "X", np.float32, "w+", shape=(n_bytes // 400, 100))
    X.flush()
    X = np.memmap(tmp_path / "X", np.float32, "r", shape=(n_bytes // 400, 100))

    def mapped():
        [line] = [line for line in status.read_text().splitlines() if "RssFile" in line]
        return int(line.split()[1]) * 1024

    before = mapped()
    chunks = ArrayChunks(X, chunk_rows=10_000)
    assert max(mapped() - before for _ in chunks) < n_bytes / 8
    assert X.sum() == 0.0
    assert mapped() - before > n_bytes / 2  # so it would be without


@pytest.mark.dask
class TestDask:
    @pytest.fixture
    def arrays(self, digits):
        array = pytest.importorskip("dask.array")
        X, y = digits
        return array.from_array(X, chunks=(80, 64)), array.from_array(y, chunks=80)

    def test_its_chunks_are_ours(self, arrays, digits):
        chunks = ArrayChunks(*arrays)
        assert [len(y) for _, y in chunks] == [80, 80, 80, 60]
        mlp = make()
        fit_stream(mlp, chunks, classes=CLASSES, n_epochs=2)
        np.testing.assert_array_equal(weights(mlp), weights(by_hand(make(), *digits, 80, 2)))
        assert [len(y) for _, y in ArrayChunks(*arrays, chunk_rows=200)] == [200, 100]

    def test_unknown_lengths(self, arrays):
        X, y = arrays
        with pytest.raises(ValueError, match=r"does not know the lengths .* compute_chunk_sizes"):
            ArrayChunks(X[y > 3], y[y > 3])

    @pytest.mark.pyarrow  # which frames of Dask need
    def test_a_frame_does_not_know_its_length(self, digits):
        pandas = pytest.importorskip("pandas")
        dataframe = pytest.importorskip("dask.dataframe")
        frame = dataframe.from_pandas(pandas.DataFrame(digits[0]), npartitions=2)
        for arguments, name in [((frame,), "X"), ((digits[0], frame[0]), "y")]:
            with pytest.raises(ValueError, match=rf"^{name} is of Dask .* to_dask_array\(lengths"):
                ArrayChunks(*arguments)
        known = ArrayChunks(frame.to_dask_array(lengths=True))
        np.testing.assert_array_equal(np.concatenate(list(known)), digits[0])

    def test_chunks_that_a_filter_left_empty(self, arrays, digits):
        X, y = arrays
        array = pytest.importorskip("dask.array")
        late = array.from_array(np.arange(300) >= 80, chunks=80)
        X, y = X[late].compute_chunk_sizes(), y[late].compute_chunk_sizes()
        assert X.chunks[0][0] == 0
        assert [len(part) for _, part in ArrayChunks(X, y)] == [80, 80, 60]

    def test_incremental_of_dask_ml_is_the_same(self, arrays, digits):
        wrappers = pytest.importorskip("dask_ml.wrappers")
        model = wrappers.Incremental(make(), shuffle_blocks=False)
        model.fit(*arrays, classes=CLASSES)
        hand = by_hand(make(), *digits, 80)
        np.testing.assert_array_equal(weights(model.estimator_), weights(hand))
        assert model.score(*arrays) == hand.score(*digits)


@pytest.mark.pyarrow
class TestParquet:
    @pytest.fixture
    def folder(self, tmp_path, digits):
        """Two files, in row groups of 110 rows."""
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        X, y = digits
        columns = {f"pixel{i}": X[:, i] for i in range(64)}
        table = pyarrow.table(
            {**columns, "digit": y, "weight": np.ones(300), "name": [f"n{i % 3}" for i in y]}
        )
        parquet.write_table(table[:200], tmp_path / "part-0.parquet", row_group_size=110)
        parquet.write_table(table[200:], tmp_path / "part-1.parquet", row_group_size=110)
        return tmp_path

    @pytest.fixture
    def pixels(self):
        return [f"pixel{i}" for i in range(64)]

    def test_rows_in_order(self, folder, pixels, digits):
        chunks = ParquetChunks(folder, "digit", features=pixels, chunk_rows=50)
        assert [len(y) for _, y in chunks] == [50, 50, 10, 50, 40, 50, 50]
        np.testing.assert_array_equal(np.concatenate([X for X, _ in chunks]), digits[0])
        np.testing.assert_array_equal(np.concatenate([y for _, y in chunks]), digits[1])

    def test_any_chunk_by_its_number(self, folder, pixels):
        chunks = ParquetChunks(folder, "digit", features=pixels, chunk_rows=50)
        in_order = list(chunks)
        for i in [3, 4, 0, 6, 2, 2, -1]:
            for one, other in zip(chunks[i], in_order[i], strict=True):
                np.testing.assert_array_equal(one, other)
        with pytest.raises(IndexError):
            chunks[7]

    def test_training(self, folder, pixels, tmp_path):
        chunks = ParquetChunks(
            folder, "digit", features=pixels, sample_weight="weight", chunk_rows=50
        )
        settings = {"classes": CLASSES, "n_epochs": 2, "shuffle": True, "random_state": 0}
        whole, mlp, hand = make(), make(), make()
        fit_stream(whole, chunks, **settings)
        fit_stream(hand, list(chunks), **settings)
        np.testing.assert_array_equal(weights(whole), weights(hand))
        settings["checkpoint"] = tmp_path / "mlp.npz"
        with pytest.raises(CutError):
            fit_stream(make(), cut(list(chunks), 9), **settings)
        chunks[0]  # opens a file, which no pickle can hold
        fit_stream(mlp, pickle.loads(pickle.dumps(chunks)), **settings)
        np.testing.assert_array_equal(weights(mlp), weights(whole))

    def test_the_index_of_pandas_is_no_feature(self, tmp_path):
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame({"a": np.arange(5.0), "b": np.arange(5.0), "y": [0, 1, 0, 1, 0]})
        frame.sample(frac=1, random_state=0).to_parquet(tmp_path / "a.parquet")
        assert ParquetChunks(tmp_path, "y")[0][0].shape == (5, 2)
        X, _ = ParquetChunks(tmp_path, "y", as_frame=True)[0]
        assert X.columns.tolist() == ["a", "b"]
        frame.set_index("a").to_parquet(tmp_path / "a.parquet")
        assert ParquetChunks(tmp_path, "y")[0][0].shape == (5, 1)
        named = ParquetChunks(tmp_path, "y", features=["a", "b"], as_frame=True)
        assert named[0][0].columns.tolist() == ["a", "b"]

    def test_after_a_failed_read_it_reads_again(self, folder, pixels):
        chunks = ParquetChunks(folder, "digit", features=pixels)
        path = folder / "part-1.parquet"
        data = path.read_bytes()
        chunks[1]
        path.unlink()
        with pytest.raises(FileNotFoundError):
            chunks[2]
        path.write_bytes(data)
        assert len(chunks[2][1]) == 100

    @pytest.mark.parametrize("source", [3, None, b"part-0.parquet", ["part-0.parquet", 3]], ids=str)
    def test_what_is_no_path(self, source):
        with pytest.raises(TypeError, match=r"source must be a str, path-like or a list .* got"):
            ParquetChunks(source, "digit")

    @pytest.mark.parametrize("wrong", [64, [64], (0, "digit")], ids=str)
    def test_what_is_no_name(self, wrong, folder, pixels):
        with pytest.raises(
            TypeError, match=r"target must be the name of a column or a list .* got"
        ):
            ParquetChunks(folder, wrong, features=pixels)
        with pytest.raises(TypeError, match=r"features must be a list of names, got"):
            ParquetChunks(folder, "digit", features=wrong)

    def test_any_iterable_of_names_and_paths(self, folder, pixels):
        pandas = pytest.importorskip("pandas")
        one = ParquetChunks(sorted(folder.iterdir()), ["digit", "weight"], features=pixels)
        other = ParquetChunks(
            (path for path in sorted(folder.iterdir())),
            pandas.Index(["digit", "weight"]),
            features=iter(pixels),
        )
        for ours, theirs in zip(one, other, strict=True):
            for part, same in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(part, same)

    def test_a_file_that_has_changed(self, folder, pixels):
        chunks = ParquetChunks(folder, "digit", features=pixels, chunk_rows=50)
        (folder / "part-0.parquet").write_bytes((folder / "part-1.parquet").read_bytes())
        with pytest.raises(ValueError, match=r"part-0.parquet' has other rows than when it was"):
            list(chunks)

    def test_several_targets_and_no_target(self, folder, pixels):
        X, y = ParquetChunks(folder, ["digit", "weight"], features=pixels[:2])[0]
        assert (X.shape, y.shape) == ((110, 2), (110, 2))
        mlp = XavierMLPRegressor((3,))
        fit_stream(mlp, ParquetChunks(folder, ["digit", "weight"], features=pixels))
        assert mlp.n_outputs_ == 2
        assert ParquetChunks(folder, features=pixels)[0].shape == (110, 64)

    def test_one_file_and_a_list_of_files(self, folder, pixels):
        files = [folder / "part-1.parquet", str(folder / "part-0.parquet")]
        assert len(ParquetChunks(files[0], "digit", features=pixels)) == 1
        assert [len(y) for _, y in ParquetChunks(files, "digit", features=pixels)] == [100, 110, 90]

    def test_files_in_which_columns_are_in_another_order_or_missing(self, tmp_path):
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        a, b, y = np.arange(3.0), np.arange(3.0, 6.0), np.arange(3)
        parquet.write_table(pyarrow.table({"a": a, "b": b, "y": y}), tmp_path / "0.parquet")
        parquet.write_table(pyarrow.table({"y": y, "b": b, "a": a}), tmp_path / "1.parquet")
        for X, _ in ParquetChunks(tmp_path, "y"):
            np.testing.assert_array_equal(X, np.column_stack([a, b]))
        parquet.write_table(pyarrow.table({"y": y, "b": b}), tmp_path / "2.parquet")
        with pytest.raises(ValueError, match=r"2.parquet' has no columns \['a'\]"):
            ParquetChunks(tmp_path, "y")

    def test_types_of_columns(self, tmp_path):
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        singles = {name: np.ones(5, np.float32) for name in "ab"}
        for name, other, expected in [
            ("single", {}, np.float32),
            ("double", {"c": np.ones(5)}, np.float64),
            ("bool", {"c": np.ones(5, bool)}, np.float32),
        ]:
            parquet.write_table(pyarrow.table({**singles, **other}), tmp_path / name)
            assert ParquetChunks(tmp_path / name)[0].dtype == expected

    def test_frames_keep_names_for_a_pipeline(self, folder, pixels):
        pytest.importorskip("pandas")
        chunks = ParquetChunks(
            folder, "digit", features=[*pixels, "name"], chunk_rows=50, as_frame=True
        )
        X, _ = chunks[0]
        assert X.columns.tolist() == [*pixels, "name"]
        encode = make_column_transformer((OneHotEncoder(), ["name"]), remainder="passthrough")
        model = make_pipeline(encode.fit(X), make())
        fit_stream(model, chunks, classes=CLASSES, n_epochs=2)
        assert model[-1].n_features_in_ == 67
        assert set(model.predict(X)) <= set(CLASSES)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"target": "label"}, r"has no columns \['label'\]; it has \['pixel0', "),
            ({"features": "pixel0"}, "features must be a list of names, got 'pixel0'"),
            ({"features": []}, "features is empty"),
            ({"features": ["pixel0", "pixel99"]}, r"has no columns \['pixel99'\]"),
            ({"chunk_rows": 0}, "chunk_rows must be an int of at least 1, got 0"),
        ],
    )
    def test_wrong_arguments(self, change, message, folder):
        with pytest.raises(ValueError, match=message):
            ParquetChunks(folder, **{"target": "digit"} | change)

    def test_text_among_the_features(self, folder):
        with pytest.raises(ValueError, match=r"column 'name' holds object, not numbers.*as_frame"):
            ParquetChunks(folder, "digit")[0]

    def test_nulls(self, tmp_path):
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        path = tmp_path / "a.parquet"
        parquet.write_table(pyarrow.table({"a": [1.0, None, 2.0], "y": [0, 1, 0]}), path)
        with pytest.raises(ValueError, match="The column 'a' has 1 values that are null"):
            ParquetChunks(path, "y")[0]

    @pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
    def test_truncated_file(self, part, folder):
        path = folder / "part-1.parquet"
        data = path.read_bytes()
        path.write_bytes(data[: int(part * len(data))])
        with pytest.raises(ValueError, match=r"part-1.parquet' is no whole Parquet file"):
            ParquetChunks(folder, "digit")

    def test_no_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"no Parquet file '.*a\.parquet'"):
            ParquetChunks(tmp_path / "a.parquet")
        with pytest.raises(FileNotFoundError, match=r"has no \.parquet files"):
            ParquetChunks(tmp_path)
        with pytest.raises(ValueError, match="has no rows"):
            ParquetChunks([])


def test_without_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    (tmp_path / "a.parquet").touch()
    with pytest.raises(ImportError, match="ParquetChunks needs pyarrow: python -m pip install"):
        ParquetChunks(tmp_path)


# --- callbacks -----------------------------------------------------------------------


class Recorder:
    def __init__(self, stop=None):
        self.stop = stop
        self.calls = []

    def setup(self, estimator, context):
        self.calls.append(("setup", context.task_name))

    def teardown(self, estimator, context):
        self.calls.append(("teardown", context.task_name))

    def on_fit_task_begin(self, estimator, context, *, X=None):
        self.calls.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.calls.append(("end", context.task_name, context.task_id))
        if context.task_name == "chunk":
            assert len(X) == len(y)
            assert fitted_estimator.predict(X).shape == y.shape
            assert fitted_estimator.coefs_ is not estimator.coefs_
        return self.stop == (context.task_name, context.task_id)


@needs_callbacks
def test_callbacks_see_epochs_and_chunks(chunks):
    recorder = Recorder()
    fit_stream(make().set_callbacks(recorder), chunks, n_epochs=2, classes=CLASSES)
    of_chunks = [(what, "chunk", i) for i in range(5) for what in ("begin", "end")]
    expected = [("setup", "fit_stream"), ("begin", "fit_stream", 0)]
    for epoch in range(2):
        expected += [("begin", "epoch", epoch), *of_chunks, ("end", "epoch", epoch)]
    expected += [("end", "fit_stream", 0), ("teardown", "fit_stream")]
    assert recorder.calls == expected


@needs_callbacks
@pytest.mark.parametrize(("stop", "n_chunks"), [(("chunk", 1), 4), (("epoch", 0), 5)])
def test_callbacks_can_stop(stop, n_chunks, chunks):
    mlp = make().set_callbacks(Recorder(stop))
    assert fit_stream(mlp, chunks, n_epochs=2, classes=CLASSES).n_chunks == n_chunks
    assert mlp.n_iter_ == n_chunks


@needs_callbacks
def test_callbacks_are_torn_down_after_an_error(chunks):
    recorder = Recorder()
    with pytest.raises(CutError):
        fit_stream(make().set_callbacks(recorder), cut(chunks, 2), classes=CLASSES)
    assert recorder.calls[-1] == ("teardown", "fit_stream")


@needs_callbacks
def test_callbacks_of_a_last_step_see_what_it_gets(digits):
    from sklearn.callback import ScoringMonitor

    X, y = digits
    scaler = StandardScaler().fit(100.0 * X)
    monitor = ScoringMonitor(scoring="accuracy")
    model = make_pipeline(scaler, make().set_callbacks(monitor))
    fit_stream(model, [(100.0 * X, y)], classes=CLASSES)
    seen = []

    class Look:
        def setup(self, estimator, context): ...
        def teardown(self, estimator, context): ...
        def on_fit_task_begin(self, estimator, context): ...
        def on_fit_task_end(self, estimator, context, *, X=None):
            if context.task_name == "chunk":
                seen.append(X)

    model[-1].set_callbacks(Look())
    fit_stream(model, [(100.0 * X, y)])
    np.testing.assert_array_equal(seen[0], scaler.transform(100.0 * X))


@needs_callbacks
def test_callbacks_of_a_pipeline_are_warned_of(digits, chunks):
    scaler = StandardScaler().fit(digits[0])
    model = make_pipeline(scaler, make())
    if not hasattr(model, "set_callbacks"):
        pytest.skip("pipelines have no callbacks")
    model.set_callbacks(Recorder())
    with pytest.warns(UserWarning, match="set them on its last step"):
        fit_stream(model, chunks, classes=CLASSES)


@needs_callbacks
def test_a_progress_bar(chunks, capsys):
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    mlp = make().set_callbacks(ProgressBar())
    fit_stream(mlp, chunks, n_epochs=2, classes=CLASSES)
    printed = capsys.readouterr().out
    assert re.search("XavierMLPClassifier - fit_stream .*100%", printed)
    assert re.search("XavierMLPClassifier - epoch #1 .*100%", printed)


# --- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["n_epochs", "checkpoint_every"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, None])
def test_counts(name, value, chunks):
    with pytest.raises(ValueError, match=f"{name} must be an int of at least 1, got {value!r}"):
        fit_stream(make(), chunks, **{name: value})


@pytest.mark.parametrize("kind", ["tuple", "array", "csr", "int", "str"])
def test_what_are_no_chunks(kind, digits):
    wrong = {
        "tuple": digits,
        "array": digits[0],
        "csr": sparse.csr_matrix(digits[0]),
        "int": 3,
        "str": "samples.parquet",
    }[kind]
    with pytest.raises(
        TypeError, match=r"arrays go into ArrayChunks\(X, y\).* of type " + type(wrong).__name__
    ):
        fit_stream(make(), wrong)


def test_no_chunks():
    for empty in ([], lambda: iter([]), iter([])):
        with pytest.raises(ValueError, match="chunks is empty"):
            fit_stream(make(), empty)


def test_an_iterator_for_two_epochs(chunks):
    with pytest.raises(ValueError, match="is an iterator, which one epoch uses up"):
        fit_stream(make(), iter(chunks), n_epochs=2)


def test_shuffling_what_cannot_be_indexed(chunks):
    with pytest.raises(ValueError, match="shuffle=True needs a sequence of chunks"):
        fit_stream(make(), lambda: iter(chunks), shuffle=True)


def test_a_stream_that_has_become_shorter(chunks, tmp_path):
    settings = {"classes": CLASSES, "checkpoint": tmp_path / "mlp.npz"}
    with pytest.raises(CutError):
        fit_stream(make(), lambda: map(cut(chunks, 4).__getitem__, range(5)), **settings)
    with pytest.raises(ValueError, match="chunks ended after 2, and 4 were to come at least"):
        fit_stream(make(), lambda: iter(list(chunks)[:2]), **settings)


def test_estimators_that_cannot(chunks):
    for wrong in (make(solver="lbfgs"), make_pipeline(StandardScaler(), make(solver="lbfgs"))):
        with pytest.raises(TypeError, match=r"must have partial_fit.*solver='lbfgs'.*sgd, adam"):
            fit_stream(wrong, chunks)
    with pytest.raises(TypeError, match=r"must have partial_fit.*Got SVC\(\)\.$"):
        fit_stream(SVC(), chunks)
    with pytest.raises(TypeError, match="estimator must be an XavierMLPClassifier or"):
        fit_stream(StandardScaler(), chunks, checkpoint="scaler.npz")


@pytest.mark.parametrize("estimator", [XavierMLPClassifier, Pipeline, StandardScaler])
def test_a_class_is_no_estimator(estimator, chunks):
    with pytest.raises(TypeError, match=f"an instance, not the class {estimator.__name__}"):
        fit_stream(estimator, chunks, classes=CLASSES)


@pytest.mark.parametrize("verbose", ["yes", None, 1.5, -1])
def test_verbose(verbose, chunks):
    mlp = make()
    with pytest.raises(ValueError, match=f"verbose must be .* got {verbose!r}"):
        fit_stream(mlp, chunks, classes=CLASSES, verbose=verbose)
    assert not hasattr(mlp, "coefs_")


def test_steps_before_the_last_must_be_fitted(chunks):
    with pytest.raises(NotFittedError, match=r"StandardScaler instance is not fitted"):
        fit_stream(make_pipeline(StandardScaler(), make()), chunks, classes=CLASSES)


def test_what_partial_fit_says_names_the_chunk(digits):
    X, y = digits
    broken = X.copy()
    broken[200, 3] = np.nan
    with pytest.raises(ValueError, match="contains NaN") as caught:
        fit_stream(make(), ArrayChunks(broken, y, chunk_rows=70), classes=CLASSES)
    assert caught.value.__notes__ == ["At chunk 2 of epoch 0, counted from 0."]
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        fit_stream(make(), ArrayChunks(X, y))


def test_a_checkpoint_of_another_stream(digits, chunks, tmp_path):
    settings = {"classes": CLASSES, "checkpoint": tmp_path / "mlp.npz"}
    fit_stream(make(), chunks, **settings)
    with pytest.raises(ValueError, match=r"another stream, of 5 chunks .* now there are 3 with"):
        fit_stream(make(), ArrayChunks(*digits, chunk_rows=100), **settings)
    with pytest.raises(ValueError, match=r"shuffle=False; .* shuffle=True"):
        fit_stream(make(), chunks, shuffle=True, **settings)
    with pytest.raises(ValueError, match="another network"):
        fit_stream(make(hidden_layer_sizes=(8,)), chunks, **settings)


def test_a_checkpoint_without_a_position(digits, chunks, tmp_path):
    path = tmp_path / "mlp.npz"
    save_checkpoint(path, make().partial_fit(*digits, classes=CLASSES))
    with pytest.raises(ValueError, match="no position in a stream: fit_stream has not written it"):
        fit_stream(make(), chunks, checkpoint=path)


def test_a_checkpoint_that_cannot_be_written(chunks, tmp_path):
    with pytest.raises(FileNotFoundError, match="in a folder that exists"):
        fit_stream(make(), chunks, classes=CLASSES, checkpoint=tmp_path / "no" / "mlp.npz")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]] * 3, [1, 2]), r"different numbers of rows: \[3, 2\]"),
        ((np.empty((0, 3)), []), "X has no rows"),
        (([[1.0]] * 3, None, [1.0] * 3), "sample_weight needs y too"),
    ],
)
def test_arrays_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        ArrayChunks(*arguments, chunk_rows=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("samples.npy",), r"X must be an array with rows, got array\('samples"),
        ((3, [1, 2]), r"X must be .* got array\(3\)"),
        ((np.ones((3, 2)), 3), "y must be .* got 3"),
        ((np.ones((3, 2)), "ham"), "y must be .* got 'ham'"),
        ((np.ones((3, 2)), np.ones(3), np.float64(2)), "sample_weight must be .*2"),
    ],
)
def test_what_has_no_rows(arguments, message):
    with pytest.raises(TypeError, match=message):
        ArrayChunks(*arguments)


@pytest.mark.parametrize("chunk_rows", [0, 2.5, True])
def test_chunk_rows(chunk_rows):
    with pytest.raises(ValueError, match=f"chunk_rows must be an int .* got {chunk_rows}"):
        ArrayChunks(np.ones((3, 2)), chunk_rows=chunk_rows)


def test_a_result_in_words():
    result = StreamResult(2, 3000, 0, 1.5, 0.5)
    assert str(result) == "3,000 rows in 2 chunks, 2,000 rows/s, 33 % of the time for reading"
    assert StreamResult(0, 0, 4, 0.0, 0.0).rows_per_second == 0.0
