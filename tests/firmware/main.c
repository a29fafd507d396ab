/* Answers every sample of the file `samples`, and writes the labels, a byte each, to `labels` and the probabilities to
 * `shares`. Prints instructions, stack and what became of the guards around the scratch memory. */
#include "board.h"
#include MODEL_H
#ifdef __AVR__
#include <avr/io.h>
#endif

#define JOIN(a, b)  JOIN_(a, b)
#define JOIN_(a, b) a##b
#define OF(name)    JOIN(MODEL, name)

enum { GUARD = 16, PAINTED = OF(_STACK) + 64, PAINTED_BYTE = 0xA5 };
#define PAINT 0x5AC3D2E1u

static VALUE sample[OF(_INPUTS)];
static float shares[OF(_LABELS)];
static uint32_t memory[GUARD + OF(_SCRATCH) / 4 + GUARD];

static void print_number(const char *before, uint32_t number, const char *behind)
{
    static const uint32_t tens[] = {1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    char text[12];
    uint32_t length = 0;
    for (uint32_t i = 0; i < 10; i++) { /* no division: small cores have none */
        uint32_t digit = 0;
        for (; number >= tens[i]; number -= tens[i])
            digit++;
        if (digit > 0 || length > 0 || i == 9)
            text[length++] = (char)('0' + digit);
    }
    text[length] = '\0';
    board_print(before);
    board_print(text);
    board_print(behind);
}

/* Bytes of stack that a call takes. What lies below the frame of this function is painted before the call. */
static __attribute__((noinline)) uint32_t stack_of_call(uint32_t *label)
{
    volatile uint8_t *top;
#ifdef __riscv
    __asm__ volatile("mv %0, sp" : "=r"(top));
#elif defined(__AVR__)
    top = (volatile uint8_t *)SP + 1; /* the next byte goes to SP */
#else
    __asm__ volatile("mov %0, sp" : "=r"(top));
#endif
    for (uint32_t i = 1; i <= PAINTED; i++)
        top[-(int32_t)i] = PAINTED_BYTE;
    *label = PREDICT(sample, shares, memory + GUARD);
    uint32_t deepest = PAINTED;
    while (deepest > 0 && top[-(int32_t)deepest] == PAINTED_BYTE)
        deepest--;
    return deepest;
}

static uint32_t guards_broken(void)
{
    uint32_t broken = 0;
    for (uint32_t i = 0; i < GUARD; i++)
        broken += (memory[i] != PAINT) + (memory[GUARD + OF(_SCRATCH) / 4 + i] != PAINT);
    return broken;
}

int main(void)
{
    uint32_t count = 0, most = 0, least = UINT32_MAX, total = 0, deepest = 0, disagree = 0;
    int32_t in = board_open("samples", 0), labels = board_open("labels", 1), out = board_open("shares", 1);
    if (in < 0 || labels < 0 || out < 0)
        return 2;
    for (uint32_t i = 0; i < sizeof memory / 4; i++)
        memory[i] = PAINT;
    for (; board_read(in, sample, sizeof sample) == 0; count++) {
        board_count_begin();
        uint32_t label = LABEL(sample, memory + GUARD), instructions = board_count(), again;
        uint32_t stack = stack_of_call(&again);
        uint8_t byte = (uint8_t)label;
        disagree += label != again;
        total += instructions;
        most = instructions > most ? instructions : most;
        least = instructions < least ? instructions : least;
        deepest = stack > deepest ? stack : deepest;
        if (board_write(labels, &byte, 1) != 0 || board_write(out, shares, sizeof shares) != 0)
            return 2;
    }
    print_number("samples ", count, "");
    print_number("  instructions: least ", least, "");
    print_number(", most ", most, "");
    print_number(", total ", total, "\n");
    print_number("stack ", deepest, "");
    print_number(" of ", OF(_STACK), "\n");
    print_number("guards broken ", guards_broken(), "\n");
    return disagree > 0 || guards_broken() > 0 || deepest > OF(_STACK);
}
