/* Turns lines into text. Neighbouring lines with the same columns are aligned, and so are the comments behind them. A
 * column is left unaligned where a line would exceed the width. */
#include <string.h>

#include "print/format.h"

bl_format_line *bl_format_line_add(bl_format_lines *lines, uint32_t indent)
{
    lines->list = bl_grow(lines->arena, lines->list, lines->count, sizeof *lines->list);
    bl_format_line *line = &lines->list[lines->count++];
    *line = (bl_format_line){.indent = indent, .text = bl_text_new(lines->arena), .trail = bl_text_new(lines->arena)};
    return line;
}

uint32_t bl_format_width(const char *text, size_t length)
{
    uint32_t width = 0;
    for (size_t i = 0; i < length; i++) /* counts the first bytes of characters */
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    return width;
}

static uint32_t end_of(const bl_format_line *line)
{
    return line->indent + bl_format_width(line->text.data, line->text.length);
}

/* ---- columns ---- */

static bool shares(const bl_format_line *line, const bl_format_line *first, uint32_t cell)
{
    return line->cell_count > cell && line->group == first->group && line->indent == first->indent &&
           (cell == 0 || line->operation == first->operation);
}

static uint32_t before_cell(const bl_format_line *line, uint32_t cell)
{
    return bl_format_width(line->text.data, line->cells[cell]);
}

static void pad(bl_arena *arena, bl_format_line *line, uint32_t cell, uint32_t spaces)
{
    bl_text padded = bl_text_new(arena);
    bl_text_add_bytes(&padded, line->text.data, line->cells[cell]);
    bl_text_format(&padded, "%*s", (int)spaces, "");
    bl_text_add_bytes(&padded, line->text.data + line->cells[cell], line->text.length - line->cells[cell]);
    line->text = padded;
    for (uint32_t i = cell; i < line->cell_count; i++)
        line->cells[i] += spaces;
}

static void align_run(bl_format_lines *lines, uint32_t first, uint32_t end, uint32_t cell)
{
    uint32_t column = 0;
    bool fits = true;
    for (uint32_t i = first; i < end; i++)
        if (before_cell(&lines->list[i], cell) > column)
            column = before_cell(&lines->list[i], cell);
    for (uint32_t i = first; i < end; i++)
        fits = fits && end_of(&lines->list[i]) + column - before_cell(&lines->list[i], cell) <= BL_FORMAT_WIDTH;
    for (uint32_t i = first; fits && i < end; i++) {
        uint32_t spaces = column - before_cell(&lines->list[i], cell);
        if (spaces > 0)
            pad(lines->arena, &lines->list[i], cell, spaces);
    }
}

static void align_cells(bl_format_lines *lines)
{
    for (uint32_t cell = 0; cell < BL_FORMAT_CELLS; cell++)
        for (uint32_t i = 0, end; i < lines->count; i = end) {
            end = i + 1;
            if (lines->list[i].cell_count <= cell)
                continue;
            while (end < lines->count && shares(&lines->list[end], &lines->list[i], cell))
                end++;
            align_run(lines, i, end, cell);
        }
}

/* ---- comments behind lines ---- */

/* Prints the lines from `first` to `end` with the comments behind them, in one column if they fit. */
static void print_run(const bl_format_lines *lines, uint32_t first, uint32_t end, bl_text *out)
{
    uint32_t common = 0, column = 0;
    bool fits = true;
    for (uint32_t i = first; i < end; i++)
        if (end_of(&lines->list[i]) + 2 > common && !lines->list[i].aligned)
            common = end_of(&lines->list[i]) + 2;
    for (uint32_t i = first; i < end; i++)
        fits =
            fits && common + bl_format_width(lines->list[i].trail.data, lines->list[i].trail.length) <= BL_FORMAT_WIDTH;
    for (uint32_t i = first; i < end; i++) {
        const bl_format_line *line = &lines->list[i];
        uint32_t at = line->aligned ? 0 : end_of(line);
        column = fits ? common : line->aligned ? column : at + 2;
        if (!line->aligned) {
            bl_text_format(out, "%*s", (int)line->indent, "");
            bl_text_add_bytes(out, line->text.data, line->text.length);
        }
        bl_text_format(out, "%*s", (int)(column - at), "");
        bl_text_add_bytes(out, line->trail.data, line->trail.length);
        bl_text_add(out, "\n");
    }
}

bl_text bl_format_print(bl_format_lines *lines)
{
    bl_text out = bl_text_new(lines->arena);
    align_cells(lines);
    for (uint32_t i = 0, end; i < lines->count; i = end) {
        const bl_format_line *line = &lines->list[i];
        end = i + 1;
        if (line->trail.length > 0) {
            while (end < lines->count && lines->list[end].trail.length > 0)
                end++;
            print_run(lines, i, end, &out);
            continue;
        }
        if (line->text.length > 0)
            bl_text_format(&out, "%*s", (int)line->indent, "");
        bl_text_add_bytes(&out, line->text.data, line->text.length);
        bl_text_add(&out, "\n");
    }
    return out;
}
