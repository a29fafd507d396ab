#!/bin/sh
# Builds a web page that classifies drawn digits with a trained network and shows which connections were live.
#
#     sh examples/mnist/web/build.sh [MODEL.safetensors | DIR]
#
# MODEL reads images of 28x28 and has ten labels. DIR holds the four MNIST files, and examples/mnist/digits.btn is first
# trained on them. Without either, the model that examples/mnist/run.sh trained last is used. The page is one
# self-contained file, $OUT/index.html (OUT is build/web by default). BOUTON names the program to use instead of
# build/bouton.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
given=${1:-$root/build/mnist/digits.safetensors}
out=${OUT:-$root/build/web}
if [ $# -gt 1 ] || [ ! -e "$given" ]; then
    [ $# -gt 1 ] || echo "$given: no such file or folder" >&2
    echo "usage: sh examples/mnist/web/build.sh [MODEL.safetensors | DIR]" >&2
    echo "DIR holds the four MNIST files" >&2
    exit 2
fi
model=$given
if [ -d "$given" ]; then
    OUT=$root/build/mnist sh "$here/../run.sh" "$given"
    model=$root/build/mnist/digits.safetensors
fi
bouton=${BOUTON:-$root/build/bouton}
[ -n "${BOUTON:-}" ] || sh "$root/examples/build.sh"
mkdir -p "$out"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

"$bouton" build "$model" --emit=lib --target=wasm32 -o "$work/net" >/dev/null
header=$work/net.h
constant() { # NAME: prints the constant's value from the header
    sed -n "s/^#define [A-Z0-9_]*_$1  *\([0-9.e+-]*\)u\{0,1\}\( .*\)\{0,1\}\$/\1/p" "$header" | head -1
}
shape="$(constant HEIGHT)x$(constant WIDTH)x$(constant CHANNELS)"
if [ "$shape" != 28x28x1 ] || [ "$(constant LABELS)" != 10 ]; then
    echo "$model: reads $shape and has $(constant LABELS) labels; the page draws 28x28x1 for ten" >&2
    exit 1
fi

{ # constants of the header, and the module
    printf 'const facts = {"name":"%s"' "$(sed -n 's/^uint32_t \(.*\)_interface(void);$/\1/p' "$header")"
    for name in LOW HIGH INPUTS LABELS SCRATCH LAYERS TRACE; do
        printf ',"%s":%s' "$(echo $name | tr A-Z a-z)" "$(constant $name)"
    done
    printf ',"fields":[%s]};\n' "$(sed -n 's/^    uint32_t \([a-z_]*\);.*/"\1"/p' "$header" | paste -sd, -)"
    printf 'const wasm = "%s";\n' "$(base64 "$work/net.wasm" | tr -d '\n')"
    for script in ink network look paint page; do # modules are concatenated, each after its imports
        sed '/^import /d; s/^export //' "$here/$script.mjs"
    done
} >"$work/script"
sed -e "/^@style@\$/{r $here/style.css
d
}" -e "/^@script@\$/{r $work/script
d
}" "$here/page.html" >"$work/index.html"
mv "$work/index.html" "$out/index.html"
echo "wrote $out/index.html ($(wc -c <"$out/index.html" | tr -d ' ') bytes)"
