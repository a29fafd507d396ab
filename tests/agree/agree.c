#include "agree.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/learn.h"

static const double within = 1e-5;
static const double nothing = 1e-20;  /* smaller levels, far out on a formula's tail, count as 0 */
static const double nudge = 1e-6;     /* relative change of a twin's numbers: some ten roundings */
static const double twins_apart = 10; /* allowed distance in units of the twins' distance, where that is more */

static void *take(uint64_t count, uint64_t size)
{
    void *memory = calloc(count + 1, size);
    if (!memory)
        abort();
    return memory;
}

static uint64_t connections_of(const ref_layer *weights)
{
    return (uint64_t)weights->neurons * weights->inputs;
}

static uint32_t classes_of(const agree_subject *s)
{
    return s->weights[s->answer]->neurons;
}

/* ---- the reference ---- */

/* The network of the reference, or a twin of it. */
typedef struct side {
    ref_network *chain;
    ref_graph *graph;
} side;

static const ref_layer *weights_of(const side *of, uint32_t l)
{
    return of->chain ? &of->chain->layers[l] : &of->graph->layers[l].weights;
}

static agree_outcome outcome_new(const agree_subject *s)
{
    agree_outcome out = {0};
    uint64_t end = 0, levels = (uint64_t)s->batch * classes_of(s);
    out.ends[out.count++] = end += levels;
    for (uint32_t l = 0; l < s->layer_count; l++) {
        out.ends[out.count++] = end += connections_of(s->weights[l]);
        out.ends[out.count++] = end += s->weights[l]->neurons;
    }
    out.ends[out.count++] = end += levels;
    out.values = take(end, sizeof *out.values);
    return out;
}

static double *tensor(const agree_outcome *of, uint32_t number)
{
    return of->values + (number == 0 ? 0 : of->ends[number - 1]);
}

static void chain_levels(const agree_subject *s, const ref_network *chain, const float *in, double *out)
{
    uint32_t classes = classes_of(s);
    ref_pass *passes = ref_passes_new(chain);
    for (uint32_t n = 0; n < s->batch; n++) {
        ref_forward(chain, in + n * s->values, passes);
        memcpy(out + n * classes, passes[chain->layer_count - 1].y, classes * sizeof *out);
    }
    ref_passes_release(chain, passes);
}

static void graph_levels(const agree_subject *s, const ref_graph *graph, const float *in, double *out)
{
    uint32_t classes = classes_of(s);
    for (uint32_t n = 0; n < s->batch; n++) {
        ref_map_pass *passes = ref_map_passes_new(graph);
        ref_map_forward(graph, in + n * s->values, passes);
        for (uint32_t k = 0; k < classes; k++)
            out[n * classes + k] = passes[s->answer].o[k] / s->weights[s->answer]->range_out;
        ref_map_passes_free(graph, passes);
    }
}

static void levels(const agree_subject *s, const side *of, const float *in, double *out)
{
    if (of->chain)
        chain_levels(s, of->chain, in, out);
    else
        graph_levels(s, of->graph, in, out);
}

/* The compared number of a connection: v, or under the printed rule sign * (1 - alpha), its largest contribution. */
static double strength(ref_rule rule, const ref_layer *layer, double alpha, int sign)
{
    if (rule == REF_PRINTED)
        return sign * (1 - alpha);
    return ref_v_of_alpha(fmin(alpha, layer->alpha_max), sign, layer->alpha_max); /* float alphas may lie above it */
}

static double held(ref_rule rule, const ref_layer *layer, uint64_t ik)
{
    return rule == REF_PRINTED ? strength(rule, layer, layer->bound[ik], layer->sign[ik])
                               : layer->sign[ik] * (double)layer->bound[ik];
}

/* Copies the state into the outcome. Returns whether a bound has changed. */
static bool take_state(const agree_subject *s, const side *of, const agree_outcome *out)
{
    bool moved = false;
    for (uint32_t l = 0; l < s->layer_count; l++) {
        const ref_layer *weights = weights_of(of, l);
        double *bounds = tensor(out, 1 + 2 * l), *thetas = tensor(out, 2 + 2 * l);
        for (uint64_t ik = 0; ik < connections_of(weights); ik++) {
            double is = held(s->rule, weights, ik);
            moved |= is != bounds[ik];
            bounds[ik] = is;
        }
        for (uint32_t k = 0; k < weights->neurons; k++)
            thetas[k] = weights->theta[k];
    }
    return moved;
}

/* Means of steps show only in the second batch. */
static uint32_t batches_of(const agree_subject *s)
{
    const ref_network *settings = s->is_maps ? &s->maps.graph.settings : &s->chain.network;
    return settings->momentum > 0 || settings->adapts ? 3 : 1;
}

static bool reference_run(const agree_subject *s, const side *of, const float *in, const agree_outcome *out)
{
    levels(s, of, in, tensor(out, 0));
    take_state(s, of, out);
    for (uint32_t b = 0; b < batches_of(s); b++) {
        if (of->chain)
            ref_learn(of->chain, in, s->labels, s->batch, s->chain.eta, s->chain.xi, s->chain.corrected);
        else
            ref_map_learn(of->graph, in, s->labels, s->batch, s->maps.eta, s->maps.xi, s->maps.corrected);
    }
    bool moved = take_state(s, of, out);
    levels(s, of, in, tensor(out, out->count - 1));
    return moved;
}

static side itself(agree_subject *s)
{
    return s->is_maps ? (side){.graph = &s->maps.graph} : (side){.chain = &s->chain.network};
}

static void run_twin(agree_subject *s, int number)
{
    ref_network chain;
    ref_graph graph;
    if (s->is_maps) {
        random_maps_twin(&s->maps.graph, &graph, &s->nudges, nudge);
        reference_run(s, &(side){.graph = &graph}, s->nudged, &s->twins[number]);
        ref_graph_release(&graph);
        return;
    }
    random_twin_make(&s->chain.network, &chain);
    random_twin_set(&s->chain.network, &chain, &s->nudges, nudge);
    chain.jitter = (number % 2 ? .5 : -.5) * FLT_EPSILON * (1 + number / 2); /* half a rounding, a whole one, ... */
    reference_run(s, &(side){.chain = &chain}, s->nudged, &s->twins[number]);
    ref_network_release(&chain);
}

/* Runs the twins from the state drawn last. This is done only when a tensor needs them. */
static void run_twins(agree_subject *s)
{
    const ref_network *settings = s->is_maps ? &s->maps.graph.settings : &s->chain.network;
    for (uint32_t l = 0; l < s->layer_count; l++)
        if (s->alpha[l]) /* back to the state before the batch; s->wanted holds the state after it */
            ref_layer_set(settings, s->weights[l], s->alpha[l], s->sign[l], s->theta[l]);
    for (int t = 0; t < AGREE_TWINS; t++) {
        random_nudge(&s->nudges, s->in, s->nudged, s->batch * s->values, nudge, (float)s->range);
        run_twin(s, t);
    }
    s->twins_known = true;
}

/* ---- one network ---- */

static void draw_network(agree_subject *s, ref_random *random, random_depression depression)
{
    if (s->is_maps) {
        random_maps *m = &s->maps;
        if (depression == RANDOM_SOMETIMES)
            random_maps_make(m, random, s->rule);
        else
            random_maps_make_depressed(m, random, depression);
        s->text = m->text, s->layer_count = ref_all_layers(&m->graph), s->batch = m->batch;
        s->answer = m->graph.layer_count - 1;
        s->values = ref_values(m->graph.input), s->range = m->range;
        s->alpha = m->alpha, s->sign = m->sign, s->theta = m->theta;
        for (uint32_t l = 0; l < s->layer_count; l++)
            s->weights[l] = &m->graph.layers[l].weights;
        return;
    }
    random_network *c = &s->chain;
    random_network_make_by(c, random, s->rule);
    s->text = c->text, s->layer_count = c->network.layer_count, s->batch = c->batch;
    s->answer = s->layer_count - 1;
    s->values = c->network.layers[0].inputs, s->range = c->network.layers[0].range_in;
    s->alpha = c->alpha, s->sign = c->sign, s->theta = c->theta;
    for (uint32_t l = 0; l < s->layer_count; l++)
        s->weights[l] = &c->network.layers[l];
}

/* is_maps and rule are set. */
static int make_subject(agree_subject *s, ref_random *random, random_depression depression)
{
    s->nudges.state = ~random->state;
    draw_network(s, random, depression);
    s->in = take(s->batch * s->values, sizeof *s->in);
    s->nudged = take(s->batch * s->values, sizeof *s->nudged);
    s->labels = take(s->batch, sizeof *s->labels);
    s->wanted = outcome_new(s);
    s->got = outcome_new(s);
    for (int t = 0; t < AGREE_TWINS; t++)
        s->twins[t] = outcome_new(s);
    s->context = bl_context_new();
    if (!s->context || bl_load_text(s->context, "random.btn", s->text, strlen(s->text)) != 0)
        abort();
    s->program = bl_check(s->context, NULL);
    if (s->program)
        return 0;
    bl_write_diagnostics(s->context, stderr, false);
    return -1;
}

int agree_new(agree_subject *s, ref_random *random, ref_rule rule, bool maps)
{
    memset(s, 0, sizeof *s);
    s->is_maps = maps;
    s->rule = rule;
    return make_subject(s, random, RANDOM_SOMETIMES);
}

int agree_new_depressed(agree_subject *s, ref_random *random, random_depression depression)
{
    memset(s, 0, sizeof *s);
    s->is_maps = true;
    s->rule = REF_REPAIRED;
    return make_subject(s, random, depression);
}

void agree_free(agree_subject *s)
{
    for (int t = 0; t < AGREE_TWINS; t++)
        free(s->twins[t].values);
    free(s->wanted.values);
    free(s->got.values);
    free(s->in);
    free(s->nudged);
    free(s->labels);
    bl_context_free(s->context);
    if (s->is_maps)
        random_maps_release(&s->maps);
    else
        random_network_release(&s->chain);
}

void agree_draw(agree_subject *s, ref_random *random)
{
    if (s->is_maps) {
        random_maps_state(&s->maps, random);
        random_maps_batch(&s->maps, random, s->in, s->labels);
    } else {
        random_state(&s->chain, random);
        random_batch(&s->chain, random, s->in, s->labels);
    }
    side own = itself(s);
    s->moved = reference_run(s, &own, s->in, &s->wanted);
    s->twins_known = false;
}

/* ---- the compiled side ---- */

static int tell(const br_error *error)
{
    fprintf(stderr, "%s\n", error->message);
    return -1;
}

static int compile(const agree_subject *s, agree_code *c)
{
    br_error error;
    if (bc_compile(s->program, &c->options, &c->code, &error) == 0 &&
        bc_lower_schedule(s->program, &c->schedule, &error) == 0 &&
        br_network_new(bc_code_model(c->code), &c->network, &error) == 0)
        return 0;
    return tell(&error);
}

int agree_compile(const agree_subject *s, const char *cpu, int level, bt_method form, bool quantise, agree_code *c)
{
    *c = (agree_code){.options = {.cpu = cpu, .level = level, .methods = c->methods, .quantise = quantise}};
    for (uint32_t l = 0; l <= s->answer; l++)
        c->methods[l] = form == BC_METHOD_MEASURED || bc_method_served(s->program, l, form) ? form : BT_METHOD_EVENTS;
    return compile(s, c);
}

int agree_compile_answers(const agree_subject *s, const char *cpu, int level, agree_code *c)
{
    *c = (agree_code){.options = {.cpu = cpu, .level = level, .methods = c->methods, .inference_only = true}};
    for (uint32_t l = 0; l <= s->answer; l++)
        c->methods[l] = BT_METHOD_EVENTS;
    return compile(s, c);
}

bool agree_answer_in(const agree_subject *s, agree_code *c, agree_form form)
{
    bool any = false;
    br_error error;
    for (uint32_t l = 0; l <= s->answer; l++) {
        bool served = bc_method_served(s->program, l, BT_METHOD_DENSE);
        if (form == AGREE_PACKED)
            served = bc_code_model(c->code)->layers[l].layout.packed_above < 1;
        if (served && form == AGREE_TILES && br_method_make(c->network, l, BT_METHOD_DENSE, &error) != 0)
            abort();
        br_layer_bounds *layer = &c->network->layers[l];
        layer->training = served && form == AGREE_TILES ? BT_METHOD_DENSE : BT_METHOD_EVENTS;
        layer->inference = served && form == AGREE_PACKED ? BT_METHOD_PACKED : layer->training;
        any |= served;
    }
    return any;
}

void agree_code_free(agree_code *c)
{
    br_network_free(c->network);
    bc_lowered_schedule_free(&c->schedule);
    bc_code_free(c->code);
}

static int compiled_levels(const agree_subject *s, const agree_code *c, double *out)
{
    br_error error;
    uint64_t count = (uint64_t)s->batch * classes_of(s);
    float *got = take(count, sizeof *got);
    int status = br_forward_batch(c->network, s->in, s->batch, got, &error);
    for (uint64_t i = 0; i < count; i++)
        out[i] = got[i];
    free(got);
    return status == 0 ? 0 : tell(&error);
}

int agree_give_state(const agree_subject *s, const agree_code *c)
{
    br_error error;
    for (uint32_t l = 0; l < bc_code_model(c->code)->layer_count; l++) { /* readouts in code that trains only */
        if (s->is_maps)
            c->network->layers[l].calibration = (float)s->maps.graph.layers[l].factor; /* factor of pool(sum) */
        if (s->is_maps && s->maps.conscience[l])
            memcpy(c->network->layers[l].conscience, s->maps.conscience[l], s->weights[l]->neurons * sizeof(float));
        if (s->alpha[l] && br_network_import(c->network, l, s->alpha[l], s->sign[l], s->theta[l], &error) != 0)
            return tell(&error);
        if (s->is_maps && s->maps.gain[l] && br_network_set_gains(c->network, l, s->maps.gain[l], &error) != 0)
            return tell(&error);
    }
    return 0;
}

static void compiled_layer(const agree_subject *s, const agree_code *c, uint32_t l)
{
    const ref_layer *weights = s->weights[l];
    uint64_t connections = connections_of(weights);
    float *alpha = take(connections, sizeof *alpha), *theta = take(weights->neurons, sizeof *theta);
    int8_t *sign = take(connections, sizeof *sign);
    if (s->alpha[l])
        br_network_export(c->network, l, alpha, sign, theta);
    for (uint64_t ik = 0; ik < connections; ik++)
        tensor(&s->got, 1 + 2 * l)[ik] = strength(s->rule, weights, alpha[ik], sign[ik]);
    for (uint32_t k = 0; k < weights->neurons; k++)
        tensor(&s->got, 2 + 2 * l)[k] = theta[k];
    free(alpha);
    free(sign);
    free(theta);
}

static int compiled_run(const agree_subject *s, const agree_code *c)
{
    br_error error;
    if (agree_give_state(s, c) != 0 || compiled_levels(s, c, tensor(&s->got, 0)) != 0)
        return -1;
    br_moments *moments;
    if (br_moments_new(bc_code_model(c->code), &c->schedule.phases[0], &moments, &error) != 0)
        return tell(&error);
    int status = 0;
    for (uint32_t b = 0; status == 0 && b < batches_of(s); b++)
        status = br_learn_batch(c->network, s->in, s->labels, s->batch, &c->schedule.phases[0], moments, &error);
    br_moments_free(moments);
    if (status != 0)
        return tell(&error);
    for (uint32_t l = 0; l < s->layer_count; l++)
        compiled_layer(s, c, l);
    return compiled_levels(s, c, tensor(&s->got, s->got.count - 1));
}

/* ---- distances ---- */

typedef struct distance {
    double apart;   /* relative to the tensor's largest value */
    bool sign_lost; /* a zero differs in its stored sign */
} distance;

/* A tensor of zeros, or of values that count as 0, is compared with an absolute distance. */
static distance measure(const agree_outcome *a, const agree_outcome *wanted, uint32_t number)
{
    uint64_t count = wanted->ends[number] - (number == 0 ? 0 : wanted->ends[number - 1]);
    bool bounds = number % 2 == 1 && number + 1 < wanted->count;
    double most_apart = 0, most = 0;
    distance out = {0};
    for (uint64_t i = 0; i < count; i++) {
        double got = tensor(a, number)[i], want = tensor(wanted, number)[i];
        out.sign_lost |= bounds && want == 0 && fabs(got) < 1e-6 && !signbit(got) != !signbit(want);
        most_apart = isnan(got) ? INFINITY : fmax(most_apart, fabs(got - want));
        most = fmax(most, fabs(want));
    }
    out.apart = most_apart / (most > nothing ? most : 1);
    return out;
}

static void name_tensor(const agree_subject *s, uint32_t number, char *out, size_t size)
{
    if (number == 0 || number + 1 == s->wanted.count)
        snprintf(out, size, "levels %s learning", number == 0 ? "before" : "after");
    else
        snprintf(out, size, "%s of l%u", number % 2 ? "bounds" : "thresholds", (number - 1) / 2);
}

/* Returns 1 if the tensor differs by more than it may. */
static int judge(agree_subject *s, const agree_code *c, uint32_t number)
{
    distance is = measure(&s->got, &s->wanted, number);
    double allowed = within;
    char name[64];
    s->tally.compared++;
    if (is.apart <= within && !is.sign_lost)
        return 0;
    if (!s->twins_known)
        run_twins(s);
    for (int t = 0; t < AGREE_TWINS; t++)
        allowed = fmax(allowed, twins_apart * measure(&s->twins[t], &s->wanted, number).apart);
    s->tally.leaned++;
    if (is.apart <= allowed && (!is.sign_lost || allowed > within))
        return 0;
    name_tensor(s, number, name, sizeof name);
    fprintf(stderr, "%s on %s, -O%d: %.3g apart, at most %.3g%s\n", name, c->options.cpu, c->options.level, is.apart,
            allowed, is.sign_lost ? ", the sign of a zero lost" : "");
    return 1;
}

int agree_compare(agree_subject *s, const agree_code *c)
{
    int wrong = 0;
    if (compiled_run(s, c) != 0)
        return 1;
    for (uint32_t number = 0; number < s->wanted.count; number++)
        wrong += judge(s, c, number);
    return wrong;
}

int agree_compare_answers(agree_subject *s, const agree_code *c)
{
    return agree_give_state(s, c) != 0 || compiled_levels(s, c, tensor(&s->got, 0)) != 0 ? 1 : judge(s, c, 0);
}
