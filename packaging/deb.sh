#!/bin/sh
# Builds the Debian packages of the present commit from its release tarball:   sh packaging/deb.sh OUT-FOLDER
# It needs the packages of `sh packaging/install.sh deb`. lintian must not find an error or a warning.
set -eu
[ $# = 1 ] || { sed -n '2p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/install.sh" deb
mkdir -p "$1"
out=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
sh "$here/tarball.sh" "$scratch" >/dev/null
cd "$scratch"
tarball=$(echo bouton-*.tar.gz)
version=${tarball#bouton-}
version=${version%.tar.gz}
head -n 1 "$here/debian/changelog" | grep -qF "($version-" || { echo "debian/changelog is not of $version" >&2; exit 1; }
mv "$tarball" "bouton_$version.orig.tar.gz"
tar xzf "bouton_$version.orig.tar.gz"
cp -R "bouton-$version/packaging/debian" "bouton-$version/debian"
(cd "bouton-$version" && dpkg-buildpackage -b -us -uc) >log 2>&1 || { cat log; exit 1; }
# The tag asks for a bug number of Debian's own archive.
lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs --allow-root bouton_*.changes
cp ./*.deb "$out"
for package in ./*.deb; do echo "wrote $1/${package#./}"; done
