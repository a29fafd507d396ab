"""Exceptions. Each is a :class:`BoutonError` and one of Python's own kinds."""

from __future__ import annotations

import json
import logging
from typing import Any

from ._library import lib

log = logging.getLogger("bouton")


class BoutonError(Exception):
    """An error of bouton.

    Attributes
    ----------
    code : str or None
        The code of the first diagnostic of a text, for example ``"E0202"``.
    line, column : int or None
        Its place in the text, from 1.
    help : str or None
        The proposed correction.
    file : str or None
        The name of the text.
    diagnostics : list of dict
        All diagnostics, with the keys of ``bouton check --diagnostics json``.
    """

    def __init__(self, message: str, diagnostics: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics or []
        first = next((d for d in self.diagnostics if d.get("severity") == "error"), {})
        self.code: str | None = first.get("code")
        self.line: int | None = first.get("line")
        self.column: int | None = first.get("column")
        self.help: str | None = first.get("help")
        self.file: str | None = first.get("file")

    def __reduce__(self) -> tuple:
        return type(self), (str(self), self.diagnostics)


class TextError(BoutonError, ValueError):
    """The text of a network has mistakes. Printed, it shows each with its line and a caret."""


class DataError(BoutonError, ValueError):
    """Samples, labels or settings do not fit the network."""


class UsageError(BoutonError, ValueError):
    """Something was asked for that does not exist."""


class NotTrainedError(UsageError, AttributeError):
    """The network has not been trained."""


class FileError(BoutonError, OSError):
    """A file is missing, unreadable, malformed or can't be written."""


class Fault(BoutonError, RuntimeError):
    """A fault of bouton itself."""


class OutOfMemory(Fault, MemoryError):
    """There is not enough memory."""


OK, STOPPED = 0, 5
KINDS = {1: DataError, 2: UsageError, 3: FileError, 4: Fault}


def _kind(code: int, text: str, diagnostics: list) -> type[BoutonError]:
    if diagnostics:
        return TextError
    if "has not been trained" in text:
        return NotTrainedError
    if code == 4 and text.lower().startswith("out of memory"):
        return OutOfMemory
    return KINDS.get(code, Fault)


class Status:
    """What calls of the library came to. A thread has its own, because each call begins it anew."""

    def __init__(self) -> None:
        self.handle = lib.status_new()
        if not self.handle:
            raise MemoryError

    def __del__(self) -> None:
        if getattr(self, "handle", None):
            lib.status_free(self.handle)
            self.handle = None

    def _diagnostics(self) -> list[dict[str, Any]]:
        text = lib.status_diagnostics(self.handle)
        return json.loads(text.decode("utf-8", "replace"))["diagnostics"] if text else []

    def tell(self) -> None:
        """Logs the notes and warnings of the last call."""
        notes = lib.status_notes(self.handle)
        for note in json.loads(notes.decode("utf-8", "replace")) if notes != b"[]" else []:
            log.log(logging.WARNING if note["kind"] == "warning" else logging.INFO, "%s", note["text"])

    def check(self, code: int) -> int:
        """Raises the exception of an error; returns ``OK`` or ``STOPPED``."""
        self.tell()
        if code in (OK, STOPPED):
            return code
        text = lib.status_text(self.handle).decode("utf-8", "replace")
        diagnostics = self._diagnostics()
        diagnostics = diagnostics if any(d["severity"] == "error" for d in diagnostics) else []
        raise _kind(code, text, diagnostics)(text, diagnostics)
