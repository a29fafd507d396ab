/* Answers every sample of the file `samples`, and prints its label and the instructions that it took. A real firmware
 * has its own start-up code, and a sample from a camera or a sensor. */
#include "print.h"
#include MODEL_H

#define JOIN(a, b)  JOIN_(a, b)
#define JOIN_(a, b) a##b
#define OF(name)    JOIN(MODEL, name)

static VALUE sample[OF(_INPUTS)];
static uint32_t scratch[OF(_SCRATCH) / 4];

int main(void)
{
    int32_t in = board_open("samples", 0);
    if (in < 0)
        return 2;
    for (uint32_t i = 0; board_read(in, sample, sizeof sample) == 0; i++) {
        board_count_begin();
        uint32_t label = LABEL(sample, scratch), instructions = board_count();
        print("sample ", i, ": ");
        print("label ", label, instructions == 0 ? "\n" : ", ");
        if (instructions > 0) /* the emulator counts */
            print("", instructions, " instructions\n");
    }
    print("flash ", OF(_FLASH), " bytes, ");
    print("scratch memory ", OF(_SCRATCH), " bytes, ");
    print("stack at most ", OF(_STACK), " bytes\n");
    return 0;
}
