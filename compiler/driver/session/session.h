/* The state that a verb works on: one network, opened, checked, and compiled if the verb needs code.
 *
 * A session (always called s) owns everything it holds; session_close frees it, also after a failure. Functions that
 * fail print an error and return an exit status other than STATUS_DONE. */
#ifndef BOUTON_DRIVER_SESSION_H
#define BOUTON_DRIVER_SESSION_H

#include "session/compiled.h"
#include "session/pending.h"
#include "session/source.h"
#include "show/ticker.h"

typedef struct session {
    const command_line *cli;
    network_source source;
    compiled_network compiled;
    pending_data pending;
    const br_ranks *ranks;  /* that train together; NULL: this process alone */
    br_shared_data *shared; /* with ranks: who reads the data */
} session;

/* Whether this process writes files and tells results: alone, or rank 0. */
static inline bool session_leads(const session *s)
{
    return s->ranks == NULL || s->ranks->rank == 0;
}

/* Reads and parses a .btn text, or the text stored in a trained model. The content of the file decides which. */
int session_open(session *out, const command_line *cli, const char *path);
void session_close(session *s);

/* Checks the program and prints its diagnostics on standard error. */
int session_check(session *s);

/* Compiles the network and sets its state: from a trained model and its encodings, or else the state in which
 * training starts. */
int session_compile(session *s);

/* Opens, checks and compiles a trained model, for the verbs that only run inference. */
int session_open_model(session *out, const command_line *cli, const char *path);

/* Starts to load the program's data in the background. */
int session_data_begin(session *s);

/* Returns the data, with the input's encodings applied, and prints the notes of reading them. Starts to load them if
 * session_data_begin was not called. */
int session_data(session *s, br_data **out);

/* The same before the encodings, without ranks. */
int session_raw_data(session *s, br_data **out);

/* Applies the input's encodings to samples. Without a trained model, the encodings are learned from the training
 * samples first. */
int session_encode(session *s, br_data *data);

/* How files are read for prediction: as the training samples were, except for the place of the labels that --label
 * gives. */
br_reading session_reading(const session *s);

/* Lets a ticker, which may be NULL, tell the share that is done of what the network computes next. Returns it. */
ticker *session_follow(const session *s, ticker *t);
void session_leave(const session *s, ticker *t); /* ends the ticker */

bc_options session_options(const session *s);
uint32_t session_threads(const session *s); /* --threads; 0: every processor */

#endif
