/* What changes from batch to batch while a phase corrects: eta, docs/model.md, (25), and how many neurons stay, (31). */
#ifndef BR_RATES_H
#define BR_RATES_H

#include "bouton/runtime.h"

/* Batches of an epoch of `samples` samples; the last one may be short. */
uint64_t br_batches_of(const br_phase *phase, uint64_t samples);

/* The factor of every eta in batch `step` of a phase, counted from 0, whose epochs have `each` batches. */
float br_rate_at(const br_phase *phase, uint64_t step, uint64_t each);

/* How many of `neurons` filters stay when a share `done` of the phase's batches is done; 0: as many as at rest. */
uint32_t br_keep_at(const br_anneal *anneal, double done, uint32_t neurons);

/* Whether numbers of a batch's steps change within an epoch. */
bool br_rates_vary(const br_phase *phase);

/* Refuses a schedule in which the warm-up of a phase is longer than the phase, or in which a phase has more replicas than
 * an epoch has batches. */
int br_check_rates(const br_schedule *schedule, uint64_t samples, br_error *error);

#endif
