#include "picture/raster.h"

#include <cairo.h>
#include <math.h>

#include "options/console.h"

#define SIDE_MOST   32000.0     /* cairo's own limit is 32767 */
#define PIXELS_MOST 100000000.0 /* 400 MB while it is drawn */

static const unsigned light[] = {0,
#define X(name, day, night) day,
                                 INKS(X)
#undef X
};

static void dip(cairo_t *c, ink ink, double opacity)
{
    unsigned rgb = light[ink];
    cairo_set_source_rgba(c, (rgb >> 16) / 255., (rgb >> 8 & 255) / 255., (rgb & 255) / 255.,
                          opacity > 0 ? opacity : 1);
}

/* Fills and strokes the path that was just made. */
static void paint(cairo_t *c, const look *look)
{
    static const double dashes[] = {3, 3};
    double opacity = look->opacity > 0 ? look->opacity : 1;
    if (look->fill != INK_none) {
        dip(c, look->fill, opacity * (look->filled_opacity > 0 ? look->filled_opacity : 1));
        cairo_fill_preserve(c);
    }
    if (look->stroke != INK_none) {
        dip(c, look->stroke, opacity);
        cairo_set_line_width(c, look->width);
        cairo_set_dash(c, dashes, look->dashed ? 2 : 0, 0);
        cairo_stroke_preserve(c);
    }
    cairo_new_path(c);
}

static void trace_box(cairo_t *c, const shape *s)
{
    box b = s->box;
    double r = s->corner;
    if (r <= 0) {
        cairo_rectangle(c, b.x, b.y, b.width, b.height);
        return;
    }
    cairo_arc(c, b.x + b.width - r, b.y + r, r, -M_PI / 2, 0);
    cairo_arc(c, b.x + b.width - r, b.y + b.height - r, r, 0, M_PI / 2);
    cairo_arc(c, b.x + r, b.y + b.height - r, r, M_PI / 2, M_PI);
    cairo_arc(c, b.x + r, b.y + r, r, M_PI, 3 * M_PI / 2);
    cairo_close_path(c);
}

static void draw_letters(cairo_t *c, const shape *s)
{
    const lettering *how = &s->lettering;
    cairo_text_extents_t extents;
    cairo_select_font_face(c, "monospace", CAIRO_FONT_SLANT_NORMAL,
                           how->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c, how->size);
    cairo_text_extents(c, s->text, &extents);
    double before = how->anchor == ANCHOR_END ? 1 : how->anchor == ANCHOR_MIDDLE ? 0.5 : 0;
    dip(c, how->ink, 1);
    cairo_move_to(c, s->box.x - before * extents.x_advance, s->box.y);
    cairo_show_text(c, s->text);
    cairo_new_path(c);
}

static void draw(cairo_t *c, const drawing *d)
{
    dip(c, INK_page, 1);
    cairo_paint(c);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < d->count; i++) {
        const shape *s = &d->shapes[i];
        if (s->kind == SHAPE_TEXT) {
            draw_letters(c, s);
            continue;
        }
        if (s->kind == SHAPE_BOX)
            trace_box(c, s);
        else if (s->kind == SHAPE_CIRCLE)
            cairo_arc(c, s->box.x, s->box.y, s->box.width, 0, 2 * M_PI);
        for (size_t p = s->from; s->kind == SHAPE_LINE && p < s->end; p++)
            cairo_line_to(c, d->points[p].x, d->points[p].y);
        paint(c, &s->look);
    }
}

static cairo_status_t write_bytes(void *stream, const unsigned char *bytes, unsigned count)
{
    return fwrite(bytes, 1, count, stream) == count ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static int finish(const drawing *d, const char *path, cairo_surface_t *surface, FILE *to)
{
    cairo_status_t status = cairo_surface_status(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, write_bytes, to);
    if (status == CAIRO_STATUS_SUCCESS)
        return STATUS_DONE;
    if (status == CAIRO_STATUS_NO_MEMORY)
        return fail_memory(d->cli);
    return fail(d->cli, STATUS_IO, "%s: can't be written: %s", path, cairo_status_to_string(status));
}

int raster_write(const drawing *d, const char *path, FILE *to)
{
    double scale = 2 * fmax(d->width, d->height) <= SIDE_MOST && 4 * d->width * d->height <= PIXELS_MOST ? 2 : 1;
    if (d->failed)
        return STATUS_FAULT;
    if (scale * fmax(d->width, d->height) > SIDE_MOST || scale * scale * d->width * d->height > PIXELS_MOST)
        return fail(d->cli, STATUS_FAILED, "%s: the picture of %.0fx%.0f pixels is too large for a PNG; write a .svg",
                    path, ceil(d->width), ceil(d->height));
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(scale * d->width), (int)ceil(scale * d->height));
    cairo_t *c = cairo_create(surface);
    cairo_scale(c, scale, scale);
    draw(c, d);
    cairo_destroy(c);
    cairo_surface_flush(surface);
    int status = finish(d, path, surface, to);
    cairo_surface_destroy(surface);
    return status;
}
