/* Training: the steps of `bouton train`, with samples of the caller or those that the text names. */
#include "verbs/train.h"

#include <stdlib.h>
#include <string.h>

#include "flat/array.h"
#include "flat/network.h"
#include "session/notes.h"
#include "show/metrics.h"

/* ---- progress ---- */

typedef struct watch {
    bouton_progress *progress;
    void *user;
    bouton_status *status;
    uint64_t epochs_ended;
    bool stop; /* the caller stopped the training while it was told of a stage */
} watch;

static bool tell(watch *w, json_t *what)
{
    char *text = json_dumps(what, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(what);
    bool stop = text != NULL && w->progress(w->user, text) != 0;
    free(text);
    return stop;
}

static bool on_progress(void *user, const br_progress *progress)
{
    watch *w = user;
    w->epochs_ended += progress->end_of_epoch;
    if (w->progress == NULL)
        return true;
    json_t *what = metrics_json(progress);
    if (what != NULL) {
        (void)json_object_set_new(what, "epochs", json_integer((json_int_t)progress->epochs));
        (void)json_object_set_new(what, "total", json_integer((json_int_t)progress->total));
        (void)json_object_set_new(what, "end", json_boolean(progress->end_of_epoch));
        w->stop = tell(w, what) || w->stop;
    }
    return !w->stop;
}

static void on_stage(void *user, const char *what)
{
    watch *w = user;
    if (w->progress != NULL)
        w->stop = tell(w, json_pack("{s:s}", "stage", what)) || w->stop;
}

static void on_warning(void *user, const br_error *warning)
{
    watch *w = user;
    flat_told(w->status, MESSAGE_WARNING, warning->message);
}

/* ---- data ---- */

/* The samples of the caller; the text's data block says how they are read. */
static int borrow_data(bouton_network *network, flat_samples given[BT_SPLITS], bool further, br_data **out,
                       bouton_status *status)
{
    br_data_spec spec;
    br_error error;
    br_samples views[BT_SPLITS];
    const network_source *source = &network->s.source;
    if (bc_lower_data(source->program, &spec, &error) != 0)
        return flat_fail_with(status, &error);
    uint32_t sources = spec.source_count;
    spec.source_count = 0;
    spec.schema = further ? source->schema : NULL;
    for (int i = 0; i < BT_SPLITS; i++)
        views[i] = given[i].view;
    int result = br_data_borrow(&spec, views, source->seed, out, &error);
    spec.source_count = sources; /* which are freed, too */
    bc_lowered_data_free(&spec);
    if (result != 0)
        return flat_fail_with(status, &error);
    notes_print(&network->cli, *out);
    return session_encode(&network->s, *out);
}

static int take_data(bouton_network *network, const bouton_data *data, flat_samples given[BT_SPLITS], bool further,
                     br_data **out, bouton_status *status)
{
    if (data == NULL)
        return session_data(&network->s, out);
    for (int i = 0; i < BT_SPLITS; i++) {
        int code = data->samples[i] != NULL ? flat_samples_of(data->samples[i], &given[i], status) : BOUTON_OK;
        if (code != BOUTON_OK)
            return code;
        given[i].view.labels = data->labels[i];
    }
    return borrow_data(network, given, further, out, status);
}

/* ---- the network ---- */

/* A network as `bouton train` begins with it. */
static int begin_again(bouton_network *network, bouton_status *status)
{
    compiled_network *c = &network->s.compiled;
    br_error error;
    flat_drop_model(network);
    network->chosen = false;
    br_network_free(c->network);
    c->network = NULL;
    br_encoder_free(c->encoder);
    c->encoder = NULL;
    br_schema_free(network->s.source.schema);
    network->s.source.schema = NULL;
    if (br_network_new(bc_code_model(c->code), &c->network, &error) != 0 ||
        br_network_start(c->network, c->schedule.starts, network->s.source.seed, &error) != 0)
        return flat_fail_with(status, &error);
    return BOUTON_OK;
}

/* A loaded model has no code for training until it is asked to learn more. */
static int prepare(bouton_network *network, int64_t seed, bool further, bouton_status *status)
{
    session *s = &network->s;
    if (s->source.program->phase_count == 0)
        return training_check(&network->cli, &s->source);
    int code = further ? BOUTON_OK : training_check(&network->cli, &s->source);
    if (code != BOUTON_OK)
        return code;
    s->source.seed = seed >= 0                     ? (uint64_t)seed
                     : network->trained && further ? network->facts.seed
                                                   : s->source.program->seed;
    if (s->compiled.inference_only) {
        compiled_free(&network->cli, &s->compiled);
        code = session_compile(s);
    } else if (!(further && network->trained))
        code = begin_again(network, status);
    s->compiled.schedule.seed = s->source.seed;
    return code;
}

/* ---- training ---- */

/* Takes the state from the model file, as loading it does: then it answers with the same bits. */
static int settle(bouton_network *network, bouton_status *status)
{
    br_error error;
    br_model_file *model;
    br_network *settled = NULL;
    compiled_network *c = &network->s.compiled;
    held_file held = {.name = network->s.source.path, .bytes = network->model, .size = network->model_size};
    FILE *file = source_hold(&network->cli, &held);
    if (file == NULL)
        return BOUTON_FAULT;
    int result = br_model_read(file, held.name, &model, &error);
    fclose(file);
    if (result != 0)
        return flat_fail_with(status, &error);
    result = br_network_new(bc_code_model(c->code), &settled, &error);
    if (result == 0)
        result = br_network_start(settled, c->schedule.starts, network->s.source.seed, &error);
    if (result == 0)
        result = br_model_restore(model, settled, &error);
    br_model_close(model);
    if (result != 0) {
        br_network_free(settled);
        return flat_fail_with(status, &error);
    }
    br_network_free(c->network);
    c->network = settled;
    return BOUTON_OK;
}

/* Keeps the model file and what was written into it. The schema decides how later samples are read. */
static int keep_model(bouton_network *network, training_job *training, bouton_status *status)
{
    br_error error;
    br_file_facts facts;
    br_schema *schema = NULL;
    int code = training_complete_facts(&network->s, training, &facts);
    if (code != BOUTON_OK)
        return code;
    if (br_schema_read(facts.schema, &schema, &error) != 0)
        code = flat_fail_with(status, &error);
    if (code == BOUTON_OK)
        code = flat_write(network, &facts, &network->model, &network->model_size, status);
    if (code != BOUTON_OK) {
        br_schema_free(schema);
        training_drop_facts(&facts);
        return code;
    }
    br_schema_free(network->s.source.schema);
    network->s.source.schema = schema;
    network->facts = facts;
    network->own_facts = true;
    network->trained = true;
    training->facts.schema = NULL;
    return BOUTON_OK;
}

static int learn(bouton_network *network, const br_data *data, watch *w, uint32_t threads, training_job *training)
{
    session *s = &network->s;
    br_error error;
    int code = training_facts(s, data, &training->facts);
    if (code != BOUTON_OK)
        return code;
    if (br_history_new(br_network_model(s->compiled.network)->layer_count, &training->history, &error) != 0)
        return flat_fail_with(w->status, &error);
    br_train_options options = {.threads = threads,
                                .progress = on_progress,
                                .warn = on_warning,
                                .stage = on_stage,
                                .user = w,
                                .history = training->history};
    flat_drop_model(network); /* it is that of another state from here on */
    network->chosen = false;
    if (br_train(s->compiled.network, &s->compiled.schedule, data, &options, &training->result, &error) != 0)
        return flat_fail_with(w->status, &error);
    training->epochs_ended = w->epochs_ended;
    code = keep_model(network, training, w->status);
    if (code == BOUTON_OK)
        code = settle(network, w->status);
    return code == BOUTON_OK && training->result.stopped ? BOUTON_STOPPED : code;
}

static int train(bouton_network *network, const bouton_data *data, int64_t seed, uint32_t threads, bool further,
                 watch *w)
{
    br_data *samples = NULL;
    flat_samples given[BT_SPLITS] = {0};
    training_job training = {0};
    flat_enter(network, w->status);
    further = further && network->trained;
    int code = prepare(network, seed, further, w->status);
    if (code == BOUTON_OK)
        code = take_data(network, data, given, further, &samples, w->status);
    if (code == BOUTON_OK)
        code = learn(network, samples, w, threads, &training);
    free((char *)training.facts.schema);
    br_history_free(training.history);
    br_data_free(samples);
    for (int i = 0; i < BT_SPLITS; i++)
        free(given[i].owned);
    return flat_leave(network, w->status, code);
}

int bouton_train(bouton_network *network, const bouton_data *data, int64_t seed, uint32_t threads,
                 bouton_progress *progress, void *user, bouton_status *status)
{
    return train(network, data, seed, threads, false, &(watch){.progress = progress, .user = user, .status = status});
}

int bouton_train_on(bouton_network *network, const bouton_data *data, int64_t seed, uint32_t threads,
                    bouton_progress *progress, void *user, bouton_status *status)
{
    return train(network, data, seed, threads, true, &(watch){.progress = progress, .user = user, .status = status});
}

/* ---- history ---- */

int bouton_history(bouton_network *network, char **json, bouton_status *status)
{
    br_error error;
    br_history *history = NULL;
    *json = NULL;
    flat_enter(network, status);
    int code = flat_check_trained(network, status);
    if (code == BOUTON_OK && network->facts.history != NULL &&
        br_history_read(network->facts.history, &history, &error) != 0)
        code = flat_fail_with(status, &error);
    if (code == BOUTON_OK && history != NULL &&
        !br_history_fits(history, bl_model_layers(network->s.source.program), network->s.source.program->phase_count))
        code = flat_fail(status, BOUTON_IO, "%s: is damaged: its history is that of another network; train it again",
                         network->s.source.path);
    if (code == BOUTON_OK) {
        json_t *all = history != NULL ? training_history(&network->s, history) : json_array();
        *json = json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(9));
        json_decref(all);
        code = *json != NULL ? BOUTON_OK : flat_fail_memory(status);
    }
    br_history_free(history);
    return flat_leave(network, status, code);
}
