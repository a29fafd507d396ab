/* bouton_network: a session that stays open, and the facts of its model file. */
#ifndef BOUTON_DRIVER_FLAT_NETWORK_H
#define BOUTON_DRIVER_FLAT_NETWORK_H

#include <pthread.h>

#include "flat/status.h"
#include "session/session.h"

/* Predictions hold the lock for reading. Whatever changes the network, or the messages of its command line, holds it for
 * writing. */
struct bouton_network {
    pthread_rwlock_t lock;
    char **words; /* the command line that opened it, [word_count]; owned */
    int word_count;
    command_line cli;
    session s;
    const char *text; /* the network's text in canonical layout; owned by the session's context */
    bool trained;     /* the state is that of a model */
    char *model;      /* its file, [model_size] bytes, owned; NULL: not trained */
    size_t model_size;
    bool chosen;         /* inference methods were chosen, so that further predictions change nothing */
    br_file_facts facts; /* of the model file, if `trained` */
    bool own_facts;      /* schema, lines and history of the facts belong to the network, not to a model file */
};

/* Begins a call that changes the network: takes the lock and lets messages go to the status. */
void flat_enter(bouton_network *network, bouton_status *status);

/* Ends it. Keeps the code, and returns it. */
int flat_leave(bouton_network *network, bouton_status *status, int code);

/* Frees the model and the facts of the last training. */
void flat_drop_model(bouton_network *network);

/* Writes the network with the facts of a model file into memory, which the caller frees. */
int flat_write(const bouton_network *network, const br_file_facts *facts, char **out, size_t *size,
               bouton_status *status);

/* Refuses a network that has not been trained. */
int flat_check_trained(const bouton_network *network, bouton_status *status);

#endif
