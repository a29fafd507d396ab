#!/bin/sh
# Lists cases: cases.sh all|good|bad
# Lists mistakes, and fails if there are any: cases.sh misplaced
#
# good/VERB/NAME.cmd            a few command lines; good/command-line has the ones that concern no verb in particular
# bad/Nxx/NAME.btn              a wrong program; the code of its first diagnostic is E0Nxx or W0Nxx
# bad/accepted/NAME.btn         a program just inside a limit, which bouton accepts without a diagnostic
# bad/command-line/NAME.lines   wrong command lines
cd "$(dirname "$0")"

list_misplaced() {
    find . bad good -maxdepth 1 \( -name '*.out' -o -name '*.cmd' -o -name '*.lines' -o -path 'bad/*.btn' \) |
        sed 's|^\./||; s|$|: belongs into a folder of good/ or bad/; see cases.sh|'
    ls bad/*/*.btn bad/*/*.lines | sed 's|.*/||; s|\.[a-z]*$||' | sort | uniq -d |
        sed 's|$|: two cases in bad/ have this name|'
}

case $1 in
misplaced) ! list_misplaced | grep . ;;
good) ls good/*/*.cmd ;;
bad) ls bad/*/*.btn bad/*/*.lines ;;
all) ls good/*/*.cmd bad/*/*.btn bad/*/*.lines ;;
esac
