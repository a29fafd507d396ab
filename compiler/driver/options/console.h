/* What reaches the user: messages on standard error, the fate of standard output, and memory that may run out. */
#ifndef BOUTON_DRIVER_CONSOLE_H
#define BOUTON_DRIVER_CONSOLE_H

#include <stddef.h>

#include "bouton/runtime.h"
#include "options/cli.h"

typedef enum message_kind { MESSAGE_ERROR, MESSAGE_WARNING, MESSAGE_NOTE } message_kind;

/* One line: "error: place: cause; mend". `cli` may be NULL: then without colour. */
void say(const command_line *cli, message_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Says an error and returns `status`; of a library's error, the status its kind stands for. */
int fail(const command_line *cli, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
int fail_with(const command_line *cli, const br_error *error);
int fail_memory(const command_line *cli);

/* Zeroed memory for count items; NULL, having said so, where there is none. */
void *allocate(const command_line *cli, size_t count, size_t size);
char *text_copy(const command_line *cli, const char *text, size_t length);

/* Flushes standard output. STATUS_IO, said on standard error unless its reader has just gone away, where something
 * written to it was lost. */
int finish_output(const command_line *cli);

#endif
