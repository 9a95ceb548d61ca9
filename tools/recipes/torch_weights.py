"""Read the tensors of a PyTorch weights file (.pth, .pt) into numpy arrays, without PyTorch and without running code.

Such a file is a pickle, and unpickling runs whatever the pickle names. Here it may name an ordered dictionary, a
tensor and the types of storage, and nothing else; a file that names more is refused, and so is one with other
operations than tensors need, or too many of them. Tensors stay descriptions until
the whole pickle has been read, then each is checked against the bytes that the file really holds.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class WeightsError(ValueError):
    """The file isn't a weights file that can be read; the message says why."""


# What a pickle can reach is immutable: it may also set attributes of the objects that it has made or named.
class Storage(NamedTuple):
    """A run of elements that tensors are views of."""

    key: str
    dtype: str  # as numpy writes it, such as <f4
    element_count: int


class TensorView(NamedTuple):
    """A tensor as the pickle describes it, unchecked; offset and strides count elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def of(self, elements: Array) -> Array:
        """The tensor as an array of its own; `elements` are those of the storage."""
        self._check(elements.size)
        if not math.prod(self.shape):
            return np.empty(self.shape, elements.dtype)
        strides = tuple(
            step * elements.itemsize if side > 1 else 0 for side, step in zip(self.shape, self.strides, strict=True)
        )
        view = np.lib.stride_tricks.as_strided(elements[self.offset :], self.shape, strides, writeable=False)
        return np.array(view, order="C")

    def _check(self, element_count: int) -> None:
        if any(type(n) is not int or not 0 <= n <= _MAX_NUMBER for n in (self.offset, *self.shape, *self.strides)):
            raise WeightsError(f"its shape, strides and offset aren't integers from 0 to {_MAX_NUMBER}")
        described = f"shape {self.shape}, strides {self.strides} and offset {self.offset}"
        if len(self.shape) != len(self.strides) or len(self.shape) > _MAX_DIMENSIONS:
            raise WeightsError(f"{described}: expected a stride for each of at most {_MAX_DIMENSIONS} sides")
        count = math.prod(self.shape)
        last = self.offset + sum((side - 1) * step for side, step in zip(self.shape, self.strides, strict=True))
        if count and (last >= element_count or count > element_count):
            raise WeightsError(f"{described} reach beyond its storage of {element_count} elements")


class _RebuildTensor:
    __slots__ = ()

    def __call__(self, storage: Any, offset: Any, shape: Any, strides: Any, *_for_training: object) -> TensorView:
        if not isinstance(storage, Storage):
            raise WeightsError(f"a tensor is made of {type(storage).__name__}, expected a storage")
        return TensorView(storage, offset, tuple(shape), tuple(strides))


_MAX_DIMENSIONS = 32  # numpy 1's limit
_MAX_NUMBER = 2**48

_STORAGE_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "|b1",
}


class _MakeOrderedDict:
    """OrderedDict, whose entries Python 2 gave as its argument."""

    __slots__ = ()

    def __call__(self, entries: Any = ()) -> OrderedDict[str, Any]:
        if not isinstance(entries, list) and entries != ():
            raise WeightsError("an ordered dictionary is made of something else than a list")
        if any(type(entry) not in (list, tuple) or len(entry) != 2 for entry in entries):
            raise WeightsError("an ordered dictionary is made of something else than pairs")
        return OrderedDict((_key(key), value) for key, value in entries)


def _key(key: Any) -> str:
    # The hash of a tuple of tuples that share their parts takes as long as the text of them all.
    if type(key) is not str:
        raise WeightsError(f"a dictionary has a key of type {type(key).__name__}, expected names")
    return key


_ALLOWED: dict[tuple[str, str], object] = {
    ("collections", "OrderedDict"): _MakeOrderedDict(),
    ("torch._utils", "_rebuild_tensor_v2"): _RebuildTensor(),
    **{("torch", name): dtype for name, dtype in _STORAGE_DTYPES.items()},
}


# What PyTorch writes, by pickle protocol 2 and, where it was asked to, up to 5. Others take memory as a number in the
# pickle says, make objects that aren't needed, or hash what was made.
_OPCODES = frozenset(
    (
        *("PROTO", "FRAME", "STOP", "MARK", "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "BINPERSID"),
        *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
        *("BINUNICODE", "SHORT_BINUNICODE", "BINSTRING", "SHORT_BINSTRING"),  # the latter two are Python 2's
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST"),
        *("APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
        *("BINPUT", "LONG_BINPUT", "MEMOIZE", "BINGET", "LONG_BINGET"),
    )
)
_MAX_OPCODES = 1_000_000  # a tensor takes some 30


def _check_opcodes(stream: IO[bytes]) -> None:
    """Look through the pickle at the stream's position, which stays, before any of it is run."""
    start = stream.tell()
    if stream.read(1) != pickle.PROTO:
        raise WeightsError("its pickle is broken or cut short: it doesn't begin as one of protocol 2 or later")
    stream.seek(start)
    for count, (opcode, _, position) in enumerate(pickletools.genops(stream)):
        if opcode.name not in _OPCODES:
            raise WeightsError(f"has {opcode.name} at byte {position} of its pickle, which tensors don't need")
        if count == _MAX_OPCODES:
            raise WeightsError(f"its pickle has more than {_MAX_OPCODES} parts")
    stream.seek(start)


# Operations that put entries into dictionaries check their keys first.
def _set_item(unpickler: Any) -> None:
    _key(unpickler.stack[-2])
    pickle._Unpickler.dispatch[pickle.SETITEM[0]](unpickler)


def _set_items(unpickler: Any) -> None:
    for key in unpickler.stack[::2]:
        _key(key)
    pickle._Unpickler.dispatch[pickle.SETITEMS[0]](unpickler)


# The unpickler written in Python: the one in C takes as much memory as a number in the pickle says.
class _Unpickler(pickle._Unpickler):
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **pickle._Unpickler.dispatch,
        pickle.SETITEM[0]: _set_item,
        pickle.SETITEMS[0]: _set_items,
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise WeightsError(
                f"names {module}.{name}, which tensors don't need; such a file could run code, so it isn't read"
            )
        return _ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> Storage:
        match pid:
            case ("storage", str(dtype), str(key), str(), int(count), *view) if (
                dtype in _STORAGE_DTYPES.values() and 0 <= count <= _MAX_NUMBER and view in ([], [None])
            ):
                return Storage(key, dtype, count)
        raise WeightsError("a storage is described in an unknown way")


def _unpickle(stream: IO[bytes]) -> Any:
    try:
        _check_opcodes(stream)
        return _Unpickler(stream, encoding="utf-8").load()
    except WeightsError:
        raise
    except Exception as error:  # a broken pickle can raise nearly anything
        raise WeightsError(f"its pickle is broken or cut short: {type(error).__name__}: {error}") from error


def _views_of(state: object) -> dict[str, TensorView]:
    if not isinstance(state, dict) or not state:
        raise WeightsError(f"holds {type(state).__name__}, expected a dictionary of tensors")
    views: dict[str, TensorView] = {}
    storages: dict[str, Storage] = {}
    for name, value in dict.items(state):
        if not isinstance(name, str) or not isinstance(value, TensorView):
            entry = f"{name!r}: {type(value).__name__}" if isinstance(name, str) else f"under {type(name).__name__}"
            raise WeightsError(f"has an entry {entry}, expected names and tensors")
        if storages.setdefault(value.storage.key, value.storage) != value.storage:
            raise WeightsError(f"storage {value.storage.key!r} is described in two ways")
        views[name] = value
    return views


def _arrays(views: Mapping[str, TensorView], elements_of: Callable[[Storage], Array]) -> dict[str, Array]:
    arrays = {}
    for name, view in views.items():
        try:
            arrays[name] = view.of(elements_of(view.storage))
        except WeightsError as error:
            raise WeightsError(f"{name}: {error}") from error
    return arrays


def _elements(storage: Storage, data: bytes) -> Array:
    expected = storage.element_count * np.dtype(storage.dtype).itemsize
    if len(data) != expected:
        raise WeightsError(f"storage {storage.key!r} has {len(data)} bytes, expected {expected}")
    return np.frombuffer(data, storage.dtype)


def _read_zip(data: bytes) -> dict[str, Array]:
    """The form since PyTorch 1.6: a zip of data.pkl and a file a storage, none of them compressed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        pickles = [name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise WeightsError(f"its zip holds {len(pickles)} files */data.pkl, expected 1")
        root = pickles[0].partition("/")[0]

        def member(name: str) -> bytes:
            try:
                info = archive.getinfo(f"{root}/{name}")
            except KeyError:
                raise WeightsError(f"its zip lacks {root}/{name}") from None
            if info.compress_type != zipfile.ZIP_STORED or info.file_size > len(data):
                raise WeightsError(f"{info.filename} is compressed in its zip, expected it uncompressed")
            return archive.read(info)

        if f"{root}/byteorder" in archive.namelist() and member("byteorder") != b"little":
            raise WeightsError("its numbers are not little-endian")
        views = _views_of(_unpickle(io.BytesIO(member("data.pkl"))))
        return _arrays(views, lambda storage: _elements(storage, member(f"data/{storage.key}")))


_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001


def _read_legacy(data: bytes) -> dict[str, Array]:
    """The form before PyTorch 1.6: five pickles, then each storage as its element count (8 bytes) and its elements."""
    stream = io.BytesIO(data)
    if _unpickle(stream) != _LEGACY_MAGIC:
        raise WeightsError("isn't a PyTorch file: it begins with another pickle than PyTorch's number")
    if _unpickle(stream) != _LEGACY_PROTOCOL:
        raise WeightsError(f"isn't of protocol {_LEGACY_PROTOCOL}, the only one of its form")
    system = _unpickle(stream)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise WeightsError("doesn't say that its numbers are little-endian")
    views = _views_of(_unpickle(stream))
    keys = _unpickle(stream)
    storages = {view.storage.key: view.storage for view in views.values()}
    if not isinstance(keys, list) or any(not isinstance(key, str) for key in keys) or sorted(keys) != sorted(storages):
        raise WeightsError("its list of storages isn't that of its tensors")
    elements: dict[str, Array] = {}
    for key in keys:
        storage = storages[key]
        count = int.from_bytes(stream.read(8), "little")
        if count != storage.element_count:
            raise WeightsError(f"storage {key!r} has {count} elements, expected {storage.element_count}")
        byte_count = count * np.dtype(storage.dtype).itemsize
        elements[key] = _elements(storage, stream.read(min(byte_count, len(data))))
    return _arrays(views, lambda storage: elements[storage.key])


def parse_torch_weights(data: bytes) -> dict[str, Array]:
    """The tensors of a weights file by name, in the file's order. Throws `WeightsError`.

    Two tensors that share a storage become arrays of their own.
    """
    if data[:4] != b"PK\x03\x04":
        return _read_legacy(data)
    try:
        return _read_zip(data)
    except WeightsError:
        raise
    except Exception as error:  # zipfile has no common error for what a broken archive can do
        raise WeightsError(f"its zip is broken or cut short: {type(error).__name__}: {error}") from error


def read_torch_weights(path: str | Path) -> dict[str, Array]:
    """As `parse_torch_weights`, from a file; the message of a `WeightsError` begins with the path."""
    try:
        return parse_torch_weights(Path(path).read_bytes())
    except WeightsError as error:
        raise WeightsError(f"{path}: {error}") from error
