/* The text of learning on the device: sections 2 and 3 of docs/model.md for dense layers and one sample at a time. Their
 * connections lie in RAM, in the caller's state. So each has functions of its own, with its numbers in them. */
#include "artefact/csource/learn.h"
#include "artefact/csource/learn_whole.h"
#include "artefact/csource/table.h"
#include "artefact/csource/walk.h"
#include "plan/numbers.h"

/* Where alpha_max is below the range, t may be negative, and every connection carries signal on its own side of 0. */
static bool has_sides(const bl_layer *layer)
{
    return layer->alpha_max < layer->range_in;
}

/* ---- sums ---- */

static const char loop_inputs[] = "    for (size_t n = 0; n < %u; n++)\n"
                                  "        for (size_t i = 0; i < from[n].channels; i++, row += %u) {\n"
                                  "            const float o = from[n].map[i], q = 1.0f - o;\n"
                                  "            if (!(o > 0.0f))\n"
                                  "                continue;\n";

static const char add_soft[] =
    "            const float t = %s - 1.0f / q;\n"
    "            for (size_t k = 0; k < %u; k++) {\n"
    "                const float v = row[k], below = v < t ? v : t, inside = below > -t ? below : -t;\n"
    "                sums[k] += q * (v - inside);\n"
    "            }\n";

static const char add_sides[] = "            const float t = %s - 1.0f / q;\n"
                                "            for (size_t k = 0; k < %u; k++) {\n"
                                "                const float v = row[k], over = (v < 0.0f ? -v : v) - t;\n"
                                "                if (over > 0.0f)\n"
                                "                    sums[k] += v < 0.0f ? -(q * over) : q * over;\n"
                                "            }\n";

static void put_sums(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    bc_learner_names names = bc_learner_names_of(s, index);
    char a_max[32];
    bc_float_text(bc_a_max(layer), a_max);
    fprintf(
        to,
        "\n/* The sums of layer %s from the bounds of a state.                                          (1), (2) */\n"
        "static void sums_of_state%s(const %s_state *state, const source *from, drive *ONLY sums)\n{\n"
        "    const float *row = state->%sbounds;\n    fill(sums, %u, 0);\n",
        layer->name, names.function, s->program->name, names.member, layer->neurons + (layer->sum == BT_SUM_SHARED));
    fprintf(to, loop_inputs, layer->source_count, layer->neurons);
    fprintf(to, has_sides(layer) ? add_sides : add_soft, a_max, layer->neurons);
    if (layer->sum == BT_SUM_SHARED)
        fprintf(to, "            sums[%u] += o;\n", layer->neurons);
    fputs("        }\n}\n", to);
}

/* ---- errors ---- */

static const char softmax[] = "    float most = x[0], all = 0.0f;\n"
                              "    for (size_t k = 1; k < %u; k++)\n"
                              "        most = x[k] > most ? x[k] : most;\n"
                              "    for (size_t k = 0; k < %u; k++) {\n"
                              "        errors[k] = exponential((x[k] - most) * %s);\n"
                              "        all += errors[k];\n"
                              "    }\n"
                              "    for (size_t k = 0; k < %u; k++) {\n"
                              "        const float e = %s((k == label ? 1.0f : 0.0f) - errors[k] / all);\n";

static const char hinge[] =
    "    for (size_t k = 0; k < %u; k++) {\n"
    "        const float up = %s - x[k], down = x[k] + %s;\n"
    "        const float e = k == label ? (up > 0.0f ? %s : 0.0f) : down > 0.0f ? -%s : 0.0f;\n";

static const char errors_end[] = "        errors[k] = (e < 0.0f ? -e : e) < %s ? 0.0f : e;\n"
                                 "        any |= errors[k] < 0.0f || errors[k] > 0.0f;\n"
                                 "    }\n"
                                 "    return any;\n"
                                 "}\n";

static void put_errors(const bc_source *s, FILE *to)
{
    const bl_phase *phase = s->learning.phase;
    uint32_t n = bl_last_layer(s->program)->neurons;
    bool gradient = s->program->rule == BT_RULE_GRADIENT;
    char size[32], b[40], floor[32];
    bc_float_text((float)phase->sharpness, size);
    snprintf(b, sizeof b, "%s * ", size);
    fprintf(to,
            "\n/* %s; errors below the floor are 0. Whether any is left. */\n"
            "static int find_errors(const drive *x, uint32_t label, float *errors)\n{\n    int any = 0;\n",
            phase->error == BT_ERROR_SOFTMAX
                ? gradient ? "e = b ([k = label] - softmax(b x))" : "e = [k = label] - softmax(b x)"
            : gradient ? "The gradient of the hinge: 1, -1 or 0"
                       : "e = max(0, m - x) of the label, -max(0, x + m) of the others");
    if (phase->error == BT_ERROR_SOFTMAX)
        fprintf(to, softmax, n, n, size, n, gradient ? b : "");
    else
        fprintf(to, hinge, n, size, size, gradient ? "1.0f" : "up", gradient ? "1.0f" : "down");
    fprintf(to, errors_end, bc_float_text((float)phase->floor, floor));
}

/* ---- steps ---- */

static const char bounded_head[] = "\n/* A bound that would cross zero %s; a bound of 0 keeps its side\n"
                                   " * by a number too small to count. */\n"
                                   "static float bounded%s(float before, float moved)\n{\n";

static const char bounded_stays[] = "        return before < 0.0f ? -1e-30f : 1e-30f;\n";

/* The valve: alpha_max - alpha < tau is |v| < a_max - 1/(1 - alpha_max + tau). */
static void put_bounded(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    bool valve = bc_has_valve(layer);
    float a_max = bc_a_max(layer), most = a_max - 1.0f / (1.0f - (float)layer->alpha_min);
    float near = a_max - 1.0f / (1.0f - ((float)layer->alpha_max - (float)layer->tau));
    char text[32];
    fprintf(to, bounded_head, bc_crossing_of(layer), bc_learner_names_of(s, index).function);
    if (valve)
        fprintf(to,
                "    const float near = %s;\n"
                "    if ((before < 0.0f) != (moved < 0.0f) && (before >= near || before <= -near))\n",
                bc_float_text(near, text));
    else if (!layer->switches)
        fputs("    if ((before < 0.0f) != (moved < 0.0f))\n", to);
    if (valve || !layer->switches)
        fputs(bounded_stays, to);
    bc_float_text(most, text);
    fprintf(to,
            "    if (!(moved < 0.0f) && !(moved > 0.0f))\n%s"
            "    return moved < -%s ? -%s : moved > %s ? %s : moved;\n}\n",
            bounded_stays, text, text, text, text);
}

/* The factor of errors that all inputs share: 1/(gamma sum of the inputs); by the gradient, gamma. */
static void put_factor(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    char text[32], rate[32];
    if (bc_learns_alone(s))
        snprintf(rate, sizeof rate, "state->rate");
    else
        snprintf(rate, sizeof rate, "state->rate[%u]", index - s->learning.first);
    if (s->program->rule == BT_RULE_GRADIENT)
        fprintf(to, "    const float factor = %s * %s;\n", rate, bc_float_text((float)bc_gamma_of(layer), text));
    else if (layer->sum == BT_SUM_SHARED)
        fprintf(to, "    const float factor = %s / %s;\n", rate, bc_float_text((float)bc_gamma_of(layer), text));
    else
        fprintf(to, "    const float factor = %s * %s / all;\n", rate,
                bc_float_text((float)(1 / bc_gamma_of(layer)), text));
}

static void put_move(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    bc_learner_names names = bc_learner_names_of(s, index);
    bool gradient = s->program->rule == BT_RULE_GRADIENT;
    char text[32];
    fprintf(to,
            "\n/* v += %s where |v| >= t%s.%s */\n"
            "static void move_bounds%s(%s_state *state, const source *from, const float *errors)\n{\n"
            "    float *row = state->%sbounds;\n    float all = 0.0f;\n"
            "    for (size_t n = 0; n < %u; n++)\n        for (size_t i = 0; i < from[n].channels; i++)\n"
            "            all += from[n].map[i];\n"
            "    if (!(all > 0.0f))\n        return;\n",
            gradient ? "rate e gamma (1 - o)" : "rate (e/gamma) o/((1 - o) sum of o)",
            layer->leak > 0 ? ", less elsewhere" : "", gradient ? "" : "             (11)-(15)", names.function,
            s->program->name, names.member, layer->source_count);
    put_factor(s, index, to);
    fprintf(to, loop_inputs, layer->source_count, layer->neurons);
    fprintf(to, "            const float t = %s - 1.0f / q, share = %s * factor;\n",
            bc_float_text(bc_a_max(layer), text), gradient ? "q" : "o / q");
    fprintf(to,
            "            for (size_t k = 0; k < %u; k++) {\n"
            "                const float v = row[k], size = v < 0.0f ? -v : v;\n",
            layer->neurons);
    if (layer->leak > 0)
        fprintf(to, "                row[k] = bounded%s(v, v + (size >= t ? share : share * %s) * errors[k]);\n",
                names.function, bc_float_text((float)layer->leak, text));
    else
        fprintf(to,
                "                if (size >= t)\n"
                "                    row[k] = bounded%s(v, v + share * errors[k]);\n",
                names.function);
    fputs("            }\n        }\n}\n", to);
}

static const char learned_theta[] = "    float y = (x - theta) / (1.0f - theta), moved;\n"
                                    "    if (x >= 1.0f || !(asked < 0.0f || asked > 0.0f))\n"
                                    "        return theta;\n"
                                    "    y = (y < 0.0f ? 0.0f : y < 1.0f ? y : 1.0f) + asked;\n"
                                    "    y = y < 0.0f ? 0.0f : y < 0.98f ? y : 0.98f;\n"
                                    "    moved = theta + %s * ((x - y) / (1.0f - y) - theta);\n"
                                    "    return moved < 0.0f ? 0.0f : moved < %s ? moved : %s;\n"
                                    "}\n";

static void put_learned_theta(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    char xi[32], most[32];
    fprintf(
        to,
        "\n/* y* = clamp(y + asked, 0, 0.98); theta moves towards (x - y*)/(1 - y*).                      (7), (8) */\n"
        "static float learned_theta%s(float theta, float x, float asked)\n{\n",
        bc_learner_names_of(s, index).function);
    bc_float_text((float)layer->theta_max, most);
    fprintf(to, learned_theta, bc_float_text((float)layer->theta_xi, xi), most, most);
}

/* Of the last layer, whose errors are those of drives. */
static void put_thetas(const bc_source *s, uint32_t index, FILE *to)
{
    bc_learner_names names = bc_learner_names_of(s, index);
    fprintf(to,
            "\nstatic void move_thetas%s(%s_state *state, const drive *x, const float *errors)\n{\n"
            "    for (size_t k = 0; k < %u; k++) {\n"
            "        const float theta = state->%sthetas[k];\n"
            "        state->%sthetas[k] = learned_theta%s(theta, x[k], errors[k] / (1.0f - theta));\n"
            "    }\n}\n",
            names.function, s->program->name, s->program->layers[index].neurons, names.member, names.member,
            names.function);
}

void bc_put_learning(const bc_source *s, FILE *to)
{
    uint32_t last = s->program->layer_count - 1;
    if (s->learning.phase == NULL)
        return;
    for (uint32_t i = s->learning.first; i <= last; i++) {
        fprintf(to, "\n/* ---- learning: layer %s ---- */\n", s->program->layers[i].name);
        if (s->whole) {
            bc_put_fixed_learning(s, to);
            return;
        }
        put_sums(s, i, to);
        if (bc_learns_thetas(s, i))
            put_learned_theta(s, i, to);
        if (i == last)
            put_errors(s, to);
        else
            bc_put_hidden_errors(s, i, to);
        bc_put_feedback(s, i, to);
        put_bounded(s, i, to);
        put_move(s, i, to);
        if (i == last && bc_learns_thetas(s, i))
            put_thetas(s, i, to);
    }
}

/* ---- behind the walk ---- */

static void put_last_step(const bc_source *s, FILE *to)
{
    bc_put_sources(s, bl_last_layer(s->program), "    ", to);
    fprintf(to,
            "    if (label < %u && find_errors(s->sum, label, s->error)) {\n"
            "        move_bounds(state, from, s->error);\n%s    }\n    return found;\n}\n",
            bl_last_layer(s->program)->neurons,
            s->learning.thetas ? "        move_thetas(state, s->sum, s->error);\n" : "");
}

void bc_put_step(const bc_source *s, FILE *to)
{
    const char *name = s->program->name;
    if (s->learning.phase == NULL)
        return;
    fprintf(
        to,
        "\n/* Answers, and takes a step towards the label. The maps that learning layers read are still there, because "
        "the\n"
        " * levels go elsewhere. */\n"
        "static uint32_t learn(%s_scratch *s, uint32_t label, %s_state *state)\n{\n"
        "    const uint32_t found = answer(s, state, %ss->error);\n",
        name, name, s->whole ? "(activation *)" : "");
    if (bc_learns_alone(s))
        put_last_step(s, to);
    else
        bc_put_steps(s, to);
}

static void put_begin_layer(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    bc_learner_names names = bc_learner_names_of(s, index);
    char table[300];
    snprintf(table, sizeof table, s->whole ? "%s_bounds" : "%s_layer.bounds", layer->name);
    fprintf(to,
            "    {\n        const volatile IN_FLASH %s *bounds = %s;\n"
            "        for (size_t i = 0; i < %llu; i++)\n            state->%sbounds[i] = bounds[i];\n",
            s->whole ? "int32_t" : "float", table, (unsigned long long)layer->inputs * layer->neurons, names.member);
    if (bc_learns_thetas(s, index))
        fprintf(
            to,
            "        const volatile IN_FLASH float *thetas = %s_layer.thetas;\n"
            "        for (size_t k = 0; k < %u; k++)\n            state->%sthetas[k] = thetas[k * %s_layer.step];\n",
            layer->name, layer->neurons, names.member, layer->name);
    fputs("    }\n", to);
}

static void put_begin(const bc_source *s, FILE *to)
{
    const char *name = s->program->name;
    fprintf(to,
            "\n/* Through a volatile, so that no compiler turns the loop into a call of memcpy. */\n"
            "void %s_state_begin(%s_state *state)\n{\n"
            "    state->model[0] = 0x%08xu;\n    state->model[1] = 0x%08xu;\n",
            name, name, (uint32_t)(s->model >> 32), (uint32_t)s->model);
    if (bc_learns_alone(s))
        fprintf(to, "    state->rate = %s_RATE;\n", s->upper);
    for (uint32_t i = s->learning.first; i < s->program->layer_count; i++) {
        if (!bc_learns_alone(s))
            fprintf(to, "    state->rate[%u] = %s_RATE_%u;\n", i - s->learning.first, s->upper, i - s->learning.first);
        put_begin_layer(s, i, to);
    }
    fputs("}\n", to);
}

static void put_fits_layer(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = &s->program->layers[index];
    bc_learner_names names = bc_learner_names_of(s, index);
    float most = bc_a_max(layer) - 1.0f / (1.0f - (float)layer->alpha_min);
    char text[32];
    if (s->whole)
        snprintf(text, sizeof text, "%d", bc_fixed_most(s));
    else
        bc_float_text(most, text);
    if (!bc_learns_alone(s))
        fprintf(to, "    fits &= state->rate[%u] >= 0.0f && state->rate[%u] <= 1.0e6f;\n", index - s->learning.first,
                index - s->learning.first);
    fprintf(to,
            "    for (size_t i = 0; i < %llu; i++)\n"
            "        fits &= state->%sbounds[i] >= -%s && state->%sbounds[i] <= %s;\n",
            (unsigned long long)layer->inputs * layer->neurons, names.member, text, names.member, text);
    if (bc_learns_thetas(s, index))
        fprintf(to,
                "    for (size_t k = 0; k < %u; k++)\n"
                "        fits &= state->%sthetas[k] >= 0.0f && state->%sthetas[k] <= %s;\n",
                layer->neurons, names.member, names.member, bc_float_text((float)layer->theta_max, text));
}

static void put_fits(const bc_source *s, FILE *to)
{
    fprintf(to,
            "\nint %s_state_fits(const %s_state *state)\n{\n"
            "    int fits = state->model[0] == 0x%08xu && state->model[1] == 0x%08xu;\n",
            s->program->name, s->program->name, (uint32_t)(s->model >> 32), (uint32_t)s->model);
    if (!s->whole && bc_learns_alone(s))
        fputs("    fits &= state->rate >= 0.0f && state->rate <= 1.0e6f;\n", to);
    for (uint32_t i = s->learning.first; i < s->program->layer_count; i++)
        put_fits_layer(s, i, to);
    fputs("    return fits;\n}\n", to);
}

void bc_put_learners(const bc_source *s, FILE *to)
{
    static const char *const ways[][3] = {{"", "float", "floats"}, {"_u8", "uint8_t", "bytes"}};
    const char *name = s->program->name;
    if (s->learning.phase == NULL)
        return;
    put_begin(s, to);
    put_fits(s, to);
    for (int i = s->whole ? 1 : 0; i < 2; i++)
        fprintf(to,
                "\nuint32_t %s_learn%s(const %s *in, uint32_t label, %s_state *state, %s_scratch *scratch)\n{\n"
                "    take_%s(in, scratch->value);\n    return learn(scratch, label, state);\n}\n",
                name, ways[i][0], ways[i][1], name, name, ways[i][2]);
}
