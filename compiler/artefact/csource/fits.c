#include "artefact/csource/fits.h"

#include "artefact/csource/maps.h"

#define IN_FLOATS "or build it in floats, without --quantize"

int bc_refuse(const bc_source *s, uint32_t index, const char *cause, const char *remedy, br_error *error)
{
    return bc_refuse_layer(s->program->layers[index].name, s->lines ? &s->lines[index] : NULL, cause, remedy, error);
}

static int check_input(const bc_source *s, br_error *error)
{
    const bl_input *input = &s->program->input;
    for (uint32_t i = 0; i < input->encoding_count; i++) {
        const bl_encoding *e = &input->encodings[i];
        bool alone = e->kind == BT_ENCODE_SPLIT || e->kind == BT_ENCODE_LEVELS || e->kind == BT_ENCODE_COMPLEMENT;
        if (!alone || e->tied)
            return br_fail(error, BR_ERROR_CHECK,
                           "network %s: its input is encoded by `%s%s`, which C source has no form for; use `split`, "
                           "`levels` or `complement`, or build it with --emit=obj",
                           s->program->name, bt_encoding_kind_word(e->kind), e->tied ? " ... tied" : "");
    }
    return 0;
}

static int check_layer(const bc_source *s, uint32_t index, br_error *error)
{
    const bl_layer *layer = s->layers[index].layer;
    if (index + 1 == s->program->layer_count && layer->kind != BT_LAYER_DENSE)
        return bc_refuse(s, index, "it answers, and C source has answers of dense layers only",
                         "let a dense layer read it, or build it with --emit=obj", error);
    return 0;
}

/* ---- in whole numbers ---- */

static int check_pool(const bc_source *s, uint32_t index, br_error *error)
{
    const bl_layer *layer = s->layers[index].layer;
    if (layer->pooling != BT_POOL_MAX)
        return bc_refuse(s, index, "its sums of activations are floats",
                         "use `pool(max)`, which whole numbers can answer exactly, " IN_FLOATS, error);
    if (layer->depress_count > 0 && (layer->source_count > 1 || layer->sources[0] == BT_INPUT))
        return bc_refuse(s, index, "its channels are compared by activations, which are floats",
                         "let it read one layer, " IN_FLOATS, error);
    if (layer->depress_count > 0 && layer->fire == BT_FIRE_BINARY)
        return bc_refuse(s, index, "whether a pooled activation is above 0 is known of floats only",
                         "use `fire ramp`, or fire binary in the layer below, " IN_FLOATS, error);
    return 0;
}

static int check_neurons(const bc_source *s, uint32_t index, br_error *error)
{
    const bc_source_layer *l = &s->layers[index];
    const bl_layer *layer = l->layer;
    bool answers = index + 1 == s->program->layer_count;
    if (!br_quantised_of(s->quantised, index)->int8)
        return bc_refuse(s, index, "8 bits have no form for it (rule printed, or more than 66,311 inputs)",
                         "build it without --quantize", error);
    if (layer->fire == BT_FIRE_FORMULA)
        return bc_refuse(s, index, "its neurons fire by a formula, which is of floats", "use `fire ramp`, " IN_FLOATS,
                         error);
    if (layer->fire == BT_FIRE_LOGISTIC)
        return bc_refuse(s, index, "`fire logistic` needs exp, which whole numbers don't have",
                         "use `fire ramp`, " IN_FLOATS, error);
    if (layer->sum == BT_SUM_SHARED)
        return bc_refuse(s, index, "`sum shared` divides by what each sample holds", "use `sum scaled`, " IN_FLOATS,
                         error);
    if (answers && layer->homeostasis)
        return bc_refuse(s, index, "it answers, and `homeostasis` scales the drives of its classes differently",
                         "use `sum scaled` in the last layer, " IN_FLOATS, error);
    if (answers && l->handicapped)
        return bc_refuse(s, index, "it answers, and competition left its classes a conscience",
                         "train the last layer by correction alone, " IN_FLOATS, error);
    return 0;
}

/* Whether the drives of a layer, or of the one below its pools, have a scale for each neuron. */
static bool is_standardised(const bl_program *program, uint32_t layer)
{
    const bl_layer *l = &program->layers[layer];
    return bc_is_pool(l) ? l->source_count == 1 && l->sources[0] != BT_INPUT && is_standardised(program, l->sources[0])
                         : l->homeostasis;
}

static int check_depression(const bc_source *s, uint32_t index, br_error *error)
{
    const bc_source_layer *l = &s->layers[index];
    const bl_layer *layer = l->layer;
    if (layer->depress_count == 0)
        return 0;
    if (layer->fire == BT_FIRE_GRADED)
        return bc_refuse(s, index, "`fire graded` divides drives", "use `fire ramp` or `fire binary`, " IN_FLOATS,
                         error);
    if (is_standardised(s->program, index))
        return bc_refuse(s, index, "depression compares drives, which `homeostasis` scales differently",
                         "leave one of the two out, " IN_FLOATS, error);
    for (uint32_t i = 0; i < layer->depress_count; i++) {
        if (layer->depress[i].gap > 0)
            return bc_refuse(s, index, "a gap between drives is a float", "use `gap 0`, " IN_FLOATS, error);
        if (!layer->depress[i].over_places && l->handicapped)
            return bc_refuse(s, index, "its filters are compared with a conscience, which is a float",
                             "depress over places, " IN_FLOATS, error);
    }
    return 0;
}

/* A map is kept as bytes of one scale, that of the layers that read it. */
static int check_scale(const bc_source *s, uint32_t map, br_error *error)
{
    uint32_t other = BT_INPUT;
    bc_top_above(s, map, &other);
    if (other == BT_INPUT)
        return 0;
    return bc_refuse(s, other, "it reads a map in another scale than another layer does",
                     "let both read the same maps, " IN_FLOATS, error);
}

int bc_fits(const bc_source *s, br_error *error)
{
    int status = check_input(s, error);
    for (uint32_t i = 0; status == 0 && i < s->program->layer_count; i++)
        status = check_layer(s, i, error);
    return status;
}

int bc_fits_whole(const bc_source *s, br_error *error)
{
    int status = check_scale(s, BT_INPUT, error);
    for (uint32_t i = 0; status == 0 && i < s->program->layer_count; i++) {
        status = bc_is_pool(s->layers[i].layer) ? check_pool(s, i, error) : check_neurons(s, i, error);
        if (status == 0)
            status = check_depression(s, i, error);
        if (status == 0)
            status = check_scale(s, i, error);
    }
    return status;
}
