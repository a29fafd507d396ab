/* Waits until one of several files changes. The system's notices (inotify) wake it at once; where there are none, it looks
 * at the files twice a second. In both cases the files themselves decide: their size, time and number. */
#ifndef BOUTON_DRIVER_CHANGES_H
#define BOUTON_DRIVER_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "options/cli.h"

typedef struct file_changes file_changes;

/* `polls`: without inotify. NULL, after a message: out of memory. */
file_changes *changes_new(const command_line *cli, bool polls);
void changes_free(file_changes *changes); /* NULL is fine */

/* Forgets all files and begins with this one, as it is now. */
int changes_begin(file_changes *changes, const char *path);

/* Adds a file as it is now, or with `folder` the folder that holds it: a file that is made there is a change, too. */
int changes_add(file_changes *changes, const char *path, bool folder);

/* Waits up to `milliseconds` (-1: without end). True: something changed, and has been quiet since. False: the time is
 * over, or a signal came. */
bool changes_wait(file_changes *changes, int milliseconds);

#endif
