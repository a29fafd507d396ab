/* Built code maps raw values by the range of their column. Its levels must equal those that br_predict gives for
 * samples that were scaled at loading, to the bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <llvm-c/Core.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../reference/random_network.h"
#include "bouton/program.h"
#include "codegen/jit.h"
#include "cpu_levels.h"
#include "data/data.h"

enum { SAMPLES = 24, MOST = 128, CLASSES = 5 };

static const struct form {
    const char *text;
    uint32_t ranges;
    bool centred;
} forms[] = {
    {"network n { input vector(37); layer c = dense(5); }", 37, false},
    {"network n { input vector(1); layer c = dense(5); }", 1, false},
    {"network n { input image(5x7, rgb); layer h = conv(3x3, 6); layer c = dense(5); }", 3, false},
    {"network n { input image(5x7, rgb); layer c = dense(5); }", 105, true},
    {"network n { input vector(37) { split on off; } layer c = dense(5); }", 37, true},
    {"network n { input image(3x5, rgb) { split on off; } layer c = dense(5); }", 3, true},
    {"network n { input image(3x5, rgb) { opponent; levels 3; } layer c = dense(5); }", 45, false},
};
enum { FORMS = sizeof forms / sizeof *forms };

typedef struct subject {
    const struct form *form;
    bl_context *context;
    const bl_program *program;
    bc_code *code;
    br_network *network;
    br_encoder *encoder;
    br_range ranges[MOST];
    br_schema schema;
    uint32_t values;
    float raw[SAMPLES * MOST], levels[SAMPLES * CLASSES], shares[SAMPLES * CLASSES];
    uint32_t labels[SAMPLES];
} subject;

/* Widths from 1e-6 to 1e6. */
static void draw_ranges(subject *s, ref_random *random)
{
    for (uint32_t i = 0; i < s->form->ranges; i++) {
        double width = pow(10, 12 * ref_unit(random) - 6), low = (ref_unit(random) - 0.5) * 4 * width;
        s->ranges[i] = (br_range){low, low + width};
    }
    s->schema = (br_schema){.scaling = BT_SCALING_COLUMNS,
                            .centred = s->form->centred,
                            .range_count = s->form->ranges,
                            .ranges = s->ranges};
}

/* Most values lie inside their range, some beyond it or at its ends. */
static void draw_samples(subject *s, ref_random *random)
{
    for (uint32_t i = 0; i < SAMPLES * s->values; i++) {
        const br_range *range = &s->ranges[i % s->values % s->form->ranges];
        double where = ref_chance(random, 0.2) ? (double)ref_below(random, 4) - 1 : ref_unit(random);
        s->raw[i] = (float)(range->low + where * (range->high - range->low));
    }
}

/* As samples are scaled at loading. */
static float scaled(const subject *s, uint32_t i)
{
    const br_range *range = &s->ranges[i % s->values % s->form->ranges];
    double u = ((double)s->raw[i] - range->low) / (range->high - range->low);
    u = u < 0 ? 0 : u > 1 ? 1 : u;
    return (float)(s->form->centred ? 2 * u - 1 : u);
}

static void predict_scaled(subject *s)
{
    br_error error;
    br_data *data = calloc(1, sizeof *data);
    const bl_input *input = &s->program->input;
    br_array *array = &data->arrays[BT_SPLIT_TEST];
    array->count = SAMPLES;
    array->shape = (bt_shape){input->height, input->width, input->channels};
    array->floats = calloc(SAMPLES * s->values, sizeof(float));
    for (uint32_t i = 0; i < SAMPLES * s->values; i++)
        array->floats[i] = scaled(s, i);
    br_data_show(data, 0, 1);
    br_outputs out = {.labels = s->labels, .probabilities = s->shares, .levels = s->levels};
    if (br_data_encode(data, s->encoder, 1, &error) != 0 ||
        br_predict(s->network, br_data_split(data, BT_SPLIT_TEST), 1, &out, &error) != 0)
        fail_msg("%s\n%s", error.message, s->form->text);
    br_data_free(data);
}

static void subject_of(subject *s, const struct form *form, const char *cpu)
{
    br_error error;
    br_schedule schedule;
    bc_options options = {.cpu = cpu, .level = 2, .inference_only = true};
    ref_random random = {20261128u + form->ranges};
    *s = (subject){.form = form, .context = bl_context_new()};
    assert_int_equal(bl_load_text(s->context, "n.btn", s->form->text, strlen(s->form->text)), 0);
    s->program = bl_check(s->context, NULL);
    assert_non_null(s->program);
    if (bc_lower_schedule(s->program, &schedule, &error) != 0 ||
        bc_compile(s->program, &options, &s->code, &error) != 0 ||
        br_network_new(bc_code_model(s->code), &s->network, &error) != 0 ||
        br_network_start(s->network, schedule.starts, 5, &error) != 0 ||
        bc_lower_encoder(s->program, &s->encoder, &error) != 0)
        fail_msg("%s\n%s", error.message, s->form->text);
    bc_lowered_schedule_free(&schedule);
    s->values = s->program->input.height * s->program->input.width * s->program->input.channels;
    draw_ranges(s, &random);
    draw_samples(s, &random);
    predict_scaled(s);
}

static void subject_new(subject *s, uint32_t form, const char *cpu)
{
    subject_of(s, &forms[form], cpu);
}

static void subject_free(subject *s)
{
    br_encoder_free(s->encoder);
    br_network_free(s->network);
    bc_code_free(s->code);
    bl_context_free(s->context);
}

static void *find(bc_jit *jit, const char *name)
{
    br_error error;
    br_kernel *found;
    if (bc_jit_find(jit, name, &found, &error) != 0)
        fail_msg("%s", error.message);
    return (void *)found;
}

/* Builds the artefact and loads its object into this process. */
static bc_jit *load(const subject *s, const bc_artefact_options *options, size_t *scratch_bytes)
{
    br_error error;
    bc_artefact *artefact;
    bc_jit *jit = NULL;
    const char *bytes;
    size_t size;
    if (bc_artefact_new(s->program, s->network, s->encoder, options, &artefact, &error) != 0 ||
        bc_artefact_code(artefact, BC_OBJECT, &bytes, &size, &error) != 0 || bc_jit_new(false, &jit, &error) != 0 ||
        bc_jit_add(jit, LLVMCreateMemoryBufferWithMemoryRangeCopy(bytes, size, "model"), &error) != 0)
        fail_msg("%s\n%s", error.message, s->form->text);
    *scratch_bytes = bc_artefact_facts_of(artefact)->scratch_bytes;
    bc_artefact_free(artefact);
    return jit;
}

static void assert_answers(const subject *s, br_answer_function *answer, size_t scratch_bytes, bool raw)
{
    void *scratch = malloc(scratch_bytes);
    float in[MOST], shares[CLASSES], levels[CLASSES];
    for (uint32_t n = 0; n < SAMPLES; n++) {
        for (uint32_t i = 0; i < s->values; i++)
            in[i] = raw ? s->raw[n * s->values + i] : scaled(s, n * s->values + i);
        uint32_t label = answer(in, shares, levels, scratch);
        for (uint32_t k = 0; k < CLASSES; k++)
            if (levels[k] != s->levels[n * CLASSES + k])
                fail_msg("sample %u, class %u: %.9g, by predict %.9g\n%s", n, k, (double)levels[k],
                         (double)s->levels[n * CLASSES + k], s->form->text);
        assert_memory_equal(shares, s->shares + n * CLASSES, sizeof shares);
        assert_int_equal(label, s->labels[n]);
    }
    free(scratch);
}

/* Samples differ in their answers; otherwise equal levels would show nothing. */
static void assert_lively(const subject *s)
{
    uint32_t differ = 0;
    for (uint32_t n = 1; n < SAMPLES; n++)
        differ += memcmp(&s->levels[n * CLASSES], s->levels, CLASSES * sizeof(float)) != 0;
    assert_in_range(differ, SAMPLES / 2, SAMPLES);
}

static void functions_take_raw_values(void **state)
{
    (void)state;
    for (uint32_t form = 0; form < FORMS; form++)
        for (uint32_t c = 0; c < CPU_LEVELS; c++) {
            subject s;
            size_t scratch;
            if (!cpu_level_runs(c))
                continue;
            subject_new(&s, form, cpu_levels[c]);
            assert_lively(&s);
            bc_artefact_options options = {.cpus = cpu_levels[c], .level = 2, .high = 255, .schema = &s.schema};
            bc_jit *jit = load(&s, &options, &scratch);
            assert_answers(&s, (br_answer_function *)find(jit, "n_predict_levels"), scratch, true);
            bc_jit_free(jit);
            subject_free(&s);
        }
}

/* The readers of a program scale its samples, by the schema in its table. */
static void a_program_takes_scaled_values(void **state)
{
    (void)state;
    for (uint32_t form = 0; form < FORMS; form++) {
        subject s;
        size_t scratch;
        br_error error;
        char *text;
        subject_new(&s, form, "generic");
        bc_artefact_options options = {
            .cpus = "generic", .level = 2, .high = 255, .schema = &s.schema, .program = true};
        bc_jit *jit = load(&s, &options, &scratch);
        const br_program *program = find(jit, "bouton_program");
        assert_int_equal(br_schema_write(&s.schema, &text, &error), 0);
        assert_string_equal(program->schema, text);
        assert_answers(&s, program->answer, scratch, false);
        free(text);
        bc_jit_free(jit);
        subject_free(&s);
    }
}

static void assert_refused(subject *s, const char *why)
{
    br_error error;
    bc_artefact *artefact;
    bc_artefact_options options = {.cpus = "generic", .high = 1, .schema = &s->schema};
    assert_int_equal(bc_artefact_new(s->program, s->network, s->encoder, &options, &artefact, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
    if (strstr(error.message, why) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", error.message, why);
}

static void a_schema_that_does_not_fit_is_refused(void **state)
{
    subject s;
    (void)state;
    subject_new(&s, 2, "generic");
    s.schema.range_count = 4;
    assert_refused(&s, "the schema has 4 ranges, the input 105 values of 3 channels");
    s.schema.range_count = 3;
    s.ranges[1] = (br_range){2, 2};
    assert_refused(&s, "the range of column 2 of the schema is [2, 2]");
    s.ranges[1] = (br_range){0, INFINITY};
    assert_refused(&s, "the range of column 2");
    subject_free(&s);
}

/* The header lists the columns, whatever their names hold. */
static void the_header_lists_columns(void **state)
{
    static const char *const words[] = {"no", "yes"};
    static const br_column columns[] = {{.role = BT_ROLE_LABEL, .name = "kind"},
                                        {.role = BT_ROLE_NUMBER, .name = "height */ int x; /*"},
                                        {.role = BT_ROLE_CATEGORY, .name = "wet\n", .word_count = 2, .words = words}};
    static const char text[] = "network n { input vector(3); layer c = dense(5); }";
    static const br_range ranges[] = {{-1.5, 2}, {0, 1}, {0, 1}};
    br_schema schema = {.column_count = 3, .columns = columns, .range_count = 3, .ranges = ranges};
    const struct form *wanted = &(struct form){text, 3, false};
    (void)state;
    for (int own = 0; own < 2; own++) {
        subject s;
        br_error error;
        bc_artefact *artefact;
        char *header;
        size_t size;
        schema.scaling = own ? BT_SCALING_COLUMNS : BT_SCALING_RANGE;
        schema.range_count = own ? 3 : 0;
        schema.pictures.turns = own ? 3 : 0;
        subject_of(&s, wanted, "generic");
        bc_artefact_options options = {.cpus = "generic", .high = 9, .schema = &schema};
        if (bc_artefact_new(s.program, s.network, s.encoder, &options, &artefact, &error) != 0)
            fail_msg("%s", error.message);
        FILE *to = open_memstream(&header, &size);
        bc_artefact_header(artefact, to);
        fclose(to);
        assert_non_null(strstr(header, own ? "#define N_COLUMNS   3u" : "#define N_HIGH      9\n"));
        assert_non_null(
            strstr(header, own ? " *   0  height * / int x; / *  -1.5 .. 2\n" : " *   0  height * / int x; / *\n"));
        assert_non_null(strstr(header, own ? " *   2  wet? = yes  0 .. 1\n" : " *   2  wet? = yes\n"));
        assert_int_equal(strstr(header, "N_LOW") != NULL, !own);
        assert_int_equal(strstr(header, "after the steps of the training: turn 270; */") != NULL, own);
        free(header);
        bc_artefact_free(artefact);
        subject_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_take_raw_values), cmocka_unit_test(a_program_takes_scaled_values),
        cmocka_unit_test(the_header_lists_columns), cmocka_unit_test(a_schema_that_does_not_fit_is_refused)};
    return cmocka_run_group_tests_name("compiler/columns", tests, NULL, NULL);
}
