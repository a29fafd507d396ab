"""The shared library of bouton, and its functions as ``ctypes`` calls them."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path

INTERFACE = 1  # BOUTON_FLAT_VERSION of bouton/bouton.h
SONAME = "libbouton.so.0.1"

Progress = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p)

# The functions of bouton/bouton.h: result and arguments. The last argument of most is the status.
FUNCTIONS = {
    "version": (c_char_p,),
    "interface_version": (c_uint32,),
    "release": (None, c_void_p),
    "status_new": (c_void_p,),
    "status_free": (None, c_void_p),
    "status_code": (c_int, c_void_p),
    "status_text": (c_char_p, c_void_p),
    "status_diagnostics": (c_char_p, c_void_p),
    "status_notes": (c_char_p, c_void_p),
    "array_new": (c_int, c_void_p, c_int, c_uint32, POINTER(c_uint64), POINTER(c_int64), POINTER(c_void_p), c_void_p),
    "array_free": (None, c_void_p),
    "array_copies": (c_int, c_void_p),
    "data_new": (c_int, POINTER(c_void_p), c_void_p),
    "data_add": (c_int, c_void_p, c_char_p, c_void_p, c_void_p, c_void_p),
    "data_free": (None, c_void_p),
    "compile": (c_int, c_char_p, c_char_p, c_size_t, POINTER(c_char_p), POINTER(c_void_p), c_void_p),
    "load": (c_int, c_char_p, POINTER(c_char_p), POINTER(c_void_p), c_void_p),
    "load_bytes": (c_int, c_char_p, c_char_p, c_size_t, POINTER(c_char_p), POINTER(c_void_p), c_void_p),
    "free": (None, c_void_p),
    "values": (c_uint64, c_void_p),
    "classes": (c_uint32, c_void_p),
    "trained": (c_int, c_void_p),
    "train": (c_int, c_void_p, c_void_p, c_int64, c_uint32, Progress, c_void_p, c_void_p),
    "train_on": (c_int, c_void_p, c_void_p, c_int64, c_uint32, Progress, c_void_p, c_void_p),
    "history": (c_int, c_void_p, POINTER(c_void_p), c_void_p),
    "predict": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "why": (c_int, c_void_p, c_void_p, c_uint64, c_int64, POINTER(c_void_p), c_void_p),
    "score": (c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), c_void_p),
    "describe": (c_int, c_void_p, POINTER(c_void_p), c_void_p),
    "tensor_new": (c_int, c_void_p, c_char_p, c_char_p, POINTER(c_void_p), c_void_p),
    "tensor_values": (c_void_p, c_void_p),
    "tensor_type": (c_int, c_void_p),
    "tensor_shape": (c_uint32, c_void_p, POINTER(c_uint64)),
    "tensor_free": (None, c_void_p),
    "save": (c_int, c_void_p, c_char_p, c_void_p),
    "save_bytes": (c_int, c_void_p, POINTER(c_void_p), POINTER(c_size_t), c_void_p),
    "run": (c_int, c_void_p, c_char_p, POINTER(c_char_p), POINTER(c_void_p), c_void_p),
}


def _candidates() -> list[str]:
    """$BOUTON_LIBRARY alone, or the library of the wheel and that of the system."""
    given = os.environ.get("BOUTON_LIBRARY")
    if given:
        return [given]
    own = Path(__file__).parent / "lib" / SONAME
    return ([str(own)] if own.exists() else []) + [SONAME]


def _open() -> ctypes.CDLL:
    reasons = []
    for name in _candidates():
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            reasons.append(str(error))
    raise ImportError(
        "bouton's shared library can't be loaded: " + "; ".join(reasons) + ". Install Debian's package libbouton0.1, "
        "or name the library in $BOUTON_LIBRARY."
    )


def _load() -> ctypes.CDLL:
    library = _open()
    name = library._name
    try:
        found = library.bouton_interface_version()
    except AttributeError:
        raise ImportError(f"{name} is not bouton's library: it has no bouton_interface_version") from None
    if found != INTERFACE:
        raise ImportError(
            f"{name} has version {found} of the interface, but this package needs version {INTERFACE}. "
            "Install the library and the package of the same version."
        )
    for name, (result, *arguments) in FUNCTIONS.items():
        function = getattr(library, "bouton_" + name)
        function.restype = result
        function.argtypes = arguments
        setattr(library, name, function)
    return library


lib = _load()
__version__: str = lib.version().decode()


def words(options: list[str]) -> ctypes.Array:
    """Words of a command line, with NULL at the end."""
    return (c_char_p * (len(options) + 1))(*[os.fsencode(word) for word in options], None)


def take_text(pointer: c_void_p) -> str:
    """Copies a text of the library and releases it."""
    text = ctypes.string_at(pointer.value).decode("utf-8", "replace") if pointer.value else ""
    lib.release(pointer)
    return text
