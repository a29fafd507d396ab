#include "train/trainer.h"

#include "base/clock.h"

double br_trainer_seconds(const br_trainer *t)
{
    return br_now() - t->begin;
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
    checkpoint.wins = t->wins;
    if (br_checkpoint_write(t->options->checkpoint, &checkpoint, &error) != 0 && t->options->warn)
        t->options->warn(t->options->user, &error);
    t->saved = br_trainer_seconds(t);
}

bool br_trainer_save_is_due(const br_trainer *t, bool end_of_phase)
{
    return t->result->stopped || end_of_phase || br_trainer_seconds(t) - t->saved >= t->options->save_every;
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
                                        .mean_error = mean_error},
                          error);
}
