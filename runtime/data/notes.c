#include "data/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define LONGEST 1024 /* bytes of a note */

void br_note_add(br_notes *notes, bool warning, const char *format, ...)
{
    char text[LONGEST];
    br_error lost;
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    for (uint32_t i = 0; i < notes->count; i++)
        if (strcmp(notes->list[i].text, text) == 0)
            return;
    if (notes->count == notes->room) {
        uint32_t room = 2 * notes->room + 4;
        br_note *larger = br_resize(notes->list, room, sizeof *larger, &lost);
        if (larger == NULL)
            return;
        notes->list = larger;
        notes->room = room;
    }
    char *copy = br_copy_string(text, &lost);
    if (copy != NULL)
        notes->list[notes->count++] = (br_note){warning, copy};
}

void br_notes_free(br_notes *notes)
{
    for (uint32_t i = 0; i < notes->count; i++)
        br_release((char *)notes->list[i].text);
    br_release(notes->list);
    *notes = (br_notes){0};
}

struct br_told {
    br_notes notes;
};

bool br_note_first(br_told **told, const char *path, const br_note *note)
{
    br_error lost;
    size_t length = strlen(path);
    const char *text = note->text + (strncmp(note->text, path, length) == 0 ? length : 0);
    if (*told == NULL)
        *told = br_new(1, sizeof **told, &lost);
    if (*told == NULL)
        return true;
    br_notes *notes = &(*told)->notes;
    for (uint32_t i = 0; i < notes->count; i++)
        if (strcmp(notes->list[i].text, text) == 0)
            return false;
    br_note_add(notes, note->warning, "%s", text);
    return true;
}

void br_told_free(br_told *told)
{
    if (told == NULL)
        return;
    br_notes_free(&told->notes);
    br_release(told);
}
