/* What every verb works on: one file, opened, checked, and as far as needed compiled.
 *
 * A session (always called s) owns everything it holds; session_close frees it in any state. Functions return an exit
 * status and have said what went wrong when it isn't STATUS_DONE. */
#ifndef BOUTON_DRIVER_SESSION_H
#define BOUTON_DRIVER_SESSION_H

#include "session/compiled.h"
#include "session/pending.h"
#include "session/source.h"

typedef struct session {
    const command_line *cli;
    network_source source;
    compiled_network compiled;
    pending_data pending;
} session;

/* Reads and parses a .btn text, or the text kept in a trained model (known by its content). */
int session_open(session *out, const command_line *cli, const char *path);
void session_close(session *s);

/* Checks the program; diagnostics go to standard error. */
int session_check(session *s);

/* Makes code, and the network: restored from a trained model, its encodings too, else in the state a training starts
 * from. */
int session_compile(session *s);

/* The three steps for the verbs that take nothing but a trained model, and learn nothing. */
int session_open_model(session *out, const command_line *cli, const char *path);

/* Starts to load the data the program names, beside what follows. */
int session_data_begin(session *s);

/* The data, brought through the input's encodings; begins to load them where nobody has. */
int session_data(session *s, br_data **out);

/* Brings samples through the input's encodings; without a trained model these are learned from the training samples. */
int session_encode(session *s, br_data *data);

bc_options session_options(const session *s);
uint32_t session_threads(const session *s); /* --threads; 0: every processor */

#endif
