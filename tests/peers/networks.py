"""The networks that accuracy.sh trains.

All have about the multiply-adds of `plain`, which has the shape of bouton's: convolutions of 3x3, each with a max pool
of 2x2, and one layer that reads all cells of the last map. Batch norm is the counterpart of homeostasis and, like it,
reads the pooled map (docs/model.md, section 14).

    plain           ReLU
    bare            the same without batch norm
    dropout         plain; values are dropped at the rates of Srivastava et al. (2014): 0.1 of the input, 0.25 behind
                    the first two pools, 0.5 behind the last one
    dropconnect     plain; half of the readout's weights are dropped, anew for each image (Wan et al. 2013)
    maxout          the larger of two filters in place of ReLU (Goodfellow et al. 2013); narrower, so that the cost
                    stays the same
    nin             a convolution of 3x3 and two of 1x1 in each block, and the mean over the last map in place of the
                    readout (Lin et al. 2014)
    maxout-dropout, nin-dropout     the same with the papers' dropout: as in `dropout`; 0.5 behind each pool
"""
import torch
from torch import nn

NAMES = ("plain", "bare", "dropout", "dropconnect", "maxout", "nin", "maxout-dropout", "nin-dropout")
DEFAULT = NAMES[:6]
WIDTHS = {"mnist": (32, 64, 128), "cifar10": (64, 96, 192), "cifar100": (64, 96, 192)}
MAXOUT_WIDTHS = {"mnist": (24, 40, 96), "cifar10": (48, 64, 144), "cifar100": (48, 64, 144)}
NIN_WIDTHS = {"mnist": (16, 56, 128), "cifar10": (32, 96, 176), "cifar100": (32, 96, 176)}
RATES = (0.1, 0.25, 0.25, 0.5)  # of dropout: the input, then what each pool gives


class Maxout(nn.Module):
    """The larger of two filters. It stands behind the pool, which gives the same as before it and leaves less to do."""

    def forward(self, x):
        return torch.maximum(*x.chunk(2, 1))


class DropConnect(nn.Linear):
    """Weights are dropped anew for each sample. Answers use the mean of the masks, which is exact for a last layer."""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        kept = torch.rand(len(x), *self.weight.shape) < 0.5
        return 2 * torch.einsum("bi,boi->bo", x, self.weight * kept) + self.bias


def drop(rate):
    return [nn.Dropout(rate)] if rate else []


def convolutions(channels, side, classes, widths, *, norm=True, maxout=False, rates=(0, 0, 0, 0), readout=nn.Linear):
    layers = drop(rates[0])
    pieces = 2 if maxout else 1
    for width, rate in zip(widths, rates[1:]):
        layers += [nn.Conv2d(channels, pieces * width, 3, padding=1, bias=maxout or not norm), nn.MaxPool2d(2)]
        layers += [Maxout()] if maxout else []
        layers += [nn.BatchNorm2d(width)] if norm else []
        layers += ([] if maxout else [nn.ReLU()]) + drop(rate)
        channels, side = width, side // 2
    return nn.Sequential(*layers, nn.Flatten(), readout(channels * side * side, classes))


def in_network(channels, classes, widths, rate=0):
    layers = []
    for block, width in enumerate(widths):
        last = block == len(widths) - 1
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 1)]
        layers += [] if last else [nn.ReLU(), nn.Conv2d(width, width, 1), nn.MaxPool2d(2)]
        layers += [nn.BatchNorm2d(width), nn.ReLU()]
        layers += [nn.Conv2d(width, classes, 1)] if last else drop(rate)
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def make(name, data):
    channels, side = data.train.images.shape[1:3]
    if name.startswith("nin"):
        return in_network(channels, data.classes, NIN_WIDTHS[data.name], 0.5 if name == "nin-dropout" else 0)
    maxout = name.startswith("maxout")
    widths = (MAXOUT_WIDTHS if maxout else WIDTHS)[data.name]
    return convolutions(channels, side, data.classes, widths, norm=name != "bare", maxout=maxout,
                        rates=RATES if name.endswith("dropout") else (0, 0, 0, 0),
                        readout=DropConnect if name == "dropconnect" else nn.Linear)


def cost(network, image):
    """The parameters of a network, and its multiply-adds for one image."""
    products = []

    def count(layer, _, y):
        each = layer.weight[0].numel()  # products for one value of y
        products.append(each * y[0].numel())

    hooks = [layer.register_forward_hook(count) for layer in network.modules()
             if isinstance(layer, (nn.Conv2d, nn.Linear))]
    network.eval()
    with torch.inference_mode():
        network(image[None])
    for hook in hooks:
        hook.remove()
    return sum(p.numel() for p in network.parameters()), sum(products)
