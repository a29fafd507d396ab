#include "manual/candidates.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "manual/text_names.h"

/* A command line while it is typed. */
typedef struct typed_line {
    command_line cli; /* its verb */
    bool given[OPTION_COUNT];
    bool options_end;
    int waiting;         /* the option whose value the last word is, or OPTION_COUNT */
    const char *file;    /* the first operand, or NULL */
    size_t operands;     /* before the last word */
    const char *lead;    /* written in front of every candidate: "--stage=", or "" */
    size_t lead_length;  /* bytes of `lead` */
    const char *started; /* the last word behind `lead` */
    FILE *to;
} typed_line;

static void offer(const typed_line *line, const char *word, const char *description)
{
    if (strncmp(word, line->started, strlen(line->started)) == 0)
        fprintf(line->to, "%.*s%s\t%s\n", (int)line->lead_length, line->lead, word, description);
}

static void offer_paths(const typed_line *line, const char *kind)
{
    fprintf(line->to, "\t%s\n", kind);
}

/* The words of a list a|b|c that are written in small letters; NAME stands for any word. */
static void offer_list(const typed_line *line, const char *list)
{
    while (*list != '\0') {
        char word[32];
        size_t length = strcspn(list, "|");
        snprintf(word, sizeof word, "%.*s", (int)length, list);
        if (length > 0 && !isupper((unsigned char)word[0]))
            offer(line, word, "");
        list += length + (list[length] == '|');
    }
}

/* ---- values ---- */

/* What the text that the line names can set: its constants, and the methods of its layers. */
static void offer_settings(const typed_line *line, const text_names *names)
{
    char word[TEXT_NAME_SIZE + 32], description[64];
    for (size_t i = 0; i < names->count; i++) {
        const text_name *name = &names->list[i];
        if (name->kind == TEXT_NAME_LET) {
            snprintf(word, sizeof word, "%s=", name->text);
            snprintf(description, sizeof description, "now %s", name->value);
            offer(line, word, description);
        }
        if (name->kind != TEXT_NAME_LAYER)
            continue;
        snprintf(word, sizeof word, "plan.%s=", name->text);
        if (strncmp(line->started, word, strlen(word)) != 0) {
            offer(line, word, "method of this layer");
            continue;
        }
        for (int method = 0; method < BT_METHODS; method++)
            if (bc_method_askable((bt_method)method)) {
                snprintf(word, sizeof word, "plan.%s=%s", name->text, bt_method_word((bt_method)method));
                offer(line, word, "");
            }
    }
}

static void offer_names(const typed_line *line, option_id id)
{
    text_names names;
    text_names_read(line->file, &names);
    if (id == OPTION_set || id == OPTION_swept)
        offer_settings(line, &names);
    for (size_t i = 0; id == OPTION_network && i < names.count; i++)
        if (names.list[i].kind == TEXT_NAME_NETWORK)
            offer(line, names.list[i].text, "network");
    text_names_free(&names);
}

/* The value of an option, by its argument. Names have a list of their own or none; numbers have none. */
static void offer_value(const typed_line *line, option_id id)
{
    const char *argument = option_rows[id].argument;
    if (id == OPTION_set || id == OPTION_swept || id == OPTION_network)
        offer_names(line, id);
    else if (id == OPTION_target)
        offer_list(line, "x86_64|aarch64|riscv64|wasm32");
    else if (id == OPTION_cpu || id == OPTION_cpus)
        offer_list(line, "native|generic|x86-64-v2|x86-64-v3|x86-64-v4");
    else if (strchr(argument, '|') != NULL)
        offer_list(line, argument);
    else if (strcmp(argument, "DIR") == 0)
        offer_paths(line, "folders");
    else if (strcmp(argument, "FILE") == 0 || strcmp(argument, "DATA") == 0)
        offer_paths(line, "files");
}

/* ---- operands ---- */

#define TEXTS_ALONE (ON(check) | ON(fmt) | ON(train) | ON(sweep) | ON(watch))
#define PICTURES    "files .png .jpg .jpeg .webp .gif .bmp .pgm .ppm"

/* The name of the operand at the cursor, "FILE" of "FILE...": the last name of the verb stands for all that follow. */
static void operand_name(const typed_line *line, char *out, size_t size)
{
    const char *at = verb_rows[line->cli.verb].operands;
    *out = '\0';
    for (size_t i = 0; i <= line->operands; i++) {
        at += strspn(at, " [");
        size_t length = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (length == 0)
            return; /* the verb takes no more operands, or the last name goes on */
        snprintf(out, size, "%.*s", (int)length, at);
        at += length;
        bool repeats = strncmp(at, "...", 3) == 0;
        at += strcspn(at, " ");
        if (!repeats && *at == '\0' && i < line->operands)
            *out = '\0';
    }
}

static void offer_verbs(const typed_line *line)
{
    for (int verb = 0; verb < VERB_COUNT; verb++)
        offer(line, verb_rows[verb].name, verb_rows[verb].summary);
}

static void offer_codes(const typed_line *line)
{
    bl_explanation of;
    for (size_t i = 0; bl_explain_at(i, &of); i++) {
        char message[160];
        size_t length = 0;
        for (const char *at = of.message; *at != '\0' && length + 4 < sizeof message; at++) {
            bool hole = at[0] == '{' && at[1] != '\0' && at[2] == '}'; /* a message fills it in */
            length +=
                (size_t)snprintf(message + length, sizeof message - length, "%s", hole ? "..." : (char[]){*at, 0});
            at += hole ? 2 : 0;
        }
        offer(line, of.code, message);
    }
}

static void offer_operand(const typed_line *line)
{
    char name[32];
    operand_name(line, name, sizeof name);
    if (strcmp(name, "FILE") == 0)
        offer_paths(line, (TEXTS_ALONE >> line->cli.verb & 1u) != 0 ? "files .btn" : "files .btn .safetensors");
    else if (strcmp(name, "MODEL") == 0)
        offer_paths(line, "files .safetensors");
    else if (strcmp(name, "PICTURE") == 0)
        offer_paths(line, PICTURES);
    else if (strcmp(name, "VERB") == 0)
        offer_verbs(line);
    else if (strcmp(name, "CODE") == 0)
        offer_codes(line);
    else if (strcmp(name, "LABEL") == 0)
        offer_list(line, "0|1|2|3|4|5|6|7|8|9");
    else if (strcmp(name, "SHELL") == 0)
        offer_list(line, SHELLS(CHOICE));
    else if (*name != '\0' && strcmp(name, "NAME") != 0)
        offer_paths(line, "files");
}

/* ---- the line ---- */

/* The option of a long name, `length` bytes, or of a letter; OPTION_COUNT: the verb has none. */
static int find_option(const typed_line *line, const char *name, size_t length, char letter)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        const option_row *row = &option_rows[id];
        bool same =
            letter != 0 ? row->letter == letter : strlen(row->name) == length && !strncmp(row->name, name, length);
        if (same && cli_serves(&line->cli, (option_id)id))
            return id;
    }
    return OPTION_COUNT;
}

static void take_option(typed_line *line, const char *word)
{
    bool is_long = word[1] == '-';
    size_t length = is_long ? strcspn(word + 2, "=") : 0;
    int id = is_long ? find_option(line, word + 2, length, 0) : OPTION_COUNT;
    bool complete = is_long && word[2 + length] == '=';
    for (const char *letter = word + 1; !is_long && *letter != '\0'; letter++) {
        id = find_option(line, NULL, 0, *letter);
        complete = letter[1] != '\0';
        if (id != OPTION_COUNT && option_rows[id].argument != NULL)
            break;
    }
    if (id == OPTION_COUNT)
        return;
    line->given[id] = id != OPTION_set && id != OPTION_swept;
    const char *argument = option_rows[id].argument;
    if (argument != NULL && *argument != '[' && !complete) /* in brackets: only behind = */
        line->waiting = id;
}

/* A word that is complete. */
static void take(typed_line *line, const char *word)
{
    if (line->waiting != OPTION_COUNT)
        line->waiting = OPTION_COUNT;
    else if (!line->options_end && strcmp(word, "--") == 0)
        line->options_end = true;
    else if (!line->options_end && word[0] == '-' && word[1] != '\0')
        take_option(line, word);
    else if (!line->cli.has_verb)
        line->cli.has_verb = verb_find(word, &line->cli.verb);
    else if (line->operands++ == 0)
        line->file = word;
}

/* --name=VALUE at the cursor: the value is completed, and the name stays in front of it. */
static bool split_value(typed_line *line, const char *word)
{
    size_t length = strcspn(word, "=");
    if (strncmp(word, "--", 2) != 0 || word[length] != '=')
        return false;
    int id = find_option(line, word + 2, length - 2, 0);
    line->waiting = id != OPTION_COUNT && option_rows[id].argument != NULL ? id : OPTION_COUNT;
    line->lead = word;
    line->lead_length = length + 1;
    line->started = word + length + 1;
    return true;
}

static void offer_options(const typed_line *line)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        char word[40];
        if (!cli_serves(&line->cli, (option_id)id) || line->given[id])
            continue;
        snprintf(word, sizeof word, "--%s", option_rows[id].name);
        offer(line, word, option_rows[id].help);
    }
}

void candidates_print(const char *const *words, size_t count, FILE *to)
{
    typed_line line = {.waiting = OPTION_COUNT, .lead = "", .to = to};
    if (count < 2)
        return;
    for (size_t i = 1; i + 1 < count; i++)
        take(&line, words[i]);
    const char *last = words[count - 1];
    line.started = last;
    bool split = line.waiting == OPTION_COUNT && !line.options_end && split_value(&line, last);
    if (line.waiting != OPTION_COUNT)
        offer_value(&line, (option_id)line.waiting);
    else if (!split && !line.options_end && last[0] == '-')
        offer_options(&line);
    else if (!split && !line.cli.has_verb)
        offer_verbs(&line);
    else if (!split)
        offer_operand(&line);
}
