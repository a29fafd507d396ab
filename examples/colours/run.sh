#!/bin/sh
# Redraws a picture in M colours, found by competing filters.   sh examples/colours/run.sh [PICTURE|DIR] [M...]
#
# PICTURE is a PNG, JPEG, PGM or PPM. DIR holds CIFAR-10 (data_batch_1.bin.gz); the picture is then a sheet of 400 of
# its photographs. Without either, the script draws a landscape. M defaults to 16 and 64. If ImageMagick or pngquant is
# installed, its result at the same M is printed below.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
from=${1:-}
if [ -n "$from" ] && [ ! -r "$from" ]; then
    echo "usage: sh examples/colours/run.sh [PICTURE|DIR] [M...]    ($from: no such picture or folder)" >&2
    exit 2
fi
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- 16 64
for m; do
    case $m in *[!0-9]* | "") echo "$m: not a number of colours" >&2; exit 2 ;; esac
done
[ -z "$from" ] || from=$(cd "$(dirname "$from")" && pwd)/$(basename "$from")
sh "$root/examples/build.sh"
bouton=$root/build/bouton
out=${OUT:-$root/build/colours}
mkdir -p "$out"

# Sky, sun, hills and a path, with a little noise: smooth colours, as in a photograph.
landscape() {
    awk 'function byte(z) { return z < 1 ? 1 : z > 255 ? 255 : int(z + .5) }
    BEGIN {
        w = 384; h = 256; srand(1)
        printf "P6\n%d %d\n255\n", w, h
        for (y = 0; y < h; y++) for (x = 0; x < w; x++) {
            u = x / w; v = y / h; d = sqrt((u - .72) ^ 2 * 2.25 + (v - .3) ^ 2); glow = exp(-18 * d * d)
            r = 90 + 150 * v + 140 * glow; g = 140 + 80 * v + 70 * glow; b = 225 - 40 * v - 60 * glow
            if (d < .09) { r = 255; g = 236 - 300 * d; b = 150 - 500 * d }
            m = .55 + .09 * sin(7 * u + 1) + .05 * sin(19 * u) + .02 * sin(43 * u); t = (v - m) / (1 - m)
            if (t > 0) { r = 60 + 40 * t + 10 * sin(60 * u + 20 * v); g = 110 - 30 * t + 14 * sin(50 * v); b = 70 - 40 * t }
            m = .75 + .06 * sin(5 * u + 4) + .02 * sin(23 * u); t = (v - m) / (1 - m)
            if (t > 0) { r = 120 + 70 * sin(9 * u + 30 * t * t); g = 75 + 50 * t; b = 40 + 60 * u * t }
            n = 8 * (rand() - .5)
            printf "%c%c%c", byte(r + n), byte(g + n), byte(b + n)
        }
    }'
}

# A sheet of 20 by 20 photographs of 32x32. A record of the file is a label and three planes.
sheet() { # FILE
    gzip -dc "$1" 2>/dev/null | head -c $((400 * 3073)) | od -An -v -tu1 -w3073 | awk '
    { for (i = 2; i <= 3073; i++) p[NR - 1, i - 2] = $i + 0 }
    END {
        printf "P6\n640 640\n255\n"
        for (y = 0; y < 640; y++) for (x = 0; x < 640; x++) {
            n = int(y / 32) * 20 + int(x / 32); i = y % 32 * 32 + x % 32
            printf "%c%c%c", p[n, i], p[n, i + 1024], p[n, i + 2048]
        }
    }'
}

if [ -z "$from" ]; then
    echo "drawing a landscape"
    LC_ALL=C landscape >"$out/picture"
elif [ -d "$from" ]; then
    echo "laying out a sheet of photographs"
    LC_ALL=C sheet "$from/data_batch_1.bin.gz" >"$out/picture"
else
    cp "$from" "$out/picture"
fi

magick=
for tool in magick convert; do
    "$tool" -version 2>/dev/null | grep -q '^Version: ImageMagick' && magick=$tool && break
done
peer() { # NAME FILE: the size and quality of another program's picture
    worth=$(compare -metric PSNR "$out/plain.png" "$2" null: 2>&1 | cut -d ' ' -f 1) || true
    echo "$1: $(wc -c <"$2") bytes, PSNR $worth dB"
}
[ -n "$magick" ] || echo "ImageMagick is not installed: nothing to compare with"
[ -z "$magick" ] || "$magick" "$out/picture" -depth 8 -strip "$out/plain.png"

for m; do
    echo
    "$bouton" train "$here/colours.btn" --data "$out" --set "M=$m" -o "$out/colours-$m.safetensors"
    set -- "$out/colours-$m.safetensors" "$out/picture" -o "$out/redrawn-$m.png"
    [ -n "$from" ] || case $m in # the PSNR of the landscape is known
        16) set -- "$@" --expect 'psnr >= 30.5' ;;
        64) set -- "$@" --expect 'psnr >= 35' ;;
    esac
    "$bouton" redraw "$@"
    [ -n "$magick" ] || continue
    "$magick" "$out/plain.png" +dither -colors "$m" "png8:$out/magick-$m.png"
    peer "ImageMagick, $m colours" "$out/magick-$m.png"
    if command -v pngquant >/dev/null; then
        pngquant --nofs --force -o "$out/pngquant-$m.png" "$m" "$out/plain.png"
        peer "pngquant, $m colours" "$out/pngquant-$m.png"
    else
        echo "pngquant is not installed"
    fi
done
