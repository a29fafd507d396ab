/* The text of learning in layers before the last one: what the layers behind ask of their activations, equations (16) to
 * (18), and what becomes of it as errors of their drives, equation (9). */
#include "artefact/csource/learn.h"
#include "artefact/csource/table.h"
#include "artefact/csource/walk.h"
#include "plan/numbers.h"

static bool by_gradient(const bc_source *s)
{
    return s->program->rule == BT_RULE_GRADIENT;
}

static bool learns_source(const bc_source *s, uint32_t source)
{
    return source != BT_INPUT && bc_learns(s, source);
}

static bool feeds_back(const bc_source *s, uint32_t index)
{
    const bl_layer *layer = &s->program->layers[index];
    for (uint32_t n = 0; n < layer->source_count; n++)
        if (learns_source(s, layer->sources[n]))
            return true;
    return false;
}

/* ---- feedback ---- */

static const char feedback[] =
    "\n/* What layer %s asks of activations that it reads: the sum of sign %s e over connections with |v| > t. `row`\n"
    " * begins with the connections of the first.                                                %s */\n"
    "static void feed_back%s(const float *row, const activation *in, size_t count, const float *errors, float *asked)\n"
    "{\n"
    "    for (size_t i = 0; i < count; i++, row += %u) {\n"
    "        const float o = in[i], t = %s - 1.0f / (1.0f - o);\n"
    "        float sum = 0.0f;\n"
    "        if (!(o > 0.0f))\n"
    "            continue;\n"
    "        for (size_t k = 0; k < %u; k++) {\n"
    "            const float v = row[k], size = v < 0.0f ? -v : v, slope = %s;\n"
    "            if (size > t)\n"
    "                sum += (v < 0.0f ? -slope : slope) * errors[k];\n"
    "        }\n"
    "        asked[i] += sum;\n"
    "    }\n"
    "}\n";

void bc_put_feedback(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    char a_max[32], gamma[32], slope[100];
    if (!feeds_back(s, index))
        return;
    bc_float_text(bc_a_max(layer), a_max);
    if (by_gradient(s))
        snprintf(slope, sizeof slope, "%s * (%s - size)", bc_float_text((float)bc_gamma_of(layer), gamma), a_max);
    else
        snprintf(slope, sizeof slope, "1.0f / (%s - size)", a_max);
    fprintf(to, feedback, layer->name, by_gradient(s) ? "gamma/(1 - alpha)" : "(1 - alpha)",
            by_gradient(s) ? "" : "(16)-(18)", bc_learner_names_of(s, index).function, layer->neurons, a_max,
            layer->neurons, slope);
}

/* ---- errors ---- */

static const char corrected[] = "\n/* e = (1 - theta) asked where 0 < y < 1, or y = 1 and asked < 0; else 0.           "
                                "           (9) */\n";

static const char by_slope[] = "\n/* e = s asked/(1 - theta) where 0 < y < 1, else 0. */\n";

/* Thresholds learn by what is asked, and no other error depends on them: so they may move at once. */
void bc_put_hidden_errors(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    bc_learner_names names = bc_learner_names_of(s, index);
    bool thetas = bc_learns_thetas(s, index);
    char range[32];
    fputs(by_gradient(s) ? by_slope : corrected, to);
    fprintf(to, "static void find_errors%s(", names.function);
    if (thetas)
        fprintf(to, "%s_state *state, ", s->program->name);
    fprintf(to, "const drive *x, float *errors)\n{\n    for (size_t k = 0; k < %u; k++) {\n", layer->neurons);
    if (thetas)
        fprintf(to, "        const float theta = state->%sthetas[k], asked = errors[k];\n", names.member);
    else
        fprintf(to, "        const float theta = %s_layer.thetas[k * %s_layer.step], asked = errors[k];\n", layer->name,
                layer->name);
    if (by_gradient(s))
        fprintf(to, "        errors[k] = x[k] > theta && x[k] < 1.0f ? %s / (1.0f - theta) * asked : 0.0f;\n",
                bc_float_text((float)layer->range_out, range));
    else
        fputs("        errors[k] = x[k] > theta && (x[k] < 1.0f || asked < 0.0f) ? (1.0f - theta) * asked : 0.0f;\n",
              to);
    if (thetas)
        fprintf(to, "        state->%sthetas[k] = learned_theta%s(theta, x[k], asked);\n", names.member,
                names.function);
    fputs("    }\n}\n", to);
}

/* ---- a step of all layers ---- */

/* What a layer asks of those that it reads and that learn, too. */
static void put_asking(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    bc_learner_names names = bc_learner_names_of(s, index);
    uint64_t first = 0;
    for (uint32_t n = 0; n < layer->source_count; n++) {
        uint32_t source = layer->sources[n];
        uint64_t count = bt_values(bc_source_shape(s, source));
        if (learns_source(s, source))
            fprintf(
                to,
                "        feed_back%s(state->%sbounds + %llu, s->value + %llu, %llu, s->error + %u, s->error + %u);\n",
                names.function, names.member, (unsigned long long)(first * layer->neurons),
                (unsigned long long)s->layers[source].at, (unsigned long long)count, bc_errors_at(s, index),
                bc_errors_at(s, source));
        first += count;
    }
}

/* Where the drives of a layer that learns are after the answer. */
static void put_drives(const bc_source *s, uint32_t index, FILE *to)
{
    if (index + 1 == s->program->layer_count)
        fputs("s->sum", to);
    else
        fprintf(to, "s->kept + %llu", (unsigned long long)s->layers[index].drives_at);
}

static void put_errors_at(const bc_source *s, uint32_t index, FILE *to)
{
    fprintf(to, "s->error + %u);\n", bc_errors_at(s, index));
}

static void put_hidden(const bc_source *s, uint32_t index, FILE *to)
{
    bc_learner_names names = bc_learner_names_of(s, index);
    fprintf(to, "        find_errors%s(%s", names.function, bc_learns_thetas(s, index) ? "state, " : "");
    put_drives(s, index, to);
    fputs(", ", to);
    put_errors_at(s, index, to);
}

static void put_move_thetas(const bc_source *s, uint32_t index, FILE *to)
{
    bc_learner_names names = bc_learner_names_of(s, index);
    fprintf(to, "        move_thetas%s(state, ", names.function);
    put_drives(s, index, to);
    fputs(", ", to);
    put_errors_at(s, index, to);
}

static void put_moves(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    bc_learner_names names = bc_learner_names_of(s, index);
    fputs("        {\n", to);
    bc_put_sources(s, layer, "            ", to);
    fprintf(to, "            move_bounds%s(state, from, ", names.function);
    put_errors_at(s, index, to);
    fputs("        }\n", to);
}

/* All errors are found before any bound moves. */
void bc_put_steps(const bc_source *s, FILE *to)
{
    uint32_t last = s->program->layer_count - 1, neurons = s->program->layers[last].neurons;
    fprintf(to, "    if (label < %u && find_errors(s->sum, label, s->error)) {\n        fill(s->error + %u, %u, 0);\n",
            neurons, neurons, bc_errors_count(s) - neurons);
    for (uint32_t i = last + 1; i-- > s->learning.first;) {
        if (i < last)
            put_hidden(s, i, to);
        put_asking(s, i, to);
    }
    for (uint32_t i = s->learning.first; i <= last; i++) {
        put_moves(s, i, to);
        if (i == last && bc_learns_thetas(s, i))
            put_move_thetas(s, i, to);
    }
    fputs("    }\n    return found;\n}\n", to);
}
