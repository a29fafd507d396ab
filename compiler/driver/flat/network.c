#include "flat/network.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "verbs/train.h"

void flat_enter(bouton_network *network, bouton_status *status)
{
    flat_begin(status);
    pthread_rwlock_wrlock(&network->lock);
    network->cli.host.user = status;
}

int flat_leave(bouton_network *network, bouton_status *status, int code)
{
    network->cli.host.user = NULL;
    pthread_rwlock_unlock(&network->lock);
    return flat_end(status, code);
}

int flat_write(const bouton_network *network, const br_file_facts *facts, char **out, size_t *size,
               bouton_status *status)
{
    br_error error;
    char *bytes = NULL;
    FILE *to = open_memstream(&bytes, size);
    if (to == NULL)
        return flat_fail_memory(status);
    int code = BOUTON_OK;
    if (br_model_write_to(to, network->s.source.path, network->s.compiled.network, facts, &error) != 0)
        code = flat_fail_with(status, &error);
    if (fclose(to) != 0 && code == BOUTON_OK)
        code = flat_fail_memory(status);
    if (code != BOUTON_OK) {
        free(bytes);
        return code;
    }
    *out = bytes;
    return BOUTON_OK;
}

void flat_drop_model(bouton_network *network)
{
    free(network->model);
    network->model = NULL;
    network->model_size = 0;
    if (network->own_facts) {
        free((char *)network->facts.schema);
        training_drop_facts(&network->facts);
    }
    network->facts = (br_file_facts){0};
    network->own_facts = false;
    network->trained = false;
}

int flat_check_trained(const bouton_network *network, bouton_status *status)
{
    if (network->trained)
        return BOUTON_OK;
    return flat_fail(status, BOUTON_USAGE, "%s: the network has not been trained; train it, or load a trained model",
                     network->s.source.path);
}

/* ---- the command line ---- */

/* Options that belong to a network, whatever is done with it. */
static const option_id allowed[] = {OPTION_set, OPTION_network, OPTION_data, OPTION_cpu, OPTION_threads};

static int check_options(const command_line *cli, bouton_status *status)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        bool known = !cli_has(cli, (option_id)id);
        for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
            known = known || allowed[i] == (option_id)id;
        if (!known)
            return flat_fail(status, BOUTON_USAGE,
                             "--%s does not belong to a network; there are --set, --network, --data, --cpu and "
                             "--threads",
                             option_rows[id].name);
    }
    return BOUTON_OK;
}

/* bouton train OPTION... -- NAME: the words are copied, because the command line borrows them. */
static bool copy_words(bouton_network *network, const char *name, const char *const *options)
{
    const char *const before[] = {"bouton", "train"}, *const behind[] = {"--", name};
    int count = 0;
    while (options != NULL && options[count] != NULL)
        count++;
    network->words = calloc((size_t)count + 4, sizeof *network->words);
    network->word_count = network->words != NULL ? count + 4 : 0;
    bool whole = network->words != NULL;
    for (int i = 0; i < network->word_count; i++) {
        const char *word = i < 2 ? before[i] : i < count + 2 ? options[i - 2] : behind[i - count - 2];
        network->words[i] = strdup(word);
        whole = whole && network->words[i] != NULL;
    }
    return whole;
}

/* ---- opening ---- */

static int open_session(bouton_network *network, bouton_status *status)
{
    session *s = &network->s;
    int code = session_open(s, &network->cli, network->cli.operands[0]);
    if (code == STATUS_DONE)
        code = session_check(s);
    if (code == STATUS_DONE && s->source.file != NULL && network->cli.host.held.name == NULL)
        code = flat_fail(status, BOUTON_USAGE, "%s: a trained model is loaded from a file, not from a pipe",
                         s->source.path);
    if (s->source.file == NULL)
        flat_diagnose(status, s->source.context);
    if (code != STATUS_DONE)
        return code;
    s->compiled.inference_only = s->source.file != NULL;
    code = session_compile(s);
    if (code != STATUS_DONE)
        return code;
    network->text = bl_source_text(s->source.context);
    if (network->text == NULL)
        return flat_fail_memory(status);
    network->trained = s->source.file != NULL;
    if (!network->trained)
        return BOUTON_OK;
    network->facts = *s->source.facts;
    network->model_size = network->cli.host.held.size;
    network->model = malloc(network->model_size);
    if (network->model == NULL)
        return flat_fail_memory(status);
    memcpy(network->model, network->cli.host.held.bytes, network->model_size);
    return BOUTON_OK;
}

static int open_network(const char *name, const held_file *held, const char *const *options, bouton_network **out,
                        bouton_status *status)
{
    flat_begin(status);
    *out = NULL;
    bouton_network *network = calloc(1, sizeof *network);
    if (network == NULL)
        return flat_fail_memory(status);
    pthread_rwlock_init(&network->lock, NULL);
    verb_host host = {.told = flat_told, .user = status, .held = *held};
    int code = copy_words(network, name, options) ? BOUTON_OK : flat_fail_memory(status);
    if (code == BOUTON_OK)
        code = cli_parse(&network->cli, &host, network->word_count, network->words);
    if (code == BOUTON_OK)
        code = check_options(&network->cli, status);
    if (code == BOUTON_OK)
        code = open_session(network, status);
    network->cli.host.held = (held_file){0};
    network->cli.host.user = NULL;
    if (code != BOUTON_OK) {
        bouton_free(network);
        return flat_end(status, code);
    }
    *out = network;
    return flat_end(status, code);
}

int bouton_load_bytes(const char *name, const void *bytes, size_t size, const char *const *options,
                      bouton_network **out, bouton_status *status)
{
    return open_network(name, &(held_file){.name = name, .bytes = bytes, .size = size}, options, out, status);
}

int bouton_compile(const char *name, const char *text, size_t length, const char *const *options, bouton_network **out,
                   bouton_status *status)
{
    return bouton_load_bytes(name, text, length, options, out, status);
}

/* Reads a whole regular file. Anything else, and what fails, is left to the session, which says why. */
static void hold(const char *path, char **bytes, size_t *size)
{
    struct stat facts;
    FILE *file = stat(path, &facts) == 0 && S_ISREG(facts.st_mode) ? fopen(path, "rb") : NULL;
    *bytes = file != NULL ? malloc((size_t)facts.st_size + 1) : NULL;
    *size = *bytes != NULL ? fread(*bytes, 1, (size_t)facts.st_size, file) : 0;
    if (file != NULL)
        fclose(file);
    if (*size != (size_t)facts.st_size) {
        free(*bytes);
        *bytes = NULL;
    }
}

int bouton_load(const char *path, const char *const *options, bouton_network **out, bouton_status *status)
{
    char *bytes = NULL;
    size_t size = 0;
    hold(path, &bytes, &size);
    held_file held = {.name = bytes != NULL ? path : NULL, .bytes = bytes, .size = size};
    int code = open_network(path, &held, options, out, status);
    free(bytes);
    return code;
}

void bouton_free(bouton_network *network)
{
    if (network == NULL)
        return;
    flat_drop_model(network);
    if (network->s.cli != NULL)
        session_close(&network->s);
    cli_free(&network->cli);
    for (int i = 0; i < network->word_count; i++)
        free(network->words[i]);
    free(network->words);
    pthread_rwlock_destroy(&network->lock);
    free(network);
}

/* ---- facts ---- */

uint64_t bouton_values(const bouton_network *network)
{
    return bl_sample_values(&network->s.source.program->input);
}

uint32_t bouton_classes(const bouton_network *network)
{
    return bl_last_layer(network->s.source.program)->neurons;
}

int bouton_trained(bouton_network *network)
{
    pthread_rwlock_rdlock(&network->lock);
    int trained = network->trained;
    pthread_rwlock_unlock(&network->lock);
    return trained;
}
