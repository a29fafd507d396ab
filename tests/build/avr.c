/* Reads samples of bytes from the serial line of an ATmega2560, and writes the label of each as a letter from A on. */
#include HEADER

#include <avr/io.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

enum { VALUES = 28 * 28 };

static JOIN(NET, _scratch) scratch;
static uint8_t sample[VALUES];

static uint8_t receive(void)
{
    while (!(UCSR0A & (1 << RXC0)))
        ;
    return UDR0;
}

static void send(uint8_t byte)
{
    while (!(UCSR0A & (1 << UDRE0)))
        ;
    UDR0 = byte;
}

int main(void)
{
    UCSR0B = (1 << RXEN0) | (1 << TXEN0);
    for (;;) {
        for (uint16_t i = 0; i < VALUES; i++)
            sample[i] = receive();
        send((uint8_t)('A' + JOIN(NET, _predict_u8)(sample, 0, &scratch)));
    }
}
