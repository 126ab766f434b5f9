"""What is written as plain values comes back the same, types included."""

import numpy as np
import pytest

from sk_xavier._plain_files import read_plain, write_plain

VALUES = {
    "none": None,
    "numbers": [1, -(2**70), 0.1, float("inf"), True],
    "floats": [0.1, -0.0, 1e-320, float("-inf")],
    "empty": [[], (), {}],
    "nested": ({"a": (1, [2.5]), "b/c": [(), "text \N{SNOWMAN}"]}, []),
    "single": np.float32(1.1),
    "count": np.int64(3),
    "matrix": np.arange(6.0, dtype=np.float32).reshape(2, 3).T,
    "words": np.array(["a", "bcd"]),
    "objects": np.array(["a", "bcd"], dtype=object),
    "no rows": np.empty((0, 4)),
    "flags": np.array([True, False]),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "values"


@pytest.mark.parametrize("name", VALUES)
def test_round_trip(name, path):
    value = VALUES[name]
    write_plain(path, {"key": value})
    back = read_plain(path)["key"]
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        np.testing.assert_array_equal(back, value, strict=True)
    else:
        assert repr(back) == repr(value)


def test_names_that_clash_are_kept_apart(path):
    one, two = np.arange(3), np.arange(4.0)
    values = {"a/b": one, "a": {"b": two}, "values": one, "file": two}
    write_plain(path, values)
    np.testing.assert_equal(read_plain(path), values)


def test_nan_comes_back(path):
    write_plain(path, {"alone": float("nan"), "curve": [1.0, float("nan")]})
    back = read_plain(path)
    assert np.isnan(back["alone"])
    np.testing.assert_array_equal(back["curve"], [1.0, np.nan])


def test_a_generator_draws_what_it_would_have_drawn(path):
    rng = np.random.RandomState(0)
    rng.normal(size=3)  # one more is kept by the generator
    write_plain(path, {"rng": rng})
    other = read_plain(path)["rng"]
    np.testing.assert_array_equal(other.normal(size=5), rng.normal(size=5))
    np.testing.assert_array_equal(other.permutation(9), rng.permutation(9))


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, {"a": {3}}, [lambda: 0], np.array([None, "a"]), 1j, b"bytes"]
)
def test_other_values_are_refused_before_any_file_is_there(value, path):
    with pytest.raises(TypeError, match=r"^key"):
        write_plain(path, {"key": value})
    assert list(path.parent.iterdir()) == []


def test_generators_that_numpy_cannot_take_up_are_refused(path):
    rng = np.random.RandomState(np.random.PCG64(0))
    with pytest.raises(TypeError, match="key draws from PCG64"):
        write_plain(path, {"key": rng})


def test_permissions_are_those_of_any_file(path):
    write_plain(path, {})
    path.with_name("other").touch()
    assert path.stat().st_mode == path.with_name("other").stat().st_mode
