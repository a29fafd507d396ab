#include "picture/svg.h"

#include <math.h>
#include <string.h>

#include "options/console.h"
#include "picture/markup.h"

static const char *const names[] = {"none",
#define X(name, ...) #name,
                                    INKS(X)
#undef X
};

static const unsigned light[] = {0,
#define X(name, day, night) day,
                                 INKS(X)
#undef X
};

void svg_style(FILE *to)
{
    fputs(":root{color-scheme:light dark", to);
#define X(name, day, night) fprintf(to, ";--" #name ":#%06x", day);
    INKS(X)
#undef X
    fputs("}\n@media (prefers-color-scheme:dark){:root{color-scheme:dark", to);
#define X(name, day, night) fprintf(to, ";--" #name ":#%06x", night);
    INKS(X)
#undef X
    fputs("}}\n@media print{:root{color-scheme:light", to);
#define X(name, day, night) fprintf(to, ";--" #name ":#%06x", day);
    INKS(X)
#undef X
    fputs("}}\n", to);
#define X(name, ...) fputs(".f-" #name "{fill:var(--" #name ")}.s-" #name "{stroke:var(--" #name ")}\n", to);
    INKS(X)
#undef X
}

void svg_text(FILE *to, const char *text)
{
    for (; *text != '\0'; text++)
        markup_character(to, *text);
}

/* At most two decimals, and no more than are needed. */
static void put(FILE *to, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.2f", value);
    size_t end = strlen(text);
    while (text[end - 1] == '0')
        end--;
    end -= text[end - 1] == '.';
    text[end] = '\0';
    fputs(strcmp(text, "-0") == 0 ? "0" : text, to);
}

static void put_attribute(FILE *to, const char *name, double value)
{
    fprintf(to, " %s=\"", name);
    put(to, value);
    fputc('"', to);
}

static void put_look(FILE *to, const look *look)
{
    if (look->fill != INK_none || look->stroke != INK_none) {
        fputs(" class=\"", to);
        if (look->fill != INK_none)
            fprintf(to, "f-%s", names[look->fill]);
        if (look->stroke != INK_none)
            fprintf(to, "%ss-%s", look->fill != INK_none ? " " : "", names[look->stroke]);
        fputc('"', to);
    }
    if (look->fill != INK_none)
        fprintf(to, " fill=\"#%06x\"", light[look->fill]);
    else
        fputs(" fill=\"none\"", to);
    if (look->stroke != INK_none) {
        fprintf(to, " stroke=\"#%06x\"", light[look->stroke]);
        put_attribute(to, "stroke-width", look->width);
    }
    if (look->opacity > 0 && look->opacity < 1)
        put_attribute(to, "opacity", look->opacity);
    if (look->filled_opacity > 0 && look->filled_opacity < 1)
        put_attribute(to, "fill-opacity", look->filled_opacity);
    if (look->dashed)
        fputs(" stroke-dasharray=\"3 3\"", to);
}

/* Ends a shape, with its tooltip. */
static void put_end(FILE *to, const char *element, const char *tip)
{
    if (tip == NULL) {
        fputs("/>\n", to);
        return;
    }
    fputs("><title>", to);
    svg_text(to, tip);
    fprintf(to, "</title></%s>\n", element);
}

static void put_box(FILE *to, const shape *s)
{
    fputs("<rect", to);
    put_attribute(to, "x", s->box.x);
    put_attribute(to, "y", s->box.y);
    put_attribute(to, "width", s->box.width);
    put_attribute(to, "height", s->box.height);
    if (s->corner > 0)
        put_attribute(to, "rx", s->corner);
    put_look(to, &s->look);
    put_end(to, "rect", s->text);
}

static void put_circle(FILE *to, const shape *s)
{
    fputs("<circle", to);
    put_attribute(to, "cx", s->box.x);
    put_attribute(to, "cy", s->box.y);
    put_attribute(to, "r", s->box.width);
    put_look(to, &s->look);
    put_end(to, "circle", s->text);
}

static void put_line(FILE *to, const drawing *d, const shape *s)
{
    fputs("<path d=\"", to);
    for (size_t i = s->from; i < s->end; i++) {
        fputc(i == s->from ? 'M' : 'L', to);
        put(to, d->points[i].x);
        fputc(' ', to);
        put(to, d->points[i].y);
    }
    fputs("\" stroke-linejoin=\"round\"", to);
    put_look(to, &s->look);
    put_end(to, "path", s->text);
}

static void put_letters(FILE *to, const shape *s)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    const lettering *how = &s->lettering;
    fputs("<text", to);
    put_attribute(to, "x", s->box.x);
    put_attribute(to, "y", s->box.y);
    put_attribute(to, "font-size", how->size);
    if (how->anchor != ANCHOR_START)
        fprintf(to, " text-anchor=\"%s\"", anchors[how->anchor]);
    if (how->bold)
        fputs(" font-weight=\"bold\"", to);
    put_look(to, &(look){.fill = how->ink});
    fputc('>', to);
    svg_text(to, s->text);
    fputs("</text>\n", to);
}

#define FONTS "'DejaVu Sans Mono',ui-monospace,Menlo,Consolas,monospace"

static int write(const drawing *d, bool whole, FILE *to)
{
    if (d->failed)
        return STATUS_FAULT;
    fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", to);
    put(to, d->width);
    fputc(' ', to);
    put(to, d->height);
    fputc('"', to);
    put_attribute(to, "width", whole ? d->width : ceil(d->width)); /* HTML wants whole numbers */
    put_attribute(to, "height", whole ? d->height : ceil(d->height));
    fputs(" role=\"img\"", to);
    if (whole)
        fputs(" xml:space=\"preserve\" font-family=\"" FONTS "\">\n<title>", to);
    else /* HTML knows neither attribute */
        fputs(" style=\"white-space:pre;font-family:" FONTS "\">\n<title>", to);
    svg_text(to, d->title);
    fputs("</title>\n", to);
    if (whole) {
        fputs("<style>\n", to);
        svg_style(to);
        fputs("</style>\n", to);
        shape page = {.box = {0, 0, d->width, d->height}, .look = {.fill = INK_page}};
        put_box(to, &page);
    }
    for (size_t i = 0; i < d->count; i++) {
        const shape *s = &d->shapes[i];
        if (s->kind == SHAPE_BOX)
            put_box(to, s);
        else if (s->kind == SHAPE_CIRCLE)
            put_circle(to, s);
        else if (s->kind == SHAPE_LINE)
            put_line(to, d, s);
        else
            put_letters(to, s);
    }
    fputs("</svg>\n", to);
    return STATUS_DONE;
}

int svg_write(const drawing *d, FILE *to)
{
    return write(d, true, to);
}

int svg_write_inline(const drawing *d, FILE *to)
{
    return write(d, false, to);
}
