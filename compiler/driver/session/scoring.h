/* Scores the network of a session, in floats and in int8. With --mirror, scores are those of pictures that are averaged
 * with their mirror images. */
#ifndef BOUTON_DRIVER_SCORING_H
#define BOUTON_DRIVER_SCORING_H

#include "session/session.h"
#include "show/quantised.h"

/* The split that --on names; the test samples if it was not given. */
bt_split chosen_split(const command_line *cli);

/* Scores one split. If the result is STATUS_DONE, the caller frees *out. For an empty split, the error names the
 * splits that hold samples. */
int score_split(const session *s, const br_data *data, bt_split split, uint32_t threads, br_score *out);

/* Loads the data and scores their test samples. */
int score_test(session *s, br_score *out);

/* One split in floats and without --mirror, with the label and the probabilities of every sample in arrays of `answers`,
 * which the caller frees, also after a failure. */
int score_answers(const session *s, const br_data *data, bt_split split, br_outputs *answers, br_score *out);

/* The bits of a bound that --bits names; 8 if it was not given. */
uint32_t chosen_bits(const command_line *cli);

/* Calibrates int8, or int4 with `bits` 4, and scores the split in floats and in it. The caller frees *out, also after a
 * failure. */
int quantised_score(const session *s, const br_data *data, bt_split split, uint32_t threads, uint32_t bits,
                    quantised_result *out);
void quantised_free(quantised_result *quantised);

/* If more accuracy was lost than allowed, prints an error and returns STATUS_FAILED. */
int quantised_check(const session *s, const quantised_result *quantised, bt_split split);

#endif
