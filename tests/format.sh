#!/bin/sh
# Checks that every C file has the layout of .clang-format; --fix changes it.   sh tests/format.sh [--fix]
set -eu
cd "$(dirname "$0")/.."
files=$(git ls-files '*.c' '*.h')
if [ "${1:-}" = --fix ]; then
    # shellcheck disable=SC2086
    clang-format -i $files
else
    # shellcheck disable=SC2086
    clang-format --dry-run -Werror $files
fi
