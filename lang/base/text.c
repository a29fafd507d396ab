#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bl_text bl_text_new(bl_arena *arena)
{
    return (bl_text){.arena = arena, .data = bl_alloc(arena, 64, 1), .room = 64};
}

void bl_text_add_bytes(bl_text *text, const char *more, size_t length)
{
    if (text->room - text->length <= length) {
        size_t room = (text->length + length + 1) * 2;
        char *larger = bl_alloc(text->arena, room, 1);
        memcpy(larger, text->data, text->length);
        text->data = larger;
        text->room = room;
    }
    memcpy(text->data + text->length, more, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void bl_text_add(bl_text *text, const char *more)
{
    bl_text_add_bytes(text, more, strlen(more));
}

void bl_text_format(bl_text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        char *part = bl_alloc(text->arena, (size_t)length + 1, 1);
        vsnprintf(part, (size_t)length + 1, format, again);
        bl_text_add_bytes(text, part, (size_t)length);
    }
    va_end(again);
}

void bl_text_number(bl_text *text, double number)
{
    char digits[40];
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    /* Whole numbers are written out: 100000, not 1e+05. */
    if (strchr(digits, 'e') != NULL && number > -1e15 && number < 1e15 && number == (double)(long long)number)
        snprintf(digits, sizeof digits, "%.0f", number);
    bl_text_add(text, digits);
}

const char *bl_number_text(bl_arena *arena, double number)
{
    bl_text text = bl_text_new(arena);
    bl_text_number(&text, number);
    return text.data;
}

const char *bl_size_text(bl_arena *arena, uint32_t height, uint32_t width)
{
    bl_text text = bl_text_new(arena);
    bl_text_format(&text, "%ux%u", height, width);
    return text.data;
}

void bl_text_quoted(bl_text *text, const char *string)
{
    bl_text_add(text, "\"");
    for (const char *at = string; *at != '\0'; at++) {
        switch (*at) {
        case '"':
            bl_text_add(text, "\\\"");
            break;
        case '\\':
            bl_text_add(text, "\\\\");
            break;
        case '\n':
            bl_text_add(text, "\\n");
            break;
        case '\t':
            bl_text_add(text, "\\t");
            break;
        default:
            bl_text_add_bytes(text, at, 1);
        }
    }
    bl_text_add(text, "\"");
}

const char *bl_list_text(bl_arena *arena, const char *const *words, size_t count, const char *conjunction)
{
    bl_text text = bl_text_new(arena);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i + 1 == count)
            bl_text_format(&text, " %s ", conjunction);
        else if (i > 0)
            bl_text_add(&text, ", ");
        bl_text_add(&text, words[i]);
    }
    return text.data;
}

size_t bl_utf8_length(const char *text, size_t left)
{
    const unsigned char *byte = (const unsigned char *)text;
    if (left == 0)
        return 0;
    if (byte[0] < 0x80)
        return 1;
    size_t length = byte[0] >= 0xc2 && byte[0] < 0xe0   ? 2
                    : (byte[0] & 0xf0) == 0xe0          ? 3
                    : byte[0] >= 0xf0 && byte[0] < 0xf5 ? 4
                                                        : 0;
    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    /* Overlong forms, surrogates and code points above U+10FFFF are invalid. */
    if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] >= 0xa0) ||
        (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] >= 0x90))
        return 0;
    return length;
}

const char *bl_clean_text(bl_arena *arena, const char *text, size_t length)
{
    bl_text clean = bl_text_new(arena);
    for (size_t i = 0; i < length;) {
        size_t step = bl_utf8_length(text + i, length - i);
        unsigned char first = (unsigned char)text[i];
        if (step == 0 || (first < 0x20 && first != '\t') || first == 0x7f)
            bl_text_add(&clean, "\xef\xbf\xbd");
        else
            bl_text_add_bytes(&clean, text + i, step);
        i += step == 0 ? 1 : step;
    }
    return clean.data;
}
