#include "beside/lines.h"

#include <math.h>

static const double *measured(const epoch_columns *c, side_measure measure)
{
    const double *column = measure == SIDE_VALIDATION ? c->validation
                           : measure == SIDE_TRAINING ? c->accuracy
                                                      : c->error;
    return c->count > 0 && epochs_has(column, c->count) ? column : NULL;
}

size_t side_lines(FILE *to, const side_chart *want, const side_line *lines, size_t count)
{
    chart_line shown[SIDE_LINES];
    uint32_t groups[SIDE_LINES];
    bool thick[SIDE_LINES], shares = want->measure != SIDE_ERROR, marked = false;
    chart c = {.title = want->title, .x_name = "epochs", .whole = true, .shares = shares, .x_least = INFINITY};
    double least = INFINITY, most = 0;
    size_t there = 0;
    for (size_t i = 0; i < count; i++) {
        const epoch_columns *columns = lines[i].columns;
        const double *column = measured(columns, want->measure);
        if (column == NULL || there++ >= SIDE_LINES)
            continue;
        uint32_t n = c.line_count++;
        shown[n] =
            (chart_line){lines[i].name, column, columns->x, columns->count, lines[i].marked ? columns->best : -1};
        groups[n] = lines[i].group;
        thick[n] = lines[i].thick;
        marked |= shown[n].mark >= 0;
        epochs_reach(column, columns->count, &least, &most);
        c.x_least = fmin(c.x_least, columns->x[0]);
        c.x_most = fmax(c.x_most, columns->x_most);
    }
    if (there == 0)
        return 0;
    c.least = shares ? epochs_bottom(least) : 0;
    c.most = shares ? 1 : epochs_top(most);
    c.y_name = shares ? "right" : "error";
    c.lines = shown;
    c.groups = groups;
    c.thick = thick;
    c.thick_name = want->thick;
    c.mark = marked ? want->mark : NULL;
    chart_draw(to, &c);
    return there;
}
