#!/bin/sh
# Lists cases: cases.sh all|good|bad
cd "$(dirname "$0")"
[ "$1" = bad ] || ls ./*.cmd | sed 's|^\./||'
[ "$1" = good ] || ls bad/*.btn bad/*.lines
