/* A network's text, opened and checked: a file of its own, or the text that a trained model keeps.
 *
 * Functions return an exit status and have said what went wrong when it isn't STATUS_DONE. */
#ifndef BOUTON_DRIVER_SOURCE_H
#define BOUTON_DRIVER_SOURCE_H

#include "bouton/lang.h"
#include "options/console.h"

typedef struct network_source {
    const char *path;
    bl_context *context;        /* the text and its diagnostics */
    const bl_program *program;  /* set by source_check */
    br_model_file *file;        /* NULL: a network's text, not a trained model */
    const br_file_facts *facts; /* of the model file */
    uint64_t seed; /* of the data's split and of the training; the model's, the command line's, or the program's */
} network_source;

/* Can the file be read, and is it a trained model? Pipes are not looked into: what is read from them is gone. */
int source_look_at(const command_line *cli, const char *path, bool *trained);

/* Reads and parses a .btn text, or the text kept in a trained model (known by its content). In any state, source_close
 * frees what it holds. */
int source_open(network_source *out, const command_line *cli, const char *path);
void source_close(network_source *source);

/* Checks the program; diagnostics go to standard error. */
int source_check(const command_line *cli, network_source *source);

/* Diagnostics as --diagnostics wants them. */
void diagnostics_print(const command_line *cli, const bl_context *context, FILE *to);

#endif
