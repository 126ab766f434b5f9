"""Sources of chunks: rows of arrays on disk, of Dask arrays and of Parquet files."""

import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import issparse

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
    ValueError
        If the arrays have different lengths or none at all, or `chunk_rows` is not positive.

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
        self._arrays = [array for array in (X, y, sample_weight) if array is not None]
        if y is None and sample_weight is not None:
            raise ValueError("sample_weight needs y too: chunks are (X, y, sample_weight).")
        lengths = [_n_rows(array) for array in self._arrays]
        if len(set(lengths)) > 1:
            raise ValueError(f"X, y and sample_weight have different numbers of rows: {lengths}.")
        if lengths[0] == 0:
            raise ValueError("X has no rows.")
        self._starts = self._find_starts(X, lengths[0], chunk_rows)
        self._n_rows = lengths[0]

    @staticmethod
    def _find_starts(X: Any, n_rows: int, chunk_rows: int | None) -> np.ndarray:
        if chunk_rows is None and hasattr(X, "chunks") and isinstance(X.chunks[0], tuple):  # Dask
            return np.cumsum([0, *X.chunks[0][:-1]])
        if chunk_rows is None:
            itemsize = getattr(getattr(X, "dtype", None), "itemsize", 8)
            chunk_rows = max(1, _CHUNK_BYTES // max(1, itemsize * int(np.prod(X.shape[1:]))))
        return np.arange(0, n_rows, _check_count("chunk_rows", chunk_rows))

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, i: Any) -> Any:
        """Chunk number `i`: X, or a tuple of X, y and where there is one sample_weight."""
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
        names, or a list of files.
    target : str or list of str, default=None
        The column or columns of the targets; None for chunks of samples alone.
    features : list of str, default=None
        The columns of the samples; None takes all others.
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
    FileNotFoundError
        If there is no such file, or none in the folder.
    ValueError
        If a file is no whole Parquet file, a column is missing, or `chunk_rows` is not
        positive. When a chunk is read: if it has values that are null, or no numbers where
        `as_frame` is False.

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
        self._chunk_rows = _check_count("chunk_rows", chunk_rows)
        self._paths = _parquet_paths(source)
        self._target = target
        self._weight = sample_weight
        self._as_frame = as_frame
        targets = [target] if isinstance(target, str) else list(target or [])
        self._others = [*targets, *([sample_weight] if sample_weight is not None else [])]
        self._features: Any = None if features is None else list(features)
        self._places: list[tuple[Path, int, int]] = []  # file, row group, chunk in it
        for path in self._paths:
            with _open_parquet(path) as file:
                self._check_names(path, file.schema_arrow.names)
                for group in range(file.num_row_groups):
                    n_rows = file.metadata.row_group(group).num_rows
                    n_chunks = -(-n_rows // self._chunk_rows)
                    self._places += [(path, group, i) for i in range(n_chunks)]
        if not self._places:
            raise ValueError(f"{source!r} has no rows.")
        self._reader: tuple[int, Iterator[Any]] | None = None

    def _check_names(self, path: Path, names: list[str]) -> None:
        """Take the features from the first file, if nobody named them; all files must have them."""
        if self._features is None:
            self._features = [name for name in names if name not in self._others]
        missing = [name for name in [*self._features, *self._others] if name not in names]
        if missing:
            raise ValueError(f"{str(path)!r} has no columns {missing}; it has {names}.")

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_reader": None}  # open files stay here

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, i: Any) -> Any:
        """Chunk number `i`: X, or a tuple of X, y and where there is one sample_weight."""
        i = range(len(self))[i]
        if self._reader is None or self._reader[0] != i:
            self._reader = i, self._read_from(i)
        batch = next(self._reader[1])
        self._reader = (i + 1, self._reader[1]) if i + 1 < len(self) else None
        return self._split(batch)

    def _read_from(self, first: int) -> Iterator[Any]:
        """Batches from chunk `first` on; a row group is read once for all its chunks."""
        i = first
        while i < len(self):
            path, group, n_before = self._places[i]
            with _open_parquet(path) as file:
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
            frame = batch.to_pandas()
            X, column = frame[self._features], frame.__getitem__
        else:
            X, column = _to_array(batch, self._features), lambda name: _to_array(batch, name)
        if self._target is None:
            return X
        y = column(self._target)
        return (X, y) if self._weight is None else (X, y, column(self._weight))


def _check_count(name: str, count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, Integral) or count < 1:
        raise ValueError(f"{name} must be an int of at least 1, got {count!r}.")
    return int(count)


def _n_rows(array: Any) -> int:
    n_rows = array.shape[0] if hasattr(array, "shape") else len(array)
    if n_rows != n_rows:  # NaN
        raise ValueError(
            "A Dask array does not know the lengths of its chunks: call its"
            " compute_chunk_sizes(), or make it by to_dask_array(lengths=True)."
        )
    return int(n_rows)


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
        return [Path(path) for path in source]
    path = Path(source)
    if not path.is_dir():
        return [path]
    paths = sorted(path.glob("*.parquet"))
    if not paths:
        raise FileNotFoundError(f"The folder {str(path)!r} has no .parquet files.")
    return paths


@contextmanager
def _open_parquet(path: Path) -> Iterator[Any]:
    try:
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ImportError("ParquetChunks needs pyarrow: python -m pip install pyarrow") from error
    if not path.exists():
        raise FileNotFoundError(f"There is no Parquet file {str(path)!r}.")
    try:
        file = ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except ArrowInvalid as error:
        raise ValueError(f"{str(path)!r} is no whole Parquet file: {error}") from error
    with file:
        yield file


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
