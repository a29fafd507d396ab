"""Clients that break the protocol: hostile.py BOUTON

They get an error response, or the server ends; it never crashes, and never leaves a request unanswered."""
import json
import os
import sys

from client import Failure, Server, require

bouton = os.path.abspath(sys.argv[1])
TEXT = "network n { input vector(3); layer a = dense(2); }\n"
URI = "file:///nowhere/a.btn"
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, NOT_INITIALISED = -32700, -32600, -32601, -32602, -32002


def frame(body):
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def answer(server):
    """The next message that is no notification."""
    while True:
        message = server.read()
        require(message is not None, "the server has ended")
        if "method" not in message:
            return message
        server.take_notification(message)


def expect_error(server, code, number=None):
    message = answer(server)
    require(message.get("id") == number and "error" in message, "an error response:", message)
    require(message["error"]["code"] == code, "the error's code:", message)
    require(message["error"]["message"], "the error's reason:", message)


def works(server):
    """The server still answers."""
    server.open(URI, TEXT)
    hover = server.request("textDocument/hover", server.at(URI, "vector"))
    require("values" in hover["contents"]["value"], hover)


def broken_frames(server):
    server.initialise()
    bodies = [
        b"Content-Length: 8589934592\r\n\r\n{\"jsonrpc\"",
        b"Content-Length: 99999999999999999999999999\r\n\r\n",
        b"Content-Length: -5\r\n\r\n{}",
        b"Content-Length: five\r\n\r\n{}",
        b"Content-Length:\r\n\r\n{}",
        b"Content-Type: x\r\n\r\n{}",
        b"\r\n\r\n\r\n",
        b"no header at all\n",
        b"\0\xff" * 3000 + b"\n",
        b"X: " + b"y" * 9000 + b"\r\n",
    ]
    for body in bodies:
        server.write(body)
        expect_error(server, PARSE_ERROR)
        works(server)
    server.stop()


def broken_bodies(server):
    server.initialise()
    for body, code in ((b"{", PARSE_ERROR), (b"", PARSE_ERROR), (b"\xff\xfe", PARSE_ERROR), (b"nul", PARSE_ERROR),
                       (b"{\"a\":" * 5000, PARSE_ERROR), (b"[" * 100000, PARSE_ERROR), (b"1e999", PARSE_ERROR),
                       (b"[]", INVALID_REQUEST), (b"7", INVALID_REQUEST), (b"{}", INVALID_REQUEST),
                       (b"{\"method\":7}", INVALID_REQUEST), (b"{\"id\":{},\"method\":\"x\"}", INVALID_REQUEST),
                       (b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"shutdown\"}]", INVALID_REQUEST)):
        server.write(frame(body))
        expect_error(server, code)
    works(server)
    # A length that is too small leaves a rest behind; one that is too large swallows the next header, and
    # with it the next message. The one after it is read.
    body = json.dumps({"jsonrpc": "2.0", "id": 5, "method": "shutdown"}).encode()
    server.write(b"Content-Length: %d\r\n\r\n" % (len(body) - 3) + body)
    expect_error(server, PARSE_ERROR)
    server.write(b"Content-Length: %d\r\n\r\n" % (len(body) + 9) + body + frame(body))
    server.write(frame(body))
    while True:
        message = answer(server)
        if message.get("id") == 5:
            break
        require(message["error"]["code"] == PARSE_ERROR, message)
    server.notify("exit", None)
    require(server.process.wait(20) == 0, "exit status")


def order(server):
    """Requests before initialise and after shutdown."""
    error = server.error("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}})
    require(error["code"] == NOT_INITIALISED, error)
    server.notify("textDocument/didOpen", {"textDocument": {"uri": URI, "version": 1, "text": TEXT}})
    server.initialise()
    error = server.error("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}})
    require(error["code"] == INVALID_PARAMS, "what was opened too early is not open", error)
    require(server.error("initialize", {"capabilities": {}})["code"] == INVALID_REQUEST, "twice")
    works(server)
    server.request("shutdown", None)
    require(server.error("shutdown", None)["code"] == INVALID_REQUEST, "after shutdown")
    server.notify("exit", None)
    require(server.process.wait(20) == 0, "exit status")


def unknown(server):
    server.initialise()
    for method in ("textDocument/unknown", "", "$/unknown", "workspace/symbol", "é😀" * 100):
        require(server.error(method, {})["code"] == METHOD_NOT_FOUND, method)
    for method in ("$/cancelRequest", "workspace/didChangeConfiguration", "unknown"):
        server.notify(method, {"id": 1})
    server.send({"jsonrpc": "2.0", "id": 3, "result": None})  # an answer to nothing
    works(server)
    server.stop()


def wrong_parameters(server):
    server.initialise()
    works(server)
    methods = ["codeAction", "completion", "definition", "documentHighlight", "documentSymbol", "foldingRange",
               "formatting", "hover", "inlayHint", "prepareRename", "rangeFormatting", "references", "rename",
               "semanticTokens/full", "signatureHelp"]
    strange = [None, [], {}, 7, {"textDocument": None}, {"textDocument": {"uri": 7}}, {"textDocument": {"uri": ""}},
               {"textDocument": {"uri": URI}, "position": {"line": -1, "character": 0}},
               {"textDocument": {"uri": URI}, "position": {"line": "1", "character": 0}},
               {"textDocument": {"uri": URI}, "position": {"line": 2 ** 62, "character": 2 ** 62}},
               {"textDocument": {"uri": URI}, "position": {"line": 0.5, "character": 0}, "range": {}, "newName": 7}]
    for method in methods:
        for params in strange:
            server.ask("textDocument/" + method, params)  # an answer, whichever
    for params in strange + [{"textDocument": {"uri": URI, "version": "x"}, "contentChanges": [7, {}, {"text": 7}]},
                             {"textDocument": {"uri": URI, "version": 9}, "contentChanges": "x"},
                             {"textDocument": {"uri": URI}, "contentChanges": [{"range": {}, "text": "x"}]},
                             {"textDocument": {"uri": "file:///%00%zz%4", "text": "x"}}]:
        for method in ("didOpen", "didChange", "didClose", "didSave"):
            server.notify("textDocument/" + method, params)
    works(server)
    server.stop()


def zeros(server):
    """A text goes on behind a zero byte."""
    server.initialise()
    text = TEXT + "\0" + "x" * 20000 + "\nnetwork m { layer b = dense(3) from a; broken }\n"
    server.open(URI, text)
    line = text.count("\n", 0, text.index("from a"))
    for method in ("completion", "hover", "foldingRange", "semanticTokens/full", "prepareRename"):
        server.ask("textDocument/" + method, {"textDocument": {"uri": URI}, "position": {"line": line, "character": 36}})
    server.close(URI)
    works(server)
    server.stop()


def spellings(server):
    """Two spellings of a path are one document, whose text is the one opened last."""
    server.initialise()
    other = URI.replace("/a.btn", "/%61.btn")
    server.open(URI, "// " + "x" * 200000 + "\n" + TEXT)
    server.open(other, "\n")
    for uri in (URI, other):
        for method in ("hover", "foldingRange", "completion", "documentSymbol", "signatureHelp"):
            server.ask("textDocument/" + method, {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 30}})
    server.close(other)
    server.close(URI)
    works(server)
    server.stop()


def pipes(server):
    """A name in a text that includes a pipe is not renamed, and nobody waits for the pipe."""
    server.initialise()
    pipe = os.path.join(os.environ["FOLDER"], "pipe.btn")
    os.mkfifo(pipe)
    uri = "file://" + os.path.join(os.environ["FOLDER"], "reader.btn")
    server.open(uri, "include \"pipe.btn\";\n" + TEXT)
    server.ask("textDocument/rename", {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 38},
                                       "newName": "other"})
    server.close(uri)
    works(server)
    server.stop()


def ends(server):
    """The input ends: at once, in a header, in a body, with requests unanswered."""
    require(server.close_input() == 1, "a client that never said shutdown")
    for data in (b"Content-Le", b"Content-Length: 50\r\n\r\n{", frame(b"{}")):
        other = Server(bouton)
        other.initialise()
        other.write(data)
        require(other.close_input() == 1, "the exit status after", data)
    other = Server(bouton)
    other.initialise()
    other.notify("exit", None)
    require(other.process.wait(20) == 1, "exit without shutdown")
    other = Server(bouton)
    other.initialise()
    other.process.stdout.close()  # a client that does not read any more
    for _ in range(100):
        try:
            other.open(URI, TEXT.replace("dense", "dence"))
        except BrokenPipeError:
            break
    other.process.stdin.close()
    require(other.process.wait(20) in (1, 3), "the exit status", other.process.returncode)


def pieces(server):
    """Messages arrive byte by byte, and many at once."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}).encode()
    for byte in frame(body):
        server.write(bytes([byte]))
    require(server.read()["id"] == 1, "an answer")
    server.write(b"content-length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" % 46 +
                 b"{\"jsonrpc\":\"2.0\",\"id\":\"one\",\"method\":\"none\"}\r\n")
    require(server.read()["id"] == "one", "the id is a string")
    server.write(b"".join(frame(b"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"none\"}" % i) for i in range(2000)))
    require([server.read()["id"] for _ in range(2000)] == list(range(2000)), "all are answered in order")
    server.next_id = 5000
    server.stop()


CHECKS = [broken_frames, broken_bodies, order, unknown, wrong_parameters, zeros, spellings, pipes, ends, pieces]


def main():
    failed = 0
    for check in CHECKS:
        server = Server(bouton)
        try:
            check(server)
        except Failure as failure:
            failed += 1
            print(f"{check.__name__}: {failure}")
        finally:
            server.process.kill()
            server.process.wait()
    print(f"{len(CHECKS)} clients that break the protocol, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
