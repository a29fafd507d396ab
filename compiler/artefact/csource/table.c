#include "artefact/csource/table.h"

#include <string.h>

enum { WIDEST_LINE = 116 };

bc_table bc_table_begin(FILE *to, const char *type, const char *name, const char *ending, uint64_t count)
{
    fprintf(to, "static const IN_FLASH %s %s_%s[%llu] = {", type, name, ending, (unsigned long long)count);
    return (bc_table){to, WIDEST_LINE, 0};
}

static void put(bc_table *t, const char *text)
{
    unsigned length = (unsigned)strlen(text);
    if (t->column + length + 2 > WIDEST_LINE) {
        fputs("\n    ", t->to);
        t->column = 4;
    } else {
        fputc(' ', t->to);
        t->column++;
    }
    fputs(text, t->to);
    fputc(',', t->to);
    t->column += length + 1;
    t->count++;
}

void bc_table_int(bc_table *t, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    put(t, text);
}

const char *bc_float_text(float value, char out[32])
{
    snprintf(out, 28, "%.9g", (double)value);
    if (!strpbrk(out, ".e"))
        strcat(out, ".0");
    return strcat(out, "f");
}

void bc_table_float(bc_table *t, float value)
{
    char text[32];
    put(t, bc_float_text(value, text));
}

void bc_table_end(bc_table *t)
{
    if (t->count == 0)
        bc_table_int(t, 0);
    fputs("\n};\n", t->to);
}
