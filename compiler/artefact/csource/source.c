/* `bouton build --emit=c`: a trained model as C source and a header. See docs/design/csource.md.
 *
 *     program, state -> bounds (rows or lists) -> maps (places in the scratch) -> ramps (whole numbers) -> text */
#include "artefact/csource/source.h"

#include <stdlib.h>
#include <string.h>

#include "artefact/c_text.h"
#include "artefact/csource/bounds.h"
#include "artefact/csource/fire.h"
#include "artefact/csource/fits.h"
#include "artefact/csource/formulas.h"
#include "artefact/csource/input.h"
#include "artefact/csource/interface.h"
#include "artefact/csource/learn.h"
#include "artefact/csource/learn_whole.h"
#include "artefact/csource/maps.h"
#include "artefact/csource/texts.h"
#include "artefact/csource/walk.h"
#include "artefact/ranges.h"
#include "plan/numbers.h"

/* ---- the state of a layer ---- */

static int take_state(bc_source *s, const br_network *network, uint32_t index, br_error *error)
{
    bc_source_layer *l = &s->layers[index];
    uint32_t neurons = l->layer->neurons;
    if (bc_is_pool(l->layer)) {
        l->calibration = br_network_state(network, index, NULL, NULL, NULL);
        return 0;
    }
    l->theta = calloc(neurons, sizeof *l->theta);
    l->gain = calloc(neurons, sizeof *l->gain);
    l->conscience = calloc(neurons, sizeof *l->conscience);
    if (!l->theta || !l->gain || !l->conscience)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the neurons of layer %s", l->layer->name);
    if (s->whole && br_quantised_of(s->quantised, index)->int8)
        l->top = br_quantised_of(s->quantised, index)->top;
    br_network_gains(network, index, l->gain);
    if (s->whole && l->top == 0) /* refused later, by its place */
        return 0;
    int status = bc_bounds_new(s, network, index, error);
    for (uint32_t k = 0; k < neurons; k++)
        l->handicapped |= l->conscience[k] != 0;
    return status;
}

/* ---- firing in whole numbers ---- */

static bc_float_firing firing_of(const bc_source *s, uint32_t index, uint32_t k)
{
    const bc_source_layer *l = &s->layers[index];
    const bl_layer *layer = l->layer;
    float gamma = (float)bc_gamma_of(layer); /* `sum shared` is refused */
    float scale = br_quantised_scales(s->quantised, index).scale, top = bc_top_above(s, index, NULL);
    bool answers = index + 1 == s->program->layer_count;
    return (bc_float_firing){.worth = gamma * scale,
                             .homeostasis = layer->homeostasis,
                             .binary = layer->depress_count > 0 && layer->fire == BT_FIRE_BINARY,
                             .level = answers,
                             .theta = l->theta[k],
                             .gain = l->gain[k],
                             .range = (float)layer->range_out,
                             .quanta = answers   ? 255
                                       : top > 0 ? 255 / top
                                                 : 0};
}

static int make_firing(bc_source *s, uint32_t index, br_error *error)
{
    bc_source_layer *l = &s->layers[index];
    uint32_t neurons = l->layer->neurons;
    bc_float_firing *f = calloc(neurons, sizeof *f);
    int32_t *low = calloc(neurons, sizeof *low), *high = calloc(neurons, sizeof *high);
    bc_fire_task task = {f, low, high, neurons, !l->layer->homeostasis};
    int status = f && low && high ? 0 : br_fail(error, BR_ERROR_FAULT, "out of memory for the neurons of a layer");
    for (uint32_t k = 0; status == 0 && k < neurons; k++) {
        f[k] = firing_of(s, index, k);
        bc_bounds_range(l, k, &low[k], &high[k]);
        task.alike &= l->theta[k] == l->theta[0];
    }
    if (status == 0)
        status = bc_firing_new(&task, &l->firing, error);
    free(f);
    free(low);
    free(high);
    return status;
}

/* ---- facts ---- */

static uint64_t firing_bytes(const bc_source *s, const bc_source_layer *l)
{
    enum { RAMP = 20, ODD_RANGE = 4, ODD = 5 }; /* bytes, the padding of a ramp included */
    if (s->whole)
        return l->firing.count * (RAMP + (bc_needs_of(s).odd ? ODD_RANGE : 0ull)) + l->firing.odd_count * (uint64_t)ODD;
    uint64_t thetas = 1;
    for (uint32_t k = 1; k < l->layer->neurons; k++)
        thetas = l->theta[k] != l->theta[0] ? l->layer->neurons : thetas;
    return sizeof(float) * (thetas + (l->layer->homeostasis ? l->layer->neurons : 0));
}

static void tell(bc_source *s)
{
    for (uint32_t i = 0; i < s->program->layer_count; i++) {
        const bc_source_layer *l = &s->layers[i];
        bc_layer_facts *f = &s->layer_facts[i];
        f->name = l->layer->name;
        if (bc_is_pool(l->layer))
            continue;
        f->connections = (uint64_t)l->layer->inputs * l->layer->neurons;
        f->silent = l->bounds.silent;
        f->listed = l->bounds.listed;
        f->rows = l->layer->inputs;
        f->dropped = l->bounds.packed ? f->rows - l->bounds.kept : 0;
        f->bytes_whole = bc_bounds_row(s, l) * f->rows;
        f->bytes = l->bounds.bytes;
        f->neurons = l->layer->neurons;
        s->facts.constant_bytes += s->whole && bc_learns(s, i) ? bc_fixed_bytes(s) : f->bytes + firing_bytes(s, l);
    }
    s->facts.constant_bytes += bc_input_bytes(s);
    s->facts.state_bytes = bc_learn_bytes(s);
    s->facts.layers = s->layer_facts;
    s->facts.layer_count = s->program->layer_count;
    s->facts.cpus = "any processor";
    s->facts.triple = s->whole ? "C99, in whole numbers" : "C99, in floats";
    s->facts.foreign = true;
}

/* ---- the handle ---- */

static int begin(bc_source *s, const bl_program *program, const bc_artefact_options *options, br_error *error)
{
    s->program = program;
    s->lines = options->lines;
    s->schema = options->schema;
    s->columns = options->schema != NULL && options->schema->scaling != BT_SCALING_RANGE;
    s->low = options->low;
    s->high = options->high;
    s->model = options->model;
    s->quantised = options->quantised;
    s->lit = options->lit;
    s->speed = options->speed;
    s->whole = options->quantised != NULL;
    for (uint32_t i = 0; s->whole && i < program->layer_count; i++)
        s->coded |= br_quantised_levels(s->quantised, i) != NULL;
    bc_capitals(program->name, s->upper, sizeof s->upper);
    s->layers = calloc(program->layer_count, sizeof *s->layers);
    s->layer_facts = calloc(program->layer_count, sizeof *s->layer_facts);
    if (!s->layers || !s->layer_facts)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the layers of network %s", program->name);
    uint64_t bounds = 0;
    for (uint32_t i = 0; i < program->layer_count; i++) {
        s->layers[i].layer = &program->layers[i];
        bounds +=
            bc_is_pool(&program->layers[i]) ? 0 : (uint64_t)program->layers[i].inputs * program->layers[i].neurons;
    }
    if (bounds > BC_SOURCE_LIMIT)
        return br_fail(error, BR_ERROR_CHECK,
                       "network %s: it has more than %u million connections, too many for C source; use --emit=obj",
                       program->name, BC_SOURCE_LIMIT >> 20);
    for (uint64_t i = 0; s->lit && i < bt_values(program->input.encoded); i++)
        s->unlit += s->lit[i] == 0;
    return bc_ranges_check(options->schema, &program->input, error);
}

int bc_source_new(const bl_program *program, const br_network *network, const bc_artefact_options *options,
                  bc_source **out, br_error *error)
{
    bc_source *s = calloc(1, sizeof *s);
    if (!s)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for C source");
    int status = begin(s, program, options, error);
    if (status == 0)
        status = bc_fits(s, error);
    if (status == 0)
        status = bc_learn_choose(s, options->learn, error);
    for (uint32_t i = 0; status == 0 && i < program->layer_count; i++)
        status = take_state(s, network, i, error);
    if (status == 0 && s->whole)
        status = bc_fits_whole(s, error);
    if (status == 0)
        status = bc_maps_place(s, error);
    for (uint32_t i = 0; status == 0 && s->whole && i < program->layer_count; i++)
        status = bc_is_pool(s->layers[i].layer) || bc_learns(s, i) ? 0 : make_firing(s, i, error);
    s->quantised = NULL; /* not kept */
    if (status != 0) {
        bc_source_free(s);
        return -1;
    }
    tell(s);
    *out = s;
    return 0;
}

void bc_source_free(bc_source *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; s->layers && i < s->program->layer_count; i++) {
        bc_bounds_free(&s->layers[i].bounds);
        bc_firing_free(&s->layers[i].firing);
        free(s->layers[i].theta);
        free(s->layers[i].gain);
        free(s->layers[i].conscience);
    }
    free(s->layers);
    free(s->layer_facts);
    free(s);
}

const bc_artefact_facts *bc_source_facts(const bc_source *source)
{
    return &source->facts;
}

/* ---- text ---- */

void bc_source_header(const bc_source *source, FILE *to)
{
    bc_put_header(source, to);
}

static const char flash[] = "\n/* Constants stay in flash where avr-gcc can say so; elsewhere const is enough. */\n"
                            "#if defined(__AVR__) && defined(__FLASH)\n"
                            "#define IN_FLASH __flash\n"
                            "#else\n"
                            "#define IN_FLASH\n"
                            "#endif\n"
                            "\n/* No other name leads to these numbers. */\n"
                            "#ifndef __cplusplus\n"
                            "#define ONLY restrict\n"
                            "#elif defined(__GNUC__)\n"
                            "#define ONLY __restrict__\n"
                            "#else\n"
                            "#define ONLY\n"
                            "#endif\n\n";

/* avr-gcc reads __flash by addresses of 16 bits, and the interrupt vectors lie in front of the tables. */
static void put_reach(const bc_source *s, FILE *to)
{
    enum { REACH = 65000 };
    if (s->facts.constant_bytes <= REACH)
        return;
    fprintf(to,
            "\n#if defined(__AVR__) && defined(__FLASH)\n"
            "#error \"the tables of network %s take %llu bytes, and __flash reaches only 64 KiB; train a smaller "
            "network\"\n"
            "#endif\n",
            s->program->name, (unsigned long long)s->facts.constant_bytes);
}

void bc_source_code(const bc_source *source, const char *header, FILE *to)
{
    bc_needs needs = bc_needs_of(source);
    bc_put_about(source, to);
    fprintf(to, "#include \"%s\"\n", header);
    put_reach(source, to);
    fputs(flash, to);
    bc_put_types(source, &needs, to);
    bc_put_connections(source, &needs, to);
    bc_put_formulas(source, &needs, to);
    bc_put_firing(source, &needs, to);
    bc_put_layers(&needs, to);
    bc_put_wide_layers(&needs, to);
    bc_put_pools(&needs, to);
    bc_put_depression(&needs, to);
    bc_put_answer(source, to);
    bc_put_input(source, to);
    bc_put_constants(source, &needs, to);
    bc_put_learning(source, to);
    bc_put_walk(source, &needs, to);
    bc_put_step(source, to);
    bc_put_functions(source, to);
    bc_put_learners(source, to);
}
