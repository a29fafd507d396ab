/* Training: schedules, progress, memory, checkpoints.
 *
 *     static bool print_progress(void *user, const br_progress *progress)
 *     {
 *         if (progress->end_of_epoch)
 *             fprintf(user, "%s %u/%u: %.2f%%\n", progress->phase, progress->epoch, progress->epochs,
 *                     100 * progress->validation);
 *         return true;                               // false stops training cleanly
 *     }
 *     ...
 *     br_train_options options = {.progress = print_progress, .user = stdout};
 *     br_train_result result;
 *     if (br_train(network, &schedule, data, &options, &result, &error) != 0)
 *         return fail(error.message);
 *
 * The result is the same to the bit for any number of threads. Threads: see bouton/error.h; callbacks run on the thread
 * that called br_train. */
#ifndef BOUTON_TRAIN_H
#define BOUTON_TRAIN_H

#include "bouton/data.h"
#include "bouton/history.h"
#include "bouton/network.h"
#include "bouton/ranks.h"

BOUTON_BEGIN

/* How many filters of a place stay in a layer: at first `from`, over a share `over` of the phase's batches down to `to`,
 * the layer's own number; all are shares in (0, 1].                                                           (31) */
typedef struct br_anneal {
    uint32_t layer; /* depressed over filters */
    double from, to, over;
} br_anneal;

/* The share of a layer's connections that may still carry signal when a phase has pruned it, in (0, 1).        (43) */
typedef struct br_prune {
    uint32_t layer; /* corrected; its alpha reaches the top of what it reads */
    double keep;
} br_prune;

/* One phase of a schedule. Equations are those of docs/model.md. Strings and arrays are borrowed. */
typedef struct br_phase {
    const char *name;
    bt_phase_kind kind;
    /* compete: one layer, trained on fields that are sampled one at a time (section 8) */
    uint32_t compete; /* the layer's index */
    uint64_t patches; /* fields to sample; above 0 */
    bt_target target; /* what a field asks of the filter that wins it */
    float xi_to;      /* the learning rate falls linearly from xi to this; in (0, 1] */
    float conscience; /* rate of the handicaps of filters that win often, in [0, 1]; 0: none */
    float alienate;   /* how hard rivals within the gap are pushed away, at least 0; 0: not at all */
    /* correct: layers trained by the errors of the last one (section 3) */
    uint32_t layer_count;
    uint32_t *layers; /* [layer_count]: corrected layers, ascending */
    float *eta;       /* [layer_count]: share of the error that one batch corrects; above 0 */
    float *theta_xi;  /* [layer_count]: learning rate of the thresholds, in [0, 1]; 0: fixed */
    float xi;         /* step of alpha, above 0; compete: the first learning rate, in (0, 1] */
    bt_course course; /* how eta changes */
    float decay;      /* BT_COURSE_DECAY: factor of eta after each epoch, in (0, 1] */
    uint32_t warm_up; /* batches over which eta rises; 0: none */
    float momentum;   /* B1 of the mean of the summed steps, in [0, 1); 0: none */
    bool adapts;      /* steps are divided by the root of the mean of their squares; eta is in units of the range */
    float adaptive;   /* adapts: B2 of that mean, in [0, 1) */
    uint32_t anneal_count;
    br_anneal *anneals; /* [anneal_count]: layers that begin with more winners than at rest */
    uint32_t prune_count;
    br_prune *prunes;  /* [prune_count]: layers whose least useful connections are silenced after epochs */
    double prune_over; /* share of the epochs over which that is done, in (0, 1] */
    uint32_t epochs;   /* at least 1 */
    uint32_t batch;    /* samples of a batch, at least 1 */
    uint32_t centred;  /* homeostasis: one in so many silent places is centred; 0: errors stay as they are */
    uint32_t shift;    /* random translation of images by up to this many pixels each way */
    bool mirror;       /* mirrors half of the images left to right; compete, too */
    uint32_t cutout;   /* side of the square of zeros laid over each image at a random place; 0: none */
    /* Learners that share out the batches of an epoch and are merged after `merge` batches each (section 18); 0 and 1:
     * one learner, and `merge` has no meaning */
    uint32_t replicas, merge;
    bool keep_best; /* restores the epoch with the best validation accuracy at the end */
    /* multiplies the error of a sample of class c by N/(K n_c): N training samples, n_c of class c, K classes */
    bool weigh_classes;
    uint32_t readout_count; /* the last so many of `layers` are readouts, with errors of their own (section 15) */
    bool by_layer;          /* corrections do not pass from one layer with connections to the next */
    bool readouts_alone;    /* the layer that answers has no errors */
} br_phase;

typedef struct br_schedule {
    uint64_t seed;
    uint32_t start_count;
    br_layer_start *starts; /* one for each layer */
    uint32_t phase_count;
    br_phase *phases;
} br_schedule;

/* The progress of a training. */
typedef struct br_progress {
    const char *phase;
    uint32_t epoch, epochs; /* epoch counts from 1 */
    uint64_t done, total;   /* samples of this epoch; fields of a competing phase */
    double seconds;         /* since training began */
    double epoch_seconds;   /* training alone, this epoch so far */
    double error;           /* mean over samples of sum |e| / 2, this epoch */
    double accuracy;        /* in [0, 1], on training samples before their step */
    bool end_of_epoch;      /* `validation` is filled in */
    double validation;      /* accuracy on the validation samples, in [0, 1]; negative: there are none */
    double unpruned;        /* the same before connections were pruned at the end of this epoch; negative: none were */
    double kept;            /* share of connections that may still carry signal, in the layers that were pruned at the
                               end of this epoch; 1: none were */
    bool best;              /* this epoch is the best so far */
    bool competing;         /* the phase competes: there is no error and no accuracy */
    uint32_t depth_count;   /* end of an epoch with validation samples: the readouts of the phase, from below */
    const br_depth *depths; /* [depth_count]; valid during the call */
} br_progress;

typedef struct br_checkpoint br_checkpoint;

typedef struct br_train_options {
    uint32_t threads; /* 0: every processor */
    /* Called about ten times a second and once at the end of each epoch. False stops training cleanly. May be NULL. */
    bool (*progress)(void *user, const br_progress *progress);
    /* Called with problems that do not end training, such as silent layers. May be NULL. */
    void (*warn)(void *user, const br_error *warning);
    /* Called before steps that make no progress for a while: `what` is a word or a few, such as "validating". The next
     * call of any of the callbacks, or the end of the training, ends the step. May be NULL. */
    void (*stage)(void *user, const char *what);
    /* Called about ten times a second within a step that `stage` told of and whose end is known: so many samples are
     * done. False stops training cleanly; a validation or a calibration comes to its end first. May be NULL. */
    bool (*advance)(void *user, uint64_t done, uint64_t total);
    void *user;                 /* passed to all of them */
    const char *checkpoint;     /* file to keep a checkpoint in; NULL: none */
    const br_file_facts *facts; /* with `checkpoint`: the text, seed and data it belongs to */
    double save_every;          /* seconds between two checkpoints; 0: one at the end of each epoch. One is also written
                                   at the end of each phase and when training is stopped */
    br_checkpoint *resume;      /* where to resume; emptied by br_train. NULL: at the beginning */
    /* Made by br_history_new for the network's layers, and filled as the training goes on: an epoch is in it when
     * `progress` tells of its end, a competition soon after. A training that resumes takes over what its checkpoint holds. NULL: none is kept */
    br_history *history;
    /* The ranks that train together; every rank calls br_train with the same network, schedule and data, and with
     * `facts`. Only rank 0 needs `checkpoint` and `history`, and only its network is whole at the end. Phases without
     * replicas run on rank 0 alone. NULL: this process trains alone */
    const br_ranks *ranks;
} br_train_options;

typedef struct br_train_result {
    uint32_t epochs;         /* completed */
    uint32_t best_epoch;     /* the one whose state was kept */
    double seconds;          /* training and validation */
    double learn_seconds;    /* training alone */
    uint64_t samples;        /* trained on, repeats included */
    double validation;       /* accuracy of the state that was kept; negative: no validation samples */
    bool stopped;            /* by the progress callback */
    bool agreed;             /* with ranks, a failure: every rank has it, in the same words */
    uint64_t idle_filters;   /* competing filters that never won a field */
    uint64_t merges;         /* of replicas, since the training began or was resumed */
    double merge_seconds;    /* from the end of their batches on this rank to the next ones, exchange included */
    double exchange_seconds; /* with ranks, of these: waiting for the other ranks and for their bytes */
    uint64_t lists, kept;    /* of winners that the last phase read, and those that had room in memory; 0: none */
} br_train_result;

/* Runs the whole schedule from the current state of the network. `options` may be NULL. BR_ERROR_CHECK: samples of
 * another shape than the network's, no training samples, labels that are missing or beyond the network's classes, a
 * checkpoint of other data, code compiled for inference only, more memory needed than available, more replicas than an
 * epoch has batches, more ranks than a phase has replicas, or ranks of which one trains something else. BR_ERROR_IO: the
 * checkpoint can't be written, or a rank is gone. BR_ERROR_FAULT: code compiled with range checks found a value out of range. */
int br_train(br_network *network, const br_schedule *schedule, const br_data *data, const br_train_options *options,
             br_train_result *out, br_error *error);

/* The bytes that a training takes, computed before anything is allocated. The activations of frozen layers are kept for
 * all samples only if they fit, so `total` leaves them out. */
typedef struct br_memory_need {
    uint64_t data;      /* allocated already */
    uint64_t network;   /* its state, the best state so far, and the means of its steps */
    uint64_t batch;     /* the workspace of the largest batch */
    uint64_t replicas;  /* the states and the workspaces of the replicas, beside those of one learner */
    uint64_t scoring;   /* the workspaces of validation, for all threads */
    uint64_t features;  /* activations of frozen layers */
    uint64_t winners;   /* at most: lists of what fires in frozen depressed layers */
    uint64_t order;     /* the order of the samples, of this epoch and the next */
    uint64_t total;     /* of all but the data and the features */
    uint64_t available; /* still available: to the machine, to its control group, to the process */
} br_memory_need;
void br_train_need(const br_model *model, const br_schedule *schedule, const br_data *data, uint32_t threads,
                   br_memory_need *out);

/* ---- checkpoints ---- */

/* A checkpoint is the whole state of a training in one file. It is replaced atomically every `save_every` seconds or at
 * the end of each epoch, at the end of each phase, and when training is stopped. A training that resumes from it ends
 * with the same bytes as one that never stopped, on any number of threads. A checkpoint serves one version of bouton,
 * one text, seed, data set and processor level. */
typedef struct br_position {
    uint32_t phase;         /* of the schedule, counted from 0 */
    uint32_t epoch;         /* epochs completed in it */
    uint64_t done;          /* samples or fields of the next epoch that are done */
    uint64_t ended;         /* epochs and competitions completed, over all phases */
    br_train_result result; /* so far */
} br_position;

/* Reads and checks a checkpoint. *out is NULL if there is no such file. BR_ERROR_CHECK: it belongs to another run; the
 * message says what differs. BR_ERROR_IO: unreadable or damaged. */
int br_checkpoint_open(const char *path, const br_model *model, const br_schedule *schedule, const br_file_facts *facts,
                       br_checkpoint **out, br_error *error);
const br_position *br_checkpoint_position(const br_checkpoint *checkpoint); /* owned by `checkpoint` */
void br_checkpoint_free(br_checkpoint *checkpoint);                         /* NULL is fine */

BOUTON_END
#endif
