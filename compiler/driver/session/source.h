/* The text of a network, opened and checked: a .btn file, or the text stored in a trained model.
 *
 * Functions that fail print an error and return an exit status other than STATUS_DONE. */
#ifndef BOUTON_DRIVER_SOURCE_H
#define BOUTON_DRIVER_SOURCE_H

#include "bouton/lang.h"
#include "options/console.h"

typedef struct network_source {
    const char *path;
    bl_context *context;        /* holds the text and its diagnostics */
    const bl_program *program;  /* set by source_check */
    br_model_file *file;        /* the trained model; NULL for a .btn file */
    const br_file_facts *facts; /* of the trained model; NULL for a .btn file */
    br_schema *schema;          /* of the trained model, owned; NULL: a .btn file, or a model without one */
    bool quiet;                 /* notes and warnings about the text are not printed; errors are */
    uint64_t seed; /* of the data's split and of training: --seed, or else the model's, or else the program's */
} network_source;

/* Refuses a command line that names standard input twice. */
int source_read_once(const command_line *cli);

/* Checks that the file can be read, and finds out whether it is a trained model. Pipes are not examined, because
 * their content can be read only once. */
int source_inspect(const command_line *cli, const char *path, bool *trained);

/* Reads and parses a .btn text, or the text stored in a trained model, from a file or a pipe; `-` is standard input. The
 * content decides which it is. source_close frees *out, also after a failure. */
int source_open(network_source *out, const command_line *cli, const char *path);
void source_close(network_source *source);

/* Bytes in memory as a file, which br_model_read takes. The caller closes it. Prints an error and returns NULL if there
 * is no memory. */
FILE *source_hold(const command_line *cli, const held_file *held);

/* Checks the program and prints its diagnostics on standard error. Checks that a model's schema fits it. */
int source_check(const command_line *cli, network_source *source);

/* Prints diagnostics in the format that --diagnostics selects. */
void diagnostics_print(const command_line *cli, const bl_context *context, FILE *to);

#endif
