"""Runs an emulator whose board reads and writes files by its serial line:   python3 serial.py COMMAND...

The board asks: `r` or `w` and a name that ends with 0: a file is opened, its number or 255 comes back. `<`, the number, a
count of two bytes: a count and so many bytes come back. `>`, the number, a count, the bytes: they are written. `p` and a
text that ends with 0 is printed. `x` and a byte: the end, and the status of this program.
"""
import subprocess
import sys

board = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
files = []


def take(count):
    got = b""
    while len(got) < count:
        more = board.stdout.read(count - len(got))
        if not more:
            sys.exit("the emulator ended")
        got += more
    return got


def take_text():
    got = b""
    while not got.endswith(b"\0"):
        got += take(1)
    return got[:-1].decode()


def take_head():
    head = take(3)
    return files[head[0]], head[1] | head[2] << 8


def open_file(mode):
    try:
        files.append(open(take_text(), mode))
        board.stdin.write(bytes([len(files) - 1]))
    except OSError:
        board.stdin.write(b"\xff")


try:
    while (asked := take(1)) != b"x":
        if asked in b"rw":
            open_file(asked.decode() + "b")
        elif asked == b"<":
            file, count = take_head()
            read = file.read(count)
            board.stdin.write(len(read).to_bytes(2, "little") + read)
        elif asked == b">":
            file, count = take_head()
            file.write(take(count))
        elif asked == b"p":
            sys.stdout.write(take_text())
        else:
            sys.exit("the board asks for %r" % asked)
    status = take(1)[0]
finally:
    board.kill()
    for file in files:
        file.close()
sys.exit(status)
