#include "sweep/grid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/number.h"

/* ---- axes ---- */

/* The length of the value at the start of a list: up to a comma outside brackets. */
static size_t value_length(const char *text)
{
    int depth = 0;
    size_t length = 0;
    for (; text[length] != '\0' && (text[length] != ',' || depth > 0); length++)
        depth += text[length] == '(' ? 1 : text[length] == ')' ? -1 : 0;
    return length;
}

static size_t count_values(const char *list)
{
    size_t count = 1;
    for (const char *at = list + value_length(list); *at == ','; at += 1 + value_length(at + 1))
        count++;
    return count;
}

static int add_axis(const command_line *cli, sweep_grid *grid, const char *name, size_t count, sweep_axis **out)
{
    for (size_t i = 0; i < grid->axis_count; i++)
        if (strcmp(grid->axes[i].name, name) == 0)
            return fail(cli, STATUS_USAGE, "--set %s is given twice; write its values behind one: --set %s=A,B", name,
                        name);
    sweep_axis *axis = *out = &grid->axes[grid->axis_count++];
    axis->name = text_copy(cli, name, strlen(name));
    axis->values = allocate(cli, count, sizeof *axis->values);
    return axis->name != NULL && axis->values != NULL ? STATUS_DONE : STATUS_FAULT;
}

/* Adds a value. A value that an axis has twice would be counted twice. */
static int add_value(const command_line *cli, sweep_axis *axis, const char *text, size_t length)
{
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (length == 0)
        return fail(cli, STATUS_USAGE, "--set %s: a value is empty; write --set %s=A,B", axis->name, axis->name);
    char *value = text_copy(cli, text, length);
    if (value == NULL)
        return STATUS_FAULT;
    axis->values[axis->count++] = value;
    for (size_t i = 0; i + 1 < axis->count; i++)
        if (strcmp(axis->values[i], value) == 0)
            return fail(cli, STATUS_USAGE, "%s: the value %s is given twice", axis->name, value);
    return STATUS_DONE;
}

static int add_setting(const command_line *cli, sweep_grid *grid, const option_setting *setting)
{
    size_t length = (size_t)(setting->value - 1 - setting->text);
    char *name = text_copy(cli, setting->text, length);
    sweep_axis *axis = NULL;
    int status = name == NULL ? STATUS_FAULT : add_axis(cli, grid, name, count_values(setting->value), &axis);
    free(name);
    for (const char *at = setting->value; status == STATUS_DONE && at != NULL;) {
        size_t used = value_length(at);
        status = add_value(cli, axis, at, used);
        at = at[used] == ',' ? at + used + 1 : NULL;
    }
    return status;
}

static int add_sweep(const command_line *cli, sweep_grid *grid, const bl_sweep *sweep)
{
    sweep_axis *axis = NULL;
    int status = add_axis(cli, grid, sweep->name, sweep->count, &axis);
    for (uint32_t i = 0; i < sweep->count && status == STATUS_DONE; i++)
        status = add_value(cli, axis, sweep->values[i], strlen(sweep->values[i]));
    return status;
}

static bool sets(const option_setting *setting, const char *name)
{
    size_t length = strlen(name);
    return strncmp(setting->text, name, length) == 0 && setting->text[length] == '=';
}

static bool is_swept(const bl_program *program, const option_setting *setting)
{
    for (uint32_t i = 0; i < program->sweep_count; i++)
        if (program->sweeps[i].name != NULL && sets(setting, program->sweeps[i].name))
            return true;
    return false;
}

/* The sweeps of the text in their order, each with the values of --set if there are any; then the other --set. */
static int take_axes(const command_line *cli, const bl_program *program, sweep_grid *grid)
{
    int status = STATUS_DONE;
    for (uint32_t i = 0; i < program->sweep_count && status == STATUS_DONE; i++) {
        const bl_sweep *sweep = &program->sweeps[i];
        bool replaced = sweep->name == NULL;
        for (size_t k = 0; k < cli->setting_count && sweep->name != NULL && status == STATUS_DONE; k++)
            if (sets(&cli->settings[k], sweep->name)) {
                status = add_setting(cli, grid, &cli->settings[k]);
                replaced = true;
            }
        if (!replaced)
            status = add_sweep(cli, grid, sweep);
    }
    for (size_t i = 0; i < cli->setting_count && status == STATUS_DONE; i++)
        if (!is_swept(program, &cli->settings[i]))
            status = add_setting(cli, grid, &cli->settings[i]);
    return status;
}

/* ---- seeds ---- */

static const bl_sweep *seeds_of(const bl_program *program)
{
    for (uint32_t i = 0; i < program->sweep_count; i++)
        if (program->sweeps[i].name == NULL)
            return &program->sweeps[i];
    return NULL;
}

/* The seeds of --seeds, or else of the text's `sweep seed`, or else the schedule's. */
static int take_seeds(const command_line *cli, const bl_program *program, sweep_grid *grid)
{
    const char *list = cli_text(cli, OPTION_seeds);
    const bl_sweep *sweep = seeds_of(program);
    grid->seed_count = list == NULL && sweep != NULL ? sweep->count : 1;
    if (list != NULL && !seeds_read(list, NULL, &grid->seed_count))
        return STATUS_FAULT; /* the parser of the command line has read it */
    grid->seeds = allocate(cli, grid->seed_count, sizeof *grid->seeds);
    if (grid->seeds == NULL)
        return STATUS_FAULT;
    grid->seeds[0] = program->seed;
    if (list != NULL)
        (void)seeds_read(list, grid->seeds, &grid->seed_count);
    for (uint32_t i = 0; list == NULL && sweep != NULL && i < sweep->count; i++)
        (void)number_read(sweep->values[i], &grid->seeds[i]);
    for (size_t i = 0; i < grid->seed_count; i++)
        for (size_t j = 0; j < i; j++)
            if (grid->seeds[i] == grid->seeds[j])
                return fail(cli, STATUS_USAGE, "Seed %llu is given twice", (unsigned long long)grid->seeds[i]);
    return STATUS_DONE;
}

/* ---- the grid ---- */

static bool holds(const size_t *points, size_t count, size_t point)
{
    for (size_t i = 0; i < count; i++)
        if (points[i] == point)
            return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Draws combinations without repeating one (Floyd's way): each step draws from one more, and takes the last of them if
 * the drawn one is taken. */
static void draw_rows(const command_line *cli, size_t combinations, sweep_grid *grid)
{
    uint32_t words[4];
    uint64_t seed = cli_count(cli, OPTION_random_seed, 1);
    for (size_t i = 0; i < grid->row_count; i++) {
        size_t last = combinations - grid->row_count + i;
        br_random4(seed, BR_STREAM_TEST, 0, i, words);
        size_t drawn = br_random_below(words[0], (uint32_t)last + 1);
        grid->points[i] = holds(grid->points, i, drawn) ? last : drawn;
    }
    qsort(grid->points, grid->row_count, sizeof *grid->points, compare);
}

static int take_rows(const command_line *cli, sweep_grid *grid)
{
    size_t combinations = 1;
    for (size_t i = 0; i < grid->axis_count; i++)
        if (__builtin_mul_overflow(combinations, grid->axes[i].count, &combinations) || combinations >= UINT32_MAX)
            return fail(cli, STATUS_USAGE, "The sweep has more than %u combinations; try fewer values", UINT32_MAX - 1);
    size_t count = cli_count(cli, OPTION_random, combinations);
    count = count < combinations ? count : combinations;
    if (count > SWEEP_RUNS_MOST || count * grid->seed_count > SWEEP_RUNS_MOST)
        return fail(cli, STATUS_USAGE,
                    "The sweep has more than %u runs; try fewer values or seeds, or draw some with --random N",
                    SWEEP_RUNS_MOST);
    grid->row_count = count;
    grid->points = allocate(cli, count, sizeof *grid->points);
    if (grid->points == NULL)
        return STATUS_FAULT;
    for (size_t i = 0; i < count; i++)
        grid->points[i] = i;
    if (count < combinations)
        draw_rows(cli, combinations, grid);
    return STATUS_DONE;
}

int grid_new(const command_line *cli, const bl_program *program, sweep_grid *out)
{
    *out = (sweep_grid){.axes = allocate(cli, cli->setting_count + program->sweep_count, sizeof *out->axes)};
    int status = out->axes != NULL ? take_axes(cli, program, out) : STATUS_FAULT;
    if (status == STATUS_DONE)
        status = take_seeds(cli, program, out);
    if (status == STATUS_DONE)
        status = take_rows(cli, out);
    return status;
}

void grid_free(sweep_grid *grid)
{
    for (size_t i = 0; i < grid->axis_count; i++) {
        for (size_t j = 0; j < grid->axes[i].count; j++)
            free(grid->axes[i].values[j]);
        free(grid->axes[i].values);
        free(grid->axes[i].name);
    }
    free(grid->axes);
    free(grid->points);
    free(grid->seeds);
    *grid = (sweep_grid){0};
}

const char *grid_value(const sweep_grid *grid, size_t row, size_t axis)
{
    size_t point = grid->points[row];
    for (size_t i = grid->axis_count; i-- > axis + 1;)
        point /= grid->axes[i].count;
    return grid->axes[axis].values[point % grid->axes[axis].count];
}

/* ---- rows ---- */

/* The method of `plan.LAYER=METHOD`; BC_METHOD_MEASURED for the value of a constant. */
static bt_method method_of(const command_line *cli, const char *name)
{
    for (size_t i = 0; i < cli->setting_count; i++)
        if (sets(&cli->settings[i], name))
            return cli->settings[i].method;
    return BC_METHOD_MEASURED;
}

static int make_setting(const command_line *cli, const char *name, const char *value, option_setting *out)
{
    static const char prefix[] = "plan.";
    size_t length = strlen(name), size = length + strlen(value) + 2;
    char *text = allocate(cli, size, 1);
    if (text == NULL)
        return STATUS_FAULT;
    snprintf(text, size, "%s=%s", name, value);
    bt_method method = method_of(cli, name);
    size_t skip = method != BC_METHOD_MEASURED ? sizeof prefix - 1 : 0;
    *out = (option_setting){
        .text = text, .name = text + skip, .name_length = length - skip, .value = text + length + 1, .method = method};
    return STATUS_DONE;
}

int grid_settings(const command_line *cli, const sweep_grid *grid, size_t row, option_setting **out)
{
    *out = allocate(cli, grid->axis_count, sizeof **out);
    int status = *out != NULL ? STATUS_DONE : STATUS_FAULT;
    for (size_t i = 0; i < grid->axis_count && status == STATUS_DONE; i++)
        status = make_setting(cli, grid->axes[i].name, grid_value(grid, row, i), &(*out)[i]);
    return status;
}

void grid_settings_free(const sweep_grid *grid, option_setting *settings)
{
    for (size_t i = 0; settings != NULL && i < grid->axis_count; i++)
        free((char *)settings[i].text);
    free(settings);
}

char *grid_label(const command_line *cli, const sweep_grid *grid, size_t row)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    const char *between = "";
    for (size_t i = 0; to != NULL && i < grid->axis_count; i++) {
        if (grid->axes[i].count < 2)
            continue;
        fprintf(to, "%s%s=%s", between, grid->axes[i].name, grid_value(grid, row, i));
        between = ", ";
    }
    if (to != NULL && fclose(to) == 0)
        return text;
    free(text);
    (void)fail_memory(cli);
    return NULL;
}
