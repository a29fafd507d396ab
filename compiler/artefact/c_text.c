#include "artefact/c_text.h"

#include <ctype.h>
#include <string.h>

#include "bouton/runtime.h"

void bc_put_in_comment(const char *name, FILE *to)
{
    for (char last = 0; *name != '\0'; last = *name++) {
        if ((last == '*' && *name == '/') || (last == '/' && *name == '*'))
            fputc(' ', to);
        fputc(br_visible(*name), to);
    }
}

void bc_put_literal(const char *text, FILE *to)
{
    fputc('"', to);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            fprintf(to, "\\%03o", *at);
        else
            fprintf(to, strchr("\"\\?", *at) ? "\\%c" : "%c", *at);
    fputc('"', to);
}

void bc_put_classes(const char *upper, const char *const *classes, uint32_t count, FILE *to)
{
    fprintf(to, "#define %s_CLASSES { /* the names of the labels, in UTF-8, for a `const char *const []` */ \\\n",
            upper);
    for (uint32_t k = 0; k < count; k++) {
        fputs("    ", to);
        bc_put_literal(classes[k], to);
        fputs(k + 1 < count ? ", \\\n" : " }\n", to);
    }
}

void bc_capitals(const char *name, char *out, size_t size)
{
    size_t length = 0;
    for (; name[length] != '\0' && length + 1 < size; length++)
        out[length] = (char)toupper((unsigned char)name[length]);
    out[length] = '\0';
}
