#include "graph/layout.h"

#include <stdlib.h>

#define EDGE       20.0 /* margin of the drawing */
#define GAP        34.0 /* between rows */
#define SIDE       12.0 /* margin inside a box */
#define HEAD       24.0 /* from the top of a box to the base line of its name */
#define STEP       17.0 /* from line to line */
#define LETTERS    13.0
#define SMALL      12.0
#define LANE       12.0 /* from lane to lane */
#define BRACKET    16.0 /* from a bracket to the next column */
#define LINE_LEAST 1.5
#define LINE_MOST  10.0 /* of a layer all of whose connections are live */

static const lettering bold = {.ink = INK_text, .size = LETTERS, .bold = true};
static const lettering plain = {.ink = INK_text, .size = SMALL};
static const lettering faint = {.ink = INK_faint, .size = SMALL};

typedef struct lane {
    uint32_t last; /* the last row that its present source reaches */
} lane;

typedef struct layout {
    const net_graph *graph;
    drawing *d;
    double left, width; /* of the boxes */
    double *top;        /* [count + 1]: of each box; where the next would be */
    uint32_t *last;     /* [count]: the last node that reads a node through a lane; 0: none */
    uint32_t *lane_of;  /* [count] */
    lane *lanes;
    uint32_t lane_count;
    uint32_t *column_of; /* [phases] */
    double *column_x;    /* [columns]: where the bracket stands */
} layout;

static double height_of(const net_node *node)
{
    return HEAD + STEP * node->line_count + 10;
}

static double middle_of(const layout *l, uint32_t node)
{
    return l->top[node] + height_of(&l->graph->nodes[node]) / 2;
}

/* What a node reads through a lane arrives in its upper half, what it gives leaves in its lower half. */
static double port_in(const layout *l, uint32_t node)
{
    return l->top[node] + 14;
}

static double port_out(const layout *l, uint32_t node)
{
    return l->top[node] + height_of(&l->graph->nodes[node]) - 14;
}

static double lane_x(const layout *l, uint32_t number)
{
    return l->left + l->width + 22 + LANE * number;
}

static double line_width(const net_node *node)
{
    return node->live < 0 ? LINE_LEAST : LINE_LEAST + (LINE_MOST - LINE_LEAST) * node->live;
}

/* ---- measuring ---- */

static double widest(double a, size_t cells, double size)
{
    double width = text_width(cells, size);
    return width > a ? width : a;
}

static void measure_boxes(layout *l)
{
    for (uint32_t i = 0; i < l->graph->count; i++) {
        const net_node *node = &l->graph->nodes[i];
        l->width = widest(l->width, text_cells(node->name) + 3 + text_cells(node->kind), LETTERS);
        for (uint32_t n = 0; n < node->line_count; n++)
            l->width = widest(l->width, text_cells(node->lines[n]), SMALL);
    }
    l->width += 2 * SIDE;
    l->top[0] = EDGE + 40;
    for (uint32_t i = 0; i < l->graph->count; i++)
        l->top[i + 1] = l->top[i] + height_of(&l->graph->nodes[i]) + GAP;
}

/* The first lane that no earlier source still uses. */
static void assign_lanes(layout *l)
{
    for (uint32_t i = 0; i < l->graph->count; i++)
        for (uint32_t s = 0; s < l->graph->nodes[i].source_count; s++)
            if (l->graph->nodes[i].sources[s] + 1 < i)
                l->last[l->graph->nodes[i].sources[s]] = i;
    for (uint32_t i = 0; i < l->graph->count; i++) {
        uint32_t number = 0;
        if (l->last[i] == 0)
            continue;
        while (number < l->lane_count && l->lanes[number].last >= i)
            number++;
        l->lanes[number].last = l->last[i];
        l->lane_of[i] = number;
        l->lane_count = number == l->lane_count ? number + 1 : l->lane_count;
    }
}

static bool apart(const net_phase *a, const net_phase *b)
{
    return a->node_count == 0 || b->node_count == 0 || a->nodes[a->node_count - 1] < b->nodes[0] ||
           b->nodes[b->node_count - 1] < a->nodes[0];
}

static double label_width(const net_phase *phase)
{
    return widest(text_width(text_cells(phase->name), LETTERS), text_cells(phase->detail), SMALL);
}

/* Phases of different rows share a column. The column of the first phase is the leftmost. */
static void assign_columns(layout *l)
{
    uint32_t columns = 0;
    double x = EDGE;
    for (uint32_t i = 0; i < l->graph->phase_count; i++) {
        uint32_t column = 0;
        for (uint32_t j = 0; j < i; j++)
            if (l->column_of[j] == column && !apart(&l->graph->phases[i], &l->graph->phases[j])) {
                column++;
                j = UINT32_MAX; /* look at all of them again */
            }
        l->column_of[i] = column;
        columns = column + 1 > columns ? column + 1 : columns;
    }
    for (uint32_t c = 0; c < columns; c++) {
        double width = 0;
        for (uint32_t i = 0; i < l->graph->phase_count; i++)
            if (l->column_of[i] == c && label_width(&l->graph->phases[i]) > width)
                width = label_width(&l->graph->phases[i]);
        l->column_x[c] = x + width + 10;
        x = l->column_x[c] + BRACKET;
    }
    l->left = columns > 0 ? x + 4 : EDGE;
}

/* ---- drawing ---- */

static void draw_box(const layout *l, uint32_t number)
{
    const net_node *node = &l->graph->nodes[number];
    lettering right = faint;
    box where = {l->left, l->top[number], l->width, height_of(node)};
    shape *s =
        drawing_box(l->d, where, &(look){.fill = INK_card, .stroke = INK_frame, .width = 1, .dashed = node->readout});
    if (s != NULL)
        s->corner = 6;
    drawing_tip(l->d, s, node->full);
    drawing_text(l->d, where.x + SIDE, where.y + HEAD - 4, &bold, node->name);
    right.anchor = ANCHOR_END;
    drawing_text(l->d, where.x + where.width - SIDE, where.y + HEAD - 4, &right, node->kind);
    for (uint32_t i = 0; i < node->line_count; i++)
        drawing_text(l->d, where.x + SIDE, where.y + HEAD + STEP * (i + 0.8), &plain, node->lines[i]);
}

static void draw_head(const layout *l, point tip, bool down, const look *look)
{
    double size = 4 + look->width / 2;
    point points[] = {
        {down ? tip.x - size : tip.x + size, tip.y - size}, tip, {tip.x + size, down ? tip.y - size : tip.y + size}};
    drawing_line(l->d, points, 3, look);
}

static void draw_straight(const layout *l, uint32_t number)
{
    double x = l->left + l->width / 2, width = line_width(&l->graph->nodes[number]);
    look how = {.stroke = INK_frame, .width = width};
    point ends[] = {{x, l->top[number] - GAP}, {x, l->top[number] - 1 - width / 2}};
    drawing_line(l->d, ends, 2, &how);
    draw_head(l, ends[1], true, &how);
}

/* The lane of a node that is read from farther down. */
static void draw_lane(const layout *l, uint32_t number)
{
    double x = lane_x(l, l->lane_of[number]), right = l->left + l->width;
    look how = {.stroke = INK_frame, .width = LINE_LEAST};
    point points[] = {{right, port_out(l, number)}, {x, port_out(l, number)}, {x, port_in(l, l->last[number])}};
    drawing_line(l->d, points, 3, &how);
}

/* What a node reads through lanes: one line from the farthest, with a dot at each. */
static void draw_taps(const layout *l, uint32_t number)
{
    const net_node *node = &l->graph->nodes[number];
    double right = l->left + l->width, farthest = 0, y = port_in(l, number), width = line_width(node);
    look how = {.stroke = INK_frame, .width = width};
    for (uint32_t s = 0; s < node->source_count; s++) {
        if (node->sources[s] + 1 >= number)
            continue;
        double x = lane_x(l, l->lane_of[node->sources[s]]);
        farthest = x > farthest ? x : farthest;
        drawing_circle(l->d, x, y, 2.5 + width / 4, &(look){.fill = INK_frame});
    }
    if (farthest == 0)
        return;
    point ends[] = {{farthest, y}, {right + 1 + width / 2, y}};
    drawing_line(l->d, ends, 2, &how);
    draw_head(l, ends[1], false, &how);
}

static void draw_phase(const layout *l, uint32_t number)
{
    const net_phase *phase = &l->graph->phases[number];
    look how = {.stroke = INK_faint, .width = 1.5};
    lettering name = bold, detail = faint;
    double x = l->column_x[l->column_of[number]];
    if (phase->node_count == 0)
        return;
    double from = middle_of(l, phase->nodes[0]), to = middle_of(l, phase->nodes[phase->node_count - 1]);
    point ends[] = {{x, from}, {x, to}};
    if (phase->node_count == 1) {
        ends[0].y -= 12;
        ends[1].y += 12;
    }
    drawing_line(l->d, ends, 2, &how);
    for (uint32_t i = 0; i < phase->node_count; i++) {
        point tick[] = {{x, middle_of(l, phase->nodes[i])}, {x + 6, middle_of(l, phase->nodes[i])}};
        drawing_line(l->d, tick, 2, &how);
    }
    name.anchor = detail.anchor = ANCHOR_END;
    drawing_text(l->d, x - 6, (from + to) / 2 - 3, &name, phase->name);
    drawing_text(l->d, x - 6, (from + to) / 2 + 13, &detail, phase->detail);
}

static void draw_all(layout *l)
{
    const net_graph *graph = l->graph;
    static const char legend[] = "lines: as wide as the share of live connections";
    double right = lane_x(l, l->lane_count) + EDGE, bottom = l->top[graph->count] - GAP + EDGE;
    drawing_text(l->d, EDGE, EDGE + 10, &bold, graph->title);
    right = widest(right, text_cells(graph->title) + 4, LETTERS);
    for (uint32_t i = 0; i < graph->count; i++) {
        if (l->last[i] > 0)
            draw_lane(l, i);
        for (uint32_t s = 0; s < graph->nodes[i].source_count; s++)
            if (graph->nodes[i].sources[s] + 1 == i)
                draw_straight(l, i);
        draw_taps(l, i);
    }
    for (uint32_t i = 0; i < graph->count; i++)
        draw_box(l, i);
    for (uint32_t i = 0; i < graph->phase_count; i++)
        draw_phase(l, i);
    if (graph->live) {
        drawing_text(l->d, EDGE, bottom + 6, &faint, legend);
        right = widest(right, text_cells(legend) + 4, SMALL);
        bottom += 24;
    }
    l->d->width = right;
    l->d->height = bottom;
}

int layout_draw(const net_graph *graph, drawing *out)
{
    layout l = {.graph = graph, .d = out};
    const command_line *cli = graph->cli;
    *out = drawing_new(cli, graph->title);
    l.top = allocate(cli, graph->count + 1, sizeof *l.top);
    l.last = l.top != NULL ? allocate(cli, graph->count, sizeof *l.last) : NULL;
    l.lane_of = l.last != NULL ? allocate(cli, graph->count, sizeof *l.lane_of) : NULL;
    l.lanes = l.lane_of != NULL ? allocate(cli, graph->count, sizeof *l.lanes) : NULL;
    l.column_of = l.lanes != NULL ? allocate(cli, graph->phase_count + 1, sizeof *l.column_of) : NULL;
    l.column_x = l.column_of != NULL ? allocate(cli, graph->phase_count + 1, sizeof *l.column_x) : NULL;
    int status = STATUS_FAULT;
    if (l.column_x != NULL) {
        measure_boxes(&l);
        assign_lanes(&l);
        assign_columns(&l);
        draw_all(&l);
        status = out->failed ? STATUS_FAULT : STATUS_DONE;
    }
    free(l.top);
    free(l.last);
    free(l.lane_of);
    free(l.lanes);
    free(l.column_of);
    free(l.column_x);
    return status;
}
