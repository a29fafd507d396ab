"""Runs a command on a terminal of its own, and tells for how long it was silent:

    gaps.py [--most SECONDS] [--interrupt WORDS] [--expect WORDS]... COMMAND...

Exits with 1 if nothing was written for longer than --most (default 2), or if the command failed. With --interrupt the
terminal sends Ctrl-C soon after these words were written: then the command must end within --most, with status 130 or
by the signal. Exits with 3 if all of this holds, but --expect's words were not written, or the command ended before the
interrupt: its steps may be too short to be told."""
import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=float, default=2)
    parser.add_argument("--interrupt")
    parser.add_argument("--expect", action="append", default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args()


def start(command):
    child, terminal = pty.fork()
    if child == 0:
        for one in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(one, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
        os.execvp(command[0], command)
    return child, terminal


def last_line(text):
    lines = [line.strip() for line in re.split(r"[\r\n]|\x1b\[K", text) if line.strip()]
    return lines[-1] if lines else "the start"


def follow(options):
    child, terminal = start(options.command)
    heard = time.monotonic()
    text, longest, before, interrupted, seen_at = "", 0.0, "the start", None, None
    while True:
        ready = select.select([terminal], [], [], 0.05)[0]
        now = time.monotonic()
        try:
            piece = os.read(terminal, 65536) if ready else None
        except OSError:  # the terminal is closed: the command has ended
            piece = b""
        if piece is not None:
            if now - heard > longest:
                longest, before = now - heard, last_line(text)
            heard = now
            if not piece:
                break
            text += piece.decode("utf-8", "replace")
        elif interrupted is not None and now - interrupted > 60:
            os.kill(child, signal.SIGKILL)
        if options.interrupt is not None and seen_at is None and options.interrupt in text:
            seen_at = now
        if seen_at is not None and interrupted is None and now - seen_at >= 0.3:
            os.write(terminal, b"\x03")
            interrupted, seen = now, last_line(text)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if interrupted is not None:
        longest, before = time.monotonic() - interrupted, "Ctrl-C at `" + seen + "`"
    return text, longest, before, status, interrupted is not None


def main():
    options = parse()
    begin = time.monotonic()
    text, longest, before, status, interrupted = follow(options)
    wrong = []
    if longest > options.most:
        wrong.append(f"silent for {longest:.1f} s")
    if status not in ((130, -signal.SIGINT) if interrupted else (0,)):
        wrong.append(f"status {status}")
    short = [f"no `{words}`" for words in options.expect if words not in text]
    if options.interrupt is not None and not interrupted:
        short.append("it ended before the interrupt")
    code = 1 if wrong else 3 if short else 0
    wrong += short
    word = "FAIL" if wrong else "ok  "
    command = " ".join(os.path.basename(part) for part in options.command)
    print(f"{word}  {command}: {time.monotonic() - begin:.1f} s, longest silence {longest:.1f} s after: {before[:100]}")
    if wrong:
        print("      " + ", ".join(wrong))
        print("      " + re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)[-1500:].replace("\r", "\n      "))
    return code


if __name__ == "__main__":
    sys.exit(main())
