/* Checking: the syntax tree becomes a bl_program. An error does not stop the check. A fact that an error leaves unknown
 * causes no further diagnostics. */
#ifndef BL_CHECK_H
#define BL_CHECK_H

#include "check/common.h"

void bl_check_network(bl_checker *checker, const bl_node *node, bl_network *out);
/* Sets `encodings` and `encoded` of the network's input. `block` may be NULL: no encodings. */
void bl_check_encodings(bl_checker *checker, const bl_node *block, bl_network *network);
/* Finds the sources of a layer, and sets the shape and the range of its joined input. The layers before it must be
 * checked, and its `kind` set. */
void bl_check_sources(bl_checker *checker, bl_network *network, uint32_t index);
/* Reports each layer but the last that no other layer reads. */
void bl_check_unread(bl_checker *checker, const bl_network *network);
void bl_check_layer(bl_checker *checker, bl_network *network, uint32_t index);
const bl_data *bl_check_data(bl_checker *checker, const bl_network *network, bl_splits *splits);
/* Gathers the readouts of all phases. */
void bl_check_schedule(bl_checker *checker, const bl_network *network, const bl_splits *splits, bl_readouts *readouts,
                       bl_program *program);
/* Fills in the sweeps of the program. */
void bl_check_sweeps(bl_checker *checker, bl_program *program);

void bl_check_expects(bl_checker *checker, const bl_network *network, const bl_splits *splits, bl_program *program);

#endif
