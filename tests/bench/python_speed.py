"""The measurements of python.sh: python_speed.py SCRATCH FLAT_SPEED"""

import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import bouton

TEXT = """
network wide { input image(28x28);  layer hidden = dense(200);  layer class = dense(10); }
schedule { phase learn { correct hidden, class;  epochs 1;  batch 64; } }
"""
ROUNDS = 5


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def median(net, X, calls):
    times = []
    for _ in range(calls):
        begin = time.perf_counter()
        net.predict(X)
        times.append(1e6 * (time.perf_counter() - begin))
    return float(np.median(times))


scratch, flat_speed = Path(sys.argv[1]), sys.argv[2]
rows = 1_000_000
X = np.resize(np.random.default_rng(0).integers(0, 256, 1_000_003, dtype=np.uint8), (rows, 784))
y = np.arange(rows) % 10
before = peak()
net = bouton.compile(TEXT).train(X, y, threads=1)
model = len(net.to_bytes()) / 2**20
print(f"training on {rows:,} rows of uint8[784]: {peak() - before:.0f} MiB above the array of {X.nbytes / 2**20:.0f} MiB; ", end="")
print(f"the model has {model:.1f} MiB")
path = scratch / "wide.safetensors"
net.save(path)
net = bouton.load(path, threads=1)
for count, calls in ((1, 3000), (10_000, 9)):
    i = np.arange(count * 784, dtype=np.uint64)
    samples = np.where(i % 5 == 0, i * 2654435761 % 2**32 >> 24, 0).astype(np.uint8).reshape(count, 784)
    pairs = []
    for _ in range(ROUNDS):  # in turn, because the machine may have others to serve
        in_c = float(subprocess.run([flat_speed, path, str(count), str(calls)], capture_output=True, text=True, check=True).stdout)
        pairs.append((median(net, samples, calls), in_c))
    python, in_c = min(p for p, _ in pairs), min(c for _, c in pairs)
    print(f"predict of {count:,}: Python {python:.1f} us, C {in_c:.1f} us: {python - in_c:+.1f} us, {python / in_c:.3f} times")
