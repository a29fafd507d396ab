#!/bin/sh
# Checks what `bouton graph` writes: run.sh BOUTON
#
#     SVG   parses as XML (xmllint), holds no script and nothing to load, and is the same twice; names of files and
#           classes stay text, whatever they are
#     DOT   is accepted by graphviz (dot), if it is installed
#     PNG   has a PNG's beginning and the size of the SVG, twice as many pixels; a picture too large is refused
#
# docs/picture.svg, the picture of README.md, is what docs/picture/make.sh draws.
set -eu
[ $# = 1 ] && [ -x "$1" ] || { sed -n '2p' "$0" >&2; exit 2; }
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
suite=graph
. "$here/../begin.sh"
quietly() { "$@" >said 2>&1 || { cat said; complain "failed: $*"; }; }
has xmllint || echo "xmllint is not installed: SVG is not parsed"
has dot || echo "graphviz is not installed: DOT is not read"

check_svg() { # FILE
    if has xmllint; then xmllint --noout --nonet "$1" || complain "$1: no XML"; fi
    ! grep -qi '<script\|href\|@import\|url(' "$1" || complain "$1: has a script or loads something"
    [ "$(grep -c '^<svg ' "$1")" = 1 ] || complain "$1: not one <svg>"
}
check_dot() { # FILE
    if has dot; then dot -Tsvg "$1" >dot.svg || complain "$1: graphviz refuses it"; fi
}

cp "$here"/../golden/*.btn .
for text in small maps encoded series winners formula; do
    quietly "$bouton" graph $text.btn -o $text.svg
    check_svg $text.svg
    quietly "$bouton" graph $text.btn -o again.svg
    cmp $text.svg again.svg || complain "$text.svg: not the same twice"
    quietly "$bouton" graph $text.btn -o $text.dot
    check_dot $text.dot
done

# a trained model: live shares, and samples with hostile names
quietly "$bouton" train maps.btn -o maps.safetensors
quietly "$bouton" graph maps.safetensors -o live.svg
check_svg live.svg
grep -q '% live</text>' live.svg || complain "live.svg: no live shares"
quietly "$bouton" draw 3 -o three.png
for name in three.png '<script>&"'"'"'.png' "$(printf 'bell\a\033[31m\377.png')" "$(printf '%0200d' 7).png"; do
    [ -e "$name" ] || cp three.png "$name"
    quietly "$bouton" graph maps.safetensors --sample "$name" -o sample.svg
    check_svg sample.svg
    quietly "$bouton" graph maps.safetensors --sample "$name" -o sample.png
done
{ echo 'a,b,kind'; for i in 1 2 3 4 5 6 7 8 9; do echo "0.$i,0.1,\"<b>&\"\"x\"\"\""; echo "0.1,0.$i,</svg>"; done; } >rows.csv
echo 'network r { input vector(2); layer class = dense(2); } data d { csv train "rows.csv"; values in [0, 1]; }
schedule { phase p { correct class; } }' >r.btn
quietly "$bouton" train r.btn -o r.safetensors
printf 'a,b\n0.9,0.1\n' >one.csv
quietly "$bouton" graph r.safetensors --sample one.csv -o r.svg
check_svg r.svg
grep -q '&lt;' r.svg || complain "r.svg: the name of the answer is missing"

# PNG
size() { # FILE.svg: width and height
    sed -n 's/^<svg .* width="\([0-9.]*\)" height="\([0-9.]*\)".*/\1 \2/p' "$1"
}
quietly "$bouton" graph maps.btn -o maps.png
[ "$(head -c 8 maps.png | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || complain "maps.png: no PNG"
wanted=$(size maps.svg | awk '{ printf "%08x%08x", $1 * 2 == int($1 * 2) ? $1 * 2 : int($1 * 2) + 1, $2 * 2 == int($2 * 2) ? $2 * 2 : int($2 * 2) + 1 }')
[ "$(head -c 24 maps.png | tail -c 8 | od -An -tx1 | tr -d ' \n')" = "$wanted" ] || complain "maps.png: not twice maps.svg"

# a thousand layers
awk 'BEGIN { print "network deep { input vector(4);"; for (i = 0; i < 1000; i++) print "layer l" i " = dense(2);"; print "}" }' >deep.btn
quietly "$bouton" graph deep.btn -o deep.svg
check_svg deep.svg
[ "$(grep -c '<rect' deep.svg)" = 1002 ] || complain "deep.svg: not 1001 boxes and a page"
cp maps.png kept.png
! "$bouton" graph deep.btn -o kept.png >said 2>&1 || complain "a picture of a thousand layers became a PNG"
grep -q 'too large for a PNG' said || complain "$(cat said)"
cmp maps.png kept.png || complain "kept.png: an old file was lost"

# the picture of README.md
sh "$here/../../docs/picture/make.sh" "$bouton" "$scratch/picture.svg" >said 2>&1 || { cat said; complain "docs/picture/make.sh failed"; }
cmp picture.svg "$here/../../docs/picture.svg" || complain "docs/picture.svg: docs/picture/make.sh draws another picture"
check_svg "$here/../../docs/picture.svg"
[ "$failed" = 0 ] && echo "pictures of networks are in order"
