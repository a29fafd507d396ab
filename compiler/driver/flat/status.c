#include "flat/status.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bouton/lang.h"

bouton_status *bouton_status_new(void)
{
    return calloc(1, sizeof(bouton_status));
}

void flat_begin(bouton_status *status)
{
    if (status == NULL)
        return;
    free(status->text);
    free(status->diagnostics);
    free(status->notes);
    json_decref(status->told);
    *status = (bouton_status){0};
}

void bouton_status_free(bouton_status *status)
{
    flat_begin(status);
    free(status);
}

int flat_end(bouton_status *status, int code)
{
    if (status != NULL)
        status->code = code;
    return code;
}

static void keep(bouton_status *status, char *text)
{
    if (status == NULL || status->text != NULL) /* the first error is the cause of the others */
        free(text);
    else
        status->text = text;
}

int flat_fail(bouton_status *status, int code, const char *format, ...)
{
    va_list list;
    char *text;
    va_start(list, format);
    if (vasprintf(&text, format, list) < 0)
        text = NULL;
    va_end(list);
    keep(status, text);
    return flat_end(status, code);
}

int flat_fail_with(bouton_status *status, const br_error *error)
{
    return flat_fail(status, error->kind == BR_OK ? BOUTON_FAULT : (int)error->kind, "%s", error->message);
}

int flat_fail_memory(bouton_status *status)
{
    return flat_fail(status, BOUTON_FAULT, "Out of memory; try a smaller network or fewer samples");
}

void flat_told(void *user, int kind, const char *text)
{
    bouton_status *status = user;
    if (status == NULL)
        return;
    if (kind == MESSAGE_ERROR) {
        keep(status, strdup(text));
        return;
    }
    if (status->told == NULL)
        status->told = json_array();
    json_t *words = json_string(text); /* NULL: not UTF-8, as the name of a file may be */
    (void)json_array_append_new(status->told, json_pack("{s:s, s:o}", "kind", kind == MESSAGE_NOTE ? "note" : "warning",
                                                        "text", words != NULL ? words : json_null()));
}

void flat_diagnose(bouton_status *status, const bl_context *context)
{
    char *text = NULL, *json = NULL;
    size_t size;
    if (status == NULL || context == NULL)
        return;
    FILE *to = open_memstream(&json, &size);
    if (to != NULL) {
        bl_write_diagnostics_json(context, to);
        fclose(to);
    }
    free(status->diagnostics);
    status->diagnostics = json;
    if (bl_error_count(context) == 0 || (to = open_memstream(&text, &size)) == NULL)
        return;
    bl_write_diagnostics(context, to, false);
    fclose(to);
    if (text != NULL && size > 0 && text[size - 1] == '\n')
        text[size - 1] = '\0';
    keep(status, text);
}

int bouton_status_code(const bouton_status *status)
{
    return status->code;
}

const char *bouton_status_text(const bouton_status *status)
{
    return status->text != NULL             ? status->text
           : status->code == BOUTON_OK      ? ""
           : status->code == BOUTON_STOPPED ? "The progress function stopped the training"
                                            : "Out of memory";
}

const char *bouton_status_diagnostics(const bouton_status *status)
{
    return status->diagnostics != NULL ? status->diagnostics : "";
}

const char *bouton_status_notes(const bouton_status *status)
{
    bouton_status *mine = (bouton_status *)status; /* the text is made when it is asked for */
    if (mine->notes == NULL && mine->told != NULL)
        mine->notes = json_dumps(mine->told, JSON_COMPACT);
    return mine->notes != NULL ? mine->notes : "[]";
}

const char *bouton_version(void)
{
    return BR_VERSION;
}

uint32_t bouton_interface_version(void)
{
    return BOUTON_FLAT_VERSION;
}

void bouton_release(void *text)
{
    free(text);
}
