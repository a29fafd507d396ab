/* Cortex-M: vectors, the first instructions, semihosting, SysTick. */
#include "board.h"

extern uint8_t stack_top[], bss_begin[], bss_end[];

void start(void);
static void fault(void);

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    stack_top,     (void *)start, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};

static uint32_t host(uint32_t operation, const void *arguments)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

#include "host.h"

static void fault(void)
{
    board_print("fault\n");
    board_exit(3);
}

void start(void)
{
#ifdef BOARD_FPU
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* CPACR: coprocessors 10 and 11, floats and vectors */
    __asm__ volatile("dsb\n\tisb");
#endif
    for (volatile uint8_t *at = bss_begin; at < bss_end; at++)
        *at = 0;
    board_exit((uint32_t)main());
}

#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)

void board_count_begin(void)
{
    SYST_CSR = 0;
    SYST_RVR = 0xFFFFFF;
    SYST_CVR = 0;
    SYST_CSR = 5; /* on, by the processor's clock, without interrupts */
}

uint32_t board_count(void)
{
    uint32_t ticks = 0xFFFFFF - SYST_CVR;
    return ticks * BOARD_NS_X4 / 4;
}
