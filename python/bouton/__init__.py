"""bouton: neural networks whose connections have a sign and a bound.

>>> import bouton
>>> net = bouton.load("digits.btn").train()      # as `bouton train digits.btn`
>>> net.predict(images)                          # doctest: +SKIP
>>> net.save("digits.safetensors")               # doctest: +SKIP

:func:`compile`, :func:`load` and :func:`loads` make a :class:`Network`. :class:`BoutonClassifier` and
:class:`BoutonFeatures` are estimators for scikit-learn, which they need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._library import __version__
from ._network import Layer, Layers, Network, Why, compile, load, loads
from .errors import (
    BoutonError,
    DataError,
    Fault,
    FileError,
    NotTrainedError,
    OutOfMemory,
    TextError,
    UsageError,
)

if TYPE_CHECKING:
    from .estimators import BoutonClassifier, BoutonFeatures

__all__ = [
    "BoutonClassifier",
    "BoutonError",
    "BoutonFeatures",
    "DataError",
    "Fault",
    "FileError",
    "Layer",
    "Layers",
    "Network",
    "NotTrainedError",
    "OutOfMemory",
    "TextError",
    "UsageError",
    "Why",
    "__version__",
    "compile",
    "load",
    "loads",
]


def __getattr__(name: str) -> Any:
    """The estimators are imported when they are asked for, because only they need scikit-learn."""
    if name in ("BoutonClassifier", "BoutonFeatures"):
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'bouton' has no attribute {name!r}")
