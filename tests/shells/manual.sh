#!/bin/sh
# Checks the manual pages, and how help shows them on a terminal:   sh tests/shells/manual.sh BOUTON
set -eu
[ $# = 1 ] && [ -x "$1" ] || { sed -n '2p' "$0" >&2; exit 2; }
bouton=$1
for tool in mandoc script; do
    command -v $tool >/dev/null || { echo "SKIP manual: no $tool"; exit 77; }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
complain() { echo "FAIL  $*"; failed=$((failed + 1)); }
shows() { # FILE TEXT
    grep -qF -e "$2" "$1" || { complain "$1 does not show '$2'"; cat "$1"; }
}

"$bouton" help --man "$scratch/man" >/dev/null
mandoc -T lint "$scratch"/man/* || complain "mandoc finds fault with the pages"

# Every verb has its page, and every option of its help stands there.
for verb in $("$bouton" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    page=$scratch/man/bouton-$verb.1
    [ -f "$page" ] || { complain "no page of $verb"; continue; }
    mandoc -T ascii "$page" | col -b >"$scratch/$verb.txt"
    for option in $("$bouton" "$verb" --help | sed -n 's/^  \(-.,\|   \) --\([a-z-]*\).*/\2/p'); do
        shows "$scratch/$verb.txt" "--$option"
    done
done
mandoc -T ascii "$scratch/man/bouton.5" | col -b >"$scratch/language.txt"
for text in 'hold out ... of train as validation;' 'the samples of a batch' 'a whole number from 1 to 65536; default 8' \
    'network NAME { ... }' 'clamp(value, low, high)' 'homeostasis'; do
    shows "$scratch/language.txt" "$text"
done

# On a terminal help pages the manual; elsewhere, and with --help, it stays short.
cat >"$scratch/pager" <<'PAGER'
#!/bin/sh
echo "the pager shows:"
cat
PAGER
chmod +x "$scratch/pager"
on_terminal() { # WORDS of help
    PAGER="$scratch/pager" script -qec "$bouton $*" /dev/null </dev/null | tr -d '\r' >"$scratch/screen"
}
on_terminal help train
shows "$scratch/screen" 'the pager shows:'
shows "$scratch/screen" 'BOUTON-TRAIN(1)'
shows "$scratch/screen" 'Ctrl-C ends training cleanly'
on_terminal help
shows "$scratch/screen" 'BOUTON(1)'
on_terminal train --help
! grep -q pager "$scratch/screen" || complain "--help starts the pager"
PAGER="$scratch/pager" "$bouton" help train >"$scratch/screen"
! grep -q pager "$scratch/screen" || complain "help starts the pager without a terminal"
PAGER=false script -qec "$bouton help train" /dev/null </dev/null >/dev/null || complain "a pager that fails makes help fail"
[ "$failed" = 0 ] && echo "manual pages: ok"
