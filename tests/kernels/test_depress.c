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
    bool anneals; /* a phase changes how many stay of the first clause, and of no other */
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
    if (c->anneals)
        fprintf(to, "schedule { phase p { correct map; anneal keep 1 to %u/%u over 1; } }\n", c->clauses[0].keep,
                c->shape.channels);
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

/* For `batch` samples. */
static compiled compile_for(const subject *c, const char *cpu, uint32_t batch)
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
    const bc_options options = {.cpu = cpu, .level = 2};
    if (bc_compile(program, &options, &out.code, &error) != 0)
        fail_msg("%s\n%s", error.message, text);
    out.layer = &bc_code_model(out.code)->layers[0];
    out.drive = take((uint64_t)batch * out.layer->shape.out.sample_stride);
    out.out = take((uint64_t)batch * out.layer->shape.out.sample_stride);
    out.conscience = take(out.layer->layout.pitch);
    return out;
}

static compiled compile(const subject *c, uint32_t level)
{
    return compile_for(c, cpu_levels[level], 1);
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
        const subject of = {c->shape, c->fire, c->clause_count, c->clauses, false};
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
        subject c = {shape, ref_chance(&random, .5) ? REF_BINARY : REF_GRADED, 1 + ref_below(&random, 2), clauses,
                     false};
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

/* ---- many filters, many rows ---- */

static const char *const every_level[] = {"native", "generic", "x86-64-v2", "x86-64-v3", "x86-64-v4"};
enum { LEVELS = sizeof every_level / sizeof *every_level, MANY_SHAPES = 30, MANY_DRAWS = 4, CLAUSES = 2 };

static const char *level_or_native(uint32_t level)
{
#ifdef __x86_64__
    bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool runs = level < 3 || (level == 3 ? v3 : v4);
#else
    bool runs = level == 0;
#endif
    return every_level[runs ? level : 0];
}

typedef enum drives { FEW_VALUES, MANY_VALUES, ALL_SCALES, DRIVES } drives;

/* Exact in a float, as are its differences in the first two kinds. */
static double draw_drive(ref_random *random, drives kind, uint32_t values)
{
    if (kind == FEW_VALUES)
        return (ref_below(random, values) - 1.0) / 8;
    if (kind == MANY_VALUES)
        return (ref_below(random, 1u << 16) - 8192.0) / 65536;
    double size = ldexp(1, (int)ref_below(random, 200) - 100);
    return ref_chance(random, .3) ? -size : ref_chance(random, .1) ? -0.0 : size;
}

/* `rows` places of all samples, each with its own drives, through the compiled kernel and the reference. Samples before
 * `first` must not be touched. keep 0: as many stay as at rest. */
static void try_rows(const subject *c, const compiled *code, ref_random *random, uint32_t batch, drives kind,
                     uint32_t keep)
{
    ref_clause clauses[2] = {c->clauses[0], c->clauses[c->clause_count - 1]};
    const br_map *map = &code->layer->shape.out;
    uint32_t n = c->shape.channels, places = c->shape.height * c->shape.width, count = n * places;
    uint32_t first = ref_below(random, batch), values = 2 + ref_below(random, 12);
    bool biased = kind == FEW_VALUES && !c->clauses[0].over_places && !c->clauses[c->clause_count - 1].over_places;
    double *x = calloc((size_t)batch * count, sizeof *x), *o = calloc(count, sizeof *o);
    assert_non_null(x);
    assert_non_null(o);
    for (uint32_t k = 0; k < n; k++)
        code->conscience[k] = biased ? (float)ref_below(random, 3) / 8 : 0;
    for (uint32_t i = 0; i < batch * count; i++) {
        uint64_t at = (uint64_t)(i / count) * map->sample_stride + i % count / n * map->pitch + i % n;
        x[i] = draw_drive(random, kind, values);
        code->drive[at] = (float)x[i];
        code->out[at] = (float)(s * fmin(1, fmax(0, x[i])));
        x[i] -= code->conscience[i % n];
    }
    br_layer_state state = {.drive = code->drive, .out = code->out, .conscience = code->conscience, .batch = batch};
    state.keep = keep;
    clauses[0].keep = keep > 0 ? keep : clauses[0].keep;
    br_depression(code->layer, &state)(&state, first, batch, 0, 0);
    for (uint32_t b = 0; b < batch; b++) {
        const float *drive = code->drive + (uint64_t)b * map->sample_stride;
        const float *out = code->out + (uint64_t)b * map->sample_stride;
        for (uint32_t i = 0; i < count; i++)
            o[i] = s * fmin(1, fmax(0, drive[i / n * map->pitch + i % n]));
        if (b >= first)
            ref_depress(x + (size_t)b * count, c->shape, clauses, c->clause_count, c->fire, s, o);
        for (uint32_t i = 0; i < count; i++) {
            double got = out[i / n * map->pitch + i % n];
            if (fabs(got - o[i]) <= 1e-6 && (got > 0) == (o[i] > 0))
                continue;
            char text[2048];
            write_text(c, text, sizeof text);
            fail_msg("sample %u of %u, place %u, filter %u answers %g, not %g, keep %u, on %s:\n%s", b, batch, i / n,
                     i % n, got, o[i], clauses[0].keep, bc_code_model(code->code)->cpu, text);
        }
    }
    free(x);
    free(o);
}

/* One, all, or any number. */
static uint32_t draw_annealed(ref_random *random, uint32_t neurons)
{
    return ref_chance(random, .2) ? neurons : ref_chance(random, .2) ? 1 : 1 + ref_below(random, neurons);
}

/* Shapes whose places and filters fill no whole vectors, and every kind of `keep`: one, few, half, all but one. */
static void agrees_on_many_rows(void **state)
{
    (void)state;
    static const double gaps[] = {0, 0, 0, .125};
    const char *given = getenv("BOUTON_TEST_SEED");
    ref_random random = {given ? strtoull(given, NULL, 10) : 1973};
    for (uint32_t i = 0; i < MANY_SHAPES; i++) {
        bool flat = ref_chance(&random, .4);
        uint32_t most = ref_chance(&random, .3) ? 300 : 70;
        ref_shape shape = {1, 1, 2 + ref_below(&random, most)};
        if (!flat)
            shape = (ref_shape){3 + ref_below(&random, 3), 3 + ref_below(&random, 5), 2 + ref_below(&random, most / 3)};
        uint32_t n = shape.channels, batch = flat ? 1 + ref_below(&random, 40) : 1 + ref_below(&random, 3);
        uint32_t share = 1u << ref_below(&random, 6);
        ref_clause clauses[CLAUSES] = {{.gap = gaps[ref_below(&random, 4)]}, draw_clause(&random, shape)};
        clauses[0].keep = 1 + ref_below(&random, (n - 1 + share - 1) / share);
        if (ref_chance(&random, .1))
            clauses[0].keep = n - 1;
        subject c = {.shape = shape, .fire = ref_chance(&random, .5) ? REF_BINARY : REF_GRADED, .clauses = clauses};
        c.clause_count = 1 + ref_chance(&random, .3);
        c.anneals = c.clause_count == 1 || clauses[1].over_places || clauses[1].within > 0;
        compiled code = compile_for(&c, level_or_native(i % LEVELS), batch);
        for (uint32_t draw = 0; draw < MANY_DRAWS; draw++) {
            drives kind = draw % 2 == 0 ? FEW_VALUES : MANY_VALUES;
            if (draw == MANY_DRAWS - 1 && c.fire == REF_BINARY && clauses[0].gap == 0 && c.clause_count == 1)
                kind = ALL_SCALES;
            try_rows(&c, &code, &random, batch, kind, 0);
            if (c.anneals)
                try_rows(&c, &code, &random, batch, kind, draw_annealed(&random, n));
        }
        release(&code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases_by_hand), cmocka_unit_test(agrees_where_drives_tie),
                                       cmocka_unit_test(agrees_on_many_rows)};
    return cmocka_run_group_tests_name("compiler/depress", tests, NULL, NULL);
}
