"""Each deviation that docs/chapters/coming_from/differences.md lists, beside scikit-learn."""

import contextlib
import copy
import io
import re
import signal
import warnings
from pathlib import Path

import numpy as np
import pytest
import sklearn
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.fixes import parse_version
from verbose_lines import epoch_of

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

HAS_LOSS = parse_version(sklearn.__version__) >= parse_version("1.7")
needs_weights = pytest.mark.skipif(
    not HAS_LOSS,
    reason="scikit-learn's MLP had neither sample_weight nor the Poisson loss",
)
AS_SCIKIT_LEARN = {"init": "sklearn", "bias_init": "same"}
SMALL = {"hidden_layer_sizes": (6,), "random_state": 0}


@pytest.fixture(scope="module")
def data():
    X, y = load_digits(return_X_y=True)
    return X[:200] / 16.0, y[:200]


def test_the_document_names_every_test_here():
    text = (Path(__file__).parent.parent / "docs/chapters/coming_from/differences.md").read_text(
        "utf-8"
    )
    named = set(re.findall(r"`(test_\w+)`", text))
    here = {name for name in globals() if name.startswith("test_")}
    assert named == here - {"test_the_document_names_every_test_here"}


def test_multioutput_gradient(data):
    X, y = data
    Y = np.column_stack([y, y % 3, -y]) / 5.0
    n_outputs = 3
    sgd = {"solver": "sgd", "momentum": 0.0, "batch_size": 50, "max_iter": 10, **SMALL}
    theirs = MLPRegressor(**sgd, learning_rate_init=0.01, alpha=0.6).fit(X, Y)
    # The data's part of their gradient is n_outputs times ours, the penalty's is the same.
    ours = XavierMLPRegressor(
        **sgd, learning_rate_init=0.01 * n_outputs, alpha=0.6 / n_outputs, **AS_SCIKIT_LEARN
    ).fit(X, Y)
    for mine, yours in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-9)


def test_multioutput_gradient_matters_to_lbfgs(data):
    X, y = data
    Y = np.column_stack([y, y % 3, -y]) / 5.0
    common = {"solver": "lbfgs", "max_iter": 100, "alpha": 1.0, **SMALL}
    ours = XavierMLPRegressor(**common, **AS_SCIKIT_LEARN).fit(X, Y)
    theirs = MLPRegressor(**common).fit(X, Y)
    assert ours.loss_ < theirs.loss_


def test_partial_fit_goes_on_with_the_generator(data):
    X, y = data
    common = {"batch_size": 20, "solver": "sgd", "learning_rate_init": 0.1, **SMALL}
    at_once = XavierMLPClassifier(max_iter=4, **common).fit(X, y)
    ours = XavierMLPClassifier(**common)
    theirs, theirs_at_once = MLPClassifier(**common), MLPClassifier(max_iter=4, **common)
    theirs_at_once.fit(X, y)
    for _ in range(4):
        ours.partial_fit(X, y, classes=range(10))
        theirs.partial_fit(X, y, classes=range(10))
    assert ours.loss_curve_ == at_once.loss_curve_
    assert ours.n_iter_ == 4
    assert theirs.loss_curve_ != theirs_at_once.loss_curve_
    assert theirs.n_iter_ == 1


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate_init": 1e-12},
        {"solver": "sgd"},
        {"beta_1": 0.1},
        {"beta_2": 0.1},
        {"epsilon": 10.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_optimizers_may_change_between_partial_fits(data, change):
    X, y = data
    differs = []
    for cls in (XavierMLPClassifier, MLPClassifier):
        mlp = cls(**SMALL).partial_fit(X, y, classes=range(10))
        same = copy.deepcopy(mlp).partial_fit(X, y)
        mlp.set_params(**change).partial_fit(X, y)
        differs.append((mlp.coefs_[0] != same.coefs_[0]).any())
    assert differs == [True, False]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"early_stopping": True}),
        ({"early_stopping": True}, {"early_stopping": False}),
        ({"solver": "lbfgs"}, {"solver": "adam"}),
    ],
)
def test_stopping_and_solver_may_change(data, before, after):
    X, y = data
    common = {"warm_start": True, "max_iter": 3, **SMALL}
    theirs = MLPClassifier(**common, **before).fit(X, y).set_params(**after)
    with pytest.raises((AttributeError, TypeError)):
        theirs.fit(X, y)
    ours = XavierMLPClassifier(**common, **before).fit(X, y).set_params(**after).fit(X, y)
    assert ours.n_iter_ == 3


def test_warm_start_does_not_matter_to_partial_fit(data):
    X, y = data
    some = y < 5
    with pytest.raises(ValueError, match="warm_start"):
        MLPClassifier(warm_start=True, **SMALL).partial_fit(X[some], y[some], classes=range(10))
    ours = XavierMLPClassifier(warm_start=True, **SMALL)
    assert len(ours.partial_fit(X[some], y[some], classes=range(10)).classes_) == 10


def test_lbfgs_has_no_partial_fit():
    assert hasattr(MLPRegressor(solver="lbfgs"), "partial_fit")
    assert not hasattr(XavierMLPRegressor(solver="lbfgs"), "partial_fit")


def test_targets_of_another_kind(data):
    X, y = data
    Y = np.column_stack([y, y % 3]) / 10.0
    theirs = MLPRegressor(**SMALL).partial_fit(X, Y)
    assert theirs.partial_fit(X, Y[:, 0]).n_outputs_ == 1
    with pytest.raises(ValueError, match="1 outputs, but the network was built for 2"):
        XavierMLPRegressor(**SMALL).partial_fit(X, Y).partial_fit(X, Y[:, 0])
    labels = (y[:, np.newaxis] == np.arange(10)).astype(int)
    MLPClassifier(**SMALL).partial_fit(X, labels, classes=range(10)).partial_fit(X, y)
    ours = XavierMLPClassifier(**SMALL).partial_fit(X, labels, classes=range(10))
    with pytest.raises(ValueError, match="must hold label indicators"):
        ours.partial_fit(X, y)


def test_last_indicators_decide(data):
    X, y = data
    labels = np.column_stack([y % 2, y > 4]).astype(int)
    is_sparse = []
    for cls in (MLPClassifier, XavierMLPClassifier):
        mlp = cls(**SMALL).partial_fit(X, sparse.csr_matrix(labels), classes=[0, 1])
        is_sparse.append(sparse.issparse(mlp.partial_fit(X, labels).predict(X)))
    assert is_sparse == [True, False]


def test_going_on_makes_new_arrays(data):
    X, y = data
    same = []
    for cls in (MLPClassifier, XavierMLPClassifier):
        mlp = cls(warm_start=True, max_iter=2, **SMALL).fit(X, y)
        coef, curve = mlp.coefs_[0], mlp.loss_curve_
        mlp.fit(X, y)
        same += [mlp.coefs_[0] is coef, mlp.loss_curve_ is curve]
    assert same == [True, True, False, False]


def test_ctrl_c_keeps_what_lbfgs_learned(data):
    X, y = data

    ours = XavierMLPClassifier(solver="lbfgs", verbose=True, **SMALL)

    class PressesCtrlC(io.StringIO):
        def write(self, text):
            if epoch_of(text) == 3:
                signal.raise_signal(signal.SIGINT)
            return super().write(text)

    with (
        contextlib.redirect_stdout(PressesCtrlC()),
        pytest.warns(UserWarning, match="interrupted"),
    ):
        ours.fit(X, y)
    assert ours.n_iter_ == 3


def test_lbfgs_prints_its_iterations(data, capsys):
    X, y = data
    XavierMLPClassifier(solver="lbfgs", verbose=True, max_iter=2, **SMALL).fit(X, y)
    assert [epoch_of(line) for line in capsys.readouterr().out.splitlines()] == [1, 2]


def test_lbfgs_stops_early(data):
    X, y = data
    settings = {"solver": "lbfgs", "early_stopping": True, "max_iter": 100, **SMALL}
    ours = XavierMLPClassifier(n_iter_no_change=3, **settings, **AS_SCIKIT_LEARN).fit(X, y)
    theirs = MLPClassifier(n_iter_no_change=3, **settings).fit(X, y)
    assert len(ours.validation_scores_) == ours.n_iter_ < theirs.n_iter_
    whole = MLPClassifier(**{**settings, "early_stopping": False}).fit(X, y)
    np.testing.assert_array_equal(theirs.coefs_[0], whole.coefs_[0])


def test_more_curves_are_published(data):
    X, y = data
    mlp = XavierMLPClassifier(max_iter=3, early_stopping=True, **SMALL).fit(X, y)
    theirs = MLPClassifier(max_iter=3, early_stopping=True, **SMALL).fit(X, y)
    for name in ("validation_loss_curve_", "learning_rate_curve_"):
        assert len(getattr(mlp, name)) == 3
        assert not hasattr(theirs, name)


def test_verbose_lines_are_aligned(data, capsys):
    settings = {"max_iter": 10, "early_stopping": True, "verbose": True, **SMALL}
    XavierMLPClassifier(**settings).fit(*data)
    lines = capsys.readouterr().out.splitlines()
    assert [epoch_of(line) for line in lines] == list(range(1, 11))
    assert len({len(line) for line in lines}) == 1
    MLPClassifier(**settings).fit(*data)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Iteration 1, loss = ")
    assert len(lines) == 20


def test_the_classifier_has_no_loss_attribute():
    assert MLPClassifier().loss == "log_loss"
    assert not hasattr(XavierMLPClassifier(), "loss")


def test_float32_targets_must_fit(data):
    X, y = data
    MLPRegressor(max_iter=1, **SMALL).fit(X.astype("f"), y * 1e39)
    with pytest.raises(ValueError, match="too large for float32"):
        XavierMLPRegressor(max_iter=1, **SMALL).fit(X.astype("f"), y * 1e39)


def test_indicators_must_be_zero_somewhere(data):
    X, y = data
    labels = np.column_stack([y % 2, y > 4]) * 2 - 1
    assert MLPClassifier(solver="lbfgs", **SMALL).fit(X, labels).predict(X).all()
    with pytest.raises(ValueError, match=r"must be 0 .* Got \[-1  1\]"):
        XavierMLPClassifier(**SMALL).fit(X, labels)


def test_ties_go_to_the_larger_output(data):
    X, y = data
    predicted = []
    for cls in (MLPClassifier, XavierMLPClassifier):
        mlp = cls(max_iter=1, **SMALL).fit(X, y % 3)
        mlp.coefs_[-1] = np.zeros((6, 3))
        mlp.intercepts_[-1] = np.array([0.0, 0.0, 1e-18])
        assert len(set(mlp.predict_proba(X[:1]).ravel())) == 1
        predicted.append(mlp.predict(X[:1])[0])
    assert predicted == [0, 2]


def test_one_sparse_column(data):
    X, y = data
    column = sparse.csr_matrix(y[:, np.newaxis])
    with pytest.raises(TypeError):
        MLPClassifier(max_iter=1, **SMALL).fit(X, column)
    with pytest.warns(DataConversionWarning, match="column-vector"):
        ours = XavierMLPClassifier(max_iter=1, **SMALL).fit(X, column)
    assert len(ours.classes_) == 10


def test_strings_of_numbers(data):
    X, y = data
    with pytest.raises(TypeError):
        MLPRegressor(max_iter=1, **SMALL).fit(X, y.astype(str))
    ours = XavierMLPRegressor(max_iter=1, **SMALL).fit(X, y.astype(str))
    numbers = XavierMLPRegressor(max_iter=1, **SMALL).fit(X, y)
    np.testing.assert_array_equal(ours.predict(X), numbers.predict(X))


@pytest.mark.parametrize("sizes", [(3.0,), ("3",), (3, None), {3}])
def test_hidden_layer_sizes_are_named(data, sizes):
    X, y = data
    with contextlib.suppress(TypeError):
        MLPClassifier(sizes, max_iter=1).fit(X, y)
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        XavierMLPClassifier(sizes, max_iter=1).fit(X, y)


def test_log_probabilities_are_finite(data):
    X, y = data
    ours = XavierMLPClassifier(max_iter=1, **SMALL).fit(X, y)
    theirs = MLPClassifier(max_iter=1, **SMALL).fit(X, y)
    for mlp in (ours, theirs):
        mlp.coefs_[-1] = mlp.coefs_[-1] * 1e5
    assert np.isfinite(ours.predict_log_proba(X)).all()
    with np.errstate(divide="ignore"):
        assert np.isneginf(theirs.predict_log_proba(X)).any()


def test_probabilities_are_neither_zero_nor_one(data):
    X, y = data
    ours = XavierMLPClassifier(max_iter=1, **SMALL).fit(X, y)
    theirs = MLPClassifier(max_iter=1, **SMALL).fit(X, y)
    for mlp in (ours, theirs):
        mlp.coefs_[-1] = mlp.coefs_[-1] * 1e5
    assert theirs.predict_proba(X).min() == 0.0
    assert theirs.predict_proba(X).max() == 1.0
    assert 0.0 < ours.predict_proba(X).min() < 1e-300
    assert 1.0 - 1e-15 < ours.predict_proba(X).max() < 1.0


def test_loss_is_not_clipped(data):
    X, y = data
    losses = []
    for cls, more in ((XavierMLPClassifier, AS_SCIKIT_LEARN), (MLPClassifier, {})):
        mlp = cls((), warm_start=True, max_iter=1, learning_rate_init=1e-9, **more)
        mlp.fit(X, y % 2)
        mlp.intercepts_[0][:] = 1000.0
        losses.append(mlp.fit(X, y % 2).loss_)
    share = (y % 2 == 0).mean()
    assert losses[0] == pytest.approx(1000.0 * share, rel=1e-2)
    assert losses[1] == pytest.approx(-np.log(np.finfo(float).eps) * share, rel=1e-2)


def test_lbfgs_has_a_loss_curve(data):
    X, y = data
    ours = XavierMLPClassifier(solver="lbfgs", max_iter=5, **SMALL).fit(X, y)
    theirs = MLPClassifier(solver="lbfgs", max_iter=5, **SMALL).fit(X, y)
    assert len(ours.loss_curve_) == ours.n_iter_ == 5
    assert ours.best_loss_ == ours.loss_curve_[-1] == ours.loss_
    assert ours.t_ == 5 * len(X)
    assert ours.validation_scores_ is ours.best_validation_score_ is None
    assert not hasattr(theirs, "loss_curve_")
    assert not hasattr(theirs, "validation_scores_")
    assert theirs.t_ == 0


def test_lbfgs_keeps_float32(data):
    X, y = data
    ours = XavierMLPClassifier(solver="lbfgs", max_iter=5, **SMALL).fit(X.astype("f"), y)
    theirs = MLPClassifier(solver="lbfgs", max_iter=5, **SMALL).fit(X.astype("f"), y)
    assert ours.coefs_[0].dtype == np.float32
    assert theirs.coefs_[0].dtype == np.float64


def test_one_class_is_an_error(data):
    X, _ = data
    MLPClassifier(max_iter=1, **SMALL).fit(X, np.zeros(200))
    with pytest.raises(ValueError, match="The number of classes has to be greater than one"):
        XavierMLPClassifier(**SMALL).fit(X, np.zeros(200))


@needs_weights
def test_weights_must_not_be_negative(data):
    X, y = data
    assert np.isfinite(MLPClassifier(max_iter=1, **SMALL).fit(X, y, -np.ones(200)).loss_)
    with pytest.raises(ValueError, match=r"[Nn]egative"):
        XavierMLPClassifier(**SMALL).fit(X, y, sample_weight=-np.ones(200))


@needs_weights
def test_batches_without_weight_are_left_out(data):
    X, y = data
    weight = np.r_[np.zeros(50), np.ones(150)]
    common = {"batch_size": 50, "shuffle": False, "max_iter": 3, **SMALL}
    with pytest.raises(ZeroDivisionError):
        MLPClassifier(**common).fit(X, y, weight)
    ours = XavierMLPClassifier(**common).fit(X, y, weight)
    rest = XavierMLPClassifier(**common).fit(X[50:], y[50:])
    np.testing.assert_array_equal(ours.coefs_[0], rest.coefs_[0])


def test_diverging_is_always_an_error(data):
    X, y = data
    common = {"solver": "sgd", "learning_rate_init": 1e150, "early_stopping": True, **SMALL}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MLPRegressor(**common, max_iter=50).fit(X, y)
    assert not np.isfinite(theirs.loss_)
    with pytest.raises(ValueError, match="Training diverged"):
        XavierMLPRegressor(**common, max_iter=50).fit(X, y)

    lbfgs = {"solver": "lbfgs", "max_iter": 50, **SMALL}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MLPRegressor(**lbfgs).fit(X * 1e200, y)
    assert not np.isfinite(theirs.loss_)
    with pytest.raises(ValueError, match="Training diverged"):
        XavierMLPRegressor(**lbfgs).fit(X * 1e200, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MLPRegressor(max_iter=3, **SMALL).fit(X, y * 1e160)
    assert not np.isfinite(theirs.loss_)
    with pytest.raises(ValueError, match="Training diverged"):
        XavierMLPRegressor(max_iter=3, **SMALL).fit(X, y * 1e160)


def test_diverging_says_where(data):
    X, y = data
    common = {"solver": "sgd", "learning_rate_init": 1e30, **SMALL}
    messages = []
    for cls in (MLPRegressor, XavierMLPRegressor):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(ValueError, match=r"non-finite|infinite|nan|inf") as caught:
                cls(**common).fit(X, y)
        messages.append(str(caught.value))
    assert "non-finite" in messages[0]
    assert re.search("in epoch [1-9]. Scale X .* use a smaller learning_rate_init", messages[1])


def test_impossible_validation_names_the_parameter(data):
    X, y = data
    messages = []
    for cls in (MLPClassifier, XavierMLPClassifier):
        with pytest.raises(ValueError, match="train set will be empty") as caught:
            cls(early_stopping=True, validation_fraction=0.999, **SMALL).fit(X, y)
        messages.append(str(caught.value))
    assert ["validation_fraction=0.999" in message for message in messages] == [False, True]
    rare = np.array(["spam"] + ["ham"] * 199)
    with pytest.raises(ValueError, match=r"validation_fraction=0\.1: The least populated class"):
        XavierMLPClassifier(early_stopping=True, **SMALL).fit(X, rare)


@needs_weights
@pytest.mark.parametrize("seed", range(5))
def test_validation_needs_weight(data, seed):
    X, y = data
    weight = np.zeros(200)
    weight[9] = 1.0  # on one side of the split only
    messages = []
    for cls in (MLPClassifier, XavierMLPClassifier):
        mlp = cls(early_stopping=True, hidden_layer_sizes=(6,), random_state=seed)
        with pytest.raises((ValueError, ZeroDivisionError)) as caught:
            mlp.fit(X, y, weight)
        messages.append(str(caught.value))
    assert ["early_stopping" in message for message in messages] == [False, True]


@needs_weights
def test_weights_must_not_all_be_zero(data):
    X, y = data
    with pytest.raises((ValueError, ZeroDivisionError)):
        MLPRegressor(**SMALL).fit(X, y, np.zeros(200))
    with pytest.raises(ValueError, match="at least one non-zero"):
        XavierMLPRegressor(**SMALL).fit(X, y, np.zeros(200))


def test_sparse_numbers_are_accepted(data):
    X, y = data
    Y = np.column_stack([y, y % 3]) / 10.0
    for targets in (Y, Y[:, :1]):
        with pytest.raises((TypeError, np.linalg.LinAlgError)):
            MLPRegressor(max_iter=1, **SMALL).fit(X, sparse.csr_matrix(targets))
    ours = XavierMLPRegressor(max_iter=3, **SMALL).fit(X, sparse.csr_matrix(Y))
    dense = XavierMLPRegressor(max_iter=3, **SMALL).fit(X, Y)
    np.testing.assert_array_equal(ours.predict(X), dense.predict(X))


def test_warm_early_stopping_keeps_the_best(data):
    X, y = data
    changed = []
    for cls, more in ((XavierMLPClassifier, AS_SCIKIT_LEARN), (MLPClassifier, {})):
        mlp = cls(early_stopping=True, warm_start=True, max_iter=60, **SMALL, **more).fit(X, y)
        before = [coef.copy() for coef in mlp.coefs_]
        mlp.set_params(learning_rate_init=100.0, max_iter=5).fit(X, y)  # ruins the weights
        changed.append(not np.array_equal(before[0], mlp.coefs_[0]))
    assert changed == [False, True]


def test_warm_early_stopping_learns_new_targets(data):
    X, y = data
    scores = []
    for cls, more in ((XavierMLPClassifier, AS_SCIKIT_LEARN), (MLPClassifier, {})):
        mlp = cls((20,), early_stopping=True, warm_start=True, random_state=0, **more)
        mlp.set_params(learning_rate_init=0.02, n_iter_no_change=20)
        mlp.fit(X, y).fit(X, (y + 1) % 10)
        scores.append(mlp.score(X, (y + 1) % 10))
    assert scores[0] > 0.8 > scores[1]


def test_ctrl_c_leaves_a_loop_of_partial_fits(data):
    class PressesCtrlC(io.StringIO):
        def write(self, text):
            if epoch_of(text):
                signal.raise_signal(signal.SIGINT)
            return super().write(text)

    X, y = data
    for cls in (XavierMLPClassifier, MLPClassifier):
        mlp = cls(**SMALL).partial_fit(X, y, classes=range(10))
        before, curve = mlp.coefs_[0].copy(), mlp.loss_curve_.copy()
        mlp.verbose = True
        with contextlib.redirect_stdout(PressesCtrlC()):
            if cls is MLPClassifier:
                with pytest.warns(UserWarning, match="interrupted"):
                    mlp.partial_fit(X, y)
            else:
                with pytest.raises(KeyboardInterrupt):
                    mlp.partial_fit(X, y)
        assert np.array_equal(mlp.coefs_[0], before) == (cls is XavierMLPClassifier)
        assert (mlp.loss_curve_ == curve) == (cls is XavierMLPClassifier)


def test_classes_of_labels_are_columns(data):
    X, y = data
    Y = np.column_stack([y % 2, y > 4, y > 7]).astype(int)
    for classes in (["a", "b", "c"], [0, 1, 2, 3]):
        with pytest.raises(ValueError, match="y has 3 columns of label indicators"):
            XavierMLPClassifier(**SMALL).partial_fit(X, Y, classes=classes)


def test_loss_is_a_keyword():
    assert MLPRegressor((5,)).hidden_layer_sizes == (100,) or not HAS_LOSS
    assert XavierMLPRegressor((5,)).hidden_layer_sizes == (5,)


def test_predictions_must_be_finite(data):
    X, y = data
    ours = XavierMLPRegressor(max_iter=1, **SMALL).fit(X, y)
    theirs = MLPRegressor(max_iter=1, **SMALL).fit(X, y)
    for mlp in (ours, theirs):
        mlp.intercepts_[-1] = np.array([np.nan])
    assert np.isnan(theirs.predict(X)).all()
    with pytest.raises(ValueError, match="not finite"):
        ours.predict(X)


@needs_weights
def test_poisson_targets_are_checked(data):
    X, y = data
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MLPRegressor(loss="poisson", max_iter=1, **SMALL).fit(X, y - 5.0)
    assert np.isnan(theirs.loss_)
    with pytest.raises(ValueError, match="needs y >= 0"):
        XavierMLPRegressor(loss="poisson", **SMALL).fit(X, y - 5.0)


def test_a_failed_call_leaves_the_network(data):
    X, y = data
    ours = XavierMLPClassifier(max_iter=2, **SMALL).fit(X, y)
    before = ours.predict_proba(X)
    with pytest.raises(ValueError, match="classes not in"):
        ours.partial_fit(X, y + 1)
    with pytest.raises(ValueError, match="Training diverged"):
        ours.set_params(init="normal", learning_rate_init=1e300).fit(X, y)
    np.testing.assert_array_equal(ours.predict_proba(X), before)


def test_other_hidden_layers_are_named(data):
    X, y = data
    theirs = MLPClassifier(warm_start=True, max_iter=1, **SMALL).fit(X, y)
    assert theirs.set_params(hidden_layer_sizes=(9,)).fit(X, y).coefs_[0].shape == (64, 6)
    ours = XavierMLPClassifier(warm_start=True, max_iter=1, **SMALL).fit(X, y)
    with pytest.raises(ValueError, match=r"coefs_\[0\] has shape \(64, 6\)"):
        ours.set_params(hidden_layer_sizes=(9,)).fit(X, y)


def test_biases_start_at_zero_and_logistic_wider(data):
    X, y = data
    ours = XavierMLPClassifier((400,), "logistic", random_state=0).initialize(X, y)
    bound = np.sqrt(6 / (64 + 400))
    assert 0.99 * bound < np.abs(ours.coefs_[0]).max() <= bound
    assert not ours.intercepts_[0].any()
    theirs = MLPClassifier((400,), "logistic", max_iter=1, learning_rate_init=1e-300).fit(X, y)
    assert np.abs(theirs.coefs_[0]).max() <= np.sqrt(2 / (64 + 400))
    assert theirs.intercepts_[0].any()


def test_copies_of_units_stay_copies(data):
    X, y = data
    ours = XavierMLPClassifier((37, 23), "logistic", init="constant", max_iter=60).fit(X, y)
    for coef in ours.coefs_[:-1]:
        assert (coef == coef[:, :1]).all()


def test_convergence_warning_of_lbfgs_names_the_limit(data):
    X, y = data
    with pytest.warns(ConvergenceWarning, match=r"increase max_iter \(now 3\)"):
        XavierMLPClassifier(solver="lbfgs", max_iter=3, **SMALL).fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"increase max_fun \(now 4\)"):
        XavierMLPClassifier(solver="lbfgs", max_fun=4, **SMALL).fit(X, y)
