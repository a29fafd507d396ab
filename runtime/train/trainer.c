#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

double br_trainer_seconds(const br_trainer *t)
{
    return br_now() - t->begin;
}

/* The text of the history. Without one, NULL and no failure. */
static int history_text(const br_trainer *t, char **out, br_error *error)
{
    *out = NULL;
    return t->options->history ? br_history_write(t->options->history, true, out, error) : 0;
}

/* If a checkpoint cannot be written, training continues: there may be space for the next one. */
void br_trainer_save(br_trainer *t)
{
    const br_train_result *r = t->result;
    br_checkpoint checkpoint = {.head = t->at, .network = t->network, .best = t->best, .started = t->started};
    br_checkpoint_head *h = &checkpoint.head;
    br_error error;
    if (!t->options->checkpoint)
        return;
    h->has_best = t->best && t->best_accuracy >= 0;
    h->best_accuracy = t->best_accuracy;
    h->epochs = r->epochs;
    h->best_epoch = r->best_epoch;
    h->samples = r->samples;
    h->idle_filters = r->idle_filters;
    h->validation = r->validation;
    h->learn_seconds = r->learn_seconds;
    h->seconds = br_trainer_seconds(t);
    h->moments = t->moments != NULL;
    checkpoint.moments = t->moments;
    h->masks = t->masks != NULL;
    checkpoint.masks = t->masks;
    checkpoint.wins = t->wins;
    int status = history_text(t, &checkpoint.history, &error);
    h->history = checkpoint.history ? strlen(checkpoint.history) : 0;
    if (status == 0)
        status = br_checkpoint_write(t->options->checkpoint, &checkpoint, &error);
    if (status != 0 && t->options->warn)
        t->options->warn(t->options->user, &error);
    free(checkpoint.history);
    t->saved = br_trainer_seconds(t);
}

bool br_trainer_save_is_due(const br_trainer *t, bool end_of_phase)
{
    return t->result->stopped || end_of_phase || br_trainer_seconds(t) - t->saved >= t->options->save_every;
}

void br_trainer_stage(const br_trainer *t, const char *what)
{
    if (t->options->stage)
        t->options->stage(t->options->user, what);
}

/* Such a step comes to its end; then the training stops. */
static void advance(void *user, uint64_t done, uint64_t total)
{
    const br_trainer *t = user;
    if (!t->options->advance(t->options->user, done, total))
        t->result->stopped = true;
}

void br_trainer_step(br_trainer *t, const char *what)
{
    br_trainer_stage(t, what);
    t->follower = t->network->follower;
    br_network_follow(t->network, t->options->advance ? advance : NULL, t);
}

void br_trainer_step_end(br_trainer *t)
{
    t->network->follower = t->follower;
}

static double known(bool is_known, double value)
{
    return is_known ? value : (double)NAN;
}

int br_trainer_remember(br_trainer *t, const br_progress *p, br_error *error)
{
    br_epoch_facts facts = {.phase = (uint32_t)t->at.phase,
                            .epoch = p->epoch,
                            .best = p->best,
                            .error = known(!p->competing, p->error),
                            .accuracy = known(!p->competing, p->accuracy),
                            .validation = known(p->validation >= 0, p->validation),
                            .seconds = p->seconds};
    return t->options->history ? br_history_add(t->options->history, &facts, t->live, error) : 0;
}

void br_trainer_end_phase(br_trainer *t)
{
    t->at.phase++;
    t->at.epoch = 0;
    t->at.begun = 0;
    t->best_accuracy = -1;
}

int br_trainer_check(br_trainer *t, const br_phase *phase, uint32_t top, uint32_t epoch, double mean_error,
                     br_error *error)
{
    return br_guard_check(&t->guard,
                          &(br_guarded){.network = t->network,
                                        .samples = br_data_split(t->data, BT_SPLIT_TRAIN),
                                        .options = t->options,
                                        .phase = phase->name,
                                        .epoch = epoch,
                                        .top = top,
                                        .mean_error = mean_error,
                                        .live = t->options->history ? t->live : NULL},
                          error);
}
