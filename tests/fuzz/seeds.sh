#!/bin/sh
# Writes an initial corpus for fuzzing with common programs of each file format:   sh tests/fuzz/seeds.sh BOUTON OUT
#
# Needs ImageMagick (convert) and numpy. The stored corpus began with these files; `sh tests/fuzz.sh --keep` adds to it.
set -eu
bouton=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$out"
mkdir -p btn formula idx table npy model png jpeg pnm cifar inputs

# Networks' texts: the examples, and the correct and wrong programs of the golden transcripts.
for file in "$root"/examples/*/*.btn "$root"/tests/golden/*.btn "$root"/tests/golden/bad/*/*.btn; do
    [ "$(wc -c <"$file")" -gt 2000 ] || cp "$file" "btn/$(basename "$file" .btn)"
done
i=0
while read -r formula; do
    i=$((i + 1))
    printf '%s' "$formula" >formula/$i
done <<'END'
x
clamp(x, 0, 1)
clamp((x - alpha) / (1 - alpha), 0, 1)
exp(-square(x - alpha) * 4)
logistic(6 * (x - alpha))
max(0, min(1, tanh(x) * 0.5 + 0.5))
1 - 2 * alpha / (4 + abs(-x))
sqrt(clamp(x, 0, 1)) * (1 - 5%)
min(1, square(x) / (1 + square(x)))
END

convert -size 6x5 plasma:blue-red -depth 8 +set date:create +set date:modify -strip base.ppm
convert base.ppm -colorspace Gray -depth 8 grey.pgm
picture() { # NAME CONVERT-ARGUMENTS...: base.ppm as a small PNG
    name=$1
    shift
    convert base.ppm "$@" -strip "png/$name.png"
    mv "png/$name.png" "png/$name"
}
picture rgb -define png:color-type=2
picture rgba -alpha set -channel A -evaluate set 50% +channel -define png:color-type=6
picture rgb16 -depth 16 -define png:color-type=2 -define png:bit-depth=16
picture interlaced -interlace PNG -define png:color-type=2
picture grey -colorspace Gray -define png:color-type=0
picture grey_alpha -colorspace Gray -alpha set -channel A -evaluate set 30% +channel -define png:color-type=4
picture grey1 -colorspace Gray -threshold 50% -define png:color-type=0 -define png:bit-depth=1
picture palette -colors 4 -define png:color-type=3
picture palette_clear -colors 4 -transparent blue -define png:color-type=3
for quality in 30 95; do
    convert base.ppm -strip -quality $quality -sampling-factor 4:2:0 jpeg:jpeg/q$quality
done
convert base.ppm -strip -quality 60 -sampling-factor 4:4:4 jpeg:jpeg/full
convert base.ppm -strip -quality 60 -interlace JPEG jpeg:jpeg/progressive
convert grey.pgm -strip -quality 60 jpeg:jpeg/grey
convert base.ppm -colorspace CMYK -strip -quality 60 jpeg:jpeg/cmyk
convert base.ppm -strip -define jpeg:arithmetic-coding=on jpeg:jpeg/arithmetic
for kind in ppm pgm; do
    from=base.ppm
    [ $kind = ppm ] || from=grey.pgm
    convert $from -depth 8 $kind:pnm/$kind
    convert $from -compress none -depth 8 $kind:pnm/$kind.words
    convert $from -depth 16 $kind:pnm/$kind.16
done
printf 'P2 # a comment\n3 2\n7\n0 1 2\n3 4 7\n' >pnm/comment

/usr/bin/python3 - <<'END'
import gzip, numpy as np
rng = np.random.default_rng(1)
def idx(name, array):
    with open(name, "wb") as to:
        to.write(bytes([0, 0, 8, array.ndim]) + b"".join(int(n).to_bytes(4, "big") for n in array.shape) + array.tobytes())
idx("idx/images", rng.integers(0, 256, (3, 6, 5), dtype=np.uint8))
idx("idx/vectors", rng.integers(0, 256, (4, 30), dtype=np.uint8))
idx("idx/colours", rng.integers(0, 256, (2, 4, 4, 3), dtype=np.uint8))
idx("idx/labels", rng.integers(0, 10, 7, dtype=np.uint8))
for kind in "u1 i1 u2 i2 u4 i4 u8 i8 f4 f8".split():
    np.save(f"npy/{kind}", (rng.random((2, 3)) * 9).astype(kind))
np.save("npy/bool", rng.random((2, 6, 5)) > 0.5)
np.save("npy/maps", rng.random((1, 4, 4, 3)).astype("f4"))
np.save("npy/labels", rng.integers(0, 10, 5))
np.save("npy/column", rng.integers(0, 10, (5, 1), dtype=np.uint8))
np.save("npy/fortran", np.asfortranarray(rng.random((2, 3))))
np.save("npy/big", rng.random((2, 3)).astype(">f4"))
with open("npy/second", "wb") as to:
    np.lib.format.write_array(to, rng.random((2, 3)), version=(2, 0))
for lines, name in ((rng.random((4, 4)), "plain"), (rng.integers(0, 9, (5, 4)), "labels"), (rng.random((3, 2)), "two")):
    np.savetxt(f"table/{name}", lines, delimiter=",", fmt="%.6g")
np.savetxt("table/semicolons", rng.integers(0, 9, (3, 4)), delimiter=";", fmt="%d", header="a;b;c;label", comments="")
np.savetxt("table/tabs", rng.integers(0, 9, (3, 3)), delimiter="\t", fmt="%d", newline="\r\n")
np.savetxt("table/exponents", rng.random((3, 4)) * 1e-30, delimiter=",", fmt="%.17e")
for name, labels in (("ten", 1), ("hundred", 2)):
    row = np.repeat(rng.integers(0, 256, (3, 32), dtype=np.uint8), 32)
    np.concatenate([np.full(labels, 7, np.uint8), row]).tofile(f"cifar/{name}")
END
for file in npy/*.npy; do mv "$file" "${file%.npy}"; done

# Models of the network of tests/runtime/maps_model.h, and of another one.
train() { # NAME TEXT VALUES
    /usr/bin/python3 -c "
import random
random.seed(2)
for n in range(8): print(*[random.randrange(256) for i in range($3)], n % 2, sep=',')" >data.csv
    printf '%s\ndata d { csv train "data.csv"; values in [0, 255]; }\n' "$2" >net.btn
    "$bouton" train net.btn -o model/$1 --threads 1 >/dev/null 2>train.log || { cat train.log; exit 1; }
}
train maps 'network maps { input image(4x3, rgb) in [0, 0.5]; layer edges = conv(2x2, 5) { depress over filters gap 0.01; }
  layer cells = pool(sum) grid 1x1; layer class = dense(2); }
schedule { phase f { compete edges; sample 20 patches; } phase r { correct class; epochs 1; } }' 36
train other 'network small { input vector(3); layer hidden = dense(5); layer class = dense(2); }' 3
train whitened 'network maps { input image(4x3, rgb) in [0, 0.5] { whiten 20 patches of 2x2; } layer class = dense(2); }
schedule { phase r { correct class; epochs 1; } }' 36

# Inputs of a prediction: one file of each format, plain and compressed.
cp png/grey inputs/png; cp jpeg/q30 inputs/jpeg; cp pnm/ppm inputs/ppm; cp idx/images inputs/idx
cp npy/maps inputs/npy; cp table/plain inputs/csv
gzip -9n <idx/images >inputs/idx.gz; gzip -9n <table/plain >inputs/csv.gz; gzip -9n <npy/u1 >inputs/npy.gz
gzip -9n <pnm/ppm.words >inputs/ppm.gz
rm -f base.ppm grey.pgm data.csv net.btn train.log
