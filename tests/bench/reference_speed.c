/* Compares the speed of compiled layers with the scalar reference of tests/reference, on the same bounds and images:
 *
 *     reference_speed FILE.btn DATA LAYER
 *
 * Runs the forward pass up to LAYER on images of the file's training data, on one thread, timed by the processor time
 * used. Prints lines "KEY VALUE": images and connections per second of both, and their ratio. The last line is the
 * largest difference of the first layer's drives, relative to the largest drive. It shows that both agree. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bouton/compiler.h"
#include "data/batch.h"
#include "engine/forward.h"
#include "maps.h"

enum { BATCH = 32, REFERENCE_IMAGES = 2, ROUNDS = 5 };

typedef struct subject {
    const bl_program *program;
    uint32_t layers; /* layers that run */
    br_data *data;
    bc_code *code;
    br_network *network;
    br_workspace *workspace;
    ref_graph graph;
} subject;

static _Noreturn void stop(const char *what)
{
    fprintf(stderr, "reference_speed: %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the same network for the reference ---- */

static void copy_clauses(const bl_layer *from, ref_map_layer *to)
{
    static const ref_fire fires[] = {
        [BT_FIRE_RAMP] = REF_RAMP, [BT_FIRE_GRADED] = REF_GRADED, [BT_FIRE_BINARY] = REF_BINARY};
    if (from->depress_count > REF_CLAUSES || from->fire > BT_FIRE_BINARY)
        stop("the reference of maps has no such neurons");
    to->fire = fires[from->fire];
    to->clause_count = from->depress_count;
    for (uint32_t i = 0; i < from->depress_count; i++) {
        const bl_depress *d = &from->depress[i];
        to->clauses[i] = (ref_clause){d->over_places, d->within, d->height, d->width, d->gap, d->keep, 0};
    }
}

static void copy_state(const subject *s, uint32_t layer, ref_layer *weights)
{
    uint64_t connections = (uint64_t)weights->inputs * weights->neurons;
    float *alpha = malloc(connections * sizeof *alpha), *theta = malloc(weights->neurons * sizeof *theta);
    int8_t *sign = malloc(connections);
    if (!alpha || !theta || !sign)
        stop("out of memory");
    br_network_export(s->network, layer, alpha, sign, theta);
    ref_layer_take(weights);
    ref_layer_set(&s->graph.settings, weights, alpha, sign, theta);
    free(alpha), free(theta), free(sign);
}

static void copy_layer(subject *s, uint32_t layer)
{
    static const ref_kind kinds[] = {
        [BT_LAYER_DENSE] = REF_DENSE, [BT_LAYER_CONV] = REF_CONV, [BT_LAYER_POOL] = REF_POOL};
    static const ref_pooling poolings[] = {
        [BT_POOL_MAX] = REF_MAX, [BT_POOL_MEAN] = REF_MEAN, [BT_POOL_SUM] = REF_TOTAL};
    static const ref_sum sums[] = {[BT_SUM_SCALED] = REF_SCALED, [BT_SUM_RAW] = REF_RAW, [BT_SUM_SHARED] = REF_SHARED};
    const bl_layer *from = &s->program->layers[layer];
    ref_map_layer *to = &s->graph.layers[layer];
    *to = (ref_map_layer){.kind = kinds[from->kind],
                          .source_count = 1,
                          .sources = {from->sources[0] == BT_INPUT ? REF_INPUT : from->sources[0]},
                          .in = {from->in.height, from->in.width, from->in.channels},
                          .out = {from->out.height, from->out.width, from->out.channels},
                          .window_height = from->field_height,
                          .window_width = from->field_width,
                          .stride = from->stride,
                          .same = from->pad_top || from->pad_left,
                          .grid = from->grid,
                          .pooling = poolings[from->pooling],
                          .factor = 1};
    to->weights = (ref_layer){.inputs = from->kind == BT_LAYER_POOL ? 0 : from->inputs,
                              .neurons = from->kind == BT_LAYER_POOL ? 0 : from->neurons,
                              .range_in = from->range_in,
                              .range_out = from->range_out,
                              .alpha_min = from->alpha_min,
                              .alpha_max = from->alpha_max,
                              .sum = sums[from->sum],
                              .gain = from->gain,
                              .switches = from->switches,
                              .tau = from->tau};
    if (from->source_count != 1)
        stop("several sources are not compared");
    copy_clauses(from, to);
    if (from->kind != BT_LAYER_POOL)
        copy_state(s, layer, &to->weights);
}

static void copy_network(subject *s)
{
    const bt_shape *input = &s->program->input.encoded;
    s->graph = (ref_graph){.input = {input->height, input->width, input->channels}, .layer_count = s->layers};
    s->graph.layers = calloc(s->layers, sizeof *s->graph.layers);
    if (!s->graph.layers)
        stop("out of memory");
    for (uint32_t i = 0; i < s->layers; i++)
        copy_layer(s, i);
}

/* ---- both sides ---- */

static void prepare(subject *s, bl_context *context, const char *folder, const char *last)
{
    br_error error;
    br_data_spec spec;
    br_schedule schedule;
    br_encoder *encoder;
    bc_options options = BC_OPTIONS_DEFAULT;
    s->program = bl_check(context, NULL);
    bl_write_diagnostics(context, stderr, false);
    if (!s->program)
        stop("the file has mistakes");
    while (s->layers < s->program->layer_count && strcmp(s->program->layers[s->layers].name, last) != 0)
        s->layers++;
    if (s->layers++ == s->program->layer_count)
        stop("the network has no such layer");
    if (bc_lower_data(s->program, &spec, &error) || bc_lower_schedule(s->program, &schedule, &error))
        stop(error.message);
    spec.folder = folder;
    if (br_data_load(&spec, 1, &s->data, &error) || bc_lower_encoder(s->program, &encoder, &error) ||
        br_encoder_learn(encoder, br_data_split(s->data, BT_SPLIT_TRAIN), 1, &error) ||
        br_data_encode(s->data, encoder, 0, &error) || bc_compile(s->program, &options, &s->code, &error) ||
        br_network_new(bc_code_model(s->code), &s->network, &error) ||
        br_network_start(s->network, schedule.starts, schedule.seed, &error) ||
        br_methods_choose(s->network, br_data_split(s->data, BT_SPLIT_TRAIN), &error) ||
        br_workspace_new(s->network, BATCH, false, &s->workspace, &error))
        stop(error.message);
    br_encoder_free(encoder);
    bc_lowered_schedule_free(&schedule);
    bc_lowered_data_free(&spec);
}

static void gather(const subject *s)
{
    const br_samples *samples = br_data_split(s->data, BT_SPLIT_TRAIN);
    br_gather gather = br_gather_new(samples, s->workspace->model->input_range);
    if (samples->count < BATCH)
        stop("too few images");
    for (uint32_t i = 0; i < BATCH; i++)
        br_gather_sample(&gather, i, 0, 0, false,
                         s->workspace->in + (uint64_t)i * s->workspace->model->layers[0].shape.in.sample_stride);
}

/* Seconds for one image, the fastest of some rounds. */
static double time_compiled(const subject *s)
{
    double best = INFINITY;
    br_forward_alone(s->workspace, 0, s->layers, 0, BATCH);
    for (int round = 0; round < ROUNDS; round++) {
        double begin = now();
        br_forward_alone(s->workspace, 0, s->layers, 0, BATCH);
        best = fmin(best, now() - begin);
    }
    return best / BATCH;
}

/* The same for the reference, which needs no warming up. The values of the input are not padded. */
static double time_reference(const subject *s, ref_map_pass *passes)
{
    double best = INFINITY;
    for (uint32_t image = REFERENCE_IMAGES; image-- > 0;) { /* image 0 is last, because it is compared */
        double begin = now();
        ref_map_forward(&s->graph,
                        s->workspace->in + (uint64_t)image * s->workspace->model->layers[0].shape.in.sample_stride,
                        passes);
        best = fmin(best, now() - begin);
    }
    return best;
}

/* Largest difference of the first layer's drives for the first image, relative to the largest drive. */
static double apart(const subject *s, const ref_map_pass *pass)
{
    const br_layer_code *code = &s->workspace->model->layers[0];
    double largest = 0, off = 0;
    for (uint64_t place = 0; place < br_map_places(code->shape.out); place++)
        for (uint32_t k = 0; k < code->shape.neurons; k++) {
            double wanted = pass->x[place * code->shape.neurons + k];
            off = fmax(off, fabs((double)s->workspace->layers[0].drive[place * code->shape.out.pitch + k] - wanted));
            largest = fmax(largest, fabs(wanted));
        }
    return off / largest;
}

static double connections(const subject *s)
{
    double all = 0;
    for (uint32_t i = 0; i < s->layers; i++) {
        const bl_layer *layer = &s->program->layers[i];
        if (layer->kind != BT_LAYER_POOL)
            all += (double)layer->inputs * layer->neurons * layer->out.height * layer->out.width;
    }
    return all;
}

int main(int argc, char **argv)
{
    subject s = {0};
    bl_context *context = bl_context_new();
    if (argc != 4 || !context) {
        fputs("usage: reference_speed FILE.btn DATA LAYER\n", stderr);
        return 2;
    }
    if (bl_load(context, argv[1]) != 0)
        stop("the file cannot be read");
    prepare(&s, context, argv[2], argv[3]);
    gather(&s);
    copy_network(&s);
    ref_map_pass *passes = ref_map_passes_new(&s.graph);
    double fast = time_compiled(&s), slow = time_reference(&s, passes), off = apart(&s, passes);
    printf("images %.4g\nconnections %.4g\nreference_images %.4g\nreference_connections %.4g\nratio %.4g\napart %.2g\n",
           1 / fast, connections(&s) / fast, 1 / slow, connections(&s) / slow, slow / fast, off);
    ref_map_passes_free(&s.graph, passes);
    ref_graph_release(&s.graph);
    br_workspace_free(s.workspace);
    br_network_free(s.network);
    bc_code_free(s.code);
    br_data_free(s.data);
    bl_context_free(context);
    return off < 1e-4 ? 0 : 1;
}
