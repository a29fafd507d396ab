/* What every verb works on: one file, opened, checked, and as far as needed compiled.
 *
 * A session owns everything it holds; session_close frees it in any state. Functions return an exit status and have
 * said what went wrong when it isn't STATUS_DONE. */
#ifndef BOUTON_DRIVER_SESSION_H
#define BOUTON_DRIVER_SESSION_H

#include "bouton/compiler.h"
#include "options/console.h"

typedef struct session {
    const cli *cli;
    const char *path;
    bl_context *context;
    const bl_program *program; /* set by session_check */
    br_model_file *file;       /* NULL: a network's text, not a trained model */
    const br_file_facts *facts;
    bool answers;  /* code to learn with is not wanted; set before session_compile */
    uint64_t seed; /* of the data's split and of the training; the model's, the command line's, or the program's */
    br_schedule schedule;
    bool scheduled;
    bc_code *code;
    bc_line *lines; /* of layers and phases; NULL: nobody asked */
    char **line_files;
    uint32_t line_count;
    bc_form *forms; /* [layer_count] asked for by --set plan.LAYER=FORM; NULL: none */
    br_network *network;
    br_data_job *loading; /* data on their way; NULL: none */
    br_data_spec wanted;  /* what is being loaded, */
    char *folder;         /* and from where */
    br_encoder *encoder; /* with a trained model: as restored; else NULL until data were loaded, or if none is needed */
} session;

/* Can the file be read, and is it a trained model? Pipes are not looked into: what is read from them is gone. */
int session_look_at(const cli *cli, const char *path, bool *trained);

/* Diagnostics as --diagnostics wants them. */
void session_tell(const session *session, FILE *to);

/* Reads and parses a .btn text, or the text kept in a trained model (known by its content). */
int session_open(session *out, const cli *cli, const char *path);
void session_close(session *session);

/* Checks the program; diagnostics go to standard error. */
int session_check(session *session);

/* Makes code, and the network: restored from a trained model, its encodings too, else in the state a training starts
 * from. */
int session_compile(session *session);

/* The three steps for the verbs that take nothing but a trained model, and learn nothing. */
int session_open_model(session *out, const cli *cli, const char *path);

/* Starts to load the data the program names, beside what follows: from --data, or else beside the file, or else from
 * $BOUTON_DATA. */
int session_data_begin(session *session);

/* The data, brought through the input's encodings; begins to load them where nobody has. */
int session_data(session *session, br_data **out);
void session_data_drop(session *session); /* what is on its way and nobody wants any more */

/* Brings samples through the input's encodings; without a trained model these are learned from the training samples. */
int session_encode(session *session, br_data *data);

bc_options session_options(const session *session);
uint32_t session_threads(const session *session); /* --threads; 0: every processor */

#endif
