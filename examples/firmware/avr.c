/* AVR: the host's files by the serial line (serial.py). Start-up code is avr-libc's. QEMU's timers of AVR can't be read
 * where it counts instructions ("Bad icount read"), so counts are 0. */
#include <avr/io.h>

#include "board.h"

static void send(uint8_t byte)
{
    while (!(UCSR0A & (1 << UDRE0)))
        ;
    UDR0 = byte;
}

static uint8_t receive(void)
{
    while (!(UCSR0A & (1 << RXC0)))
        ;
    return UDR0;
}

static void send_text(const char *text)
{
    do
        send((uint8_t)*text);
    while (*text++ != '\0');
}

static void send_head(char operation, int32_t file, uint16_t bytes)
{
    send((uint8_t)operation);
    send((uint8_t)file);
    send((uint8_t)bytes);
    send((uint8_t)(bytes >> 8));
}

int32_t board_open(const char *name, int writes)
{
    send(writes ? 'w' : 'r');
    send_text(name);
    return (int8_t)receive();
}

uint32_t board_read(int32_t file, void *to, uint32_t bytes)
{
    uint8_t *at = to;
    send_head('<', file, (uint16_t)bytes);
    uint16_t there = receive();
    there |= (uint16_t)(receive() << 8);
    for (uint16_t i = 0; i < there; i++)
        at[i] = receive();
    return bytes - there;
}

uint32_t board_write(int32_t file, const void *from, uint32_t bytes)
{
    const uint8_t *at = from;
    send_head('>', file, (uint16_t)bytes);
    for (uint16_t i = 0; i < bytes; i++)
        send(at[i]);
    return 0;
}

void board_print(const char *text)
{
    send('p');
    send_text(text);
}

void board_exit(uint32_t status)
{
    send('x');
    send((uint8_t)status);
    for (;;)
        ;
}

void board_count_begin(void) {}

uint32_t board_count(void)
{
    return 0;
}

#undef main /* the board's main function is called board_main */
int main(void)
{
    UCSR0B = (1 << RXEN0) | (1 << TXEN0);
    board_exit((uint32_t)board_main());
}
