#!/bin/sh
# Writes docs/diagnostics.md from lang/report/diagnostic.def.   sh docs/diagnostics.sh [--check]
# --check changes nothing and fails where the page and the table differ.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
table=$here/../lang/report/diagnostic.def
page=$here/diagnostics.md
case ${1:-} in
"" | --check) ;;
*) echo "usage: sh docs/diagnostics.sh [--check]" >&2; exit 2 ;;
esac
new=$(mktemp)
trap 'rm -f "$new"' EXIT

LC_ALL=C awk '
# Markdown outside `code`: a backslash, a star or a bar would be taken for markup. An argument {0} shows as dots.
function shown(text,    i, c, code, out) {
    gsub(/\{[0-9]\}/, "...", text)
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "`") code = !code
        out = out ((c == "|" || (!code && index("\\*<", c))) ? "\\" c : c)
    }
    return out
}
# Fields of one DIAGNOSTIC(...), split at commas outside strings; neighbouring strings join as in C.
function take(text,    i, c, string) {
    fields = 1
    split("", field)
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (string && c == "\\") { i++; field[fields] = field[fields] substr(text, i, 1) }
        else if (c == "\"") string = !string
        else if (string || c !~ /[ \n,]/) field[fields] = field[fields] c
        else if (c == ",") fields++
    }
}
function write(text,    letter, help) {
    take(text)
    if (fields != 6) { print "diagnostic.def: " fields " fields in " text | "cat >&2"; failed = 1; exit 1 }
    letter = field[3] == "BL_ERROR" ? "E" : field[3] == "BL_WARNING" ? "W" : "N"
    help = field[5]
    gsub(/\|/, " / ", help)
    printf "| %s%04d | %s | %s | %s |\n", letter, field[2], shown(field[4]), shown(help), shown(field[6])
    count++
}
BEGIN {
    print "# Diagnostics\n"
    print "Generated from `lang/report/diagnostic.def` by `sh docs/diagnostics.sh`. E marks an error, W a"
    print "warning, N a note. Dots stand for names and numbers that the message fills in. Where the help has"
    print "several alternatives, the first that applies is shown.\n"
    print "| code | message | help | explanation |\n|---|---|---|---|"
}
/^DIAGNOSTIC\(/ { collecting = 1; sub(/^DIAGNOSTIC\(/, ""); text = "" }
collecting {
    text = text $0 "\n"
    if ($0 ~ /"\)$/) { sub(/\)\n$/, "", text); write(text); collecting = 0 }
}
END {
    if (failed) exit 1
    if (collecting || count == 0) { print "diagnostic.def: not understood" | "cat >&2"; exit 1 }
}
' "$table" >"$new"

if [ "${1:-}" != --check ]; then
    cp "$new" "$page"
elif ! diff -u "$page" "$new"; then
    echo "docs/diagnostics.md is stale: run sh docs/diagnostics.sh" >&2
    exit 1
fi
