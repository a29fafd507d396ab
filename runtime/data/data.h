/* The contents of a br_data: three splits that own their arrays, and the views given to callers. */
#ifndef BR_DATA_H
#define BR_DATA_H

#include "data/array.h"
#include "data/notes.h"

struct br_data {
    br_array arrays[BT_SPLITS];
    br_samples views[BT_SPLITS];
    uint64_t hash;
    br_schema schema; /* owned */
    br_notes notes;
    bool first_column; /* the first column of its tables looks like labels */
    void *mapped;      /* where the arrays borrow their values from: memory shared with other ranks; NULL: nowhere */
    uint64_t mapped_bytes;
};

/* Fills in the views once the arrays are complete. */
void br_data_show(br_data *data, double low, double high);

#endif
