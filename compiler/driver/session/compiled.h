/* A checked network as native code, with its state: bounds, thresholds, and what its encodings learned.
 *
 * Functions return an exit status and have said what went wrong when it isn't STATUS_DONE. */
#ifndef BOUTON_DRIVER_COMPILED_H
#define BOUTON_DRIVER_COMPILED_H

#include "bouton/compiler.h"
#include "session/lines.h"
#include "session/source.h"

typedef struct compiled_network {
    bool inference_only; /* no code to train with; set before compiled_make */
    bc_form *forms;      /* [layer_count] asked for by --set plan.LAYER=FORM; NULL: none */
    text_lines lines;    /* of layers and phases; empty: no debugger asked */
    br_schedule schedule;
    bool scheduled; /* `schedule` is set */
    bc_code *code;
    br_network *network;
    br_encoder *encoder; /* with a trained model: as restored; else NULL until data were loaded, or if none is needed */
} compiled_network;

/* Makes code, and the network: restored from a trained model, its encodings too, else in the state a training starts
 * from. In any state, compiled_free frees what it holds. */
int compiled_make(const command_line *cli, const network_source *source, compiled_network *compiled);
void compiled_free(const command_line *cli, compiled_network *compiled);

/* Brings samples through the input's encodings; without a trained model these are learned from the training samples. */
int compiled_encode(const command_line *cli, const network_source *source, compiled_network *compiled, uint32_t threads,
                    br_data *data);

bc_options compiled_options(const command_line *cli, const compiled_network *compiled);

#endif
