/* The notes of reading: decisions and suspicions that the caller shows, because a library does not print. */
#ifndef BR_NOTES_H
#define BR_NOTES_H

#include "bouton/data.h"

typedef struct br_notes {
    br_note *list;
    uint32_t count, room;
} br_notes;

/* Adds a note, unless there is an equal one. If memory runs out, the note is lost: reading goes on. */
void br_note_add(br_notes *notes, bool warning, const char *format, ...) __attribute__((format(printf, 3, 4)));

void br_notes_free(br_notes *notes);

#endif
