#include "report/contender.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/paired.h"
#include "session/scoring.h"
#include "show/layer_facts.h"
#include "show/ticker.h"
#include "system/machine.h"

enum { TIMES = 3, TIMED_MOST = 20000, TIMED_LEAST = 64 }; /* samples */
#define TIMED_SECONDS 1.0 /* of one measurement, if so many samples can be answered in it */

/* The samples are hashed before they are encoded: models with different encodings may be compared. */
static int load(contender *c)
{
    int status = session_raw_data(&c->s, &c->data);
    if (status != STATUS_DONE)
        return status;
    c->hash = paired_hash(br_data_split(c->data, c->split));
    return session_encode(&c->s, c->data);
}

static int answer(contender *c)
{
    br_outputs answers;
    int status = score_answers(&c->s, c->data, c->split, &answers, &c->score);
    uint64_t samples = c->score.samples;
    uint32_t classes = c->score.classes;
    c->wanted = br_data_split(c->data, c->split)->labels;
    c->labels = answers.labels;
    c->chosen = status == STATUS_DONE ? allocate(c->s.cli, samples, sizeof *c->chosen) : NULL;
    if (status == STATUS_DONE && c->chosen == NULL)
        status = STATUS_FAULT;
    for (uint64_t i = 0; status == STATUS_DONE && i < samples; i++)
        c->chosen[i] = answers.probabilities[i * classes + c->labels[i]];
    free(answers.probabilities);
    return status;
}

static void measure(contender *c)
{
    struct stat file;
    c->parameters = network_parameters(c->s.source.program);
    c->operations = network_operations(c->s.source.program);
    if (stat(c->s.source.path, &file) == 0)
        c->file_bytes = (uint64_t)file.st_size;
}

int contender_open(contender *c, const command_line *cli, const char *path)
{
    *c = (contender){.split = chosen_split(cli)};
    int status = session_open_model(&c->s, cli, path);
    if (status == STATUS_DONE)
        status = load(c);
    if (status == STATUS_DONE)
        status = answer(c);
    if (status == STATUS_DONE)
        measure(c);
    return status;
}

void contender_close(contender *c)
{
    br_score_free(&c->score);
    free(c->labels);
    free(c->chosen);
    br_data_free(c->data);
    if (c->s.cli != NULL)
        session_close(&c->s);
}

int contenders_match(const contender *a, const contender *b)
{
    const char *first = a->s.source.path, *second = b->s.source.path;
    if (a->score.classes != b->score.classes)
        return fail(a->s.cli, STATUS_FAILED, "%s has %u classes, and %s has %u; they can't be compared", first,
                    a->score.classes, second, b->score.classes);
    if (a->hash != b->hash)
        return fail(a->s.cli, STATUS_FAILED,
                    "%s and %s do not read the same %s samples (%llu and %llu); name files of test samples in the data "
                    "blocks, or train both with the same data block and seed",
                    first, second, bt_split_word(a->split), (unsigned long long)a->score.samples,
                    (unsigned long long)b->score.samples);
    return STATUS_DONE;
}

/* How many samples are timed. Scoring all of them has told how long that takes. */
static uint64_t timed_count(const contender *c, uint64_t count)
{
    uint64_t most = count < TIMED_MOST ? count : TIMED_MOST;
    double fit = c->score.seconds > 0 ? (double)count * TIMED_SECONDS / c->score.seconds : (double)count;
    uint64_t chosen = fit < (double)most ? (uint64_t)fit : most;
    return chosen > TIMED_LEAST || chosen == most ? chosen : most < TIMED_LEAST ? most : TIMED_LEAST;
}

static int time_once(contender *c)
{
    br_error error;
    br_samples samples = *br_data_split(c->data, c->split);
    double all = (double)samples.count;
    samples.count = timed_count(c, samples.count);
    double begin = machine_seconds();
    if (br_predict(c->s.compiled.network, &samples, session_threads(&c->s), &(br_outputs){.labels = c->labels},
                   &error) != 0)
        return fail_with(c->s.cli, &error);
    double seconds = (machine_seconds() - begin) * all / (double)samples.count;
    if (c->seconds == 0 || seconds < c->seconds)
        c->seconds = seconds;
    return STATUS_DONE;
}

int contenders_time(contender *a, contender *b)
{
    int status = STATUS_DONE;
    ticker *t = ticker_begin(a->s.cli, "measuring the speed of both");
    for (int i = 0; i < TIMES && status == STATUS_DONE; i++) {
        status = time_once(a);
        ticker_share(t, (2 * i + 1) / (2.0 * TIMES));
        if (status == STATUS_DONE)
            status = time_once(b);
        ticker_share(t, (i + 1) / (double)TIMES);
    }
    ticker_end(t);
    return status;
}
