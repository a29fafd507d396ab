/* Draws digits into four files with the names and the format of MNIST's, without .gz, in the current folder. */
#include <stdint.h>
#include <stdio.h>

#include "bouton/runtime.h"

static void put_number(uint32_t number, FILE *to)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(number >> shift & 255), to);
}

static int draw(const char *images, const char *labels, uint32_t lane, uint32_t count)
{
    FILE *pictures = fopen(images, "wb"), *answers = fopen(labels, "wb");
    uint8_t pixels[784];
    if (!pictures || !answers)
        return 1;
    put_number(0x803, pictures);
    put_number(count, pictures);
    put_number(28, pictures);
    put_number(28, pictures);
    put_number(0x801, answers);
    put_number(count, answers);
    for (uint32_t i = 0; i < count; i++) {
        fputc((int)br_digit_draw(1, lane, i, pixels), answers);
        fwrite(pixels, 1, sizeof pixels, pictures);
    }
    return fclose(pictures) != 0 || fclose(answers) != 0;
}

int main(void)
{
    return draw("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 1, 14000) ||
           draw("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 2, 4000);
}
