/* Names in folders. */
#ifndef BR_NAMES_H
#define BR_NAMES_H

#include "bouton/runtime.h"

typedef struct br_names {
    char **list; /* owned */
    uint64_t count, room;
} br_names;

int br_names_add(br_names *names, const char *name, br_error *error); /* copies it */
void br_names_free(br_names *names);

/* Sorts by numbers if every name is a whole number, and by bytes otherwise. */
void br_names_sort(br_names *names);

/* Writes "ant, Bee, cat", and "..." for names that have no room. Returns `out`. */
const char *br_names_write(char *out, uint64_t size, const char *const *names, uint64_t count);

/* The names in a folder: folders sorted as br_names_sort does, the others by bytes. Names that begin with a dot, and
 * what systems leave in folders (Thumbs.db, desktop.ini, __MACOSX ...), are left out. Links are followed. */
typedef struct br_listing {
    br_names folders, files;
    br_names others; /* pipes, devices, sockets, and links that lead nowhere */
} br_listing;

int br_listing_read(const char *path, br_listing *out, br_error *error);
void br_listing_free(br_listing *listing);

/* folder/name; the caller releases it. */
char *br_path_join(const char *folder, const char *name, br_error *error);

#endif
