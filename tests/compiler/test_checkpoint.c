/* Checkpoints: a resumed training gives the same bits as an uninterrupted one. Damaged, hostile and foreign files are
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "fewer.h"
#include "text_network.h"
#include "train/checkpoint.h"

static const char text[] =
    "network n { input image(28x28) in [0, 0.5];\n"
    "  layer edges = conv(5x5, 6) stride 3 { sum scaled(2); depress over filters within 2; }\n"
    "  layer class = dense(10) { sum scaled(4); } }\n"
    "data d { synthetic digits(train 120, validation 40); }\n"
    "schedule { seed 7; phase look { compete edges; sample 3000 patches; }\n"
    "  phase read { correct class; epochs 3; keep best on validation;\n    weight classes by rarity; }\n"
    "  phase steps { correct edges, class; epochs 3; batch 13; eta 0.02 cosine, warm up 11 steps;\n"
    "    momentum 0.9; adaptive 0.99; keep best on validation; }\n"
    "  phase deep { correct edges with readouts grid 3x3 layer by layer; epochs 2; momentum 0.5; }\n"
    "  phase heavy { correct class; epochs 2; eta 0.02 linear; momentum 0.8; }\n"
    "  phase few { correct edges, class; epochs 3; momentum 0.8; prune to 30%, 50% on edges over 60%; } }\n";

typedef struct fixture {
    text_network made;
    br_file_facts facts;
    char path[64];
} fixture;

static void compile(fixture *f, const char *source)
{
    text_network_compile(&f->made, source, NULL);
    text_network_start(&f->made);
    text_network_load(&f->made);
    f->facts = (br_file_facts){.source = source, .seed = 7, .data_hash = br_data_hash(f->made.data)};
}

static void begin_text(fixture *f, const char *source)
{
    *f = (fixture){.path = "/tmp/bouton-checkpoint-XXXXXX"};
    int descriptor = mkstemp(f->path);
    assert_true(descriptor >= 0);
    close(descriptor);
    remove(f->path);
    compile(f, source);
}

static void begin(fixture *f)
{
    begin_text(f, text);
}

static void end(fixture *f)
{
    remove(f->path);
    text_network_end(&f->made);
}

static int open_checkpoint(const fixture *f, br_checkpoint **out, br_error *error)
{
    return br_checkpoint_open(f->path, bc_code_model(f->made.code), &f->made.schedule, &f->facts, out, error);
}

/* ---- resuming ---- */

static bool stop_at(void *user, const br_progress *progress)
{
    uint64_t *calls = user;
    (void)progress;
    return --*calls > 0;
}

/* Trains, from the checkpoint if there is one, until the callback was called `calls` times. Returns true if the
 * training reached its end. */
static bool train_on(fixture *f, uint64_t calls, bool keeps)
{
    br_error error = {0};
    br_checkpoint *resume = NULL;
    br_train_result result;
    if (keeps && open_checkpoint(f, &resume, &error) != 0)
        fail_msg("%s", error.message);
    br_train_options options = {.progress = stop_at,
                                .user = &calls,
                                .checkpoint = keeps ? f->path : NULL,
                                .facts = &f->facts,
                                .resume = resume};
    if (br_train(f->made.network, &f->made.schedule, f->made.data, &options, &result, &error) != 0)
        fail_msg("%s", error.message);
    br_checkpoint_free(resume);
    return !result.stopped;
}

static uint64_t sum_of(const fixture *f)
{
    uint64_t sum = 5381;
    for (uint32_t l = 0; l < 2; l++) {
        const br_layer_code *code = &bc_code_model(f->made.code)->layers[l];
        float *w = calloc((size_t)code->shape.inputs * code->shape.neurons, sizeof *w), theta[16], conscience[16];
        br_network_state(f->made.network, l, w, theta, conscience);
        const uint8_t *bytes = (const uint8_t *)w;
        for (size_t i = 0; i < (size_t)code->shape.inputs * code->shape.neurons * sizeof *w; i++)
            sum = sum * 33 + bytes[i];
        for (size_t i = 0; i < code->shape.neurons * sizeof *conscience; i++)
            sum = sum * 33 + ((const uint8_t *)conscience)[i];
        free(w);
    }
    return sum;
}

static void goes_on(void **state)
{
    (void)state;
    fixture whole, parts;
    begin(&whole);
    assert_true(train_on(&whole, UINT64_MAX, false));
    begin(&parts);
    int rests = 0;
    while (!train_on(&parts, 1, true)) { /* stops at the first call, the shortest training possible */
        br_error error = {0};
        rests++;
        assert_int_equal(br_network_start(parts.made.network, parts.made.schedule.starts, 99, &error),
                         0); /* discarded */
    }
    assert_true(rests >= 10); /* two within the competition, one after each epoch */
    assert_int_equal(sum_of(&whole), sum_of(&parts));
    end(&whole);
    end(&parts);
}

/* Another process has no kernels but those with which a training begins. All layers are settled before the second
 * phase, with the methods that the first has chosen. */
static void goes_on_in_another_process(void **state)
{
    static const char settled[] = "network n { input image(28x28) in [0, 0.5];\n"
                                  "  layer edges = conv(5x5, 8) stride 2 { depress over filters within 2; }\n"
                                  "  layer parts = conv(3x3, 12) stride 2 { homeostasis; }\n"
                                  "  layer class = dense(10) { sum scaled(4); } }\n"
                                  "data d { synthetic digits(train 120, validation 40); }\n"
                                  "schedule { seed 7; phase look { compete edges; sample 1000 patches; }\n"
                                  "  phase read { correct parts, class; epochs 2; batch 8; } }\n";
    (void)state;
    fixture whole, parts;
    begin_text(&whole, settled);
    assert_true(train_on(&whole, UINT64_MAX, false));
    begin_text(&parts, settled);
    int rests = 0; /* later calls stop it later: on a busy machine, calls come within steps that begin anew */
    for (; !train_on(&parts, 1 + (uint64_t)rests / 20, true); rests++) {
        assert_true(rests < 1000);
        text_network_end(&parts.made);
        compile(&parts, settled);
    }
    print_message("%d rests\n", rests);
    assert_int_equal(sum_of(&whole), sum_of(&parts));
    end(&whole);
    end(&parts);
}

static bool never_stop(void *user, uint64_t done, uint64_t total)
{
    (void)user;
    assert_true(done < total);
    return true;
}

static bool stop_in_step(void *user, uint64_t done, uint64_t total)
{
    uint64_t *calls = user;
    return never_stop(NULL, done, total) && --*calls > 0;
}

/* Trains from the beginning, and stops at call number `calls` of `advance`. Returns true if that was never made. */
static bool train_until_step(fixture *f, uint64_t calls)
{
    br_error error = {0};
    br_train_result result;
    br_train_options options = {
        .advance = stop_in_step, .user = &calls, .checkpoint = f->path, .facts = &f->facts, .save_every = 1e9};
    assert_int_equal(br_network_start(f->made.network, f->made.schedule.starts, f->made.schedule.seed, &error), 0);
    text_network_train(&f->made, &options, &result);
    return !result.stopped;
}

/* Two phases begin by computing what frozen layers answer. A training that is stopped there goes on like any other. */
static void stops_within_a_step(void **state)
{
    (void)state;
    fixture whole, parts;
    bool over = false;
    uint64_t stops = 0;
    begin(&whole);
    assert_true(train_on(&whole, UINT64_MAX, false));
    while (!over) {
        br_error error = {0};
        begin(&parts);
        over = train_until_step(&parts, stops + 1);
        if (!over) {
            stops++;
            assert_int_equal(br_network_start(parts.made.network, parts.made.schedule.starts, 99, &error), 0);
            assert_true(train_on(&parts, UINT64_MAX, true));
        }
        assert_int_equal(sum_of(&whole), sum_of(&parts));
        end(&parts);
    }
    assert_true(stops >= 2);
    end(&whole);
}

/* ---- checkpoints by time ---- */

typedef struct bytes {
    uint8_t *at;
    size_t count;
} bytes;

static bytes read_bytes(const char *path)
{
    FILE *from = fopen(path, "rb");
    assert_non_null(from);
    bytes b = {.at = malloc(1 << 20)};
    b.count = fread(b.at, 1, 1 << 20, from);
    fclose(from);
    return b;
}

static void write_bytes(const char *path, const uint8_t *at, size_t count)
{
    FILE *to = fopen(path, "wb");
    assert_non_null(to);
    assert_int_equal(fwrite(at, 1, count, to), count);
    assert_int_equal(fclose(to), 0);
}

typedef struct by_time {
    const fixture *f;
    uint64_t seen; /* calls at the end of an epoch */
    uint8_t *kept; /* the file as it was in the middle of the second phase */
    size_t size;
} by_time;

static void keep_first(by_time *t)
{
    if (t->kept)
        return;
    bytes b = read_bytes(t->f->path);
    t->kept = b.at;
    t->size = b.count;
}

/* Trains to the end, with checkpoints at most every `save_every` seconds. */
static uint64_t train_watched(fixture *f, by_time *watch, bool (*progress)(void *, const br_progress *),
                              double save_every)
{
    br_train_result result;
    br_train_options options = {
        .progress = progress, .user = watch, .checkpoint = f->path, .facts = &f->facts, .save_every = save_every};
    text_network_train(&f->made, &options, &result);
    return sum_of(f);
}

/* From the file that was kept, training ends as it did before, whatever the network was. */
static void ends_the_same(fixture *f, const by_time *watch, uint64_t sum)
{
    br_error error = {0};
    write_bytes(f->path, watch->kept, watch->size);
    assert_int_equal(br_network_start(f->made.network, f->made.schedule.starts, 99, &error), 0); /* discarded */
    assert_true(train_on(f, UINT64_MAX, true));
    assert_int_equal(sum, sum_of(f));
}

/* Keeps the file as it is when the first epoch of the second last phase ends: that of the second last batch. */
static bool keep_file(void *user, const br_progress *progress)
{
    by_time *t = user;
    if (progress->end_of_epoch && strcmp(progress->phase, "steps") == 0 && progress->epoch == 2)
        keep_first(t);
    return true;
}

/* Means of steps, the count of batches and the rates go on within an epoch. */
static void goes_on_within_an_epoch(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    by_time watch = {.f = &f};
    br_error error = {0};
    uint64_t sum = train_watched(&f, &watch, keep_file, 1e-9);
    write_bytes(f.path, watch.kept, watch.size);
    br_checkpoint *checkpoint = NULL;
    assert_int_equal(open_checkpoint(&f, &checkpoint, &error), 0);
    const br_position *at = br_checkpoint_position(checkpoint);
    assert_true(at->phase == 2 && at->epoch == 1 && at->done == 117); /* 120 samples, 13 in a batch */
    br_checkpoint_free(checkpoint);
    ends_the_same(&f, &watch, sum);
    free(watch.kept);
    end(&f);
}

/* Long before save_every has passed, the file is that of the first phase's end, whatever the epoch. */
static bool look_at_file(void *user, const br_progress *progress)
{
    by_time *t = user;
    br_checkpoint *checkpoint = NULL;
    br_error error = {0};
    if (!progress->end_of_epoch)
        return true;
    if (open_checkpoint(t->f, &checkpoint, &error) != 0)
        fail_msg("%s", error.message);
    if (t->seen++ == 0) {
        assert_null(checkpoint); /* the competition has just ended */
        return true;
    }
    assert_non_null(checkpoint);
    if (strcmp(progress->phase, "read") != 0) {
        br_checkpoint_free(checkpoint);
        return true;
    }
    assert_int_equal(br_checkpoint_position(checkpoint)->phase, 1);
    assert_int_equal(br_checkpoint_position(checkpoint)->epoch, 0);
    br_checkpoint_free(checkpoint);
    keep_first(t);
    return true;
}

static void is_written_by_time(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    by_time watch = {.f = &f};
    br_error error = {0};
    uint64_t sum = train_watched(&f, &watch, look_at_file, 86400);
    assert_int_equal(watch.seen, 14);
    br_checkpoint *checkpoint = NULL;
    assert_int_equal(open_checkpoint(&f, &checkpoint, &error), 0);
    assert_int_equal(br_checkpoint_position(checkpoint)->epoch, 3); /* of the last phase, at its end */
    br_checkpoint_free(checkpoint);
    ends_the_same(&f, &watch, sum);
    free(watch.kept);
    end(&f);
}

/* ---- files that are not checkpoints ---- */

static void is_refused(const fixture *f, const char *word)
{
    br_checkpoint *checkpoint = NULL;
    br_error error = {0};
    if (open_checkpoint(f, &checkpoint, &error) == 0)
        fail_msg("%s was taken", word);
    assert_null(checkpoint);
    if (!strstr(error.message, word))
        fail_msg("'%s' expected in: %s", word, error.message);
}

static bytes checkpoint_of(fixture *f, uint64_t calls)
{
    begin(f);
    assert_false(train_on(f, calls, true));
    return read_bytes(f->path);
}

/* Calls of the callback after which training stops in phase `read`, and in phase `steps`. */
enum { IN_READ = 5, IN_STEPS = 8 };

static void refuses_damage(uint64_t calls)
{
    fixture f;
    bytes b = checkpoint_of(&f, calls);
    for (size_t at = 0; at < b.count; at += at < 400 ? 1 : b.count / 300) {
        b.at[at] ^= 0x40;
        write_bytes(f.path, b.at, b.count);
        is_refused(&f, f.path); /* by the numbers of the header, or by the checksum */
        b.at[at] ^= 0x40;
    }
    for (size_t cut = 0; cut < b.count; cut += 1 + b.count / 50) {
        write_bytes(f.path, b.at, cut);
        is_refused(&f, cut < sizeof(br_checkpoint_head) ? "not a checkpoint" : "its size has changed");
    }
    b.at[7]--; /* the letter of the format before */
    write_bytes(f.path, b.at, b.count);
    is_refused(&f, "the format of another version");
    free(b.at);
    end(&f);
}

static void refuses_what_is_damaged(void **state)
{
    (void)state;
    refuses_damage(IN_READ);
    refuses_damage(IN_STEPS);
}

static void refuses_another_run(void **state)
{
    (void)state;
    fixture f;
    bytes b = checkpoint_of(&f, IN_READ);
    br_file_facts facts = f.facts;
    f.facts.seed = 8;
    is_refused(&f, "the seed was 7 and is now 8");
    f.facts = facts;
    f.facts.source = "network other { }";
    is_refused(&f, "the network's text");
    f.facts = facts;
    f.facts.data_hash ^= 1;
    is_refused(&f, "the data's hash");
    f.facts = facts;
    br_checkpoint *checkpoint;
    br_error error = {0};
    remove(f.path);
    assert_int_equal(open_checkpoint(&f, &checkpoint, &error), 0);
    assert_null(checkpoint);
    free(b.at);
    end(&f);
}

/* A damaged file with a correct checksum is refused or resumed from. Nothing is read or written outside its arrays,
 * which the sanitizers check. */
static int survives(uint64_t calls)
{
    fixture f;
    bytes b = checkpoint_of(&f, calls);
    int taken = 0;
    for (uint32_t n = 0; n < fewer(300); n++) {
        uint8_t *copy = malloc(b.count);
        memcpy(copy, b.at, b.count);
        for (int flips = 1 + rand() % 3; flips > 0; flips--)
            copy[rand() % 4 ? 120 + (size_t)rand() % 216 : (size_t)rand() % (b.count - 4)] = (uint8_t)rand();
        uint32_t sum = (uint32_t)crc32_z(0, copy, b.count - 4);
        memcpy(copy + b.count - 4, &sum, sizeof sum);
        write_bytes(f.path, copy, b.count);
        br_checkpoint *checkpoint = NULL;
        br_error error = {0};
        br_train_result result;
        uint64_t calls = 3;
        if (open_checkpoint(&f, &checkpoint, &error) == 0) {
            br_train_options options = {.threads = 1, .progress = stop_at, .user = &calls, .resume = checkpoint};
            br_train(f.made.network, &f.made.schedule, f.made.data, &options, &result, &error);
            taken++;
        } else {
            assert_true(error.message[0] != 0);
        }
        br_checkpoint_free(checkpoint);
        free(copy);
    }
    free(b.at);
    end(&f);
    return taken;
}

static void survives_what_is_hostile(void **state)
{
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    int taken = survives(IN_READ) + survives(IN_STEPS);
    print_message("%d taken\n", taken);
    assert_true(taken > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on),
        cmocka_unit_test(goes_on_in_another_process),
        cmocka_unit_test(goes_on_within_an_epoch),
        cmocka_unit_test(stops_within_a_step),
        cmocka_unit_test(is_written_by_time),
        cmocka_unit_test(refuses_what_is_damaged),
        cmocka_unit_test(refuses_another_run),
        cmocka_unit_test(survives_what_is_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
