"""The reader of PyTorch's files: what it reads, and that no file makes it run code or read beyond the file."""

import io
import os
import pickle
import pickletools
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from recipes.torch_weights import WeightsError, parse_torch_weights, read_torch_weights

FORMS = ("zip", "legacy")


def body(value: object) -> bytes:
    """Opcodes that put a plain value onto the stack."""
    return pickletools.optimize(pickle.dumps(value, 2))[2:-1]


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def tuple_of(*parts: bytes) -> bytes:
    return b"(" + b"".join(parts) + b"t"


def storage(count: int, kind: str = "FloatStorage", key: str = "0", form: str = "zip") -> bytes:
    view = [b"N"] if form == "legacy" else []
    return tuple_of(body("storage"), named("torch", kind), body(key), body("cpu"), body(count), *view) + b"Q"


def tensor(of: bytes, offset: object, shape: object, strides: object) -> bytes:
    hooks = named("collections", "OrderedDict") + b")R"
    arguments = tuple_of(of, body(offset), body(shape), body(strides), body(False), hooks)
    return named("torch._utils", "_rebuild_tensor_v2") + arguments + b"R"


def state(**tensors: bytes) -> bytes:
    entries = b"".join(body(name) + value for name, value in tensors.items())
    return b"\x80\x02" + named("collections", "OrderedDict") + b")R(" + entries + b"u."


def zip_file(pickled: bytes, storages: dict[str, np.ndarray], **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("net/data.pkl", pickled)
        for key, elements in storages.items():
            archive.writestr(f"net/data/{key}", elements.tobytes())
        for name, data in more.items():
            archive.writestr(f"net/{name}", data)
    return out.getvalue()


def legacy_file(pickled: bytes, storages: dict[str, np.ndarray], little_endian: bool = True) -> bytes:
    head = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": little_endian}]
    parts = [pickle.dumps(value, 2) for value in head] + [pickled, pickle.dumps(sorted(storages), 2)]
    for key in sorted(storages):
        parts += [len(storages[key]).to_bytes(8, "little"), storages[key].tobytes()]
    return b"".join(parts)


def file_of(form: str, pickled: bytes, storages: dict[str, np.ndarray]) -> bytes:
    return zip_file(pickled, storages) if form == "zip" else legacy_file(pickled, storages)


SIX = np.arange(6, dtype="<f4")


def six(form: str = "zip", **tensors: bytes) -> bytes:
    """A file whose storage 0 holds 0 to 5."""
    return file_of(form, state(**tensors), {"0": SIX})


@pytest.mark.parametrize("form", FORMS)
def test_views_of_one_storage(form: str) -> None:
    of = storage(6, form=form)
    data = six(
        form,
        whole=tensor(of, 0, (2, 3), (3, 1)),
        transposed=tensor(of, 0, (3, 2), (1, 3)),
        column=tensor(of, 1, (2,), (3,)),
        scalar=tensor(of, 4, (), ()),
        none=tensor(of, 0, (0, 3), (3, 1)),
    )
    read = parse_torch_weights(data)
    assert list(read) == ["whole", "transposed", "column", "scalar", "none"]
    whole = SIX.reshape(2, 3)
    expected = {"whole": whole, "transposed": whole.T, "column": whole[:, 1], "scalar": SIX[4], "none": whole[:0]}
    for name, array in expected.items():
        assert read[name].shape == array.shape
        np.testing.assert_array_equal(read[name], array)
    read["whole"][:] = 9
    assert read["scalar"] == 4


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("DoubleStorage", "f8"),
        ("HalfStorage", "f2"),
        ("LongStorage", "i8"),
        ("CharStorage", "i1"),
        ("BoolStorage", "?"),
    ],
)
def test_storage_types(form: str, kind: str, dtype: str) -> None:
    elements = np.array([1, 0, 1], dtype)
    data = file_of(form, state(x=tensor(storage(3, kind, form=form), 0, (3,), (1,))), {"0": elements})
    read = parse_torch_weights(data)["x"]
    assert read.dtype == elements.dtype
    np.testing.assert_array_equal(read, elements)


class Touch:
    """Its pickle makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.command = f"touch {path}"

    def __reduce__(self):
        return os.system, (self.command,)


def call(module: str, name: str, argument: object) -> bytes:
    return named(module, name) + tuple_of(body(argument)) + b"R"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("nested", [False, True])
def test_a_pickle_that_runs_a_command_runs_nothing(form: str, protocol: int, nested: bool, tmp_path: Path) -> None:
    touch = Touch(tmp_path / "touched")
    pickled = pickle.dumps({"a": [{"b": (1, touch)}]} if nested else touch, protocol)
    with pytest.raises(WeightsError, match=r"names (posix|os)\.system|protocol 2 or later"):
        parse_torch_weights(file_of(form, pickled, {}))
    assert not (tmp_path / "touched").exists()
    pickle.loads(pickled)
    assert (tmp_path / "touched").exists()


@pytest.mark.parametrize(
    "value",
    [
        call("builtins", "eval", "1"),
        call("__builtin__", "eval", "1"),
        call("builtins", "getattr", "x"),
        call("torch.storage", "_load_from_bytes", b"x"),
        call("torch", "load", "x"),
        call("torch._utils", "_rebuild_parameter", "x"),
        call("numpy.core.multiarray", "_reconstruct", "x"),
        named("collections", "namedtuple"),
        b"\x8c\x0bcollections\x8c\x14OrderedDict.__init__\x93",
        b"(S'1'\nibuiltins\neval\n",
    ],
)
@pytest.mark.parametrize("where", ["value", "argument", "storage"])
def test_any_other_name_is_refused(value: bytes, where: str) -> None:
    places = {
        "value": value,
        "argument": named("torch._utils", "_rebuild_tensor_v2") + tuple_of(value, body(0)) + b"R",
        "storage": tuple_of(body("storage"), value, body("0"), body("cpu"), body(6)) + b"Q",
    }
    with pytest.raises(WeightsError, match=r"(names \S+|has \w+ at byte \d+ of its pickle), which tensors don't need"):
        parse_torch_weights(six(x=places[where]))


@pytest.mark.parametrize(
    "attributes", [{"shape": (10**6,), "element_count": 10**6, "dtype": "<f8", "of": 1}, (None, {"shape": (10**6,)})]
)
@pytest.mark.parametrize(
    "target",
    [
        tensor(storage(6), 0, (6,), (1,)),
        storage(6),
        named("torch", "FloatStorage"),
        named("torch._utils", "_rebuild_tensor_v2"),
        named("collections", "OrderedDict"),
    ],
)
def test_what_a_pickle_has_made_it_cant_change(target: bytes, attributes: object) -> None:
    with pytest.raises(WeightsError, match="broken"):
        parse_torch_weights(six(x=target + body(attributes) + b"b"))
    np.testing.assert_array_equal(parse_torch_weights(six(x=tensor(storage(6), 0, (6,), (1,))))["x"], SIX)


BEYOND = {
    "offset": (6, (1,), (1,)),
    "sides": (0, (7,), (1,)),
    "strides": (0, (2, 3), (4, 1)),
    "stride 0 to make much of little": (0, (10**6, 10**6), (0, 0)),
    "far offset": (2**47, (1,), (1,)),
}
NO_COUNTS = {
    "negative offset": (-1, (1,), (1,)),
    "negative side": (0, (-1,), (1,)),
    "negative stride": (5, (6,), (-1,)),
    "huge": (0, (2**63,), (1,)),
    "digits without end": (0, (10**5000,), (1,)),
    "fraction": (0, (1.0,), (1,)),
    "truth": (0, (True,), (1,)),
    "text": (0, "6", (1,)),
    "a stride too few": (0, (2, 3), (1,)),
    "too many sides": (0, (1,) * 33, (1,) * 33),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [*BEYOND, *NO_COUNTS])
def test_tensors_stay_within_their_storage(form: str, name: str) -> None:
    view = {**BEYOND, **NO_COUNTS}[name]
    with pytest.raises(WeightsError, match="reach beyond" if name in BEYOND else "aren't integers|expected a stride"):
        parse_torch_weights(six(form, x=tensor(storage(6, form=form), *view)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [5, 7, 2**40, 2**48])
def test_a_storage_holds_what_it_says(form: str, count: int) -> None:
    with pytest.raises(WeightsError, match=r"storage '0' has \d+ (bytes|elements), expected"):
        parse_torch_weights(six(form, x=tensor(storage(count, form=form), 0, (1,), (1,))))


def shared(levels: int) -> bytes:
    """A tuple of two that are one tuple of two ...: little to write, and endless to hash or show."""
    return b")" + b"".join(b"q%ch%c\x86" % (level, level) for level in range(levels))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "value",
    [
        b"}" + shared(200) + b"Ns",
        b"}(" + shared(200) + b"Nu",
        named("collections", "OrderedDict") + tuple_of(b"](" + tuple_of(shared(200), b"N") + b"e") + b"R",
        b"\x8f(" + shared(200) + b"\x90",  # a set
        b"\x96" + (2**40).to_bytes(8, "little"),  # a bytearray of 1 TiB
        b"N" * 1_100_000,
        tensor(storage(10**5000), 0, (1,), (1,)),
        tensor(shared(200), 0, (1,), (1,)),
        tensor(storage(6), 0, shared(200), (1,)),
    ],
)
def test_no_pickle_takes_time_or_memory_without_end(form: str, value: bytes) -> None:
    start = time.process_time()
    with pytest.raises(WeightsError):
        parse_torch_weights(six(form, x=value))
    assert time.process_time() - start < 30


def test_files_that_are_no_weights() -> None:
    good = tensor(storage(6), 0, (6,), (1,))
    wrong = {
        b"": "broken",
        b"hello": "broken",
        b"\x80\x02}.": "isn't a PyTorch file",
        zip_file(b"\x80\x02].", {}): "expected a dictionary",
        zip_file(b"\x80\x02}.", {}): "expected a dictionary",
        zip_file(state(x=body(1)), {}): "'x': int",
        zip_file(state(x=good), {}): "lacks net/data/0",
        zip_file(state(x=good), {"0": SIX}, byteorder=b"big"): "little-endian",
        zip_file(state(x=good, y=tensor(storage(3, "DoubleStorage"), 0, (3,), (1,))), {"0": SIX}): "two ways",
        legacy_file(state(x=good), {"0": SIX}, little_endian=False): "little-endian",
        legacy_file(state(x=good), {"0": SIX, "1": SIX}): "its list of storages",
    }
    for data, reason in wrong.items():
        with pytest.raises(WeightsError, match=reason):
            parse_torch_weights(data)


def test_a_compressed_zip_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data.pkl", bytes(10**6))
    with pytest.raises(WeightsError, match="compressed"):
        parse_torch_weights(out.getvalue())


@pytest.mark.parametrize("form", FORMS)
def test_every_cut_and_every_flipped_byte_is_an_error_or_an_answer(form: str) -> None:
    data = six(form, x=tensor(storage(6, form=form), 0, (6,), (1,)))
    for length in range(len(data)):
        with pytest.raises(WeightsError):
            parse_torch_weights(data[:length])
    for index in range(len(data)):
        for flip in (0x01, 0x40, 0xFF):
            try:
                parse_torch_weights(data[:index] + bytes([data[index] ^ flip]) + data[index + 1 :])
            except WeightsError:
                continue


def test_a_files_error_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "net.pth").write_bytes(b"hello")
    with pytest.raises(WeightsError, match=r"net\.pth: its pickle is broken"):
        read_torch_weights(tmp_path / "net.pth")
