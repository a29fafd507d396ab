#include "prediction_view.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"

prediction_view prediction_begin(const cli *cli, uint32_t classes, FILE *to)
{
    prediction_view view = {
        .cli = cli, .to = to, .classes = classes, .json = cli_has(cli, OPTION_json), .csv = cli_has(cli, OPTION_csv)};
    if (view.json)
        fputs("{\"predictions\": [", to);
    if (view.csv) {
        fputs("input,label", to);
        for (uint32_t k = 0; k < classes; k++)
            fprintf(to, ",level%u", k);
        fputc('\n', to);
    }
    return view;
}

/* The class with the largest level beside `label`; `label` itself where there is no other. */
static uint32_t runner_up(const float *levels, uint32_t classes, uint32_t label)
{
    uint32_t next = label;
    for (uint32_t k = 0; k < classes; k++)
        if (k != label && (next == label || levels[k] > levels[next]))
            next = k;
    return next;
}

static void print_text(const prediction_view *view, const char *name, uint32_t label, const float *levels)
{
    uint32_t next = runner_up(levels, view->classes, label);
    fprintf(view->to, "%s: %u  (%.2f", name, label, (double)levels[label]);
    if (next != label)
        fprintf(view->to, "; next %u %.2f", next, (double)levels[next]);
    fputs(")\n", view->to);
}

/* RFC 4180: a field that holds a separator, a quote or a line's end is quoted, its quotes doubled. */
static void print_csv_field(const char *text, FILE *to)
{
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void print_csv(const prediction_view *view, const char *name, uint32_t label, const float *levels)
{
    print_csv_field(name, view->to);
    fprintf(view->to, ",%u", label);
    for (uint32_t k = 0; k < view->classes; k++)
        fprintf(view->to, ",%.6f", (double)levels[k]);
    fputc('\n', view->to);
}

/* A file name may hold any bytes, JSON text may not: bytes beyond ASCII that are no UTF-8 make the name be left out. */
static int print_json(const prediction_view *view, const char *name, uint32_t label, const float *levels)
{
    json_t *list = json_array(), *named = json_string(name);
    bool whole = list != NULL;
    for (uint32_t k = 0; whole && k < view->classes; k++)
        whole = json_array_append_new(list, json_real((double)levels[k])) == 0;
    json_t *item = json_pack("{s:o, s:I, s:o}", "input", named != NULL ? named : json_null(), "label",
                             (json_int_t)label, "levels", list);
    if (item != NULL && whole) {
        fputs(view->printed > 0 ? ",\n  " : "\n  ", view->to);
        json_dumpf(item, view->to, JSON_REAL_PRECISION(6));
    }
    json_decref(item);
    return item != NULL && whole ? STATUS_DONE : fail_memory(view->cli);
}

int prediction_print(prediction_view *view, const char *input, int64_t index, uint32_t label, const float *levels)
{
    int status = STATUS_DONE;
    size_t room = strlen(input) + 24;
    char *name = allocate(view->cli, room, 1);
    if (name == NULL)
        return STATUS_FAULT;
    if (index >= 0)
        snprintf(name, room, "%s#%lld", input, (long long)index);
    else
        snprintf(name, room, "%s", input);
    if (view->json)
        status = print_json(view, name, label, levels);
    else if (view->csv)
        print_csv(view, name, label, levels);
    else
        print_text(view, name, label, levels);
    view->printed++;
    free(name);
    return status;
}

void prediction_end(prediction_view *view)
{
    if (view->json)
        fputs("\n]}\n", view->to);
}
