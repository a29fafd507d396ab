#!/bin/sh
# Fills the tables of README.md from docs/results.md.   sh docs/figures.sh [--check]
# --check changes nothing and fails where a figure of README.md differs from docs/results.md.
#
# In README.md, tables between `<!-- figures: docs/results.md -->` and `<!-- end of figures -->` quote docs/results.md:
# a cell holds the figure that stands there in the row with the same first cell, in the column with the same heading.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
results=$here/results.md
readme=$here/../README.md
case ${1:-} in
"" | --check) ;;
*) echo "usage: sh docs/figures.sh [--check]" >&2; exit 2 ;;
esac
new=$(mktemp)
trap 'rm -f "$new"' EXIT

LC_ALL=C awk '
function trimmed(text) {
    gsub(/^[ *]+|[ *]+$/, "", text)
    return text
}
# The cells of a line of a table, into `cell`; their number.
function split_row(line,    i, count) {
    count = split(substr(line, 2), cell, "|") - 1
    for (i = 1; i <= count; i++)
        cell[i] = trimmed(cell[i])
    return count
}
function fault(text) {
    print "README.md: " text | "cat >&2"
    faults++
}
# Remembers the columns of a heading; true where the line is a heading or the rule below it.
function is_heading(line,    i, count) {
    if (table_line++ == 0) {
        count = split_row(line)
        for (i = 1; i <= count; i++)
            heading[i] = cell[i]
    }
    return table_line <= 2
}
function store(line,    i, count) {
    count = split_row(line)
    for (i = 2; i <= count; i++)
        if ((cell[1], heading[i]) in figure)
            twice[cell[1], heading[i]] = 1
        else
            figure[cell[1], heading[i]] = cell[i]
}
function quoted(line,    i, count, text) {
    count = split_row(line)
    text = "| " cell[1]
    for (i = 2; i <= count; i++) {
        if (!((cell[1], heading[i]) in figure) || (cell[1], heading[i]) in twice) {
            fault("\"" cell[1] "\", \"" heading[i] "\": not exactly one figure of docs/results.md")
            return line
        }
        text = text " | " figure[cell[1], heading[i]]
        quotes++
    }
    gsub(/[*][*]/, "", text)
    return text " |"
}
!/^\|/ { table_line = 0 }
FNR == NR {
    if (/^\|/ && !is_heading($0)) store($0)
    next
}
/^<!-- end of figures -->$/ { quoting = 0 }
{ print quoting && /^\|/ && !is_heading($0) ? quoted($0) : $0 }
/^<!-- figures: docs\/results.md -->$/ { quoting = 1 }
END {
    if (quoting) fault("`<!-- end of figures -->` is missing")
    if (!quotes) fault("no figure of docs/results.md is quoted")
    exit faults > 0
}
' "$results" "$readme" >"$new"

if [ "${1:-}" != --check ]; then
    cat "$new" >"$readme"
elif ! diff -u "$readme" "$new"; then
    echo "README.md differs from docs/results.md: run sh docs/figures.sh" >&2
    exit 1
fi
