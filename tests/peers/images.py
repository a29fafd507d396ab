"""Reads the images of MNIST, CIFAR-10 and CIFAR-100 in the layouts in which they are published."""
import glob
import gzip
import os
from dataclasses import dataclass

import numpy
import torch


@dataclass
class Split:
    images: torch.Tensor  # bytes, [samples, channels, height, width]
    labels: torch.Tensor

    def __len__(self):
        return len(self.labels)

    def take(self, which):
        return Split(self.images[which], self.labels[which])


@dataclass
class Data:
    name: str
    classes: int
    train: Split
    test: Split


class Unreadable(Exception):
    """A folder or a file that does not hold what it should; the text says what to do."""


def content(path):
    if os.path.exists(path + ".gz"):
        with gzip.open(path + ".gz", "rb") as file:
            return file.read()
    with open(path, "rb") as file:
        return file.read()


def exists(path):
    return os.path.exists(path) or os.path.exists(path + ".gz")


def checked(images, labels, classes, path):
    if len(images) != len(labels) or len(images) == 0 or labels.max() >= classes:
        raise Unreadable(f"{path}: {len(images)} images and {len(labels)} labels of 0 to {classes - 1} are expected")
    return Split(torch.from_numpy(images.copy()), torch.from_numpy(labels.astype(numpy.int64)))


def idx(folder, name):
    """The images and labels of two idx files, whose headers are 16 and 8 bytes long."""
    path = os.path.join(folder, f"{name}-images-idx3-ubyte")
    images = numpy.frombuffer(content(path), numpy.uint8)
    labels = numpy.frombuffer(content(os.path.join(folder, f"{name}-labels-idx1-ubyte")), numpy.uint8)[8:]
    if len(images) < 16 or (len(images) - 16) % 784 != 0:
        raise Unreadable(f"{path}: not a file of images of 28x28")
    return checked(images[16:].reshape(-1, 1, 28, 28), labels, 10, path)


def rows(paths, labels, classes):
    """The records of CIFAR's binary files: `labels` bytes, of which the last is the class, and 3x32x32 of the image."""
    every = []
    for path in paths:
        record = numpy.frombuffer(content(path), numpy.uint8)
        if len(record) % (labels + 3072) != 0:
            raise Unreadable(f"{path}: not records of {labels + 3072} bytes")
        every.append(record.reshape(-1, labels + 3072))
    record = numpy.concatenate(every)
    return checked(record[:, labels:].reshape(-1, 3, 32, 32), record[:, labels - 1], classes, paths[0])


def read(folder):
    at = lambda name: os.path.join(folder, name)
    if exists(at("train-images-idx3-ubyte")):
        return Data("mnist", 10, idx(folder, "train"), idx(folder, "t10k"))
    batches = sorted({path.removesuffix(".gz") for path in glob.glob(at("data_batch_*.bin*"))})
    if batches:
        return Data("cifar10", 10, rows(batches, 1, 10), rows([at("test_batch.bin")], 1, 10))
    if exists(at("train.bin")):
        return Data("cifar100", 100, rows([at("train.bin")], 2, 100), rows([at("test.bin")], 2, 100))
    raise Unreadable(f"{folder}: neither MNIST, nor CIFAR-10, nor CIFAR-100: give a folder with their files")


def hold_out(split, classes, share, draw):
    """Splits off a share of the samples, class by class: what is left to learn from, and what is held out.

    Each class gives its share, rounded down. The samples that are still missing come from the classes that rounding
    treated worst, as in bouton.
    """
    fair = torch.bincount(split.labels, minlength=classes).double() * share
    quota = fair.floor()
    missing = round(share * len(split)) - int(quota.sum())
    quota[(fair - quota).argsort(descending=True, stable=True)[:missing]] += 1
    held = torch.zeros(len(split), dtype=torch.bool)
    for label in range(classes):
        own = (split.labels == label).nonzero().flatten()
        held[own[torch.randperm(len(own), generator=draw)[:int(quota[label])]]] = True
    if not held.any():
        raise Unreadable(f"{len(split)} images are too few to hold out a tenth")
    return split.take(~held), split.take(held)
