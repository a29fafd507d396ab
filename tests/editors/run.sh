#!/bin/sh
# Checks the files of editors/, in the editors that are installed:   sh tests/editors/run.sh BOUTON ROOT
set -eu
[ $# = 2 ] && [ -x "$1" ] || { sed -n '2p' "$0" >&2; exit 2; }
bouton=$(cd "$(dirname "$1")" && pwd)
root=$(cd "$2" && pwd)
editors=$root/editors
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"
failed=0
complain() { echo "FAIL  $*"; failed=$((failed + 1)); }
has() { command -v "$1" >/dev/null || { echo "SKIP editors: $1 is not installed"; return 1; }; }

sh "$editors/generate.sh" --check || complain "the files differ from the tables"
cat >sample.btn <<'END'
let width = 100; // let and "this" are words here too
network digits {
  input image(28x28);
  layer hidden = dence(width);
}
data drawn { csv train "a \"b.csv" label first; }
END

# VS Code: all JSON can be read, every pattern compiles, and the first match at each place has the scope that it should.
if has node; then
    cat >check.js <<'END'
const fs = require("fs"), path = require("path"), dir = process.argv[2];
const read = (file) => JSON.parse(fs.readFileSync(path.join(dir, file), "utf8"));
const manifest = read("package.json"), contributes = manifest.contributes;
for (const file of [contributes.languages[0].configuration, contributes.snippets[0].path]) read(file);
if (!fs.existsSync(path.join(dir, manifest.main))) throw new Error("main is missing");
const grammar = read(contributes.grammars[0].path);
function scopes(line) {
  const found = {};
  for (let at = 0; at < line.length; ) {
    let best = null;
    for (const pattern of grammar.patterns) {
      const match = new RegExp(pattern.match ?? pattern.begin, "g");
      match.lastIndex = at;
      const hit = match.exec(line);
      if (hit && (best === null || hit.index < best.hit.index)) best = { hit, pattern };
    }
    if (best === null) break;
    at = best.hit.index + best.hit[0].length;
    if (best.pattern.begin) {
      const end = new RegExp(best.pattern.end, "g");
      end.lastIndex = at;
      const hit = end.exec(line);
      at = hit ? hit.index + Math.max(hit[0].length, 1) : line.length;
    }
    for (const [group, capture] of Object.entries(best.pattern.captures ?? {})) found[best.hit[group]] = capture.name;
    if (best.pattern.name) found[best.hit[0]] = best.pattern.name;
  }
  return found;
}
const wanted = [
  ["  layer hidden = dense(width) from input;", { layer: "keyword.control.btn", hidden: "entity.name.btn", dense: "storage.type.btn", from: "keyword.other.btn" }],
  ["  input image(28x28x3) in [0, 0.5];", { "28x28x3": "constant.numeric.size.btn", "0.5": "constant.numeric.btn" }],
  ["  hold out 10% of train as test; // layer", { "10%": "constant.numeric.btn", train: "constant.language.btn", layer: undefined }],
  ['  csv train "layer" label first;', { csv: "storage.type.btn", layer: undefined, label: "keyword.other.btn" }],
  ["neuron n(x, a) = max(x, tanh(a));", { neuron: "keyword.control.btn", max: "support.function.btn", tanh: "support.function.btn" }],
];
for (const [line, expected] of wanted)
  for (const [text, scope] of Object.entries(expected))
    if (scopes(line)[text] !== scope) throw new Error(`${text} in '${line}' is ${scopes(line)[text]}, not ${scope}`);
END
    node check.js "$editors/vscode" || complain "VS Code"
    node --check "$editors/vscode/extension.js" || complain "extension.js"
fi
if has zip && has unzip; then
    sh "$editors/vscode/pack.sh" "$scratch/bouton.vsix" >/dev/null || complain "pack.sh"
    for file in '[Content_Types].xml' extension.vsixmanifest extension/package.json extension/extension.js \
        extension/syntaxes/btn.tmLanguage.json extension/snippets/btn.json extension/language-configuration.json; do
        unzip -l bouton.vsix | grep -qF " $file" || complain "bouton.vsix lacks $file"
    done
    unzip -p bouton.vsix extension.vsixmanifest >manifest.xml
fi
if has xmllint; then
    [ ! -f manifest.xml ] || xmllint --noout manifest.xml || complain "the manifest of bouton.vsix"
    xmllint --noout "$editors/kate/btn.xml" "$editors/gtksourceview/btn.lang" || complain "XML of Kate and GtkSourceView"
fi

# Vim: groups of words, and the place of a mistake after :make.
if has vim && vim --version | grep -q '+syntax'; then
    cat >test.vim <<END
set nocompatible runtimepath^=$editors/vim nomore
filetype plugin on
syntax on
edit sample.btn
function! Group(line, text)
  return synIDattr(synID(a:line, stridx(getline(a:line), a:text) + 1, 1), 'name')
endfunction
let out = [&filetype, Group(1, 'let'), Group(1, '100'), Group(1, 'this'), Group(3, 'image'), Group(3, '28x28')]
let out += [Group(6, 'train'), Group(6, 'b.csv'), Group(6, 'first'), &commentstring]
silent make!
for item in getqflist()
  if item.valid
    call add(out, item.lnum . ':' . item.col . ' ' . item.type . ' ' . item.nr)
  endif
endfor
call writefile(out, 'vim.out')
qall!
END
    PATH="$bouton:$PATH" HOME=$scratch vim -es -u test.vim </dev/null >/dev/null 2>&1 || true
    printf '%s\n' btn btnBlock btnNumber btnComment btnKind btnSize btnSplit btnString btnSetting '// %s' '4:18 e 202' >vim.wanted
    diff vim.wanted vim.out || complain "Vim"
fi

# Emacs: the mode, its faces and indentation.
if has emacs; then
    cat >test.el <<'END'
(require 'btn-mode)
(find-file "sample.btn")
(font-lock-ensure)
(defun face (text) (goto-char (point-min)) (search-forward text) (get-text-property (match-beginning 0) 'face))
(princ (format "%s %s %s %s %s %s\n" major-mode (face "let") (face "this") (face "image") (face "train") (face "a \\\"b")))
(goto-char (point-min)) (search-forward "layer") (beginning-of-line) (delete-horizontal-space) (indent-for-tab-command)
(princ (format "%d\n" (current-indentation)))
END
    emacs --batch -Q -L "$editors/emacs" -l test.el >emacs.out 2>emacs.err || complain "Emacs: $(cat emacs.err)"
    printf '%s\n' 'btn-mode font-lock-keyword-face font-lock-comment-face font-lock-type-face font-lock-constant-face font-lock-string-face' 2 >emacs.wanted
    diff emacs.wanted emacs.out || complain "Emacs"
    emacs --batch -Q -L "$editors/emacs" --eval '(setq byte-compile-error-on-warn t)' -f batch-byte-compile \
        "$editors/emacs/btn-mode.el" >emacs.out 2>&1 || complain "Emacs: $(cat emacs.out)"
    rm -f "$editors/emacs/btn-mode.elc"
fi

# nano: every pattern is an expression of the C library.
sed -n 's/^color [a-z]* "\(.*\)"$/\1/p' "$editors/nano/btn.nanorc" | while read -r pattern; do
    status=0
    grep -Eqe "$pattern" sample.btn || status=$?
    [ "$status" -le 1 ] || echo "$pattern"
done >nano.out
[ ! -s nano.out ] || complain "nano: $(cat nano.out)"

[ "$failed" = 0 ] && echo "editors: ok"
