"""Measures PyTorch on the shapes on which bouton is measured:   torch_peer.py THREADS

Prints lines "KEY RATE": connections or samples per second, the median of several measurements after warming up. Inputs
are random, because PyTorch's time does not depend on them. If a goal names no batch size, the faster of 8 and 64
counts.
"""
import statistics
import sys
import time

import torch
from torch import nn

# A single thread is timed by the processor time it uses, as in bouton.
now = time.process_time if sys.argv[1:] == ["1"] else time.perf_counter
MEASUREMENTS = 7
SECONDS = 0.06  # of one measurement


def rate(work, amount):
    """Amount per second, where one call of work() processes `amount` connections or samples."""
    work()
    calls, begin = 0, now()
    while now() - begin < SECONDS:
        work()
        calls += 1
    seconds = []
    for _ in range(MEASUREMENTS):
        begin = now()
        for _ in range(calls):
            work()
        seconds.append((now() - begin) / calls)
    return amount / statistics.median(seconds)


def answering(network, x):
    network.eval()

    def work():
        with torch.inference_mode():
            network(x).argmax(1)

    return rate(work, len(x))


def learning(network, x):
    labels = torch.randint(0, 10, (len(x),))
    descent = torch.optim.SGD(network.parameters(), lr=1e-3)
    loss = nn.CrossEntropyLoss()
    network.train()

    def work():
        descent.zero_grad(set_to_none=True)
        loss(network(x), labels).backward()
        descent.step()

    return rate(work, len(x))


def perceptron():
    return nn.Sequential(nn.Linear(784, 500), nn.ReLU(), nn.Linear(500, 10))


def convolutional(channels, side):
    left = ((side - 4) // 2 - 4) // 2
    return nn.Sequential(
        nn.Conv2d(channels, 32, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(32, 64, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(64 * left * left, 10))


def bounded():
    """The same bounded connections as bouton's, sample by sample: s max(0, 1 - a q)."""
    a = 1 + torch.rand(512, 784)
    sign = torch.randint(0, 2, (512, 784)).float() * 2 - 1
    x = torch.rand(64, 784) / 2

    def work():
        with torch.inference_mode():
            for sample in x:
                (sign * torch.clamp(1 - (1 - sample) * a, min=0)).sum(-1)

    return rate(work, 64 * 784 * 512)


def linear():
    layer, x = nn.Linear(784, 512), torch.rand(64, 784)

    def work():
        with torch.inference_mode():
            layer(x)

    return rate(work, 64 * 784 * 512)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    found = {"torch.linear": linear(), "torch.bounded": bounded()}
    for batch in (8, 64):
        found[f"torch.perceptron.learn.{batch}"] = learning(perceptron(), torch.rand(batch, 784))
    found["torch.perceptron.forward.64"] = answering(perceptron(), torch.rand(64, 784))
    for name, channels, side in (("mnist", 1, 28), ("cifar", 6, 32)):
        for work, function in (("learn", learning), ("forward", answering)):
            found[f"torch.conv_{name}.{work}"] = max(
                function(convolutional(channels, side), torch.rand(batch, channels, side, side)) for batch in (8, 64))
    for key, value in found.items():
        print(key, f"{value:.4g}")


main()
