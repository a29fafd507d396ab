"""A client of `bouton lsp`: starts the server, sends messages, and checks the shape of everything it answers."""
import json
import os
import select
import subprocess
import time


class Failure(Exception):
    """The server did something wrong."""


def require(condition, *facts):
    if not condition:
        raise Failure(" ".join(str(fact) for fact in facts))


# ---- shapes of the protocol: a type, a list of one shape, a dict of shapes (a trailing ? marks what may be absent) ----

POSITION = {"line": int, "character": int}
RANGE = {"start": POSITION, "end": POSITION}
LOCATION = {"uri": str, "range": RANGE}
EDIT = {"range": RANGE, "newText": str}
WORKSPACE_EDIT = {"changes": dict}
DIAGNOSTIC = {"range": RANGE, "severity": int, "code": str, "source": str, "message": str,
              "relatedInformation?": [{"location": LOCATION, "message": str}]}
PUBLISHED = {"uri": str, "version?": int, "diagnostics": [DIAGNOSTIC]}
SYMBOL = {"name": str, "kind": int, "range": RANGE, "selectionRange": RANGE, "children?": list}
ITEM = {"label": str, "kind": int, "textEdit": EDIT, "detail?": str, "documentation?": str, "sortText?": str}
RESULTS = {
    "textDocument/codeAction": [{"title": str, "kind": str, "isPreferred?": bool, "diagnostics?": [DIAGNOSTIC],
                                 "edit": WORKSPACE_EDIT}],
    "textDocument/completion": {"isIncomplete": bool, "items": [ITEM]},
    "textDocument/definition": LOCATION,
    "textDocument/documentHighlight": [{"range": RANGE, "kind": int}],
    "textDocument/documentSymbol": [SYMBOL],
    "textDocument/foldingRange": [{"startLine": int, "endLine": int, "kind?": str}],
    "textDocument/formatting": [EDIT],
    "textDocument/hover": {"contents": {"kind": str, "value": str}, "range": RANGE},
    "textDocument/inlayHint": [{"position": POSITION, "label": str, "paddingLeft": bool, "tooltip?": str}],
    "textDocument/prepareRename": {"range": RANGE, "placeholder": str},
    "textDocument/rangeFormatting": [EDIT],
    "textDocument/references": [LOCATION],
    "textDocument/rename": WORKSPACE_EDIT,
    "textDocument/semanticTokens/full": {"data": [int]},
    "textDocument/signatureHelp": {"signatures": [{"label": str, "documentation": str, "parameters": list}],
                                   "activeSignature": int, "activeParameter": int},
}


def check_shape(value, shape, where):
    if isinstance(shape, list):
        require(isinstance(value, list), where, "is no list:", value)
        for index, item in enumerate(value):
            check_shape(item, shape[0], f"{where}[{index}]")
    elif isinstance(shape, dict):
        require(isinstance(value, dict), where, "is no object:", value)
        known = {key.rstrip("?") for key in shape}
        require(set(value) <= known, where, "has unknown keys:", set(value) - known)
        for key, part in shape.items():
            name = key.rstrip("?")
            require(name in value or key.endswith("?"), where, "lacks", name)
            if name in value:
                check_shape(value[name], part, f"{where}.{name}")
    else:
        require(isinstance(value, shape) and not (shape is int and isinstance(value, bool)), where, "is wrong:", value)
        require(shape is not int or value >= 0, where, "is negative:", value)


# ---- positions ----

def units(text, encoding):
    return len(text.encode("utf-8")) if encoding == "utf-8" else len(text.encode("utf-16-le")) // 2


def position(text, offset, encoding):
    """The position of a character's index in a text whose lines end in \\n."""
    before = text[:offset]
    line = before.rsplit("\n", 1)[-1]
    return {"line": before.count("\n"), "character": units(line, encoding)}


def index_of(text, place, encoding):
    lines = text.split("\n")
    if place["line"] >= len(lines):
        return len(text)
    line = lines[place["line"]]
    for end in range(len(line) + 1):
        if units(line[:end], encoding) == place["character"]:
            return sum(len(other) + 1 for other in lines[:place["line"]]) + end
    raise Failure(f"no character begins at {place}")


def apply_edits(text, edits, encoding):
    """Makes edits that do not overlap; of insertions at one place, the first stays first."""
    places = []
    for number, edit in enumerate(edits):
        begin = index_of(text, edit["range"]["start"], encoding)
        end = index_of(text, edit["range"]["end"], encoding)
        require(begin <= end, "an edit ends before it begins")
        places.append((begin, number, end, edit["newText"]))
    places.sort()
    out, at = [], 0
    for begin, _, end, new in places:
        require(begin >= at, "edits overlap")
        out += [text[at:begin], new]
        at = end
    return "".join(out) + text[at:]


# ---- the server ----

CAPABILITIES = {
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
    }
}


class Server:
    def __init__(self, bouton, encoding="utf-16", cwd=None, env=None):
        self.process = subprocess.Popen([bouton, "lsp", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        bufsize=0, cwd=cwd, env=env)
        self.buffer = b""
        self.encoding = encoding
        self.next_id = 1
        self.notifications = []
        self.texts = {}
        self.versions = {}

    # -- bytes --

    def write(self, data):
        self.process.stdin.write(data)

    def send(self, message):
        body = json.dumps(message).encode("utf-8")
        self.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def read(self, seconds=20):
        """The next message; None if none comes in time or the server has ended."""
        until = time.monotonic() + seconds
        while True:
            head, separator, rest = self.buffer.partition(b"\r\n\r\n")
            if separator:
                require(head.startswith(b"Content-Length: "), "a strange header:", head)
                length = int(head[16:])
                if len(rest) >= length:
                    self.buffer = rest[length:]
                    return json.loads(rest[:length].decode("utf-8"))
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            data = os.read(self.process.stdout.fileno(), 1 << 20) if ready else b""
            if not data:
                return None
            self.buffer += data

    # -- messages --

    def notify(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method, params):
        """The answer to a request, as the server sent it."""
        self.next_id += 1
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})
        while True:
            message = self.read()
            require(message is not None, method, "was not answered")
            if "method" in message:
                self.take_notification(message)
                continue
            require(message.get("jsonrpc") == "2.0" and message.get("id") == self.next_id, "a strange answer:", message)
            require(("result" in message) != ("error" in message), "an answer has a result or an error:", message)
            return message

    def request(self, method, params):
        message = self.ask(method, params)
        require("result" in message, method, "failed:", message.get("error"))
        result = message["result"]
        if result is not None and method in RESULTS:
            check_shape(result, RESULTS[method], method)
        return result

    def error(self, method, params):
        message = self.ask(method, params)
        require("error" in message, method, "should fail:", message)
        check_shape(message["error"], {"code": object, "message": str}, method)
        return message["error"]

    def take_notification(self, message):
        require("id" not in message, "the server asks:", message)
        if message["method"] == "textDocument/publishDiagnostics":
            check_shape(message["params"], PUBLISHED, "publishDiagnostics")
        self.notifications.append(message)

    # -- the life of a session --

    def initialise(self, capabilities=CAPABILITIES):
        capabilities = dict(capabilities)
        if self.encoding == "utf-8":
            capabilities["general"] = {"positionEncodings": ["utf-8", "utf-16"]}
        result = self.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        require(result["capabilities"]["positionEncoding"] == self.encoding, "the wrong encoding")
        self.notify("initialized", {})
        return result

    def stop(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        require(self.process.wait(20) == 0, "exit status", self.process.returncode)

    def close_input(self):
        self.process.stdin.close()
        return self.process.wait(20)

    # -- documents --

    def open(self, uri, text, version=1):
        self.texts[uri] = text
        self.versions[uri] = version
        self.notify("textDocument/didOpen",
                    {"textDocument": {"uri": uri, "languageId": "btn", "version": version, "text": text}})

    def change(self, uri, text):
        self.texts[uri] = text
        self.versions[uri] += 1
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": self.versions[uri]},
                                               "contentChanges": [{"text": text}]})

    def close(self, uri):
        del self.texts[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def diagnostics(self, uri):
        """Waits for the diagnostics of the newest version of a document, or of any file that is not open."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            for message in self.notifications:
                params = message["params"]
                if params["uri"] == uri and params.get("version") == (self.versions[uri] if uri in self.texts else None):
                    self.notifications.remove(message)
                    return params["diagnostics"]
            message = self.read()
            require(message is not None, "no diagnostics of", uri)
            self.take_notification(message)
        raise Failure(f"no diagnostics of {uri}")

    def at(self, uri, mark, inside=0, number=1):
        """The parameters of a request at a piece of the text, `inside` characters behind its beginning."""
        text, offset = self.texts[uri], -1
        for _ in range(number):
            offset = text.index(mark, offset + 1)
        return {"textDocument": {"uri": uri}, "position": position(text, offset + inside, self.encoding)}

    def over(self, uri, mark=None):
        """The same with the range of a piece, or of the whole text."""
        text = self.texts[uri]
        begin = 0 if mark is None else text.index(mark)
        end = len(text) if mark is None else begin + len(mark)
        return {"textDocument": {"uri": uri}, "context": {"diagnostics": []},
                "range": {"start": position(text, begin, self.encoding), "end": position(text, end, self.encoding)}}

    def shown(self, uri, place):
        """The text of a range."""
        text = self.texts[uri]
        return text[index_of(text, place["start"], self.encoding):index_of(text, place["end"], self.encoding)]

    def edited(self, uri, edits):
        return apply_edits(self.texts[uri], edits, self.encoding)
