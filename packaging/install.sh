#!/bin/sh
# Installs the missing Debian packages for one purpose:   sh packaging/install.sh build|test|deb|fresh|bench
set -eu
here=$(cd "$(dirname "$0")" && pwd)
case ${1:-} in
    build | fresh) names=$(sed -n "s/^$1 //p" "$here/packages.txt") ;;
    deb) names=$(sed -n 's/^build //p; s/^deb //p' "$here/packages.txt") ;;
    test) names=$(sed -n 's/^build //p; s/^test //p' "$here/packages.txt") ;;
    bench) names=$(sed '/^#/d' "$here/../tests/bench/packages.txt") ;;
    *) echo "usage: sh packaging/install.sh build|test|deb|fresh|bench" >&2; exit 2 ;;
esac
missing=
for name in $names; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "these packages are missing, and there is no apt-get:$missing" >&2; exit 1; }
echo "installing:$missing"
root=
[ "$(id -u)" = 0 ] || root=sudo
command -v "${root:-apt-get}" >/dev/null || { echo "there is no sudo: run this as root, or install them" >&2; exit 1; }
$root apt-get -q update >/dev/null
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
