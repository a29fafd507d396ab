/* Ranks as threads of this process: any number of them trains the network that one process trains, they stop and fail
 * together, and what does not fit together is refused. tests/ranks does the same with real processes. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "text_network.h"

static const char text[] =
    "network n { input image(28x28) in [0, 0.5];\n"
    "  layer edges = conv(5x5, 6) stride 3 { sum scaled(2); depress over filters within 2; }\n"
    "  layer parts = dense(20) { homeostasis; }\n"
    "  layer class = dense(10) { sum scaled(4); learned xi 0.01; } }\n"
    "data d { synthetic digits(train 72, validation 30); }\n"
    "schedule { seed 7; phase look { compete edges; sample 900 patches; }\n"
    "  phase both { correct edges, class; epochs 2; batch 4; momentum 0.9; adaptive 0.9; eta 0.02 cosine;\n"
    "    replicas 5 merge every 2 batches; keep best on validation; }\n"
    "  phase alone { correct class; epochs 1; }\n"
    "  phase upper { correct parts, class; epochs 2; batch 3; replicas 6 merge every 3 batches;\n"
    "    prune to 40% over 50%; } }\n";

/* ---- ranks that are threads ---- */

enum { MOST = 5 };

typedef struct meeting { /* of all ranks in one call */
    pthread_barrier_t all;
    uint32_t size;
    const void *sent[MOST];
    const uint64_t *bytes[MOST];
    uint32_t calls, from; /* exchanges so far; the first one that fails for all, 0: none */
} meeting;

typedef struct seat {
    meeting *at;
    uint32_t rank;
} seat;

static uint64_t sum_before(const uint64_t *bytes, uint32_t rank)
{
    uint64_t sum = 0;
    for (uint32_t q = 0; q < rank; q++)
        sum += bytes[q];
    return sum;
}

static int exchange(void *user, const void *send, const uint64_t *send_bytes, void *take, const uint64_t *take_bytes,
                    br_error *error)
{
    const seat *s = user;
    meeting *m = s->at;
    uint64_t to = 0;
    m->sent[s->rank] = send;
    m->bytes[s->rank] = send_bytes;
    pthread_barrier_wait(&m->all);
    for (uint32_t q = 0; q < m->size; q++) {
        assert_true(m->bytes[q][s->rank] == take_bytes[q]);
        memcpy((char *)take + to, (const char *)m->sent[q] + sum_before(m->bytes[q], s->rank), take_bytes[q]);
        to += take_bytes[q];
    }
    if (s->rank == 0)
        m->calls++;
    pthread_barrier_wait(&m->all);
    if (m->calls < m->from || m->from == 0)
        return 0;
    return br_fail(error, BR_ERROR_IO, "a rank is gone"); /* all ranks lose it in the same call */
}

static int gather(void *user, void *data, const uint64_t *bytes, br_error *error)
{
    const seat *s = user;
    meeting *m = s->at;
    (void)error;
    m->sent[s->rank] = (const char *)data + sum_before(bytes, s->rank);
    pthread_barrier_wait(&m->all);
    for (uint32_t q = 0; q < m->size; q++)
        if (q != s->rank)
            memcpy((char *)data + sum_before(bytes, q), m->sent[q], bytes[q]);
    pthread_barrier_wait(&m->all);
    return 0;
}

static int share(void *user, void *data, uint64_t bytes, br_error *error)
{
    const seat *s = user;
    meeting *m = s->at;
    (void)error;
    m->sent[s->rank] = data;
    pthread_barrier_wait(&m->all);
    if (s->rank > 0)
        memcpy(data, m->sent[0], bytes);
    pthread_barrier_wait(&m->all);
    return 0;
}

/* ---- one rank ---- */

typedef struct rank {
    seat seat;
    br_ranks table;
    text_network made;
    br_file_facts facts;
    const char *text, *checkpoint;
    uint32_t threads;
    uint64_t calls; /* of the progress callback until it refuses; 0: it never does */
    bool leaves;    /* while frozen layers answer */
    bool resumes;
    int status;
    br_error error;
    br_train_result result;
    double nll, live; /* of the training samples; live: the sum over the layers */
    float sharpness;
} rank;

static bool stop_at(void *user, const br_progress *progress)
{
    rank *r = user;
    (void)progress;
    return r->calls == 0 || --r->calls > 0;
}

static bool leave(void *user, uint64_t done, uint64_t total)
{
    const rank *r = user;
    (void)done, (void)total;
    return !r->leaves;
}

static void score(rank *r, const br_ranks *ranks)
{
    br_score score;
    r->status = br_score_together(r->made.network, br_data_split(r->made.data, BT_SPLIT_TRAIN), r->threads, ranks,
                                  &score, &r->error);
    if (r->status != 0)
        return;
    r->nll = score.nll;
    for (uint32_t l = 0; l < score.layer_count; l++)
        r->live += score.live[l];
    r->sharpness = br_network_sharpness(r->made.network);
    br_score_free(&score);
}

static void *train(void *user)
{
    rank *r = user;
    br_checkpoint *resume = NULL;
    bool first = r->seat.rank == 0;
    r->status = 0;
    if (r->resumes)
        r->status = br_checkpoint_open(r->checkpoint, bc_code_model(r->made.code), &r->made.schedule, &r->facts,
                                       &resume, &r->error);
    br_train_options options = {.threads = r->threads,
                                .progress = stop_at,
                                .advance = leave,
                                .user = r,
                                .checkpoint = first ? r->checkpoint : NULL,
                                .facts = &r->facts,
                                .resume = resume,
                                .ranks = r->seat.at ? &r->table : NULL};
    if (r->status == 0)
        r->status = br_train(r->made.network, &r->made.schedule, r->made.data, &options, &r->result, &r->error);
    br_checkpoint_free(resume);
    if (r->status == 0 && !r->result.stopped)
        score(r, options.ranks);
    return NULL;
}

static void rank_new(rank *r, const char *of)
{
    r->text = of;
    text_network_compile(&r->made, of, NULL);
    text_network_start(&r->made);
    text_network_load(&r->made);
    r->facts = (br_file_facts){.source = of, .seed = 7, .data_hash = br_data_hash(r->made.data)};
}

/* Runs all ranks to their end; their networks belong to the caller. */
static void run(rank *ranks, meeting *m, uint32_t size)
{
    pthread_t threads[MOST];
    m->size = size;
    pthread_barrier_init(&m->all, NULL, size);
    for (uint32_t q = 0; q < size; q++) {
        ranks[q].seat = (seat){m, q};
        ranks[q].table = (br_ranks){q, size, &ranks[q].seat, exchange, gather, share};
        assert_int_equal(pthread_create(&threads[q], NULL, train, &ranks[q]), 0);
    }
    for (uint32_t q = 0; q < size; q++)
        pthread_join(threads[q], NULL);
    pthread_barrier_destroy(&m->all);
}

static uint64_t sum_of(const br_network *network)
{
    const br_model *model = br_network_model(network);
    uint64_t sum = 5381;
    for (uint32_t l = 0; l < model->layer_count; l++) {
        uint64_t count = (uint64_t)model->layers[l].shape.inputs * model->layers[l].shape.neurons;
        float *w = calloc(count + 1, sizeof *w), theta[64], conscience[64];
        br_network_state(network, l, w, theta, conscience);
        for (uint64_t i = 0; i < count * sizeof *w; i++)
            sum = sum * 33 + ((const uint8_t *)w)[i];
        for (uint64_t i = 0; i < model->layers[l].shape.neurons * sizeof *theta; i++)
            sum = sum * 33 + ((const uint8_t *)theta)[i];
        free(w);
    }
    return sum;
}

/* The rank without others; its network is gone. */
static rank alone(uint64_t *sum)
{
    rank r = {.threads = 1};
    rank_new(&r, text);
    train(&r);
    assert_int_equal(r.status, 0);
    *sum = sum_of(r.made.network);
    text_network_end(&r.made);
    return r;
}

/* ---- the tests ---- */

static void any_number_trains_the_same(void **state)
{
    (void)state;
    uint64_t wanted;
    const rank one = alone(&wanted);
    for (uint32_t size = 2; size <= MOST; size += 3) {
        rank ranks[MOST] = {0};
        meeting m = {0};
        for (uint32_t q = 0; q < size; q++) {
            ranks[q].threads = 1 + (q + size) % 2;
            rank_new(&ranks[q], text);
        }
        run(ranks, &m, size);
        for (uint32_t q = 0; q < size; q++) {
            assert_int_equal(ranks[q].status, 0);
            assert_true(sum_of(ranks[q].made.network) == wanted);
            assert_true(ranks[q].sharpness == one.sharpness && ranks[q].nll == one.nll && ranks[q].live == one.live);
            assert_true(ranks[q].result.epochs == 5 && ranks[q].result.validation == ranks[0].result.validation);
        }
        for (uint32_t q = 0; q < size; q++)
            text_network_end(&ranks[q].made);
    }
}

/* Each training is stopped by one rank, and resumed by another number of ranks, down to one process without ranks. */
static void any_number_resumes(void **state)
{
    (void)state;
    static const struct {
        uint32_t size, stops;
    } CASES[] = {{2, 1}, {3, 2}, {1, 0}};
    enum { CASE_COUNT = sizeof CASES / sizeof *CASES };
    char path[] = "/tmp/bouton-ranks-XXXXXX";
    uint64_t wanted;
    alone(&wanted);
    close(mkstemp(path));
    remove(path);
    bool ended = false;
    for (uint32_t i = 0; !ended; i++) {
        rank ranks[MOST] = {0};
        meeting m = {0};
        uint32_t size = CASES[i % CASE_COUNT].size;
        for (uint32_t q = 0; q < size; q++) {
            ranks[q] = (rank){.threads = 1, .checkpoint = path, .resumes = i > 0};
            ranks[q].calls = q == CASES[i % CASE_COUNT].stops ? 3 : 0;
            rank_new(&ranks[q], text);
        }
        run(ranks, &m, size);
        ended = !ranks[0].result.stopped;
        for (uint32_t q = 0; q < size; q++) {
            assert_int_equal(ranks[q].status, 0);
            assert_true(ranks[q].result.stopped == ranks[0].result.stopped);
        }
        if (ended) {
            assert_true(i > 1);
            assert_true(sum_of(ranks[0].made.network) == wanted);
        }
        for (uint32_t q = 0; q < size; q++)
            text_network_end(&ranks[q].made);
        assert_true(i < 30);
    }
    remove(path);
}

/* One rank is interrupted while the frozen layers of the last phase answer: all stop there, and none waits for it. */
static void ranks_stop_together_while_frozen_layers_answer(void **state)
{
    (void)state;
    rank ranks[MOST] = {0};
    meeting m = {0};
    alarm(60); /* a rank that waits would wait for ever */
    for (uint32_t q = 0; q < 3; q++) {
        ranks[q] = (rank){.threads = 1, .leaves = q == 1};
        rank_new(&ranks[q], text);
    }
    run(ranks, &m, 3);
    alarm(0);
    for (uint32_t q = 0; q < 3; q++) {
        assert_int_equal(ranks[q].status, 0);
        assert_true(ranks[q].result.stopped && ranks[q].result.epochs == 3);
        text_network_end(&ranks[q].made);
    }
}

/* If the exchange fails, rank 0 keeps the state of the last merge, and a training without ranks goes on from there. */
static void a_lost_rank_leaves_a_checkpoint(void **state)
{
    (void)state;
    char path[] = "/tmp/bouton-ranks-XXXXXX";
    uint64_t wanted;
    alone(&wanted);
    for (uint32_t from = 1; from <= 5; from += 4) {
        rank ranks[MOST] = {0};
        meeting m = {.from = from};
        close(mkstemp(path));
        remove(path);
        for (uint32_t q = 0; q < 2; q++) {
            ranks[q] = (rank){.threads = 1, .checkpoint = path};
            rank_new(&ranks[q], text);
        }
        run(ranks, &m, 2);
        for (uint32_t q = 0; q < 2; q++) {
            assert_int_equal(ranks[q].status, -1);
            assert_int_equal(ranks[q].error.kind, BR_ERROR_IO);
            text_network_end(&ranks[q].made);
        }
        rank one = {.threads = 1, .checkpoint = path, .resumes = true};
        rank_new(&one, text);
        train(&one);
        assert_int_equal(one.status, 0);
        assert_true(sum_of(one.made.network) == wanted);
        text_network_end(&one.made);
        remove(path);
        snprintf(path, sizeof path, "/tmp/bouton-ranks-XXXXXX");
    }
}

static void expect_refused(uint32_t size, const char *first, const char *other, const char *words)
{
    rank ranks[MOST] = {0};
    meeting m = {0};
    for (uint32_t q = 0; q < size; q++) {
        ranks[q].threads = 1;
        rank_new(&ranks[q], q + 1 == size ? other : first);
    }
    run(ranks, &m, size);
    for (uint32_t q = 0; q < size; q++) {
        assert_int_equal(ranks[q].status, -1);
        assert_int_equal(ranks[q].error.kind, BR_ERROR_CHECK);
        assert_true(ranks[q].result.agreed);
        if (!strstr(ranks[q].error.message, words))
            fail_msg("%s", ranks[q].error.message);
        text_network_end(&ranks[q].made);
    }
}

static void others_are_refused(void **state)
{
    (void)state;
    static const char few[] = "network n { input image(28x28); layer class = dense(10); }\n"
                              "data d { synthetic digits(train 120); }\n"
                              "schedule { phase p { correct class; replicas 3 merge every 1 batches; } }\n";
    static const char none[] = "network n { input image(28x28); layer class = dense(10); }\n"
                               "data d { synthetic digits(train 120); }\n"
                               "schedule { phase p { correct class; } }\n";
    static const char more[] = "network n { input image(28x28); layer class = dense(10); }\n"
                               "data d { synthetic digits(train 120); }\n"
                               "schedule { phase p { correct class; replicas 3 merge every 2 batches; } }\n";
    expect_refused(4, few, few, "phase p has 3 replicas, but there are 4 ranks; start at most 3 ranks");
    expect_refused(2, none, none, "no phase has replicas");
    expect_refused(3, few, more, "rank 2 has another text");
}

/* ---- shared samples ---- */

typedef struct sharer {
    rank r;
    br_data *data;
    bool reads;
} sharer;

static void *share_samples(void *user)
{
    sharer *s = user;
    br_shared_data *shared;
    s->r.status = br_shared_data_begin(&s->r.table, s->r.text, 7, &shared, &s->r.error);
    assert_int_equal(s->r.status, 0);
    s->reads = br_shared_data_reads(shared);
    if (s->reads) {
        s->data = s->r.made.data;
        s->r.made.data = NULL;
    }
    s->r.status = br_shared_data_pass(shared, &s->data, &s->r.error);
    br_shared_data_free(shared);
    return NULL;
}

static void expect_samples(const br_data *data, const br_data *wanted)
{
    assert_int_equal(br_data_hash(data), br_data_hash(wanted));
    for (int i = 0; i < BT_SPLITS; i++) {
        const br_samples *a = br_data_split(data, (bt_split)i), *b = br_data_split(wanted, (bt_split)i);
        uint64_t values = (uint64_t)b->shape.height * b->shape.width * b->shape.channels;
        assert_true(a->count == b->count && a->low == b->low && a->high == b->high && a->tied == b->tied);
        assert_memory_equal(&a->shape, &b->shape, sizeof a->shape);
        assert_true((a->bytes == NULL) == (b->bytes == NULL));
        if (b->count > 0 && b->bytes != NULL)
            assert_memory_equal(a->bytes, b->bytes, b->count * values);
        if (b->count > 0 && b->floats != NULL)
            assert_memory_equal(a->floats, b->floats, b->count * values * sizeof *a->floats);
        if (b->count > 0)
            assert_memory_equal(a->labels, b->labels, b->count * sizeof *a->labels);
    }
}

/* Ranks 0, 1 and 3 train the same; rank 2 another text, so that it reads for itself. */
static void one_rank_reads_for_those_that_train_the_same(void **state)
{
    (void)state;
    enum { SIZE = 4, OTHER = 2 };
    static const char named[] = "network n { input vector(3); layer class = dense(3); }\n"
                                "data d { csv train \"%s\"; hold out 20%% of train as validation; }\n";
    char table[] = "/tmp/test_ranks_XXXXXX", of_table[512];
    int file = mkstemp(table);
    FILE *to = fdopen(file, "w");
    assert_non_null(to);
    fputs("a,b,c,kind\n", to);
    for (int i = 0; i < 60; i++)
        fprintf(to, "%d,%d,%.1f,%s\n", i % 7, i * 3 % 11, i / 2.0, i % 3 == 0 ? "one" : i % 3 == 1 ? "two" : "three");
    fclose(to);
    snprintf(of_table, sizeof of_table, named, table);
    const char *texts[] = {text, of_table};
    for (int t = 0; t < 2; t++) {
        sharer all[SIZE] = {0};
        pthread_t threads[SIZE];
        meeting m = {.size = SIZE};
        pthread_barrier_init(&m.all, NULL, SIZE);
        for (uint32_t q = 0; q < SIZE; q++) {
            rank_new(&all[q].r, texts[t]);
            all[q].r.text = q == OTHER ? "another" : texts[t];
            all[q].r.seat = (seat){&m, q};
            all[q].r.table = (br_ranks){q, SIZE, &all[q].r.seat, exchange, gather, share};
            assert_int_equal(pthread_create(&threads[q], NULL, share_samples, &all[q]), 0);
        }
        for (uint32_t q = 0; q < SIZE; q++)
            pthread_join(threads[q], NULL);
        for (uint32_t q = 0; q < SIZE; q++) {
            assert_int_equal(all[q].r.status, 0);
            assert_true(all[q].reads == (q == 0 || q == OTHER));
            expect_samples(all[q].data, all[OTHER].data);
            const br_schema *schema = br_data_schema(all[q].data), *wanted = br_data_schema(all[OTHER].data);
            assert_int_equal(schema->class_count, wanted->class_count);
            assert_int_equal(schema->column_count, wanted->column_count);
            assert_int_equal(schema->range_count, wanted->range_count);
        }
        for (uint32_t q = 0; q < SIZE; q++) {
            br_data_free(all[q].data);
            text_network_end(&all[q].r.made);
        }
        pthread_barrier_destroy(&m.all);
    }
    unlink(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_trains_the_same),
        cmocka_unit_test(any_number_resumes),
        cmocka_unit_test(ranks_stop_together_while_frozen_layers_answer),
        cmocka_unit_test(a_lost_rank_leaves_a_checkpoint),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(one_rank_reads_for_those_that_train_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
