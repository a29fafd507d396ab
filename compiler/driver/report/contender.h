/* A trained model that answers samples beside another one. */
#ifndef BOUTON_DRIVER_CONTENDER_H
#define BOUTON_DRIVER_CONTENDER_H

#include "session/session.h"

typedef struct contender {
    session s;
    br_data *data;
    bt_split split;
    uint64_t hash;                               /* of the raw samples of that split and their labels */
    const uint32_t *wanted;                      /* [score.samples]: the labels */
    uint32_t *labels;                            /* [score.samples]: the answers */
    float *chosen;                               /* [score.samples]: their probabilities */
    br_score score;                              /* as `eval` has it */
    uint64_t parameters, operations, file_bytes; /* of the model; operations as if every input were live */
    double seconds;                              /* to answer all samples: the least of several times */
} contender;

/* Opens a model, loads its data and answers the samples of --on. On failure, prints an error. contender_close frees
 * everything, also after a failure. */
int contender_open(contender *out, const command_line *cli, const char *path);
void contender_close(contender *c);

/* Refuses two models that did not answer the same samples. */
int contenders_match(const contender *a, const contender *b);

/* Measures both in turn, so that what else the machine does slows both. */
int contenders_time(contender *a, contender *b);

#endif
