#include "system/archive.h"

#include <stdint.h>
#include <string.h>

/* Members start at even offsets; a newline fills the gap. */
static size_t even(size_t size)
{
    return size + size % 2;
}

static void write_header(FILE *to, const char *name, const char *mode, size_t size)
{
    fprintf(to, "%-16s%-12u%-6u%-6u%-8s%-10zu`\n", name, 0u, 0u, 0u, mode, size);
}

static void write_big32(FILE *to, size_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(value >> shift & 0xff), to);
}

/* The index comes first: the number of symbols, the offset of each symbol's member, and the names. */
void archive_write(FILE *to, const char *const *symbols, const char *object, size_t size)
{
    static const char magic[] = "!<arch>\n";
    const size_t header = 60, start = sizeof magic - 1;
    size_t count = 0, names = 0;
    for (; symbols[count] != NULL; count++)
        names += strlen(symbols[count]) + 1;
    size_t index = 4 * (count + 1) + names;
    fputs(magic, to);
    write_header(to, "/", "0", index);
    write_big32(to, count);
    for (size_t i = 0; i < count; i++)
        write_big32(to, start + header + even(index));
    for (size_t i = 0; i < count; i++)
        fwrite(symbols[i], 1, strlen(symbols[i]) + 1, to);
    if (index % 2 != 0)
        fputc('\n', to);
    write_header(to, "model.o/", "644", size);
    fwrite(object, 1, size, to);
    if (size % 2 != 0)
        fputc('\n', to);
}
