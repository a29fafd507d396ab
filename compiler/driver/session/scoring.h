/* Scores of a session's network, in floats and in 8 bits. */
#ifndef BOUTON_DRIVER_SCORING_H
#define BOUTON_DRIVER_SCORING_H

#include "session/session.h"
#include "show/quantised.h"

/* Scores one split; *out is the caller's to free when STATUS_DONE. An empty split is an error that names the others. */
int score_split(const session *s, const br_data *data, bt_split split, uint32_t threads, br_score *out);

/* Calibrates, and scores the split in both arithmetics; the caller frees in any case. */
int quantised_score(const session *s, const br_data *data, bt_split split, uint32_t threads, quantised_result *out);
void quantised_free(quantised_result *quantised);

/* STATUS_FAILED, having said so, where more was lost than allowed. */
int quantised_check(const session *s, const quantised_result *quantised, bt_split split);

#endif
