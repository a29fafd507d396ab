#include "report/html.h"

#include <stdbool.h>
#include <string.h>

#include "picture/markup.h"
#include "picture/svg.h"
#include "report/style.h"
#include "show/numbers.h"

enum { NAME_MOST = 40 };

/* The bytes of the UTF-8 character at `at`; 0: it is none. */
static uint32_t character(const char *at)
{
    const unsigned char *c = (const unsigned char *)at;
    uint32_t bytes = c[0] < 0x80 ? 1 : c[0] >= 0xc2 && c[0] < 0xe0 ? 2 : (c[0] & 0xf0) == 0xe0 ? 3 : 4;
    if (bytes == 4 && (c[0] < 0xf0 || c[0] > 0xf4))
        return 0;
    for (uint32_t i = 1; i < bytes; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) ||
        (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    return bytes;
}

/* Characters that HTML does not allow, and those that turn the direction of what follows them. */
static bool is_unfit(const char *at, uint32_t bytes)
{
    const unsigned char *c = (const unsigned char *)at;
    if (bytes == 1)
        return (c[0] < 0x20 && c[0] != '\n' && c[0] != '\t') || c[0] == 0x7f;
    if (bytes == 2)
        return c[0] == 0xc2 && c[1] < 0xa0;
    if (bytes == 3 && c[0] == 0xe2)
        return (c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) || (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
    return bytes == 3 && c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe;
}

void html_text(FILE *to, const char *text, uint32_t most)
{
    uint32_t characters = 0;
    while (*text != '\0') {
        uint32_t bytes = character(text);
        if (most > 0 && characters++ == most) {
            fputs("\xe2\x80\xa6", to);
            return;
        }
        if (bytes == 0 || is_unfit(text, bytes))
            fputc('?', to);
        else if (bytes == 1)
            markup_character(to, *text);
        else
            fwrite(text, 1, bytes, to);
        text += bytes > 0 ? bytes : 1;
    }
}

void html_name(FILE *to, const char *name)
{
    fputs("<bdi>", to);
    html_text(to, name, NAME_MOST);
    fputs("</bdi>", to);
}

static void begin_number(FILE *to, const char *id, double value)
{
    if (id != NULL)
        fprintf(to, "<span id=\"%s\" data-value=\"%.9g\">", id, value);
    else
        fprintf(to, "<span data-value=\"%.9g\">", value);
}

void html_share(FILE *to, const char *id, double share)
{
    begin_number(to, id, share);
    fprintf(to, "%.2f%%</span>", 100 * share);
}

void html_number(FILE *to, const char *id, double number)
{
    begin_number(to, id, number);
    fprintf(to, "%.4f</span>", number);
}

void html_count(FILE *to, const char *id, uint64_t count)
{
    number_buffer text;
    if (id != NULL)
        fprintf(to, "<span id=\"%s\" data-value=\"%llu\">", id, (unsigned long long)count);
    else
        fprintf(to, "<span data-value=\"%llu\">", (unsigned long long)count);
    fprintf(to, "%s</span>", number_grouped(text, count));
}

void html_begin(FILE *to, const char *title, uint32_t refresh)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          "img-src data:\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n",
          to);
    if (refresh > 0)
        fprintf(to, "<meta http-equiv=\"refresh\" content=\"%u\">\n", refresh);
    fputs("<link rel=\"icon\" href=\"data:,\">\n<title>", to);
    html_text(to, title, NAME_MOST);
    fputs("</title>\n<style>\n", to);
    fputs(report_style, to);
    svg_style(to); /* of the picture of the network */
    fputs("</style>\n</head>\n<body>\n", to);
}

void html_end(FILE *to)
{
    fputs("</body>\n</html>\n", to);
}

void html_section(FILE *to, const char *id, const char *title)
{
    fprintf(to, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
}

void html_section_end(FILE *to)
{
    fputs("</section>\n", to);
}
