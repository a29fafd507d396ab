/* Numbers as text. */
#ifndef PRINT_H
#define PRINT_H

#include "board.h"

static char *write_number(char *to, uint32_t number)
{
    static const uint32_t tens[] = {1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    int begun = 0;
    for (uint32_t i = 0; i < 10; i++) { /* no division: small cores have none */
        uint32_t digit = 0;
        for (; number >= tens[i]; number -= tens[i])
            digit++;
        begun |= digit > 0 || i == 9;
        if (begun)
            *to++ = (char)('0' + digit);
    }
    *to = '\0';
    return to;
}

static void print(const char *before, uint32_t number, const char *behind)
{
    char text[12];
    write_number(text, number);
    board_print(before);
    board_print(text);
    board_print(behind);
}

#endif
