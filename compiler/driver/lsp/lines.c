#include "lsp/lines.h"

#include <stdlib.h>

/* The bytes of the character at `at`; 1 where the text is no UTF-8. */
static uint32_t step_of(const lsp_lines *lines, uint32_t at)
{
    unsigned char first = (unsigned char)lines->text[at];
    uint32_t step = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
    for (uint32_t i = 1; i < step; i++)
        if (at + i >= lines->length || ((unsigned char)lines->text[at + i] & 0xc0) != 0x80)
            return 1;
    return step;
}

static bool ends_line(const lsp_lines *lines, uint32_t at)
{
    return lines->text[at] == '\n' ||
           (lines->text[at] == '\r' && (at + 1 == lines->length || lines->text[at + 1] != '\n'));
}

bool lines_index(lsp_lines *lines, const char *text, size_t length)
{
    *lines = (lsp_lines){.text = text, .length = (uint32_t)length, .count = 1};
    for (uint32_t i = 0; i < lines->length; i++)
        lines->count += ends_line(lines, i);
    lines->starts = malloc(lines->count * sizeof *lines->starts);
    if (lines->starts == NULL)
        return false;
    uint32_t line = 0;
    lines->starts[line++] = 0;
    for (uint32_t i = 0; i < lines->length; i++)
        if (ends_line(lines, i))
            lines->starts[line++] = i + 1;
    return true;
}

void lines_free(lsp_lines *lines)
{
    free(lines->starts);
    *lines = (lsp_lines){0};
}

uint32_t lines_line(const lsp_lines *lines, uint32_t offset)
{
    uint32_t low = 0, high = lines->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (lines->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t lines_end(const lsp_lines *lines, uint32_t line)
{
    uint32_t end = line + 1 < lines->count ? lines->starts[line + 1] : lines->length;
    while (end > lines->starts[line] && (lines->text[end - 1] == '\n' || lines->text[end - 1] == '\r'))
        end--;
    return end;
}

lsp_position lines_position(const lsp_lines *lines, uint32_t offset, bool utf8)
{
    if (offset > lines->length)
        offset = lines->length;
    uint32_t line = lines_line(lines, offset), at = lines->starts[line], character = 0;
    if (utf8)
        return (lsp_position){line, offset - at};
    for (uint32_t step; at < offset; at += step) {
        step = step_of(lines, at);
        character += step == 4 ? 2 : 1; /* beyond the first plane: a pair of surrogates */
    }
    return (lsp_position){line, character};
}

uint32_t lines_offset(const lsp_lines *lines, lsp_position position, bool utf8)
{
    if (position.line >= lines->count)
        return lines->length;
    uint32_t at = lines->starts[position.line], end = lines_end(lines, position.line), left = position.character;
    while (at < end && left > 0) {
        uint32_t step = step_of(lines, at), units = utf8 ? step : step == 4 ? 2 : 1;
        if (units > left)
            break;
        left -= units;
        at += step;
    }
    return at;
}
