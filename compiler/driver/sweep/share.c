#include "sweep/share.h"

#include <stdlib.h>
#include <string.h>

#include "system/interrupt.h"

typedef enum share_state { SHARE_ABSENT, SHARE_MAKING, SHARE_READY, SHARE_FAILED } share_state;

struct shared_thing {
    size_t kind;   /* index of the data, the encoding or the code */
    uint64_t seed; /* 0 where the seed does not matter */
    size_t below;  /* samples: index into `raws` */
    bool holds;    /* samples: they claim that thing, until they are made */
    size_t left;   /* claims that have not ended */
    size_t claims; /* all of them */
    share_state state;
    br_error error;      /* SHARE_FAILED */
    br_raw *raw;         /* of `raws` */
    br_data *data;       /* of `samples` */
    br_encoder *encoder; /* of `samples`; NULL: no encodings */
    bc_code *code;       /* of `codes` */
};

/* ---- which things there are ---- */

/* Finds a thing or adds it. The search begins at the end, because runs are ordered by seed. */
static size_t find_thing(share_list *list, size_t kind, uint64_t seed)
{
    for (size_t i = list->count; i-- > 0;)
        if (list->list[i].kind == kind && list->list[i].seed == seed)
            return i;
    list->list[list->count] = (shared_thing){.kind = kind, .seed = seed};
    return list->count++;
}

static void claim(shared_thing *thing)
{
    thing->left++;
    thing->claims++;
}

static void list_things(sweep_share *share, sweep *s)
{
    for (size_t i = 0; i < s->code_count; i++)
        share->codes.list[i] = (shared_thing){.kind = i};
    share->codes.count = s->code_count;
    for (size_t i = 0; i < s->run_count; i++) {
        const sweep_row *row = &s->rows[s->runs[i].row];
        const sweep_encoding *encoding = &s->encodings[row->encoding];
        uint64_t seed = s->grid.seeds[s->runs[i].seed];
        if (s->runs[i].state != RUN_WAITS)
            continue;
        size_t samples = find_thing(&share->samples, row->encoding, encoding->seeded ? seed : 0);
        shared_thing *thing = &share->samples.list[samples];
        if (thing->claims == 0) {
            thing->seed = encoding->seeded ? seed : 0;
            thing->below = find_thing(&share->raws, encoding->data, s->data[encoding->data].drawn ? seed : 0);
            claim(&share->raws.list[thing->below]);
            thing->holds = true;
        }
        claim(thing);
        claim(&share->codes.list[row->code]);
        share->of_samples[i] = samples;
    }
    for (size_t i = 0; i < share->raws.count; i++) { /* those that were read for the names of the runs */
        sweep_data *data = &s->data[share->raws.list[i].kind];
        if (data->raw != NULL && !data->drawn) {
            share->raws.list[i].raw = data->raw;
            share->raws.list[i].state = SHARE_READY;
            data->raw = NULL;
        }
    }
}

int share_new(sweep *s, uint32_t threads, sweep_share *out)
{
    *out = (sweep_share){.s = s, .threads = threads};
    out->raws.list = allocate(s->cli, s->run_count, sizeof(shared_thing));
    out->samples.list = allocate(s->cli, s->run_count, sizeof(shared_thing));
    out->codes.list = allocate(s->cli, s->code_count, sizeof(shared_thing));
    out->of_samples = allocate(s->cli, s->run_count, sizeof *out->of_samples);
    pthread_mutex_init(&out->lock, NULL);
    pthread_cond_init(&out->made, NULL);
    if (out->raws.list == NULL || out->samples.list == NULL || out->codes.list == NULL || out->of_samples == NULL)
        return STATUS_FAULT;
    list_things(out, s);
    return STATUS_DONE;
}

static void drop(shared_thing *thing)
{
    br_raw_free(thing->raw);
    br_data_free(thing->data);
    br_encoder_free(thing->encoder);
    bc_code_free(thing->code);
    thing->raw = NULL;
    thing->data = NULL;
    thing->encoder = NULL;
    thing->code = NULL;
}

static void leave(shared_thing *thing)
{
    if (--thing->left == 0)
        drop(thing);
}

static void free_list(share_list *list)
{
    for (size_t i = 0; list->list != NULL && i < list->count; i++)
        drop(&list->list[i]);
    free(list->list);
}

void share_free(sweep_share *share)
{
    free_list(&share->raws);
    free_list(&share->samples);
    free_list(&share->codes);
    free(share->of_samples);
    br_told_free(share->told);
    pthread_mutex_destroy(&share->lock);
    pthread_cond_destroy(&share->made);
}

/* ---- making things ---- */

static int make_raw(sweep_share *share, shared_thing *thing, br_error *error)
{
    return br_raw_read(&share->s->data[thing->kind].pending.spec, thing->seed, &thing->raw, error);
}

/* Notes of reading are printed once, however many seeds read the same files. */
static void tell(sweep_share *share, const br_data *data)
{
    const br_note *notes;
    uint32_t count = br_data_notes(data, &notes);
    pthread_mutex_lock(&share->lock);
    for (uint32_t i = 0; i < count; i++)
        if (br_note_first(&share->told, "", &notes[i]))
            say(share->s->cli, notes[i].warning ? MESSAGE_WARNING : MESSAGE_NOTE, "%s", notes[i].text);
    pthread_mutex_unlock(&share->lock);
}

static bool goes_on(void *user, uint64_t done, uint64_t total)
{
    (void)user;
    (void)done;
    (void)total;
    return interrupt_signal() == 0;
}

/* As a training of its own does it: samples are held out by the seed, and encodings are learned from the rest. */
static int make_samples(sweep_share *share, shared_thing *thing, br_error *error)
{
    const sweep *s = share->s;
    const sweep_encoding *encoding = &s->encodings[thing->kind];
    const bl_program *program = s->rows[encoding->row].source.program;
    shared_thing *below = &share->raws.list[thing->below];
    int status = br_raw_split(below->raw, &s->data[encoding->data].pending.spec, thing->seed, &thing->data, error);
    pthread_mutex_lock(&share->lock);
    thing->holds = false;
    leave(below);
    pthread_mutex_unlock(&share->lock);
    if (status != 0)
        return -1;
    tell(share, thing->data);
    if (program->input.encoding_count == 0)
        return 0;
    if (bc_lower_encoder(program, &thing->encoder, error) != 0)
        return -1;
    br_encoder_follow(thing->encoder, goes_on, NULL);
    status = br_encoder_learn(thing->encoder, br_data_split(thing->data, BT_SPLIT_TRAIN), thing->seed, error);
    if (status == 0)
        status = br_data_encode(thing->data, thing->encoder, share->threads, error);
    br_encoder_follow(thing->encoder, NULL, NULL);
    return status <= 0 ? status : br_fail(error, BR_ERROR_CHECK, "stopped while the samples were encoded");
}

/* Compiles every method that a layer has, so that later no run changes the code while another one uses it. */
static int make_methods(const bc_code *code, br_error *error)
{
    static const bt_method methods[] = {BT_METHOD_DENSE, BT_METHOD_PACKED};
    br_network *network;
    int status = 0;
    if (br_network_new(bc_code_model(code), &network, error) != 0)
        return -1;
    const br_model *model = bc_code_model(code);
    for (uint32_t i = 0; i < model->layer_count && status == 0; i++)
        for (size_t k = 0; k < sizeof methods / sizeof *methods && status == 0; k++) {
            if (model->layers[i].kind != BT_LAYER_POOL)
                status = br_method_make(network, i, methods[k], error);
            if (status != 0 && error->kind == BR_ERROR_CHECK) /* the layer has no such method */
                status = 0;
        }
    br_network_free(network);
    return status;
}

static int make_code(sweep_share *share, shared_thing *thing, br_error *error)
{
    const sweep *s = share->s;
    const sweep_row *row = s->rows;
    while (row->code != thing->kind)
        row++;
    compiled_network wanted = {.methods = row->methods, .readouts = row->source.program->keep_readouts};
    bc_options options = compiled_options(&row->cli, &wanted);
    if (bc_compile(row->source.program, &options, &thing->code, error) != 0)
        return -1;
    return thing->claims > 1 ? make_methods(thing->code, error) : 0;
}

/* Makes a thing unless it is there, or waits for the thread that is making it. */
static int take(sweep_share *share, shared_thing *thing, int (*make)(sweep_share *, shared_thing *, br_error *),
                br_error *error)
{
    pthread_mutex_lock(&share->lock);
    while (thing->state == SHARE_MAKING)
        pthread_cond_wait(&share->made, &share->lock);
    if (thing->state == SHARE_ABSENT) {
        thing->state = SHARE_MAKING;
        pthread_mutex_unlock(&share->lock);
        int status = make(share, thing, &thing->error);
        pthread_mutex_lock(&share->lock);
        thing->state = status == 0 ? SHARE_READY : SHARE_FAILED;
        pthread_cond_broadcast(&share->made);
    }
    bool ready = thing->state == SHARE_READY;
    if (!ready)
        *error = thing->error;
    pthread_mutex_unlock(&share->lock);
    return ready ? 0 : -1;
}

/* ---- a run's claims ---- */

int share_take(sweep_share *share, const sweep_run *run, run_share *out, br_error *error)
{
    const sweep *s = share->s;
    shared_thing *samples = &share->samples.list[share->of_samples[run - s->runs]];
    shared_thing *code = &share->codes.list[s->rows[run->row].code];
    pthread_mutex_lock(&share->lock);
    bool ready = samples->state == SHARE_READY;
    pthread_mutex_unlock(&share->lock);
    if ((!ready && take(share, &share->raws.list[samples->below], make_raw, error) != 0) ||
        take(share, samples, make_samples, error) != 0 || take(share, code, make_code, error) != 0)
        return -1;
    *out = (run_share){samples->data, samples->encoder, code->code};
    return 0;
}

void share_leave(sweep_share *share, const sweep_run *run)
{
    const sweep *s = share->s;
    shared_thing *samples = &share->samples.list[share->of_samples[run - s->runs]];
    pthread_mutex_lock(&share->lock);
    leave(samples);
    if (samples->left == 0 && samples->holds)
        leave(&share->raws.list[samples->below]);
    leave(&share->codes.list[s->rows[run->row].code]);
    pthread_mutex_unlock(&share->lock);
}
