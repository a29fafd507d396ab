# Shared by the scripts of this folder, which set `here` and call it with their arguments, DIR [SEED...]: DIR holds the
# data files. Each arm is a sweep over the seeds (default: 1 2 3). Runs that are finished are kept in $OUT, so that a
# script that was stopped goes on. BOUTON names the program, if not that of build/.
root=$(cd "$here/../.." && pwd)
if [ $# -eq 0 ] || [ ! -d "$1" ]; then
    echo "usage: sh $0 DIR [SEED...]      DIR holds the files that the networks name" >&2
    exit 2
fi
data=$(cd "$1" && pwd)
shift
seeds=$(echo "${*:-1 2 3}" | tr ' ' ,)
bouton=${BOUTON:-$root/build/bouton}
[ -x "$bouton" ] || sh "$root/examples/build.sh" >&2
out=${OUT:-$root/build/ablation}
mkdir -p "$out"

# Reads the network from standard input, and prints a row: each seed's accuracy, their mean and spread, and MORE cells.
arm() { # NAME test|validation [MORE]: NAME names the change
    cat >"$out/arm.btn"
    echo "$1" >&2
    "$bouton" sweep "$out/arm.btn" --data "$data" --seeds "$seeds" --on "$2" -o "$out/runs" --json >"$out/arm.json"
    awk -v name="$1" -v more="${3:+ $($3)}" '
        /"mean"/ && !mean { mean = 100 * $2 }
        /"deviation"/ && spread == "" { spread = 100 * $2 }
        /"accuracies"/ && !list { inside = 1; next }
        /]/ { inside = 0 }
        inside { list = list sprintf(" %.2f", 100 * $1) }
        END { printf "| %s |%s | **%.2f** ± %.2f |%s\n", name, list, mean, spread, more }' "$out/arm.json"
}
