/* The history of a training: what each epoch and each competition came to.
 *
 *     br_history *history;
 *     if (br_history_new(br_network_model(network)->layer_count, &history, &error) != 0)
 *         return fail(error.message);
 *     br_train_options options = {.history = history};
 *     ...                                            // br_train fills it
 *     for (uint32_t i = 0; i < history->epoch_count; i++)
 *         printf("%u: %.4f\n", history->epochs[i].epoch, history->epochs[i].error);
 *     br_history_free(history);
 *
 * It is bounded: beyond BR_HISTORY_EPOCHS epochs, every second one is left out, and so on; the first, the last and the
 * best epoch of each phase always stay. Seconds are known to the process that trained, and to a training that resumes; a
 * model file holds none, so that the same training gives the same bytes. */
#ifndef BOUTON_HISTORY_H
#define BOUTON_HISTORY_H

#include "bouton/error.h"

BOUTON_BEGIN

#define BR_HISTORY_EPOCHS 512u  /* above so many, epochs are thinned out */
#define BR_HISTORY_WINS   1024u /* filters of a competition whose wins are kept */

/* One epoch of a correcting phase, or a whole competition. */
typedef struct br_epoch_facts {
    uint32_t phase;    /* of the schedule, from 0 */
    uint32_t epoch;    /* of the phase, from 1 */
    bool best;         /* the best of its phase so far when it ended */
    double error;      /* mean over the samples of sum |e| / 2; NAN for a competition */
    double accuracy;   /* in [0, 1], on training samples before their step; NAN for a competition */
    double validation; /* accuracy on the validation samples, in [0, 1]; NAN: there are none */
    double seconds;    /* since training began; NAN: unknown */
} br_epoch_facts;

/* The wins of the filters of one competition. */
typedef struct br_win_facts {
    uint32_t phase;   /* of the schedule, from 0 */
    uint32_t filters; /* of the layer */
    uint32_t idle;    /* filters that won no field */
    uint32_t count;   /* the first so many filters are listed: at most BR_HISTORY_WINS */
    uint64_t *wins;   /* [count]: fields won */
} br_win_facts;

typedef struct br_history {
    uint32_t layer_count;
    uint32_t stride; /* of the epochs between the first and the last of a phase, one in so many is kept */
    uint32_t epoch_count;
    br_epoch_facts *epochs; /* [epoch_count], in their order */
    float *live;            /* [epoch_count][layer_count]: share of a layer's connections that are live, in [0, 1], mean
                               over the first training samples; NAN for layers above those that the phase computes */
    uint32_t win_count;
    br_win_facts *wins; /* [win_count] */
} br_history;

int br_history_new(uint32_t layer_count, br_history **out, br_error *error);
void br_history_free(br_history *history); /* NULL is fine */

/* Adds an epoch behind the others; `live` holds [layer_count] shares. Adds the wins of a competition; `wins` holds one
 * count for each filter. */
int br_history_add(br_history *history, const br_epoch_facts *epoch, const float *live, br_error *error);
int br_history_add_wins(br_history *history, uint32_t phase, uint32_t filters, const uint64_t *wins, br_error *error);

/* Whether it may be that of a network with so many layers, or more, and of a schedule with so many phases. */
bool br_history_fits(const br_history *history, uint32_t layers, uint32_t phases);

/* A history as text of lines, and back. Numbers are rounded to six digits, and reading what was written gives the same
 * text again. The caller releases the text by free. Reading checks everything: BR_ERROR_IO for any other text. */
int br_history_write(const br_history *history, bool seconds, char **out, br_error *error);
int br_history_read(const char *text, br_history **out, br_error *error);

BOUTON_END
#endif
