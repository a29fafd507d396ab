/* The history of a training: kept within its bounds, written as text, and read back. */
#include "bouton/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define LAYERS_MOST 65536u
#define FIRST_WORD  "history 1"

/* ---- kept ---- */

int br_history_new(uint32_t layer_count, br_history **out, br_error *error)
{
    *out = br_new(1, sizeof **out, error);
    if (!*out)
        return -1;
    (*out)->layer_count = layer_count;
    (*out)->stride = 1;
    return 0;
}

void br_history_free(br_history *history)
{
    if (!history)
        return;
    for (uint32_t i = 0; i < history->win_count; i++)
        br_release(history->wins[i].wins);
    br_release(history->wins);
    br_release(history->epochs);
    br_release(history->live);
    br_release(history);
}

/* Whether epoch i stays: one of the stride, the first or the last of its phase so far, or the last best one. */
static bool stays(const br_history *h, uint32_t i)
{
    const br_epoch_facts *e = &h->epochs[i];
    if ((e->epoch - 1) % h->stride == 0 || i + 1 == h->epoch_count || h->epochs[i + 1].phase != e->phase)
        return true;
    if (!e->best)
        return false;
    for (uint32_t later = i + 1; later < h->epoch_count && h->epochs[later].phase == e->phase; later++)
        if (h->epochs[later].best)
            return false;
    return true;
}

/* The first epoch of the last phase. */
static uint32_t last_phase(const br_history *h)
{
    uint32_t i = h->epoch_count - 1;
    while (i > 0 && h->epochs[i - 1].phase == h->epochs[i].phase)
        i--;
    return i;
}

/* Leaves out epochs from number `from` on. It decides from the front, so `stays` looks at epochs that were not moved. */
static void thin(br_history *h, uint32_t from)
{
    uint32_t kept = from;
    for (uint32_t i = from; i < h->epoch_count; i++) {
        if (!stays(h, i))
            continue;
        h->epochs[kept] = h->epochs[i];
        memmove(h->live + (uint64_t)kept * h->layer_count, h->live + (uint64_t)i * h->layer_count,
                h->layer_count * sizeof *h->live);
        kept++;
    }
    h->epoch_count = kept;
}

/* Room for one more epoch. It is doubled when the number of epochs is a power of two, so that many phases take no
 * square of their number. */
static int make_room(br_history *h, br_error *error)
{
    uint64_t count = h->epoch_count, room = count > 0 ? 2 * count : 1, floats;
    if ((count & (count - 1)) != 0)
        return 0;
    if (!br_multiply(room, h->layer_count, &floats))
        return br_fail(error, BR_ERROR_FAULT, "the history of the training is too long");
    br_epoch_facts *epochs = br_resize(h->epochs, room, sizeof *epochs, error);
    h->epochs = epochs ? epochs : h->epochs;
    float *live = epochs ? br_resize(h->live, floats, sizeof *live, error) : NULL;
    h->live = live ? live : h->live;
    return live ? 0 : -1;
}

int br_history_add(br_history *h, const br_epoch_facts *epoch, const float *live, br_error *error)
{
    if (make_room(h, error) != 0)
        return -1;
    h->epochs[h->epoch_count] = *epoch;
    memcpy(h->live + (uint64_t)h->epoch_count * h->layer_count, live, h->layer_count * sizeof *live);
    h->epoch_count++;
    if (h->stride > 1)
        thin(h, last_phase(h));
    while (h->epoch_count > BR_HISTORY_EPOCHS && h->stride < 1u << 30) { /* more phases than that may all stay */
        h->stride *= 2;
        thin(h, 0);
    }
    return 0;
}

int br_history_add_wins(br_history *h, uint32_t phase, uint32_t filters, const uint64_t *wins, br_error *error)
{
    uint32_t count = filters < BR_HISTORY_WINS ? filters : BR_HISTORY_WINS;
    br_win_facts *all = br_resize(h->wins, (uint64_t)h->win_count + 1, sizeof *all, error);
    h->wins = all ? all : h->wins;
    uint64_t *copy = all ? br_new(count, sizeof *copy, error) : NULL;
    if (!copy)
        return -1;
    memcpy(copy, wins, count * sizeof *copy);
    h->wins[h->win_count] = (br_win_facts){.phase = phase, .filters = filters, .count = count, .wins = copy};
    for (uint32_t k = 0; k < filters; k++)
        h->wins[h->win_count].idle += wins[k] == 0;
    h->win_count++;
    return 0;
}

/* ---- written ---- */

static void put_number(FILE *to, double value)
{
    if (isnan(value))
        fputs(" -", to);
    else
        fprintf(to, " %.6g", value);
}

static void put_epoch(FILE *to, const br_history *h, uint32_t i, bool seconds)
{
    const br_epoch_facts *e = &h->epochs[i];
    fprintf(to, "epoch %u %u %d", e->phase, e->epoch, e->best);
    put_number(to, e->error);
    put_number(to, e->accuracy);
    put_number(to, e->validation);
    put_number(to, seconds ? e->seconds : (double)NAN);
    for (uint32_t l = 0; l < h->layer_count; l++)
        put_number(to, (double)h->live[(uint64_t)i * h->layer_count + l]);
    fputc('\n', to);
}

int br_history_write(const br_history *h, bool seconds, char **out, br_error *error)
{
    size_t size;
    *out = NULL;
    FILE *to = open_memstream(out, &size);
    if (to) {
        fprintf(to, FIRST_WORD " %u %u\n", h->layer_count, h->stride);
        for (uint32_t i = 0; i < h->epoch_count; i++)
            put_epoch(to, h, i, seconds);
        for (uint32_t i = 0; i < h->win_count; i++) {
            fprintf(to, "wins %u %u %u", h->wins[i].phase, h->wins[i].filters, h->wins[i].idle);
            for (uint32_t k = 0; k < h->wins[i].count; k++)
                fprintf(to, " %llu", (unsigned long long)h->wins[i].wins[k]);
            fputc('\n', to);
        }
    }
    if (to && fclose(to) == 0)
        return 0;
    free(*out);
    *out = NULL;
    return br_fail(error, BR_ERROR_FAULT, "out of memory while writing the history of a training");
}

/* ---- read ---- */

typedef struct reader {
    const char *at;
    br_history *history;
    float *live; /* of one epoch */
    uint64_t *wins;
    uint32_t line;
    br_error *error;
} reader;

static int fail_line(const reader *r)
{
    return br_fail(r->error, BR_ERROR_IO, "line %u of the training's history is damaged; train the model again",
                   r->line);
}

/* Takes a blank and a whole number. */
static bool take_count(reader *r, uint64_t most, uint64_t *out)
{
    uint64_t number = 0;
    const char *at = r->at + 1;
    if (*r->at != ' ' || *at < '0' || *at > '9')
        return false;
    for (; *at >= '0' && *at <= '9'; at++)
        if (!br_multiply(number, 10, &number) || !br_add(number, (uint64_t)(*at - '0'), &number) || number > most)
            return false;
    *out = number;
    r->at = at;
    return true;
}

/* Takes a blank and a number in [0, most], or `-`, which is NAN. */
static bool take_number(reader *r, double most, double *out)
{
    char *end;
    if (strncmp(r->at, " -", 2) == 0) {
        *out = (double)NAN;
        r->at += 2;
        return *r->at == ' ' || *r->at == '\n';
    }
    if (*r->at != ' ' || r->at[1] < '0' || r->at[1] > '9')
        return false;
    *out = strtod(r->at + 1, &end);
    r->at = end;
    return *out >= 0 && *out <= most && (*end == ' ' || *end == '\n');
}

static bool in_order(const br_history *h, uint64_t phase, uint64_t epoch)
{
    const br_epoch_facts *last = h->epoch_count > 0 ? &h->epochs[h->epoch_count - 1] : NULL;
    return epoch > 0 && (!last || phase > last->phase || (phase == last->phase && epoch > last->epoch));
}

static int read_epoch(reader *r)
{
    br_history *h = r->history;
    br_epoch_facts e;
    uint64_t phase, epoch, best;
    double share;
    if (!take_count(r, UINT32_MAX, &phase) || !take_count(r, UINT32_MAX, &epoch) || !take_count(r, 1, &best) ||
        !in_order(h, phase, epoch) || !take_number(r, 1e30, &e.error) || !take_number(r, 1, &e.accuracy) ||
        !take_number(r, 1, &e.validation) || !take_number(r, 1e12, &e.seconds))
        return fail_line(r);
    for (uint32_t l = 0; l < h->layer_count; l++) {
        if (!take_number(r, 1, &share))
            return fail_line(r);
        r->live[l] = (float)share;
    }
    e.phase = (uint32_t)phase;
    e.epoch = (uint32_t)epoch;
    e.best = best != 0;
    return *r->at == '\n' ? br_history_add(h, &e, r->live, r->error) : fail_line(r);
}

static int read_wins(reader *r)
{
    br_history *h = r->history;
    uint64_t phase, filters, idle;
    if (!take_count(r, UINT32_MAX, &phase) || !take_count(r, UINT32_MAX, &filters) || !take_count(r, filters, &idle))
        return fail_line(r);
    uint32_t count = filters < BR_HISTORY_WINS ? (uint32_t)filters : BR_HISTORY_WINS;
    for (uint32_t k = 0; k < count; k++)
        if (!take_count(r, UINT64_MAX, &r->wins[k]))
            return fail_line(r);
    if (*r->at != '\n')
        return fail_line(r);
    if (br_history_add_wins(h, (uint32_t)phase, count, r->wins, r->error) != 0)
        return -1;
    h->wins[h->win_count - 1].filters = (uint32_t)filters;
    h->wins[h->win_count - 1].idle = (uint32_t)idle;
    return 0;
}

static int read_head(reader *r)
{
    uint64_t layers, stride;
    if (strncmp(r->at, FIRST_WORD, sizeof FIRST_WORD - 1) != 0)
        return fail_line(r);
    r->at += sizeof FIRST_WORD - 1;
    if (!take_count(r, LAYERS_MOST, &layers) || !take_count(r, 1u << 30, &stride) || stride == 0 ||
        (stride & (stride - 1)) != 0 || *r->at != '\n')
        return fail_line(r);
    if (br_history_new((uint32_t)layers, &r->history, r->error) != 0)
        return -1;
    r->history->stride = (uint32_t)stride;
    r->live = br_new(layers, sizeof *r->live, r->error);
    r->wins = r->live ? br_new(BR_HISTORY_WINS, sizeof *r->wins, r->error) : NULL;
    return r->wins ? 0 : -1;
}

static int read_line(reader *r)
{
    bool epoch = strncmp(r->at, "epoch ", 6) == 0;
    if (r->line == 1)
        return read_head(r);
    if (!epoch && strncmp(r->at, "wins ", 5) != 0)
        return fail_line(r);
    r->at += epoch ? 5 : 4;
    return epoch ? read_epoch(r) : read_wins(r);
}

int br_history_read(const char *text, br_history **out, br_error *error)
{
    reader r = {.at = text, .line = 1, .error = error};
    *out = NULL;
    int status = *text == '\0' ? fail_line(&r) : 0;
    for (; status == 0 && *r.at != '\0'; r.line++) {
        status = read_line(&r);
        r.at += status == 0;
    }
    br_release(r.live);
    br_release(r.wins);
    if (status != 0) {
        br_history_free(r.history);
        return -1;
    }
    *out = r.history;
    return 0;
}

bool br_history_fits(const br_history *history, uint32_t layers, uint32_t phases)
{
    bool fits = history->layer_count >= layers;
    for (uint32_t i = 0; i < history->epoch_count; i++)
        fits = fits && history->epochs[i].phase < phases;
    for (uint32_t i = 0; i < history->win_count; i++)
        fits = fits && history->wins[i].phase < phases;
    return fits;
}
