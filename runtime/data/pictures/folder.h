/* Folders of pictures, one folder for each class. */
#ifndef BR_FOLDER_H
#define BR_FOLDER_H

#include "data/pictures/names.h"
#include "data/pictures/pictures.h"

/* How a folder of class folders is read. */
typedef struct br_folder_rules {
    const br_picture_shape *shape;
    uint32_t classes;
    const char *const *names; /* [classes]: the class folder of each label; NULL: see `numbered` */
    bool numbered;            /* the class folders are called 0 .. classes-1; otherwise their names are learned */
} br_folder_rules;

/* Reads every picture. If names are learned, labels follow the order of br_names_sort, and *names receives the names
 * of the classes in the order of labels; it stays empty if they are the numbers 0 .. classes-1, which need no names.
 * It must be empty before. BR_ERROR_CHECK: other class folders than the rules expect. BR_ERROR_IO: no folder, a class
 * without pictures, something in a class folder that is no picture. */
int br_folder_read(br_picture_context *context, const char *path, const br_folder_rules *rules, br_array *out,
                   br_names *names, br_error *error);

#endif
