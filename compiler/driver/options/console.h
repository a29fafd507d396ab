/* Messages on standard error, checks of standard output, and allocation that reports its failure. */
#ifndef BOUTON_DRIVER_CONSOLE_H
#define BOUTON_DRIVER_CONSOLE_H

#include <stddef.h>

#include "bouton/runtime.h"
#include "options/cli.h"

typedef enum message_kind { MESSAGE_ERROR, MESSAGE_WARNING, MESSAGE_NOTE } message_kind;

/* Prints one line: "error: place: cause; remedy", or tells it the host of the verb. If `cli` is NULL, the line has no
 * colour. */
void say(const command_line *cli, message_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Print an error and return the exit status: `status`, the status of a library's error kind, or STATUS_FAULT. */
int fail(const command_line *cli, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
int fail_with(const command_line *cli, const br_error *error);
int fail_memory(const command_line *cli);

/* Zeroed memory for `count` items. If memory runs out, prints an error and returns NULL. */
void *allocate(const command_line *cli, size_t count, size_t size);
char *text_copy(const command_line *cli, const char *text, size_t length);

/* Flushes standard output. If output was lost, returns STATUS_IO and prints an error, unless the reader closed the
 * pipe. */
int finish_output(const command_line *cli);

#endif
