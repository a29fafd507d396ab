#include "artefact/csource/interface.h"

#include "artefact/c_text.h"
#include "artefact/csource/input.h"
#include "artefact/csource/learn.h"

void bc_put_about(const bc_source *s, FILE *to)
{
    fprintf(to, "/* Network %s in %s, built by bouton %s from model %016llx. */\n", s->program->name, bc_numbers_of(s),
            BR_VERSION, (unsigned long long)s->model);
}

static bool has_classes(const bc_source *s)
{
    return s->schema != NULL && s->schema->class_count == s->layers[s->program->layer_count - 1].layer->neurons;
}

static void put_constants(const bc_source *s, FILE *to)
{
    const bl_input *in = &s->program->input;
    uint32_t labels = s->layers[s->program->layer_count - 1].layer->neurons;
    const char *upper = s->upper;
    fprintf(to, "#define %s_HEIGHT    %uu\n", upper, in->height);
    fprintf(to, "#define %s_WIDTH     %uu\n", upper, in->width);
    fprintf(to, "#define %s_CHANNELS  %uu\n", upper, in->channels);
    fprintf(to, "#define %s_INPUTS    %lluu /* values of a sample: rows, columns, channels last */\n", upper,
            (unsigned long long)bl_sample_values(in));
    fprintf(to, "#define %s_LABELS    %uu /* 0 .. %u */\n", upper, labels, labels - 1);
    if (has_classes(s))
        bc_put_classes(upper, s->schema->classes, labels, to);
    if (!s->columns) {
        fprintf(to, "#define %s_LOW       %.9g /* raw values lie between; those outside count as the end */\n", upper,
                s->low);
        fprintf(to, "#define %s_HIGH      %.9g\n", upper, s->high);
    }
    if (s->unlit > 0)
        fprintf(
            to,
            "#define %s_UNLIT     %lluu /* values that were 0 in all samples it learned from: dense layers take them "
            "for 0 */\n",
            upper, (unsigned long long)s->unlit);
    fprintf(to, "#define %s_CONSTANTS %lluu /* bytes of the tables */\n", upper,
            (unsigned long long)s->facts.constant_bytes);
    fprintf(to, "#define %s_SCRATCH   %lluu /* bytes of %s_scratch */\n", upper,
            (unsigned long long)s->facts.scratch_bytes, s->program->name);
    fprintf(to, "#define %s_VERSION   \"%s\"\n", upper, BR_VERSION);
    fprintf(to, "#define %s_MODEL     \"%016llx\"\n", upper, (unsigned long long)s->model);
}

static void put_array(const char *type, const char *name, uint64_t count, const char *holds, FILE *to)
{
    if (count > 0)
        fprintf(to, "    %s %s[%llu]; /* %s */\n", type, name, (unsigned long long)count, holds);
}

static void put_scratch(const bc_source *s, FILE *to)
{
    const char *drive = s->whole ? "int32_t" : "float";
    fputs("\n/* The memory of one call. Nothing in it is kept from one call to the next. */\ntypedef struct ", to);
    fprintf(to, "%s_scratch {\n", s->program->name);
    put_array(drive, "sum", s->sums, "the drives of one layer", to);
    put_array(drive, "largest", s->largest, "the largest of a window", to);
    put_array(drive, "kept", s->drives, "drives that are compared later", to);
    put_array(s->whole ? "uint8_t" : "float", "value", s->values, "the maps of all layers", to);
    if (s->learning.phase != NULL)
        put_array(drive, "error", bc_errors_count(s),
                  bc_learns_alone(s) ? "the errors of the layer that learns" : "the errors of layers that learn", to);
    fprintf(to, "} %s_scratch;\n", s->program->name);
}

/* The argument by which functions get what the device has learned. */
static void state_argument(const bc_source *s, char out[300])
{
    out[0] = 0;
    if (s->learning.phase != NULL)
        snprintf(out, 300, "const %s_state *state, ", s->program->name);
}

static void put_sample(const bc_source *s, FILE *to)
{
    const char *what = bc_bytes_are_raw(s) ? "the raw values, 0 .. 255"
                       : s->columns        ? "255ths of the range of their column, which the caller scales"
                                           : "255ths of the range of raw values, which the caller scales";
    fprintf(to,
            "\n/* Each answers one sample: the result is the label that wins, the first one with the largest drive. "
            "`levels`,\n"
            " * unless it is NULL, gets how strongly each label fires, %s. The bytes of `_u8` are\n"
            " * %s. `scratch` may hold anything; other calls at the\n"
            " * same time need other ones. */\n",
            s->whole ? "in 255ths" : "in [0, 1]", what);
}

static void put_prototypes(const bc_source *s, FILE *to)
{
    const char *name = s->program->name, *level = s->whole ? "uint8_t" : "float";
    char state[300];
    state_argument(s, state);
    if (!s->whole)
        fprintf(to, "uint32_t %s_predict(const float *in, float *levels, %s%s_scratch *scratch);\n", name, state, name);
    fprintf(to, "uint32_t %s_predict_u8(const uint8_t *in, %s *levels, %s%s_scratch *scratch);\n", name, level, state,
            name);
}

void bc_put_header(const bc_source *s, FILE *to)
{
    bc_put_about(s, to);
    fprintf(to, "#ifndef BOUTON_SOURCE_%s_H\n#define BOUTON_SOURCE_%s_H\n\n", s->upper, s->upper);
    fputs("#include <stddef.h>\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n", to);
    put_constants(s, to);
    put_scratch(s, to);
    bc_put_state(s, to);
    put_sample(s, to);
    put_prototypes(s, to);
    bc_put_learner_prototypes(s, to);
    fputs("\n#ifdef __cplusplus\n}\n#endif\n#endif\n", to);
}

void bc_put_functions(const bc_source *s, FILE *to)
{
    const char *name = s->program->name, *level = s->whole ? "uint8_t" : "float";
    const char *given = s->learning.phase != NULL ? "state, " : "";
    char state[300];
    state_argument(s, state);
    if (!s->whole)
        fprintf(to,
                "\nuint32_t %s_predict(const float *in, float *levels, %s%s_scratch *scratch)\n{\n"
                "    take_floats(in, scratch->value);\n    return answer(scratch, %slevels);\n}\n",
                name, state, name, given);
    fprintf(to,
            "\nuint32_t %s_predict_u8(const uint8_t *in, %s *levels, %s%s_scratch *scratch)\n{\n"
            "    take_bytes(in, scratch->value);\n    return answer(scratch, %slevels);\n}\n",
            name, level, state, name, given);
}
