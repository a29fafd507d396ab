#include "sweep/run.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/state.h"

/* ---- results ---- */

static void read_score(const json_t *all, bt_split split, training_score *out)
{
    json_int_t right, samples;
    const json_t *score = json_object_get(all, bt_split_word(split));
    *out = (training_score){0};
    if (score == NULL || json_unpack((json_t *)score, "{s:I, s:I}", "right", &right, "samples", &samples) != 0)
        return;
    if (samples > 0 && right >= 0 && right <= samples)
        *out = (training_score){true, (uint64_t)right, (uint64_t)samples};
}

bool run_read(const sweep *s, sweep_run *run)
{
    int epochs, best;
    run_result result = {0};
    char *path = run_path(s, run, RUN_RESULT);
    json_t *all = path != NULL ? json_load_file(path, 0, NULL) : NULL;
    free(path);
    bool whole = all != NULL && json_unpack(all, "{s:i, s:i, s:f}", "epochs", &epochs, "best_epoch", &best, "seconds",
                                            &result.seconds) == 0;
    for (int split = 0; whole && split < BT_SPLITS; split++)
        read_score(all, (bt_split)split, &result.scores[split]);
    json_decref(all);
    if (!whole)
        return false;
    result.epochs = (uint32_t)epochs;
    result.best_epoch = (uint32_t)best;
    run->result = result;
    return true;
}

static json_t *settings_json(const sweep *s, const sweep_run *run)
{
    json_t *out = json_object();
    for (size_t i = 0; i < s->grid.axis_count; i++)
        if (json_object_set_new(out, s->grid.axes[i].name, json_string(grid_value(&s->grid, run->row, i))) != 0) {
            json_decref(out);
            return NULL;
        }
    return out;
}

static json_t *result_json(const sweep *s, const sweep_run *run)
{
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->grid.seeds[run->seed]);
    const run_result *result = &run->result;
    json_t *out = json_pack("{s:s, s:s, s:o, s:s, s:i, s:i, s:f}", "version", BR_VERSION, "network", s->network,
                            "settings", settings_json(s, run), "seed", seed, "epochs", (int)result->epochs,
                            "best_epoch", (int)result->best_epoch, "seconds", result->seconds);
    for (int split = 0; out != NULL && split < BT_SPLITS; split++) {
        const training_score *score = &result->scores[split];
        if (score->scored && json_object_set_new(out, bt_split_word((bt_split)split),
                                                 json_pack("{s:I, s:I}", "right", (json_int_t)score->right, "samples",
                                                           (json_int_t)score->samples)) != 0) {
            json_decref(out);
            out = NULL;
        }
    }
    return out;
}

static int write_json(const sweep *s, const sweep_run *run, const char *name, const json_t *all, br_error *error)
{
    br_atomic_file *file;
    char *path = run_path(s, run, name);
    int status = -1;
    if (all == NULL || path == NULL)
        br_fail(error, BR_ERROR_FAULT, "out of memory while writing the result of a run");
    else if (br_atomic_open(path, &file, error) == 0) {
        FILE *to = br_atomic_stream(file);
        json_dumpf(all, to, JSON_INDENT(2) | JSON_REAL_PRECISION(17)); /* a failed write shows in br_atomic_commit */
        fputc('\n', to);
        status = br_atomic_commit(file, error);
    }
    free(path);
    return status;
}

int run_write(const sweep *s, const sweep_run *run, br_error *error)
{
    json_t *all = result_json(s, run);
    int status = write_json(s, run, RUN_RESULT, all, error);
    json_decref(all);
    return status;
}

/* ---- pauses: accuracies by the number of epochs ---- */

/* Epochs of a row's schedule; a competing phase counts as one. */
static uint64_t epochs_of(const bl_program *program)
{
    uint64_t epochs = 0;
    for (uint32_t i = 0; i < program->phase_count; i++)
        epochs += program->phases[i].kind == BT_PHASE_COMPETE ? 1 : program->phases[i].epochs;
    return epochs;
}

/* The epochs after which a run is paused; all of them: it is not. */
static uint64_t epochs_until(const bl_program *program, double until)
{
    uint64_t epochs = epochs_of(program), limit = (uint64_t)ceil((double)epochs * until);
    return limit < epochs ? limit : epochs;
}

double run_share_until(const sweep *s, size_t row, double until)
{
    const bl_program *program = s->rows[row].source.program;
    return (double)epochs_until(program, until) / (double)epochs_of(program);
}

static json_t *read_pauses(const sweep *s, const sweep_run *run)
{
    char *path = run_path(s, run, RUN_PAUSES);
    json_t *all = path != NULL ? json_load_file(path, 0, NULL) : NULL;
    free(path);
    return all;
}

static void pause_key(const sweep *s, const sweep_run *run, double until, char key[24])
{
    uint64_t epochs = epochs_until(s->rows[run->row].source.program, until);
    snprintf(key, 24, "%llu", (unsigned long long)epochs);
}

bool run_paused_at(const sweep *s, const sweep_run *run, double until, double *out)
{
    char key[24];
    json_t *all = read_pauses(s, run);
    pause_key(s, run, until, key);
    const json_t *value = json_object_get(all, key);
    bool found = json_is_real(value) || json_is_integer(value);
    if (found)
        *out = json_number_value(value);
    json_decref(all);
    return found;
}

static int write_pause(const sweep *s, const sweep_run *run, double until, br_error *error)
{
    char key[24];
    json_t *all = read_pauses(s, run);
    if (!json_is_object(all)) {
        json_decref(all);
        all = json_object();
    }
    pause_key(s, run, until, key);
    int status = -1;
    if (json_object_set_new(all, key, json_real(run->paused_at)) != 0)
        br_fail(error, BR_ERROR_FAULT, "out of memory while writing the result of a run");
    else
        status = write_json(s, run, RUN_PAUSES, all, error);
    json_decref(all);
    return status;
}

/* ---- the folder, which one process holds at a time ---- */

/* Opens the run's folder and holds it until it is closed or the process ends. On file systems without locks, it is just
 * opened. */
static run_state hold_folder(const char *path, int *out, br_error *error)
{
    if ((mkdir(path, 0777) != 0 && errno != EEXIST) || (*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        br_fail(error, BR_ERROR_IO, "%s: can't be made: %s", path, strerror(errno));
        return RUN_FAILED;
    }
    if (flock(*out, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(*out);
        return RUN_BUSY;
    }
    return RUN_ACTIVE;
}

/* ---- training ---- */

typedef struct run_training {
    sweep_share *share;
    sweep_run *run;
    const run_watch *watch;
    const sweep_row *row;
    run_share shared;
    char *model, *checkpoint, *schema;
    br_schedule schedule;
    br_network *network;
    br_checkpoint *resume;
    br_history *history;
    br_file_facts facts;
    const run_aim *aim;
    uint64_t epochs, epochs_ended; /* of the whole schedule; a competing phase counts as one */
    uint64_t limit;                /* epochs after which the run is paused */
    bool paused;
} run_training;

static bool on_progress(void *user, const br_progress *progress)
{
    run_training *t = user;
    double part = progress->total > 0 ? (double)progress->done / (double)progress->total : 0;
    t->epochs_ended += progress->end_of_epoch;
    double share = ((double)t->epochs_ended + (progress->end_of_epoch ? 0 : part)) / (double)t->epochs;
    /* a competing phase tells no accuracy, so that a pause waits for the epoch that does */
    t->paused = progress->end_of_epoch && progress->validation >= 0 && t->epochs_ended >= t->limit &&
                t->epochs_ended < t->epochs;
    if (t->paused)
        t->run->paused_at = progress->validation;
    return t->watch->progress(t->watch->user, share) && !t->paused;
}

/* A step without samples of its own: the share of the schedule stays. */
static bool on_advance(void *user, uint64_t done, uint64_t total)
{
    const run_training *t = user;
    (void)done;
    (void)total;
    return t->watch->progress(t->watch->user, (double)t->epochs_ended / (double)t->epochs);
}

static void on_warning(void *user, const br_error *warning)
{
    const run_training *t = user;
    t->watch->say(t->watch->user, MESSAGE_WARNING, warning->message);
}

static int prepare_facts(run_training *t, br_error *error)
{
    const sweep *s = t->share->s;
    if (br_schema_write(br_data_schema(t->shared.data), &t->schema, error) != 0)
        return -1;
    t->facts = (br_file_facts){.source = t->row->text,
                               .lines = t->row->lines,
                               .schema = t->schema,
                               .network = t->row->source.program->name,
                               .version = BR_VERSION,
                               .seed = s->grid.seeds[t->run->seed],
                               .data_hash = br_data_hash(t->shared.data)};
    if (t->shared.encoder != NULL) {
        t->facts.encoder = br_encoder_numbers(t->shared.encoder);
        t->facts.encoder_count = br_encoder_count(t->shared.encoder);
    }
    return 0;
}

/* A checkpoint that can't be used, because another processor or version wrote it, does not keep the run from being
 * trained from the beginning. */
static void open_checkpoint(run_training *t)
{
    br_error why;
    if (br_checkpoint_open(t->checkpoint, br_network_model(t->network), &t->schedule, &t->facts, &t->resume, &why) != 0)
        t->watch->say(t->watch->user, MESSAGE_NOTE, why.message);
    if (t->resume != NULL && t->limit < t->epochs && br_checkpoint_position(t->resume)->ended >= t->limit) {
        br_checkpoint_free(t->resume); /* beyond the pause, whose accuracy is not known */
        t->resume = NULL;
    }
    if (t->resume != NULL)
        t->epochs_ended = br_checkpoint_position(t->resume)->ended;
}

static int prepare(run_training *t, br_error *error)
{
    const sweep *s = t->share->s;
    t->model = run_path(s, t->run, RUN_MODEL);
    t->checkpoint = run_path(s, t->run, RUN_CHECKPOINT);
    if (t->model == NULL || t->checkpoint == NULL)
        return br_fail(error, BR_ERROR_FAULT, "out of memory while preparing a run");
    if (share_take(t->share, t->run, &t->shared, error) != 0 ||
        bc_lower_schedule(t->row->source.program, &t->schedule, error) != 0)
        return -1;
    t->schedule.seed = s->grid.seeds[t->run->seed];
    t->epochs = epochs_of(t->row->source.program);
    t->limit = epochs_until(t->row->source.program, t->aim->until);
    if (br_history_new(bc_code_model(t->shared.code)->layer_count, &t->history, error) != 0 ||
        br_network_new(bc_code_model(t->shared.code), &t->network, error) != 0 ||
        br_network_start(t->network, t->schedule.starts, t->schedule.seed, error) != 0 || prepare_facts(t, error) != 0)
        return -1;
    open_checkpoint(t);
    return 0;
}

/* Scores the network as its file holds it. */
static int score(run_training *t, bt_split split, br_error *error)
{
    br_score result;
    const br_samples *samples = br_data_split(t->shared.data, split);
    if (samples->count == 0)
        return 0;
    if (br_score_samples(t->network, samples, 1, &result, error) != 0)
        return -1;
    t->run->result.scores[split] = (training_score){true, result.right, result.samples};
    br_score_free(&result);
    return 0;
}

static int write_model(run_training *t, br_error *error)
{
    char *history;
    if (br_history_write(t->history, false, &history, error) != 0)
        return -1;
    training_position(&t->schedule, t->epochs_ended, &t->facts);
    t->facts.history = history;
    int status = br_model_write(t->model, t->network, &t->facts, error);
    t->facts.history = NULL;
    free(history);
    return status;
}

static run_state learn(run_training *t, br_error *error)
{
    const sweep *s = t->share->s;
    br_train_result result;
    br_train_options options = {.threads = 1,
                                .progress = on_progress,
                                .warn = on_warning,
                                .advance = on_advance,
                                .user = t,
                                .checkpoint = t->checkpoint,
                                .facts = &t->facts,
                                .save_every = cli_number(s->cli, OPTION_save_every, SAVE_EVERY_DEFAULT),
                                .resume = t->resume,
                                .history = t->history};
    if (br_train(t->network, &t->schedule, t->shared.data, &options, &result, error) != 0)
        return RUN_FAILED;
    if (result.stopped && t->paused)
        return write_pause(s, t->run, t->aim->until, error) == 0 ? RUN_PAUSED : RUN_FAILED;
    if (result.stopped)
        return RUN_STOPPED;
    if (write_model(t, error) != 0)
        return RUN_FAILED;
    t->run->result = (run_result){.epochs = result.epochs, .best_epoch = result.best_epoch, .seconds = result.seconds};
    if (state_settle(s->cli, t->network) != STATUS_DONE) {
        br_fail(error, BR_ERROR_FAULT, "the trained network can't be read back");
        return RUN_FAILED;
    }
    if (score(t, BT_SPLIT_VALIDATION, error) != 0 || (s->on == BT_SPLIT_TRAIN && score(t, s->on, error) != 0) ||
        (t->aim->scores_test && score(t, BT_SPLIT_TEST, error) != 0) || run_write(s, t->run, error) != 0)
        return RUN_FAILED;
    remove(t->checkpoint); /* the result is there: the run will not be resumed */
    return RUN_DONE;
}

static run_state train(sweep_share *share, sweep_run *run, const run_aim *aim, const run_watch *watch, br_error *error)
{
    run_training t = {.share = share, .run = run, .watch = watch, .aim = aim, .row = &share->s->rows[run->row]};
    run_state state;
    if (prepare(&t, error) == 0)
        state = learn(&t, error);
    else
        state = watch->progress(watch->user, 0) ? RUN_FAILED : RUN_STOPPED; /* a signal ends the encoding, too */
    br_checkpoint_free(t.resume);
    br_history_free(t.history);
    br_network_free(t.network);
    bc_lowered_schedule_free(&t.schedule);
    free(t.schema);
    free(t.checkpoint);
    free(t.model);
    return state;
}

run_state run_train(sweep_share *share, sweep_run *run, const run_aim *aim, const run_watch *watch, br_error *error)
{
    int folder = -1;
    char *path = run_path(share->s, run, "");
    run_state state = RUN_FAILED;
    if (path == NULL)
        br_fail(error, BR_ERROR_FAULT, "out of memory while preparing a run");
    else
        state = hold_folder(path, &folder, error);
    free(path);
    if (state == RUN_ACTIVE && run_read(share->s, run)) /* another process has finished it meanwhile */
        state = RUN_DONE;
    if (state == RUN_ACTIVE)
        state = train(share, run, aim, watch, error);
    share_leave(share, run);
    if (folder >= 0 && state != RUN_BUSY)
        close(folder);
    return state;
}
