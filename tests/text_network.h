/* A network made from its text, and what the text says to train it with. Suites call only the steps that they need. A
 * step that fails fails the test. */
#ifndef TEXT_NETWORK_H
#define TEXT_NETWORK_H

#include <string.h>

#include "bouton/compiler.h"

typedef struct text_network {
    bl_context *context;
    const bl_program *program;
    bc_code *code;
    br_network *network;
    br_schedule schedule;
    br_data_spec spec;
    br_data *data;
} text_network;

/* Checks and compiles the text. The network is not started. NULL: the usual options. */
static inline void text_network_compile(text_network *t, const char *text, const bc_options *options)
{
    br_error error = {0};
    *t = (text_network){.context = bl_context_new()};
    assert_non_null(t->context);
    assert_int_equal(bl_load_text(t->context, "n.btn", text, strlen(text)), 0);
    t->program = bl_check(t->context, NULL);
    if (!t->program)
        bl_write_diagnostics(t->context, stderr, false);
    assert_non_null(t->program);
    if (bc_compile(t->program, options, &t->code, &error) != 0 ||
        br_network_new(bc_code_model(t->code), &t->network, &error) != 0)
        fail_msg("%s", error.message);
}

/* Starts the network as its schedule says. */
static inline void text_network_start(text_network *t)
{
    br_error error = {0};
    if (bc_lower_schedule(t->program, &t->schedule, &error) != 0 ||
        br_network_start(t->network, t->schedule.starts, t->schedule.seed, &error) != 0)
        fail_msg("%s", error.message);
}

/* Loads the data of the text, with the schedule's seed; its files lie in `folder` (NULL: there are none). */
static inline void text_network_load_from(text_network *t, const char *folder)
{
    br_error error = {0};
    if (bc_lower_data(t->program, &t->spec, &error) != 0)
        fail_msg("%s", error.message);
    t->spec.folder = folder;
    if (br_data_load(&t->spec, t->schedule.seed, &t->data, &error) != 0)
        fail_msg("%s", error.message);
}

static inline void text_network_load(text_network *t)
{
    text_network_load_from(t, NULL);
}

static inline void text_network_train(text_network *t, const br_train_options *options, br_train_result *out)
{
    br_error error = {0};
    if (br_train(t->network, &t->schedule, t->data, options, out, &error) != 0)
        fail_msg("%s", error.message);
}

static inline void text_network_end(text_network *t)
{
    br_network_free(t->network);
    br_data_free(t->data);
    bc_code_free(t->code);
    bc_lowered_data_free(&t->spec);
    bc_lowered_schedule_free(&t->schedule);
    bl_context_free(t->context);
}

#endif
