/* A score for the eyes and for programs. */
#ifndef BOUTON_DRIVER_SCORE_VIEW_H
#define BOUTON_DRIVER_SCORE_VIEW_H

#include <stdio.h>

#include "session/session.h"
#include "show/quantised.h"

extern const char *const split_names[BR_SPLITS];

/* Scores one split; *out is the caller's to free when STATUS_DONE. An empty split is an error that names the others. */
int score_split(const session *session, const br_data *data, br_split split, uint32_t threads, br_score *out);

/* `quantised`: NULL, or what `score` is of: scales and the loss are printed too, what is live is that of the floats. */
int score_print(const session *session, const br_score *score, const quantised *quantised, br_split split, FILE *to);
int score_print_live(const session *session, const br_score *score, FILE *to); /* the table of live shares alone */

/* {"accuracy": 0.987, "samples": 1000, "confusion": [[...]], "live": {"hidden": 0.17, ...}}; 8 bits: also "quantize" */
int score_print_json(const session *session, const br_score *score, const quantised *quantised, FILE *to);

#endif
