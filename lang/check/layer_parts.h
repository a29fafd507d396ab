/* Shared by the checks of a layer: its shape (shape.c), lateral depression and activation function (depress.c)
 * and other properties (layer.c). */
#ifndef BL_LAYER_PARTS_H
#define BL_LAYER_PARTS_H

#include "check/common.h"

typedef struct bl_layer_check {
    bl_checker *checker;
    bl_network *network;
    const bl_constants *constants;
    bl_layer *layer;
    const bl_node *node;
    bool last;
    bool printed;
} bl_layer_check;

/* Whether every side of a shape is known. A side that an error leaves unknown is 0. */
static inline bool bl_shape_known(bt_shape shape)
{
    return shape.height > 0 && shape.width > 0 && shape.channels > 0;
}

/* Checks the operation and its options: fields, strides, padding and the shape of the output. `kind` and `in` must be
 * set. */
void bl_check_shape(const bl_layer_check *check);

/* Takes the sides of a window, a grid or a neighbourhood on a map. One number is a length, on a map of one row. False,
 * with a diagnostic: they are unknown, or the map has more rows. */
bool bl_take_extent(const bl_layer_check *check, const bl_node *node, bt_shape map, uint32_t sides[2]);

/* Reports an option or a property if it belongs to other operations only. */
void bl_check_belongs(const bl_layer_check *check, const bl_node *option);

/* `depress`, then `fire`. */
void bl_check_neighbours(const bl_layer_check *check, const bl_node *block);
void bl_check_fire(const bl_layer_check *check, const bl_node *block);

/* Warns of the default of `fire` in a depressed layer whose drives are standardised. */
void bl_warn_graded(const bl_layer_check *check, const bl_node *block);

#endif
