/* Data sets: sources are joined, checked against the network, held out and hashed; files are compressed and damaged;
 * every allocation may fail. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <zlib.h>

#include "base/memory.h"
#include "runtime/reading.h"
#include "runtime/scratch.h"

/* ---- the library's memory, replaced here: allocations are counted and fail on demand (memory.c is not linked) ---- */

static uint64_t taken_count, fail_at = UINT64_MAX;
static int64_t held_count;

static void *take(void *old, uint64_t count, uint64_t size, br_error *error)
{
    uint64_t bytes;
    if (taken_count++ == fail_at || !br_multiply(count, size, &bytes)) {
        br_fail(error, BR_ERROR_FAULT, "out of memory");
        return NULL;
    }
    held_count += old == NULL;
    void *memory = realloc(old, bytes > 0 ? bytes : 1);
    if (old == NULL)
        memset(memory, 0, bytes);
    return memory;
}

void *br_new(uint64_t count, uint64_t size, br_error *error)
{
    return take(NULL, count, size, error);
}

void *br_new_aligned(uint64_t count, uint64_t size, br_error *error)
{
    return take(NULL, count, size, error);
}

void *br_resize(void *old, uint64_t count, uint64_t size, br_error *error)
{
    return take(old, count, size, error);
}

char *br_copy_string(const char *text, br_error *error)
{
    char *copy = take(NULL, strlen(text) + 1, 1, error);
    return copy != NULL ? strcpy(copy, text) : NULL;
}

void br_release(void *memory)
{
    held_count -= memory != NULL;
    free(memory);
}

/* ---- files ---- */

static scratch s;

static int begin(void **state)
{
    (void)state;
    fail_at = UINT64_MAX;
    return scratch_new(&s);
}

static int end(void **state)
{
    (void)state;
    scratch_remove(&s);
    return held_count == 0 ? 0 : -1; /* everything has been freed */
}

static void put(const char *name, const void *bytes, size_t n)
{
    assert_int_equal(scratch_write(scratch_path(&s, name), bytes, n), 0);
}

static void put_packed(const char *name, const void *bytes, size_t n)
{
    gzFile to = gzopen(scratch_path(&s, name), "wb");
    assert_int_equal(gzwrite(to, bytes, (unsigned)n), n);
    assert_int_equal(gzclose(to), Z_OK);
}

/* Six 1x2 images {i, 100 + i} with label i % 3. */
static const uint8_t images[] = {0, 0, 8, 3,   0, 0,   0, 6,   0, 0,   0, 1,   0, 0,
                                 0, 2, 0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105};
static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 6, 0, 1, 2, 0, 1, 2};
static const char csv[] = "1,2,0\n3.5,4,1\n";

static void put_all(void)
{
    put("images", images, sizeof images);
    put_packed("images.gz", images, sizeof images);
    put("labels", labels, sizeof labels);
    put_packed("labels.gz", labels, sizeof labels);
    put("table.csv", csv, sizeof csv - 1);
}

static br_source idx_train = {
    .format = BT_FORMAT_IDX, .split = BT_SPLIT_TRAIN, .inputs = "images.gz", .labels = "labels.gz"};
static br_source idx_test = {.format = BT_FORMAT_IDX, .split = BT_SPLIT_TEST, .inputs = "images", .labels = "labels"};
static br_source csv_train = {.format = BT_FORMAT_CSV, .split = BT_SPLIT_TRAIN, .inputs = "table.csv"};

static br_data_spec spec_of(br_source *sources, uint32_t count)
{
    return (br_data_spec){.source_count = count,
                          .sources = sources,
                          .low = 0,
                          .high = 255,
                          .shape = {1, 2, 1},
                          .classes = 3,
                          .folder = s.folder};
}

static br_data *load(const br_data_spec *spec, uint64_t seed)
{
    br_data *data;
    br_error error = {0};
    int status = br_data_load(spec, seed, &data, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, 0);
    return data;
}

/* The message must be `wanted`, with the folder's name for each %. */
static void assert_message(const br_error *error, const char *wanted)
{
    char message[1024];
    size_t n = 0;
    for (; *wanted != '\0'; wanted++)
        if (*wanted == '%')
            n += (size_t)snprintf(message + n, sizeof message - n, "%s", s.folder);
        else
            message[n++] = *wanted;
    message[n] = '\0';
    assert_string_equal(error->message, message);
}

static void assert_load_fails(const br_data_spec *spec, br_error_kind kind, const char *wanted)
{
    br_data *data = (br_data *)&s;
    br_error error = {0};
    assert_int_equal(br_data_load(spec, 1, &data, &error), -1);
    assert_null(data);
    assert_message(&error, wanted);
    assert_int_equal(error.kind, kind);
}

/* ---- data sets ---- */

static void plain_and_packed_files_are_the_same(void **state)
{
    (void)state;
    put_all();
    br_source sources[] = {idx_train, idx_test};
    br_data_spec spec = spec_of(sources, 2);
    br_data *data = load(&spec, 1);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN), *test = br_data_split(data, BT_SPLIT_TEST);
    assert_int_equal(br_data_split(data, BT_SPLIT_VALIDATION)->count, 0);
    assert_int_equal(train->count, 6);
    assert_int_equal(test->count, 6);
    assert_memory_equal(train->bytes, images + 16, 12);
    assert_memory_equal(test->bytes, images + 16, 12);
    assert_memory_equal(train->labels, test->labels, 6 * sizeof(uint32_t));
    assert_int_equal(train->labels[5], 2);
    assert_true(train->low == 0 && train->high == 255);
    br_data_free(data);
    br_data_free(NULL);
}

static void sources_of_a_split_are_joined_as_floats_where_one_is(void **state)
{
    (void)state;
    put_all();
    br_source sources[] = {idx_train, csv_train, idx_test};
    br_data_spec spec = spec_of(sources, 3);
    br_data *data = load(&spec, 1);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN), *test = br_data_split(data, BT_SPLIT_TEST);
    assert_int_equal(train->count, 8);
    assert_null(train->bytes);
    assert_null(test->bytes);
    assert_true(train->floats[11] == 105 && train->floats[12] == 1 && train->floats[14] == 3.5f);
    assert_true(test->floats[1] == 100);
    assert_int_equal(train->labels[7], 1);
    br_data_free(data);
}

static void held_out_samples_are_a_fixed_random_share(void **state)
{
    (void)state;
    put_all();
    br_source sources[] = {idx_train, idx_train};
    br_data_spec spec = spec_of(sources, 2);
    spec.hold_out = 0.25;
    br_data *data = load(&spec, 5), *again = load(&spec, 5);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN), *held = br_data_split(data, BT_SPLIT_VALIDATION);
    assert_int_equal(train->count, 9);
    assert_int_equal(held->count, 3);
    uint32_t seen[6] = {0};
    for (uint64_t i = 0; i < train->count + held->count; i++) {
        const br_samples *side = i < train->count ? train : held;
        uint64_t at = i < train->count ? i : i - train->count;
        assert_int_equal(side->bytes[2 * at + 1], side->bytes[2 * at] + 100);
        assert_int_equal(side->labels[at], side->bytes[2 * at] % 3);
        seen[side->bytes[2 * at]]++;
    }
    for (int i = 0; i < 6; i++)
        assert_int_equal(seen[i], 2);
    assert_memory_equal(held->bytes, br_data_split(again, BT_SPLIT_VALIDATION)->bytes, 6);
    br_data_free(again);

    bool differs = false; /* under some other seed */
    for (uint64_t seed = 6; seed < 16; seed++) {
        again = load(&spec, seed);
        differs = differs || memcmp(held->bytes, br_data_split(again, BT_SPLIT_VALIDATION)->bytes, 6) != 0;
        assert_int_equal(br_data_hash(again), br_data_hash(data));
        br_data_free(again);
    }
    assert_true(differs);
    br_data_free(data);
}

static void order_is_kept_when_holding_out(void **state)
{
    (void)state;
    br_source digits = {.format = BT_FORMAT_SYNTHETIC, .split = BT_SPLIT_TRAIN, .samples = 400};
    br_data_spec spec = spec_of(&digits, 1);
    spec.shape.height = spec.shape.width = 28;
    spec.classes = 10;
    br_data *whole = load(&spec, 3);
    spec.hold_out = 0.1;
    br_data *data = load(&spec, 3);
    const br_samples *all = br_data_split(whole, BT_SPLIT_TRAIN);
    uint64_t next[2] = {0};
    for (uint64_t i = 0; i < all->count; i++) {
        const br_samples *sides[] = {br_data_split(data, BT_SPLIT_TRAIN), br_data_split(data, BT_SPLIT_VALIDATION)};
        int found = -1;
        for (int side = 0; side < 2; side++)
            if (next[side] < sides[side]->count &&
                memcmp(sides[side]->bytes + next[side] * 784, all->bytes + i * 784, 784) == 0)
                found = side;
        assert_true(found >= 0);
        assert_int_equal(sides[found]->labels[next[found]++], all->labels[i]);
    }
    assert_int_equal(next[0], 360);
    assert_int_equal(next[1], 40);
    br_data_free(whole);
    br_data_free(data);
}

static void synthetic_splits_have_nothing_in_common(void **state)
{
    (void)state;
    br_source sources[] = {{.format = BT_FORMAT_SYNTHETIC, .split = BT_SPLIT_TRAIN, .samples = 30},
                           {.format = BT_FORMAT_SYNTHETIC, .split = BT_SPLIT_TEST, .samples = 30},
                           {.format = BT_FORMAT_SYNTHETIC, .split = BT_SPLIT_TRAIN, .samples = 30}};
    br_data_spec spec = spec_of(sources, 3);
    spec.shape.width = 784; /* a vector of the same length fits too */
    spec.classes = 10;
    br_data *data = load(&spec, 1);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN), *test = br_data_split(data, BT_SPLIT_TEST);
    assert_int_equal(train->count, 60);
    uint8_t pixels[784];
    assert_int_equal(br_digit_draw(1, BT_SPLIT_TRAIN, 59, pixels), train->labels[59]);
    assert_memory_equal(pixels, train->bytes + 59 * 784, 784);
    for (uint64_t i = 0; i < train->count; i++) {
        for (uint64_t j = 0; j < test->count; j++)
            assert_memory_not_equal(train->bytes + i * 784, test->bytes + j * 784, 784);
        for (uint64_t j = 0; j < i; j++)
            assert_memory_not_equal(train->bytes + i * 784, train->bytes + j * 784, 784);
    }
    br_data_free(data);
}

static uint64_t hash_of(br_source *source)
{
    br_data_spec spec = spec_of(source, 1);
    br_data *data = load(&spec, 1);
    uint64_t hash = br_data_hash(data);
    br_data_free(data);
    return hash;
}

static void the_hash_sees_every_byte_and_label(void **state)
{
    (void)state;
    uint8_t changed[sizeof images];
    put_all();
    uint64_t hash = hash_of(&idx_test), other;
    assert_int_equal(hash, 0x0e84e1211bf695c3ull); /* the same on every machine */
    for (size_t i = 16; i < sizeof images; i++) {
        memcpy(changed, images, sizeof images);
        changed[i] ^= 0x80;
        put("images", changed, sizeof images);
        assert_true((other = hash_of(&idx_test)) != hash);
        if (i + 8 < sizeof images) { /* two changes of the highest bit must not cancel */
            changed[i + 8] ^= 0x80;
            put("images", changed, sizeof images);
            assert_true(hash_of(&idx_test) != hash && hash_of(&idx_test) != other);
        }
    }
    put("images", images, sizeof images);
    assert_true(hash_of(&idx_test) == hash);
    memcpy(changed, labels, sizeof labels);
    changed[8] = 1;
    put("labels", changed, sizeof labels);
    assert_true(hash_of(&idx_test) != hash);
    put("labels", labels, sizeof labels);
    idx_test.split = BT_SPLIT_TRAIN; /* the same samples in another split are different data */
    other = hash_of(&idx_test);
    idx_test.split = BT_SPLIT_TEST;
    assert_true(other != hash);
}

/* ---- sources that do not fit ---- */

static void sources_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    put_all();
    put("five", "\0\0\x08\1\0\0\0\5\0\1\2\0\1", 13);
    put("high.csv", "1,2,0\n-3,300.5,1\n", 17);
    br_source source = idx_test;
    br_data_spec spec = spec_of(&source, 1);
    spec.shape.height = 28, spec.shape.width = 14;
    assert_load_fails(
        &spec, BR_ERROR_CHECK,
        "%/images: its shape is [6, 1, 2], but the network's input is 28x14, read from [n, 28, 14], [n, 392]");
    spec.shape.channels = 3;
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "%/images: its shape is [6, 1, 2], but the network's input is 28x14x3, read from [n, 28, 14, 3], "
                      "[n, 3, 28, 14], [n, 1176]");
    spec = spec_of(&source, 1);
    spec.classes = 2;
    assert_load_fails(
        &spec, BR_ERROR_CHECK,
        "%/labels: byte 10: sample 2 has the label 2, but the network's 2 classes are 0 to 1; the labels are "
        "0 to 2");
    spec = spec_of(&source, 1);
    spec.high = 1;
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "%/images: value 1 of sample 0 is 100, outside the default range [0, 1], as are 10 of 12 values; "
                      "its values lie in [0, 105]; write `values in [0, 105];` in the data block");
    spec = spec_of(&source, 1);
    source.labels = "five";
    assert_load_fails(&spec, BR_ERROR_IO,
                      "%/five: 5 labels, but %/images holds 6 samples; do the two belong together?");
    source.labels = NULL;
    assert_load_fails(&spec, BR_ERROR_CHECK, "images: the name of its file of labels is missing");
    source.labels = "missing";
    assert_load_fails(&spec, BR_ERROR_IO,
                      "%/missing: can't be opened: No such file or directory; check the name and the data folder");
    source = csv_train;
    source.inputs = "high.csv";
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "%/high.csv:2:1: -3 lies outside the range [0, 255] (2 of 4 values do; the file's values lie in "
                      "[-3, 300.5]); correct the cell, or write `values in [-3, 300.5];`");
    source.labels = "labels";
    assert_load_fails(&spec, BR_ERROR_CHECK, "high.csv: this kind of source has its labels inside; name one file");
    source = (br_source){.format = BT_FORMAT_SYNTHETIC, .samples = 10};
    spec.classes = 10;
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "synthetic digits: its samples are 28x28, but the network's input is 2 values");
    spec.classes = 9;
    assert_load_fails(&spec, BR_ERROR_CHECK, "synthetic digits: they have 10 labels, but the network has 9 classes");
}

static void settings_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    put_all();
    br_source source = idx_train;
    br_data_spec spec = spec_of(&source, 1);
    spec.low = 255;
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "values in [255, 255]: the range must be finite and its first end the smaller one");
    spec = spec_of(&source, 1);
    spec.high = NAN;
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "values in [0, nan]: the range must be finite and its first end the smaller one");
    spec = spec_of(&source, 1);
    spec.hold_out = 1;
    assert_load_fails(&spec, BR_ERROR_CHECK, "hold out 1 and 0: shares must be at least 0 and together below 1");
    spec.hold_out = 0.95;
    br_data_spec none = spec_of(NULL, 0);
    none.hold_out = 0.5;
    br_error error;
    br_data *data;
    assert_int_equal(br_data_load(&spec, 1, &data, &error), -1);
    assert_string_equal(error.message, "hold out 95%: nothing is left of the 6 training samples");
    assert_int_equal(br_data_load(&none, 1, &data, &error), -1);
    assert_string_equal(error.message, "hold out 50%: nothing is left of the 0 training samples");
    spec = spec_of(&source, 1);
    spec.shape.height = spec.shape.width = 65536;
    assert_load_fails(&spec, BR_ERROR_CHECK,
                      "an input of 65536x65536x1 and 3 classes: at least 1 of each, at most 16777216 values");
}

static void floats_outside_by_rounding_alone_are_brought_in(void **state)
{
    (void)state;
    put("near.csv", "0.1,0.7000000001,0\n0.09999999,0.5,1\n", 36);
    br_source source = {.format = BT_FORMAT_CSV, .inputs = "near.csv"};
    br_data_spec spec = spec_of(&source, 1);
    spec.low = 0.1;
    spec.high = 0.7;
    br_data *data = load(&spec, 1);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN);
    for (int i = 0; i < 4; i++)
        assert_true(train->floats[i] >= 0.1f && train->floats[i] <= 0.7f);
    br_data_free(data);
}

/* ---- compressed and damaged files ---- */

static void broken_packed_files_are_refused(void **state)
{
    (void)state;
    put_all();
    size_t n = 0;
    unsigned char *packed = scratch_read(scratch_path(&s, "images.gz"), &n);
    br_bytes file;
    br_error error;
    for (size_t cut = 2; cut < n; cut++) {
        put("cut.gz", packed, cut);
        assert_int_equal(br_bytes_read(s.path, BR_FILE_LIMIT, &file, &error), -1);
        assert_non_null(strstr(error.message, "cut.gz: the gzip data ends after "));
        assert_int_equal(error.kind, BR_ERROR_IO);
    }
    packed[n - 6] ^= 1; /* the checksum */
    put("bad.gz", packed, n);
    assert_int_equal(br_bytes_read(s.path, BR_FILE_LIMIT, &file, &error), -1);
    assert_non_null(strstr(error.message, "bad.gz: the gzip data is damaged after "));
    free(packed);
}

static void limits_folders_and_absent_files_are_refused(void **state)
{
    (void)state;
    put_all();
    br_bytes file;
    br_error error;
    assert_int_equal(br_bytes_read(scratch_path(&s, "images"), sizeof images, &file, &error), 0);
    br_bytes_free(&file);
    assert_int_equal(br_bytes_read(s.path, sizeof images - 1, &file, &error), -1);
    assert_message(&error, "%/images: holds more than 0 MiB; split it into several files");
    assert_int_equal(br_bytes_read(scratch_path(&s, "images.gz"), sizeof images - 1, &file, &error), -1);
    assert_int_equal(br_bytes_read(s.folder, BR_FILE_LIMIT, &file, &error), -1);
    assert_message(&error, "%: is a folder, not a file");
    put("empty", "", 0);
    assert_int_equal(br_bytes_read(s.path, BR_FILE_LIMIT, &file, &error), 0);
    assert_int_equal(file.size, 0);
    br_bytes_free(&file);
}

/* A data file that is none would be waited for, or never end. */
static void pipes_and_devices_are_refused(void **state)
{
    (void)state;
    br_bytes file;
    br_error error;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_int_equal(mkfifo(scratch_path(&s, "pipe"), 0600), 0);
    assert_int_equal(br_bytes_read(s.path, BR_FILE_LIMIT, &file, &error), -1);
    assert_message(&error, "%/pipe: is a named pipe, not a file; copy what it holds into a file, and name that");
    assert_int_equal(error.kind, BR_ERROR_IO);
    assert_int_equal(br_bytes_read("/dev/zero", BR_FILE_LIMIT, &file, &error), -1);
    assert_non_null(strstr(error.message, "/dev/zero: is a device, not a file"));
    assert_int_equal(br_bytes_read_pipe("/dev/zero", BR_FILE_LIMIT, &file, &error), -1);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%.90s", scratch_path(&s, "socket"));
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(br_bytes_read_pipe(s.path, BR_FILE_LIMIT, &file, &error), -1);
    assert_message(&error, "%/socket: is a socket, not a file; copy what it holds into a file, and name that");
    close(listener);
}

static void *send_down(void *path)
{
    FILE *to = fopen(path, "wb"); /* waits for the reader */
    if (to != NULL) {
        fputs("1,2,3\n", to);
        fclose(to);
    }
    return NULL;
}

static void pipes_that_the_user_names_are_read(void **state)
{
    (void)state;
    br_bytes file;
    br_error error;
    char path[512], number[32];
    int ends[2];
    pthread_t sender;
    snprintf(path, sizeof path, "%s", scratch_path(&s, "pipe"));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pthread_create(&sender, NULL, send_down, path), 0);
    assert_int_equal(br_bytes_read_pipe(path, BR_FILE_LIMIT, &file, &error), 0);
    assert_int_equal(pthread_join(sender, NULL), 0);
    assert_int_equal(file.size, 6);
    br_bytes_free(&file);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "4,5\n", 4), 4);
    close(ends[1]);
    snprintf(number, sizeof number, "/dev/fd/%d", ends[0]);
    assert_int_equal(br_bytes_read(number, BR_FILE_LIMIT, &file, &error), 0); /* as from a shell */
    assert_int_equal(file.size, 4);
    br_bytes_free(&file);
    close(ends[0]);
}

/* ---- samples for inference ---- */

static const br_samples *predict_from(const char *name, uint32_t height, uint32_t width, uint32_t channels, double high,
                                      br_data **data)
{
    br_error error = {0};
    int status = br_inputs_load(scratch_path(&s, name),
                                &(br_reading){.shape = {height, width, channels}, .range = {0, high}}, data, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, 0);
    return br_data_split(*data, BT_SPLIT_TEST);
}

static void inputs_are_known_by_content(void **state)
{
    (void)state;
    put_all();
    put("npy", "\x93NUMPY\1\0\x3c\0{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }\n\7\x09", 72);
    put("pgm", "P5 2 1 255\n\7\x09", 13);
    put("bare.csv", "7,9\n", 4);
    assert_int_equal(br_png_write_grey(scratch_path(&s, "png"), (uint8_t[]){7, 9}, 1, 2, &(br_error){0}), 0);
    static const char *const names[] = {"images", "images.gz", "npy", "pgm", "png", "bare.csv", "table.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        br_data *data;
        const br_samples *samples = predict_from(names[i], 1, 2, 1, 255, &data);
        assert_int_equal(samples->count, i < 2 ? 6 : i == 6 ? 2 : 1);
        float second = samples->bytes != NULL ? samples->bytes[1] : samples->floats[1];
        assert_true(second == (i < 2 ? 100 : i == 6 ? 2 : 9));
        assert_null(samples->labels); /* nothing is scored */
        br_data_free(data);
    }
}

static void pictures_are_brought_to_the_input(void **state)
{
    (void)state;
    put("grey.pgm", "P2 4 2 255  0 0 255 255  0 0 255 255", 36);
    put("red.ppm", "P3 2 1 255  255 0 0  0 0 0", 26);
    br_data *data;
    const br_samples *samples = predict_from("grey.pgm", 1, 8, 1, 255, &data); /* a vector is not scaled */
    assert_int_equal(samples->bytes[2], 255);
    br_data_free(data);
    samples = predict_from("grey.pgm", 4, 8, 1, 255, &data);
    assert_int_equal(samples->shape.height * samples->shape.width, 32);
    assert_int_equal(samples->bytes[0], 0);
    assert_int_equal(samples->bytes[31], 255);
    br_data_free(data);
    samples = predict_from("grey.pgm", 2, 4, 3, 255, &data);
    assert_memory_equal(samples->bytes + 3, ((uint8_t[]){0, 0, 0, 255, 255, 255}), 6);
    br_data_free(data);
    samples = predict_from("red.ppm", 1, 2, 1, 255, &data);
    assert_memory_equal(samples->bytes, ((uint8_t[]){76, 0}), 2);
    br_data_free(data);
    samples = predict_from("grey.pgm", 2, 4, 1, 1, &data); /* white is the upper end of the range */
    assert_null(samples->bytes);
    assert_true(samples->floats[0] == 0 && samples->floats[2] == 1);
    br_data_free(data);
}

static void inputs_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    put_all();
    put("gif", "GIF89a\1\0\1\0", 10);
    put("strange", "\1\2\3\4", 4);
    put("grey.pgm", "P2 3 1 255 1 2 3", 16);
    put("wide.csv", "1,2,3,4\n", 8);
    static const struct {
        const char *name, *message;
        double high;
        br_error_kind kind;
    } cases[] = {
        {"gif", "%/gif: byte 10: the GIF is cut short", 255, BR_ERROR_IO},
        {"strange",
         "%/strange: byte 0: neither PNG, JPEG, GIF, WebP, BMP, PGM, PPM, IDX, NPY, NPZ nor CSV; convert the file", 255,
         BR_ERROR_IO},
        {"grey.pgm", "%/grey.pgm: its samples are 3 values, but the network's input is 2 values", 255, BR_ERROR_CHECK},
        {"wide.csv",
         "%/wide.csv:1: the table has 4 columns, but the network reads 2 values: there must be as many columns, or one "
         "more for a label",
         255, BR_ERROR_CHECK},
        {"none.png", "%/none.png: can't be opened: No such file or directory; check the name and the data folder", 255,
         BR_ERROR_IO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_data *data = (br_data *)&s;
        br_error error;
        assert_int_equal(br_inputs_load(scratch_path(&s, cases[i].name),
                                        &(br_reading){.shape = {1, 2, 1}, .range = {0, cases[i].high}}, &data, &error),
                         -1);
        assert_null(data);
        assert_message(&error, cases[i].message);
        assert_int_equal(error.kind, cases[i].kind);
    }
}

/* A network is trained, so its range stays: values beyond count as the end, and one warning tells of the first. */
static void inputs_beyond_the_range_are_told(void **state)
{
    (void)state;
    put_all();
    br_data *data;
    const br_note *notes;
    predict_from("images", 1, 2, 1, 50, &data);
    assert_int_equal(br_data_notes(data, &notes), 1);
    assert_true(notes[0].warning);
    assert_non_null(strstr(notes[0].text, "value 1 of sample 0 is 100, but the network learned values in [0, 50]; "));
    br_data_free(data);
}

/* ---- memory ---- */

static void every_allocation_may_fail(void **state)
{
    (void)state;
    put_all();
    put("grey.pgm", "P2 4 2 255  0 0 255 255  0 0 255 255", 36);
    br_source sources[] = {idx_train, csv_train, idx_test, {.format = BT_FORMAT_SYNTHETIC, .samples = 3}};
    br_data_spec spec = spec_of(sources, 3);
    spec.hold_out = 0.3;
    br_data_spec digits = spec_of(sources + 3, 1);
    digits.shape.width = 784;
    digits.classes = 10;
    const uint8_t pixels[4] = {0, 1, 2, 3};
    const uint32_t known[2] = {2, 1};
    const br_samples given[BT_SPLITS] = {
        [BT_SPLIT_TEST] = {.count = 2, .shape = {1, 2, 1}, .bytes = pixels, .labels = known}};
    for (int what = 0; what < 4; what++) {
        int status = -1;
        uint64_t failed = 0;
        for (; status != 0; failed++) {
            br_data *data;
            br_error error = {0};
            taken_count = 0;
            fail_at = failed;
            status = what == 0   ? br_data_load(&spec, 1, &data, &error)
                     : what == 1 ? br_data_load(&digits, 1, &data, &error)
                     : what == 2 ? br_data_from_memory(&spec, given, 1, &data, &error)
                                 : br_inputs_load(scratch_path(&s, "grey.pgm"),
                                                  &(br_reading){.shape = {4, 4, 3}, .range = {0, 1}}, &data, &error);
            if (status == 0)
                br_data_free(data);
            else
                assert_int_equal(error.kind, BR_ERROR_FAULT);
            assert_int_equal(held_count, 0);
        }
        fail_at = UINT64_MAX;
        assert_true(failed > 3);
    }
}

/* ---- real data ---- */

static void mnist_is_read(void **state)
{
    (void)state;
    const char *folder = getenv("BOUTON_MNIST");
    if (folder == NULL || *folder == '\0') {
        print_message("BOUTON_MNIST is not set: no MNIST to read\n");
        skip();
    }
    br_source sources[] = {
        {.format = BT_FORMAT_IDX, .split = BT_SPLIT_TRAIN, "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"},
        {.format = BT_FORMAT_IDX, .split = BT_SPLIT_TEST, "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"},
    };
    br_data_spec spec = {.source_count = 2,
                         .sources = sources,
                         .hold_out = 0.1,
                         .high = 255,
                         .shape = {28, 28, 1},
                         .classes = 10,
                         .folder = folder};
    br_data *data = load(&spec, 1);
    assert_int_equal(br_data_split(data, BT_SPLIT_TRAIN)->count, 54000);
    assert_int_equal(br_data_split(data, BT_SPLIT_VALIDATION)->count, 6000);
    assert_int_equal(br_data_split(data, BT_SPLIT_TEST)->count, 10000);
    assert_int_equal(br_data_split(data, BT_SPLIT_TEST)->labels[0], 7);
    br_data_free(data);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(plain_and_packed_files_are_the_same),
        WITH_FILES(sources_of_a_split_are_joined_as_floats_where_one_is),
        WITH_FILES(held_out_samples_are_a_fixed_random_share),
        WITH_FILES(order_is_kept_when_holding_out),
        WITH_FILES(synthetic_splits_have_nothing_in_common),
        WITH_FILES(the_hash_sees_every_byte_and_label),
        WITH_FILES(sources_that_do_not_fit_are_refused),
        WITH_FILES(settings_that_make_no_sense_are_refused),
        WITH_FILES(floats_outside_by_rounding_alone_are_brought_in),
        WITH_FILES(broken_packed_files_are_refused),
        WITH_FILES(limits_folders_and_absent_files_are_refused),
        WITH_FILES(pipes_and_devices_are_refused),
        WITH_FILES(pipes_that_the_user_names_are_read),
        WITH_FILES(inputs_are_known_by_content),
        WITH_FILES(pictures_are_brought_to_the_input),
        WITH_FILES(inputs_that_do_not_fit_are_refused),
        WITH_FILES(inputs_beyond_the_range_are_told),
        WITH_FILES(every_allocation_may_fail),
        WITH_FILES(mnist_is_read),
    };
    return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
