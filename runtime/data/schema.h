/* Schemas that own their memory. */
#ifndef BR_SCHEMA_H
#define BR_SCHEMA_H

#include "bouton/data.h"

/* Copies a schema with all its strings. On failure *out is empty. */
int br_schema_copy(const br_schema *from, br_schema *out, br_error *error);

/* Replaces the names of the classes by copies of `names`. */
int br_schema_set_classes(br_schema *schema, const char *const *names, uint32_t count, br_error *error);

/* Adds an empty column, or a word to the last one; both copy their text. `name` may be NULL. */
int br_schema_add_column(br_schema *schema, bt_role role, const char *name, br_error *error);
int br_schema_add_word(br_schema *schema, const char *word, br_error *error);
int br_schema_add_class(br_schema *schema, const char *name, br_error *error);
int br_schema_add_range(br_schema *schema, br_range range, br_error *error);

void br_schema_clear(br_schema *schema);

#endif
