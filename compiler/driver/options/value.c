#include "options/value.h"

#include <stdio.h>
#include <string.h>

#include "bouton/lang.h"
#include "options/console.h"
#include "options/expectation.h"
#include "options/number.h"

/* The names of types in OPTIONS. */
#define FLAG                                                                                                           \
    {                                                                                                                  \
        .kind = KIND_FLAG                                                                                              \
    }
#define TEXT                                                                                                           \
    {                                                                                                                  \
        .kind = KIND_TEXT                                                                                              \
    }
#define SECONDS                                                                                                        \
    {                                                                                                                  \
        .kind = KIND_SECONDS                                                                                           \
    }
#define SHARE                                                                                                          \
    {                                                                                                                  \
        .kind = KIND_SHARE                                                                                             \
    }
#define POINTS                                                                                                         \
    {                                                                                                                  \
        .kind = KIND_POINTS                                                                                            \
    }
#define WORD                                                                                                           \
    {                                                                                                                  \
        .kind = KIND_WORD                                                                                              \
    }
#define BUDGET                                                                                                         \
    {                                                                                                                  \
        .kind = KIND_BUDGET                                                                                            \
    }
#define SETTING                                                                                                        \
    {                                                                                                                  \
        .kind = KIND_SETTING                                                                                           \
    }
#define SEEDS                                                                                                          \
    {                                                                                                                  \
        .kind = KIND_SEEDS                                                                                             \
    }
#define ACCURACY                                                                                                       \
    {                                                                                                                  \
        .kind = KIND_ACCURACY                                                                                          \
    }
#define PART                                                                                                           \
    {                                                                                                                  \
        .kind = KIND_PART                                                                                              \
    }
#define MEAN                                                                                                           \
    {                                                                                                                  \
        .kind = KIND_MEAN                                                                                              \
    }
#define PSNR                                                                                                           \
    {                                                                                                                  \
        .kind = KIND_PSNR                                                                                              \
    }

#define COUNT(from, to)                                                                                                \
    {                                                                                                                  \
        .kind = KIND_COUNT, .least = from, .most = to                                                                  \
    }
#define OUTPUT(phrase, over)                                                                                           \
    {                                                                                                                  \
        .kind = KIND_OUTPUT, .content = phrase, .replaces = over                                                       \
    }

const option_row option_rows[OPTION_COUNT] = {
#define X(id, letter, name, argument, type, verbs, help) {letter, name, argument, type, verbs, help},
    OPTIONS(X)
#undef X
};

/* ---- words ---- */

enum { WORDS_MOST = 16, WORD_SIZE = 32 };

/* Copies word number `index` of a list to `word`; false if the list is shorter. "|a|b" and "a|b" both hold a and b. */
static bool list_word(const char *list, size_t index, char word[WORD_SIZE])
{
    list += *list == '|';
    for (; index > 0; index--) {
        list = strchr(list, '|');
        if (list == NULL)
            return false;
        list++;
    }
    snprintf(word, WORD_SIZE, "%.*s", (int)strcspn(list, "|"), list);
    return true;
}

static int read_word(const command_line *cli, const option_row *row, const char *text, unsigned *out)
{
    char words[WORDS_MOST][WORD_SIZE];
    const char *known[WORDS_MOST], *list = row->argument + (*row->argument == '|');
    unsigned count = 0;
    for (; count < WORDS_MOST && list_word(list, count, words[count]); count++) {
        if (strcmp(words[count], text) == 0) {
            *out = count;
            return STATUS_DONE;
        }
        known[count] = words[count];
    }
    const char *near = bl_nearest(text, known, count);
    if (near != NULL)
        return fail(cli, STATUS_USAGE, "--%s %s: not one of %s; did you mean %s?", row->name, text, list, near);
    return fail(cli, STATUS_USAGE, "--%s %s: not one of %s", row->name, text, list);
}

/* ---- settings ---- */

static int read_method(const command_line *cli, option_setting *setting)
{
    char known[128] = "";
    for (int i = 0; i < BT_METHODS; i++) {
        size_t used = strlen(known);
        if (bc_method_askable((bt_method)i))
            snprintf(known + used, sizeof known - used, " `%s`", bt_method_word((bt_method)i));
    }
    if (bt_method_of(setting->value, &setting->method) && bc_method_askable(setting->method))
        return STATUS_DONE;
    return fail(cli, STATUS_USAGE, "--set %s: unknown method; known are%s", setting->text, known);
}

static int read_setting(const command_line *cli, const char *text, option_setting *out)
{
    static const char prefix[] = "plan.";
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || equals[1] == '\0')
        return fail(cli, STATUS_USAGE, "--set %s: not a name and its value; write --set NAME=VALUE", text);
    *out = (option_setting){.text = text, .name = text, .value = equals + 1, .method = BC_METHOD_MEASURED};
    bool of_layer = strncmp(text, prefix, sizeof prefix - 1) == 0;
    if (of_layer)
        out->name += sizeof prefix - 1;
    out->name_length = (size_t)(equals - out->name);
    return of_layer ? read_method(cli, out) : STATUS_DONE;
}

/* ---- numbers and paths ---- */

static int read_count(const command_line *cli, const option_row *row, const char *text, uint64_t *out)
{
    const option_type *type = &row->type;
    if (number_read(text, out) && *out >= type->least && *out <= type->most)
        return STATUS_DONE;
    return fail(cli, STATUS_USAGE, "--%s %s: not a whole number from %llu to %llu", row->name, text,
                (unsigned long long)type->least, (unsigned long long)type->most);
}

static int read_seconds(const command_line *cli, const option_row *row, const char *text, double *out)
{
    if (decimal_read(text, out) && *out <= 86400)
        return STATUS_DONE;
    return fail(cli, STATUS_USAGE, "--%s %s: not seconds from 0 to 86400, such as 30 or 0.5", row->name, text);
}

static int read_share(const command_line *cli, const option_row *row, const char *text, double *out)
{
    if (share_read(text, out))
        return STATUS_DONE;
    return fail(cli, STATUS_USAGE, "--%s %s: not a share; write it as 20%% or 0.2", row->name, text);
}

static int read_points(const command_line *cli, const option_row *row, const char *text, double *out)
{
    if (points_read(text, out))
        return STATUS_DONE;
    return fail(cli, STATUS_USAGE, "--%s %s: not points of accuracy from 0 to 100; write it as 0.1", row->name, text);
}

static int read_budget(const command_line *cli, const option_row *row, const char *text, option_value *out)
{
    if (budget_read(text, &out->budget.flash, &out->budget.ram))
        return STATUS_DONE;
    return fail(cli, STATUS_USAGE, "--%s %s: not limits of memory; write them as flash=64K,ram=16K, or one of them",
                row->name, text);
}

static int check_output(const command_line *cli, const option_row *row, const char *text)
{
    const char *before = row->letter == 'o' ? "-o" : "--", *name = row->letter == 'o' ? "" : row->name;
    if (strcmp(text, "-") == 0)
        return fail(cli, STATUS_USAGE, "%s%s -: %s can't be written to standard output; name a file", before, name,
                    row->type.content);
    if (text[strlen(text) - 1] == '/')
        return fail(cli, STATUS_USAGE, "%s%s %s: names no file; write FOLDER/NAME", before, name, text);
    return STATUS_DONE;
}

static int read_seeds(const command_line *cli, const option_row *row, const char *text)
{
    size_t count;
    if (seeds_read(text, NULL, &count))
        return STATUS_DONE;
    return fail(cli, STATUS_USAGE, "--%s %s: not seeds, at most %u of them; write them as 1..5 or 1,4,7..9", row->name,
                text, SEEDS_MOST);
}

static int read_part(const command_line *cli, const option_row *row, const char *text, uint32_t out[2])
{
    char first[12];
    uint64_t number, parts;
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : sizeof first;
    if (length < sizeof first) {
        memcpy(first, text, length);
        first[length] = '\0';
        if (number_read(first, &number) && number_read(slash + 1, &parts) && number >= 1 && number <= parts &&
            parts <= SEEDS_MOST) {
            out[0] = (uint32_t)number;
            out[1] = (uint32_t)parts;
            return STATUS_DONE;
        }
    }
    return fail(cli, STATUS_USAGE, "--%s %s: not a part; write the first of four as 1/4, the last as 4/4", row->name,
                text);
}

int option_read(const command_line *cli, option_id id, const char *text, option_value *out)
{
    const option_row *row = &option_rows[id];
    out->text = text;
    switch (row->type.kind) {
    case KIND_FLAG:
    case KIND_TEXT:
        return STATUS_DONE;
    case KIND_OUTPUT:
        return check_output(cli, row, text);
    case KIND_COUNT:
        return read_count(cli, row, text, &out->count);
    case KIND_SECONDS:
        return read_seconds(cli, row, text, &out->number);
    case KIND_SHARE:
        return read_share(cli, row, text, &out->number);
    case KIND_POINTS:
        return read_points(cli, row, text, &out->number);
    case KIND_BUDGET:
        return read_budget(cli, row, text, out);
    case KIND_WORD:
        return read_word(cli, row, text, &out->word);
    case KIND_SETTING:
        return read_setting(cli, text, &out->setting);
    case KIND_SEEDS:
        return read_seeds(cli, row, text);
    case KIND_PART:
        return read_part(cli, row, text, out->part);
    case KIND_MEAN:
        return expectation_read_mean(cli, text, &out->number);
    case KIND_ACCURACY:
        return expectation_read(cli, text, &out->number);
    case KIND_PSNR:
        return expectation_read_psnr(cli, text, &out->number);
    }
    return STATUS_FAULT;
}
