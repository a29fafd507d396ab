#include "sweep/plan.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "session/lines.h"
#include "session/methods.h"

/* ---- keys: what two rows must share to share data or code ---- */

/* The text that `print` writes of a program. The caller frees it. */
static char *key_text(const command_line *cli, const bl_program *program, int (*print)(const bl_program *, FILE *))
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    int status = to != NULL ? print(program, to) : -1;
    if (to != NULL && fclose(to) == 0 && status == 0)
        return text;
    free(text);
    (void)fail_memory(cli);
    return NULL;
}

static int print_code(const bl_program *program, FILE *to)
{
    br_error error;
    return bc_code_key(program, to, &error);
}

/* Leaves of a program what the samples depend on. */
static void print_input(const bl_program *program, uint32_t encodings, FILE *to)
{
    bl_program bare = *program;
    bare.name = "data";
    bare.rule = BT_RULE_REPAIRED;
    bare.formula_count = bare.layer_count = bare.readout_layers = 0;
    bare.phase_count = bare.expect_count = 0;
    bare.input.encoding_count = encodings;
    bare.input.range = 0.5;
    bl_dump_model(&bare, to);
    fprintf(to, "%u classes\n", bl_last_layer(program)->neurons);
}

static int print_data(const bl_program *program, FILE *to)
{
    print_input(program, 0, to);
    return 0;
}

static int print_encoded(const bl_program *program, FILE *to)
{
    print_input(program, program->input.encoding_count, to);
    return 0;
}

/* ---- rows ---- */

static int open_row(sweep *s, size_t index)
{
    sweep_row *row = &s->rows[index];
    row->trained = 1;
    row->cli = *s->cli;
    row->cli.settings = NULL;
    row->cli.setting_count = 0;
    int status = grid_settings(s->cli, &s->grid, index, &row->cli.settings);
    if (status != STATUS_DONE)
        return status;
    row->cli.setting_count = s->grid.axis_count;
    row->label = grid_label(s->cli, &s->grid, index);
    if (row->label == NULL)
        return STATUS_FAULT;
    status = source_open(&row->source, &row->cli, s->path);
    row->source.quiet = index > 0; /* what the text itself gives rise to is told once */
    if (status == STATUS_DONE)
        status = source_check(&row->cli, &row->source);
    if (status == STATUS_DONE)
        status = training_check(&row->cli, &row->source);
    if (status == STATUS_DONE)
        status = methods_resolve(&row->cli, row->source.program, &row->methods);
    if (status != STATUS_DONE)
        return status;
    row->text = bl_source_text(row->source.context);
    row->lines = lines_text(&row->cli, &row->source);
    row->code_key = key_text(s->cli, row->source.program, print_code);
    if (row->text == NULL)
        return fail_memory(s->cli);
    return row->lines != NULL && row->code_key != NULL ? STATUS_DONE : STATUS_FAULT;
}

static void find_code(sweep *s, size_t index)
{
    sweep_row *row = &s->rows[index];
    for (size_t i = 0; i < index; i++)
        if (strcmp(s->rows[i].code_key, row->code_key) == 0) {
            row->code = s->rows[i].code;
            return;
        }
    row->code = s->code_count++;
}

/* ---- data ---- */

static bool is_drawn(const br_data_spec *spec)
{
    for (uint32_t i = 0; i < spec->source_count; i++)
        if (spec->sources[i].format == BT_FORMAT_SYNTHETIC)
            return true;
    return false;
}

/* Hashes the samples that are read from files. Those that are drawn follow from the text, the seed and the version. */
static int hash_data(const command_line *cli, sweep_data *data)
{
    br_error error;
    br_data_spec files = data->pending.spec;
    br_source *kept = allocate(cli, files.source_count, sizeof *kept);
    if (kept == NULL)
        return STATUS_FAULT;
    uint32_t count = 0;
    for (uint32_t i = 0; i < files.source_count; i++)
        if (files.sources[i].format != BT_FORMAT_SYNTHETIC)
            kept[count++] = files.sources[i];
    files.sources = kept;
    files.source_count = count;
    br_raw *raw = NULL;
    int status = count == 0 || br_raw_read(&files, 0, &raw, &error) == 0 ? STATUS_DONE : fail_with(cli, &error);
    data->hash = raw != NULL ? br_raw_hash(raw) : 0;
    if (data->drawn)
        br_raw_free(raw);
    else
        data->raw = raw;
    free(kept);
    return status;
}

static int find_data(sweep *s, const sweep_row *row, size_t *out)
{
    char *key = key_text(s->cli, row->source.program, print_data);
    if (key == NULL)
        return STATUS_FAULT;
    for (size_t i = 0; i < s->data_count; i++)
        if (strcmp(s->data[i].key, key) == 0) {
            free(key);
            *out = i;
            return STATUS_DONE;
        }
    sweep_data *data = &s->data[ *out = s->data_count++];
    data->key = key;
    int status = pending_prepare(&row->cli, &row->source, &data->pending);
    if (status != STATUS_DONE)
        return status;
    data->drawn = is_drawn(&data->pending.spec);
    data->held_out = data->pending.spec.hold_out > 0 || data->pending.spec.hold_out_test > 0;
    return hash_data(s->cli, data);
}

/* Whether an input's encodings are learned from the training samples. */
static int find_learns(const command_line *cli, const bl_program *program, bool *out)
{
    br_error error;
    br_encoder *encoder;
    if (bc_lower_encoder(program, &encoder, &error) != 0)
        return fail_with(cli, &error);
    *out = br_encoder_count(encoder) > 0;
    br_encoder_free(encoder);
    return STATUS_DONE;
}

static int find_encoding(sweep *s, size_t index)
{
    size_t data = 0;
    bool learns = false;
    sweep_row *row = &s->rows[index];
    int status = find_data(s, row, &data);
    if (status == STATUS_DONE)
        status = find_learns(s->cli, row->source.program, &learns);
    if (status != STATUS_DONE)
        return status;
    char *key = key_text(s->cli, row->source.program, print_encoded);
    if (key == NULL)
        return STATUS_FAULT;
    for (size_t i = 0; i < s->encoding_count; i++)
        if (strcmp(s->encodings[i].key, key) == 0) {
            free(key);
            row->encoding = i;
            return STATUS_DONE;
        }
    row->encoding = s->encoding_count++;
    s->encodings[row->encoding] = (sweep_encoding){
        .key = key, .data = data, .row = index, .seeded = s->data[data].drawn || s->data[data].held_out || learns};
    return STATUS_DONE;
}

/* ---- runs ---- */

/* FNV-1a over the bytes of a text and the 0 behind it, so that texts next to each other stay apart. */
static uint64_t add_hash(uint64_t hash, const char *text)
{
    for (;; text++) {
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
        if (*text == '\0')
            return hash;
    }
}

/* Everything that decides the model: the version, the resolved text, the network, the methods that are asked for, the
 * samples and the seed. */
static void name_run(const sweep *s, sweep_run *run)
{
    const sweep_row *row = &s->rows[run->row];
    char numbers[64];
    uint64_t hash = add_hash(0xcbf29ce484222325u, BR_VERSION);
    hash = add_hash(hash, row->text);
    hash = add_hash(hash, row->source.program->name);
    for (size_t i = 0; i < row->cli.setting_count; i++)
        if (row->cli.settings[i].method != BC_METHOD_MEASURED)
            hash = add_hash(hash, row->cli.settings[i].text);
    snprintf(numbers, sizeof numbers, "%016llx %llu",
             (unsigned long long)s->data[s->encodings[row->encoding].data].hash,
             (unsigned long long)s->grid.seeds[run->seed]);
    hash = add_hash(hash, numbers);
    hash =
        (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u; /* spreads the last bytes, in which runs differ, over all digits */
    hash ^= hash >> 29;
    snprintf(run->name, sizeof run->name, "%016llx", (unsigned long long)hash);
}

/* All rows of the first seed come first, then those of the next, so that rows share the samples of a seed. */
static int list_runs(sweep *s)
{
    s->run_count = s->grid.row_count * s->grid.seed_count;
    s->runs = allocate(s->cli, s->run_count, sizeof *s->runs);
    for (size_t i = 0; s->runs != NULL && i < s->run_count; i++) {
        s->runs[i].row = i % s->grid.row_count;
        s->runs[i].seed = i / s->grid.row_count;
        name_run(s, &s->runs[i]);
    }
    return s->runs != NULL ? STATUS_DONE : STATUS_FAULT;
}

/* ---- the samples by which rows are compared ---- */

static bool has_split(const bl_program *program, bt_split split)
{
    const bl_data *data = program->data;
    bool found =
        (split == BT_SPLIT_VALIDATION && data->hold_out > 0) || (split == BT_SPLIT_TEST && data->hold_out_test > 0);
    for (uint32_t i = 0; i < data->source_count; i++)
        found = found || data->sources[i].split == split;
    return found;
}

static bool all_have(const sweep *s, bt_split split)
{
    for (size_t i = 0; i < s->grid.row_count; i++)
        if (!has_split(s->rows[i].source.program, split))
            return false;
    return true;
}

static int choose_split(sweep *s)
{
    static const bt_split splits[] = {
#define X(word, split) split,
        SPLITS(X)
#undef X
    };
    s->tested = all_have(s, BT_SPLIT_TEST);
    s->on = all_have(s, BT_SPLIT_VALIDATION) ? BT_SPLIT_VALIDATION : BT_SPLIT_TEST;
    if (cli_has(s->cli, OPTION_sweep_on))
        s->on = splits[cli_word(s->cli, OPTION_sweep_on, 0)];
    if (all_have(s, s->on))
        return STATUS_DONE;
    return fail(s->cli, STATUS_FAILED, "%s: the data have no %s samples by which the settings could be compared%s",
                s->path, bt_split_word(s->on),
                cli_has(s->cli, OPTION_sweep_on) ? "; name others with --on"
                                                 : ", and no validation samples; hold some out");
}

/* The folder of the data as an absolute path, for those who score the models later. */
static int find_folder(sweep *s)
{
    const br_data_spec *spec = &s->data[0].pending.spec;
    bool files = false;
    for (uint32_t i = 0; i < spec->source_count; i++)
        files = files || spec->sources[i].format != BT_FORMAT_SYNTHETIC;
    if (files && (s->data_folder = realpath(s->data[0].pending.folder, NULL)) == NULL)
        return fail(s->cli, STATUS_IO, "%s: %s", s->data[0].pending.folder, strerror(errno));
    json_t *name = s->data_folder != NULL ? json_string(s->data_folder) : NULL; /* sweep.json holds UTF-8 alone */
    bool fits = s->data_folder == NULL || name != NULL;
    json_decref(name);
    if (fits)
        return STATUS_DONE;
    return fail(s->cli, STATUS_IO,
                "%s: the folder's name is not UTF-8, and a sweep keeps it as such; rename the folder", s->data_folder);
}

/* ---- the plan ---- */

/* Reads the text as it is, for the schedule's seed. */
static int make_grid(const command_line *cli, const char *path, sweep_grid *out)
{
    command_line bare = *cli;
    network_source source;
    bare.setting_count = 0;
    int status = source_open(&source, &bare, path);
    source.quiet = true;
    if (status == STATUS_DONE)
        status = source_check(&bare, &source);
    if (status == STATUS_DONE)
        status = grid_new(cli, source.program, out);
    source_close(&source);
    return status;
}

int sweep_plan(const command_line *cli, const char *path, const char *folder, sweep *out)
{
    *out = (sweep){.cli = cli, .path = path, .folder = folder};
    int status = make_grid(cli, path, &out->grid);
    if (status != STATUS_DONE)
        return status;
    size_t rows = out->grid.row_count;
    out->rows = allocate(cli, rows, sizeof *out->rows);
    out->data = allocate(cli, rows, sizeof *out->data);
    out->encodings = allocate(cli, rows, sizeof *out->encodings);
    if (out->rows == NULL || out->data == NULL || out->encodings == NULL)
        return STATUS_FAULT;
    for (size_t i = 0; i < rows && status == STATUS_DONE; i++) {
        status = open_row(out, i);
        if (status != STATUS_DONE && out->rows[i].label != NULL && *out->rows[i].label != '\0')
            say(cli, MESSAGE_NOTE, "This is the row %s", out->rows[i].label);
    }
    for (size_t i = 0; i < rows && status == STATUS_DONE; i++) {
        find_code(out, i);
        status = find_encoding(out, i);
    }
    if (status == STATUS_DONE)
        status = choose_split(out);
    if (status == STATUS_DONE)
        status = find_folder(out);
    if (status == STATUS_DONE)
        status = list_runs(out);
    if (status != STATUS_DONE)
        return status;
    const char *network = out->rows[0].source.program->name;
    out->network = text_copy(cli, network, strlen(network));
    return out->network != NULL ? STATUS_DONE : STATUS_FAULT;
}

void sweep_free(sweep *s)
{
    for (size_t i = 0; s->rows != NULL && i < s->grid.row_count; i++) {
        sweep_row *row = &s->rows[i];
        source_close(&row->source);
        grid_settings_free(&s->grid, row->cli.settings);
        free(row->methods);
        free(row->lines);
        free(row->code_key);
        free(row->label);
    }
    for (size_t i = 0; i < s->data_count; i++) {
        pending_forget(&s->data[i].pending);
        br_raw_free(s->data[i].raw);
        free(s->data[i].key);
    }
    for (size_t i = 0; i < s->encoding_count; i++)
        free(s->encodings[i].key);
    free(s->rows);
    free(s->data);
    free(s->encodings);
    free(s->runs);
    free(s->network);
    free(s->data_folder);
    grid_free(&s->grid);
}

char *run_path(const sweep *s, const sweep_run *run, const char *file)
{
    size_t size = strlen(s->folder) + sizeof run->name + strlen(file) + 3;
    char *path = allocate(s->cli, size, 1);
    if (path != NULL)
        snprintf(path, size, "%s/%s/%s", s->folder, run->name, file);
    return path;
}
