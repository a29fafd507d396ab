/* Values of maps, as a layer reads them. */
#ifndef BC_FIRMWARE_VALUES_H
#define BC_FIRMWARE_VALUES_H

#include "firmware/context.h"
#include "firmware/data.h"

/* A place of a map, and the number of its first value there. */
typedef struct bc_small_place {
    bc_value y, x, at;
} bc_small_place;

/* A loop over the places of a map, in their order. A map of one place has no loop. */
typedef struct bc_small_places {
    bool alone;
    bc_loop rows, columns;
    bc_small_place place;
} bc_small_places;
bc_small_places bc_small_places_begin(bc_emit *e, const bc_small_map *map);
void bc_small_places_end(bc_emit *e, bc_small_places *places);

/* How one layer reads one map. */
typedef struct bc_reader {
    const bc_small_map *map;
    bool int8;         /* it reads quanta: i32; otherwise floats */
    float per_quantum; /* int8 */
    bc_value base;     /* address of the map */
    bc_value table;    /* of the caller's bytes: [256] quanta or activations; NULL: `factor` times the byte */
    float factor;
} bc_reader;

/* `in` is the caller's sample; `layer` reads source number `source` of its sources. */
bc_reader bc_reader_new(bc_emit *e, const struct bc_firmware *f, uint32_t layer, uint32_t source, bc_value in,
                        bc_value scratch);
bc_value bc_read(bc_emit *e, const bc_reader *r, bc_value index);
/* Whether a value is above 0. */
bc_value bc_is_live(bc_emit *e, const bc_reader *r, bc_value value);

/* min(255, o 255/top + 1/2), truncated, as a byte. No multiply-add is fused. */
bc_value bc_quantum(bc_emit *e, float per_quantum, bc_value o);
/* Stores an activation into a map. */
void bc_write(bc_emit *e, const bc_small_map *map, bc_value scratch, bc_value index, bc_value o);

/* The activation of each of the 256 bytes of a sample. */
void bc_byte_activations(const struct bc_firmware *f, float *out);

/* Emits the function that turns a sample of floats into the input's map: (in, scratch). */
bc_value bc_emit_small_input(bc_emit *e, const struct bc_firmware *f, bc_owner owner);

#endif
