#!/bin/sh
# Edits files under `bouton watch`:   sh tests/workshop/watch.sh BOUTON
set -eu
[ $# = 1 ] && [ -x "$1" ] || { sed -n '2p' "$0" >&2; exit 2; }
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
scratch=$(mktemp -d)
watching=
trap '[ -z "$watching" ] || kill "$watching" 2>/dev/null || true; rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"
export TMPDIR="$scratch/tmp"
mkdir tmp
failed=0

await() { # COUNT PATTERN: until the output has that many lines with the pattern, 10 seconds at most
    for _ in $(seq 200); do
        [ "$(grep -c -e "$2" out || true)" -ge "$1" ] && return 0
        sleep 0.05
    done
    echo "FAIL  $mode: not $1 times '$2' in"
    cat out
    exit 1
}
begin() { # OPTION...
    printf 'let width = 4;\ninclude "more.btn";\n' >net.btn
    printf 'network n { input image(28x28); layer h = dense(width); layer class = dense(10); }\n' >more.btn
    printf 'data drawn { synthetic digits(train 200_000, test 100); }\n' >>more.btn
    env --default-signal=INT,QUIT "$bouton" watch net.btn "$@" >out 2>&1 &
    watching=$!
    await 1 'waiting for a change'
}
end() { # SIGNAL: ends it, with status 0 and nothing left
    kill -"$1" "$watching"
    status=0
    wait "$watching" || status=$?
    watching=
    [ "$status" = 0 ] || { failed=$((failed + 1)); echo "FAIL  $mode: status $status after $1"; cat out; }
    [ -z "$(ls tmp)" ] || { failed=$((failed + 1)); echo "FAIL  $mode: left in TMPDIR:"; ls tmp; }
}

for mode in notices --poll; do
    begin $([ $mode = notices ] || echo --poll)
    await 1 'net.btn: ok'
    echo 'let with = ;' >>net.btn # in place
    await 1 'error\['
    await 2 'waiting for a change'
    printf 'let width = 5;\ninclude "more.btn";\n' >next && mv next net.btn # as editors do
    await 2 'net.btn: ok'
    await 3 'waiting for a change'
    sed 's/dense(10)/dence(10)/' more.btn >next && mv next more.btn # an include
    await 1 'did you mean `dense`'
    await 4 'waiting for a change'
    rm more.btn
    await 1 'more.btn'
    await 5 'waiting for a change'
    printf 'network n { input vector(2); layer class = dense(2); }\n' >more.btn # it appears again
    await 3 'net.btn: ok'
    await 6 'waiting for a change'
    [ "$(grep -c '^-- net.btn at' out)" -le 8 ] || { failed=$((failed + 1)); echo "FAIL  $mode: checked without a change"; cat out; }
    end INT
done

mode=--train
begin --train --seconds 1 --threads 1
await 1 '^stopped after 1 second'
touch net.btn
await 2 'net.btn: ok'
await 2 '^stopped after 1 second'
end TERM
[ ! -e n.safetensors ] && [ ! -e net.safetensors ] || { failed=$((failed + 1)); echo "FAIL  a quick training left a model"; }

# On a terminal every run begins with an empty screen.
if command -v script >/dev/null; then
    script -qec "timeout -s INT 1 $bouton watch net.btn" shown </dev/null >/dev/null || true
    grep -q "$(printf '\033')\\[2J" shown || { failed=$((failed + 1)); echo "FAIL  the screen is not cleared"; }
fi
[ "$failed" = 0 ] && echo "watch: ok"
