/* Suspicions: values and labels that can be read, but hardly can be meant. Each becomes a warning. */
#ifndef BR_SUSPECT_H
#define BR_SUSPECT_H

#include "data/array.h"
#include "data/notes.h"

/* How the values of a file are to be judged. */
typedef struct br_suspect {
    const char *name; /* of the file or the split, for messages */
    double low, high; /* BT_SCALING_RANGE: the range of raw values */
    bool vector;      /* columns are values; otherwise channels */
    bool predicting;  /* the network is trained: the remedy is to change the values */
    const br_schema *schema;
    br_notes *notes;
} br_suspect;

/* Values that are all equal, that use little of the one range, or columns that use little of it. */
void br_suspect_range(const br_array *array, const br_suspect *judged);

/* Columns of train whose range comes from a few values far from all others. */
int br_suspect_outliers(const br_array *train, const br_suspect *judged, br_error *error);

/* Raw values that lie farther outside a column's range than the range is wide. */
void br_suspect_far(const br_array *array, const br_suspect *judged);

/* Classes of the network without a training sample. `first_column` asks whether the labels are in the first column. */
int br_suspect_classes(const br_array *train, uint32_t classes, bool first_column, const br_suspect *judged,
                       br_error *error);

/* The range that values between `least` and `most` probably came from: [0, 1], [-1, 1], [0, 255] and the like. */
br_range br_range_natural(double least, double most);

#endif
