/* A checked network as native code, with its state: bounds, thresholds and learned encodings.
 *
 * Functions that fail print an error and return an exit status other than STATUS_DONE. */
#ifndef BOUTON_DRIVER_COMPILED_H
#define BOUTON_DRIVER_COMPILED_H

#include "bouton/compiler.h"
#include "session/lines.h"
#include "session/source.h"

typedef struct compiled_network {
    bool inference_only; /* make no code for training; set before compiled_make */
    bool readouts;       /* make code for readouts as well: they are part of the model */
    bt_method *methods;  /* [layer_count]: methods requested with --set plan.LAYER=METHOD; NULL: none */
    text_lines lines;    /* of layers and phases; empty if no debugger needs them */
    br_schedule schedule;
    bool scheduled; /* true once `schedule` is set */
    bc_code *code;
    br_network *network;
    br_encoder *encoder; /* NULL if no encoding is needed, and for a text until its data are loaded */
} compiled_network;

/* Compiles the network and sets its state: from a trained model and its encodings, or else the state in which
 * training starts. compiled_free releases everything, also after a failure. */
int compiled_make(const command_line *cli, const network_source *source, compiled_network *compiled);
void compiled_free(const command_line *cli, compiled_network *compiled);

/* Applies the input's encodings to samples. Without a trained model, the encodings are learned from the training
 * samples first. Returns -1 with the reason in *error on failure. */
int compiled_encode(const command_line *cli, const network_source *source, compiled_network *compiled,
                    const br_ranks *ranks, br_data *data, br_error *error);

bc_options compiled_options(const command_line *cli, const compiled_network *compiled);

#endif
