#include "train/phase_compete.h"

#include "train/compete.h"

typedef struct competing {
    br_trainer *trainer;
    const br_phase *phase;
    br_contest_position at;
} competing;

static void record_contest(br_trainer *t, const br_contest_position *at)
{
    t->at.done = at->fields;
    t->at.drawn = at->drawn;
    t->at.image = at->image;
    t->at.mirrored = at->mirrored;
    t->at.left = at->left;
}

static br_progress progress_of(const competing *c)
{
    br_progress p = {.phase = c->phase->name,
                     .epoch = 1,
                     .epochs = 1,
                     .done = c->at.fields,
                     .total = c->phase->patches,
                     .validation = -1,
                     .competing = true,
                     .end_of_epoch = c->at.fields == c->phase->patches,
                     .seconds = br_trainer_seconds(c->trainer)};
    p.epoch_seconds = p.seconds - c->trainer->phase_begin;
    return p;
}

static bool report(void *user)
{
    competing *c = user;
    br_trainer *t = c->trainer;
    br_progress p = progress_of(c);
    bool ended = p.end_of_epoch;
    if (t->options->progress && !t->options->progress(t->options->user, &p))
        t->result->stopped = true;
    record_contest(t, &c->at);
    bool often = t->options->save_every > 0;
    if (!ended && (t->result->stopped || (often && br_trainer_save_is_due(t, false))))
        br_trainer_save(t);
    return !t->result->stopped;
}

/* The competition as one epoch of the history, with the wins of its filters. */
static int remember(const competing *c, uint32_t filters, br_error *error)
{
    br_trainer *t = c->trainer;
    br_progress p = progress_of(c);
    if (br_trainer_remember(t, &p, error) != 0)
        return -1;
    return t->options->history
               ? br_history_add_wins(t->options->history, (uint32_t)t->at.phase, filters, t->wins, error)
               : 0;
}

int br_compete_run(br_trainer *t, uint32_t phase_index, br_error *error)
{
    const br_phase *phase = &t->schedule->phases[phase_index];
    uint32_t filters = t->network->model->layers[phase->compete].shape.neurons;
    competing told = {.trainer = t,
                      .phase = phase,
                      .at = {.fields = t->at.done,
                             .drawn = t->at.drawn,
                             .image = t->at.image,
                             .mirrored = t->at.mirrored != 0,
                             .left = (uint32_t)t->at.left,
                             .wins = t->wins}};
    br_competition job = {.network = t->network,
                          .samples = br_data_split(t->data, BT_SPLIT_TRAIN),
                          .phase = phase,
                          .seed = t->schedule->seed,
                          .number = phase_index,
                          .at = &told.at,
                          .progress = report,
                          .user = &told};
    t->at.wins = filters;
    int status = br_compete(&job, error);
    if (status != 0 || told.at.fields < phase->patches)
        return status;
    if (br_trainer_check(t, phase, phase->compete, 1, -1, error) != 0)
        return -1;
    if (remember(&told, filters, error) != 0)
        return -1;
    for (uint32_t k = 0; k < filters; k++)
        t->result->idle_filters += t->wins[k] == 0;
    record_contest(t, &(br_contest_position){0});
    t->at.wins = 0;
    t->at.ended++;
    br_trainer_end_phase(t);
    if (br_trainer_save_is_due(t, true))
        br_trainer_save(t);
    return 0;
}
