/* Reads samples of bytes from standard input, and prints the label of each by C source of a network. */
#include HEADER

#include <stdio.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

static JOIN(NET, _scratch) scratch;

int main(void)
{
    static uint8_t sample[1 << 20];
    const size_t size = 28 * 28;
    while (fread(sample, 1, size, stdin) == size)
        printf("%u\n", (unsigned)JOIN(NET, _predict_u8)(sample, NULL, &scratch));
    return 0;
}
