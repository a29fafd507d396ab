#include "base/utf8.h"

#include <stdint.h>

/* The number of bytes of the character that begins here, of `left` bytes; 0 if there is none. */
static size_t character(const unsigned char *at, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0;
    if (length > left)
        return 0;
    uint32_t code = length > 1 ? *at & (0x7fu >> length) : *at;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fu);
    }
    bool half = code >= 0xd800 && code < 0xe000;
    return length == 0 || code < least[length] || code > 0x10ffff || half ? 0 : length;
}

bool br_utf8_is(const char *text, size_t length)
{
    for (size_t at = 0, step; at < length; at += step)
        if ((step = character((const unsigned char *)text + at, length - at)) == 0)
            return false;
    return true;
}
