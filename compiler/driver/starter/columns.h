/* What the columns of a table are for: the label, numbers, categories, or nothing. */
#ifndef BOUTON_DRIVER_COLUMNS_H
#define BOUTON_DRIVER_COLUMNS_H

#include "bouton/data_survey.h"
#include "options/cli.h"

typedef struct column_use {
    bt_role role;
    const char *why; /* BT_ROLE_UNUSED: the reason, for a comment */
} column_use;

typedef struct column_choice {
    column_use *uses; /* [column_count]; owned */
    uint32_t label;   /* its column */
    const char *why;  /* the label was chosen because ... */
    uint32_t numbers, categories, unused;
    uint32_t values; /* of a sample: numbers, and one for each word of a category */
    bool missing;    /* some number is missing */
} column_choice;

/* --label decides, or else the names of the columns and what they hold. Prints an error if no column can be the label,
 * or none is left beside it. */
int columns_choose(const command_line *cli, const char *path, const br_table_survey *survey, column_choice *out);
void columns_free(column_choice *choice);

#endif
