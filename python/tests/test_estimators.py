"""The estimators: scikit-learn's own checks, and what users do with them."""

import os
import pickle
import time

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.datasets import load_digits, load_iris  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402

import bouton  # noqa: E402
from bouton import BoutonClassifier, BoutonFeatures  # noqa: E402
from conftest import TEXT, bars  # noqa: E402

FEWER = int(os.environ.get("BOUTON_TEST_FEWER", "1"))


# What most of the checks ask for does not depend on the size: a small network is compiled and trained in half of the time.
SMALL = BoutonClassifier(hidden=(10,), epochs=15), BoutonFeatures(filters=16, patches=1000)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "estimator", [BoutonClassifier(), BoutonFeatures()] if FEWER == 1 else SMALL, ids=["classifier", "features"]
)
def test_check_estimator(estimator):
    """All checks of scikit-learn; with $BOUTON_TEST_FEWER, one of so many, by a seed that is printed."""
    seed = int(time.time()) if FEWER > 1 else 0
    print(f"seed {seed}")
    for i, (made, check) in enumerate(check_estimator(estimator, generate_only=True)):
        if (i + seed) % FEWER == 0:
            try:
                check(made)
            except pytest.skip.Exception:
                raise
            except Exception as error:
                if type(error).__name__ != "SkipTest":  # one check needs pandas
                    raise


def test_labels_of_any_kind():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    net = BoutonClassifier(hidden=(20,), epochs=20).fit(X, names)
    assert net.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert net.score(X, names) > 0.9 and net.predict(X[:1])[0] in names
    assert np.array_equal(BoutonClassifier(hidden=(20,), epochs=20).fit(X, y * 10 - 5).predict(X), net.predict_proba(X).argmax(1) * 10 - 5)  # fmt: skip


def test_it_searches_and_validates():
    X, y = load_iris(return_X_y=True)
    search = GridSearchCV(BoutonClassifier(), {"hidden": [(5,), (30,)]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.85 and search.best_params_["hidden"] in ((5,), (30,))
    assert search.best_estimator_.network_.trained
    scores = cross_val_score(BoutonClassifier(hidden=(50,)), X, y, cv=3)
    assert scores.mean() > 0.85


def test_features_in_a_pipeline():
    X, y = load_digits(return_X_y=True)
    X, y = X[:600], y[:600]
    pipe = make_pipeline(BoutonFeatures(filters=60, patches=3000, sparse=True), LogisticRegression(max_iter=300))
    assert pipe.fit(X[:400], y[:400]).score(X[400:], y[400:]) > 0.75
    features = pipe[0].transform(X[:5])
    assert features.shape == (5, 60) and features.nnz == 5 * 5
    assert np.array_equal(features.toarray(), clone(pipe[0]).set_params(sparse=False).fit(X[:400]).transform(X[:5]))
    assert pipe[0].get_feature_names_out()[59] == "bouton59"


def test_a_text_of_ones_own():
    X, y = bars()
    net = BoutonClassifier(TEXT, set={"width": 15}, seed=4).fit(X.reshape(200, 36), y)
    assert net.network_.layers["hidden"].neurons == 15 and net.score(X.reshape(200, 36), y) > 0.9
    with pytest.raises(ValueError, match="X has 30 features, but the network reads 36 values"):
        BoutonClassifier(TEXT).fit(X.reshape(200, 36)[:, :30], y)
    with pytest.raises(ValueError, match="y has 4 classes, but the network tells 3 apart"):
        BoutonClassifier(TEXT).fit(X.reshape(200, 36), np.arange(200) % 4)
    with pytest.raises(bouton.TextError):
        BoutonClassifier("network n { input vecto(3); }").fit(X.reshape(200, 36), y)


def test_early_stopping():
    X, y = load_iris(return_X_y=True)
    net = BoutonClassifier(hidden=(20,), epochs=500, early_stopping=True, validation_fraction=0.2, n_iter_no_change=3)
    net.fit(X, y)
    assert net.n_iter_ < 500 and net.score(X, y) > 0.85


def test_partial_training():
    X, y = load_iris(return_X_y=True)
    net = BoutonClassifier(hidden=(20,), batch=1)
    for _ in range(15):
        net.partial_fit(X, y, classes=[0, 1, 2])
    assert net.n_iter_ == 15 and net.score(X, y) > 0.85
    with pytest.raises(ValueError, match="classes differ"):
        net.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="not among the classes"):
        net.partial_fit(X, y + 1)
    again = pickle.loads(pickle.dumps(net)).partial_fit(X, y)
    assert again.n_iter_ == 16


def test_it_is_pickled_and_repeats():
    X, y = load_iris(return_X_y=True)
    net = BoutonClassifier(hidden=(20,), epochs=5).fit(X, y)
    same = pickle.loads(pickle.dumps(net))
    assert np.array_equal(same.predict_proba(X), net.predict_proba(X))
    assert clone(net).fit(X, y).network_.to_bytes() == net.network_.to_bytes()
    assert clone(net).set_params(threads=2).fit(X, y).network_.to_bytes() == net.network_.to_bytes()
    assert clone(net).set_params(seed=1).fit(X, y).network_.to_bytes() != net.network_.to_bytes()


def test_its_text_trains_on_the_command_line(tmp_path):
    """The model of an estimator is the one that `bouton train` makes of its text and of X and y as files."""
    X, y = load_iris(return_X_y=True)
    net = BoutonClassifier(hidden=(10,), epochs=3).fit(X, y)
    np.save(tmp_path / "X.npy", X.astype(np.float32))
    np.save(tmp_path / "y.npy", y)
    own = bouton.compile(net.network_.text, name="network.btn", data=tmp_path).train(seed=0)
    for layer in ("hidden1", "class"):
        assert np.array_equal(own.layers[layer].alpha, net.network_.layers[layer].alpha)
