/* Writes the record of a run, MODEL.run.json: how the model was made. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "session/scoring.h"
#include "show/schema_view.h"
#include "system/machine.h"
#include "verbs/train.h"

/* If memory ran out, drops the value and returns NULL, so that no record is incomplete. */
static json_t *whole(json_t *value, bool lost)
{
    if (!lost)
        return value;
    json_decref(value);
    return NULL;
}

static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

/* A text that is not UTF-8, such as a file's name in another encoding, becomes null. */
static json_t *text_or_null(const char *text)
{
    json_t *value = json_string(text);
    return value != NULL ? value : json_null();
}

static json_t *arguments(const command_line *cli)
{
    json_t *list = json_array();
    bool lost = false;
    for (int i = 1; i < cli->argument_count; i++)
        lost = json_array_append_new(list, text_or_null(cli->arguments[i])) != 0 || lost;
    return whole(list, lost);
}

static json_t *hash_text(uint64_t hash)
{
    return json_sprintf("%016llx", (unsigned long long)hash);
}

/* A number, or a text if it is too large for an integer of JSON. */
static json_t *seed_json(uint64_t seed)
{
    return seed <= INT64_MAX ? json_integer((json_int_t)seed) : json_sprintf("%llu", (unsigned long long)seed);
}

/* The network with every default written out, so that the record does not depend on a later version's defaults. */
static json_t *settings(const session *s)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    if (to == NULL)
        return NULL;
    bl_dump_model(s->source.program, to);
    json_t *out = fclose(to) == 0 ? json_stringn(text, length) : NULL;
    free(text);
    return out;
}

static json_t *methods(const session *s)
{
    json_t *out = json_object();
    bool lost = false;
    for (uint32_t i = 0; i < s->source.program->layer_count; i++) {
        bt_method training, inference;
        double live;
        if (br_methods_of(s->compiled.network, i, &training, &inference, &live))
            lost = !put(out, s->source.program->layers[i].name,
                        json_pack("{s:s, s:s, s:f}", "form", bt_method_word(training), "answers",
                                  bt_method_word(inference), "live", live)) ||
                   lost;
    }
    return whole(out, lost);
}

static json_t *data_facts(const br_data *data, const br_file_facts *facts)
{
    json_t *out = json_pack("{s:o}", "hash", hash_text(facts->data_hash));
    bool lost = false;
    for (int split = 0; split < BT_SPLITS; split++)
        lost = !put(out, bt_split_word(split), json_integer((json_int_t)br_data_split(data, (bt_split)split)->count)) ||
               lost;
    return whole(out, lost);
}

/* A note that is not UTF-8 becomes null. */
static json_t *notes_json(const br_data *data)
{
    const br_note *notes;
    uint32_t count = br_data_notes(data, &notes);
    json_t *list = json_array();
    bool lost = false;
    for (uint32_t i = 0; i < count; i++) {
        json_t *text = json_string(notes[i].text);
        lost = json_array_append_new(list, text != NULL ? text : json_null()) != 0 || lost;
    }
    return whole(list, lost);
}

static json_t *results(const training_job *training)
{
    const br_train_result *result = &training->result;
    json_t *out =
        json_pack("{s:i, s:i, s:I, s:I}", "epochs", (int)result->epochs, "best_epoch", (int)result->best_epoch,
                  "samples", (json_int_t)result->samples, "idle_filters", (json_int_t)result->idle_filters);
    bool lost = false;
    for (int split = 0; split < BT_SPLITS; split++) {
        const training_score *score = &training->scores[split];
        if (score->scored)
            lost = !put(out, bt_split_word(split),
                        json_pack("{s:f, s:I, s:I}", "accuracy", (double)score->right / (double)score->samples, "right",
                                  (json_int_t)score->right, "samples", (json_int_t)score->samples)) ||
                   lost;
    }
    if (!result->stopped)
        lost = !put(out, "expectations_met", json_boolean(training->met)) || lost;
    return whole(out, lost);
}

static json_t *times(const training_job *training)
{
    char ended[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(ended, sizeof ended, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return json_pack("{s:s, s:f, s:f}", "ended", ended, "seconds", training->result.seconds, "learn_seconds",
                     training->result.learn_seconds);
}

/* JSON has no NAN. */
static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *epoch_json(const session *s, const br_history *history, uint32_t i)
{
    const br_epoch_facts *e = &history->epochs[i];
    json_t *live = json_object();
    bool lost = false;
    for (uint32_t l = 0; l < bl_model_layers(s->source.program); l++)
        lost = !put(live, s->source.program->layers[l].name,
                    real_or_null((double)history->live[(size_t)i * history->layer_count + l])) ||
               lost;
    return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:b, s:o}", "phase", s->source.program->phases[e->phase].name,
                     "epoch", (int)e->epoch, "error", real_or_null(e->error), "accuracy", real_or_null(e->accuracy),
                     "validation", real_or_null(e->validation), "seconds", real_or_null(e->seconds), "best",
                     (int)e->best, "live", whole(live, lost));
}

json_t *training_history(const session *s, const br_history *history)
{
    json_t *list = json_array();
    bool lost = false;
    for (uint32_t i = 0; i < history->epoch_count; i++)
        lost = json_array_append_new(list, epoch_json(s, history, i)) != 0 || lost;
    return whole(list, lost);
}

static json_t *record(const session *s, const br_data *data, const training_job *training)
{
    machine_info machine = machine_facts();
    json_t *versions = json_pack("{s:s, s:i, s:s}", "bouton", BR_VERSION, "interface", (int)BR_INTERFACE_VERSION,
                                 "llvm", bc_llvm_version());
    json_t *place =
        json_pack("{s:s, s:s, s:i}", "processor", machine.processor, "cpu", br_network_model(s->compiled.network)->cpu,
                  "threads", (int)(training->threads > 0 ? training->threads : machine.threads));
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:o, s:o, s:o}", "arguments",
                     arguments(s->cli), "versions", versions, "network", s->source.program->name, "model",
                     text_or_null(training->model), "machine", place, "seed", seed_json(s->source.seed), "data",
                     data_facts(data, &training->facts), "schema", schema_json(br_data_schema(data)), "notes",
                     notes_json(data), "settings", settings(s), "forms", methods(s), "stopped",
                     (int)training->result.stopped, "resumed_after_epochs", (json_int_t)training->resumed_at, "results",
                     results(training), "times", times(training), "history", training_history(s, training->history));
}

static int write_record(const command_line *cli, json_t *all, const char *path)
{
    br_error error;
    br_atomic_file *file;
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(cli, &error);
    FILE *to = br_atomic_stream(file);
    int failed = json_dumpf(all, to, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    if (failed != 0 || fputc('\n', to) == EOF) {
        br_atomic_discard(file);
        return fail(cli, STATUS_IO, "%s: can't be written", path);
    }
    return br_atomic_commit(file, &error) == 0 ? STATUS_DONE : fail_with(cli, &error);
}

int training_record(const session *s, const br_data *data, const training_job *training)
{
    char *path = training_path(s->cli, training->model, ".run.json");
    json_t *all = path != NULL ? record(s, data, training) : NULL;
    int status = path == NULL ? STATUS_FAULT : all == NULL ? fail_memory(s->cli) : STATUS_DONE;
    if (status == STATUS_DONE)
        status = write_record(s->cli, all, path);
    json_decref(all);
    free(path);
    return status;
}
