#include "options/console.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void tell_host(const verb_host *host, message_kind kind, const char *format, va_list list)
{
    char *text;
    int length = vasprintf(&text, format, list);
    host->told(host->user, kind, length >= 0 ? text : "Out of memory");
    if (length >= 0)
        free(text);
}

static void say_list(const command_line *cli, message_kind kind, const char *format, va_list list)
{
    static const char *const words[] = {"error", "warning", "note"};
    static const char *const colors[] = {"\033[1;31m", "\033[1;33m", "\033[1;36m"};
    if (cli != NULL && cli->host.told != NULL) {
        tell_host(&cli->host, kind, format, list);
        return;
    }
    bool color = cli != NULL && cli->color;
    flockfile(stderr); /* lines of several threads do not mix */
    fprintf(stderr, "%s%s:%s ", color ? colors[kind] : "", words[kind], color ? "\033[0m" : "");
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    funlockfile(stderr);
}

void say(const command_line *cli, message_kind kind, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say_list(cli, kind, format, list);
    va_end(list);
}

int fail(const command_line *cli, int status, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say_list(cli, MESSAGE_ERROR, format, list);
    va_end(list);
    return status;
}

_Static_assert((int)STATUS_FAILED == (int)BR_ERROR_CHECK && (int)STATUS_USAGE == (int)BR_ERROR_USAGE &&
                   (int)STATUS_IO == (int)BR_ERROR_IO && (int)STATUS_FAULT == (int)BR_ERROR_FAULT,
               "a library's kinds of error are exit statuses");

int fail_with(const command_line *cli, const br_error *error)
{
    return fail(cli, error->kind == BR_OK ? STATUS_FAULT : (int)error->kind, "%s", error->message);
}

int fail_memory(const command_line *cli)
{
    return fail(cli, STATUS_FAULT, "Out of memory; try a smaller network or batch");
}

void *allocate(const command_line *cli, size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size); /* calloc fails if the product overflows */
    if (memory == NULL)
        fail_memory(cli);
    return memory;
}

char *text_copy(const command_line *cli, const char *text, size_t length)
{
    char *copy = allocate(cli, length + 1, 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

/* The program that reads a pipe may close it early (`| head`). That is no error, so no message is printed. */
static bool reader_left(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

int finish_output(const command_line *cli)
{
    errno = 0;
    bool lost = fflush(stdout) != 0;
    int cause = errno;
    lost = ferror(stdout) != 0 || lost;
    if (!lost)
        return STATUS_DONE;
    if (cause == EPIPE || reader_left())
        return STATUS_IO;
    return fail(cli, STATUS_IO, "Standard output: %s; the result is incomplete",
                cause != 0 ? strerror(cause) : "a write failed");
}
