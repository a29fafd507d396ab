/* One batch, walked through by a team. Between barriers every member does its own part:
 *
 *     events 0 | forward 0 | events, forward 1.., error | rows, feedback (and narrow steps) .. | steps, thresholds
 *
 * Layers wide enough are shared out by neurons, so a member's bounds stay in its own cache from forward to step; narrow
 * ones by samples, and by rows in the step. No sum is ever split, so any number of members gives the same bits. */
#include "learn.h"

#include <string.h>

#include "memory.h"

int br_learner_begin(br_learner *l, br_network *network, br_team *team, const br_phase *phase, uint32_t phase_index,
                     br_error *error)
{
    const br_model *model = network->model;
    *l = (br_learner){.network = network, .team = team, .lowest = phase->layers[0]};
    l->error = model->errors[phase_index < model->error_count ? phase_index : 0];
    l->corrected = br_new(model->layer_count, sizeof *l->corrected, error);
    if (!l->corrected || br_work_new(network, phase->batch, true, &l->work, error) != 0) {
        br_learner_end(l);
        return -1;
    }
    for (uint32_t i = 0; i < phase->layer_count; i++)
        l->corrected[phase->layers[i]] = true;
    return 0;
}

void br_learner_end(br_learner *l)
{
    br_work_free(l->work);
    br_release(l->corrected);
    l->work = NULL;
    l->corrected = NULL;
}

void br_learner_rates(br_learner *l, const br_phase *phase, float decay_factor)
{
    for (uint32_t i = 0; i < phase->layer_count; i++) {
        br_layer_state *s = &l->work->layers[phase->layers[i]];
        s->eta = phase->eta[i] * decay_factor;
        s->xi = phase->xi;
        s->rate = s->xi * s->eta;
        s->theta_rate = phase->theta_xi[i];
    }
    for (uint32_t i = 1; i < l->work->model->layer_count; i++)
        l->work->layers[i].input_eta = l->work->layers[i - 1].eta;
}

uint32_t br_answer(const float *drive, uint32_t classes)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < classes; k++)
        if (drive[k] > drive[best])
            best = k;
    return best;
}

static br_part blocks_of(const br_layer_code *code, uint32_t members, uint32_t member)
{
    return br_part_of(code->stride / code->lanes, code->tile, members, member);
}

static void forward_part(br_learner *l, uint32_t member, uint32_t n)
{
    const br_model *model = l->work->model;
    uint32_t members = br_team_members(l->team);
    br_part mine = br_part_of(n, 1, members, member);
    for (uint32_t i = 0; i < model->layer_count; i++) {
        const br_layer_code *code = &model->layers[i];
        const br_layer_state *s = &l->work->layers[i];
        uint32_t blocks = code->stride / code->lanes;
        code->events(s, mine.from, mine.to, 0, 0);
        /* Layer 0 also waits for the last batch's steps. */
        if (i == 0 || code->by_neurons)
            br_team_barrier(l->team);
        if (!code->by_neurons) {
            code->forward(s, mine.from, mine.to, 0, blocks);
            continue;
        }
        br_part part = blocks_of(code, members, member);
        code->forward(s, 0, n, part.from, part.to);
        br_team_barrier(l->team);
    }
    l->error(&l->work->layers[model->layer_count - 1], mine.from, mine.to, 0, 0);
}

static void step_rows(const br_learner *l, uint32_t layer, br_part rows)
{
    const br_layer_code *code = &l->work->model->layers[layer];
    if (l->corrected[layer] && !code->by_neurons)
        code->step(&l->work->layers[layer], rows.from, rows.to, 0, code->stride / code->lanes);
}

/* From the top down: what each layer asks of the one below, before its own bounds move. */
static void feedback_part(br_learner *l, uint32_t member, uint32_t n)
{
    const br_model *model = l->work->model;
    uint32_t members = br_team_members(l->team), top = model->layer_count - 1;
    for (uint32_t i = l->lowest; i <= top; i++) {
        br_part rows = br_part_of(model->layers[i].inputs, 1, members, member);
        model->layers[i].rows(&l->work->layers[i], 0, n, rows.from, rows.to);
    }
    for (uint32_t i = top; i > l->lowest; i--) {
        br_part rows = br_part_of(model->layers[i].inputs, 1, members, member);
        model->layers[i].feedback(&l->work->layers[i], 0, n, rows.from, rows.to);
        step_rows(l, i, rows);
        br_team_barrier(l->team);
    }
    if (top == l->lowest)
        br_team_barrier(l->team); /* everyone's rows are there */
}

static void step_part(br_learner *l, uint32_t member, uint32_t n)
{
    const br_model *model = l->work->model;
    uint32_t members = br_team_members(l->team);
    step_rows(l, l->lowest, br_part_of(model->layers[l->lowest].inputs, 1, members, member));
    for (uint32_t i = l->lowest; i < model->layer_count; i++) {
        const br_layer_code *code = &model->layers[i];
        const br_layer_state *s = &l->work->layers[i];
        br_part part = blocks_of(code, members, member);
        if (!l->corrected[i])
            continue;
        if (code->by_neurons)
            code->step(s, 0, code->inputs, part.from, part.to);
        if (code->threshold)
            code->threshold(s, 0, n, part.from, part.to);
    }
}

void br_learn_part(br_learner *l, uint32_t member, uint32_t n)
{
    forward_part(l, member, n);
    br_team_barrier(l->team);
    feedback_part(l, member, n);
    step_part(l, member, n);
}

void br_forward_alone(const br_work *work, uint32_t n0, uint32_t n1)
{
    for (uint32_t i = 0; i < work->model->layer_count; i++) {
        const br_layer_code *code = &work->model->layers[i];
        code->events(&work->layers[i], n0, n1, 0, 0);
        code->forward(&work->layers[i], n0, n1, 0, code->stride / code->lanes);
    }
}

static void copy_in(const br_work *work, const float *in, uint32_t n)
{
    const br_layer_code *first = &work->model->layers[0];
    for (uint32_t i = 0; i < n; i++)
        memcpy(work->in + (uint64_t)i * first->input_stride, in + (uint64_t)i * first->inputs,
               first->inputs * sizeof *in);
}

typedef struct batch_job {
    br_learner *learner;
    uint32_t n;
} batch_job;

static void batch_work(void *user, uint32_t member)
{
    batch_job *job = user;
    br_learn_part(job->learner, member, job->n);
}

int br_learn_batch(br_network *network, const float *in, const uint32_t *labels, uint32_t n, const br_phase *phase,
                   float decay_factor, br_error *error)
{
    br_phase sized = *phase;
    sized.batch = n;
    br_learner learner;
    br_team *team;
    if (br_team_new(1, &team, error) != 0)
        return -1;
    int status = br_learner_begin(&learner, network, team, &sized, 0, error);
    if (status == 0) {
        br_learner_rates(&learner, &sized, decay_factor);
        copy_in(learner.work, in, n);
        memcpy(learner.work->labels, labels, n * sizeof *labels);
        br_team_run(team, batch_work, &(batch_job){&learner, n});
        br_learner_end(&learner);
    }
    br_team_free(team);
    return status;
}

int br_forward_batch(br_network *network, const float *in, uint32_t n, float *levels, br_error *error)
{
    br_work *work;
    if (br_work_new(network, n, false, &work, error) != 0)
        return -1;
    copy_in(work, in, n);
    br_forward_alone(work, 0, n);
    uint32_t top = network->model->layer_count - 1;
    const br_layer_code *last = &network->model->layers[top];
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < last->neurons; k++)
            levels[(uint64_t)i * last->neurons + k] =
                work->layers[top].out[(uint64_t)i * last->stride + k] / last->range_out;
    br_work_free(work);
    return 0;
}
