/* Whole tables, as people have them, are learned by the defaults alone: names of columns are all that is stated. The
 * tables are made here, with a header, words, and columns of very different size. A quarter is held out as test. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bouton/compiler.h"
#include "text_network.h"

#define LEAST 0.95

/* A value of the normal distribution, by the sum of twelve. */
static double normal(uint32_t lane, uint64_t index, double mean, double deviation)
{
    double sum = -6;
    for (uint64_t i = 0; i < 3; i++) {
        uint32_t words[4];
        br_random4(5, BR_STREAM_TEST, lane, 3 * index + i, words);
        for (int w = 0; w < 4; w++)
            sum += (double)br_random_unit(words[w]);
    }
    return mean + deviation * sum;
}

static uint32_t choice(uint32_t lane, uint64_t index, uint32_t n)
{
    uint32_t words[4];
    br_random4(6, BR_STREAM_TEST, lane, index, words);
    return br_random_below(words[0], n);
}

/* ---- the tables ---- */

/* Four lengths of three kinds of flower. */
static void write_flowers(FILE *to)
{
    static const char *const kinds[] = {"rockrose", "bellflower", "windflower"};
    static const double mean[3][4] = {{5, 3.4, 1.5, 0.25}, {5.9, 2.8, 4.2, 1.3}, {6.7, 3, 5.8, 2.1}};
    static const double deviation[4] = {0.4, 0.3, 0.3, 0.18};
    fputs("sepal length,sepal width,petal length,petal width,kind\n", to);
    for (uint32_t i = 0; i < 150; i++) {
        for (uint32_t c = 0; c < 4; c++)
            fprintf(to, "%.1f,", fmax(0.1, normal(c, i, mean[i % 3][c], deviation[c])));
        fprintf(to, "%s\n", kinds[i % 3]);
    }
}

/* Thirteen measures between 0.1 and 1,700. The answer, 1 to 3, stands first. */
static void write_drinks(FILE *to)
{
    static const double middle[13] = {13, 2.3, 2.4, 19, 100, 2.3, 2, 0.36, 1.6, 5, 0.95, 2.6, 750};
    static const double apart[3] = {1, -1, 0};
    fputs("grower,alcohol,acid,ash,alkali,magnesium,phenols,flavour,other,tannin,colour,hue,density,proline\n", to);
    for (uint32_t i = 0; i < 178; i++) {
        fprintf(to, "%u", i % 3 + 1);
        for (uint32_t c = 0; c < 13; c++) {
            double shift = c % 3 == 2 ? apart[(i + 1) % 3] : apart[i % 3];
            fprintf(to, ",%.4g", fmax(0.01, normal(20 + c, i, middle[c] * (1 + 0.18 * shift), 0.12 * middle[c])));
        }
        fputc('\n', to);
    }
}

/* Letters for eight traits, some of them `?`; the smell and the spores tell almost everything. */
static void write_fungi(FILE *to)
{
    static const char *const smells[2] = {"ann", "fcp"}, *const spores[2] = {"kn", "hrw"};
    fputs("\"poisonous\",\"cap\",\"surface\",\"smell\",\"gills\",\"root\",\"ring\",\"spores\"\n", to);
    for (uint32_t i = 0; i < 1200; i++) {
        uint32_t bad = choice(0, i, 2), odd = choice(1, i, 40) == 0;
        const char *smell = smells[bad ^ odd], *spore = spores[bad];
        fprintf(to, "%c,%c,%c,%c,%c,%c,%c,%c\n", bad ? 'p' : 'e', "bxfks"[choice(2, i, 5)], "fgys"[choice(3, i, 4)],
                smell[choice(4, i, (uint32_t)strlen(smell))], "knbpw"[choice(5, i, 5)], "bce?r"[choice(6, i, 5)],
                "ot"[choice(7, i, 2)], spore[choice(8, i, (uint32_t)strlen(spore))]);
    }
}

/* ---- learning ---- */

/* Writes the table, trains on it, and returns the accuracy on the rows that were held out. */
static double learn(const char *text, const char *name, void (*write)(FILE *to))
{
    char folder[] = "/tmp/bouton-tables-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    write(to);
    assert_int_equal(fclose(to), 0);
    text_network t;
    br_train_result result;
    br_score score;
    br_error error;
    text_network_compile(&t, text, NULL);
    text_network_start(&t);
    text_network_load_from(&t, folder);
    text_network_train(&t, NULL, &result);
    if (br_score_samples(t.network, br_data_split(t.data, BT_SPLIT_TEST), 1, &score, &error) != 0)
        fail_msg("%s", error.message);
    double accuracy = score.accuracy;
    print_message("%s: %.2f%% of %llu held out\n", name, 100 * accuracy, (unsigned long long)score.samples);
    br_score_free(&score);
    text_network_end(&t);
    unlink(path);
    rmdir(folder);
    return accuracy;
}

static void flowers_with_words_are_learned(void **state)
{
    (void)state;
    static const char text[] =
        "network flowers { input vector(4); layer hidden = dense(32); layer class = dense(3); }\n"
        "data flowers { csv train \"flowers.csv\"; hold out 25% of train as test; }\n";
    assert_true(learn(text, "flowers.csv", write_flowers) >= LEAST);
}

static void columns_of_very_different_size_are_learned(void **state)
{
    (void)state;
    static const char text[] =
        "network drinks { input vector(13); layer hidden = dense(32); layer class = dense(3); }\n"
        "data drinks { csv train \"drinks.csv\" label \"grower\";\n"
        "  hold out 25% of train as test; }\n";
    assert_true(learn(text, "drinks.csv", write_drinks) >= LEAST);
}

static void categories_are_learned(void **state)
{
    (void)state;
    static const char text[] = "network fungi { input vector(31); layer hidden = dense(32); layer class = dense(2); }\n"
                               "data fungi { csv train \"fungi.csv\" label \"poisonous\" categories;\n"
                               "  hold out 25% of train as test; }\n";
    assert_true(learn(text, "fungi.csv", write_fungi) >= LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flowers_with_words_are_learned),
        cmocka_unit_test(columns_of_very_different_size_are_learned),
        cmocka_unit_test(categories_are_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
