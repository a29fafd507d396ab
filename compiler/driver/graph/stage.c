#include "graph/stage.h"

#include <math.h>
#include <stdlib.h>

#include "options/console.h"

enum { CIRCLES_MOST = 24, SIDE_MOST = 48, CELLS_MOST = 2304, CELLS_WIDE = 40 };

#define CIRCLE_PITCH 32.0
#define RADIUS       8.0
#define GRID_WIDTH   320.0
#define CELL_MOST    11.0
#define CELL_LEAST   4.0

/* The places of a vector or a series, or the neurons of a dense layer, line by line. */
static void lay_line(stage *s, uint64_t units)
{
    s->merged = (uint32_t)((units + CELLS_MOST - 1) / CELLS_MOST);
    uint32_t nodes = (uint32_t)((units + s->merged - 1) / s->merged);
    s->columns = nodes < CELLS_WIDE ? nodes : CELLS_WIDE;
    s->rows = (nodes + s->columns - 1) / s->columns;
}

static void lay_map(stage *s)
{
    uint32_t longer = s->shape.height > s->shape.width ? s->shape.height : s->shape.width;
    s->merged = (longer + SIDE_MOST - 1) / SIDE_MOST;
    s->columns = (s->shape.width + s->merged - 1) / s->merged;
    s->rows = (s->shape.height + s->merged - 1) / s->merged;
}

stage stage_new(const char *name, bt_shape shape, double top)
{
    uint64_t values = bt_values(shape);
    stage s = {.name = name, .shape = shape, .merged = 1, .top = top};
    s.circles = values <= CIRCLES_MOST;
    s.rows = 1;
    s.columns = (uint32_t)values;
    s.pitch = CIRCLE_PITCH;
    if (s.circles)
        return s;
    if (shape.height > 1)
        lay_map(&s);
    else
        lay_line(&s, shape.width > 1 ? shape.width : shape.channels);
    s.pitch = GRID_WIDTH / s.columns;
    s.pitch = s.pitch > CELL_MOST ? CELL_MOST : s.pitch < CELL_LEAST ? CELL_LEAST : s.pitch;
    return s;
}

uint32_t stage_nodes(const stage *s)
{
    return s->rows * s->columns;
}

double stage_width(const stage *s)
{
    return (s->columns - 1) * s->pitch + (s->circles ? 2 * RADIUS + 4 : s->pitch);
}

double stage_height(const stage *s)
{
    return s->circles ? 2 * RADIUS + 4 : s->rows * s->pitch;
}

uint32_t stage_node(const stage *s, uint64_t value)
{
    uint64_t place = value / s->shape.channels;
    if (s->circles)
        return (uint32_t)value;
    if (s->shape.height == 1)
        return (uint32_t)((s->shape.width > 1 ? place : value) / s->merged);
    return (uint32_t)(place / s->shape.width / s->merged * s->columns + place % s->shape.width / s->merged);
}

point stage_point(const stage *s, uint32_t node)
{
    return (point){s->x + node % s->columns * s->pitch, s->y + node / s->columns * s->pitch};
}

static void draw_node(const stage *s, drawing *d, uint32_t node, double share, bool answers)
{
    point at = stage_point(s, node);
    look how = {.fill = share > 0 ? INK_frame : INK_page, .filled_opacity = share > 0 ? share : 1};
    how.stroke = answers ? INK_text : INK_frame;
    how.width = answers ? 2.5 : 1;
    if (s->circles) {
        drawing_circle(d, at.x, at.y, RADIUS, &(look){.fill = INK_page});
        drawing_circle(d, at.x, at.y, RADIUS, &how);
        return;
    }
    how.width = answers ? 2.5 : 0.25;
    drawing_box(d, (box){at.x - s->pitch / 2, at.y - s->pitch / 2, s->pitch, s->pitch}, &how);
}

void stage_draw(const stage *s, drawing *d, const float *activations, uint32_t answer)
{
    double *most = allocate(d->cli, stage_nodes(s), sizeof *most);
    d->failed = d->failed || most == NULL;
    for (uint32_t node = 0; most != NULL && node < stage_nodes(s); node++)
        most[node] = -1; /* the last row of a grid may have fewer nodes */
    for (uint64_t i = 0; most != NULL && i < bt_values(s->shape); i++) {
        uint32_t node = stage_node(s, i);
        most[node] = fmax(most[node], fabs((double)activations[i])); /* tied levels have a sign */
    }
    for (uint32_t node = 0; most != NULL && node < stage_nodes(s); node++)
        if (most[node] >= 0)
            draw_node(s, d, node, most[node] / s->top > 1 ? 1 : most[node] / s->top, node == answer);
    free(most);
}
