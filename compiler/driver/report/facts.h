/* Everything that a report shows: read and computed once, then only written down. */
#ifndef BOUTON_DRIVER_FACTS_H
#define BOUTON_DRIVER_FACTS_H

#include "bouton/survey.h"
#include "report/picture.h"
#include "report/record.h"
#include "session/session.h"

enum { REPORT_WATCHED = 8 }; /* samples whose live connections are shown */

typedef struct report_facts {
    session s;
    const char *name;       /* of the model's file, without its folder */
    br_history *history;    /* NULL: the model has none */
    run_record record;      /* of the training, if its file lies beside the model and belongs to it */
    const char *no_samples; /* why the samples are not shown; NULL: they are */
    /* with samples: */
    br_data *data;
    bt_split split;
    bool own_data; /* the data of the training */
    uint64_t hash; /* of the raw samples: paired_hash */
    br_score score;
    uint32_t *labels;     /* [score.samples]: answers */
    float *probabilities; /* [score.samples][score.classes] */
    br_survey survey;
    uint64_t watched[REPORT_WATCHED];
    uint64_t seen;     /* samples that may be shown: the first so many */
    br_samples raw;    /* of those, as they were before they were encoded */
    void *raw_room;    /* what `raw` points to if it is a copy */
    picture_room room; /* for pictures */
    uint8_t *paint;    /* room for one sample as a picture; NULL: none yet */
} report_facts;

/* Opens a model, answers its samples and collects its facts but for the survey of its layers. If the samples that its text names can't be found, and no --data was given, the
 * facts say so in `no_samples`. On failure, prints an error. facts_free frees everything, also after a failure. */
int facts_answer(report_facts *out, const command_line *cli, const char *path);
int facts_survey(report_facts *facts);
void facts_free(report_facts *facts);

/* ---- shown in several sections ---- */

/* The share of all connections that are live, mean over samples, in [0, 1]; NAN: not counted. */
double facts_live(const report_facts *facts);

/* The name of a class for a page: escaped; the number where classes have no names. */
void facts_class(FILE *to, const report_facts *facts, uint32_t label);

/* Whether samples are pictures that can be shown: images of one or three channels. */
bool facts_have_pictures(const report_facts *facts);

/* Draws sample `sample`, below facts->seen, `side` or so pixels wide. */
int facts_draw_sample(FILE *to, report_facts *facts, uint64_t sample, double side, const char *text);

/* Layers beyond so many are not shown one by one: a text may have a thousand. */
enum { REPORT_LAYERS = 16 };
uint32_t facts_layers(const report_facts *facts);
void facts_layers_left_out(FILE *to, const report_facts *facts);

/* Connections beyond so many are not looked at one by one. */
#define REPORT_CONNECTIONS (1ull << 26)

/* A layer in the units of model files, row by row of neurons. `whole` is false for pools and for layers with more than
 * REPORT_CONNECTIONS. */
typedef struct layer_parts {
    bool whole;
    float *alpha, *theta;
    int8_t *sign;
    size_t inputs, neurons;
} layer_parts;
int facts_layer(const report_facts *facts, uint32_t layer, layer_parts *out);
void facts_layer_free(layer_parts *parts);

#endif
