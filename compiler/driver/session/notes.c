#include "session/notes.h"

#include "options/console.h"

static void print(const command_line *cli, const br_note *note)
{
    say(cli, note->warning ? MESSAGE_WARNING : MESSAGE_NOTE, "%s", note->text);
}

void notes_print(const command_line *cli, const br_data *data)
{
    const br_note *notes;
    uint32_t count = br_data_notes(data, &notes);
    for (uint32_t i = 0; i < count; i++)
        print(cli, &notes[i]);
}

void notes_print_new(const command_line *cli, br_told **told, const char *path, const br_data *data)
{
    const br_note *notes;
    uint32_t count = br_data_notes(data, &notes);
    for (uint32_t i = 0; i < count; i++)
        if (br_note_first(told, path, &notes[i]))
            print(cli, &notes[i]);
}
