"""The time from a change to its diagnostics: latency.py BOUTON [LAYERS [CHANGES]]

A text of LAYERS layers is changed CHANGES times, as by typing: a digit of one layer is replaced, and the whole text is
sent. Prints the median and the 99th percentile in milliseconds, and the processor time that the server took for one
change, which another load of the machine does not lengthen; nothing is judged."""
import os
import random
import sys
import time

from client import Server

bouton = os.path.abspath(sys.argv[1])
layers = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
changes = int(sys.argv[3]) if len(sys.argv) > 3 else 300


def text_of(sizes):
    lines = ["network long {", "  input vector(8);"]
    lines += [f"  layer l{i} = dense({size}) {{ leak 0.1;  sum scaled(4);  range [0, 0.7]; }}" for i, size in enumerate(sizes)]
    return "\n".join(lines + ["}"]) + "\n"


def processor_time(server):
    """Seconds that the server has computed."""
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    uri = "file:///nowhere/long.btn"
    server = Server(bouton)
    server.initialise()
    sizes = [8] * layers
    server.open(uri, text_of(sizes))
    server.diagnostics(uri)
    times = []
    used = processor_time(server)
    random.seed(1)
    for number in range(changes):
        sizes[random.randrange(layers)] = 8 if number % 2 else 0  # every other change makes a mistake
        if number % 2:
            sizes = [8] * layers
        text = text_of(sizes)
        begin = time.perf_counter()
        server.change(uri, text)
        found = server.diagnostics(uri)
        times.append(1000 * (time.perf_counter() - begin))
        assert (len(found) > 0) == (number % 2 == 0), found
    used = 1000 * (processor_time(server) - used) / changes
    server.stop()
    times.sort()
    print(f"{layers} layers, {len(text)} bytes, {changes} changes: median {times[len(times) // 2]:.1f} ms, "
          f"99th percentile {times[int(0.99 * len(times))]:.1f} ms, most {times[-1]:.1f} ms; the server computed {used:.1f} ms for each")


main()
