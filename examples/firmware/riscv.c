/* RISC-V: the first instructions, semihosting, counters. */
#include "board.h"

extern uint8_t stack_top[], bss_begin[], bss_end[];

static uint32_t host(uint32_t operation, const void *arguments)
{
    register uint32_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = arguments;
    __asm__ volatile(".balign 16\n\t.option push\n\t.option norvc\n\tslli x0, x0, 0x1f\n\tebreak\n\tsrai x0, x0, 7\n\t"
                     ".option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return a0;
}

#include "host.h"

__attribute__((used)) static void fault(void)
{
    board_print("fault\n");
    board_exit(3);
}

__attribute__((used)) static void begin(void)
{
#ifdef BOARD_FPU
    __asm__ volatile("csrs mstatus, %0" ::"r"(0x2000)); /* floats are on */
#endif
    for (volatile uint8_t *at = bss_begin; at < bss_end; at++)
        *at = 0;
    board_exit((uint32_t)main());
}

__attribute__((naked, section(".vectors"), used)) void start(void)
{
    __asm__ volatile("la sp, stack_top\n\tla t0, 1f\n\tcsrw mtvec, t0\n\tj begin\n\t.balign 4\n1:\tj fault");
}

static uint32_t retired(void)
{
    uint32_t count;
    __asm__ volatile("csrr %0, minstret" : "=r"(count));
    return count;
}

static uint32_t begun;

void board_count_begin(void)
{
    begun = retired();
}

uint32_t board_count(void)
{
    return retired() - begun;
}
