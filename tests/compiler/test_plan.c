/* The plan, and the processors for which it can be made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/compiler.h"

static const char *const text = "network n {\n"
                                "  input image(28x28) in [0, 0.5];\n"
                                "  layer hidden = dense(500);\n"
                                "  layer narrow = dense(33) { alpha in [0, 0.3]; }\n"
                                "  layer class = dense(10);\n"
                                "}\n";

static const bl_program *program_of(bl_context **context)
{
    *context = bl_context_new();
    assert_non_null(*context);
    assert_int_equal(bl_load_text(*context, "plan.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(*context, NULL);
    if (!program)
        bl_write_diagnostics(*context, stderr, false);
    assert_non_null(program);
    return program;
}

static bc_plan *plan_for(const bl_program *program, const char *cpu)
{
    bc_plan *plan;
    br_error error;
    bc_options options = {.cpu = cpu, .level = 2};
    if (bc_plan_new(program, &options, &plan, &error) != 0)
        fail_msg("%s", error.message);
    return plan;
}

static void strides_are_whole_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *cpu;
        uint32_t lanes;
    } levels[] = {{"generic", 4}, {"x86-64-v3", 8}, {"x86-64-v4", 16}};
    bl_context *context;
    const bl_program *program = program_of(&context);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        bc_plan *plan = plan_for(program, levels[i].cpu);
        assert_int_equal(plan->lanes, levels[i].lanes);
        assert_int_equal(plan->layer_count, 3);
        for (uint32_t l = 0; l < plan->layer_count; l++) {
            const bc_layer_plan *layer = &plan->layers[l];
            assert_int_equal(layer->pitch % plan->lanes, 0);
            assert_true(layer->pitch >= layer->layer->neurons && layer->pitch < layer->layer->neurons + plan->lanes);
            assert_true(layer->rows >= layer->layer->inputs);
            assert_int_equal(layer->bounds_bytes, (uint64_t)layer->rows * layer->pitch * 4);
            if (l)
                assert_int_equal(layer->in.sample_stride, plan->layers[l - 1].out.sample_stride);
        }
        bc_plan_free(plan);
    }
    bl_context_free(context);
}

static void form_follows_the_bounds(void **state)
{
    (void)state;
    bl_context *context;
    const bl_program *program = program_of(&context);
    bc_plan *plan = plan_for(program, "native");
    assert_true(plan->layers[0].soft);  /* alpha_max equals the range of its input */
    assert_false(plan->layers[1].soft); /* alpha_max lies below the range */
    assert_true(plan->layers[0].by_neurons);
    assert_false(plan->layers[2].by_neurons);
    bc_plan_free(plan);
    bl_context_free(context);
}

static void unknown_processors_are_named(void **state)
{
    (void)state;
    bl_context *context;
    const bl_program *program = program_of(&context);
    bc_plan *plan;
    br_error error;
    bc_options options = {.cpu = "x86-64-v33", .level = 2};
    assert_int_equal(bc_plan_new(program, &options, &plan, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_USAGE);
    assert_string_equal(error.message, "unknown processor 'x86-64-v33'; did you mean 'x86-64-v3'?");
    options.cpu = "abacus";
    assert_int_equal(bc_plan_new(program, &options, &plan, &error), -1);
    assert_non_null(strstr(error.message, "known are native, generic"));
    bl_context_free(context);
}

static void code_has_a_name_for_every_kernel(void **state)
{
    (void)state;
    bl_context *context;
    const bl_program *program = program_of(&context);
    bc_options options = BC_OPTIONS_DEFAULT;
    br_error error;
    char *dumped = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&dumped, &size);
    assert_int_equal(bc_dump_llvm(program, &options, to, &error), 0);
    fclose(to);
    static const char *const names[] = {"@n_hidden_events", "@n_hidden_forward",  "@n_hidden_rows",
                                        "@n_hidden_step",   "@n_narrow_feedback", "@n_class_step"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(strstr(dumped, names[i]));
    assert_null(strstr(dumped, "@n_hidden_feedback")); /* the first layer has no layer below */
    free(dumped);
    bl_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strides_are_whole_vectors),
        cmocka_unit_test(form_follows_the_bounds),
        cmocka_unit_test(unknown_processors_are_named),
        cmocka_unit_test(code_has_a_name_for_every_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
