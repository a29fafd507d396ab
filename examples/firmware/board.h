/* What the emulated boards have in common: the host's files by semihosting, a count of instructions. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Calls of the host. A file is opened by its name in the folder that the emulator runs in. */
int32_t board_open(const char *name, int writes);                     /* below 0: there is no such file */
uint32_t board_read(int32_t file, void *to, uint32_t bytes);          /* the bytes that were not read */
uint32_t board_write(int32_t file, const void *from, uint32_t bytes); /* the bytes that were not written */
void board_print(const char *text);
void board_exit(uint32_t status) __attribute__((noreturn));

/* Instructions since board_count_begin. With -icount shift=0, an instruction takes a nanosecond of the emulated clock.
 * Arm: in steps of BOARD_NS, a tick of SysTick, up to 2^24 ticks. RISC-V: exact. AVR: 0, not counted. */
void board_count_begin(void);
uint32_t board_count(void);

int main(void); /* AVR: compiled as board_main */

#endif
