/* Writing and reading checkpoints. Both pass over the same list of fields, so the layout is defined once. */
#include "train/checkpoint.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "engine/choose.h"
#include "engine/methods.h"
#include "model/store.h"

#define MAGIC        "bouton\1e"   /* 8 bytes without the terminating 0; the last one tells the format */
#define HISTORY_MOST (64ull << 20) /* bytes */

_Static_assert(sizeof(br_checkpoint_head) == 8 + 32 + 64 + 8 * 31, "the head has no holes");

/* ---- the run that a checkpoint belongs to ---- */

/* Inference methods round differently, so a checkpoint is only valid for the methods it was made with. */
static uint64_t plan_hash(const br_model *model)
{
    uint64_t sum = BR_HASH_START;
    for (uint32_t i = 0; i < model->layer_count; i++) {
        const br_layer_code *code = &model->layers[i];
        sum = br_hash_bytes(sum, &code->layout.rows, sizeof code->layout.rows);
        sum = br_hash_bytes(sum, &code->layout.pitch, sizeof code->layout.pitch);
        sum = br_hash_bytes(sum, &code->layout.dense_above, sizeof code->layout.dense_above);
    }
    return sum;
}

void br_checkpoint_identify(br_checkpoint_head *head, const br_model *model, const br_file_facts *facts)
{
    memcpy(head->magic, MAGIC, sizeof head->magic);
    snprintf(head->version, sizeof head->version, "%s", BR_VERSION);
    snprintf(head->cpu, sizeof head->cpu, "%s", model->cpu);
    head->interface = BR_INTERFACE_VERSION;
    head->text = br_hash_bytes(BR_HASH_START, facts->source, strlen(facts->source));
    head->plan = plan_hash(model);
    head->seed = facts->seed;
    head->data = facts->data_hash;
}

/* ---- the layout ---- */

typedef struct checkpoint_stream { /* reads or writes, and computes the checksum */
    FILE *stream;
    bool write;
    uint64_t bytes;
    uLong sum;
    bool failed;
} checkpoint_stream;

static void pass(checkpoint_stream *c, void *bytes, uint64_t count)
{
    uint64_t passed = count;
    if (c->stream && !c->failed && c->write)
        passed = fwrite(bytes, 1, count, c->stream);
    else if (c->stream && !c->failed)
        passed = fread(bytes, 1, count, c->stream);
    c->failed |= passed != count;
    if (c->stream && !c->failed)
        c->sum = crc32_z(c->sum, bytes, count);
    c->bytes += count;
}

enum { FLAG_CALIBRATED, FLAG_DENSE, FLAG_MEASURED, FLAG_STARTED, FLAGS };

static void pass_layer(checkpoint_stream *c, const br_layer_code *code, br_layer_bounds *layer, bool *started)
{
    bool dense = layer->training == BT_METHOD_DENSE;
    bool *const at[FLAGS] = {&layer->calibrated, &dense, &layer->measured, started};
    uint8_t flags[FLAGS];
    for (int i = 0; i < FLAGS; i++)
        flags[i] = *at[i];
    pass(c, flags, sizeof flags);
    for (int i = 0; i < FLAGS; i++)
        *at[i] = flags[i] != 0;
    layer->training = dense ? BT_METHOD_DENSE : BT_METHOD_EVENTS;
    pass(c, &layer->calibration, sizeof layer->calibration);
    pass(c, &layer->live_share, sizeof layer->live_share);
    pass(c, layer->bounds, br_layer_bounds_count(code) * sizeof *layer->bounds);
    pass(c, layer->theta, br_theta_count(code) * sizeof *layer->theta);
    pass(c, layer->conscience, code->layout.pitch * sizeof *layer->conscience);
}

static void pass_moments(checkpoint_stream *c, const br_model *model, const br_moments *moments)
{
    for (uint32_t i = 0; i < model->layer_count; i++) {
        uint64_t bytes = br_moments_count(&model->layers[i]) * sizeof(float);
        if (moments->step[i])
            pass(c, moments->step[i], bytes);
        if (moments->square[i])
            pass(c, moments->square[i], bytes);
    }
}

static void pass_masks(checkpoint_stream *c, const br_model *model, const br_masks *masks)
{
    for (uint32_t i = 0; i < model->layer_count; i++)
        if (masks->each[i])
            pass(c, masks->each[i], br_layer_bounds_count(&model->layers[i]) * sizeof **masks->each);
}

/* Passes everything after the head. A stream without a file only counts bytes. */
static void pass_state(checkpoint_stream *c, br_checkpoint *checkpoint)
{
    const br_model *model = checkpoint->network->model;
    for (uint32_t i = 0; i < model->layer_count; i++)
        pass_layer(c, &model->layers[i], &checkpoint->network->layers[i], &checkpoint->started[i]);
    for (uint32_t i = 0; checkpoint->head.has_best && i < model->layer_count; i++)
        pass_layer(c, &model->layers[i], &checkpoint->best->layers[i], &checkpoint->started[i]);
    if (checkpoint->head.moments)
        pass_moments(c, model, checkpoint->moments);
    if (checkpoint->head.masks)
        pass_masks(c, model, checkpoint->masks);
    pass(c, checkpoint->wins, checkpoint->head.wins * sizeof *checkpoint->wins);
    if (checkpoint->head.history > 0)
        pass(c, checkpoint->history, checkpoint->head.history);
}

static uint64_t whole_size(br_checkpoint *checkpoint)
{
    checkpoint_stream counting = {0};
    pass_state(&counting, checkpoint);
    return sizeof checkpoint->head + counting.bytes + sizeof(uint32_t);
}

/* ---- written ---- */

int br_checkpoint_write(const char *path, br_checkpoint *checkpoint, br_error *error)
{
    br_atomic_file *file;
    checkpoint->head.bytes = whole_size(checkpoint);
    if (br_atomic_open(path, &file, error) != 0)
        return -1;
    checkpoint_stream c = {.stream = br_atomic_stream(file), .write = true};
    pass(&c, &checkpoint->head, sizeof checkpoint->head);
    pass_state(&c, checkpoint);
    uint32_t sum = (uint32_t)c.sum;
    pass(&c, &sum, sizeof sum);
    if (!c.failed)
        return br_atomic_commit(file, error);
    br_fail(error, BR_ERROR_IO, "%s: can't be written: %s; the checkpoint before it, if any, is untouched", path,
            strerror(errno));
    br_atomic_discard(file);
    return -1;
}

/* ---- read ---- */

static int damaged(const br_checkpoint *checkpoint, const char *what, br_error *error)
{
    return br_fail(error, BR_ERROR_IO, "%s: is damaged: %s; remove it to train from the beginning", checkpoint->path,
                   what);
}

static int other_run(const br_checkpoint *checkpoint, const char *what, const char *there, const char *here,
                     br_error *error)
{
    return br_fail(
        error, BR_ERROR_CHECK,
        "%s: is a checkpoint of another run: %s was %s and is now %s; use the same as before, or train without "
        "--resume",
        checkpoint->path, what, br_show(there).text, br_show(here).text);
}

static int other_number(const br_checkpoint *checkpoint, const char *what, const char *format, uint64_t there,
                        uint64_t here, br_error *error)
{
    char texts[2][32];
    snprintf(texts[0], sizeof texts[0], format, (unsigned long long)there);
    snprintf(texts[1], sizeof texts[1], format, (unsigned long long)here);
    return other_run(checkpoint, what, texts[0], texts[1], error);
}

static int other_file(const br_checkpoint *checkpoint, bool format, br_error *error)
{
    return br_fail(error, BR_ERROR_IO, "%s: is %s; remove it to train from the beginning", checkpoint->path,
                   format ? "a checkpoint in the format of another version of bouton" : "not a checkpoint of bouton");
}

static int check_identity(const br_checkpoint *checkpoint, const br_model *model, const br_file_facts *facts,
                          br_error *error)
{
    const br_checkpoint_head *there = &checkpoint->head;
    br_checkpoint_head here = {.magic = ""};
    br_checkpoint_identify(&here, model, facts);
    if (memcmp(there->version, here.version, sizeof here.version) != 0)
        return other_run(checkpoint, "bouton", there->version, here.version, error);
    if (there->interface != here.interface)
        return other_number(checkpoint, "the interface", "%llu", there->interface, here.interface, error);
    if (there->text != here.text)
        return other_number(checkpoint, "the network's text", "%016llx (hash)", there->text, here.text, error);
    if (memcmp(there->cpu, here.cpu, sizeof here.cpu) != 0)
        return other_run(checkpoint, "the processor level (--cpu)", there->cpu, here.cpu, error);
    if (there->seed != here.seed)
        return other_number(checkpoint, "the seed", "%llu", there->seed, here.seed, error);
    if (there->data != here.data)
        return other_number(checkpoint, "the data's hash", "%016llx", there->data, here.data, error);
    if (there->plan != here.plan)
        return other_number(checkpoint, "the layers' plan (--set plan.LAYER)", "%016llx (hash)", there->plan, here.plan,
                            error);
    return 0;
}

/* The head is untrusted: it is checked before it is used as a size or an index. */
static int check_position(const br_checkpoint *checkpoint, const br_model *model, const br_schedule *schedule,
                          br_error *error)
{
    const br_checkpoint_head *h = &checkpoint->head;
    const br_phase *phase = h->phase < schedule->phase_count ? &schedule->phases[h->phase] : NULL;
    bool over = h->phase == schedule->phase_count;
    bool competes = phase && phase->kind == BT_PHASE_COMPETE;
    uint64_t filters = competes ? model->layers[phase->compete].shape.neurons : 0;
    if ((!phase && !over) || h->begun > 1 || h->has_best > 1 || h->mirrored > 1 || (over && h->begun))
        return damaged(checkpoint, "its position is not in the schedule", error);
    bool means = h->begun && phase && br_has_moments(phase), prunes = h->begun && phase && br_prunes(phase);
    if (h->history > HISTORY_MOST || h->wins != (h->begun ? filters : 0) || (h->has_best && (!h->begun || competes)) ||
        h->moments != means || h->masks != prunes)
        return damaged(checkpoint, "its contents do not belong to its phase", error);
    if (h->epoch > UINT32_MAX || h->number >= UINT32_MAX || h->epochs > UINT32_MAX || h->best_epoch > UINT32_MAX ||
        (phase && h->epoch > (competes ? 0 : phase->epochs)) || (competes && h->done > phase->patches) ||
        h->done > UINT32_MAX || h->left > UINT32_MAX || h->image > UINT32_MAX)
        return damaged(checkpoint, "its position is beyond its phase", error);
    if (!isfinite(h->error_sum) || !isfinite(h->best_accuracy) || !isfinite(h->seconds) ||
        !isfinite(h->learn_seconds) || !isfinite(h->validation) || h->seconds < 0)
        return damaged(checkpoint, "a number of its head is not finite", error);
    return 0;
}

static bool all_within(const float *values, uint64_t count, float most)
{
    for (uint64_t i = 0; i < count; i++)
        if (!(fabsf(values[i]) <= most))
            return false;
    return true;
}

static float most_theta(const br_layer_code *code)
{
    return code->parameters.bound_encoding != BR_BOUND_ALPHA && !code->parameters.homeostasis ? 1 : FLT_MAX;
}

static bool state_is_sound(const br_network *network)
{
    for (uint32_t i = 0; i < network->model->layer_count; i++) {
        const br_layer_code *code = &network->model->layers[i];
        const br_layer_bounds *l = &network->layers[i];
        float v_max = code->parameters.bound_encoding != BR_BOUND_ALPHA ? code->parameters.v_max : FLT_MAX;
        if (!all_within(l->bounds, br_layer_bounds_count(code), v_max) ||
            !all_within(l->theta, br_theta_count(code), most_theta(code)) ||
            !all_within(l->conscience, code->layout.pitch, FLT_MAX) || !(l->calibration > 0) ||
            !isfinite(l->calibration) || !isfinite(l->live_share))
            return false;
        if (!br_method_served(code, l->training))
            return false;
    }
    return true;
}

static bool moments_are_sound(const br_model *model, const br_moments *moments)
{
    for (uint32_t i = 0; moments && i < model->layer_count; i++) {
        uint64_t count = br_moments_count(&model->layers[i]);
        if (moments->step[i] && !all_within(moments->step[i], count, FLT_MAX))
            return false;
        for (uint64_t k = 0; moments->square[i] && k < count; k++)
            if (!(moments->square[i][k] >= 0 && moments->square[i][k] <= FLT_MAX))
                return false;
    }
    return true;
}

/* Chooses the inference methods again from the live shares that were read. */
static void settle_methods(br_network *network)
{
    for (uint32_t i = 0; network && i < network->model->layer_count; i++)
        if (network->layers[i].measured)
            br_method_settle(network, i);
}

static int check_history(const br_checkpoint *checkpoint, const br_model *model, const br_schedule *schedule,
                         br_error *error)
{
    br_history *history;
    br_error cause;
    if (!checkpoint->history)
        return 0;
    if (br_history_read(checkpoint->history, &history, &cause) != 0)
        return cause.kind == BR_ERROR_IO ? damaged(checkpoint, cause.message, error)
                                         : br_fail(error, cause.kind, "%s", cause.message);
    bool ours = history->layer_count == model->layer_count &&
                br_history_fits(history, model->layer_count, schedule->phase_count);
    br_history_free(history);
    return ours ? 0 : damaged(checkpoint, "its history is that of another network", error);
}

static int read_state(br_checkpoint *checkpoint, const br_model *model, const br_schedule *schedule,
                      checkpoint_stream *c, br_error *error)
{
    checkpoint->started = br_new(model->layer_count, sizeof *checkpoint->started, error);
    checkpoint->wins = checkpoint->started ? br_new(checkpoint->head.wins, sizeof *checkpoint->wins, error) : NULL;
    if (!checkpoint->wins || br_network_new(model, &checkpoint->network, error) != 0 ||
        (checkpoint->head.has_best && br_network_new(model, &checkpoint->best, error) != 0) ||
        (checkpoint->head.moments &&
         br_moments_new(model, &schedule->phases[checkpoint->head.phase], &checkpoint->moments, error) != 0) ||
        (checkpoint->head.masks &&
         br_masks_new(model, &schedule->phases[checkpoint->head.phase], &checkpoint->masks, error) != 0))
        return -1;
    if (checkpoint->head.bytes != whole_size(checkpoint))
        return damaged(checkpoint, "its size does not match the network", error);
    if (checkpoint->head.history > 0 && !(checkpoint->history = br_new(checkpoint->head.history + 1, 1, error)))
        return -1;
    pass_state(c, checkpoint);
    uint32_t wanted = (uint32_t)c->sum, sum = 0;
    pass(c, &sum, sizeof sum);
    if (c->failed || sum != wanted)
        return damaged(checkpoint, c->failed ? "it is cut short" : "its checksum is wrong", error);
    if (!state_is_sound(checkpoint->network) || (checkpoint->best && !state_is_sound(checkpoint->best)))
        return damaged(checkpoint, "its bounds lie outside the network's ranges", error);
    if (!moments_are_sound(model, checkpoint->moments))
        return damaged(checkpoint, "a mean of its steps is no number", error);
    if (!br_masks_are_sound(checkpoint->masks, model))
        return damaged(checkpoint, "it is not clear which connections are pruned", error);
    settle_methods(checkpoint->network);
    settle_methods(checkpoint->best);
    return check_history(checkpoint, model, schedule, error);
}

static br_position position_of(const br_checkpoint_head *h)
{
    return (br_position){.phase = (uint32_t)h->phase,
                         .epoch = (uint32_t)h->epoch,
                         .done = h->done,
                         .ended = h->ended,
                         .result = {.epochs = (uint32_t)h->epochs,
                                    .best_epoch = (uint32_t)h->best_epoch,
                                    .seconds = h->seconds,
                                    .learn_seconds = h->learn_seconds,
                                    .samples = h->samples,
                                    .validation = h->validation,
                                    .idle_filters = h->idle_filters}};
}

static int read_all(br_checkpoint *checkpoint, FILE *from, const br_model *model, const br_schedule *schedule,
                    const br_file_facts *facts, br_error *error)
{
    br_checkpoint_head *head = &checkpoint->head;
    checkpoint_stream c = {.stream = from};
    struct stat file;
    if (fstat(fileno(from), &file) != 0)
        return br_fail(error, BR_ERROR_IO, "%s: can't be read: %s", checkpoint->path, strerror(errno));
    if (!S_ISREG(file.st_mode))
        return br_fail(error, BR_ERROR_IO, "%s: is not a regular file; a checkpoint must be one", checkpoint->path);
    pass(&c, head, sizeof *head);
    if (c.failed || memcmp(head->magic, MAGIC, sizeof head->magic) != 0)
        return other_file(checkpoint, !c.failed && memcmp(head->magic, MAGIC, sizeof head->magic - 1) == 0, error);
    if (head->bytes != (uint64_t)file.st_size)
        return damaged(checkpoint, "its size has changed since it was written", error);
    if (check_identity(checkpoint, model, facts, error) != 0 ||
        check_position(checkpoint, model, schedule, error) != 0 ||
        read_state(checkpoint, model, schedule, &c, error) != 0)
        return -1;
    checkpoint->position = position_of(head);
    return 0;
}

int br_checkpoint_open(const char *path, const br_model *model, const br_schedule *schedule, const br_file_facts *facts,
                       br_checkpoint **out, br_error *error)
{
    bool missing;
    *out = NULL;
    FILE *from = br_store_open(path, &missing, error);
    if (!from)
        return missing ? 0 : -1;
    br_checkpoint *checkpoint = br_new(1, sizeof *checkpoint, error);
    int status = checkpoint ? 0 : -1;
    if (status == 0 && !(checkpoint->path = br_copy_string(path, error)))
        status = -1;
    if (status == 0)
        status = read_all(checkpoint, from, model, schedule, facts, error);
    fclose(from);
    if (status == 0)
        *out = checkpoint;
    else
        br_checkpoint_free(checkpoint);
    return status;
}

const br_position *br_checkpoint_position(const br_checkpoint *checkpoint)
{
    return &checkpoint->position;
}

void br_checkpoint_free(br_checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    br_network_free(checkpoint->network);
    br_network_free(checkpoint->best);
    br_moments_free(checkpoint->moments);
    br_masks_free(checkpoint->masks);
    br_release(checkpoint->started);
    br_release(checkpoint->wins);
    br_release(checkpoint->history);
    br_release(checkpoint->path);
    br_release(checkpoint);
}
