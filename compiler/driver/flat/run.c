/* Model files, and verbs that run on the network as if it were one. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "flat/network.h"
#include "graph/graph.h"
#include "report/report.h"
#include "verbs/verbs.h"

/* ---- the model ---- */

int bouton_save(bouton_network *network, const char *path, bouton_status *status)
{
    br_error error;
    br_atomic_file *file;
    flat_begin(status);
    pthread_rwlock_rdlock(&network->lock);
    int code = flat_check_trained(network, status);
    if (code == BOUTON_OK && br_atomic_open(path, &file, &error) != 0)
        code = flat_fail_with(status, &error);
    else if (code == BOUTON_OK) {
        fwrite(network->model, 1, network->model_size, br_atomic_stream(file)); /* committing checks for errors */
        if (br_atomic_commit(file, &error) != 0)
            code = flat_fail_with(status, &error);
    }
    pthread_rwlock_unlock(&network->lock);
    return flat_end(status, code);
}

/* A copy of the model, or of the text of a network that has not been trained. */
static int copy_bytes(const bouton_network *network, char **bytes, size_t *size, bouton_status *status)
{
    const char *from = network->trained ? network->model : network->text;
    *size = network->trained ? network->model_size : strlen(network->text);
    *bytes = malloc(*size);
    if (*bytes == NULL)
        return flat_fail_memory(status);
    memcpy(*bytes, from, *size);
    return BOUTON_OK;
}

int bouton_save_bytes(bouton_network *network, char **bytes, size_t *size, bouton_status *status)
{
    *bytes = NULL;
    flat_begin(status);
    pthread_rwlock_rdlock(&network->lock);
    int code = flat_check_trained(network, status);
    if (code == BOUTON_OK)
        code = copy_bytes(network, bytes, size, status);
    pthread_rwlock_unlock(&network->lock);
    return flat_end(status, code);
}

/* ---- verbs ---- */

#define FLAT_VERBS(X) X(build) X(dump) X(eval) X(graph) X(info) X(predict) X(report)

typedef int verb_function(const command_line *cli);

static verb_function *verb_of(const char *name)
{
#define X(verb)                                                                                                        \
    if (strcmp(name, #verb) == 0)                                                                                      \
        return verb_##verb;
    FLAT_VERBS(X)
#undef X
    return NULL;
}

/* The name that the file of the network would have: beside its text. */
static void name_of(const bouton_network *network, char *out, size_t size)
{
    const char *path = network->s.source.path;
    size_t length = strlen(path);
    bool text = network->trained && network->s.source.file == NULL;
    if (text && length > 4 && strcmp(path + length - 4, ".btn") == 0)
        length -= 4;
    snprintf(out, size, "%.*s%s", (int)length, path, text ? ".safetensors" : "");
}

/* bouton VERB OPTION... with the network's name in front of what else is no option. */
static char **words_of(const char *verb, const char *name, const char *const *options, int *count)
{
    int more = 0;
    while (options != NULL && options[more] != NULL)
        more++;
    char **words = calloc((size_t)more + 4, sizeof *words);
    if (words == NULL)
        return NULL;
    words[0] = (char *)"bouton"; /* a command line does not change its words */
    words[1] = (char *)verb;
    words[2] = (char *)name;
    for (int i = 0; i < more; i++)
        words[3 + i] = (char *)options[i];
    *count = more + 3;
    return words;
}

/* What the network was opened with holds for its verbs, too. */
static void inherit(const command_line *from, command_line *to)
{
    static const option_id ids[] = {OPTION_data, OPTION_cpu, OPTION_threads};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (cli_has(from, ids[i]) && cli_serves(to, ids[i]) && !cli_has(to, ids[i]) &&
            !(to->verb == VERB_info && ids[i] == OPTION_data)) /* info measures samples then */
            to->values[ids[i]] = from->values[ids[i]];
}

static int run(bouton_network *network, const char *verb, const char *const *options, const held_file *held, FILE *to,
               bouton_status *status)
{
    int count;
    command_line cli;
    verb_host host = {.told = flat_told, .user = status, .to = to, .held = *held};
    char **words = words_of(verb, held->name, options, &count);
    if (words == NULL)
        return flat_fail_memory(status);
    int code = cli_parse(&cli, &host, count, words);
    bool asks = code == STATUS_DONE && (cli_has(&cli, OPTION_help) || cli_has(&cli, OPTION_version));
    if (code == STATUS_DONE && network->trained)
        inherit(&network->cli, &cli);
    if (asks || (code == STATUS_DONE && cli.verb == VERB_info && !cli_has(&cli, OPTION_json)))
        code = flat_fail(status, BOUTON_USAGE, "%s",
                         asks ? "--help and --version are for the command line"
                              : "info: add --json; the table is for the command line");
    if (code == STATUS_DONE)
        code = verb_of(verb)(&cli);
    cli_free(&cli);
    free(words);
    return code;
}

int bouton_run(bouton_network *network, const char *verb, const char *const *options, char **printed,
               bouton_status *status)
{
    char name[PATH_MAX], *bytes = NULL, *text = NULL;
    size_t size = 0, length = 0;
    flat_begin(status);
    if (printed != NULL)
        *printed = NULL;
    if (verb_of(verb) == NULL)
        return flat_fail(status, BOUTON_USAGE,
                         "'%s' is no verb for a network; there are build, dump, eval, graph, info, "
                         "predict and report",
                         verb);
    pthread_rwlock_rdlock(&network->lock);
    name_of(network, name, sizeof name);
    int code = copy_bytes(network, &bytes, &size, status);
    pthread_rwlock_unlock(&network->lock); /* the verb works on the bytes */
    FILE *to = code == BOUTON_OK ? open_memstream(&text, &length) : NULL;
    if (code == BOUTON_OK && to == NULL)
        code = flat_fail_memory(status);
    if (code == BOUTON_OK)
        code = run(network, verb, options, &(held_file){.name = name, .bytes = bytes, .size = size}, to, status);
    if (to != NULL && fclose(to) != 0 && code == BOUTON_OK)
        code = flat_fail_memory(status);
    if (printed != NULL)
        *printed = text;
    else
        free(text);
    free(bytes);
    return flat_end(status, code);
}

int bouton_describe(bouton_network *network, char **json, bouton_status *status)
{
    return bouton_run(network, "info", (const char *const[]){"--json", NULL}, json, status);
}
