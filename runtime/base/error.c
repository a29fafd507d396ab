/* Errors are values of one kind and one sentence. They are filled in where the error occurs and passed up unchanged. */
#include <stdarg.h>

#include "bouton/runtime.h"

int(br_fail)(br_error *error, br_error_kind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->kind = kind;
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return -1;
}
