#!/bin/sh
# Checks the shape of the source tree:   sh tests/structure.sh BUILD
#
#     circles     no circle of files in lang, compiler or runtime, and none of their folders. An arrow goes from a file
#                 to each header that it includes (read from the sources) and to each file of its library whose
#                 functions it calls (read from the object files of BUILD).
#     folders     at most 24 files in a folder, NAME.c and NAME.h counted once
#     functions   at most 60 lines and at most 7 parameters
set -eu
[ $# = 1 ] && [ -f "$1/build.ninja" ] || { sed -n '2p' "$0" >&2; exit 2; }
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
failed=0
complain() { echo "$*"; failed=$((failed + 1)); }

includes() { # LIBRARY: "FROM TO" for each included header of the library
    git ls-files "$1/*.[chly]" "$1/*.def" | while read -r file; do
        [ -f "$file" ] || continue
        from=${file#"$1"/}
        sed -n 's/^ *# *include "\([^"]*\)".*/\1/p' "$file" | while read -r header; do
            for root in "$1" "$1/driver"; do
                [ ! -f "$root/$header" ] || echo "$from $(echo "${root#"$1"}/$header" | sed 's|^/||')"
            done
        done
    done
}

calls() { # LIBRARY: "FROM TO" for each function that one object file uses and another defines
    for part in "$1" $([ "$1" != compiler ] || echo driver flat); do
        objects=$build/$1/CMakeFiles/bouton_$part.dir
        (cd "$objects" && find . -name '*.o') | sed 's|^\./||; s|\.o$||' | while read -r object; do
            source=$object
            case $object in lexer.c) source=parse/lexer.l ;; parser.c) source=parse/parser.y ;; esac
            [ ! -f "$1/$source" ] || nm -P "$objects/$object.o" | sed "s|^|$source |" # others are left of an old build
        done
    done | awk '
        $3 ~ /^[TDBR]$/ { definer[$2] = $1 }
        $3 == "U" { from[++count] = $1; name[count] = $2 }
        END { for (i = 1; i <= count; i++) if (name[i] in definer) print from[i], definer[name[i]] }'
}

circle() { # WHAT ARROWS: complains of circles
    awk '$1 != $2' "$2" | sort -u | tsort >/dev/null 2>"$scratch/loop" ||
        complain "a circle of $1:" $(sed -n 's/^tsort: //p' "$scratch/loop" | sed 's/.*contains a loop.*/;/')
}

for library in lang compiler runtime; do
    { includes $library; calls $library; } >"$scratch/files"
    sed 's,^\(driver/[a-z]*\|[a-z]*\)/[^ ]* \(driver/[a-z]*\|[a-z]*\)/[^ ]*$,\1 \2,' "$scratch/files" >"$scratch/rooms"
    circle "files in $library" "$scratch/files"
    circle "folders in $library" "$scratch/rooms"
done

git ls-files '*.c' '*.h' '*.l' '*.y' '*.def' | sed 's/\.[a-z]*$//' | sort -u | sed 's|/[^/]*$||' | uniq -c | while read -r count folder; do
    [ "$count" -le 24 ] || echo "$folder: $count files, more than 24"
done >"$scratch/folders"

git ls-files '*.c' '*.h' | xargs awk '
    FNR == 1 { head = "" }
    /^{$/ { start = FNR; inside = 1; next }
    /^}/ && inside {
        inside = 0
        if (head ~ /\(/ && FNR - start > 60) print FILENAME ":" start ": a function of " FNR - start " lines, more than 60"
        parameters = head
        sub(/__attribute__.*/, "", parameters)
        while (gsub(/\([^()]*\)[ (]*\(/, "(", parameters) || gsub(/\(\*[^()]*\)\([^()]*\)/, "f", parameters)) continue
        if (head ~ /\(/ && gsub(/,/, "", parameters) + 1 > 7)
            print FILENAME ":" start ": a function of more than 7 parameters"
        head = ""; next
    }
    inside { next }
    /^$/ || /;$/ || /^#/ || /^ *\/\*/ || /\*\/$/ { head = ""; next }
    { head = head $0 }
' >"$scratch/functions"

for list in folders functions; do
    [ ! -s "$scratch/$list" ] || complain "$(cat "$scratch/$list")"
done
[ "$failed" = 0 ] && echo "no circles, no crowded folder, no long function"
