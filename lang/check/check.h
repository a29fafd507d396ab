/* Checking: the tree becomes a bl_program. Checking continues after an error. Values that an error leaves unknown cause
 * no further errors. */
#ifndef BL_CHECK_H
#define BL_CHECK_H

#include "check/common.h"

void bl_check_network(bl_checker *checker, const bl_node *node, bl_network *out);
/* Sets `encodings` and `encoded` of the network's input; BLOCK may be NULL. */
void bl_check_encodings(bl_checker *checker, const bl_node *block, bl_network *network);
/* Sets the sources of a layer, and the joined shape and range of its input. The layers above have been checked, and
 * `kind` has been set. */
void bl_check_sources(bl_checker *checker, bl_network *network, uint32_t index);
/* Reports layers, except the last, that no other layer reads. */
void bl_check_unread(bl_checker *checker, const bl_network *network);
void bl_check_layer(bl_checker *checker, bl_network *network, uint32_t index);
const bl_data *bl_check_data(bl_checker *checker, const bl_network *network, bl_splits *splits);
void bl_check_schedule(bl_checker *checker, const bl_network *network, const bl_splits *splits, bl_program *program);
void bl_check_expects(bl_checker *checker, const bl_network *network, const bl_splits *splits, bl_program *program);

#endif
