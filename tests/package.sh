#!/bin/sh
# Installs the Debian packages of a folder and uses them:   sh tests/package.sh FOLDER
# For a machine that may be changed, as root; tests/fresh.sh runs it in a minimal Debian.
set -eu
[ $# = 1 ] && [ -d "$1" ] || { sed -n '2p' "$0" >&2; exit 2; }
folder=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$folder"/bouton_*.deb "$folder"/libbouton*.deb \
    "$folder"/python3-bouton_*.deb
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cp "$root/examples/flowers/flowers.csv" "$root/examples/embed/lines.c" "$scratch"
cd "$scratch"
set -x
bouton --version --verbose
bouton doctor
bouton new first && bouton check first.btn && bouton train first.btn >/dev/null 2>&1
bouton draw 7 --seed 11 -o seven.png && bouton predict first.safetensors seven.png
bouton build first.safetensors -o first && ./first seven.png
bouton new flowers --from flowers.csv && bouton train flowers.btn >/dev/null 2>&1
for file in man/man1/bouton-train.1.gz man/man5/bouton.5.gz bash-completion/completions/bouton \
    zsh/vendor-completions/_bouton fish/vendor_completions.d/bouton.fish vim/vimfiles/syntax/btn.vim; do
    [ -s "/usr/share/$file" ]
done
# shellcheck disable=SC2046
cc lines.c -o lines $(pkg-config --cflags --libs bouton)
cc -x c - -o flat $(pkg-config --cflags --libs bouton-flat) <<'EOF'
#include <bouton/bouton.h>
int main(void) { return bouton_interface_version() != BOUTON_FLAT_VERSION; }
EOF
./flat
/usr/bin/python3 - <<'EOF'
import bouton
net = bouton.load("first.safetensors")
print(bouton.__version__, net, net.evaluate()["accuracy"])
assert len(net.report()) > 10000
EOF
cat >ranks.btn <<'END'
network ranks { input image(28x28); layer class = dense(10); }
data drawn { synthetic digits(train 400, test 100); }
schedule { phase learn { correct class; epochs 1; replicas 2 merge every 8 batches; } }
END
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
for mpi in mpich:mpich openmpi:openmpi-bin; do # the package has the modules for both, and depends on neither
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${mpi#*:}" >/dev/null
    "mpirun.${mpi%:*}" -n 2 bouton train ranks.btn --ranks --force -o ranks.safetensors
done
bouton doctor | grep 'serves Open MPI and MPICH'
set +x
echo "the packages work"
