/* bouton_status: what a call of the flat interface came to. Every function begins with flat_begin and gives its result
 * to flat_end. */
#ifndef BOUTON_DRIVER_FLAT_STATUS_H
#define BOUTON_DRIVER_FLAT_STATUS_H

#include <jansson.h>

#include "bouton/bouton.h"
#include "options/console.h"

struct bouton_status {
    int code;
    char *text;        /* the first error; NULL: none */
    char *diagnostics; /* NULL: the call read no text */
    char *notes;       /* of bouton_status_notes; NULL: not asked for yet */
    json_t *told;      /* notes and warnings; NULL: none */
};

/* Empties the status of the call before. NULL is fine. */
void flat_begin(bouton_status *status);

/* Keeps the code, and returns it. */
int flat_end(bouton_status *status, int code);

/* Keeps an error and returns its code. */
int flat_fail(bouton_status *status, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
int flat_fail_with(bouton_status *status, const br_error *error);
int flat_fail_memory(bouton_status *status);

/* The host of a verb: its messages become those of the status. */
void flat_told(void *status, int kind, const char *text);

/* Keeps the diagnostics of a text. If it has errors, their text is the status's. */
void flat_diagnose(bouton_status *status, const bl_context *context);

#endif
