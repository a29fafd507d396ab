#!/bin/sh
# Tests the pages that `bouton report` writes, and what `bouton compare` prints:   run.sh BOUTON SOURCES
#
# Compares the bytes of two runs, every number with `eval --json`, and looks at the pages in a headless Chromium in two
# widths, light and dark. tidy checks the markup. If a tool is missing, prints a line that begins with SKIP and exits
# with 77.
set -eu
if [ $# -ne 2 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON SOURCES" >&2
    exit 2
fi
bouton=$1
here=$(cd "$2" && pwd)/tests/report
suite=report
. "$here/../begin.sh"
for tool in node tidy chromium; do
    has $tool || skip "$tool is missing"
done

# ---- models: filters that compete; a vector with hostile names; the same held out by another seed ----

cp "$here"/*.btn "$here"/../sweep/tiny.btn .
awk -f "$here/table.awk" >'<b>.csv'
for name in winners table; do
    "$bouton" train $name.btn >log 2>&1 || { cat log; exit 1; }
done
sed 's/epochs 3/epochs 2/' table.btn >other.btn
"$bouton" train other.btn -o other.safetensors --seed 5 >log 2>&1 || { cat log; exit 1; }

# ---- the same bytes, no file half written, tidy ----

for name in winners table; do
    "$bouton" report $name.safetensors -o $name.html >said
    grep -q "^wrote $name.html ([0-9,]* bytes)$" said || complain "$name: said $(cat said)"
    "$bouton" report $name.safetensors --threads 1 -o again.html >/dev/null
    cmp $name.html again.html || complain "$name: other bytes the second time"
    "$bouton" eval $name.safetensors --json >$name.json
done
[ "$(wc -c <winners.html)" -le 2097152 ] || complain "winners.html is larger than 2 MB"
! grep -q '<script' ./*.html || complain "there is a script in a page"

mkdir empty
cp table.safetensors empty/
"$bouton" report empty/table.safetensors -o without.html >/dev/null 2>said
grep -q "the data files were not found beside the model" said || complain "no word about missing data: $(cat said)"
grep -q "the data files were not found beside the model" without.html || complain "the page does not say what is missing"
status=0
"$bouton" report winners.safetensors -o nowhere/x.html >said 2>&1 || status=$?
[ $status = 3 ] || complain "a folder that is missing: status $status, $(cat said)"
status=0
"$bouton" report table.safetensors --data empty -o x.html >said 2>&1 || status=$?
[ $status = 3 ] && [ ! -e x.html ] || complain "a folder without the data: status $status, $(cat said)"

for page in ./*.html; do
    tidy -q -e --show-info no "$page" 2>said || true
    [ ! -s said ] || complain "$page: tidy says $(head -3 said)"
done

# ---- two models on the same samples ----

sed 's/dense(12)/dense(2)/' table.btn >narrow.btn
"$bouton" train narrow.btn -o narrow.safetensors >log 2>&1 || { cat log; exit 1; }
"$bouton" eval narrow.safetensors --json >narrow.json
"$bouton" compare table.safetensors narrow.safetensors --json >compared.json
node "$here/compare.mjs" compared.json table.json narrow.json || complain "compare: see above"
status=0
"$bouton" compare table.safetensors other.safetensors >said 2>&1 || status=$?
[ $status = 1 ] && grep -q "do not read the same test samples" said || complain "other samples: $(cat said)"


# ---- several models, and a sweep, on one page ----

cp narrow.safetensors 'n&<i>"w.safetensors'
beside="table.safetensors n&<i>\"w.safetensors other.safetensors empty/table.safetensors winners.safetensors"
for name in beside again; do
    # shellcheck disable=SC2086
    "$bouton" report $beside -o $name.html >/dev/null 2>said || complain "several models: $(cat said)"
done
cmp beside.html again.html || complain "several models: other bytes the second time"
grep -q "^note: empty/table.safetensors: the report has none of its answers" said || complain "several models: said $(cat said)"
status=0
"$bouton" report table.safetensors narrow.safetensors nothing.safetensors -o x.html >said 2>&1 || status=$?
[ $status = 3 ] && [ ! -e x.html ] || complain "a model that is missing: status $status, $(cat said)"

"$bouton" sweep tiny.btn --seeds 1..2 --set width=2,5,10 --set rate=0.1,0.3 -o runs >/dev/null 2>log || { cat log; exit 1; }
"$bouton" sweep --collect runs --json >swept.json
for name in runs again; do
    "$bouton" report --runs runs -o $name.html >said 2>&1 || complain "a sweep: $(cat said)"
done
cmp runs.html again.html || complain "a sweep: other bytes the second time"
rm runs/*/result.json # of no run: the page says that all are missing
"$bouton" report --runs runs -o missing.html >said 2>&1 || complain "a sweep without runs: $(cat said)"
grep -q "0 of 12 runs are finished" missing.html || complain "a sweep without runs: the page does not say so"
sed -i 's/"width"/"w<script>"/' runs/sweep.json
"$bouton" report --runs runs -o missing.html >said 2>&1 || complain "a hostile name in a sweep: $(cat said)"
grep -q 'w&lt;script&gt;' missing.html && ! grep -q '<script' missing.html || complain "a hostile name in a sweep"
for page in beside runs missing; do
    tidy -q -e --show-info no $page.html 2>said || true
    [ ! -s said ] || complain "$page: tidy says $(head -3 said)"
    [ "$(wc -c <$page.html)" -le 2097152 ] || complain "$page.html is larger than 2 MB"
done

timeout 180 node "$here/page.mjs" "$(command -v chromium)" winners table without beside runs missing ||
    failed=$((failed + 1))
[ "$failed" = 0 ]
