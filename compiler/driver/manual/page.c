#include "manual/page.h"

#include <string.h>

#include "bouton/runtime.h"

/* The day on which the pages were last changed. It is written here so that the same bouton writes the same bytes. */
#define PAGES_CHANGED "2026-11-29"

enum { ROFF_WIDTH = 64, INDENT = 4 };

/* ---- roff ---- */

/* Text in which nothing is markup. */
static void put_roff(FILE *to, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            fputs("\\e", to);
        else if (text[i] == '-')
            fputs("\\-", to);
        else if (text[i] == '\'')
            fputs("\\(aq", to);
        else if (text[i] == '`')
            fputs("\\(ga", to);
        else if (text[i] == '~')
            fputs("\\(ti", to);
        else if (text[i] == '^')
            fputs("\\(ha", to);
        else
            fputc(text[i], to);
    }
}

/* A line of roff must not begin with a control character. */
static void guard(FILE *to, char first)
{
    if (first == '.' || first == '\'' || first == ' ')
        fputs("\\&", to);
}

/* ---- filled text, for both ---- */

static void put_words(const page *p, const char *text, unsigned indent)
{
    size_t width = p->roff ? ROFF_WIDTH : p->width, column = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        bool breaks = column > 0 && column + 1 + length > width;
        if (breaks)
            fputc('\n', p->to);
        else if (column > 0)
            fputc(' ', p->to);
        if (breaks || column == 0) {
            column = p->roff ? 0 : indent;
            fprintf(p->to, "%*s", (int)column, "");
            if (p->roff)
                guard(p->to, *text);
        } else {
            column++;
        }
        if (p->roff)
            put_roff(p->to, text, length);
        else
            fwrite(text, 1, length, p->to);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', p->to);
}

void page_start(page *p, const char *name, int section, const char *summary)
{
    char title[64];
    snprintf(title, sizeof title, "%s", name);
    for (char *at = title; *at != '\0'; at++)
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    p->started = false;
    if (p->roff) {
        fputs(".TH ", p->to);
        put_roff(p->to, title, strlen(title));
        fprintf(p->to, " %d %s \"bouton %s\"\n.SH NAME\n", section, PAGES_CHANGED, BR_VERSION);
        put_roff(p->to, name, strlen(name));
        fputs(" \\-\n", p->to);
        put_words(p, summary, 0);
        return;
    }
    int gap = (int)p->width - 2 * (int)strlen(title) - 6 - (int)strlen("bouton " BR_VERSION);
    int left = gap > 4 ? gap / 2 : 2;
    fprintf(p->to, "%s(%d)%*s%s%*s%s(%d)\n\nNAME\n    %s - %s\n", title, section, left, "", "bouton " BR_VERSION,
            gap - left > 2 ? gap - left : 2, "", title, section, name, summary);
}

void page_section(page *p, const char *title)
{
    fprintf(p->to, p->roff ? ".SH %s\n" : "\n%s\n", title);
    p->started = true;
}

void page_paragraph(page *p, const char *text)
{
    char part[2048];
    for (; *text != '\0'; text += *text == '\n') {
        size_t length = strcspn(text, "\n");
        if (!p->started)
            fputs(p->roff ? ".PP\n" : "\n", p->to);
        snprintf(part, sizeof part, "%.*s", (int)length, text);
        put_words(p, part, INDENT);
        p->started = false;
        text += length;
    }
}

void page_item(page *p, const char *head, const char *text)
{
    if (p->roff) {
        fputs(".TP\n", p->to);
        guard(p->to, *head);
        fputs("\\fB", p->to);
        put_roff(p->to, head, strlen(head));
        fputs("\\fR\n", p->to);
        if (*text == '\0')
            fputs("\\&\n", p->to);
    } else {
        fprintf(p->to, "%s    %s\n", p->started ? "" : "\n", head);
    }
    if (*text != '\0')
        put_words(p, text, 2 * INDENT);
    p->started = false;
}

void page_example(page *p, const char *text)
{
    if (p->roff)
        fputs(p->started ? ".EX\n" : ".PP\n.EX\n", p->to);
    else if (!p->started)
        fputc('\n', p->to);
    for (; *text != '\0'; text += *text == '\n') {
        size_t length = strcspn(text, "\n");
        if (p->roff && length > 0) {
            guard(p->to, *text);
            put_roff(p->to, text, length);
        } else if (length > 0) {
            fprintf(p->to, "    %.*s", (int)length, text);
        }
        fputc('\n', p->to);
        text += length;
    }
    if (p->roff)
        fputs(".EE\n", p->to);
    p->started = false;
}
