"""Networks: a text or a trained model behind one object."""

from __future__ import annotations

import ctypes
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
from numpy.typing import ArrayLike

from . import _html
from ._arrays import Array, Data, as_numbers, tensor
from ._library import Progress, lib, take_text, words
from ._progress import ProgressLike, Watch
from .errors import OK, DataError, Status

PathLike = Union[str, "os.PathLike[str]"]
_own = threading.local()


def _status() -> Status:
    """The status of this thread."""
    if not hasattr(_own, "status"):
        _own.status = Status()
    return _own.status


def _options(
    set: Optional[Mapping[str, Any]] = None,
    network: Optional[str] = None,
    data: Optional[PathLike] = None,
    cpu: Optional[str] = None,
    threads: int = 0,
) -> list[str]:
    options = [f"--set={name}={value}" for name, value in (set or {}).items()]
    for name, value in (("network", network), ("data", data), ("cpu", cpu), ("threads", threads or None)):
        if value is not None:
            options.append(f"--{name}={os.fspath(value) if name == 'data' else value}")
    return options


def compile(
    text: str,
    *,
    name: str = "network.btn",
    set: Optional[Mapping[str, Any]] = None,
    network: Optional[str] = None,
    data: Optional[PathLike] = None,
    cpu: Optional[str] = None,
    threads: int = 0,
) -> Network:
    """Checks and compiles a text.

    Parameters
    ----------
    text : str
        The text of a network; `bouton help language` and docs/language.md describe it.
    name : str
        The name of the text in messages and in the model file. Includes and data are looked up beside it.
    set : mapping, optional
        Values for ``let`` constants of the text, as ``--set`` gives them.
    network : str, optional
        The network to use if the text holds several.
    data : path, optional
        The folder of the data files that the text names.
    cpu : str, optional
        The processor to compile for; default: this one.
    threads : int
        Threads for answers; 0: every processor.

    Returns
    -------
    Network
        The network, not trained yet.

    Raises
    ------
    TextError
        The text has mistakes.

    Examples
    --------
    >>> net = bouton.compile("network n { input vector(4);  layer class = dense(3); }"
    ...                      "schedule { phase learn { correct class; epochs 20; } }")
    >>> net.train(X, y).predict(X[:5])  # doctest: +SKIP
    """
    encoded = text.encode()
    out = ctypes.c_void_p()
    status = _status()
    options = words(_options(set, network, data, cpu, threads))
    status.check(
        lib.compile(os.fsencode(name), encoded, len(encoded), options, ctypes.byref(out), status.handle)
    )
    return Network(out)


def load(
    path: PathLike,
    *,
    set: Optional[Mapping[str, Any]] = None,
    network: Optional[str] = None,
    data: Optional[PathLike] = None,
    cpu: Optional[str] = None,
    threads: int = 0,
) -> Network:
    """Loads a trained model (``.safetensors``), or compiles a file of text (``.btn``). See :func:`compile`."""
    out = ctypes.c_void_p()
    status = _status()
    options = words(_options(set, network, data, cpu, threads))
    status.check(lib.load(os.fsencode(path), options, ctypes.byref(out), status.handle))
    return Network(out)


def loads(model: bytes, *, name: str = "model", cpu: Optional[str] = None, threads: int = 0) -> Network:
    """Loads a trained model from its bytes, those of :meth:`Network.to_bytes`."""
    out = ctypes.c_void_p()
    status = _status()
    options = words(_options(cpu=cpu, threads=threads))
    status.check(
        lib.load_bytes(os.fsencode(name), model, len(model), options, ctypes.byref(out), status.handle)
    )
    return Network(out)


def _load_text(text: str, name: str, options: list[str]) -> Network:
    """How a network that has not been trained comes back from a pickle."""
    encoded = text.encode()
    out = ctypes.c_void_p()
    status = _status()
    status.check(
        lib.compile(os.fsencode(name), encoded, len(encoded), words(options), ctypes.byref(out), status.handle)
    )
    return Network(out)


@dataclass(frozen=True)
class Why:
    """What each value of a sample added to the drive of a class.

    Attributes
    ----------
    answer : int
        The class that the network answers with.
    label : int
        The class explained.
    drive : float
        Its drive: the sum of ``adds`` and ``thresholds``, but for rounding.
    thresholds : float
        What no value added.
    adds : ndarray of float64
        What each value added, in the shape of a sample; below 0: against the class.
    names : list of str or None
        The names of the values, of tables.
    after : str or None
        The encoding whose values are told; None: raw values.
    probabilities, levels : ndarray of float32, shape (classes,)
    """

    answer: int
    label: int
    drive: float
    thresholds: float
    adds: np.ndarray
    names: Optional[list[str]]
    after: Optional[str]
    probabilities: np.ndarray
    levels: np.ndarray

    def top(self, count: int = 8) -> list[tuple[str, float]]:
        """The values that added most, for or against, largest first."""
        flat = self.adds.ravel()
        order = np.argsort(-np.abs(flat), kind="stable")[:count]
        names = self.names or [
            str(i[0]) if len(i) == 1 else str(tuple(int(j) for j in i))
            for i in np.ndindex(self.adds.shape)
        ]
        return [(names[i], float(flat[i])) for i in order if flat[i] != 0]

    def _repr_html_(self) -> str:
        return _html.why(self)


@dataclass(frozen=True)
class Layer:
    """A layer with its numbers, as the model file holds them.

    ``alpha``, ``sign``, ``theta`` and ``gain`` are read-only arrays that stay valid when the network is gone or trained
    again: ``alpha`` float32 and ``sign`` int8 of shape (neurons, inputs), of a convolution (filters, height, width,
    channels); ``theta`` and ``gain`` float32 of shape (neurons,).
    """

    name: str
    kind: str
    neurons: int
    connections: int
    parameters: int
    _network: Network = field(repr=False, compare=False)

    def tensor(self, numbers: str) -> np.ndarray:
        """Numbers of this layer by their name in the model file, such as ``"conscience"``."""
        return tensor(self._network._handle, self.name, numbers, _status())

    @property
    def alpha(self) -> np.ndarray:
        return self.tensor("alpha")

    @property
    def sign(self) -> np.ndarray:
        return self.tensor("sign")

    @property
    def theta(self) -> np.ndarray:
        return self.tensor("theta")

    @property
    def gain(self) -> np.ndarray:
        return self.tensor("gain")


class Layers(Mapping[str, Layer]):
    """The layers of a network by their names, in their order."""

    def __init__(self, layers: dict[str, Layer]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> Layer:
        return self._layers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        return f"Layers({', '.join(self._layers)})"


class Network:
    """A compiled network. :func:`compile`, :func:`load` and :func:`loads` make it.

    Samples are arrays of shape (n, values), (n, height, width) or (n, height, width, channels), as the input of the text
    is a vector, a grey image or another; flat rows stand for images, too. C-contiguous ``uint8`` and ``float32`` are used
    where they lie; other types and layouts are copied once in each call, to ``float32``. One sample may be given without
    its first dimension.

    Several threads may use one network. Answers of several threads are computed side by side.
    """

    def __init__(self, handle: ctypes.c_void_p) -> None:
        self._handle = handle
        self._info: Optional[dict] = None

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            lib.free(self._handle)
            self._handle = None

    # ---- what it is ----

    @property
    def trained(self) -> bool:
        """Whether it was trained, or loaded as a trained model."""
        return bool(lib.trained(self._handle))

    @property
    def info(self) -> dict[str, Any]:
        """The network as ``bouton info --json`` tells it."""
        if self._info is None:
            out = ctypes.c_void_p()
            status = _status()
            status.check(lib.describe(self._handle, ctypes.byref(out), status.handle))
            self._info = json.loads(take_text(out))
        return self._info

    @property
    def name(self) -> str:
        """The network's name in its text."""
        return self.info["network"]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        shape = self.info["input"]
        sides = (shape["height"], shape["width"], shape["channels"])
        if not shape["image"] and shape["channels"] == 1:
            return (shape["width"],)
        return sides if shape["channels"] > 1 else sides[:2]

    @property
    def n_classes(self) -> int:
        """Neurons of the last layer."""
        return int(lib.classes(self._handle))

    @property
    def classes(self) -> Optional[list[str]]:
        """The names of the classes; None where they are numbered."""
        schema = self.info.get("schema") or {}
        return schema.get("classes") or None

    @property
    def layers(self) -> Layers:
        """The layers by their names."""
        keys = ("kind", "neurons", "connections", "parameters")
        return Layers({f["layer"]: Layer(f["layer"], *(f[k] for k in keys), self) for f in self.info["layers"]})

    @property
    def text(self) -> str:
        """The text in canonical layout, with the values that ``set`` gave."""
        return self.run("dump", "--stage=ast")

    def __repr__(self) -> str:
        layers = ", ".join(f"{layer.name} {layer.neurons}" for layer in self.layers.values())
        return f"<bouton.Network {self.name}: {layers}; {'trained' if self.trained else 'not trained'}>"

    def _repr_html_(self) -> str:
        return _html.network(self)

    # ---- samples ----

    def _samples(self, X: ArrayLike, status: Status) -> Array:
        values = as_numbers(X, "X")
        size = int(lib.values(self._handle))
        if values.size == size and (values.ndim == 0 or values.shape[0] != 1 or values.ndim == len(self.shape)):
            values = values[np.newaxis]
        return Array(values, status)

    def _labels(self, y: ArrayLike, count: int, status: Status) -> Array:
        values = as_numbers(y, "y")
        if values.ndim == 0 or values.shape[0] != count:
            raise DataError(
                f"y has {values.size} labels for {count} samples: inconsistent numbers of samples"
            )
        return Array(values, status)

    # ---- training ----

    def train(
        self,
        X: Optional[ArrayLike] = None,
        y: Optional[ArrayLike] = None,
        *,
        validation: Optional[tuple[ArrayLike, ArrayLike]] = None,
        test: Optional[tuple[ArrayLike, ArrayLike]] = None,
        seed: Optional[int] = None,
        threads: int = 0,
        progress: ProgressLike = None,
        further: bool = False,
    ) -> Network:
        """Trains by the schedule of the text, from the beginning.

        The same samples, text and seed give the model of ``bouton train``, byte for byte, for any number of threads.

        Parameters
        ----------
        X : array of shape (n, ...), optional
            Samples; see the class. Default: the data that the text names.
        y : array of shape (n,), optional
            Labels, whole numbers from 0 on. Networks that only compete need none.
        validation, test : tuple of arrays, optional
            More samples with their labels.
        seed : int, optional
            Seed of all random numbers; default: that of the text.
        threads : int
            0: every processor.
        progress : True or function, optional
            True: a bar where tqdm is installed, otherwise a line for each epoch. A function is called about ten times a
            second with a dict ("phase", "epoch", "epochs", "samples", "total", "error", "accuracy", "validation", "end",
            "best"; or "stage" alone); False from it stops the training cleanly. The logger ``bouton`` gets a line for each
            epoch in every case.
        further : bool
            Train from the present state on: one more run of the schedule.

        Returns
        -------
        Network
            Itself.

        Raises
        ------
        DataError
            The samples or labels do not fit the network, which then has not been trained.
        KeyboardInterrupt
            Ctrl-C. The network holds the state so far.
        """
        status = _status()
        data = self._data(X, y, validation, test, status)
        self._info = None
        watch = Watch(progress)
        train = lib.train_on if further else lib.train
        with watch:
            code = train(
                self._handle,
                data.handle if data is not None else None,
                -1 if seed is None else seed,
                threads,
                watch.callback,
                None,
                status.handle,
            )
        watch.check()
        status.check(code)
        return self

    def _data(self, X: Any, y: Any, validation: Any, test: Any, status: Status) -> Optional[Data]:
        if X is None:
            if y is not None or validation is not None or test is not None:
                raise DataError("labels or further samples without X; give X, too")
            return None
        splits = {"train": (X, y), "validation": validation, "test": test}
        arrays = {}
        for split, given in splits.items():
            if given is not None:
                samples = self._samples(given[0], status)
                labels = self._labels(given[1], len(samples), status) if given[1] is not None else None
                arrays[split] = (samples, labels)
        return Data(arrays, status)

    @property
    def history(self) -> list[dict[str, Any]]:
        """What each epoch came to: dicts with "phase", "epoch", "error", "accuracy", "validation", "best", "live"."""
        out = ctypes.c_void_p()
        status = _status()
        status.check(lib.history(self._handle, ctypes.byref(out), status.handle))
        return json.loads(take_text(out))

    # ---- answers ----

    def _answer(self, X: ArrayLike, what: str) -> np.ndarray:
        status = _status()
        samples = self._samples(X, status)
        shape = (len(samples),) if what == "labels" else (len(samples), self.n_classes)
        out = np.empty(shape, np.uint32 if what == "labels" else np.float32)
        place = [out.ctypes.data if what == name else None for name in ("labels", "levels", "probabilities")]
        status.check(lib.predict(self._handle, samples.handle, *place, status.handle))
        return out

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Labels, uint32 of shape (n,)."""
        return self._answer(X, "labels")

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Probabilities of the classes, float32 of shape (n, classes); rows sum to 1."""
        return self._answer(X, "probabilities")

    def levels(self, X: ArrayLike) -> np.ndarray:
        """Levels of the last layer's neurons, float32 of shape (n, neurons), in [0, 1]."""
        return self._answer(X, "levels")

    def why(self, x: ArrayLike, label: Optional[int] = None) -> Why:
        """What each value of a sample added to a class; default: the class of the answer."""
        status = _status()
        samples = self._samples(x, status)
        if len(samples) != 1:
            raise DataError(f"why explains one sample, and {len(samples)} were given")
        out = ctypes.c_void_p()
        status.check(
            lib.why(self._handle, samples.handle, 0, -1 if label is None else label, ctypes.byref(out), status.handle)
        )
        told = json.loads(take_text(out))["predictions"][0]
        why = told["why"]
        adds = np.array(why["adds"], np.float64)
        return Why(
            answer=told["label"],
            label=why["label"],
            drive=why["drive"],
            thresholds=why["thresholds"],
            adds=adds.reshape(self.shape) if adds.size == np.prod(self.shape) else adds,
            names=why.get("names"),
            after=why.get("after"),
            probabilities=np.array(told["probabilities"], np.float32),
            levels=np.array(told["levels"], np.float32),
        )

    def evaluate(
        self, X: Optional[ArrayLike] = None, y: Optional[ArrayLike] = None, *, on: str = "test", quantize: bool = False
    ) -> dict[str, Any]:
        """Scores labelled samples; default: those of the text's data.

        Parameters
        ----------
        X, y : arrays, optional
            Samples and labels.
        on : {"test", "validation", "train"}
            The split of the text's data, without X.
        quantize : bool
            In 8 bits, beside floats; only without X, because the data calibrate the scales.

        Returns
        -------
        dict
            What ``bouton eval --json`` prints: "accuracy", "samples", "nll", "ece", "confusion", "live", …
        """
        if X is None:
            return json.loads(self.run("eval", "--json", f"--on={on}", *(["--quantize"] if quantize else [])))
        if y is None or quantize:
            raise DataError("X without y, or with quantize; scores need labels, and 8 bits the data of the text")
        status = _status()
        samples = self._samples(X, status)
        labels = self._labels(y, len(samples), status)
        out = ctypes.c_void_p()
        status.check(lib.score(self._handle, samples.handle, labels.handle, ctypes.byref(out), status.handle))
        return json.loads(take_text(out))

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """The share of right answers, in [0, 1]."""
        return float(self.evaluate(X, y)["accuracy"])

    # ---- files ----

    def save(self, path: PathLike) -> None:
        """Writes the model, a ``.safetensors`` file: the whole file or nothing."""
        status = _status()
        status.check(lib.save(self._handle, os.fsencode(path), status.handle))

    def to_bytes(self) -> bytes:
        """The bytes that :meth:`save` writes."""
        out, size = ctypes.c_void_p(), ctypes.c_size_t()
        status = _status()
        status.check(lib.save_bytes(self._handle, ctypes.byref(out), ctypes.byref(size), status.handle))
        model = ctypes.string_at(out.value, size.value)
        lib.release(out)
        return model

    def __reduce__(self) -> tuple:
        if self.trained:
            return loads, (self.to_bytes(),)
        return _load_text, (self.text, self.name + ".btn", [f"--network={self.name}"])

    # ---- verbs ----

    def run(self, verb: str, *options: str) -> str:
        """Runs a verb of the command line on the network: build, dump, eval, graph, info --json, predict, report.

        Parameters
        ----------
        verb : str
        *options : str
            The words that stand behind the model's name.

        Returns
        -------
        str
            What the verb prints.
        """
        out = ctypes.c_void_p()
        status = _status()
        code = lib.run(self._handle, verb.encode(), words(list(options)), ctypes.byref(out), status.handle)
        printed = take_text(out)
        if code != OK:
            status.check(code)
        status.tell()
        return printed

    def build(
        self,
        output: PathLike,
        emit: str = "lib",
        *,
        target: Optional[str] = None,
        cpu: Optional[str] = None,
        quantize: bool = False,
        options: Sequence[str] = (),
    ) -> list[Path]:
        """Builds code of the trained model, as ``bouton build`` does.

        Parameters
        ----------
        output : path
            The file; with ``emit="lib"`` the name that its files share.
        emit : {"exe", "lib", "obj", "header", "asm", "llvm", "bitcode"}
        target, cpu : str, optional
            Another machine; processors, with commas between.
        quantize : bool
            In 8 bits, calibrated on the data that the text names.
        options : sequence of str
            Further words of the command line.

        Returns
        -------
        list of Path
            The files written.
        """
        words = [f"--emit={emit}", "-o", os.fspath(output), *options]
        words += [f"--target={target}"] if target else []
        words += [f"--cpu={cpu}"] if cpu else []
        words += ["--quantize"] if quantize else []
        printed = self.run("build", *words)
        return [Path(path) for path in re.findall(r"^wrote (.*) \([\d,]+ bytes\)$", printed, re.MULTILINE)]

    def _written(self, verb: str, ending: str, *options: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ("out" + ending)
            self.run(verb, "-o", str(path), *options)
            return path.read_text(encoding="utf-8")

    def report(self, path: Optional[PathLike] = None, *, data: Optional[PathLike] = None) -> Optional[str]:
        """The report of a trained model, one HTML file: written to `path`, or else returned as a string."""
        options = [f"--data={os.fspath(data)}"] if data is not None else []
        if path is None:
            return self._written("report", ".html", *options)
        self.run("report", "-o", os.fspath(path), *options)
        return None

    def graph(self, path: Optional[PathLike] = None) -> Optional[str]:
        """The picture of the network: written to `path` (.svg, .png or .dot), or else returned as SVG."""
        if path is None:
            return self._written("graph", ".svg")
        self.run("graph", "-o", os.fspath(path))
        return None


del Progress
