/* Answers, reasons and scores for samples of the caller. */
#include <stdlib.h>

#include "flat/array.h"
#include "flat/network.h"
#include "show/score_view.h"
#include "show/why_view.h"

/* Samples of a call, as the network reads them. */
typedef struct reading {
    command_line cli; /* the network's, with the messages of this call */
    flat_samples given;
    br_data *data;
    const br_samples *samples;
} reading;

static void tell_notes(const br_data *data, bouton_status *status)
{
    const br_note *notes;
    uint32_t count = br_data_notes(data, &notes);
    for (uint32_t i = 0; i < count; i++)
        flat_told(status, notes[i].warning ? MESSAGE_WARNING : MESSAGE_NOTE, notes[i].text);
}

static int encode(bouton_network *network, reading *r, bouton_status *status)
{
    br_error error;
    if (compiled_encode(&network->cli, &network->s.source, &network->s.compiled, NULL, r->data, &error) != 0)
        return flat_fail_with(status, &error);
    r->samples = br_data_split(r->data, BT_SPLIT_TEST);
    return BOUTON_OK;
}

/* Reads samples as those of a file: in the model's ranges, pictures turned as they were. */
static int prepare(bouton_network *network, reading *r, bouton_status *status)
{
    br_error error;
    br_reading how = session_reading(&network->s);
    if (br_inputs_given("X", &r->given.view, &how, &r->data, &error) != 0)
        return flat_fail_with(status, &error);
    tell_notes(r->data, status);
    r->samples = br_data_split(r->data, BT_SPLIT_TEST);
    return BOUTON_OK;
}

static void drop(reading *r)
{
    br_data_free(r->data);
    free(r->given.owned);
}

/* The first answers choose the methods of the layers, which changes the network. */
static void begin(bouton_network *network, reading *r, bouton_status *status)
{
    flat_begin(status);
    *r = (reading){0};
    pthread_rwlock_rdlock(&network->lock);
    if (!network->chosen) {
        pthread_rwlock_unlock(&network->lock);
        pthread_rwlock_wrlock(&network->lock);
    }
    r->cli = network->cli;
    r->cli.host.user = status;
}

static int end(bouton_network *network, reading *r, bouton_status *status, int code)
{
    if (!network->chosen) /* held for writing then: nobody else can have chosen since */
        network->chosen = code == BOUTON_OK;
    pthread_rwlock_unlock(&network->lock);
    drop(r);
    return flat_end(status, code);
}

int bouton_predict(bouton_network *network, const bouton_array *samples, uint32_t *labels, float *levels,
                   float *probabilities, bouton_status *status)
{
    reading r;
    br_error error;
    br_outputs out = {.labels = labels, .levels = levels, .probabilities = probabilities};
    begin(network, &r, status);
    int code = flat_check_trained(network, status);
    if (code == BOUTON_OK)
        code = flat_samples_of(samples, &r.given, status);
    if (code == BOUTON_OK)
        code = prepare(network, &r, status);
    if (code == BOUTON_OK)
        code = encode(network, &r, status);
    if (code == BOUTON_OK &&
        br_predict(network->s.compiled.network, r.samples, session_threads(&network->s), &out, &error) != 0)
        code = flat_fail_with(status, &error);
    return end(network, &r, status, code);
}

/* ---- reasons ---- */

static int print_reason(bouton_network *network, const br_answered *answer, char **json, bouton_status *status)
{
    size_t size;
    FILE *to = open_memstream(json, &size);
    if (to == NULL)
        return flat_fail_memory(status);
    br_answers answers = br_answers_begin(BR_ANSWERS_JSON, bouton_classes(network), network->s.source.schema, to);
    br_answers_print(&answers, answer);
    br_answers_end(&answers);
    return fclose(to) == 0 ? BOUTON_OK : flat_fail_memory(status);
}

static int answer_one(bouton_network *network, reading *r, const br_why *why, char **json, bouton_status *status)
{
    br_error error;
    uint32_t label, classes = bouton_classes(network);
    const bl_input *input = &network->s.source.program->input;
    char **names = NULL;
    float *rows = calloc(2 * (size_t)classes, sizeof *rows);
    int code = rows != NULL ? value_names(&r->cli, input, network->s.source.schema, &names) : flat_fail_memory(status);
    br_outputs out = {.labels = &label, .levels = rows, .probabilities = rows != NULL ? rows + classes : NULL};
    if (code == BOUTON_OK)
        code = encode(network, r, status);
    if (code == BOUTON_OK && br_predict(network->s.compiled.network, r->samples, 1, &out, &error) != 0)
        code = flat_fail_with(status, &error);
    br_reason reason = {.why = why, .names = (const char *const *)names};
    if (why->encoded > 0)
        reason.after = bt_encoding_kind_word(input->encodings[why->encoded - 1].kind);
    br_answered answer = {.input = "X",
                          .index = -1,
                          .label = code == BOUTON_OK ? label : 0,
                          .probabilities = out.probabilities,
                          .levels = out.levels,
                          .reason = &reason};
    if (code == BOUTON_OK)
        code = print_reason(network, &answer, json, status);
    value_names_free(input, names);
    free(rows);
    return code;
}

int bouton_why(bouton_network *network, const bouton_array *samples, uint64_t index, int64_t label, char **json,
               bouton_status *status)
{
    reading r;
    br_error error;
    br_why why = {0};
    *json = NULL;
    begin(network, &r, status);
    int code = flat_check_trained(network, status);
    if (code == BOUTON_OK)
        code = flat_sample_of(samples, index, &r.given, status);
    if (code == BOUTON_OK)
        code = prepare(network, &r, status);
    uint32_t asked = label < 0 ? BR_WHY_ANSWER : label < UINT32_MAX ? (uint32_t)label : UINT32_MAX - 1;
    if (code == BOUTON_OK &&
        br_why_new(network->s.compiled.network, network->s.compiled.encoder, r.samples, 0, asked, &why, &error) != 0)
        code = flat_fail_with(status, &error);
    if (code == BOUTON_OK)
        code = answer_one(network, &r, &why, json, status);
    br_why_free(&why);
    return end(network, &r, status, code);
}

/* ---- scores ---- */

static int print_score(bouton_network *network, const reading *r, const br_score *score, char **json,
                       bouton_status *status)
{
    size_t size;
    FILE *to = open_memstream(json, &size);
    if (to == NULL)
        return flat_fail_memory(status);
    score_subject subject = {.program = network->s.source.program, .schema = network->s.source.schema, .score = score};
    int code = score_print_json(&r->cli, &subject, to);
    return fclose(to) == 0 ? code : flat_fail_memory(status);
}

int bouton_score(bouton_network *network, const bouton_array *samples, const bouton_array *labels, char **json,
                 bouton_status *status)
{
    reading r;
    br_error error;
    br_score score = {0};
    uint32_t *truth = NULL;
    *json = NULL;
    begin(network, &r, status);
    int code = flat_check_trained(network, status);
    if (code == BOUTON_OK)
        code = flat_samples_of(samples, &r.given, status);
    if (code == BOUTON_OK)
        code = flat_labels_of(labels, r.given.view.count, &truth, status);
    if (code == BOUTON_OK)
        code = prepare(network, &r, status);
    if (code == BOUTON_OK)
        code = encode(network, &r, status);
    br_samples labelled = code == BOUTON_OK ? *r.samples : (br_samples){0};
    labelled.labels = truth;
    if (code == BOUTON_OK &&
        br_score_samples(network->s.compiled.network, &labelled, session_threads(&network->s), &score, &error) != 0)
        code = flat_fail_with(status, &error);
    if (code == BOUTON_OK)
        code = print_score(network, &r, &score, json, status);
    br_score_free(&score);
    free(truth);
    return end(network, &r, status, code);
}
