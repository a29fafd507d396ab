/* One of the models that a page lays side by side: what stays of it when it is closed again. */
#ifndef BOUTON_DRIVER_BESIDE_MODEL_H
#define BOUTON_DRIVER_BESIDE_MODEL_H

#include "report/epochs.h"
#include "report/facts.h"

typedef struct side_model {
    char letter;   /* 'A' is the first */
    char *name;    /* of its file, without its folder */
    char *title;   /* "A wide.safetensors" */
    bool scored;   /* false: its samples were not found */
    bt_split on;   /* the samples that it answered */
    uint64_t hash; /* of these */
    uint64_t samples, right;
    uint32_t classes;
    uint32_t *wanted, *labels;                   /* [samples]: what they are, what was answered */
    uint64_t parameters, operations, file_bytes; /* operations as if every input were live */
    double live;                                 /* share of all connections; NAN: unknown */
    double epochs, seconds;                      /* of the training; NAN: unknown */
    epoch_columns columns;                       /* no epochs: the model has no history */
    char *section;                               /* its own part of the page */
} side_model;

/* Opens a model, answers its samples, writes its section and closes it. On failure, prints an error. side_free frees
 * everything, also after a failure. */
int side_collect(side_model *out, const command_line *cli, const char *path, char letter);
void side_free(side_model *model);

/* Whether two models answered the same samples. */
bool side_same(const side_model *a, const side_model *b);

#endif
