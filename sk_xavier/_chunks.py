"""Sources of chunks: rows of arrays on disk, of Dask arrays and of Parquet files."""

import mmap
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import issparse

from ._parameters import check_count
from ._sklearn_compat import safe_indexing

__all__ = ["ArrayChunks", "ParquetChunks"]

_CHUNK_BYTES = 2**25
"""How much of the samples a chunk holds, where nobody says."""

_BUFFER_BYTES = 2**20
"""How much of a column is read ahead; without it, pyarrow reads whole columns of a row group."""


class ArrayChunks(Sequence):
    """Chunks of consecutive rows of arrays that need not be in memory.

    Samples may be a ``numpy.memmap``, a Dask array, an HDF5 or Zarr data set, or whatever
    else has a `shape` and gives rows for a slice; also arrays, sparse CSR matrices and frames. Of
    a memory map, the pages of a chunk are given back when it has been read; they would count
    as memory in use until the system needs it.

    Read more in the :ref:`user guide <guide_larger_than_memory>`.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        The samples.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        The targets.
    sample_weight : array-like of shape (n_samples,), default=None
        Their weights.
    chunk_rows : int, default=None
        Rows of a chunk; the last may have fewer. None takes a Dask array's own chunks, and of
        others as many rows as make 32 MiB of samples.

    Raises
    ------
    TypeError
        If one of them has no rows that could be counted, as a number has none.
    ValueError
        If the arrays have different lengths or none at all, a Dask array or frame does not know
        them, or `chunk_rows` is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from sk_xavier.streaming import ArrayChunks
    >>> chunks = ArrayChunks(np.zeros((10, 2)), np.arange(10), chunk_rows=4)
    >>> len(chunks)
    3
    >>> X, y = chunks[2]
    >>> y
    array([8, 9])
    """

    def __init__(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, chunk_rows: int | None = None
    ) -> None:
        if issparse(X):
            X = X.tocsr()
        elif not hasattr(X, "shape"):
            X = np.asarray(X)
        self._arrays = [array for array in (X, y, sample_weight) if array is not None]
        if y is None and sample_weight is not None:
            raise ValueError("sample_weight needs y too: chunks are (X, y, sample_weight).")
        names = ("X", "y", "sample_weight")
        lengths = [_n_rows(*pair) for pair in zip(names, self._arrays, strict=False)]
        if len(set(lengths)) > 1:
            raise ValueError(f"X, y and sample_weight have different numbers of rows: {lengths}.")
        if lengths[0] == 0:
            raise ValueError("X has no rows.")
        self._starts = self._find_starts(X, lengths[0], chunk_rows)
        self._n_rows = lengths[0]

    @staticmethod
    def _find_starts(X: Any, n_rows: int, chunk_rows: int | None) -> np.ndarray:
        if chunk_rows is not None:
            return np.arange(0, n_rows, check_count("chunk_rows", chunk_rows))
        of_dask = getattr(X, "chunks", None)
        if isinstance(of_dask, tuple) and of_dask and isinstance(of_dask[0], tuple):
            lengths = [length for length in of_dask[0] if length]  # a filter leaves empty ones
            return np.cumsum([0, *lengths[:-1]])
        if issparse(X):
            n_bytes = X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
        else:
            itemsize = getattr(getattr(X, "dtype", None), "itemsize", 8)
            n_bytes = n_rows * itemsize * int(np.prod(X.shape[1:]))
        return np.arange(0, n_rows, max(1, _CHUNK_BYTES * n_rows // max(1, n_bytes)))

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, i: Any) -> Any:
        """Chunk number `i`: X, or a tuple of X, y and where there is one sample_weight."""
        if isinstance(i, slice):
            return [self[j] for j in range(len(self))[i]]
        i = range(len(self))[i]
        stop = self._starts[i + 1] if i + 1 < len(self) else self._n_rows
        rows = slice(int(self._starts[i]), int(stop))
        chunk = tuple(_rows(array, rows) for array in self._arrays)
        return chunk if len(chunk) > 1 else chunk[0]


class ParquetChunks(Sequence):
    """Chunks of consecutive rows of Parquet files, read with pyarrow.

    No more than a chunk and what pyarrow needs of its row group is in memory. Row groups of 1
    to 100 MB suit that; a chunk is never of two of them.

    Read more in the :ref:`user guide <guide_larger_than_memory>`.

    Parameters
    ----------
    source : str, path-like or list of these
        A file, a folder, of which all ``.parquet`` files are taken in the order of their
        names but none of folders within, or a list of files.
    target : str or list of str, default=None
        The column or columns of the targets; None for chunks of samples alone.
    features : list of str, default=None
        The columns of the samples; None takes all others, but for the index of a frame that
        pandas wrote.
    sample_weight : str, default=None
        The column of weights.
    chunk_rows : int, default=65536
        The most rows of a chunk.
    as_frame : bool, default=False
        Whether samples are a pandas frame, with names and types of columns, for a pipeline
        that treats them apart. Else they are an array of numbers, of the type that holds all.

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    TypeError
        If `source` is neither a path nor a list of paths, or columns are not given by name.
    FileNotFoundError
        If there is no such file, or none in the folder.
    ValueError
        If a file is no whole Parquet file, a column is missing, or `chunk_rows` is not
        positive. When a chunk is read: if the file has changed or is damaged; and where
        `as_frame` is False, if there are nulls, or columns that are no numbers.

    Examples
    --------
    >>> import os, tempfile
    >>> from importlib.util import find_spec
    >>> if find_spec("pyarrow"):
    ...     import pyarrow as pa, pyarrow.parquet as pq
    ...     from sk_xavier.streaming import ParquetChunks
    ...     table = pa.table({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0], "y": [0, 1, 0]})
    ...     with tempfile.TemporaryDirectory() as folder:
    ...         pq.write_table(table, os.path.join(folder, "part-0.parquet"))
    ...         chunks = ParquetChunks(folder, "y", chunk_rows=2)
    ...         n_chunks, (X, y) = len(chunks), chunks[0]
    ...     assert n_chunks == 2 and X.tolist() == [[1.0, 4.0], [2.0, 5.0]]
    """

    def __init__(
        self,
        source: Any,
        target: str | Sequence[str] | None = None,
        *,
        features: Sequence[str] | None = None,
        sample_weight: str | None = None,
        chunk_rows: int = 65536,
        as_frame: bool = False,
    ) -> None:
        self._chunk_rows = check_count("chunk_rows", chunk_rows)
        self._paths = _parquet_paths(source)
        if target is not None and not isinstance(target, str):
            target = _listed(target, str, "target must be the name of a column or a list of names")
        self._target = target
        self._weight = sample_weight
        self._as_frame = as_frame
        targets = [target] if isinstance(target, str) else target or []
        self._others = [*targets, *([sample_weight] if sample_weight is not None else [])]
        if isinstance(features, str):
            raise ValueError(f"features must be a list of names, got {features!r}.")
        if features is not None:
            features = _listed(features, str, "features must be a list of names")
        self._features: Any = features
        self._places: list[tuple[Path, int, int]] = []  # file, row group, chunk in it
        self._group_rows: dict[Path, list[int]] = {}
        for path in self._paths:
            with _open_parquet(path) as file:
                self._check_names(path, file.schema_arrow)
                self._group_rows[path] = _group_rows(file)
                for group, n_rows in enumerate(self._group_rows[path]):
                    n_chunks = -(-n_rows // self._chunk_rows)
                    self._places += [(path, group, i) for i in range(n_chunks)]
        if not self._places:
            raise ValueError(f"{source!r} has no rows.")
        self._reader: tuple[int, Iterator[Any]] | None = None

    def _check_names(self, path: Path, schema: Any) -> None:
        """Take the features from the first file, if nobody named them; all files must have them."""
        if self._features is None:
            index = (schema.pandas_metadata or {}).get("index_columns", [])  # no features
            self._features = [n for n in schema.names if n not in [*self._others, *index]]
        missing = [name for name in [*self._features, *self._others] if name not in schema.names]
        if missing:
            raise ValueError(f"{str(path)!r} has no columns {missing}; it has {schema.names}.")
        if not self._features:
            raise ValueError(f"features is empty; {str(path)!r} has the columns {schema.names}.")

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_reader": None}  # open files stay here

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, i: Any) -> Any:
        """Chunk number `i`: X, or a tuple of X, y and where there is one sample_weight."""
        if isinstance(i, slice):
            return [self[j] for j in range(len(self))[i]]
        i = range(len(self))[i]
        reader, self._reader = self._reader, None  # one that fails is of no more use
        batches = self._read_from(i) if reader is None or reader[0] != i else reader[1]
        batch = next(batches)
        if i + 1 < len(self):
            self._reader = i + 1, batches
        return self._split(batch)

    def _read_from(self, first: int) -> Iterator[Any]:
        """Batches from chunk `first` on; a row group is read once for all its chunks."""
        i = first
        while i < len(self):
            path, group, n_before = self._places[i]
            with _open_parquet(path) as file:
                if _group_rows(file) != self._group_rows[path]:
                    raise ValueError(f"{str(path)!r} has other rows than when it was first read.")
                batches = file.iter_batches(
                    self._chunk_rows,
                    row_groups=[group],
                    columns=[*self._features, *self._others],
                    use_threads=False,
                )
                for number, batch in enumerate(batches):
                    if number >= n_before:
                        yield batch
                        i += 1

    def _split(self, batch: Any) -> Any:
        if self._as_frame:
            frame = batch.to_pandas(ignore_metadata=True)  # an index may be a feature
            X, column = frame[self._features], frame.__getitem__
        else:
            X, column = _to_array(batch, self._features), lambda name: _to_array(batch, name)
        if self._target is None:
            return X
        y = column(self._target)
        return (X, y) if self._weight is None else (X, y, column(self._weight))


def _n_rows(name: str, array: Any) -> int:
    shape = getattr(array, "shape", None)
    if shape is None and hasattr(array, "__len__") and not isinstance(array, str | bytes):
        shape = (len(array),)
    if not shape:
        raise TypeError(f"{name} must be an array with rows, got {array!r}.")
    if not isinstance(shape[0], Integral):  # NaN of an array, something to compute of a frame
        raise ValueError(
            f"{name} is of Dask and does not know the lengths of its chunks: call an array's"
            " compute_chunk_sizes(), or make one of a frame by to_dask_array(lengths=True)."
        )
    return int(shape[0])


def _rows(array: Any, rows: slice) -> Any:
    """Some rows, in memory."""
    if hasattr(array, "iloc") or not hasattr(array, "dtype"):  # frames and lists
        return safe_indexing(array, rows)
    part = array[rows]
    if isinstance(array, np.memmap):
        part = np.array(part)
        _give_back(array)
    elif hasattr(part, "compute"):  # Dask
        part = part.compute()
    return part if issparse(part) else np.asarray(part)


def _give_back(array: np.memmap) -> None:
    """Give the pages of a file that were read back to the system.

    Those of a copy-on-write map may have been changed in memory alone, and stay.
    """
    base: Any = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    if base is not None and array.mode != "c" and hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)


def _parquet_paths(source: Any) -> list[Path]:
    if not isinstance(source, str | os.PathLike):
        rule = "source must be a str, path-like or a list of these"
        return [Path(path) for path in _listed(source, str | os.PathLike, rule)]
    path = Path(source)
    if not path.is_dir():
        return [path]
    paths = sorted(file for file in path.glob("*.parquet") if file.is_file())
    if not paths:
        raise FileNotFoundError(f"The folder {str(path)!r} has no .parquet files.")
    return paths


def _listed(given: Any, kinds: Any, rule: str) -> list[Any]:
    """The entries of an argument, all of which must be of these kinds, as the rule says."""
    entries = list(given) if isinstance(given, Iterable) else [None]
    if not all(isinstance(entry, kinds) for entry in entries):
        raise TypeError(f"{rule}, got {given!r}.")
    return entries


@contextmanager
def _open_parquet(path: Path) -> Iterator[Any]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ImportError("ParquetChunks needs pyarrow: python -m pip install pyarrow") from error
    if not path.exists():
        raise FileNotFoundError(f"There is no Parquet file {str(path)!r}.")
    try:
        with ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
            yield file
    except (ArrowException, OSError) as error:
        raise ValueError(f"{str(path)!r} is no whole Parquet file: {error}") from error


def _group_rows(file: Any) -> list[int]:
    """Numbers of rows of the row groups."""
    return [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]


def _to_array(batch: Any, names: str | Sequence[str]) -> np.ndarray:
    """A column of a record batch, or several as a matrix of the type that holds all."""
    if isinstance(names, str):
        column = batch.column(names)
        if column.null_count:
            raise ValueError(f"The column {names!r} has {column.null_count} values that are null.")
        return column.to_numpy(zero_copy_only=False)
    columns = [_to_array(batch, name) for name in names]
    for name, column in zip(names, columns, strict=True):
        if column.dtype.kind not in "biuf":
            raise ValueError(
                f"The column {name!r} holds {column.dtype}, not numbers: name the features, or use"
                " as_frame=True with a pipeline that encodes it."
            )
    matrix = np.empty((batch.num_rows, len(columns)), np.result_type(*columns))
    for i, column in enumerate(columns):
        matrix[:, i] = column
    return matrix
