"""Random edits: edits.py BOUTON [COUNT [SEED]]

COUNT edits are made to two open texts, one of which includes the other. After each, the server's diagnostics equal those
of a server that has just opened the texts: code by code, place by place and word by word. After every fiftieth, they
also equal those of `bouton check --diagnostics json`. Between them come the requests that an editor makes while a person
types. At the end the server has not grown: an hour of typing is some 40,000 edits."""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

from client import Failure, Server, index_of, require

bouton = os.path.abspath(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
seed = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())

PARTS = """// é😀 the network
let wide = 20;
neuron bump(x, a) = clamp((x - a) * 2, 0, 1);
network digits {
  input image(28x28) in [0, 0.5];
  layer c1 = conv(5x5, 8) { depress over filters within 2 gap 0.05; fire binary; leak 0.1; }
  layer p1 = pool(max) 2x2;
  layer hidden = dense(wide) from p1, input { signs mixed(60%) switching at tau 0.2; sum scaled; }
  layer class = dense(10) { fire bump; /* 😀 */ alpha = distinct; }
}
"""
MAIN = """/* é */ include "parts.btn";
data drawn { synthetic digits(train 1_000, test 200); hold out 10% of train as validation; }
schedule {
  seed 7; // 😀
  phase alone { compete c1; sample 1000 patches; }
  phase learn { correct hidden, class; error softmax(5) floor 0.001; eta 0.3 on hidden, 0.05; epochs 2; batch 8; }
}
expect accuracy >= 90% on test;
"""
PIECES = ["{", "}", ";", "(", ")", "\"", "/*", "*/", "//", "28x28", "5%", "-", "layer ", "network n { ", "let K = 3;\n",
          "1e999", "[0, 1]", " from c1", "\n", "é", "😀", "dence(3)", "0", "include \"parts.btn\";", "  ", ",", "wide"]


def edit(text):
    """A piece put in, a stretch dropped or doubled, or a character changed."""
    at = random.randrange(len(text) + 1)
    run = random.choice((1, 1, 2, 5, 20))
    kind = random.randrange(4)
    if kind == 0 and len(text) < 6000:
        return text[:at] + random.choice(PIECES) + text[at:]
    if kind == 1:
        return text[:at] + text[at + run:]
    if kind == 2 and len(text) < 6000:
        return text[:at + run] + text[at:]
    return text[:at] + chr(random.randrange(32, 127)) + text[at + 1:]


def told(server, uri):
    return as_told(server, uri, server.diagnostics(uri))


def as_told(server, uri, diagnostics):
    """What the server published, as [code, line, column in characters, message]."""
    text = server.texts[uri]
    lines = text.split("\n")
    out = []
    for one in diagnostics:
        start = one["range"]["start"]
        before = text[:index_of(text, start, server.encoding)]
        out.append([one["code"], start["line"] + 1, len(before) - before.rfind("\n"), one["message"]])
        require(start["line"] < len(lines), "a place beyond the text", one)
        index_of(text, one["range"]["end"], server.encoding)
    return out


def checked(path):
    """The same by `bouton check`, for each file."""
    run = subprocess.run([bouton, "check", "--diagnostics", "json", path], stdout=subprocess.PIPE, check=False)
    found = {}
    for one in json.loads(run.stdout)["diagnostics"]:
        message = one["message"] + ("\nhelp: " + one["help"] if "help" in one else "")
        file = os.path.realpath(one.get("file", path))
        found.setdefault(file, []).append([one["code"], one.get("line", 1), one.get("column", 1), message])
    return found


def memory(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return int([line for line in status if line.startswith("VmRSS")][0].split()[1])


def ask(server, uri):
    """A request at a random place, as an editor makes it after an edit. It comes behind all that was published."""
    lines = server.texts[uri].split("\n")
    line = random.randrange(len(lines))
    place = {"line": line, "character": random.randrange(len(lines[line]) + 1)}
    whole = server.over(uri)
    asked = {"completion": {"position": place}, "hover": {"position": place}, "signatureHelp": {"position": place},
             "documentHighlight": {"position": place}, "definition": {"position": place}, "foldingRange": {},
             "documentSymbol": {}, "semanticTokens/full": {}, "inlayHint": whole, "codeAction": whole}
    method = random.choice(list(asked))
    server.request("textDocument/" + method, {"textDocument": {"uri": uri}, **asked[method]})


def compare(got, wanted, what):
    if sorted(got) != sorted(wanted):
        raise Failure(f"{what}: the server says {got}, but {wanted} is right")


class Fresh:
    """A server that opens both texts anew for each comparison."""

    def __init__(self, folder):
        self.server = Server(bouton, random.choice(("utf-8", "utf-16")), cwd=folder)
        self.server.initialise()
        self.version = 1

    def diagnostics(self, texts):
        self.server.notifications.clear()
        self.version += 2
        for uri in list(self.server.texts):
            self.server.close(uri)
        for uri, text in texts.items():
            self.server.open(uri, text, self.version)
        for uri, text in texts.items():  # now both are open, and a new version says so
            self.server.change(uri, text)
        return {uri: told(self.server, uri) for uri in texts}


def check_process(texts, got, what):
    """Compares with `bouton check` of the first text, which includes the second unless an edit has changed that."""
    uris = list(texts)
    for uri in uris:
        with open(uri[7:], "w", encoding="utf-8", newline="") as file:
            file.write(texts[uri])
    wanted = checked(uris[0][7:])
    compare(got[uris[0]], wanted.get(uris[0][7:], []), what)
    if uris[1][7:] in wanted:
        compare(got[uris[1]], wanted[uris[1][7:]], what + ", the included text")


def run(folder):
    texts = {"file://" + os.path.join(folder, name): text for name, text in (("main.btn", MAIN), ("parts.btn", PARTS))}
    server, other, early = Server(bouton, random.choice(("utf-8", "utf-16")), cwd=folder), Fresh(folder), None
    server.initialise()
    for uri, text in texts.items():
        server.open(uri, text)
    got = {uri: told(server, uri) for uri in texts}
    for number in range(count):
        uri = random.choice(list(texts))
        # now and then from the beginning, so that texts with few mistakes are common
        server.change(uri, texts[uri] if random.randrange(8) == 0 else edit(server.texts[uri]))
        got[uri] = told(server, uri)
        ask(server, uri)
        for params in (one["params"] for one in server.notifications if one["params"]["uri"] in texts):
            got[params["uri"]] = as_told(server, params["uri"], params["diagnostics"])
        server.notifications.clear()
        wanted = other.diagnostics(server.texts)
        for path in texts:
            compare(got[path], wanted[path], f"edit {number}, {path}")
        if number % 50 == 0:
            check_process(server.texts, got, f"edit {number}")
        if number == count // 4:
            early = memory(server)
    grown = memory(server) - early
    require(grown < 8192, "the server has grown by", grown, "kB")
    server.stop()
    other.server.stop()
    return grown


def main():
    random.seed(seed)
    print(f"seed {seed}, {count} edits")
    with tempfile.TemporaryDirectory() as folder:
        grown = run(os.path.realpath(folder))
    print(f"equal diagnostics; after a quarter of the edits the server grew by {grown} kB")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(failure)
        sys.exit(1)
