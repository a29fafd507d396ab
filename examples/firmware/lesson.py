"""Splits MNIST's files into what a network learns at home and what a board learns:   python3 lesson.py DATA FOLDER

    train-images, train-labels   without the nines, and without the last seventh of the training samples
    lesson      200 nines; behind each, four of the 270 digits that the board keeps, 30 of each of the others
    choose      2,000 of the last seventh, by which the rate is chosen
    exam        the test samples; `short` holds the first 200 of them

Records of lesson, choose, exam and short are a label and 784 bytes."""
import gzip
import os
import struct
import sys

NEW, NINES, KEPT, BETWEEN = 9, 200, 30, 4


def read(folder, name):
    packed = os.path.join(folder, name + ".gz")
    opened = gzip.open(packed) if os.path.exists(packed) else open(os.path.join(folder, name), "rb")
    with opened as file:
        return file.read()


def samples(folder, which):
    pixels, labels = read(folder, which + "-images-idx3-ubyte")[16:], read(folder, which + "-labels-idx1-ubyte")[8:]
    return [(label, pixels[i * 784 : i * 784 + 784]) for i, label in enumerate(labels)]


def write(name, parts):
    with open(os.path.join(sys.argv[2], name), "wb") as file:
        for part in parts:
            file.write(part)


def records(chosen):
    return [bytes([label]) + picture for label, picture in chosen]


train, test = samples(sys.argv[1], "train"), samples(sys.argv[1], "t10k")
home, rest = train[: len(train) * 6 // 7], train[len(train) * 6 // 7 :]
known = [one for one in home if one[0] != NEW]
nines = [one for one in home if one[0] == NEW][:NINES]
kept = [[one for one in known if one[0] == label][:KEPT] for label in range(NEW)]
turn = [kept[i % NEW][i // NEW % KEPT] for i in range(NINES * BETWEEN)]
lesson = [one for i, nine in enumerate(nines) for one in [nine] + turn[i * BETWEEN : (i + 1) * BETWEEN]]
write("train-images", [struct.pack(">4I", 0x803, len(known), 28, 28)] + [picture for _, picture in known])
write("train-labels", [struct.pack(">2I", 0x801, len(known)), bytes(label for label, _ in known)])
write("lesson", records(lesson))
write("choose", records(rest[:2000]))
write("exam", records(test))
write("short", records(test[:200]))
