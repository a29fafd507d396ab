/* The C header of firmware. */
#include "artefact/c_text.h"
#include "firmware/context.h"
#include "firmware/data.h"

static bool learns_alone(const bc_firmware *f)
{
    return f->learning.first + 1 == f->program->layer_count;
}

static void print_rates(const bc_firmware *f, const char *upper, FILE *to)
{
    fprintf(to, "#define %s_STATE_SIZE %lluu /* bytes of %s_state */\n", upper,
            (unsigned long long)f->facts.state_bytes, f->program->name);
    if (learns_alone(f))
        fprintf(to, "#define %s_RATE     %#.9gf /* of a step, as in phase %s */\n", upper, (double)f->learning.rate,
                f->learning.phase->name);
    for (uint32_t i = f->learning.first; i < f->program->layer_count && !learns_alone(f); i++) {
        char rate[32];
        snprintf(rate, sizeof rate, "%#.9gf", (double)bc_learning_rate(&f->learning, i));
        bc_put_rate_of_several(upper, i - f->learning.first, rate, f->program->layers[i].name, to);
    }
}

static void print_constants(const bc_firmware *f, const char *upper, FILE *to)
{
    const bl_input *in = &f->program->input;
    uint32_t labels = bl_last_layer(f->program)->out.channels;
    fprintf(to, "#define %s_HEIGHT   %uu\n#define %s_WIDTH    %uu\n#define %s_CHANNELS %uu\n", upper, in->height, upper,
            in->width, upper, in->channels);
    fprintf(to, "#define %s_INPUTS   %lluu /* values of a sample: rows, columns, channels last */\n", upper,
            (unsigned long long)bl_sample_values(in));
    fprintf(to, "#define %s_LABELS   %uu /* 0 .. %u; floats of an answer */\n", upper, labels, labels - 1);
    if (f->columns)
        fprintf(to, "#define %s_COLUMNS  %uu /* each with the range of raw values that the training data had */\n",
                upper, f->options.schema->range_count);
    else
        fprintf(to,
                "#define %s_LOW      %.9g /* raw values lie between; those outside count as the end */\n"
                "#define %s_HIGH     %.9g\n",
                upper, f->low, upper, f->high);
    if (f->unlit > 0)
        fprintf(
            to,
            "#define %s_UNLIT    %lluu /* values that were 0 in all samples it learned from: dense layers take them "
            "for 0 */\n",
            upper, (unsigned long long)f->unlit);
    fprintf(to, "#define %s_SCRATCH  %lluu /* bytes of scratch memory, a multiple of 4 */\n", upper,
            (unsigned long long)f->facts.scratch_bytes);
    fprintf(to, "#define %s_STACK    %lluu /* most bytes of stack that a call takes */\n", upper,
            (unsigned long long)f->facts.stack_bytes);
    fprintf(to, "#define %s_FLASH    %lluu /* bytes of code and constants */\n", upper,
            (unsigned long long)f->facts.flash_bytes);
    if (f->learning.phase != NULL)
        print_rates(f, upper, to);
    fprintf(to, "#define %s_VERSION  \"%s\"\n#define %s_MODEL    \"%016llx\"\n\n", upper, BR_VERSION, upper,
            (unsigned long long)f->options.model);
}

static void print_state(const bc_firmware *f, FILE *to)
{
    uint32_t first = f->learning.first, count = f->program->layer_count;
    const char *name = f->program->name;
    char names[1024];
    bc_learning_names(f->program, &f->learning, names, sizeof names);
    bc_put_state_begin(name, names, to);
    if (learns_alone(f))
        bc_put_state_floats(f->layers[first].stored.entries, to);
    else
        bc_put_state_rates(count - first, names, to);
    for (uint32_t i = first; i < count && !learns_alone(f); i++)
        bc_put_state_bounds(f->program->layers[i].name, f->layers[i].stored.entries, to);
    fprintf(to, "} %s_state;\n\n", name);
}

static void print_learners(const bc_firmware *f, const char *upper, const char *type, FILE *to)
{
    const char *name = f->program->name;
    bc_put_state_functions(name, to);
    bc_put_step_comment(upper, f->learning.phase->name, to);
    fprintf(to, "uint32_t %s_learn%s(const %s *in, uint32_t label, %s_state *state, void *scratch);\n", name,
            f->bytes ? "_u8" : "", type, name);
}

static void print_functions(const bc_firmware *f, const char *upper, FILE *to)
{
    char state[320] = "";
    const char *name = f->program->name, *ending = f->bytes ? "_u8" : "_scratch",
               *type = f->bytes ? "uint8_t" : "float";
    fprintf(
        to,
        "/* Both return the label of a sample: the first one with the largest drive. `in` holds %s_INPUTS raw values,\n"
        " * %s. `out` gets a probability for every label, together 1.\n"
        " * `scratch` is %s_SCRATCH bytes, aligned as a uint32_t; what it holds before does not matter. Nothing is "
        "kept\n"
        " * from call to call, and no memory is taken: calls with other scratch memory may run at the same time. A\n"
        " * linker with --gc-sections leaves out the function that is not called. */\n",
        upper,
        f->bytes ? "bytes as in the data, which are read where they are"
                 : "finite numbers as in the data, which are scaled into scratch memory",
        upper);
    if (f->learning.phase != NULL)
        snprintf(state, sizeof state, "const %s_state *state, ", name);
    fprintf(to, "uint32_t %s_label%s(const %s *in, %svoid *scratch);\n", name, f->bytes ? "_u8" : "", type, state);
    fprintf(to, "uint32_t %s_predict%s(const %s *in, float *out, %svoid *scratch);\n", name, ending, type, state);
    if (f->learning.phase != NULL)
        print_learners(f, upper, type, to);
}

void bc_firmware_header(const bc_firmware *f, FILE *to)
{
    char upper[256];
    const char *numbers = f->coded_layers ? ", in 8 bits, bounds of 4" : f->quantised_layers ? ", in 8 bits" : "";
    bc_capitals(f->program->name, upper, sizeof upper);
    fprintf(
        to,
        "/* Network %s, built by bouton %s for %s (%s)%s. The code needs no library, no heap and no writable data.\n"
        " * Its constants are in sections %s.%s*, its functions in " BC_TEXT ".%s*. */\n",
        f->program->name, BR_VERSION, f->options.target, f->target.cpu, numbers,
        f->target.avr ? BC_FLASH_DATA : BC_READ_ONLY, f->program->name, f->program->name);
    fprintf(to, "#ifndef BOUTON_BUILT_%s_H\n#define BOUTON_BUILT_%s_H\n\n", upper, upper);
    fputs("#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n", to);
    print_constants(f, upper, to);
    if (f->learning.phase != NULL)
        print_state(f, to);
    print_functions(f, upper, to);
    fputs("\n#ifdef __cplusplus\n}\n#endif\n#endif\n", to);
}
