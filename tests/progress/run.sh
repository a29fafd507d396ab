#!/bin/sh
# Long steps on a terminal, none of which may be silent for more than two seconds:
#
#     run.sh BOUTON                        a training on drawn digits, and Ctrl-C in its steps and in other verbs
#     run.sh BOUTON --data MNIST CIFAR     all verbs on the folders of MNIST and CIFAR-10, for minutes
#
# Prints one line for each command, with its longest silence and what was shown before.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 1 ] || [ ! -x "$1" ]; then
    sed -n '4,5p' "$0" >&2
    exit 2
fi
bouton=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
examples=$(cd "$here/../../examples" && pwd)
python=/usr/bin/python3
[ -x $python ] || python=python3
command -v "$python" >/dev/null || { echo "SKIP  progress: python3 is missing"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
unset BOUTON_DATA
failed=0

follow() { # [OPTION...] COMMAND...: see gaps.py
    "$python" "$here/gaps.py" "$@" || failed=1
}

# Follows a training of FILE: see gaps.py. Its samples are doubled until each step lasts long enough to be told, on
# whatever machine.
grow() { # FILE TRAIN PATCHES SAMPLES TEST [OPTION...] COMMAND...
    file=$1 train=$2 patches=$3 samples=$4 test=$5
    shift 5
    for times in 1 2 4 8; do
        text $((train * times)) $((patches * times)) $((samples * times)) $((test * times)) >"$file"
        status=0
        "$python" "$here/gaps.py" "$@" >followed || status=$?
        [ $status = 3 ] || break
    done
    cat followed
    [ $status = 0 ] || failed=1
}

# A text with whitened drawn digits: what it does is told with its time and share.
text() { # TRAIN PATCHES SAMPLES TEST
    cat <<END
network long {
  input image(28x28) in [0, 0.9] { normalise local 9x9; whiten $2 patches of 9x9; split on off; }
  layer edges  = conv(5x5, 32) { alpha in [0, 0.9] = uniform; depress over filters keep 4; fire binary; }
  layer cells  = pool(sum) grid 4x4;
  layer hidden = dense(100);
  layer class  = dense(10);
}
data drawn { synthetic digits(train $1, test $4); hold out 10% of train as validation; }
schedule {
  phase features { compete edges; sample $3 patches; }
  phase readout  { correct hidden, class; epochs 1; keep best on validation; }
}
END
}

data() { # MNIST CIFAR
    mnist=$(cd "$1" && pwd) cifar=$(cd "$2" && pwd)
    sed 's/epochs [0-9]*/epochs 1/; /^expect/d' "$examples/cifar10/paper.btn" >"$scratch/paper.btn"
    sed 's/epochs [0-9]*/epochs 1/; /^expect/d' "$examples/mnist/conv.btn" >"$scratch/conv.btn"
    cp "$examples/cifar10/cifar.btn" "$scratch"
    for file in "$examples"/mnist/*.btn; do
        [ -e "$scratch/$(basename "$file")" ] || cp "$file" "$scratch"
    done
    cd "$scratch"
    gunzip -c "$mnist/t10k-images-idx3-ubyte.gz" >t10k.idx
    follow --expect '% ' --expect encoding "$bouton" train paper.btn --data "$cifar"
    follow "$bouton" train conv.btn --data "$mnist" -o conv.safetensors --report train.html
    follow "$bouton" sweep conv.btn --data "$mnist" --seeds 1..2 -o sweep
    follow "$bouton" report --runs sweep -o sweep.html
    for model in paper conv; do
        folder=$mnist
        [ $model = conv ] || folder=$cifar
        follow "$bouton" eval $model.safetensors --data "$folder"
        follow --expect '%  1 s' --expect ' left' "$bouton" eval $model.safetensors --data "$folder" --on train --mirror
        follow "$bouton" eval $model.safetensors --data "$folder" --quantize --quantize-loss 100
        follow "$bouton" report $model.safetensors --data "$folder" -o $model.html
        follow "$bouton" report $model.safetensors $model.safetensors --data "$folder" -o both.html
        follow "$bouton" compare $model.safetensors $model.safetensors --data "$folder"
        follow "$bouton" graph $model.safetensors --data "$folder" -o $model.svg
        follow "$bouton" info $model.safetensors --data "$folder"
        follow "$bouton" build $model.safetensors --data "$folder" --quantize --quantize-loss 100 -o $model
        follow "$bouton" bench $model.safetensors
        follow "$bouton" bench $model.safetensors --data "$folder"
    done
    follow "$bouton" predict conv.safetensors t10k.idx
    follow "$bouton" predict conv.safetensors t10k.idx --why --json
    follow "$bouton" new own --from "$mnist"
}


drawn() {
    cd "$scratch"
    grow long.btn 12000 70000 60000 2000 --expect 'learning the whitening' --expect 'encoding the samples' \
        --expect '%  1 s' --expect ' fields' --expect ' left' "$bouton" train long.btn --threads 1
    # Ctrl-C in each step ends it, and leaves no file behind that is not whole. Uninterrupted, a step would take seconds.
    grow encoded.btn 60000 500 1000 2000 --interrupt encoding \
        "$bouton" train encoded.btn --threads 1 -o stopped.safetensors
    grow frozen.btn 30000 500 1000 2000 --interrupt 'frozen layers' \
        "$bouton" train frozen.btn --threads 1 -o stopped.safetensors
    grow scored.btn 500 500 1000 60000 --interrupt 'scoring the test' \
        "$bouton" train scored.btn --threads 1 -o scored.safetensors
    "$bouton" check scored.safetensors >/dev/null || { echo "FAIL  the model is not whole"; failed=1; }
    follow --interrupt 'in training' "$bouton" sweep long.btn --seeds 1..2 -o runs
    left=$(find . -name '.bouton-*')
    [ -z "$left" ] || { echo "FAIL  files are left: $left"; failed=1; }
}

if [ "${1:-}" = --data ]; then
    [ $# = 3 ] || { sed -n '4,5p' "$0" >&2; exit 2; }
    data "$2" "$3"
else
    drawn
fi
exit $failed
