#include "report/chart.h"

#include <math.h>

#include "report/html.h"
#include "show/numbers.h"

/* In the units of the SVG. A tick's text is 11 units high. */
enum { WIDTH = 360, HEIGHT = 210, LEFT = 46, RIGHT = 14, TOP = 10, BOTTOM = 40, TICKS = 5 };

typedef struct frame {
    double x_least, x_most, y_least, y_most;
    bool whole;
} frame;

static double at_x(const frame *f, double x)
{
    double span = f->x_most > f->x_least ? f->x_most - f->x_least : 1;
    return LEFT + (x - f->x_least) / span * (WIDTH - LEFT - RIGHT);
}

static double at_y(const frame *f, double y)
{
    double share = f->y_most > f->y_least ? (y - f->y_least) / (f->y_most - f->y_least) : 0;
    return HEIGHT - BOTTOM - fmin(fmax(share, 0), 1) * (HEIGHT - TOP - BOTTOM);
}

/* 1, 2 or 5 times a power of ten, so that there are at most TICKS steps. */
static double step_of(double span)
{
    static const double steps[] = {1, 2, 5, 10};
    if (!(span > 0))
        return 1;
    double power = pow(10, floor(log10(span / TICKS)));
    for (int i = 0; i < 4; i++)
        if (span / (steps[i] * power) <= TICKS)
            return steps[i] * power;
    return 10 * power;
}

static void put_tick(FILE *to, double value, bool share)
{
    number_buffer text;
    value = fabs(value) < 1e-12 ? 0 : value; /* a sum of steps, or -0 */
    if (share)
        fprintf(to, "%.4g%%", 100 * value);
    else if (fabs(value) >= 10000)
        fputs(number_scaled(text, value), to);
    else
        fprintf(to, "%.4g", value);
}

static void begin(FILE *to, const char *title)
{
    fputs("<figure>\n<svg viewBox=\"0 0 360 210\" role=\"img\" aria-label=\"", to);
    html_text(to, title, 0);
    fputs("\">\n", to);
}

static void end(FILE *to, const char *title)
{
    fputs("<figcaption>", to);
    html_text(to, title, 0);
    fputs("</figcaption>\n</figure>\n", to);
}

static void draw_axes(FILE *to, const frame *f, const char *x_name, const char *y_name, bool shares)
{
    double step = step_of(f->y_most - f->y_least);
    for (double y = ceil(f->y_least / step - 1e-9) * step; y <= f->y_most + step * 1e-6; y += step) {
        fprintf(to, "<path class=\"%s\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                y <= f->y_least ? "axis" : "grid", LEFT, at_y(f, y), WIDTH - RIGHT, LEFT - 4, at_y(f, y) + 4);
        put_tick(to, y, shares);
        fputs("</text>\n", to);
    }
    step = step_of(f->x_most - f->x_least);
    step = f->whole ? fmax(step, 1) : step;
    for (double x = ceil(f->x_least / step - 1e-9) * step; x <= f->x_most + step * 1e-6; x += step) {
        fprintf(to, "<path class=\"axis\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
                at_x(f, x), HEIGHT - BOTTOM, at_x(f, x), HEIGHT - BOTTOM + 15);
        put_tick(to, x, false);
        fputs("</text>\n", to);
    }
    fprintf(to, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", WIDTH - RIGHT, HEIGHT - 8);
    html_text(to, x_name, 40);
    fprintf(to, "</text><text x=\"4\" y=\"%d\">", HEIGHT - 8);
    html_text(to, y_name, 20);
    fputs("</text>\n", to);
}

static uint32_t style_of(const chart *c, uint32_t line)
{
    return (c->groups != NULL ? c->groups[line] : line) % CHART_LINES;
}

static bool is_thick(const chart *c, uint32_t line)
{
    return c->thick != NULL && c->thick[line];
}

static void draw_line(FILE *to, const frame *f, const chart *c, uint32_t index)
{
    const chart_line *line = &c->lines[index];
    bool pen = false;
    fprintf(to, "<path class=\"line l%u%s\" d=\"", style_of(c, index), is_thick(c, index) ? " thick" : "");
    for (uint32_t i = 0; i < line->count; i++) {
        if (isnan(line->y[i])) {
            pen = false;
            continue;
        }
        bool alone = !pen && (i + 1 == line->count || isnan(line->y[i + 1]));
        fprintf(to, "%c%.1f %.1f", pen ? 'L' : 'M', at_x(f, line->x[i]), at_y(f, line->y[i]));
        if (alone)
            fputs("h1", to); /* a point of its own must show */
        pen = true;
    }
    fputs("\"/>\n", to);
    if (line->mark >= 0 && !isnan(line->y[line->mark]))
        fprintf(to, "<circle class=\"dot l%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", style_of(c, index),
                at_x(f, line->x[line->mark]), at_y(f, line->y[line->mark]));
}

static void put_key(FILE *to, const char *shape, const char *name)
{
    fprintf(to, "<li><svg viewBox=\"0 0 34 10\" aria-hidden=\"true\">%s</svg>", shape);
    html_name(to, name);
    fputs("</li>\n", to);
}

/* Whether no line before this one is of its group. */
static bool begins_group(const chart *c, uint32_t line)
{
    for (uint32_t i = 0; c->groups != NULL && i < line; i++)
        if (c->groups[i] == c->groups[line])
            return false;
    return true;
}

static void draw_key(FILE *to, const chart *c)
{
    char shape[96];
    bool any_thick = false;
    fputs("<ul class=\"key\">\n", to);
    for (uint32_t i = 0; i < c->line_count; i++) {
        any_thick |= is_thick(c, i);
        snprintf(shape, sizeof shape, "<path class=\"line l%u\" d=\"M0 5H34\"/>", style_of(c, i));
        if (begins_group(c, i))
            put_key(to, shape, c->lines[i].name);
    }
    if (any_thick)
        put_key(to, "<path class=\"line plain thick\" d=\"M0 5H34\"/>", c->thick_name);
    if (c->mark != NULL)
        put_key(to, "<circle class=\"dot plain\" cx=\"17\" cy=\"5\" r=\"4\"/>", c->mark);
    fputs("</ul>\n", to);
}

void chart_draw(FILE *to, const chart *c)
{
    frame f = {.x_least = c->x_least, .x_most = c->x_most, .y_least = c->least, .y_most = c->most, .whole = c->whole};
    begin(to, c->title);
    draw_axes(to, &f, c->x_name, c->y_name, c->shares);
    for (uint32_t i = 0; i < c->border_count; i++)
        fprintf(to, "<path class=\"phase\" d=\"M%.1f %dV%d\"/>\n", at_x(&f, c->borders[i]), TOP, HEIGHT - BOTTOM);
    if (c->diagonal)
        fprintf(to, "<path class=\"phase\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", at_x(&f, 0), at_y(&f, 0), at_x(&f, 1),
                at_y(&f, 1));
    for (uint32_t i = 0; i < c->line_count; i++)
        draw_line(to, &f, c, i);
    fputs("</svg>\n", to);
    if (c->line_count > 1 || c->mark != NULL)
        draw_key(to, c);
    end(to, c->title);
}

void chart_bars(FILE *to, const bar_chart *c)
{
    frame f = {.x_least = c->least, .x_most = c->most};
    double width = (double)(WIDTH - LEFT - RIGHT) / (c->count > 0 ? c->count : 1);
    for (uint32_t i = 0; i < c->count; i++)
        f.y_most = fmax(f.y_most, c->heights[i]);
    f.y_most = f.y_most > 0 ? f.y_most : 1;
    begin(to, c->title);
    draw_axes(to, &f, c->x_name, c->y_name, false);
    fputs("<path class=\"bar\" d=\"", to); /* one path for all of them: a layer may have a thousand */
    for (uint32_t i = 0; i < c->count; i++)
        if (c->heights[i] > 0)
            fprintf(to, "M%.1f %dV%.1fh%.1fV%dz", LEFT + i * width, HEIGHT - BOTTOM, at_y(&f, c->heights[i]),
                    fmax(width - (width > 4 ? 1 : 0), 0.5), HEIGHT - BOTTOM);
    fputs("\"/>\n</svg>\n", to);
    end(to, c->title);
}
