/* Compares random valid networks, from .btn text to compiled code, with the scalar reference:
 *
 *     fuzz_networks [--count N] [--seconds S] [--seed SEED] [--first I] [--show I]
 *
 * Each network is compiled without (-O0) and with optimisation (-O2), and runs by event lists, tiles and packed bounds.
 * int8 inference must equal the reference to the quantum: half of the networks run it at -O0, half at -O2, every eighth
 * at both. Network I depends on SEED and I alone; --show prints its text. A network that disagrees is printed and
 * written to network-SEED-I.btn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../agree/agree.h"
#include "../agree/int8.h"
#include "../cpu_levels.h"
#include "../fewer.h"

enum { ROUNDS = 2, LEVELS = 2 };

typedef struct settings {
    uint64_t count, seed, first;
    double seconds;
} settings;

typedef struct totals {
    uint64_t networks, wrong, maps, printed, gradient, moved, tiles, sums;
    agree_tally tally;
} totals;

/* Half of the networks are graphs of maps. Most use the repaired rule, others the gradient, some chains the printed
 * rule. */
static int draw(agree_subject *s, ref_random *random, uint64_t seed, uint64_t number)
{
    random->state = seed * 1000003u + number;
    bool maps = ref_chance(random, .5), gradient = ref_chance(random, .2), printed = ref_chance(random, .2);
    return agree_new(s, random, gradient ? REF_GRADIENT : printed && !maps ? REF_PRINTED : REF_REPAIRED, maps);
}

/* int8 inference of the batch drawn last, against the reference. Both optimisation levels must give the same bits. */
static int compare_int8(const agree_subject *s, const agree_code codes[LEVELS], uint64_t number, totals *t)
{
    int8_subject e = {.text = s->text,
                      .alpha = s->alpha,
                      .theta = s->theta,
                      .sign = s->sign,
                      .gain = s->is_maps ? s->maps.gain : NULL,
                      .values = (uint32_t)s->values,
                      .batch = s->batch,
                      .range = (float)s->range,
                      .in = s->in,
                      .calibrate = number % 2};
    int8_answers answers[LEVELS] = {{0}};
    int wrong = 0;
    for (uint32_t l = 0; l < s->layer_count; l++)
        e.neurons[l] = s->weights[l]->neurons > 0 ? &s->weights[l]->neuron : NULL;
    for (int i = 0; i < LEVELS && !wrong; i++) {
        int8_code c;
        if (!codes[i].options.quantise)
            continue;
        wrong = int8_borrow(codes[i].code, &c) != 0 || int8_answer(&e, &c) != 0 || int8_check(&e, &c, &t->sums) != 0;
        if (!wrong && s->rule != REF_PRINTED)
            answers[i] = int8_answers_of(&c, s->batch);
        int8_free(&c);
    }
    if (!wrong && answers[0].count > 0 && answers[1].count > 0 &&
        memcmp(answers[0].values, answers[1].values, answers[0].count * sizeof(float)) != 0)
        wrong = fprintf(stderr, "in 8 bits, -O0 and -O2 answer otherwise\n");
    free(answers[0].values);
    free(answers[1].values);
    return wrong;
}

/* Every optimisation level and inference method on the same batches. */
static int compare_all(agree_subject *s, ref_random *random, uint64_t number, totals *t)
{
    static const int levels[LEVELS] = {0, 2};
    static const char *const cpus[] = {"native", "generic", "x86-64-v3", "generic"}; /* generic compiles faster */
    const char *cpu = cpus[number % 4];
    agree_code codes[LEVELS];
    int made = 0, wrong = 0;
    if (strcmp(cpu, "x86-64-v3") == 0 && !cpu_level_runs(2))
        cpu = "native";
    for (; made < LEVELS && wrong == 0; made++) {
        bool int8 = number / 4 % 2 == (uint64_t)made || number % 8 == 0;
        wrong += agree_compile(s, cpu, levels[made], BC_METHOD_MEASURED, int8, &codes[made]) != 0;
    }
    for (int round = 0; round < ROUNDS && wrong == 0; round++) {
        agree_draw(s, random);
        t->moved += s->moved;
        for (int i = 0; i < LEVELS; i++) {
            for (agree_form form = AGREE_LISTS; form < AGREE_FORMS; form++) {
                bool served = agree_answer_in(s, &codes[i], form);
                t->tiles += served && form == AGREE_TILES;
                if (served || form == AGREE_LISTS)
                    wrong += agree_compare(s, &codes[i]);
            }
        }
    }
    if (wrong == 0)
        wrong = compare_int8(s, codes, number, t);
    for (int i = 0; i < made; i++)
        agree_code_free(&codes[i]);
    return wrong;
}

static void keep(const agree_subject *s, uint64_t seed, uint64_t number)
{
    char path[128];
    snprintf(path, sizeof path, "network-%llu-%llu.btn", (unsigned long long)seed, (unsigned long long)number);
    FILE *to = fopen(path, "w");
    if (!to || fputs(s->text, to) < 0 || fclose(to) != 0)
        perror(path);
    fprintf(stderr, "network %llu of seed %llu disagrees; written to %s:\n%s\n", (unsigned long long)number,
            (unsigned long long)seed, path, s->text);
}

static void try_network(const settings *of, uint64_t number, totals *t)
{
    static agree_subject s;
    ref_random random;
    int wrong = draw(&s, &random, of->seed, number) != 0;
    if (!wrong)
        wrong = compare_all(&s, &random, number, t) > 0;
    if (wrong)
        keep(&s, of->seed, number);
    t->networks++;
    t->wrong += (uint64_t)wrong;
    t->maps += s.is_maps;
    t->printed += s.rule == REF_PRINTED;
    t->gradient += s.rule == REF_GRADIENT;
    t->tally.compared += s.tally.compared;
    t->tally.leaned += s.tally.leaned;
    agree_free(&s);
}

static int show(const settings *of, uint64_t number)
{
    static agree_subject s;
    ref_random random;
    int status = draw(&s, &random, of->seed, number);
    fputs(s.text, stdout);
    agree_free(&s);
    return status != 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int run(const settings *of)
{
    totals t = {0};
    double end = now() + of->seconds;
    while (t.networks < of->count || (of->seconds > 0 && now() < end))
        try_network(of, of->first + t.networks, &t);
    printf("seed %llu: %llu networks (%llu graphs of maps; %llu as printed, %llu the gradient), %llu disagree\n",
           (unsigned long long)of->seed, (unsigned long long)t.networks, (unsigned long long)t.maps,
           (unsigned long long)t.printed, (unsigned long long)t.gradient, (unsigned long long)t.wrong);
    printf("%llu tensors compared, %llu sensitive to rounding; %llu batches in tiles too; %llu sums of 8 bits; %llu of "
           "%llu batches moved a bound\n",
           (unsigned long long)t.tally.compared, (unsigned long long)t.tally.leaned, (unsigned long long)t.tiles,
           (unsigned long long)t.sums, (unsigned long long)t.moved, (unsigned long long)(ROUNDS * t.networks));
    /* In a few networks, many tensors may depend on roundings by chance. */
    bool many = t.networks >= 200 && (double)t.tally.leaned > AGREE_SENSITIVE * (double)t.tally.compared;
    if (many)
        fprintf(stderr, "more than %g %% of tensors needed the twins\n", 100 * AGREE_SENSITIVE);
    return t.wrong > 0 || many;
}

int main(int argc, char **argv)
{
    settings s = {.seed = 1};
    const char *shown = NULL;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (value && strcmp(argv[i], "--count") == 0)
            s.count = fewer((uint32_t)strtoul(value, NULL, 10)); /* as a test */
        else if (value && strcmp(argv[i], "--seconds") == 0)
            s.seconds = strtod(value, NULL);
        else if (value && strcmp(argv[i], "--seed") == 0)
            s.seed = strtoull(value, NULL, 10);
        else if (value && strcmp(argv[i], "--first") == 0)
            s.first = strtoull(value, NULL, 10);
        else if (value && strcmp(argv[i], "--show") == 0)
            shown = value;
        else {
            fputs("usage: fuzz_networks [--count N] [--seconds S] [--seed SEED] [--first I] [--show I]\n", stderr);
            return 2;
        }
    }
    return shown ? show(&s, strtoull(shown, NULL, 10)) : run(&s);
}
