#!/bin/sh
# Tests the language server by its clients:   run.sh BOUTON [--edits COUNT] [PART...]
#
# Parts: session (what an editor asks), hostile (clients that break the protocol), edits (random edits, compared with
# fresh checks), protocol (typed requests by vscode-languageserver-protocol from npm), neovim, emacs. Without PART, all.
# A part whose tool is missing says SKIP. --edits: 10000 are usual by hand; a test run makes 3000 / BOUTON_TEST_FEWER.
set -eu
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON [--edits COUNT] [PART...]" >&2
    exit 2
fi
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
edits=$((3000 / ${BOUTON_TEST_FEWER:-1}))
if [ "${1:-}" = --edits ]; then
    edits=$2
    shift 2
fi
[ $# -gt 0 ] || set -- session hostile edits protocol neovim emacs
python=/usr/bin/python3
[ -x $python ] || python=python3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
unset BOUTON_DATA
export BOUTON="$bouton" PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
# AddressSanitizer keeps freed memory for a while; with less of it, a server that grows is told from one that does not.
export ASAN_OPTIONS="quarantine_size_mb=1:thread_local_quarantine_size_kb=64:${ASAN_OPTIONS:-}"

has() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "SKIP  lsp, $part: $1 is missing"
    false
}

protocol() { # the package lies in a folder of the build, where a later run finds it
    folder=$(dirname "$bouton")/tests/npm
    mkdir -p "$folder"
    if [ ! -d "$folder/node_modules/vscode-languageserver-protocol" ] &&
        ! (cd "$folder" && timeout 60 npm install --no-audit --no-fund --ignore-scripts --silent \
            vscode-languageserver-protocol@3.17.5) >/dev/null 2>&1; then
        echo "SKIP  lsp, protocol: npm cannot be reached"
        return
    fi
    NODE_PATH=$folder/node_modules timeout 120 node "$here/protocol.cjs" "$bouton"
}

failed=0
for part; do
    mkdir -p "$scratch/$part"
    export FOLDER="$scratch/$part" HOME="$scratch/$part"
    case $part in
    session | hostile) has "$python" && { timeout 600 "$python" "$here/$part.py" "$bouton" || failed=1; } ;;
    edits) has "$python" && { timeout 3000 "$python" "$here/edits.py" "$bouton" "$edits" || failed=1; } ;;
    protocol) has node && has npm && { protocol || failed=1; } ;;
    neovim) has nvim && { timeout 120 nvim --headless --clean -u "$here/neovim.lua" || failed=1; } ;;
    emacs)
        has emacs || continue
        status=0
        timeout 240 emacs --batch -l "$here/eglot.el" >"$FOLDER/said" 2>&1 || status=$?
        case $status in
        0) ;;
        77) echo "SKIP  lsp, emacs: eglot is missing" ;;
        *) cat "$FOLDER/said"; failed=1 ;;
        esac
        ;;
    *) echo "$part: no such part" >&2; exit 2 ;;
    esac
done
[ $failed = 0 ]
