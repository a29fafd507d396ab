/* Reading the sources of a data set, one array for each. */
#ifndef BR_SOURCE_H
#define BR_SOURCE_H

#include "data/data.h"
#include "data/pictures/pictures.h"
#include "data/table/table.h"

/* A data set while its sources are read. */
typedef struct br_loader {
    const br_data_spec *spec;
    uint64_t seed;
    br_data *data;             /* its schema and notes are filled in on the way */
    uint64_t drawn[BT_SPLITS]; /* synthetic samples that the split already has */
    br_picture_context pictures;
    bool folders_numbered; /* a folder of pictures was read, and its classes are called 0, 1, 2, ... */
    br_tables *tables;     /* NULL: no source is a table */
    br_array *parts;       /* [spec->source_count] */
    br_array **of_tables;  /* [table_count]: the parts that are rows of tables */
    uint32_t table_count;
    bool borrows; /* values that the caller gives are borrowed, not copied */
    br_error *error;
} br_loader;

/* Reads source `index` of the spec into its part. Parts of tables are complete after br_tables_finish. */
int br_source_read(br_loader *loader, uint32_t index);

/* Gives a part the shape of the network, and prepares and checks its values. */
int br_source_fit(br_loader *loader, uint32_t index);

#endif
