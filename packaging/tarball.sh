#!/bin/sh
# Writes the release tarball of the present commit:   sh packaging/tarball.sh OUT-FOLDER
# bouton-VERSION.tar.gz holds every file of the commit. The same commit gives the same bytes.
set -eu
[ $# = 1 ] || { sed -n '2p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
version=$(sed -n 's/^#define BR_VERSION "\(.*\)"$/\1/p' "$root/runtime/include/bouton/runtime.h")
[ -n "$version" ] || { echo "tarball.sh: no version in runtime.h" >&2; exit 1; }
[ -z "$(git -C "$root" status --porcelain)" ] || echo "note: uncommitted changes are not in the tarball" >&2
trap 'rm -f "$out/bouton-$version.tar.gz.part"' EXIT
git -C "$root" archive --format=tar --prefix="bouton-$version/" HEAD | gzip -9n >"$out/bouton-$version.tar.gz.part"
mv "$out/bouton-$version.tar.gz.part" "$out/bouton-$version.tar.gz"
echo "wrote $1/bouton-$version.tar.gz"
