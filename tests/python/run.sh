#!/bin/sh
# The Python package with the library of a build:   sh tests/python/run.sh BUILD SOURCE PART
#
#     network      networks: the command line's models, arrays, exceptions, lifetimes, threads, processes
#     estimators   scikit-learn's checks and what users do; $BOUTON_TEST_FEWER leaves some of the checks out
#     examples     the examples of examples/python
#     wheel        the wheel, built without a network and used in a clean virtual environment
#     r            the example of examples/r
set -eu
[ $# = 3 ] && [ -f "$1/build.ninja" ] || { sed -n '2p' "$0" >&2; exit 2; }
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
part=$3
skip() { echo "SKIP $part: $*"; exit 77; }

# Debian's packages belong to its own python3, which need not be the first in PATH.
python=
for candidate in "${PYTHON:-}" python3 /usr/bin/python3; do
    [ -z "$python" ] && [ -n "$candidate" ] && "$candidate" -c 'import numpy, pytest' 2>/dev/null && python=$candidate
done
[ "$part" = r ] || [ -n "$python" ] || skip "no python3 with numpy and pytest (python3-numpy, python3-pytest)"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
BOUTON_LIBRARY=$(find "$build" -maxdepth 1 -name 'libbouton.so')
BOUTON_PROGRAM=$build/bouton
PYTHONDONTWRITEBYTECODE=1
export BOUTON_LIBRARY BOUTON_PROGRAM PYTHONDONTWRITEBYTECODE
preload= # of AddressSanitizer, which must come before Python; the interpreter itself leaks
if nm -D "$BOUTON_LIBRARY" | grep -q __asan_init; then
    preload=$(clang -print-file-name=libclang_rt.asan-x86_64.so)
    [ -f "$preload" ] || skip "clang's AddressSanitizer is not there as a shared library"
    ASAN_OPTIONS=detect_leaks=0
    export ASAN_OPTIONS
fi
need_sklearn() { "$python" -c 'import sklearn' 2>/dev/null || skip "no scikit-learn (python3-sklearn)"; }

suite() { # FILE
    PYTHONPATH=$source/python LD_PRELOAD=$preload "$python" -m pytest -q -x -p no:cacheprovider --basetemp "$scratch/pytest" \
        -c "$source/python/pyproject.toml" "$source/python/tests/$1"
}

case $part in
network) suite test_network.py ;;
estimators)
    need_sklearn
    suite test_estimators.py
    ;;
examples)
    need_sklearn
    OUT=$scratch PYTHON=$python sh "$source/examples/python/run.sh" >"$scratch/out" || { cat "$scratch/out"; exit 1; }
    for words in 'test 96.45%' 'the first flower is' '200 features, of which 10 are on' 'answer 7: drive'; do
        grep -q "$words" "$scratch/out" || { cat "$scratch/out"; echo "no '$words'"; exit 1; }
    done
    [ -s "$scratch/digits.html" ] && [ -s "$scratch/why.html" ] && [ -s "$scratch/digits.safetensors" ]
    ;;
wheel)
    "$python" -c 'import setuptools, wheel, pip, venv' 2>/dev/null ||
        skip "no setuptools, wheel, pip or venv (python3-setuptools, python3-wheel, python3-pip, python3-venv)"
    PYTHON=$python sh "$source/python/wheel.sh" "$scratch" "$build"
    "$python" -m venv --without-pip "$scratch/venv"
    # numpy is Debian's: there is no network to get another from.
    "$python" -c 'import numpy, os; print(os.path.dirname(os.path.dirname(numpy.__file__)))' >"$scratch/numpy.path"
    ln -s "$(cat "$scratch/numpy.path")/numpy" "$(find "$scratch/venv/lib" -name site-packages)/numpy"
    "$python" -m pip --python "$scratch/venv/bin/python" install --quiet --no-index --no-deps \
        --disable-pip-version-check "$scratch"/bouton-*.whl
    cd "$scratch"
    env -u BOUTON_LIBRARY -u PYTHONPATH "$scratch/venv/bin/python" - "$source/examples/digits/digits.btn" <<'EOF'
import subprocess, sys
from pathlib import Path
import bouton
assert "venv" in bouton.__file__ and "venv" in bouton._library.lib._name, bouton.__file__
assert (Path(bouton.__file__).parent / "py.typed").exists()
text = Path(sys.argv[1]).read_text().replace("epochs 20", "epochs 1").replace("10_000", "500").replace("2_000", "100")
net = bouton.compile(text).train()
print(bouton.__version__, net, net.evaluate()["accuracy"])
program = net.build("digits", "exe")[0].absolute()
assert subprocess.run([program, "--help"], capture_output=True, check=True).stdout
EOF
    ;;
r)
    command -v Rscript >/dev/null || skip "no R (r-base-core)"
    command -v make >/dev/null || skip "no make, with which R tells where its headers are (make)"
    [ -z "$preload" ] || skip "R is not run under AddressSanitizer"
    cmake --install "$build" --prefix "$scratch/prefix" >/dev/null
    OUT=$scratch/r sh "$source/examples/r/run.sh" "$scratch/prefix" >"$scratch/out" || { cat "$scratch/out"; exit 1; }
    grep -q '100 of 100 right' "$scratch/out" && grep -q 'error\[E' "$scratch/out" || { cat "$scratch/out"; exit 1; }
    ;;
*)
    echo "no part '$part'" >&2
    exit 2
    ;;
esac
