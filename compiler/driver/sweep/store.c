#include "sweep/store.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options/number.h"

#define STORE_FILE "sweep.json"

static char *store_path(const command_line *cli, const char *folder)
{
    size_t size = strlen(folder) + sizeof STORE_FILE + 1;
    char *path = allocate(cli, size, 1);
    if (path != NULL)
        snprintf(path, size, "%s/%s", folder, STORE_FILE);
    return path;
}

/* ---- written ---- */

static json_t *axes_json(const sweep *s)
{
    json_t *axes = json_array();
    for (size_t i = 0; i < s->grid.axis_count; i++) {
        json_t *values = json_array();
        for (size_t k = 0; k < s->grid.axes[i].count; k++)
            json_array_append_new(values, json_string(s->grid.axes[i].values[k]));
        json_array_append_new(axes, json_pack("{s:s, s:o}", "name", s->grid.axes[i].name, "values", values));
    }
    return axes;
}

/* Where halving left each row, and with which accuracy it left each run. */
static json_t *halving_json(const sweep *s)
{
    json_t *trained = json_array(), *paused = json_array();
    for (size_t i = 0; i < s->grid.row_count; i++)
        json_array_append_new(trained, json_real(s->rows[i].trained));
    for (size_t i = 0; i < s->run_count; i++)
        json_array_append_new(paused, s->runs[i].state == RUN_PAUSED ? json_real(s->runs[i].paused_at) : json_null());
    return json_pack("{s:o, s:o}", "trained", trained, "paused", paused);
}

static json_t *sweep_json(const sweep *s)
{
    json_t *rows = json_array(), *seeds = json_array(), *runs = json_array();
    for (size_t i = 0; i < s->grid.row_count; i++)
        json_array_append_new(rows, json_integer((json_int_t)s->grid.points[i]));
    for (size_t i = 0; i < s->grid.seed_count; i++)
        json_array_append_new(seeds, json_sprintf("%llu", (unsigned long long)s->grid.seeds[i]));
    for (size_t i = 0; i < s->run_count; i++)
        json_array_append_new(runs, json_string(s->runs[i].name));
    json_t *all = json_pack("{s:s, s:s, s:s?, s:s, s:b, s:o, s:o, s:o, s:o}", "version", BR_VERSION, "network",
                            s->network, "data", s->data_folder, "on", bt_split_word(s->on), "tested", (int)s->tested,
                            "axes", axes_json(s), "rows", rows, "seeds", seeds, "runs", runs);
    if (all != NULL && s->halved)
        json_object_set_new(all, "halving", halving_json(s));
    return all;
}

int store_write(const sweep *s)
{
    br_error error;
    br_atomic_file *file;
    if (mkdir(s->folder, 0777) != 0 && errno != EEXIST)
        return fail(s->cli, STATUS_IO, "-o %s: the folder can't be made: %s", s->folder, strerror(errno));
    json_t *all = sweep_json(s);
    char *path = store_path(s->cli, s->folder);
    int status = all == NULL ? fail_memory(s->cli) : path == NULL ? STATUS_FAULT : STATUS_DONE;
    if (status == STATUS_DONE && br_atomic_open(path, &file, &error) != 0)
        status = fail_with(s->cli, &error);
    else if (status == STATUS_DONE) {
        json_dumpf(all, br_atomic_stream(file), JSON_INDENT(2)); /* a failed write shows in br_atomic_commit */
        fputc('\n', br_atomic_stream(file));
        status = br_atomic_commit(file, &error) == 0 ? STATUS_DONE : fail_with(s->cli, &error);
    }
    json_decref(all);
    free(path);
    return status;
}

/* ---- read ---- */

static char *copy_json(const command_line *cli, const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL ? text_copy(cli, text, strlen(text)) : NULL;
}

static bool read_axes(const command_line *cli, const json_t *axes, sweep_grid *grid)
{
    grid->axes = allocate(cli, json_array_size(axes), sizeof *grid->axes);
    for (size_t i = 0; grid->axes != NULL && i < json_array_size(axes); i++) {
        const json_t *from = json_array_get(axes, i), *values = json_object_get(from, "values");
        sweep_axis *axis = &grid->axes[grid->axis_count++];
        axis->name = copy_json(cli, json_object_get(from, "name"));
        axis->values = allocate(cli, json_array_size(values), sizeof *axis->values);
        if (axis->name == NULL || axis->values == NULL || json_array_size(values) == 0)
            return false;
        for (size_t k = 0; k < json_array_size(values); k++)
            if ((axis->values[axis->count++] = copy_json(cli, json_array_get(values, k))) == NULL)
                return false;
    }
    return grid->axes != NULL;
}

/* Numbers of combinations, ascending and below the number that there are. */
static bool read_rows(const command_line *cli, const json_t *rows, sweep_grid *grid)
{
    json_int_t combinations = 1, before = -1;
    for (size_t i = 0; i < grid->axis_count; i++)
        if (__builtin_mul_overflow(combinations, (json_int_t)grid->axes[i].count, &combinations))
            return false;
    grid->row_count = json_array_size(rows);
    grid->points = allocate(cli, grid->row_count, sizeof *grid->points);
    for (size_t i = 0; grid->points != NULL && i < grid->row_count; i++) {
        const json_t *point = json_array_get(rows, i);
        json_int_t number = json_integer_value(point);
        if (!json_is_integer(point) || number <= before || number >= combinations)
            return false;
        grid->points[i] = (size_t)(before = number);
    }
    return grid->points != NULL && grid->row_count > 0;
}

static bool read_seeds(const command_line *cli, const json_t *seeds, sweep_grid *grid)
{
    grid->seed_count = json_array_size(seeds);
    grid->seeds = allocate(cli, grid->seed_count, sizeof *grid->seeds);
    for (size_t i = 0; grid->seeds != NULL && i < grid->seed_count; i++) {
        const char *text = json_string_value(json_array_get(seeds, i));
        if (text == NULL || !number_read(text, &grid->seeds[i]))
            return false;
    }
    return grid->seeds != NULL && grid->seed_count > 0;
}

static bool read_runs(const command_line *cli, const json_t *runs, sweep *out)
{
    size_t count = json_array_size(runs);
    if (count > SWEEP_RUNS_MOST || out->grid.row_count > SWEEP_RUNS_MOST ||
        count != out->grid.row_count * out->grid.seed_count)
        return false;
    out->runs = allocate(cli, count, sizeof *out->runs);
    out->rows = allocate(cli, out->grid.row_count, sizeof *out->rows);
    if (out->runs == NULL || out->rows == NULL)
        return false;
    out->run_count = count;
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(runs, i));
        if (name == NULL || strlen(name) != 16 || name[strspn(name, "0123456789abcdef")] != '\0')
            return false;
        out->runs[i].row = i % out->grid.row_count;
        out->runs[i].seed = i / out->grid.row_count;
        memcpy(out->runs[i].name, name, sizeof out->runs[i].name);
    }
    for (size_t i = 0; i < out->grid.row_count; i++) {
        out->rows[i].trained = 1;
        if ((out->rows[i].label = grid_label(cli, &out->grid, i)) == NULL)
            return false;
    }
    return true;
}

static bool is_share(const json_t *value)
{
    return json_is_number(value) && json_number_value(value) >= 0 && json_number_value(value) <= 1;
}

static bool read_halving(const json_t *halving, sweep *out)
{
    const json_t *trained = json_object_get(halving, "trained"), *paused = json_object_get(halving, "paused");
    out->halved = halving != NULL;
    if (!out->halved)
        return true;
    if (json_array_size(trained) != out->grid.row_count || json_array_size(paused) != out->run_count)
        return false;
    for (size_t i = 0; i < out->grid.row_count; i++) {
        if (!is_share(json_array_get(trained, i)))
            return false;
        out->rows[i].trained = json_number_value(json_array_get(trained, i));
    }
    for (size_t i = 0; i < out->run_count; i++) {
        const json_t *at = json_array_get(paused, i);
        if (json_is_null(at))
            continue;
        if (!is_share(at))
            return false;
        out->runs[i].paused_at = json_number_value(at);
        out->runs[i].state = RUN_PAUSED;
    }
    return true;
}

static bool read_all(const command_line *cli, const json_t *all, sweep *out)
{
    bool known = false;
    const char *on = json_string_value(json_object_get(all, "on"));
    for (int split = 0; on != NULL && split < BT_SPLITS; split++)
        if (strcmp(on, bt_split_word((bt_split)split)) == 0) {
            out->on = (bt_split)split;
            known = true;
        }
    out->tested = json_is_true(json_object_get(all, "tested"));
    out->network = copy_json(cli, json_object_get(all, "network"));
    out->data_folder = copy_json(cli, json_object_get(all, "data"));
    return known && out->network != NULL && read_axes(cli, json_object_get(all, "axes"), &out->grid) &&
           read_rows(cli, json_object_get(all, "rows"), &out->grid) &&
           read_seeds(cli, json_object_get(all, "seeds"), &out->grid) &&
           read_runs(cli, json_object_get(all, "runs"), out) && read_halving(json_object_get(all, "halving"), out);
}

int store_read(const command_line *cli, const char *folder, sweep *out)
{
    json_error_t why;
    *out = (sweep){.cli = cli, .folder = folder};
    char *path = store_path(cli, folder);
    json_t *all = path != NULL ? json_load_file(path, 0, &why) : NULL;
    int status = STATUS_DONE;
    if (path == NULL)
        status = STATUS_FAULT;
    else if (all == NULL)
        status = fail(cli, STATUS_IO, "%s: %s; name the folder of a sweep", path, why.text);
    else if (!read_all(cli, all, out))
        status = fail(cli, STATUS_IO, "%s: is damaged; run the sweep's command again, which writes it", path);
    json_decref(all);
    free(path);
    return status;
}
