"""Samples that the tests share."""

import numpy as np
import pytest

import bouton

TEXT = """
let width = 20;
network bars {
  input image(6x6);
  layer hidden = dense(width);
  layer class  = dense(3);
}
data bars { npy train "X.npy", "y.npy";  hold out 20% of train as validation; }
schedule { seed 3;  phase learn { correct hidden, class;  epochs 6;  batch 4;  keep best on validation; } }
"""


def bars(count=200, seed=0):
    """Pictures of two lit rows out of six, uint8 of shape (count, 6, 6), and which rows they are."""
    draw = np.random.default_rng(seed)
    y = np.arange(count) % 3
    X = draw.integers(0, 100, (count, 6, 6), dtype=np.uint8)
    for i, label in enumerate(y):
        X[i, 2 * label : 2 * label + 2] += 150
    return X, y


@pytest.fixture
def samples():
    return bars()


@pytest.fixture(scope="session")
def trained():
    return bouton.compile(TEXT).train(*bars(), threads=1)
