/* What the parts of the layer's check share: shapes (check_shape.c), neighbours (check_depress.c), firing
 * (check_fire.c), the rest. */
#ifndef BL_CHECK_LAYER_H
#define BL_CHECK_LAYER_H

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

/* Is every side of a shape known? What an error leaves unknown is 0. */
static inline bool bl_shape_known(bt_shape shape)
{
    return shape.height > 0 && shape.width > 0 && shape.channels > 0;
}

/* The operation and its options: fields, strides, padding, the shape that comes out. Before it `kind` and `in` are
 * set. */
void bl_check_shape(const bl_layer_check *check);

/* An option or property that other operations have. */
void bl_check_belongs(const bl_layer_check *check, const bl_node *option);

/* `depress` and `fire`. */
void bl_check_neighbours(const bl_layer_check *check, const bl_node *block);
void bl_check_fire(const bl_layer_check *check, const bl_node *block);

#endif
