# How the tests that run bouton begin. A test reads its arguments, sets `suite` to its name, and then:   . begin.sh
#
# It stands in $scratch, a new folder that is removed at the end, and nothing of the environment changes what it sees.
#
#     say WHAT        tells what comes next
#     has TOOL        whether a tool is installed
#     skip WHY        ends the test as one that can't run here
#     complain WHY    counts a failure in $failed, and the test goes on
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"
export LC_ALL=C NO_COLOR=1 TMPDIR="$scratch"
unset BOUTON_DATA
failed=0

say() { echo "== $*"; }

has() { command -v "$1" >/dev/null 2>&1; }

skip() {
    echo "SKIP  $suite: $*"
    exit 77
}

complain() {
    echo "$*"
    failed=$((failed + 1))
}
