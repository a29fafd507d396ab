"""Writes the bytes of pictures one after another, as a board reads them.

    python3 bytes.py PICTURE... >samples              grey PNG files
    python3 bytes.py --cifar10 <batch.bin >samples    pictures of CIFAR-10: a label, then planes of red, green and blue
"""
import struct
import sys
import zlib


def predictor(kind, left, up, corner):
    """What a line's filter adds to a byte."""
    if kind < 4:
        return (0, left, up, (left + up) // 2)[kind]
    guess = left + up - corner
    nearest = min((abs(guess - value), order) for order, value in enumerate((left, up, corner)))
    return (left, up, corner)[nearest[1]]


def grey_bytes(path):
    data, at, packed = open(path, "rb").read(), 8, b""
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    if (depth, colour) != (8, 0):
        sys.exit(f"{path}: not a grey picture of 8 bits")
    while at < len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        packed += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    raw, above, picture = zlib.decompress(packed), bytes(width), b""
    for y in range(height):
        line, kind = bytearray(raw[y * (width + 1) + 1 : (y + 1) * (width + 1)]), raw[y * (width + 1)]
        for x in range(width):
            left, corner = (line[x - 1], above[x - 1]) if x > 0 else (0, 0)
            line[x] = (line[x] + predictor(kind, left, above[x], corner)) % 256
        picture, above = picture + line, line
    return picture


def interleaved(batch):
    plane, record = 1024, 1 + 3 * 1024
    for at in range(1, len(batch), record):
        for pixel in range(at, at + plane):
            yield from batch[pixel : pixel + 3 * plane : plane]


if sys.argv[1:] == ["--cifar10"]:
    sys.stdout.buffer.write(bytes(interleaved(sys.stdin.buffer.read())))
else:
    for name in sys.argv[1:]:
        sys.stdout.buffer.write(grey_bytes(name))
