/* Encodings backwards: what encoded values added, handed back to raw values. Opponent colours and whitening are compared
 * with sums written out; the sum over all values stays the same in every encoding. */
#include <math.h>

#include "base/memory.h"
#include "encode/apply.h"
#include "encode/back.h"
#include "reading.h"

enum { VALUES = 7 * 6 * 3, MOST_VALUES = VALUES * 10 };

static uint64_t seed_of_tests(void)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 1;
    print_message("BOUTON_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static double unit(uint64_t seed, uint64_t lane, uint64_t i)
{
    uint32_t words[4];
    br_random4(seed, BR_STREAM_TEST, (uint32_t)lane, i, words);
    return (double)br_random_unit(words[0]);
}

/* A picture, an encoder whose whitening is random, the encoded values and what they added: nothing where they are 0. */
typedef struct subject {
    bt_shape shape, encoded;
    uint8_t raw[VALUES], *bytes;
    br_samples samples;
    br_encoder *encoder;
    double adds[MOST_VALUES], back[VALUES], sum;
    uint32_t told;
} subject;

static void subject_new(subject *s, const br_encoding *steps, uint32_t count, uint32_t channels, uint64_t seed)
{
    br_error error = {0};
    *s = (subject){.shape = {7, 6, channels}};
    for (uint64_t i = 0; i < bt_values(s->shape); i++)
        s->raw[i] = (uint8_t)(255 * unit(seed, 1, i));
    s->samples = (br_samples){.count = 1, .shape = s->shape, .bytes = s->raw, .low = 0, .high = 255};
    assert_int_equal(br_encoder_new(steps, count, s->shape, &s->encoder, &error), 0);
    float *numbers = br_new(br_encoder_count(s->encoder), sizeof *numbers, &error);
    for (uint64_t i = 0; i < br_encoder_count(s->encoder); i++)
        numbers[i] = (float)(unit(seed, 2, i) - 0.5);
    assert_int_equal(br_encoder_restore(s->encoder, numbers, br_encoder_count(s->encoder), &error), 0);
    br_release(numbers);
    assert_int_equal(br_encoder_sample(s->encoder, &s->samples, 0, &s->bytes, &s->encoded, &error), 0);
    assert_true(bt_values(s->encoded) <= MOST_VALUES);
    for (uint64_t i = 0; i < bt_values(s->encoded); i++) {
        s->adds[i] = s->bytes[i] > 0 ? unit(seed, 3, i) - 0.4 : 0;
        s->sum += s->adds[i];
    }
}

static void subject_back(subject *s)
{
    br_error error;
    assert_int_equal(br_encoder_back(s->encoder, &s->samples, 0, s->adds, s->back, &s->told, &error), 0);
}

static void subject_free(subject *s)
{
    br_encoder_free(s->encoder);
    br_release(s->bytes);
}

static void assert_sum(const subject *s)
{
    double sum = 0, size = 1;
    for (uint64_t i = 0; i < bt_values(s->shape); i++) {
        sum += s->back[i];
        size += fabs(s->back[i]);
    }
    if (fabs(sum - s->sum) > 1e-9 * size)
        fail_msg("the sum became %.12g, it was %.12g", sum, s->sum);
}

#define STEPS(...) (const br_encoding[]){__VA_ARGS__}, sizeof((const br_encoding[]){__VA_ARGS__}) / sizeof(br_encoding)
#define STEP(step, h, w)                                                                                               \
    (br_encoding)                                                                                                      \
    {                                                                                                                  \
        .kind = BT_ENCODE_##step, .height = (h), .width = (w), .patches = 1000, .epsilon = 0.1, .levels = 4            \
    }
#define WHITEN     STEP(WHITEN, 3, 5)
#define OPPONENT   STEP(OPPONENT, 0, 0)
#define NORMALISE  STEP(NORMALISE, 3, 3)
#define SPLIT      STEP(SPLIT, 0, 0)
#define LEVELS     STEP(LEVELS, 0, 0)
#define COMPLEMENT STEP(COMPLEMENT, 0, 0)

static void sums_stay(void **state)
{
    (void)state;
    const struct {
        br_encoding steps[4];
        uint32_t count, told;
    } cases[] = {
        {{SPLIT}, 1, 0},
        {{LEVELS}, 1, 0},
        {{LEVELS, COMPLEMENT}, 2, 0},
        {{COMPLEMENT}, 1, 0},
        {{OPPONENT, SPLIT}, 2, 0},
        {{WHITEN, SPLIT}, 2, 0},
        {{OPPONENT, WHITEN, SPLIT}, 3, 0},
        {{WHITEN, LEVELS}, 2, 0},
        {{NORMALISE, SPLIT}, 2, 1},
        {{OPPONENT, NORMALISE, WHITEN, SPLIT}, 4, 2},
        {{WHITEN, COMPLEMENT}, 2, 1},
        {{OPPONENT, NORMALISE, LEVELS}, 3, 2},
    };
    uint64_t seed = seed_of_tests();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static subject s;
        subject_new(&s, cases[i].steps, cases[i].count, 3, seed + i);
        subject_back(&s);
        assert_int_equal(s.told, cases[i].told);
        assert_sum(&s);
        subject_free(&s);
    }
}

/* Of the values made of one value, the parts add up. */
static void values_add_up(void **state)
{
    (void)state;
    static subject s;
    subject_new(&s, STEPS(LEVELS, COMPLEMENT), 2, seed_of_tests());
    subject_back(&s);
    for (uint64_t place = 0; place < 42; place++)
        for (uint64_t c = 0; c < 2; c++) {
            double wanted = 0;
            for (uint64_t l = 0; l < 4; l++)
                wanted += s.adds[place * 16 + c * 4 + l] + s.adds[place * 16 + 8 + c * 4 + l];
            assert_true(fabs(s.back[place * 2 + c] - wanted) < 1e-12);
        }
    subject_free(&s);
}

static void opponent_colours(void **state)
{
    (void)state;
    static subject s;
    subject_new(&s, STEPS(OPPONENT, SPLIT), 3, seed_of_tests());
    subject_back(&s);
    for (uint64_t place = 0; place < 42; place++) {
        double r = s.raw[3 * place] / 255., g = s.raw[3 * place + 1] / 255., b = s.raw[3 * place + 2] / 255., each[3];
        for (int c = 0; c < 3; c++)
            each[c] = s.adds[6 * place + (uint64_t)c] + s.adds[6 * place + 3 + (uint64_t)c];
        double light = each[0] / (r + g + b), red = each[1] != 0 ? each[1] / (r - g) : 0;
        double yellow = each[2] != 0 ? each[2] / ((r + g) / 2 - b) : 0;
        double wanted[] = {r * (light + red + yellow / 2), g * (light - red + yellow / 2), b * (light - yellow)};
        for (int c = 0; c < 3; c++)
            assert_true(fabs(s.back[3 * place + (uint64_t)c] - wanted[c]) <= 1e-5 * (1 + fabs(wanted[c])));
    }
    subject_free(&s);
}

static int reflected(int at, int n)
{
    return at < 0 ? -at : at < n ? at : 2 * n - 2 - at;
}

/* One whitened value at a time, in the middle, at an edge and in a corner. */
static void whitened_values(void **state)
{
    (void)state;
    static subject s;
    static const int places[][2] = {{3, 3}, {0, 2}, {6, 5}, {0, 0}};
    subject_new(&s, STEPS(WHITEN, SPLIT), 2, seed_of_tests());
    const float *filter = br_encoder_numbers(s.encoder) + 3 * 5 * 2; /* of the second channel */
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        double wanted[VALUES] = {0}, sum = 0;
        memset(s.adds, 0, sizeof s.adds);
        s.adds[4 * (6 * places[p][0] + places[p][1]) + 1] = 0.75;
        for (int i = 0; i < 3 * 5 * 2; i++) {
            int y = reflected(places[p][0] + i / 10 - 1, 7), x = reflected(places[p][1] + i / 2 % 5 - 2, 6);
            double part = (double)filter[i] * s.raw[(6 * y + x) * 2 + i % 2];
            wanted[(6 * y + x) * 2 + i % 2] += part;
            sum += part;
        }
        subject_back(&s);
        for (uint64_t i = 0; i < bt_values(s.shape); i++)
            assert_true(fabs(s.back[i] - 0.75 * wanted[i] / sum) <= 1e-5 * (1 + fabs(0.75 * wanted[i] / sum)));
    }
    subject_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_stay), cmocka_unit_test(values_add_up),
                                       cmocka_unit_test(opponent_colours), cmocka_unit_test(whitened_values)};
    return cmocka_run_group_tests_name("runtime/encode_back", tests, NULL, NULL);
}
