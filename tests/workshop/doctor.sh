#!/bin/sh
# What `bouton doctor` tells where programs and data are missing:   doctor.sh BOUTON
set -eu
if [ $# -ne 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BOUTON, BOUTON being the built program" >&2
    exit 2
fi
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
complain() { echo "$*"; failed=1; }

# Nothing is in PATH: each missing program is told with a verb and the package, and is counted.
env -u CC PATH="$scratch" BOUTON_DATA="$scratch/none" "$bouton" doctor >"$scratch/none.out" ||
    complain "a machine without programs changes the exit status"
for words in 'linker  .*missing: build makes no programs.*; install gcc' 'lld  .*missing: build .*; install lld' \
    'wasm-ld  .*missing: build --target=wasm32 .*; install lld' 'gdb  .*missing: .*; install gdb' \
    'perf  .*missing: .*; install linux-perf' 'BOUTON_DATA  *.*/none, which is no folder'; do
    grep -q "^$words" "$scratch/none.out" || complain "doctor does not tell: $words"
done
if ls "$(dirname "$bouton")"/libbouton_*.so >/dev/null 2>&1; then
    grep -q '^MPI  .*missing: train --ranks .*; install .*\(mpich\|openmpi-bin\)' "$scratch/none.out" ||
        complain "doctor does not tell that mpirun is missing"
fi
counted=$(grep -c ' missing: ' "$scratch/none.out")
grep -q "^$counted missing;" "$scratch/none.out" || complain "doctor counts other than $counted"

# What is there is told with its place.
printf '#!/bin/sh\n' >"$scratch/gdb"
chmod +x "$scratch/gdb"
env -u CC PATH="$scratch" BOUTON_DATA="$scratch" "$bouton" doctor >"$scratch/gdb.out"
grep -qF "$scratch/gdb" "$scratch/gdb.out" || complain "doctor does not find gdb in PATH"
grep -q "^$((counted - 1)) missing;" "$scratch/gdb.out" || complain "doctor counts gdb as missing"
[ $failed = 0 ] || cat "$scratch/none.out"
exit $failed
