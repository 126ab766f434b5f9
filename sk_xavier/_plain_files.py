"""Files of plain values and arrays: written whole or not at all, read without running code.

A file is an ``.npz`` archive, so that ``numpy.load`` shows its arrays. One of its members is
JSON: the values, with the names of the arrays in their places. Nothing in it is a pickle.
"""

import io
import json
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

__all__ = ["read_plain", "write_plain"]

_VALUES = "values"
"""The member that is JSON."""

_TAKEN = (_VALUES, "file")
"""Names that no array can have: the last is the first argument of ``numpy.savez``."""


def write_plain(path: Path, values: dict[str, Any]) -> None:
    """Write values to a file that takes the place of an older one when it is complete.

    Parameters
    ----------
    path : Path
        The file.
    values : dict
        None, numbers, strings, arrays without objects, random generators, and lists, tuples
        and dictionaries of these.

    Raises
    ------
    TypeError
        If there are values of other types; no file is touched.
    OSError
        If the file cannot be written; the older one is as it was.
    """
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps(_encode(values, "", arrays))
    arrays[_VALUES] = np.frombuffer(text.encode(), dtype=np.uint8)
    archive = io.BytesIO()  # so that nothing but one write can fail
    np.savez(archive, **arrays)  # type: ignore[arg-type]
    with _beside(path) as file:
        file.write(archive.getbuffer())


def read_plain(path: Path) -> dict[str, Any]:
    """Read what `write_plain` has written.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If it is not whole, or of another kind.
    """
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("it is cut short, or a file of another kind")
        file.seek(0)
        try:
            with np.load(file, allow_pickle=False) as members:
                arrays = {name: members[name] for name in members.files}
            return _decode(json.loads(arrays[_VALUES].tobytes()), arrays)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, MemoryError) as error:
            raise ValueError(f"it is damaged: {error}") from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise ValueError(f"it is a file of another kind ({error!r})") from error


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path` that takes its place once what is done inside has ended well."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _encode(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """A value in JSON; its arrays go into `arrays`, under names made from its place, `name`."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(np.asarray(value), name.lstrip("/"), arrays)
    if isinstance(value, np.random.RandomState):
        state = value.get_state(legacy=False)
        if state["bit_generator"] != "MT19937":  # NumPy has no way back for others
            raise TypeError(
                f"{name.lstrip('/')} draws from {state['bit_generator']}, whose state a"
                " RandomState cannot take up again. Use an int, or RandomState(MT19937(seed))."
            )
        return {"random_state": _encode(state, name, arrays)}
    if type(value) is dict and all(type(key) is str for key in value):
        return {"dict": {key: _encode(value[key], f"{name}/{key}", arrays) for key in value}}
    if type(value) in (list, tuple):
        if value and all(type(entry) is float for entry in value):  # a curve
            return {"floats": _keep(np.array(value), name.lstrip("/"), arrays)}
        entries = [_encode(entry, f"{name}/{i}", arrays) for i, entry in enumerate(value)]
        return {type(value).__name__: entries}
    raise TypeError(f"{name.lstrip('/')} is of {type(value)}, which is no plain value.")


def _encode_array(array: np.ndarray, name: str, arrays: dict[str, np.ndarray]) -> Any:
    if array.dtype.hasobject:
        if array.ndim == 1 and all(type(entry) is str for entry in array):
            return {"strings": array.tolist()}
        raise TypeError(f"{name} is an array of objects, which are no plain values.")
    return {"array": _keep(array, name, arrays)}


def _keep(array: np.ndarray, name: str, arrays: dict[str, np.ndarray]) -> str:
    """Put an array under its name, or under one like it where that is taken."""
    while name in arrays or name in _TAKEN:
        name += "_"
    arrays[name] = array
    return name


def _decode(encoded: Any, arrays: dict[str, np.ndarray]) -> Any:
    if not isinstance(encoded, dict):
        return encoded
    [(kind, content)] = encoded.items()
    if kind == "array":
        array = arrays[content]
        return array if array.ndim else array[()]
    if kind == "strings":
        return np.array(content, dtype=object)
    if kind == "floats":
        return arrays[content].tolist()
    if kind == "random_state":
        return _random_state(_decode(content, arrays))
    if kind == "dict":
        return {key: _decode(value, arrays) for key, value in content.items()}
    entries = [_decode(entry, arrays) for entry in content]
    return {"list": list, "tuple": tuple}[kind](entries)


def _random_state(state: dict[str, Any]) -> np.random.RandomState:
    generator = np.random.RandomState()
    generator.set_state(state)
    return generator
