"""Arrays of Python as arrays of the library, without a copy where the library can use them where they lie."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from ._library import lib
from .errors import DataError, Status

TYPES = {"u1": 0, "i1": 1, "u2": 2, "i2": 3, "u4": 4, "i4": 5, "u8": 6, "i8": 7, "f4": 8, "f8": 9}


def as_numbers(values: Any, name: str) -> np.ndarray:
    """An array of numbers that the library knows, in the machine's byte order; no copy if it is one already."""
    if hasattr(values, "tocsr") and not isinstance(values, np.ndarray):
        raise TypeError(f"{name} is sparse; pass {name}.toarray()")
    array = np.asarray(values)
    if array.dtype == object:
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            raise DataError(f"{name}: its values are no numbers") from None
    if array.dtype == bool:
        return array.view(np.uint8)
    if array.dtype.kind not in "uif":
        raise DataError(f"{name}: values of type {array.dtype} are no numbers; {name} must be of integers or floats")
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array


class Array:
    """A handle for an array, which it keeps alive."""

    def __init__(self, values: np.ndarray, status: Status) -> None:
        self.handle = None
        self.values = values
        if values.ndim < 1 or values.ndim > 4:
            raise DataError(f"an array of {values.ndim} dimensions; samples have 1 to 4, the first of which counts them")
        shape = (ctypes.c_uint64 * values.ndim)(*values.shape)
        strides = (ctypes.c_int64 * values.ndim)(*values.strides)
        out = ctypes.c_void_p()
        kind = TYPES[values.dtype.kind + str(values.dtype.itemsize)]
        status.check(
            lib.array_new(values.ctypes.data, kind, values.ndim, shape, strides, ctypes.byref(out), status.handle)
        )
        self.handle = out

    @property
    def copies(self) -> bool:
        return bool(lib.array_copies(self.handle))

    def __len__(self) -> int:
        return self.values.shape[0]

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            lib.array_free(self.handle)
            self.handle = None


class Data:
    """A handle for the samples of a training, by their splits."""

    def __init__(self, splits: dict[str, tuple[Array, Array | None]], status: Status) -> None:
        self.handle = None
        self.splits = splits  # kept alive
        out = ctypes.c_void_p()
        status.check(lib.data_new(ctypes.byref(out), status.handle))
        self.handle = out
        for split, (samples, labels) in splits.items():
            handle = labels.handle if labels is not None else None
            status.check(lib.data_add(out, split.encode(), samples.handle, handle, status.handle))

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            lib.data_free(self.handle)
            self.handle = None


def tensor(network: ctypes.c_void_p, layer: str, numbers: str, status: Status) -> np.ndarray:
    """A read-only view of a tensor, which the view keeps alive."""
    out = ctypes.c_void_p()
    status.check(lib.tensor_new(network, layer.encode(), numbers.encode(), ctypes.byref(out), status.handle))
    owner = _Tensor(out)
    sides = (ctypes.c_uint64 * 4)()
    shape = tuple(sides[: lib.tensor_shape(out, sides)])
    kind = np.dtype(np.int8 if lib.tensor_type(out) == TYPES["i1"] else np.float32)
    size = int(np.prod(shape)) * kind.itemsize
    buffer = (ctypes.c_char * size).from_address(lib.tensor_values(out))
    buffer._tensor = owner
    array = np.frombuffer(buffer, dtype=kind).reshape(shape)
    array.flags.writeable = False
    return array


class _Tensor:
    def __init__(self, handle: ctypes.c_void_p) -> None:
        self.handle = handle

    def __del__(self) -> None:
        lib.tensor_free(self.handle)
