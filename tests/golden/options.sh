#!/bin/sh
# Prints wrong command lines for every option of every verb, as the help pages list them: options.sh BOUTON
#
# An option that takes a value is tried without one, with an empty one and with a wrong one. An option without a value
# is tried with one. Where the command line alone shows that a value is wrong, the file does not exist: the option must
# be refused before the file is read. The script stops at a kind of argument that has no wrong value below: add one.
set -eu
bouton=$1
cat <<'END'
# Written by options.sh from the help of every verb; promote.sh keeps it.
! bouton train small.btn >/dev/null 2>&1 && bouton draw 3 -o three.png >/dev/null && printf nothing >text.txt
END
operands() { # prints valid operands of a verb
    case $1 in
    check | fmt | info | graph | train | sweep | dump | bench) echo small.btn ;;
    eval | report | build) echo small.safetensors ;;
    compare) echo small.safetensors small.safetensors ;;
    predict | redraw) echo small.safetensors three.png ;;
    new) echo fresh --from nowhere.csv ;;
    watch) echo nowhere.btn ;; # any other file would be waited for
    *) ;;
    esac
}
wrong() { # prints a wrong value for this kind of argument
    case $1/$2 in
    */output) echo nowhere/out ;;
    FILE/sample) echo nowhere.png ;;
    */metrics) echo nowhere/m.jsonl ;;
    DATA/*) echo nowhere ;;
    */report) echo nowhere/report.html ;;
    DIR/data) echo nowhere ;;
    DIR/collect | DIR/runs) echo nowhere ;;
    DIR/all | DIR/man) echo small.btn ;;
    N/*) echo -1 ;;
    SHARE/* | POINTS/* | SECONDS/*) echo 120% ;;
    TEXT/*) echo nonsense ;;
    NAME=VALUE/* | NAME=VALUE,.../*) echo width ;;
    LIST/*) echo 3..1 ;;
    LIMITS/*) echo flash=much ;;
    I/N/*) echo 5/4 ;;
    LAYER,.../* | NAME/* | NAME,.../* | \[=CLASS\]/*) echo nonsense ;;
    *\|*/*) echo nonsense ;;
    *) echo "options.sh: no wrong value known for --$2 $1" >&2; return 1 ;;
    esac
}
early() { # is a value of this argument of this option checked before any file is read?
    case $1/$2 in
    N/* | SHARE/* | POINTS/* | SECONDS/* | TEXT/* | LIST/* | LIMITS/* | I/N/* | NAME=VALUE/* | NAME=VALUE,.../* | *\|*/* | */cpu | */target) true ;;
    *) false ;;
    esac
}
for verb in $("$bouton" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    echo "bouton $verb --nonsense"
    "$bouton" "$verb" --help | sed -n 's/^  \(-.,\|   \) --\([a-z-]*\) \{0,1\}\([^ ]*\).*/\2 \3/p' |
        while read -r name argument; do
            case $name in help | version) argument= ;; esac
            if [ -z "$argument" ]; then
                echo "bouton $verb --$name=yes $(operands "$verb")"
                continue
            fi
            value=$(wrong "$argument" "$name")
            case $argument in \[*) ;; *) echo "bouton $verb $(operands "$verb") --$name" ;; esac # may be left out
            echo "bouton $verb $(operands "$verb") --$name="
            if early "$argument" "$name"; then
                echo "bouton $verb $(operands "$verb" | sed 's/small\./nowhere./') --$name=$value"
            else
                echo "bouton $verb $(operands "$verb") --$name=$value"
            fi
        done
done
