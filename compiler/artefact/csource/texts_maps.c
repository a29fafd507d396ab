/* The text of what walks over maps: dense layers, convolutions, pools, the answer. */
#include "artefact/csource/texts.h"

static const char dense[] = "\n/* The sums of a dense layer. Its sources lie end to end. */\n"
                            "static void dense(const layer *l, const source *from, size_t sources, drive *sums)\n"
                            "{\n"
                            "    size_t first = 0;\n"
                            "    fill(sums, l->count%s, 0);\n"
                            "    for (size_t n = 0; n < sources; n++) {\n"
                            "        add_inputs(l, first, from[n].map, from[n].channels, sums);\n"
                            "        first += from[n].channels;\n"
                            "    }\n"
                            "}\n";

static const char convolution_type[] = "\n/* A convolution: the map it reads, of `channels` of all its sources, and "
                                       "the places it writes. A place stands for\n"
                                       " * rows x columns of its windows. */\n"
                                       "typedef struct convolution {\n"
                                       "    layer filters;\n"
                                       "    size_t height, width, channels;\n"
                                       "    size_t out_height, out_width;\n"
                                       "    size_t field_height, field_width, stride, pad_top, pad_left;\n"
                                       "    size_t rows, columns, step;\n"
                                       "} convolution;\n";

static const char field_head[] =
    "\n/* The sums of one place of a convolution. Places outside the map add nothing: in each row of the field, those "
    "from "
    "`first`\n * to `end` lie inside. */\n"
    "static void add_field(const convolution *c, const source *from%s, size_t y, size_t x, drive *sums)\n"
    "{\n"
    "    const size_t left = x * c->stride, right = c->pad_left + c->width - left;\n"
    "    const size_t first = left < c->pad_left ? c->pad_left - left : 0;\n"
    "    const size_t end = c->field_width < right ? c->field_width : right;\n"
    "    fill(sums, c->filters.count%s, 0);\n"
    "    for (size_t dy = 0; dy < c->field_height; dy++) {\n"
    "        const size_t row = y * c->stride + dy;\n"
    "        if (row < c->pad_top || row - c->pad_top >= c->height)\n"
    "            continue;\n"
    "        %ssize_t place = (row - c->pad_top) * c->width + (left + first - c->pad_left);\n"
    "        %ssize_t input = (dy * c->field_width + first) * c->channels;\n";

static const char field_joined[] = "        if (sources > 1) { /* whose places lie apart */\n"
                                   "            for (size_t dx = first; dx < end; dx++, place++)\n"
                                   "                for (size_t n = 0; n < sources; n++) {\n"
                                   "                    add_inputs(&c->filters, input, from[n].map + place * "
                                   "from[n].channels, from[n].channels, sums);\n"
                                   "                    input += from[n].channels;\n"
                                   "                }\n"
                                   "            continue;\n"
                                   "        }\n";

static const char field_tail[] =
    "        add_inputs(&c->filters, input, from->map + place * c->channels, (end - first) * c->channels, sums);\n"
    "    }\n"
    "}\n";

static const char convolve[] =
    "\n/* All places of a convolution. Its drives are kept in `kept`, unless that is NULL. */\n"
    "static void convolve(const convolution *c, const source *from%s, drive *sums, drive *kept,\n"
    "                     activation *out)\n"
    "{\n"
    "    for (size_t y = 0; y < c->out_height; y++)\n"
    "        for (size_t x = 0; x < c->out_width; x++) {\n"
    "            const size_t at = (y * c->out_width + x) * c->filters.count;\n"
    "            drive *place = kept != NULL ? kept + at : sums;\n"
    "            add_field(c, from%s, y, x, place);\n"
    "            fire(&c->filters, place, out + at);\n"
    "        }\n"
    "}\n";

static const char convolve_pooled[] =
    "\n/* A convolution with the pool(max) behind it. An activation grows with its sum, so the largest sum of a "
    "window\n"
    " * gives its largest activation, and only that is made. */\n"
    "static void convolve_pooled(const convolution *c, const source *from%s, drive *sums, drive *largest,\n"
    "                            activation *out)\n"
    "{\n"
    "    const size_t count = c->filters.count;\n"
    "    for (size_t y = 0; y < c->out_height; y++)\n"
    "        for (size_t x = 0; x < c->out_width; x++) {\n"
    "            fill(largest, count, LEAST_DRIVE);\n"
    "            for (size_t dy = 0; dy < c->rows; dy++)\n"
    "                for (size_t dx = 0; dx < c->columns; dx++) {\n"
    "                    add_field(c, from%s, y * c->step + dy, x * c->step + dx, sums);\n"
    "                    for (size_t k = 0; k < count; k++)\n"
    "                        largest[k] = sums[k] > largest[k] ? sums[k] : largest[k];\n"
    "                }\n"
    "            fire(&c->filters, largest, out + (y * c->out_width + x) * count);\n"
    "        }\n"
    "}\n";

void bc_put_layers(const bc_needs *n, FILE *to)
{
    const char *spare = n->shared ? " + 1" : ""; /* the sum of the inputs */
    if (n->dense)
        fprintf(to, dense, spare);
    if (n->conv || n->pooled || n->row_conv || n->row_pooled)
        fputs(convolution_type, to);
    if (!n->conv && !n->pooled)
        return;
    const char *sources = n->joined ? ", size_t sources" : "", *handed = n->joined ? ", sources" : "";
    const char *moves = n->joined ? "" : "const ";
    fprintf(to, field_head, sources, spare, moves, moves);
    fputs(n->joined ? field_joined : "", to);
    fputs(field_tail, to);
    if (n->conv)
        fprintf(to, convolve, sources, handed);
    if (n->pooled)
        fprintf(to, convolve_pooled, sources, handed);
}

/* ---- pools ---- */

static const char pool_type[] = "\n/* A pool: windows of rows x columns, or the cells of a grid (rows 0), of a map. A "
                                "source's channels are `channels`\n"
                                " * of it, those of a place of the pool `all`. */\n"
                                "typedef struct pool {\n"
                                "    size_t height, width, channels;\n"
                                "    size_t out_height, out_width, all;\n"
                                "    size_t rows, columns, step;\n"
                                "} pool;\n"
                                "\ntypedef struct window {\n"
                                "    size_t top, bottom, left, right;\n"
                                "} window;\n"
                                "\nstatic window window_of(const pool *p, size_t y, size_t x)\n"
                                "{\n"
                                "    window w;\n"
                                "    w.top = p->rows > 0 ? y * p->step : y * p->height / p->out_height;\n"
                                "    w.bottom = p->rows > 0 ? w.top + p->rows : (y + 1) * p->height / p->out_height;\n"
                                "    w.left = p->rows > 0 ? x * p->step : x * p->width / p->out_width;\n"
                                "    w.right = p->rows > 0 ? w.left + p->columns : (x + 1) * p->width / p->out_width;\n"
                                "    return w;\n"
                                "}\n";

/* A body of these functions sees the window, channel k of the source, and `to`, where the result belongs. */
static const char pool_head[] = "{\n"
                                "    for (size_t y = 0; y < p->out_height; y++)\n"
                                "        for (size_t x = 0; x < p->out_width; x++) {\n"
                                "            const window w = window_of(p, y, x);\n"
                                "            for (size_t k = 0; k < p->channels; k++) {\n"
                                "                const size_t to = (y * p->out_width + x) * p->all + k;\n";

static const char pool_places[] =
    "                for (size_t row = w.top; row < w.bottom; row++)\n"
    "                    for (size_t column = w.left; column < w.right; column++) {\n"
    "                        const size_t at = (row * p->width + column) * p->channels + k;\n";

static const char pool_tail[] = "            }\n        }\n}\n";

static const char largest_head[] =
    "\n/* The largest activation of each window and channel, which is also kept as its drive, unless that is NULL. */\n"
    "static void pool_largest(const pool *p, const activation *in, drive *kept, activation *out)\n";
static const char largest_begin[] = "                activation most = 0;\n";
static const char largest_body[] = "                        most = in[at] > most ? in[at] : most;\n"
                                   "                    }\n"
                                   "                out[to] = most;\n"
                                   "                if (kept != NULL)\n"
                                   "                    kept[to] = (drive)most;\n";

static const char chosen_head[] =
    "\n/* The activation of the place with the largest drive, the first of equals. That drive is kept in `kept`, "
    "unless\n"
    " * it is NULL. */\n"
    "static void pool_chosen(const pool *p, const activation *in, const drive *drives, drive *kept, activation *out)\n";
static const char chosen_begin[] = "                drive most = LEAST_DRIVE;\n"
                                   "                activation chosen = 0;\n";
static const char chosen_body[] = "                        if (drives[at] > most) {\n"
                                  "                            most = drives[at];\n"
                                  "                            chosen = in[at];\n"
                                  "                        }\n"
                                  "                    }\n"
                                  "                out[to] = chosen;\n"
                                  "                if (kept != NULL)\n"
                                  "                    kept[to] = most;\n";

static const char sum_begin[] = "                drive sum = 0;\n";
static const char mean_head[] =
    "\n/* The mean activation of each window and channel. */\n"
    "static void pool_mean(const pool *p, const activation *in, drive *kept, activation *out)\n";
static const char mean_body[] = "                        sum += in[at];\n"
                                "                    }\n"
                                "                out[to] = sum / (float)((w.bottom - w.top) * (w.right - w.left));\n"
                                "                if (kept != NULL)\n"
                                "                    kept[to] = out[to];\n";
static const char sum_head[] = "\n/* min(s, kappa times the sum of the activations) of each window and channel. */\n"
                               "static void pool_sum(const pool *p, float kappa, float range, const activation *in, "
                               "drive *kept, activation *out)\n";
static const char sum_body[] = "                        sum += in[at];\n"
                               "                    }\n"
                               "                if (kept != NULL)\n"
                               "                    kept[to] = sum;\n"
                               "                sum *= kappa;\n"
                               "                out[to] = sum < range ? sum : range;\n";

static void put_pool(const char *head, const char *begin, const char *body, FILE *to)
{
    fprintf(to, "%s%s%s%s%s%s", head, pool_head, begin, pool_places, body, pool_tail);
}

void bc_put_pools(const bc_needs *n, FILE *to)
{
    if (!n->pools)
        return;
    fputs(pool_type, to);
    if (n->largest)
        put_pool(largest_head, largest_begin, largest_body, to);
    if (n->chooses)
        put_pool(chosen_head, chosen_begin, chosen_body, to);
    if (n->mean)
        put_pool(mean_head, sum_begin, mean_body, to);
    if (n->sum)
        put_pool(sum_head, sum_begin, sum_body, to);
}

/* ---- the answer ---- */

void bc_put_answer(const bc_source *s, FILE *to)
{
    const bc_source_layer *last = &s->layers[s->program->layer_count - 1];
    const char *x = last->handicapped ? "x[k] - handicaps[k]" : "x[k]";
    fprintf(to,
            "\n/* The class with the largest drive, the first of equals. */\n"
            "static uint32_t winner(const drive *x, size_t count%s)\n"
            "{\n"
            "    size_t best = 0;\n"
            "    for (size_t k = 1; k < count; k++)\n"
            "        if (%s > %s)\n"
            "            best = k;\n"
            "    return (uint32_t)best;\n"
            "}\n",
            last->handicapped ? ", const IN_FLASH float *handicaps" : "", x,
            last->handicapped ? "x[best] - handicaps[best]" : "x[best]");
}
