#include "tree/source.h"

void bl_file_index_lines(bl_arena *arena, bl_file *file)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < file->length; i++)
        count += file->text[i] == '\n';
    file->lines = BL_ARRAY(arena, uint32_t, count);
    file->line_count = count;
    uint32_t line = 0;
    for (uint32_t i = 0; i < file->length; i++)
        if (file->text[i] == '\n')
            file->lines[++line] = i + 1;
}

/* The last line that starts at or before the offset. */
static uint32_t line_of(const bl_file *file, uint32_t offset)
{
    uint32_t low = 0, high = file->line_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (file->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bl_position bl_file_position(const bl_file *file, uint32_t offset)
{
    if (offset > file->length)
        offset = file->length;
    uint32_t line = line_of(file, offset), start = file->lines[line];
    uint32_t end = line + 1 < file->line_count ? file->lines[line + 1] - 1 : file->length;
    if (end > start && file->text[end - 1] == '\r')
        end--;
    uint32_t column = 1;
    for (uint32_t i = start; i < offset; i++) /* counts the first bytes of characters */
        column += ((unsigned char)file->text[i] & 0xc0) != 0x80;
    return (bl_position){.file = file->name,
                         .line = line + 1,
                         .column = column,
                         .excerpt = file->text + start,
                         .excerpt_length = end - start,
                         .lead = offset - start};
}
