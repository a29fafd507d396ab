"""What the server answers, as an editor would ask: session.py BOUTON

Every check runs with positions in UTF-16 and in UTF-8; lines have é and 😀 before the place that is asked about."""
import os
import sys
import tempfile

from client import Failure, Server, index_of, require

bouton = os.path.abspath(sys.argv[1])

TUTORIAL = """let width = 100;

network digits {
  input image(28x28);
  layer hidden = dense(width);
  /* é😀 */ layer class  = dence(10);
}

data drawn {
  synthetic digits(train 10_000, test 2_000);
  hold out 10% of train as validation;
}

schedule {
  phase learn {
    correct hidden, class;
    /* 😀é */ epochs 10;  batch 0;  shift 1;
    keep best on validation;
  }
}

expect accuracy >= 94% on test;
"""

RIGHT = TUTORIAL.replace("dence", "dense").replace("batch 0", "batch 8")


def labels(result):
    return [item["label"] for item in result["items"]]


def uri_of(folder, name):
    return "file://" + os.path.join(folder, name)


# ---- one check each; `server` is new, `folder` is empty ----

def diagnostics_and_quick_fixes(server, folder):
    uri = uri_of(folder, "digits.btn")
    server.open(uri, TUTORIAL)
    found = server.diagnostics(uri)
    require([one["code"] for one in found] == ["E0202", "E0301"], "the mistakes of the tutorial:", found)
    require([server.shown(uri, one["range"]) for one in found] == ["dence", "0"], "their places:", found)
    require("did you mean `dense`?" in found[0]["message"], found[0])
    for title in ("Replace `dence` with `dense`", "Replace `0` with `8`"):
        code = found[0] if "dence" in title else found[1]
        request = {**server.over(uri), "range": code["range"]}
        actions = [one for one in server.request("textDocument/codeAction", request) if one["kind"] == "quickfix"]
        require([one["title"] for one in actions] == [title], "the quick fix", title, actions)
        require(actions[0]["diagnostics"] == [code], "the diagnostic of the fix", actions)
        server.change(uri, server.edited(uri, actions[0]["edit"]["changes"][uri]))
        found = server.diagnostics(uri)
        found = found + found  # the next title is about what is left
    require(server.texts[uri] == RIGHT and found == [], "after both fixes:", found)


def related_places(server, folder):
    uri = uri_of(folder, "twice.btn")
    server.open(uri, "let é = 1;\nlet a = 1; /* 😀 */ let a = 2;\n" + RIGHT)
    one = [one for one in server.diagnostics(uri) if one["code"] == "E0308"][0]
    require(server.shown(uri, one["range"]) == "a", one)
    related = one["relatedInformation"][0]
    require(related["message"] == "first declared here" and server.shown(uri, related["location"]["range"]) == "a", one)
    require(related["location"]["range"]["start"]["line"] == 1 and related["location"]["uri"] == uri, one)


def stale_and_empty(server, folder):
    uri = uri_of(folder, "digits.btn")
    server.open(uri, TUTORIAL)
    for number in range(30):  # only the last one need be answered, but nothing older may come behind it
        server.change(uri, TUTORIAL + "\n" * number)
    server.change(uri, RIGHT)
    require(server.diagnostics(uri) == [], "the newest version has no mistakes")
    versions = [one["params"]["version"] for one in server.notifications]
    require(all(version < server.versions[uri] for version in versions), "stale diagnostics", versions)
    server.change(uri, TUTORIAL)
    require(len(server.diagnostics(uri)) == 2, "mistakes again")
    server.close(uri)
    require(server.diagnostics(uri) == [], "a closed text has no diagnostics")


def unsaved_includes(server, folder):
    main, part = uri_of(folder, "main.btn"), uri_of(folder, "parts.btn")
    with open(os.path.join(folder, "parts.btn"), "w", encoding="utf-8") as file:
        file.write("network saved { input vector(3); layer only = dense(2); }\n")
    server.open(main, "// é😀\ninclude \"parts.btn\";\nschedule { phase p { correct hidden; } }\n")
    require([one["code"] for one in server.diagnostics(main)] == ["E0406"], "the saved file has no such layer")
    server.open(part, "network n { input vector(3);\n /* é😀 */ layer hidden = dense(4); layer class = dense(2); }\n")
    require(server.diagnostics(main) == [] and server.diagnostics(part) == [], "the unsaved text has the layer")
    where = server.request("textDocument/definition", server.at(main, "hidden"))
    require(where["uri"] == part and server.shown(part, where["range"]) == "hidden", where)
    where = server.request("textDocument/definition", server.at(main, "parts"))
    require(where["uri"] == part and where["range"]["start"] == {"line": 0, "character": 0}, where)
    for uri in (main, part):  # from either side
        edit = server.request("textDocument/rename", {**server.at(uri, "hidden", 2), "newName": "h1"})
        require(set(edit["changes"]) == {main, part}, "files renamed:", edit)
        require("correct h1;" in server.edited(main, edit["changes"][main]), edit)
        require("layer h1 = dense(4)" in server.edited(part, edit["changes"][part]), edit)
    found = server.request("textDocument/references", {**server.at(main, "hidden"),
                                                       "context": {"includeDeclaration": True}})
    require(sorted(one["uri"] for one in found) == [main, part], found)
    server.change(part, server.texts[part].replace("hidden", "other"))
    require([one["code"] for one in server.diagnostics(main)] == ["E0406"], "the mistake is in the including text")
    server.change(part, "network n { input vector(3); layer a = dence(4); }\n")
    require([one["code"] for one in server.diagnostics(part)] == ["E0202"], "a mistake in the included text")
    server.close(part)
    require([one["code"] for one in server.diagnostics(main)] == ["E0406"], "the saved file counts again")
    server.close(main)


def unfinished_statements(server, folder):
    """What is being typed is one mistake: it takes neither the `}` behind it nor the next line with it."""
    uri = uri_of(folder, "typing.btn")
    written = RIGHT.replace("}\n\ndata", "  /* é😀 */ ⌖\n}\n\ndata")
    behind = written.replace("⌖\n}", "⌖\n  layer last = dense(10);\n}").replace("class  =", "more =")
    for frame, names in ((written, ["hidden", "class"]), (behind, ["hidden", "more"])):
        for typed in ("layer", "layer x", "layer x =", "layer x = dense(", "layer x = conv(3x3,", "layer x = dense(4) from"):
            text = frame.replace("correct hidden, class;", "correct nobody;").replace("⌖", typed)
            server.open(uri, text)
            codes = [one["code"] for one in server.diagnostics(uri) if one["severity"] == 1]
            # without its name, any layer could be the one that is being typed
            wanted = ["E0201"] if typed == "layer" else ["E0201", "E0406"]
            require(codes == wanted, repr(typed), codes, server.texts[uri])
            place = server.at(uri, "/* é😀 */ " + typed, len("/* é😀 */ " + typed))
            if typed.endswith("from"):
                place = {**place, "position": {**place["position"], "character": place["position"]["character"] + 1}}
                server.change(uri, text.replace(typed, typed + " "))
                result = labels(server.request("textDocument/completion", place))
                require(set(names) <= set(result), result)
            symbols = server.request("textDocument/documentSymbol", server.over(uri))
            require([one["name"] for one in symbols] == ["width", "digits", "drawn", "learn"], typed, symbols)
            server.close(uri)
            server.diagnostics(uri)


def mistakes_in_files(server, folder):
    main, part = uri_of(folder, "main.btn"), uri_of(folder, "a b é.btn".replace(" ", "%20").replace("é", "%C3%A9"))
    with open(os.path.join(folder, "a b é.btn"), "w", encoding="utf-8") as file:
        file.write("network n { input vector(3); layer class = dence(2); }\n")
    server.open(main, "include \"a b é.btn\";\n")
    require([one["code"] for one in server.diagnostics(part)] == ["E0202"], "a mistake in a file that is not open")
    require(server.diagnostics(main) == [], "none in the text itself")
    server.change(main, "network n { input vector(3); layer class = dense(2); }\n")
    require(server.diagnostics(part) == [], "the file is no longer included")


def renaming(server, folder):
    uri = uri_of(folder, "names.btn")
    server.open(uri, "let k = 2; let m = 3; // é\nneuron f(x, a) = clamp(x * k - a, 0, 1);\nnetwork n { input vector(4);\n"
                     "  /* 😀 */ layer hidden = dense(k) { fire f; } layer class = dense(m); }\n")
    place = server.at(uri, "hidden")
    prepared = server.request("textDocument/prepareRename", place)
    require(server.shown(uri, prepared["range"]) == "hidden" == prepared["placeholder"], prepared)
    require(server.request("textDocument/prepareRename", server.at(uri, "vector")) is None, "no name")
    for name, words in (("class", "already a layer called `class`"), ("input", "no layer is called"),
                        ("3d", "does not begin with a digit"), ("é", "letters, digits"), ("", "letters, digits")):
        error = server.error("textDocument/rename", {**place, "newName": name})
        require(words in error["message"], name, error)
    require(server.request("textDocument/rename", {**place, "newName": "sum"}), "a layer may be called sum")
    error = server.error("textDocument/rename", {**server.at(uri, "k"), "newName": "sum"})
    require("word of the language" in error["message"], error)
    error = server.error("textDocument/rename", {**server.at(uri, "k"), "newName": "x"})
    require("taken for something else" in error["message"], "a parameter would hide it:", error)
    error = server.error("textDocument/rename", {**server.at(uri, "a)"), "newName": "k"})
    require("taken for something else" in error["message"], "it would hide a constant:", error)
    edit = server.request("textDocument/rename", {**server.at(uri, "f(x"), "newName": "bump"})
    text = server.edited(uri, edit["changes"][uri])
    require("neuron bump(x, a)" in text and "fire bump;" in text, text)
    lights = server.request("textDocument/documentHighlight", server.at(uri, "k"))
    require([one["kind"] for one in lights] == [3, 2, 2], lights)


def completion(server, folder):
    uri = uri_of(folder, "words.btn")
    os.makedirs(os.path.join(folder, "data", "cats"))
    os.makedirs(os.path.join(folder, "data", "dogs"))
    for name, text in (("table.csv", "width,\"my name\",kind\n1,2,x\n"), ("numbers.csv", "1;2;3\n"), ("other.btn", "")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    head = ("let deep = 3; // é😀\nneuron bump(x, a) = clamp(x - a, 0, 1);\n"
            "network n { input vector(4);\n  layer one = dense(4); layer two = dense(4); ")
    tail = "\n  layer last = dense(2); }\n"
    expected = [
        ("layer a = ", ["dense", "conv", "pool"], ["layer", "deep"]),
        ("layer a = dense(4) from ", ["input", "one", "two"], ["last", "deep", "layer"]),
        ("layer a = dense(", ["deep"], ["one", "clamp"]),
        ("layer a = dense(4) { fire ", ["bump", "ramp", "logistic"], ["deep"]),
        ("layer a = dense(4) { si", ["signs", "sum"], ["one"]),
        ("layer ", [], ["one", "dense"]),
        ("// ", [], ["layer"]),
        ("} let x = ", ["deep"], ["x", "one"]),
        ("} neuron g(v, w) = ", ["deep", "v", "w", "clamp", "logistic"], ["x", "a"]),
        ("} schedule { phase p { correct ", ["one", "two"], ["input", "deep"]),
        ("} schedule { phase p { eta 0.1 on ", ["one"], ["deep"]),
        ("} data d { csv train \"", ["table.csv", "numbers.csv", "data"], ["one"]),
        ("} data d { csv train \"table.csv\" label \"", ["width", "my name", "kind"], ["table.csv"]),
        ("} data d { csv train \"numbers.csv\" without \"", ["1", "2", "3"], []),
        ("} data d { images train \"", ["data"], ["table.csv"]),
        ("} data d { images train \"data/", ["cats", "dogs"], ["table.csv"]),
        ("} data d { images train \"data\"; classes \"", ["cats", "dogs"], []),
        ("} include \"", ["other.btn", "data"], ["table.csv"]),
        ("layer a = dense(4) from ⌖}", ["input", "one", "two"], ["last"]),
        ("} ", ["network", "data", "schedule", "let", "neuron", "rule", "expect", "include"], ["layer"]),
    ]
    server.open(uri, head + tail)
    for typed, wanted, unwanted in expected:
        # é and 😀 stand on the line before the place
        typed, _, behind = typed.partition("⌖")
        server.change(uri, head + "/* é😀 */ " + typed + behind + tail)
        place = server.at(uri, "/* é😀 */ " + typed, len("/* é😀 */ " + typed))
        result = server.request("textDocument/completion", place)
        missing = set(wanted) - set(labels(result))
        require(not missing, repr(typed), "should offer", missing, "not", labels(result))
        require(not set(unwanted) & set(labels(result)), repr(typed), "offers", set(unwanted) & set(labels(result)))
        for item in result["items"]:
            start, end = item["textEdit"]["range"]["start"], item["textEdit"]["range"]["end"]
            require(end == place["position"], "an item replaces what was typed:", item)
            require(start["line"] == end["line"] and start["character"] <= end["character"], item)
    server.change(uri, head + "/* é😀 */ lay" + tail)
    place = server.at(uri, "/* é😀 */ lay", len("/* é😀 */ lay"))
    item = [one for one in server.request("textDocument/completion", place)["items"] if one["label"] == "layer"][0]
    require("/* é😀 */ layer\n" in server.edited(uri, [item["textEdit"]]), item)


def hovers(server, folder):
    uri = uri_of(folder, "hover.btn")
    server.open(uri, "let k = 7; // é😀\nnetwork n { input image(28x28);\n"
                     "  /* é😀 */ layer c = conv(5x5, k) { leak 0.1; flips; sum scaled; }\n  layer class = dense(10); }\n")
    for mark, words in (("leak", "λ"), ("0.1", "Default: 0. Here: 0.1."), ("k)", "= 7"), ("conv", "conv(HxW, FILTERS)"),
                        ("class", "24x24x7 → 10, 40,320 connections, 590 kB, 201,660 operations"),
                        ("c =", "28x28x1 → 24x24x7, 100,800 connections"), ("scaled", "γ = G/√inputs"),
                        ("flips", "E0")):
        hover = server.request("textDocument/hover", server.at(uri, mark))
        if mark == "class":  # costs need a text without errors
            server.change(uri, server.texts[uri].replace(" flips;", ""))
            hover = server.request("textDocument/hover", server.at(uri, mark))
            server.change(uri, server.texts[uri].replace("sum scaled;", "flips; sum scaled;"))
        require(hover and words in hover["contents"]["value"], mark, "says", hover)
        require(hover["contents"]["kind"] == "markdown", hover)
    require(server.request("textDocument/hover", server.at(uri, "// é")) is None, "a comment has no meaning")


def signatures(server, folder):
    uri = uri_of(folder, "calls.btn")
    server.open(uri, "neuron f(x, a) = clamp(max(x, /* é😀 */ a), 0, 1);\nnetwork n { input image(8x8); layer c = conv(3x3, ")
    for mark, inside, label, argument in (("conv(", 5, "conv(HxW, FILTERS)", 0), ("3x3, ", 5, "conv(HxW, FILTERS)", 1),
                                          ("😀 */", 4, "max(a, b)", 1), (", 0", 3, "clamp(value, low, high)", 1)):
        found = server.request("textDocument/signatureHelp", server.at(uri, mark, inside))
        require(found["signatures"][0]["label"] == label and found["activeParameter"] == argument, mark, found)
        for begin, end in (part["label"] for part in found["signatures"][0]["parameters"]):
            require(label[begin:end].strip(" ,()") == label[begin:end], label[begin:end])
    require(server.request("textDocument/signatureHelp", server.at(uri, "network")) is None, "no call")


def outline(server, folder):
    uri = uri_of(folder, "digits.btn")
    server.open(uri, "// one é\n// two 😀\n" + RIGHT)
    symbols = server.request("textDocument/documentSymbol", server.over(uri))
    require([one["name"] for one in symbols] == ["width", "digits", "drawn", "learn"], symbols)
    require([one["name"] for one in symbols[1]["children"]] == ["hidden", "class"], symbols)
    require(server.shown(uri, symbols[1]["children"][1]["range"]) == "layer class  = dense(10);", symbols)
    require(server.shown(uri, symbols[1]["children"][1]["selectionRange"]) == "class", symbols)
    folds = server.request("textDocument/foldingRange", server.over(uri))
    require({"startLine": 0, "endLine": 1, "kind": "comment"} in folds, folds)
    require([fold for fold in folds if "kind" not in fold][0] == {"startLine": 4, "endLine": 7}, folds)


def colours(server, folder):
    uri = uri_of(folder, "colours.btn")
    server.open(uri, "let k = 2; /* é😀\nnext */ neuron f(x, a) = clamp(x * k - a, 0, 1);\n"
                     "network n { input vector(4); layer sum = dense(k) { fire f; } layer class = dense(2) from sum; }\n")
    legend = ["keyword", "number", "string", "comment", "namespace", "class", "variable", "function", "parameter",
              "struct", "event"]
    data = server.request("textDocument/semanticTokens/full", server.over(uri))["data"]
    line = character = 0
    tokens = []
    for i in range(0, len(data), 5):
        line, character = line + data[i], data[i + 1] + (0 if data[i] else character)
        place = {"start": {"line": line, "character": character},
                 "end": {"line": line, "character": character + data[i + 2]}}
        tokens.append((server.shown(uri, place), legend[data[i + 3]], data[i + 4]))
    for token in (("let", "keyword", 0), ("k", "variable", 3), ("k", "variable", 2), ("/* é😀", "comment", 0),
                  ("next */", "comment", 0), ("f", "function", 1), ("f", "function", 0), ("x", "parameter", 1),
                  ("clamp", "function", 0), ("sum", "class", 1), ("sum", "class", 0), ("n", "namespace", 1)):
        require(token in tokens, token, "is not among", tokens)


def hints(server, folder):
    uri = uri_of(folder, "hints.btn")
    server.open(uri, RIGHT.replace("dense(10);", "dense(10) { sum scaled; /* é😀 */ signs mixed; }"))
    found = server.request("textDocument/inlayHint", server.over(uri))
    texts = [one["label"] for one in found]
    for label in ("28x28x1 → 100, 78,400 connections", "100 → 10, 1,000 connections", "(4)", "(0.5)",
                  " switching at tau 0.5", " from input"):
        require(label in texts, label, "is not among", texts)
    require("eta 0.3 on hidden, 0.05 on class, decay 0.85;" in " ".join(texts), texts)
    at = [one for one in found if one["label"] == "(0.5)"][0]["position"]
    text = server.texts[uri]
    require(text[:index_of(text, at, server.encoding)].endswith("😀 */ signs mixed"), at)
    layer = [one for one in found if one["label"].startswith("28x28x1")][0]
    require("leak 0;" in layer["tooltip"], layer)
    part = server.request("textDocument/inlayHint", server.over(uri, "let width = 100;"))
    require(part == [], "hints outside of the range:", part)


def defaults(server, folder):
    uri = uri_of(folder, "defaults.btn")
    server.open(uri, RIGHT.replace("layer hidden = dense(width);", "layer hidden = dense(width) { leak 0.1; }"))
    for mark in ("class  =", "hidden =", "learn {"):
        actions = server.request("textDocument/codeAction", server.over(uri, mark))
        action = [one for one in actions if one["kind"] == "refactor.rewrite"][0]
        require(mark.split()[0] in action["title"], action)
        server.change(uri, server.edited(uri, action["edit"]["changes"][uri]))
        require(server.diagnostics(uri) == [], "defaults of", mark, server.texts[uri])
        actions = server.request("textDocument/codeAction", server.over(uri, mark))
        require([one for one in actions if mark.split()[0] in one["title"]] == [], "nothing is left out any more", actions)
    for line in ("    leak 0;\n", "dense(10) from hidden {\n", " epochs 10;  batch 8;", "    xi 1;\n"):
        require(line in server.texts[uri], line, "is not in", server.texts[uri])
    only = {**server.over(uri), "context": {"diagnostics": [], "only": ["quickfix"]}}
    require(server.request("textDocument/codeAction", only) == [], "only quick fixes were asked for")


def formatting(server, folder):
    uri = uri_of(folder, "layout.btn")
    untidy = "/* é😀 */ network  n {\n    input vector( 4 ) ;;\n\n\n  layer a=dense(3);\n layer class = dense(2) ; }\n"
    tidy = "/* é😀 */ network n {\n  input vector(4);\n\n  layer a     = dense(3);\n  layer class = dense(2);\n}\n"
    server.open(uri, untidy)
    edits = server.request("textDocument/formatting", server.over(uri))
    require(server.edited(uri, edits) == tidy, server.edited(uri, edits))
    require(len(edits) >= 3, "small edits:", edits)
    edits = server.request("textDocument/rangeFormatting", server.over(uri, "input vector"))
    text = server.edited(uri, edits)
    require("\n  input vector(4);\n\n  layer a=dense(3)" in text and "network  n {" in text, "the rest stays:", text)
    server.change(uri, tidy)
    require(server.request("textDocument/formatting", server.over(uri)) == [], "tidy text stays")
    server.change(uri, "network n {")
    require("errors" in server.error("textDocument/formatting", server.over(uri))["message"], "errors are told")


def odd_documents(server, folder):
    for uri, text in (("untitled:Untitled-1", "network n { input vector(3); layer a = dence(2); }"),
                      (uri_of(folder, "crlf.btn"), "// é\r\nnetwork n {\r\n input vector(3); layer a = dence(2); }\r\n"),
                      (uri_of(folder, "return.btn"), "// é\rnetwork n { input vector(3); layer a = dence(2); }"),
                      (uri_of(folder, "nul.btn"), "network n { input vector(3); /* é\0😀 */ layer a = dence(2); }")):
        server.open(uri, text)
        found = [one for one in server.diagnostics(uri) if one["code"] == "E0202"]
        require(len(found) == 1 or "return" in uri, uri, found)
        if "crlf" in uri:
            require(found[0]["range"]["start"] == {"line": 2, "character": 28}, found)
        if "nul" in uri:
            require(server.shown(uri, found[0]["range"]) == "dence", found)
        for method in ("hover", "completion", "definition"):
            server.request("textDocument/" + method, {"textDocument": {"uri": uri},
                                                      "position": {"line": 10 ** 6, "character": 10 ** 6}})
    uri = uri_of(folder, "large.btn")
    server.open(uri, "// " + "é" * (3 << 20))
    require([one["code"] for one in server.diagnostics(uri)] == ["E0208"], "a text above 4 MiB")
    server.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 5}})
    os.mkfifo(os.path.join(folder, "pipe.btn"))
    uri = uri_of(folder, "pipes.btn")
    server.open(uri, "include \"pipe.btn\"; include \"/dev/stdin\"; include \"/dev/zero\"; include \"pipes.btn\";")
    require([one["code"] for one in server.diagnostics(uri)] == ["E0209"] * 3 + ["E0210"], "no pipe is read")


CHECKS = [diagnostics_and_quick_fixes, related_places, stale_and_empty, unsaved_includes, unfinished_statements,
          mistakes_in_files, renaming, completion, hovers, signatures, outline, colours, hints, defaults, formatting,
          odd_documents]


def main():
    failed = 0
    for encoding in ("utf-16", "utf-8"):
        for check in CHECKS:
            with tempfile.TemporaryDirectory() as folder:
                server = Server(bouton, encoding, cwd=folder)
                try:
                    server.initialise()
                    check(server, os.path.realpath(folder))
                    server.stop()
                except Failure as failure:
                    failed += 1
                    print(f"{check.__name__} in {encoding}: {failure}")
                finally:
                    server.process.kill()
                    server.process.wait()
    print(f"{2 * len(CHECKS)} sessions, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
