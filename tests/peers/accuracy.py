"""Trains the networks of networks.py and prints a table of their accuracies: called by accuracy.sh, which explains it.

Images are the bytes of the files, standardised by the mean and the deviation of each channel over the images that are
learned. Every image is shifted by up to two pixels either way and, half of the time, mirrored; on MNIST it is shifted
by up to one pixel and not mirrored. Places that nothing moves to are 0, the mean. The optimiser is Adam (0.9, 0.99).
Its rate follows a cosine down to a hundredth, behind a linear start of 300 batches or, in short runs, of a tenth of
them. There is no weight decay, and the last epoch counts.
"""
import argparse
import math
import statistics
import sys
import time

try:
    import torch
    from torch import nn

    import images
    import networks
except ImportError as reason:
    print(f"SKIP  accuracies of other networks: no PyTorch ({reason})")
    sys.exit(0)

HELD_OUT = 0.1
SCORING_BATCH = 250


def options():
    parser = argparse.ArgumentParser(prog="accuracy.sh", description="trains networks of other kinds with PyTorch")
    parser.add_argument("dir", help="a folder with MNIST, CIFAR-10 or CIFAR-100")
    parser.add_argument("network", nargs="*", help=f"of {', '.join(networks.NAMES)}")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--epochs", type=int, help="default: 8, on MNIST 5")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.002, help="of Adam")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--floats", choices=("float32", "bfloat16"), default="float32",
                        help="bfloat16: products of bfloat16, sums and weights of float32")
    parser.add_argument("--no-test", action="store_true", help="leave the test images out")
    chosen = parser.parse_args()
    for name in chosen.network:
        if name not in networks.NAMES:
            parser.error(f"unknown network {name}: choose of {', '.join(networks.NAMES)}")
    if min(chosen.batch, chosen.threads, 1 if chosen.epochs is None else chosen.epochs) < 1:
        parser.error("--epochs, --batch and --threads are at least 1")
    return chosen


class Trainer:
    """One network, one seed."""

    def __init__(self, name, data, chosen, seed):
        torch.manual_seed(seed)  # initial weights and dropout
        self.draw = torch.Generator().manual_seed(seed)  # held-out images, order, shifts and mirroring
        self.data, self.chosen = data, chosen
        self.learned, self.held = images.hold_out(data.train, data.classes, HELD_OUT, self.draw)
        values = self.learned.images.double() / 255
        self.mean = values.mean((0, 2, 3), keepdim=True).float()
        self.deviation = values.std((0, 2, 3), keepdim=True).float()
        self.network = networks.make(name, data).to(memory_format=torch.channels_last)
        self.cost = networks.cost(self.network, data.train.images[0].float())

    def encode(self, raw):
        return (raw.float() / 255 - self.mean) / self.deviation

    def augment(self, x):
        """Shifts and mirrors each image of a batch at random (docs/model.md, section 10)."""
        count, channels, height, width = x.shape
        shift = 1 if self.data.name == "mnist" else 2
        padded = nn.functional.pad(x, (shift,) * 4)
        below, right = torch.randint(0, 2 * shift + 1, (2, count, 1), generator=self.draw)
        rows, columns = below + torch.arange(height), right + torch.arange(width)
        if self.data.name != "mnist":
            mirrored = torch.randint(0, 2, (count, 1), generator=self.draw).bool()
            columns = torch.where(mirrored, columns.flip(1), columns)
        return padded[torch.arange(count)[:, None, None, None], torch.arange(channels)[None, :, None, None],
                      rows[:, None, :, None], columns[:, None, None, :]]

    def answers(self, x):
        with torch.cpu.amp.autocast(enabled=self.chosen.floats == "bfloat16", dtype=torch.bfloat16):
            return self.network(x.contiguous(memory_format=torch.channels_last)).float()

    def rate(self, batch, batches):
        start = min(300, batches // 10)
        course = max(0.01, (1 + math.cos(math.pi * batch / batches)) / 2)
        return self.chosen.rate * course * min(1, (batch + 1) / max(1, start))

    def train(self):
        """Returns the seconds that learning took: processor time of a single thread, as in bouton."""
        now = time.process_time if self.chosen.threads == 1 else time.perf_counter
        descent = torch.optim.Adam(self.network.parameters(), lr=self.chosen.rate, betas=(0.9, 0.99))
        size, epochs = self.chosen.batch, self.chosen.epochs
        in_epoch = -(-len(self.learned) // size)
        batch, begin, network = 0, now(), self.network.train()
        for epoch in range(epochs):
            lost = 0
            for which in torch.randperm(len(self.learned), generator=self.draw).split(size):
                part = self.learned.take(which)
                for group in descent.param_groups:
                    group["lr"] = self.rate(batch, epochs * in_epoch)
                descent.zero_grad(set_to_none=True)
                loss = nn.functional.cross_entropy(self.answers(self.augment(self.encode(part.images))), part.labels)
                loss.backward()
                descent.step()
                lost += loss.item() * len(part)
                batch += 1
            print(f"  epoch {epoch + 1}/{epochs}  loss {lost / len(self.learned):.4f}  {now() - begin:.0f} s",
                  file=sys.stderr)
        return now() - begin

    def accuracy(self, split):
        self.network.eval()
        right = 0
        with torch.inference_mode():
            for which in torch.arange(len(split)).split(SCORING_BATCH):
                part = split.take(which)
                right += (self.answers(self.encode(part.images)).argmax(1) == part.labels).sum().item()
        return 100 * right / len(split)


def spread(values):
    text = f"{statistics.mean(values):.2f}"
    return text + (f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else "")


def row(name, data, chosen):
    tests, held, seconds = [], [], []
    for seed in chosen.seeds:
        print(f"{name}, seed {seed}", file=sys.stderr)
        trainer = Trainer(name, data, chosen, seed)
        seconds.append(trainer.train())
        held.append(trainer.accuracy(trainer.held))
        if not chosen.no_test:
            tests.append(trainer.accuracy(data.test))
        print(f"  validation {held[-1]:.2f}  test {tests[-1] if tests else '-'}", file=sys.stderr)
    parameters, products = trainer.cost
    return (f"| {name} | {spread(tests) if tests else '-'} | {spread(held)} | {parameters:,} | {products:,} "
            f"| {statistics.mean(seconds):.0f} |")


def main():
    chosen = options()
    torch.set_num_threads(chosen.threads)
    try:
        data = images.read(chosen.dir)
        learned = len(images.hold_out(data.train, data.classes, HELD_OUT, torch.Generator())[0])
    except (images.Unreadable, OSError, EOFError) as reason:
        sys.exit(f"accuracy.sh: {reason}")
    if chosen.epochs is None:
        chosen.epochs = 5 if data.name == "mnist" else 8
    augmented = "shifted by up to 1" if data.name == "mnist" else "mirrored and shifted by up to 2"
    print(f"{data.name}, PyTorch {torch.__version__} in {chosen.floats}: {learned:,} images learned, "
          f"{len(data.train) - learned:,} held out, {len(data.test):,} test; {augmented}; epochs {chosen.epochs}, "
          f"batch {chosen.batch}, Adam {chosen.rate:g}; seeds {' '.join(map(str, chosen.seeds))}; "
          f"threads {chosen.threads}\n")
    print("| network | test | validation | parameters | multiply-adds an image | seconds of learning |")
    print("|---|---|---|---|---|---|", flush=True)
    for name in chosen.network or networks.DEFAULT:
        print(row(name, data, chosen), flush=True)


main()
