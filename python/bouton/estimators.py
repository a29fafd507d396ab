"""Estimators for scikit-learn: a classifier, and features of competing neurons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

import numpy as np
import sklearn
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from ._network import Network, compile
from ._progress import ProgressLike
from .errors import DataError

NEW_VALIDATION = tuple(int(part) for part in sklearn.__version__.split(".")[:2]) >= (1, 6)


def _checked(estimator: BaseEstimator, *arrays: Any, **rules: Any) -> Any:
    """Checks samples as scikit-learn of this version does, and counts their features."""
    if NEW_VALIDATION:
        from sklearn.utils.validation import validate_data

        return validate_data(estimator, *arrays, **rules)
    return estimator._validate_data(*arrays, **rules)


def _as_given(X: np.ndarray) -> np.ndarray:
    """Bytes and 32-bit floats stay as they are; everything else becomes 32-bit floats."""
    if X.dtype in (np.uint8, np.float32):
        return X
    with np.errstate(over="ignore"):
        out = X.astype(np.float32)
    if not np.isfinite(out).all():
        raise ValueError("Input X contains infinity or a value too large for dtype('float32').")
    return out


class _Estimator(BaseEstimator):
    def _check_samples(self, X: ArrayLike) -> np.ndarray:
        check_is_fitted(self, "network_")
        return _as_given(_checked(self, X, reset=False))


class BoutonClassifier(ClassifierMixin, _Estimator):
    """A classifier whose connections have a sign and a bound.

    Parameters
    ----------
    network : str or None
        The text of a network, whose last layer has a neuron for each class. Its data block, if it has one, says how values
        are scaled. None: dense layers, made by the parameters below; each column is scaled to its range in X.
    hidden : sequence of int
        Neurons of the hidden layers, without `network`.
    epochs : int
        Epochs, without `network`.
    batch : int
        Samples of a batch, without `network`.
    seed : int
        Seed of all random numbers.
    set : mapping or None
        Values for ``let`` constants of `network`.
    early_stopping : bool
        Stop when the accuracy of validation has not risen for `n_iter_no_change` epochs. Without `network`, a part of the
        samples is held out and the best epoch is kept; a `network` says so itself (``hold out``, ``keep best``).
    validation_fraction : float
        The part that is held out, without `network`.
    n_iter_no_change : int
    threads : int
        0: every processor. The model does not depend on it.
    progress : True, function or None
        See :meth:`bouton.Network.train`.

    Attributes
    ----------
    network_ : bouton.Network
        The trained network.
    classes_ : ndarray of shape (n_classes,)
        The labels, of any type that numpy sorts.
    n_iter_ : int
        Epochs that were trained.
    n_features_in_ : int

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> BoutonClassifier(hidden=(100,)).fit(X, y).score(X, y)  # doctest: +SKIP
    0.99
    """

    def __init__(
        self,
        network: Optional[str] = None,
        *,
        hidden: Sequence[int] = (200,),
        epochs: int = 30,
        batch: int = 4,
        seed: int = 0,
        set: Optional[Mapping[str, Any]] = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        threads: int = 1,
        progress: ProgressLike = None,
    ) -> None:
        self.network = network
        self.hidden = hidden
        self.epochs = epochs
        self.batch = batch
        self.seed = seed
        self.set = set
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.threads = threads
        self.progress = progress

    def _text(self, features: int, classes: int, epochs: int) -> str:
        """The text that stands for the parameters. Its files are those from which `bouton train` makes the same model."""
        names = [f"hidden{i + 1}" for i in range(len(self.hidden))]
        layers = "".join(f"  layer {n} = dense({int(k)});\n" for n, k in zip(names, self.hidden))
        best = "  keep best on validation;" if self.early_stopping else ""
        held = f"  hold out {float(self.validation_fraction)!r} of train as validation;\n" if self.early_stopping else ""
        return (
            'data given {\n  npy train "X.npy", "y.npy";\n  values in columns;\n'
            f"{held}}}\n\n"
            f"network classifier {{\n  input vector({features});\n{layers}"
            f"  layer class = dense({max(2, classes)});\n}}\n\n"
            f"schedule {{\n  phase learn {{\n    correct {', '.join([*names, 'class'])};\n"
            f"    epochs {int(epochs)};  batch {int(self.batch)};{best}\n  }}\n}}\n"
        )

    def _compile(self, features: int, epochs: int) -> Network:
        if self.network is not None:
            net = compile(self.network, set=self.set, threads=self.threads)
        else:
            net = compile(self._text(features, len(self.classes_), epochs), threads=self.threads)
        if net.n_classes < len(self.classes_):
            raise DataError(f"y has {len(self.classes_)} classes, but the network tells {net.n_classes} apart")
        size = int(np.prod(net.shape))
        if size != features:
            raise DataError(f"X has {features} features, but the network reads {size} values")
        return net

    def _watch(self) -> ProgressLike:
        """Counts epochs, and stops when validation has not become better."""
        from ._progress import viewer

        show = viewer(self.progress)
        state = {"best": -1.0, "since": 0, "epochs": 0}

        def told(event: dict) -> Optional[bool]:
            if show is not None and show(event) is False:
                return False
            if not event.get("end"):
                return None
            state["epochs"] += 1
            if self.early_stopping and event.get("validation") is None:
                raise ValueError("early_stopping needs validation samples; write `hold out` in the data of `network`")
            better = (event.get("validation") or 0) > state["best"]
            state["best"] = max(state["best"], event.get("validation") or 0)
            state["since"] = 0 if better else state["since"] + 1
            return not (self.early_stopping and state["since"] >= self.n_iter_no_change)

        told.state = state
        told.close = getattr(show, "close", lambda: None)
        return told

    def fit(self, X: ArrayLike, y: ArrayLike) -> BoutonClassifier:
        """Trains from the beginning.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
            C-contiguous uint8 and float32 are not copied, except where columns are scaled.
        y : array of shape (n_samples,)
            Labels of any type.

        Returns
        -------
        BoutonClassifier
            Itself.
        """
        X, y = _checked(self, X, y, ensure_min_samples=2 if self.early_stopping else 1)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        X = _as_given(X)
        net = self._compile(X.shape[1], self.epochs)
        watch = self._watch()
        try:
            net.train(X, labels, seed=self.seed, threads=self.threads, progress=watch)
        finally:
            watch.close()
        self.network_ = net
        self.n_iter_ = watch.state["epochs"]
        return self

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: Optional[ArrayLike] = None) -> BoutonClassifier:
        """Trains from the present state on: one epoch of these samples, or one run of the schedule of `network`.

        Columns are scaled to their ranges in the samples of the first call.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
        classes : array, optional
            All labels, in the first call.

        Returns
        -------
        BoutonClassifier
            Itself.
        """
        first = not hasattr(self, "network_")
        X, y = _checked(self, X, y, reset=first)
        check_classification_targets(y)
        if first:
            self.classes_ = np.unique(y if classes is None else classes)
            self.n_iter_ = 0
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError("classes differ from those of the first call of partial_fit")
        if not np.isin(y, self.classes_).all():
            raise ValueError("y has labels that are not among the classes of the first call of partial_fit")
        X = _as_given(X)
        net = self._compile(X.shape[1], 1) if first else self.network_
        watch = self._watch()
        labels = np.searchsorted(self.classes_, y)
        net.train(
            X, labels, seed=self.seed + self.n_iter_, threads=self.threads, progress=watch, further=True
        )
        self.network_ = net
        self.n_iter_ += watch.state["epochs"]
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Labels of shape (n_samples,), of the type of those that were fitted."""
        shares = self.predict_proba(X)
        return self.classes_[np.argmax(shares, axis=1)]

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Probabilities of shape (n_samples, n_classes), in the order of `classes_`."""
        X = self._check_samples(X)
        shares = self.network_.predict_proba(X).astype(np.float64)[:, : len(self.classes_)]
        return shares / shares.sum(axis=1, keepdims=True)


class BoutonFeatures(TransformerMixin, _Estimator):
    """Features of a layer of neurons that compete for samples without labels.

    Parameters
    ----------
    network : str or None
        The text of a network; its last layer gives the features. None: one competing layer, made by the parameters below;
        each column is scaled to its range in X.
    filters : int
        Neurons, at least 2, without `network`. They start as samples if there are as many.
    keep : int
        The neurons with the largest drives that fire for a sample, fewer than `filters`, without `network`.
    patches : int
        Samples that are shown in training, some of them several times, without `network`.
    seed : int
        Seed of all random numbers.
    set : mapping or None
        Values for ``let`` constants of `network`.
    sparse : bool
        Transform to a sparse matrix (CSR).
    threads : int
        0: every processor. The model does not depend on it.

    Attributes
    ----------
    network_ : bouton.Network
        The trained network.
    n_features_in_ : int
    """

    def __init__(
        self,
        network: Optional[str] = None,
        *,
        filters: int = 100,
        keep: int = 5,
        patches: int = 20000,
        seed: int = 0,
        set: Optional[Mapping[str, Any]] = None,
        sparse: bool = False,
        threads: int = 1,
    ) -> None:
        self.network = network
        self.filters = filters
        self.keep = keep
        self.patches = patches
        self.seed = seed
        self.set = set
        self.sparse = sparse
        self.threads = threads

    def _text(self, samples: int, features: int) -> str:
        filters = max(2, int(self.filters))
        keep = min(int(self.keep), filters - 1)
        start = "from patches" if samples >= filters else "uniform"  # so few samples are no start for all of them
        return (
            'data given {\n  csv train "X.csv" label none;\n  values in columns;\n}\n\n'
            f"network features {{\n  input vector({features});\n  layer features = dense({filters}) {{\n"
            f"    alpha = {start};\n    depress over filters keep {keep};\n    fire graded;\n  }}\n}}\n\n"
            f"schedule {{\n  phase compete {{ compete features;  sample {int(self.patches)} patches; }}\n}}\n"
        )

    def fit(self, X: ArrayLike, y: Any = None) -> BoutonFeatures:
        """Trains without labels.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        BoutonFeatures
            Itself.
        """
        X = _as_given(_checked(self, X))
        text = self.network if self.network is not None else self._text(*X.shape)
        net = compile(text, set=self.set, threads=self.threads)
        size = int(np.prod(net.shape))
        if size != X.shape[1]:
            raise DataError(f"X has {X.shape[1]} features, but the network reads {size} values")
        self.network_ = net.train(X, seed=self.seed, threads=self.threads)
        self._n_features_out = net.n_classes
        return self

    def _more_tags(self) -> dict[str, Any]:
        """For scikit-learn before 1.6."""
        return {"preserves_dtype": [np.float32]}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def transform(self, X: ArrayLike) -> Union[np.ndarray, Any]:
        """Levels of the neurons, float32 of shape (n_samples, neurons); with `sparse` a CSR matrix."""
        X = self._check_samples(X)
        levels = self.network_.levels(X)
        if not self.sparse:
            return levels
        from scipy.sparse import csr_matrix

        return csr_matrix(levels)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the features: bouton0, bouton1, …"""
        check_is_fitted(self, "network_")
        return np.array([f"bouton{i}" for i in range(self._n_features_out)], dtype=object)
