/* The compiled kernel of lateral depression: cases computed by hand, and random drives against the reference. Drives
 * are drawn from few values, so that ties are frequent. The kernel is called directly, so drives and results are exact.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../reference/depress_cases.h"
#include "../reference/random_network.h"
#include "bouton/compiler.h"
#include "cpu_levels.h"

static const double s = .5;
enum { SHAPES = 45, DRAWS = 12, MOST_NEURONS = 1024 };

typedef struct subject {
    ref_shape shape;
    ref_fire fire;
    uint32_t clause_count;
    const ref_clause *clauses;
} subject;

static void write_text(const subject *c, char *text, size_t size)
{
    FILE *to = fmemopen(text, size, "w");
    assert_non_null(to);
    fprintf(to, "network random {\n  input image(%ux%u) in [0, 0.5];\n  layer map = conv(1x1, %u) {\n", c->shape.height,
            c->shape.width, c->shape.channels);
    for (uint32_t i = 0; i < c->clause_count; i++) {
        const ref_clause *clause = &c->clauses[i];
        if (clause->over_places)
            fprintf(to, "    depress over places %ux%u", clause->height, clause->width);
        else
            fprintf(to, "    depress over filters");
        if (clause->within)
            fprintf(to, " within %u", clause->within);
        fprintf(to, " gap %g keep %u;\n", clause->gap, clause->keep);
    }
    fprintf(to, "    fire %s;\n  }\n  layer class = dense(2);\n}\n", c->fire == REF_BINARY ? "binary" : "graded");
    assert_int_equal(fclose(to), 0);
}

typedef struct compiled {
    bl_context *context;
    bc_code *code;
    const br_layer_code *layer;
    float *drive, *out, *conscience; /* padded to the layer's pitch */
} compiled;

static float *take(uint64_t count)
{
    float *memory = aligned_alloc(64, (count * sizeof *memory + 63) / 64 * 64);
    assert_non_null(memory);
    memset(memory, 0, count * sizeof *memory);
    return memory;
}

static compiled compile(const subject *c, uint32_t level)
{
    char text[2048];
    br_error error;
    compiled out = {.context = bl_context_new()};
    write_text(c, text, sizeof text);
    assert_int_equal(bl_load_text(out.context, "depress.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(out.context, NULL);
    if (!program) {
        bl_write_diagnostics(out.context, stderr, false);
        fail_msg("the checker refused:\n%s", text);
    }
    const bc_options options = {.cpu = cpu_levels[level], .level = 2};
    if (bc_compile(program, &options, &out.code, &error) != 0)
        fail_msg("%s\n%s", error.message, text);
    out.layer = &bc_code_model(out.code)->layers[0];
    out.drive = take(out.layer->shape.out.sample_stride);
    out.out = take(out.layer->shape.out.sample_stride);
    out.conscience = take(out.layer->layout.pitch);
    return out;
}

static void release(compiled *c)
{
    free(c->drive);
    free(c->out);
    free(c->conscience);
    bc_code_free(c->code);
    bl_context_free(c->context);
}

/* Runs the kernel on the drives x and expects the activations o. */
static void expect(const subject *c, const compiled *code, const double *x, const double *o, const char *what)
{
    uint32_t pitch = code->layer->shape.out.pitch, n = c->shape.channels;
    uint32_t places = c->shape.height * c->shape.width;
    for (uint32_t p = 0; p < places; p++)
        for (uint32_t k = 0; k < n; k++) {
            code->drive[p * pitch + k] = (float)x[p * n + k];
            code->out[p * pitch + k] = (float)(s * fmin(1, fmax(0, x[p * n + k])));
        }
    br_layer_state state = {.drive = code->drive, .out = code->out, .conscience = code->conscience, .batch = 1};
    code->layer->kernels.depress(&state, 0, 1, 0, 0);
    for (uint32_t p = 0; p < places; p++) {
        for (uint32_t k = 0; k < n; k++) {
            double got = code->out[p * pitch + k], wanted = o[p * n + k];
            if (!(fabs(got - wanted) <= 1e-7) || (got > 0) != (wanted > 0)) {
                char text[2048];
                write_text(c, text, sizeof text);
                fail_msg("%s: place %u, filter %u answers %g, not %g, on %s:\n%s", what, p, k, got, wanted,
                         bc_code_model(code->code)->cpu, text);
            }
        }
        for (uint32_t k = n; k < pitch; k++)
            assert_true(code->out[p * pitch + k] == 0); /* lanes without a filter stay silent */
    }
}

static void cases_by_hand(void **state)
{
    (void)state;
    for (int i = 0; i < CASE_COUNT; i++) {
        const depress_case *c = &depress_cases[i];
        const subject of = {c->shape, c->fire, c->clause_count, c->clauses};
        double o[CASE_MOST];
        for (uint32_t k = 0; k < CASE_MOST; k++)
            o[k] = s * c->answer[k];
        uint32_t level = (uint32_t)i % CPU_LEVELS;
        compiled code = compile(&of, cpu_level_runs(level) ? level : 0);
        expect(&of, &code, c->x, o, c->what);
        release(&code);
    }
}

/* At least one neuron of a neighbourhood must go, and kernels keep at most eight neurons of a ring or a window. */
static uint32_t draw_keep(ref_random *random, uint32_t around)
{
    return ref_chance(random, .5) ? 1 : 1 + ref_below(random, around - 1 < 8 ? around - 1 : 8);
}

static ref_clause draw_clause(ref_random *random, ref_shape shape)
{
    static const double gaps[] = {0, 0, .125, .25};
    ref_clause clause = {.gap = gaps[ref_below(random, 4)]};
    uint32_t around = shape.channels;
    clause.over_places = shape.channels == 1 || (shape.height * shape.width > 1 && ref_chance(random, .4));
    if (clause.over_places) {
        clause.height = 1 + 2 * ref_below(random, (shape.height + 1) / 2);
        clause.width = 1 + 2 * ref_below(random, (shape.width + 1) / 2);
        if (clause.height * clause.width == 1)
            clause.height = clause.width = 3;
        around = clause.height * clause.width;
    } else if (shape.channels > 2 && ref_chance(random, .6)) {
        clause.within = 1 + ref_below(random, (shape.channels - 1) / 2);
        around = 2 * clause.within + 1;
    }
    clause.keep = draw_keep(random, around);
    return clause;
}

static void agrees_where_drives_tie(void **state)
{
    (void)state;
    const char *given = getenv("BOUTON_TEST_SEED");
    ref_random random = {given ? strtoull(given, NULL, 10) : 1962};
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)random.state);
    for (uint32_t i = 0; i < SHAPES; i++) {
        ref_shape shape = {1, 1, 2 + ref_below(&random, 40)};
        if (ref_chance(&random, .6))
            shape = (ref_shape){3 + ref_below(&random, 3), 3 + ref_below(&random, 3), 1 + ref_below(&random, 40)};
        ref_clause clauses[2] = {draw_clause(&random, shape), draw_clause(&random, shape)};
        subject c = {shape, ref_chance(&random, .5) ? REF_BINARY : REF_GRADED, 1 + ref_below(&random, 2), clauses};
        uint32_t count = shape.height * shape.width * shape.channels, level = i % CPU_LEVELS;
        compiled code = compile(&c, cpu_level_runs(level) ? level : 0);
        assert_true(count <= MOST_NEURONS);
        for (uint32_t draw = 0; draw < DRAWS; draw++) {
            double x[MOST_NEURONS], o[MOST_NEURONS];
            uint32_t values = 2 + ref_below(&random, 12);
            for (uint32_t n = 0; n < count; n++) {
                x[n] = (ref_below(&random, values) - 1.0) / 8; /* from -1/8: some are below their threshold */
                o[n] = s * fmin(1, fmax(0, x[n]));
            }
            ref_depress(x, shape, clauses, c.clause_count, c.fire, s, o);
            expect(&c, &code, x, o, "drawn");
        }
        release(&code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases_by_hand), cmocka_unit_test(agrees_where_drives_tie)};
    return cmocka_run_group_tests_name("compiler/depress", tests, NULL, NULL);
}
