/* Encodings are compared with a version in doubles that follows the definitions line by line, and whitening with the
 * equation of the inverse square root. Any number of threads gives the same bits. */
#include <math.h>

#include "base/memory.h"
#include "data/batch.h"
#include "data/data.h"
#include "reading.h"

#define MOST_STEPS 4

/* ---- data ---- */

static uint64_t seed_of_tests(void)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 1;
    print_message("BOUTON_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* Waves with noise, so that neighbours and channels are similar; or noise alone. */
static void draw_images(br_array *array, uint64_t count, bt_shape s, uint64_t seed, bool noise)
{
    br_error error;
    *array = (br_array){.count = count, .shape = s};
    array->bytes = br_new(count, br_array_values(array), &error);
    array->labels = br_new(count, sizeof *array->labels, &error);
    uint64_t at = 0;
    for (uint64_t image = 0; image < count; image++)
        for (uint32_t y = 0; y < s.height; y++)
            for (uint32_t x = 0; x < s.width; x++)
                for (uint32_t c = 0; c < s.channels; c++, at++) {
                    uint32_t words[4];
                    br_random4(seed, BR_STREAM_TEST, 1, at, words);
                    double wave = sin(0.3 * (double)(image % 17) + 0.5 * y + 0.2 * (double)(image % 5) * x + 0.4 * c);
                    double value = noise ? 255.0 * (double)br_random_unit(words[0])
                                         : 125 + 90 * wave + 60 * ((double)br_random_unit(words[0]) - 0.5);
                    array->bytes[at] = (uint8_t)value;
                }
}

static br_data *make_data(uint64_t train, uint64_t test, bt_shape s, uint64_t seed, bool noise)
{
    br_error error;
    br_data *data = br_new(1, sizeof *data, &error);
    if (train > 0)
        draw_images(&data->arrays[BT_SPLIT_TRAIN], train, s, seed, noise);
    if (test > 0)
        draw_images(&data->arrays[BT_SPLIT_TEST], test, s, seed + 1, noise);
    br_data_show(data, 0, 255);
    return data;
}

static br_encoder *make_encoder(const br_encoding *steps, uint32_t count, bt_shape s)
{
    br_encoder *encoder;
    br_error error = {0};
    int status = br_encoder_new(steps, count, (bt_shape){s.height, s.width, s.channels}, &encoder, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, 0);
    return encoder;
}

/* ---- the definitions, computed slowly; images are [y][x][c] ---- */

static int first_of(uint32_t side)
{
    return -(int)(side / 2);
}

typedef struct box_of { /* centred on a pixel of channel c */
    uint32_t c;
    int y, x;
    uint32_t height, width;
} box_of;

static double box_mean(const double *image, bt_shape s, box_of b, bool squares)
{
    double sum = 0;
    int n = 0;
    for (int v = b.y + first_of(b.height); v < b.y + first_of(b.height) + (int)b.height; v++)
        for (int u = b.x + first_of(b.width); u < b.x + first_of(b.width) + (int)b.width; u++)
            if (v >= 0 && u >= 0 && v < (int)s.height && u < (int)s.width) {
                double value = image[((uint32_t)v * s.width + (uint32_t)u) * s.channels + b.c];
                sum += squares ? value * value : value;
                n++;
            }
    return sum / n;
}

static void slow_normalise(double *image, bt_shape s, uint32_t c, uint32_t height, uint32_t width)
{
    double *copy = malloc(sizeof(double) * s.height * s.width * s.channels), rms = 0;
    memcpy(copy, image, sizeof(double) * s.height * s.width * s.channels);
    for (uint32_t y = 0; y < s.height; y++)
        for (uint32_t x = 0; x < s.width; x++) {
            double *value = &image[(y * s.width + x) * s.channels + c];
            *value -= box_mean(copy, s, (box_of){c, (int)y, (int)x, height, width}, false);
            rms += *value * *value;
        }
    rms = sqrt(rms / (s.height * s.width));
    memcpy(copy, image, sizeof(double) * s.height * s.width * s.channels);
    for (uint32_t y = 0; y < s.height; y++)
        for (uint32_t x = 0; x < s.width; x++)
            image[(y * s.width + x) * s.channels + c] *=
                1.2 /
                (sqrt(box_mean(copy, s, (box_of){c, (int)y, (int)x, height + 2, width + 2}, true)) + 0.3 * rms + 0.02);
    free(copy);
}

static uint32_t fold(int at, uint32_t n)
{
    return (uint32_t)(at < 0 ? -at : at >= (int)n ? 2 * (int)n - 2 - at : at);
}

static void slow_whiten(double *image, bt_shape s, uint32_t height, uint32_t width, const float *filters)
{
    uint32_t n = s.height * s.width * s.channels;
    double *out = calloc(n, sizeof *out), rms = 0;
    for (uint32_t y = 0; y < s.height; y++)
        for (uint32_t x = 0; x < s.width; x++)
            for (uint32_t k = 0; k < s.channels; k++)
                for (uint32_t v = 0; v < height; v++)
                    for (uint32_t u = 0; u < width; u++)
                        for (uint32_t c = 0; c < s.channels; c++)
                            out[(y * s.width + x) * s.channels + k] +=
                                (double)filters[((k * height + v) * width + u) * s.channels + c] *
                                image[(fold((int)(y + v) + first_of(height), s.height) * s.width +
                                       fold((int)(x + u) + first_of(width), s.width)) *
                                          s.channels +
                                      c];
    for (uint32_t i = 0; i < n; i++)
        rms += out[i] * out[i];
    rms = sqrt(rms / n);
    for (uint32_t i = 0; i < n; i++)
        image[i] = out[i] / (1.3 * rms + 0.001) * 2;
    free(out);
}

static void slow_step(double *image, bt_shape s, const br_encoding *step, bool opponent, const float *numbers)
{
    uint32_t pixels = s.height * s.width;
    if (step->kind == BT_ENCODE_OPPONENT)
        for (uint32_t i = 0; i < pixels; i++) {
            double r = image[3 * i], g = image[3 * i + 1], b = image[3 * i + 2];
            image[3 * i] = (r + g + b) / 3;
            image[3 * i + 1] = r - g;
            image[3 * i + 2] = (r + g) / 2 - b;
        }
    else if (step->kind == BT_ENCODE_NORMALISE)
        for (uint32_t c = 0; c < s.channels; c++) {
            if (c == 0 || !opponent)
                slow_normalise(image, s, c, step->height, step->width);
            for (uint32_t i = 0; c > 0 && opponent && i < pixels; i++)
                image[i * s.channels + c] *= 7.2;
        }
    else if (step->kind == BT_ENCODE_WHITEN)
        slow_whiten(image, s, step->height, step->width, numbers);
}

static double clip(double value)
{
    return 255 * (value < 0 ? 0 : value > 1 ? 1 : value);
}

/* One sample's encoded values, 0..255, not rounded. */
static void slow_encode(const br_encoding *steps, uint32_t count, bt_shape s, const float *numbers, const uint8_t *raw,
                        double *out)
{
    uint32_t n = s.height * s.width * s.channels;
    double *image = malloc(n * sizeof *image);
    bool opponent = false, split = false;
    for (uint32_t i = 0; i < n; i++)
        image[i] = raw[i] / 255.0;
    for (uint32_t i = 0; i < count; i++) {
        slow_step(image, s, &steps[i], opponent, numbers);
        opponent = opponent || steps[i].kind == BT_ENCODE_OPPONENT;
        split = steps[i].kind == BT_ENCODE_SPLIT;
    }
    for (uint32_t i = 0; i < s.height * s.width; i++) {
        for (uint32_t c = 0; c < s.channels; c++)
            *out++ = clip(image[i * s.channels + c]);
        for (uint32_t c = 0; split && c < s.channels; c++)
            *out++ = clip(-image[i * s.channels + c]);
    }
    free(image);
}

/* ---- agreement ---- */

typedef struct recipe {
    bt_shape shape;
    uint32_t count;
    br_encoding steps[MOST_STEPS];
} recipe;

#define OPPONENT                                                                                                       \
    {                                                                                                                  \
        .kind = BT_ENCODE_OPPONENT                                                                                     \
    }
#define SPLIT                                                                                                          \
    {                                                                                                                  \
        .kind = BT_ENCODE_SPLIT                                                                                        \
    }
#define NORMALISE(h, w)                                                                                                \
    {                                                                                                                  \
        .kind = BT_ENCODE_NORMALISE, .height = h, .width = w                                                           \
    }
#define WHITEN(n, h, w)                                                                                                \
    {                                                                                                                  \
        .kind = BT_ENCODE_WHITEN, .height = h, .width = w, .patches = n, .epsilon = 0.1                                \
    }

#define LEVELS(n)                                                                                                      \
    {                                                                                                                  \
        .kind = BT_ENCODE_LEVELS, .levels = n                                                                          \
    }
#define COMPLEMENT                                                                                                     \
    {                                                                                                                  \
        .kind = BT_ENCODE_COMPLEMENT                                                                                   \
    }

static const recipe recipes[] = {
    {{32, 32, 3}, 3, {OPPONENT, NORMALISE(7, 7), SPLIT}},
    {{32, 32, 3}, 2, {WHITEN(700, 9, 9), SPLIT}},
    {{9, 70, 3}, 2, {WHITEN(300, 5, 3), SPLIT}},
    {{28, 28, 1}, 2, {NORMALISE(5, 9), SPLIT}},
    {{8, 5, 2}, 2, {NORMALISE(8, 5), SPLIT}},
    {{8, 5, 2}, 1, {WHITEN(101, 8, 5)}},
    {{7, 11, 3}, 1, {OPPONENT}},
    {{7, 11, 3}, 1, {NORMALISE(4, 2)}},
    {{10, 9, 1}, 2, {WHITEN(99, 4, 2), SPLIT}},
    {{12, 10, 3}, 4, {OPPONENT, NORMALISE(3, 3), WHITEN(200, 3, 5), SPLIT}},
    {{6, 6, 1}, 1, {WHITEN(4, 1, 1)}},
    {{1, 12, 1}, 1, {SPLIT}},
};

static void every_recipe_is_as_written(void **state)
{
    (void)state;
    enum { IMAGES = 12 };
    uint64_t seed = seed_of_tests();
    br_error error;
    for (size_t r = 0; r < sizeof recipes / sizeof *recipes; r++) {
        const recipe *it = &recipes[r];
        uint32_t raw = it->shape.height * it->shape.width * it->shape.channels;
        uint32_t values = raw * (it->steps[it->count - 1].kind == BT_ENCODE_SPLIT ? 2 : 1);
        br_data *data = make_data(IMAGES, IMAGES, it->shape, seed + r, false);
        br_data *as_read = make_data(IMAGES, IMAGES, it->shape, seed + r, false);
        br_encoder *encoder = make_encoder(it->steps, it->count, it->shape);
        assert_int_equal(br_encoder_learn(encoder, br_data_split(data, BT_SPLIT_TRAIN), seed, &error), 0);
        assert_int_equal(br_data_encode(data, encoder, 2, &error), 0);
        double *wanted = malloc(values * sizeof *wanted);
        for (int split = BT_SPLIT_TRAIN; split <= BT_SPLIT_TEST; split += BT_SPLIT_TEST - BT_SPLIT_TRAIN) {
            const br_samples *samples = br_data_split(data, (bt_split)split);
            assert_int_equal(samples->shape.channels * raw, values * it->shape.channels);
            assert_true(samples->low == 0 && samples->high == 255);
            for (uint32_t i = 0; i < IMAGES; i++) {
                slow_encode(it->steps, it->count, it->shape, br_encoder_numbers(encoder),
                            br_data_split(as_read, (bt_split)split)->bytes + i * raw, wanted);
                for (uint32_t v = 0; v < values; v++)
                    if (fabs(samples->bytes[i * values + v] - wanted[v]) > 0.51)
                        fail_msg("recipe %zu, image %u, value %u: %u, not %g", r, i, v, samples->bytes[i * values + v],
                                 wanted[v]);
            }
        }
        free(wanted);
        br_encoder_free(encoder);
        br_data_free(data);
        br_data_free(as_read);
    }
}

/* A byte of `split` tells the whitened value to 1/255, unless it is full: z = 1.3/2 of it. */
static void tied_levels_are_rounded_deviations(void **state)
{
    (void)state;
    enum { IMAGES = 9, LEVELS_ = 13, VALUES = 9 * 8 * 3 };
    static const br_encoding tied[] = {
        WHITEN(200, 3, 5), SPLIT, {.kind = BT_ENCODE_LEVELS, .levels = LEVELS_, .tied = true, .by = 0.05}};
    const bt_shape shape = {9, 8, 3};
    uint64_t seed = seed_of_tests();
    br_error error;
    br_data *data = make_data(IMAGES, 0, shape, seed, false), *split = make_data(IMAGES, 0, shape, seed, false);
    br_encoder *whole = make_encoder(tied, 3, shape), *halves = make_encoder(tied, 2, shape);
    assert_int_equal(br_encoder_learn(whole, br_data_split(data, BT_SPLIT_TRAIN), seed, &error), 0);
    assert_int_equal(br_encoder_learn(halves, br_data_split(split, BT_SPLIT_TRAIN), seed, &error), 0);
    assert_int_equal(br_data_encode(data, whole, 2, &error), 0);
    assert_int_equal(br_data_encode(split, halves, 1, &error), 0);
    const br_samples *levels = br_data_split(data, BT_SPLIT_TRAIN), *sides = br_data_split(split, BT_SPLIT_TRAIN);
    assert_true(levels->tied == LEVELS_ && levels->shape.channels == 3 && sides->tied == 0);
    br_gather gather = br_gather_new(levels, 0.5f);
    float row[VALUES];
    int full = 0;
    for (uint64_t i = 0; i < IMAGES; i++) {
        br_gather_sample(&gather, i, 0, 0, false, row);
        for (uint32_t v = 0; v < VALUES; v++) {
            const uint8_t *on = sides->bytes + (i * VALUES + v - v % 3) * 2 + v % 3;
            double z = 1.3 / 2 * (on[0] - on[3]) / 255, n = z / 0.05;
            bool clipped = on[0] == 255 || on[3] == 255;
            full += clipped;
            assert_true(row[v] == rintf(row[v]) && fabsf(row[v]) <= LEVELS_);
            if (clipped ? fabsf(row[v]) != LEVELS_ : fabs((double)row[v] - n) > 0.5 + 0.03)
                fail_msg("image %u, value %u: level %g, not %g; seed %llu", (unsigned)i, v, (double)row[v], n,
                         (unsigned long long)seed);
        }
    }
    assert_true(full > 0 && full < IMAGES * VALUES);
    br_encoder_free(whole);
    br_encoder_free(halves);
    br_data_free(data);
    br_data_free(split);
}

/* ---- whitening ---- */

enum { SIDE = 3, CHANNELS = 3, DIMENSIONS = SIDE * SIDE * CHANNELS, CENTRE = 4 * CHANNELS, PATCHES = 2000 };

typedef double matrix[DIMENSIONS][DIMENSIONS];

/* The covariance of the patches that learning draws, from the same places, computed directly. */
static void slow_covariance(const br_samples *train, uint64_t seed, matrix out)
{
    static double patches[PATCHES][DIMENSIONS];
    double mean[DIMENSIONS] = {0};
    for (uint32_t p = 0; p < PATCHES; p++) {
        uint32_t words[4], n = 0;
        double sum = 0, squares = 0;
        br_random4(seed, BR_STREAM_ENCODE, 0, p, words);
        const uint8_t *image = train->bytes + (uint64_t)br_random_below(words[0], (uint32_t)train->count) *
                                                  train->shape.height * train->shape.width * CHANNELS;
        uint32_t y = br_random_below(words[1], train->shape.height - SIDE + 1);
        uint32_t x = br_random_below(words[2], train->shape.width - SIDE + 1);
        for (uint32_t v = 0; v < SIDE; v++)
            for (uint32_t u = 0; u < SIDE * CHANNELS; u++)
                sum += patches[p][n++] = image[((y + v) * train->shape.width + x) * CHANNELS + u] / 255.0;
        for (uint32_t i = 0; i < DIMENSIONS; i++)
            squares += (patches[p][i] - sum / DIMENSIONS) * (patches[p][i] - sum / DIMENSIONS);
        for (uint32_t i = 0; i < DIMENSIONS; i++) {
            patches[p][i] = (patches[p][i] - sum / DIMENSIONS) / sqrt(squares / DIMENSIONS + 0.0015);
            mean[i] += patches[p][i] / PATCHES;
        }
    }
    for (uint32_t i = 0; i < DIMENSIONS; i++)
        for (uint32_t j = 0; j < DIMENSIONS; j++) {
            out[i][j] = 0;
            for (uint32_t p = 0; p < PATCHES; p++)
                out[i][j] += (patches[p][i] - mean[i]) * (patches[p][j] - mean[j]) / PATCHES;
        }
}

/* out = (C + epsilon I)^-1 C by elimination. C is symmetric and positive, so no pivoting is needed. */
static void slow_shrink(matrix covariance, double epsilon, matrix out)
{
    matrix left;
    memcpy(left, covariance, sizeof left);
    memcpy(out, covariance, sizeof left);
    for (int i = 0; i < DIMENSIONS; i++)
        left[i][i] += epsilon;
    for (int p = 0; p < DIMENSIONS; p++)
        for (int i = 0; i < DIMENSIONS; i++) {
            double factor = left[i][p] / left[p][p];
            for (int j = 0; i != p && j < DIMENSIONS; j++) {
                left[i][j] -= factor * left[p][j];
                out[i][j] -= factor * out[p][j];
            }
        }
    for (int i = 0; i < DIMENSIONS; i++)
        for (int j = 0; j < DIMENSIONS; j++)
            out[i][j] /= left[i][i];
}

/* Whitened patches have the covariance W C W = (C + epsilon I)^-1 C, which is the identity except for epsilon. */
static void whitened_patches_are_uncorrelated_up_to_epsilon(void **state)
{
    (void)state;
    const bt_shape s = {10, 12, CHANNELS};
    static const struct {
        bool noise;
        double epsilon;
    } cases[] = {{false, 0.1}, {true, 0.1}, {false, 0.7}};
    uint64_t seed = seed_of_tests();
    br_error error;
    for (int c = 0; c < 3; c++) {
        static matrix covariance, wanted;
        bool noise = cases[c].noise;
        const br_encoding step = {
            .kind = BT_ENCODE_WHITEN, .height = SIDE, .width = SIDE, .patches = PATCHES, .epsilon = cases[c].epsilon};
        br_data *data = make_data(300, 0, s, seed, noise);
        br_encoder *encoder = make_encoder(&step, 1, s);
        assert_int_equal(br_encoder_count(encoder), DIMENSIONS * CHANNELS);
        assert_int_equal(br_encoder_learn(encoder, br_data_split(data, BT_SPLIT_TRAIN), seed, &error), 0);
        const float *filters = br_encoder_numbers(encoder);
        slow_covariance(br_data_split(data, BT_SPLIT_TRAIN), seed, covariance);
        slow_shrink(covariance, cases[c].epsilon, wanted);
        for (int a = 0; a < CHANNELS; a++) {
            double mean = 0;
            for (int i = 0; i < DIMENSIONS; i++)
                mean += (double)filters[a * DIMENSIONS + i];
            assert_true(fabs(mean) < 1e-5);
            for (int b = 0; b < CHANNELS; b++) {
                double got = 0;
                for (int i = 0; i < DIMENSIONS; i++)
                    for (int j = 0; j < DIMENSIONS; j++)
                        got += (double)filters[a * DIMENSIONS + i] * covariance[i][j] *
                               (double)filters[b * DIMENSIONS + j];
                assert_true(fabs(got - wanted[CENTRE + a][CENTRE + b]) < 1e-4);
                assert_true(!noise || (a == b ? got > 0.8 && got < 1 : fabs(got) < 0.1));
            }
        }
        br_encoder_free(encoder);
        br_data_free(data);
    }
}

/* ---- the same bits ---- */

static const bt_shape colour = {20, 33, 3};
static const br_encoding zca[] = {WHITEN(400, 5, 5), SPLIT};

static void threads_seeds_and_restoring(void **state)
{
    (void)state;
    br_error error;
    br_data *data[4];
    uint64_t size = 37ull * colour.height * colour.width * colour.channels * 2;
    for (int i = 0; i < 4; i++)
        data[i] = make_data(37, 37, colour, 5, false);
    br_encoder *encoder = make_encoder(zca, 2, colour), *restored = make_encoder(zca, 2, colour);
    assert_int_equal(br_encoder_learn(encoder, br_data_split(data[0], BT_SPLIT_TRAIN), 3, &error), 0);
    assert_int_equal(br_encoder_restore(restored, br_encoder_numbers(encoder), br_encoder_count(encoder), &error), 0);
    assert_int_equal(br_data_encode(data[0], encoder, 1, &error), 0);
    assert_int_equal(br_data_encode(data[1], restored, 5, &error), 0);
    assert_int_equal(br_data_encode(data[2], encoder, 0, &error), 0);
    for (int split = 0; split < BT_SPLITS; split += BT_SPLIT_TEST)
        for (int i = 1; i < 3; i++)
            assert_memory_equal(br_data_split(data[i], (bt_split)split)->bytes,
                                br_data_split(data[0], (bt_split)split)->bytes, size);
    float *before = malloc(br_encoder_count(encoder) * sizeof *before);
    memcpy(before, br_encoder_numbers(encoder), br_encoder_count(encoder) * sizeof *before);
    assert_int_equal(br_encoder_learn(encoder, br_data_split(data[3], BT_SPLIT_TRAIN), 3, &error), 0);
    assert_memory_equal(before, br_encoder_numbers(encoder), br_encoder_count(encoder) * sizeof *before);
    assert_int_equal(br_encoder_learn(encoder, br_data_split(data[3], BT_SPLIT_TRAIN), 4, &error), 0);
    assert_memory_not_equal(before, br_encoder_numbers(encoder), br_encoder_count(encoder) * sizeof *before);
    free(before);
    br_encoder_free(encoder);
    br_encoder_free(restored);
    for (int i = 0; i < 4; i++)
        br_data_free(data[i]);
}

static void floats_are_encoded_as_bytes_are(void **state)
{
    (void)state;
    br_error error;
    br_data *bytes = make_data(3, 0, colour, 7, false), *floats = make_data(3, 0, colour, 7, false);
    br_array *array = &floats->arrays[BT_SPLIT_TRAIN];
    uint64_t n = array->count * br_array_values(array);
    assert_int_equal(br_array_to_floats(array, &error), 0);
    for (uint64_t i = 0; i < n; i++)
        array->floats[i] = array->floats[i] * 2 - 100;
    br_data_show(floats, -100, 410);
    static const br_encoding steps[] = {OPPONENT, NORMALISE(3, 3), SPLIT};
    br_encoder *encoder = make_encoder(steps, 3, colour);
    assert_int_equal(br_data_encode(bytes, encoder, 1, &error), 0);
    assert_int_equal(br_data_encode(floats, encoder, 1, &error), 0);
    assert_null(br_data_split(floats, BT_SPLIT_TRAIN)->floats);
    for (uint64_t i = 0; i < 2 * n; i++)
        assert_true(abs(bytes->views[BT_SPLIT_TRAIN].bytes[i] - floats->views[BT_SPLIT_TRAIN].bytes[i]) <= 1);
    br_encoder_free(encoder);
    br_data_free(bytes);
    br_data_free(floats);
}

static void without_steps_nothing_changes(void **state)
{
    (void)state;
    br_error error;
    br_data *data = make_data(2, 2, colour, 9, false);
    const uint8_t *before = br_data_split(data, BT_SPLIT_TRAIN)->bytes;
    br_encoder *encoder = make_encoder(NULL, 0, colour);
    assert_int_equal(br_encoder_count(encoder), 0);
    assert_int_equal(br_encoder_learn(encoder, br_data_split(data, BT_SPLIT_VALIDATION), 1, &error), 0);
    assert_int_equal(br_encoder_restore(encoder, NULL, 0, &error), 0);
    assert_int_equal(br_data_encode(data, encoder, 2, &error), 0);
    assert_ptr_equal(br_data_split(data, BT_SPLIT_TRAIN)->bytes, before);
    br_encoder_free(encoder);
    br_data_free(data);
}

typedef struct following {
    uint64_t calls, done, total;
    bool stop;
} following;

static bool on_advance(void *user, uint64_t done, uint64_t total)
{
    following *f = user;
    assert_true(done > f->done && done <= total && (f->calls == 0 || total == f->total));
    *f = (following){f->calls + 1, done, total, f->stop};
    return !f->stop;
}

/* A step that is followed tells of its first patch or sample, and can be stopped: then nothing has changed. */
static void encoding_is_followed_and_stopped(void **state)
{
    (void)state;
    br_error error;
    br_data *data = make_data(40, 20, colour, 9, false);
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN);
    const uint8_t *before = train->bytes;
    br_encoding step = {.kind = BT_ENCODE_WHITEN, .height = 3, .width = 3, .patches = 200, .epsilon = 0.01};
    br_encoder *encoder = make_encoder(&step, 1, colour);
    following patches = {.stop = true}, samples = {.stop = true};
    br_encoder_follow(encoder, on_advance, &patches);
    assert_int_equal(br_encoder_learn(encoder, train, 1, &error), 1);
    assert_true(patches.calls == 1 && patches.total == 200);
    assert_int_equal(br_data_encode(data, encoder, 2, &error), -1); /* it has not learned */
    patches = (following){.stop = false};
    assert_int_equal(br_encoder_learn(encoder, train, 1, &error), 0);
    assert_true(patches.calls >= 1);
    br_encoder_follow(encoder, on_advance, &samples);
    assert_int_equal(br_data_encode(data, encoder, 2, &error), 1);
    assert_true(samples.calls == 1 && samples.total >= 30 && samples.total <= 60);
    assert_ptr_equal(br_data_split(data, BT_SPLIT_TRAIN)->bytes, before);
    br_encoder_follow(encoder, NULL, NULL);
    assert_int_equal(br_data_encode(data, encoder, 2, &error), 0);
    assert_true(samples.calls == 1);
    br_encoder_free(encoder);
    br_data_free(data);
}

/* ---- levels and complements, computed by hand ---- */

/* Multiplied by 4 levels, 96/255 is 1.506: all of the first level, half of the second. */
static void levels_and_complements_by_hand(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 96, 255};
    static const struct {
        uint32_t count;
        br_encoding steps[2];
        uint8_t wanted[24];
        uint32_t channels;
    } cases[] = {
        {1, {COMPLEMENT}, {0, 96, 255, 255, 159, 0}, 6},
        {1, {LEVELS(1)}, {0, 96, 255}, 3},
        {1, {LEVELS(4)}, {0, 0, 0, 0, 255, 129, 0, 0, 255, 255, 255, 255}, 12},
        {2,
         {LEVELS(4), COMPLEMENT},
         {0, 0, 0, 0, 255, 129, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 126, 255, 255, 0, 0, 0, 0},
         24},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const bt_shape s = {1, 1, 3};
        br_error error;
        br_data *data = make_data(2, 1, s, 1, true);
        for (int split = 0; split < BT_SPLITS; split++)
            for (uint64_t n = 0; n < data->arrays[split].count; n++)
                memcpy(data->arrays[split].bytes + 3 * n, values, 3);
        br_encoder *encoder = make_encoder(cases[i].steps, cases[i].count, s);
        assert_int_equal(br_encoder_count(encoder), 0);
        assert_int_equal(br_data_encode(data, encoder, 2, &error), 0);
        const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN);
        assert_int_equal(train->shape.channels, cases[i].channels);
        assert_memory_equal(train->bytes, cases[i].wanted, train->shape.channels);
        assert_memory_equal(train->bytes + train->shape.channels, cases[i].wanted, train->shape.channels);
        br_encoder_free(encoder);
        br_data_free(data);
    }
}

/* ---- errors ---- */

static void steps_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        recipe recipe;
        const char *message;
    } cases[] = {
        {{{8, 8, 1}, 1, {OPPONENT}}, "opponent colours of 1 channels: they need 3 (red, green, blue)"},
        {{{8, 8, 1}, 2, {SPLIT, {.kind = BT_ENCODE_LEVELS, .levels = 4, .tied = true, .by = 0.5}}},
         "tied levels must stand right behind whitening and a split"},
        {{{8, 8, 1}, 3, {WHITEN(99, 3, 3), SPLIT, {.kind = BT_ENCODE_LEVELS, .levels = 64, .tied = true, .by = 0.5}}},
         "64 tied levels of 0.5 deviations: 1 to 63 levels, a step above 0"},
        {{{8, 8, 1}, 1, {NORMALISE(9, 3)}}, "normalising in boxes of 9x3 on an image of 8x8: they must fit inside"},
        {{{8, 8, 1}, 1, {NORMALISE(0, 3)}}, "normalising in boxes of 0x3 on an image of 8x8: they must fit inside"},
        {{{8, 8, 3}, 1, {WHITEN(9999, 3, 9)}}, "whitening patches of 3x9 on an image of 8x8: they must fit inside"},
        {{{8, 8, 3}, 1, {WHITEN(107, 6, 6)}},
         "whitening: 107 patches of 108 dimensions (6x6x3); at least as many patches as dimensions are needed"},
        {{{64, 64, 1}, 1, {WHITEN(9999, 64, 64)}},
         "whitening: patches of 4096 dimensions (64x64x1); the limit is 2048; use smaller patches"},
        {{{8, 8, 3}, 2, {SPLIT, OPPONENT}}, "no encoding may follow one that makes several values of each value"},
        {{{8, 8, 3}, 2, {LEVELS(2), SPLIT}}, "no encoding may follow one that makes several values of each value"},
        {{{8, 8, 3}, 2, {COMPLEMENT, COMPLEMENT}},
         "no encoding may follow one that makes several values of each value"},
        {{{4096, 4096, 1}, 1, {SPLIT}}, "4096x4096x1 split in two: at least 1 of each, at most 16777216 values"},
        {{{4096, 1024, 1}, 1, {LEVELS(5)}}, "4096x1024x1 in levels: at least 1 of each, at most 16777216 values"},
        {{{8, 8, 1}, 1, {LEVELS(0)}}, "8x8x1 in levels: at least 1 of each, at most 16777216 values"},
        {{{8, 8, 1}, 1, {LEVELS(4294967295)}}, "8x8x1 in levels: at least 1 of each, at most 16777216 values"},
        {{{4096, 1024, 1}, 2, {LEVELS(3), COMPLEMENT}},
         "4096x1024x1 with complements: at least 1 of each, at most 16777216 values"},
        {{{0, 8, 1}, 0, {SPLIT}}, "an input of 0x8x1: at least 1 of each, at most 16777216 values"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const recipe *it = &cases[i].recipe;
        br_encoder *encoder;
        br_error error = {0};
        assert_int_equal(br_encoder_new(it->steps, it->count, it->shape, &encoder, &error), -1);
        assert_null(encoder);
        assert_string_equal(error.message, cases[i].message);
        assert_int_equal(error.kind, BR_ERROR_CHECK);
    }
}

static void what_cannot_be_encoded_stays_as_it_is(void **state)
{
    (void)state;
    br_error error;
    br_data *data = make_data(2, 2, (bt_shape){20, 20, 3}, 11, false);
    const uint8_t *before = br_data_split(data, BT_SPLIT_TEST)->bytes;
    br_encoder *encoder = make_encoder(zca, 2, colour);
    assert_int_equal(br_data_encode(data, encoder, 1, &error), -1);
    assert_string_equal(error.message, "whitening has not been learned yet: learn or restore it first");
    assert_int_equal(br_encoder_learn(encoder, br_data_split(data, BT_SPLIT_VALIDATION), 1, &error), -1);
    assert_string_equal(error.message, "whitening is learned from train samples, but there are none");
    assert_int_equal(br_encoder_learn(encoder, br_data_split(data, BT_SPLIT_TRAIN), 1, &error), -1);
    assert_string_equal(error.message,
                        "encoding: the train samples are 20x20x3, but the encodings are made for 20x33x3");
    uint64_t n = br_encoder_count(encoder);
    float *numbers = calloc(n, sizeof *numbers);
    assert_int_equal(br_encoder_restore(encoder, numbers, n - 1, &error), -1);
    assert_string_equal(error.message, "encoding: 224 numbers, but the encodings of the network have 225");
    numbers[7] = NAN;
    assert_int_equal(br_encoder_restore(encoder, numbers, n, &error), -1);
    assert_string_equal(error.message, "encoding: number 7 is not finite");
    assert_int_equal(error.kind, BR_ERROR_IO);
    numbers[7] = 0;
    assert_int_equal(br_encoder_restore(encoder, numbers, n, &error), 0);
    assert_int_equal(br_data_encode(data, encoder, 1, &error), -1);
    assert_string_equal(error.message, "encoding: the samples are 20x20x3, but the encodings are made for 20x33x3");
    assert_ptr_equal(br_data_split(data, BT_SPLIT_TEST)->bytes, before);
    assert_int_equal(br_data_split(data, BT_SPLIT_TEST)->shape.channels, 3);
    free(numbers);
    br_encoder_free(encoder);
    br_data_free(data);
}

/* ---- shifts and mirrors ---- */

static void samples_are_shifted_then_mirrored(void **state)
{
    (void)state;
    const bt_shape s = {5, 7, 3};
    br_data *data = make_data(2, 0, s, 13, true);
    const br_samples *samples = br_data_split(data, BT_SPLIT_TRAIN);
    br_gather gather = br_gather_new(samples, 0.5f);
    for (int down = -6; down <= 6; down++)
        for (int right = -8; right <= 8; right++)
            for (int mirror = 0; mirror < 2; mirror++) {
                float out[5 * 7 * 3];
                br_gather_sample(&gather, 1, down, right, mirror, out);
                for (int y = 0; y < 5; y++)
                    for (int x = 0; x < 7; x++)
                        for (int c = 0; c < 3; c++) {
                            int row = y - down, column = (mirror ? 6 - x : x) - right;
                            bool inside = row >= 0 && row < 5 && column >= 0 && column < 7;
                            double raw = inside ? samples->bytes[105 + (row * 7 + column) * 3 + c] : 0;
                            assert_true(fabs((double)out[(y * 7 + x) * 3 + c] - raw / 255 * 0.5) < 1e-6);
                        }
            }
    br_data_free(data);
}

/* Each epoch tosses a new coin for each sample; the same seed tosses the same coins. */
static void mirrors_are_a_fair_coin(void **state)
{
    (void)state;
    enum { SAMPLES = 4000, EPOCHS = 3, SLACK = 190 }; /* six standard deviations of SAMPLES coins */
    int mirrored[EPOCHS] = {0}, changed = 0;
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
            bool coin = br_draw_mirror(8, epoch, sample);
            assert_true(coin == br_draw_mirror(8, epoch, sample));
            mirrored[epoch] += coin;
        }
        changed += br_draw_mirror(8, 0, sample) != br_draw_mirror(8, 1, sample);
    }
    for (int epoch = 0; epoch < EPOCHS; epoch++)
        assert_true(abs(mirrored[epoch] - SAMPLES / 2) < SLACK);
    assert_true(abs(changed - SAMPLES / 2) < SLACK);
}

/* Every shift of up to 8 places either way is drawn for some sample, and each about equally often. */
static void shifts_are_uniform(void **state)
{
    (void)state;
    enum { SHIFT = 8, WAYS = 2 * SHIFT + 1, SAMPLES = 500 * WAYS * WAYS, SLACK = 134 }; /* six deviations of 500 */
    static int drawn[WAYS][WAYS];
    memset(drawn, 0, sizeof drawn);
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        int down, right;
        br_draw_shift(3, 2, sample, SHIFT, &down, &right);
        assert_true(abs(down) <= SHIFT && abs(right) <= SHIFT);
        drawn[down + SHIFT][right + SHIFT]++;
    }
    for (int down = 0; down < WAYS; down++)
        for (int right = 0; right < WAYS; right++)
            assert_true(abs(drawn[down][right] - SAMPLES / WAYS / WAYS) < SLACK);
}

/* The mirror image of a mirror image is the picture, to the bit. */
static void mirrored_twice_is_the_picture(void **state)
{
    (void)state;
    const bt_shape s = {4, 5, 2};
    float picture[40], once[40], twice[40];
    for (int i = 0; i < 40; i++)
        picture[i] = (float)(i * 7 % 41) / 41;
    br_samples samples = {.count = 1, .shape = s, .floats = picture, .high = 1};
    br_gather gather = br_gather_new(&samples, 1);
    br_gather_sample(&gather, 0, 0, 0, true, once);
    assert_memory_not_equal(once, picture, sizeof once);
    samples.floats = once;
    br_gather_sample(&gather, 0, 0, 0, true, twice);
    assert_memory_equal(twice, picture, sizeof twice);
}

/* What a square around each place cuts out of each map, place by place; all channels go, and no other place does. */
static void squares_are_cut_out(void **state)
{
    (void)state;
    const bt_shape s = {5, 7, 3};
    for (uint32_t at = 0; at < 5 * 7; at++)
        for (uint32_t side = 1; side <= 12; side++) {
            float out[5 * 7 * 3];
            for (int i = 0; i < 5 * 7 * 3; i++)
                out[i] = 0.25f;
            br_cut_out(s, (br_spot){at / 7, at % 7}, side, out);
            for (int i = 0; i < 5 * 7 * 3; i++) {
                int down = i / 21 - (int)(at / 7), right = i / 3 % 7 - (int)(at % 7), before = (int)side / 2;
                bool cut =
                    down >= -before && down < (int)side - before && right >= -before && right < (int)side - before;
                assert_true(out[i] == (cut ? 0 : 0.25f));
            }
        }
    float vast[4] = {1, 1, 1, 1};
    br_cut_out((bt_shape){2, 2, 1}, (br_spot){1, 1}, UINT32_MAX, vast);
    assert_true(vast[0] == 0 && vast[1] == 0 && vast[2] == 0 && vast[3] == 0);
}

/* Every place is a centre equally often, in every epoch anew, and other purposes draw other numbers. */
static void cutouts_are_uniform(void **state)
{
    (void)state;
    enum { SAMPLES = 35 * 500, SLACK = 134 };
    const bt_shape s = {5, 7, 3};
    int drawn[5][7] = {{0}}, changed = 0;
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        br_spot centre = br_draw_cutout(3, 2, sample, s), again = br_draw_cutout(3, 2, sample, s),
                later = br_draw_cutout(3, 3, sample, s);
        assert_true(centre.y < 5 && centre.x < 7 && centre.y == again.y && centre.x == again.x);
        drawn[centre.y][centre.x]++;
        changed += centre.y != later.y || centre.x != later.x;
    }
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 7; x++)
            assert_true(abs(drawn[y][x] - SAMPLES / 35) < SLACK);
    assert_true(abs(changed - SAMPLES / 35 * 34) < SLACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recipe_is_as_written),
        cmocka_unit_test(tied_levels_are_rounded_deviations),
        cmocka_unit_test(whitened_patches_are_uncorrelated_up_to_epsilon),
        cmocka_unit_test(threads_seeds_and_restoring),
        cmocka_unit_test(floats_are_encoded_as_bytes_are),
        cmocka_unit_test(without_steps_nothing_changes),
        cmocka_unit_test(encoding_is_followed_and_stopped),
        cmocka_unit_test(levels_and_complements_by_hand),
        cmocka_unit_test(steps_that_do_not_fit_are_refused),
        cmocka_unit_test(what_cannot_be_encoded_stays_as_it_is),
        cmocka_unit_test(samples_are_shifted_then_mirrored),
        cmocka_unit_test(mirrors_are_a_fair_coin),
        cmocka_unit_test(shifts_are_uniform),
        cmocka_unit_test(mirrored_twice_is_the_picture),
        cmocka_unit_test(squares_are_cut_out),
        cmocka_unit_test(cutouts_are_uniform),
    };
    return cmocka_run_group_tests_name("encodings", tests, NULL, NULL);
}
