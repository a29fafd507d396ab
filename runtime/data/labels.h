/* Labels that are words, in arrays. */
#ifndef BR_DATA_LABELS_H
#define BR_DATA_LABELS_H

#include "data/formats/readers.h"

/* Replaces the codes of words by classes: those of the schema's names. If the schema has none, the words become its
 * names, in ascending order of their bytes; a note tells them. BR_ERROR_CHECK: a word that names no class, or another
 * number of words than classes. Labels that are numbers stay. */
int br_labels_name(br_labels *labels, const char *path, uint32_t classes, br_schema *schema, br_notes *notes,
                   br_error *error);

#endif
