/* Lets C source of a network learn made-up samples, and writes its state. A state of another model does not fit. */
#include HEADER

#include <stdio.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

static JOIN(NET, _scratch) scratch;
static JOIN(NET, _state) state;

int main(void)
{
    static uint8_t sample[28 * 28];
    uint32_t random = 1;
    JOIN(NET, _state_begin)(&state);
    for (uint32_t n = 0; n < 100; n++) {
        for (size_t i = 0; i < sizeof sample; i++) {
            random = random * 1664525u + 1013904223u;
            sample[i] = (uint8_t)(random >> 31 ? random >> 20 : 0);
        }
        JOIN(NET, _learn_u8)(sample, n % 10, &state, &scratch);
    }
    state.model[0] ^= 1;
    if (JOIN(NET, _state_fits)(&state))
        return 1;
    state.model[0] ^= 1;
    return JOIN(NET, _state_fits)(&state) && fwrite(&state, sizeof state, 1, stdout) == 1 ? 0 : 1;
}
