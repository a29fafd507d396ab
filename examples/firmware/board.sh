#!/bin/sh
# Runs built code on an emulated board:   board.sh BOARD MAIN LIBRARY HEADER FOLDER
#
#     BOARD     microbit (M0), an385 (M3), an386 (M4), an500 (M7), an505 (M33), an547 (M55), rv32imc, rv32imfc,
#               mega (AVR)
#     MAIN      the main function, in C
#     LIBRARY   of `bouton build --target=...`, or the file of `--emit=c`; HEADER: its header
#     FOLDER    is the folder of files that the board opens; gets the program
#
# `board.sh BOARD target` prints the target to build for. Exits with 77 where a tool is missing, and says which.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
emulator=qemu-system-arm start=arm fpu= flash=0x0 ram=0x20000000 size=0x400000 ns4=160
case $1 in
microbit) target=thumbv6m machine=microbit triple=thumbv6m-none-eabi cpu=cortex-m0 size=0x4000 ns4=250 ;;
an385) target=thumbv7m machine=mps2-an385 triple=thumbv7m-none-eabi cpu=cortex-m3 ;;
an386) target=thumbv7em machine=mps2-an386 triple=thumbv7em-none-eabihf cpu=cortex-m4 fpu=-DBOARD_FPU ;;
an500) target=thumbv7em machine=mps2-an500 triple=thumbv7em-none-eabihf cpu=cortex-m7 fpu=-DBOARD_FPU ;;
an505) target=thumbv8m.main machine=mps2-an505 triple=thumbv8m.main-none-eabihf cpu=cortex-m33 fpu=-DBOARD_FPU
       flash=0x10000000 ram=0x38000000 ns4=200 ;;
an547) target=thumbv8.1m.main machine=mps3-an547 triple=thumbv8.1m.main-none-eabihf cpu=cortex-m55 fpu=-DBOARD_FPU
       ram=0x01000000 size=0x100000 ns4=125 ;;
rv32imc) target=riscv32imc triple=riscv32-none-elf cpu=generic-rv32 march='-march=rv32imc -mabi=ilp32' ;;
rv32imfc) target=riscv32imfc triple=riscv32-none-elf cpu=generic-rv32 march='-march=rv32imfc -mabi=ilp32f' fpu=-DBOARD_FPU ;;
mega) target=avr machine=mega start=avr emulator=qemu-system-avr cpu=atmega1280 ;;
*) sed -n '2p;4,5p' "$0" >&2; exit 2 ;;
esac
case $1 in
rv32*) emulator=qemu-system-riscv32 start=riscv flash=0x80000000 ram=0x80200000 machine='virt -bios none' ;;
mega) tools="avr-gcc python3" ;;
*) march=-mcpu=$cpu ;;
esac
[ "$2" != target ] || { echo $target; exit 0; }
for tool in ${tools:-clang ld.lld} $emulator; do
    command -v $tool >/dev/null 2>&1 || { echo "no $tool"; exit 77; }
done
main=$2 library=$3 header=$4 folder=$5
# the names of the functions and the type of a value are the header's
label=$(sed -n 's/^uint32_t \([a-zA-Z0-9_]*_label[_u8]*\)(.*/\1/p' "$header")
predict=$(sed -n 's/^uint32_t \([a-zA-Z0-9_]*_predict_[a-z0-9]*\)(.*/\1/p' "$header")
value=$(sed -n 's/^uint32_t .*_label[_u8]*(const \([a-z0-9_]*\) .*/\1/p' "$header")
model=$(sed -n 's/^#define \(.*\)_SCRATCH .*/\1/p' "$header")
net=$(sed -n 's/^} \(.*\)_state;$/\1/p' "$header") # where a layer learns
case $library in
*.c) code=$library library= ;;
*) code= ;;
esac
set -- -DMODEL_H="\"$header\"" -DMODEL="$model" -DLABEL="$label" -DPREDICT="$predict" -DVALUE="$value" -DNET="$net"
if [ $start = avr ]; then
    # shellcheck disable=SC2086
    avr-gcc -mmcu=$cpu -std=gnu11 -Os -I"$here" -Wall -Wextra -Werror -ffreestanding -Dmain=board_main "$@" "$main" \
        "$here/avr.c" $code ${library:+"$library"} -Wl,--gc-sections -o "$folder/firmware.elf"
    cd "$folder"
    exec timeout 300 python3 "$here/serial.py" $emulator -M $machine -bios firmware.elf -display none -monitor none -serial stdio
fi
objects=
for source in "$main" "$here/$start.c" $code; do
    object=$folder/$(basename "$source" .c).o
    # shellcheck disable=SC2086
    clang --target=$triple $march -I"$here" -ffreestanding -fno-builtin -ffp-contract=off -Os -Wall -Wextra -Werror -c $fpu -DBOARD_NS_X4=$ns4 \
        "$@" "$source" -o "$object"
    objects="$objects $object"
done
# shellcheck disable=SC2086
ld.lld -T "$here/board.ld" --gc-sections --defsym=FLASH=$flash --defsym=RAM=$ram --defsym=RAM_END=$((ram + size)) \
    $objects ${library:+"$library"} -o "$folder/firmware.elf"
cd "$folder"
# shellcheck disable=SC2086
exec timeout 300 $emulator -M $machine -nographic -monitor none -serial none -semihosting-config enable=on,target=native \
    -icount shift=0 -kernel firmware.elf </dev/null
