"""A picture of a reason: what each pixel of a digit added to its class.   python3 why.py [FOLDER]"""

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

import bouton

TEXT = """
network digits { input image(8x8);  layer hidden = dense(60);  layer class = dense(10); }
data digits { npy train "X.npy", "y.npy";  values in [0, 16];  hold out 20% of train as test; }
schedule { phase learn { correct hidden, class;  epochs 20; } }
"""
folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
images = load_digits()
net = bouton.compile(TEXT).train(images.images, images.target, seed=1)
why = net.why(images.images[7])
print(f"answer {why.answer}: drive {why.drive:.3f} = {why.adds.sum():.3f} of pixels and {why.thresholds:.3f} of thresholds")
for row in np.round(100 * why.adds).astype(int):
    print("".join(f"{value:5d}" if value else "    ." for value in row))
(folder / "why.html").write_text(f"<!DOCTYPE html>\n<title>Why</title>\n{why._repr_html_()}\n", encoding="utf-8")
