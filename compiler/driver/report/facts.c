#include "report/facts.h"

#include <stdlib.h>
#include <string.h>

#include "options/paths.h"
#include "report/paired.h"
#include "session/scoring.h"

#define RAW_MOST      (256ull << 20)   /* bytes of samples that are kept as they were before they were encoded */
#define PICTURE_BYTES (1400ull * 1024) /* of all pictures as text; a report has at most 2 MB */
#define ANSWERS_MOST  (1ull << 28)     /* probabilities of all samples */

/* ---- samples ---- */

/* Samples before they are encoded: those that are shown. Without encodings they are the samples themselves. */
static int keep_raw(report_facts *f)
{
    const br_samples *from = br_data_split(f->data, f->split);
    uint64_t size = bt_values(from->shape) * (from->bytes != NULL ? 1 : sizeof(float));
    uint64_t most = size > 0 ? RAW_MOST / size : 0;
    f->raw = *from;
    f->seen = from->count < BR_SURVEY_SAMPLES ? from->count : BR_SURVEY_SAMPLES;
    if (f->s.source.program->input.encoding_count == 0)
        return STATUS_DONE;
    f->seen = f->seen < most ? f->seen : most;
    f->raw_room = allocate(f->s.cli, f->seen > 0 ? f->seen : 1, size);
    if (f->raw_room == NULL)
        return STATUS_FAULT;
    const void *values = from->bytes != NULL ? (const void *)from->bytes : from->floats;
    memcpy(f->raw_room, values, f->seen * size);
    f->raw.bytes = from->bytes != NULL ? f->raw_room : NULL;
    f->raw.floats = from->bytes != NULL ? NULL : f->raw_room;
    return STATUS_DONE;
}

/* The test samples, or else those of validation, or else those of the training. */
static bt_split shown_split(const br_data *data)
{
    static const bt_split order[] = {BT_SPLIT_TEST, BT_SPLIT_VALIDATION};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (br_data_split(data, order[i])->count > 0)
            return order[i];
    return BT_SPLIT_TRAIN;
}

static int load_samples(report_facts *f)
{
    int status = session_raw_data(&f->s, &f->data);
    if (status != STATUS_DONE)
        return status;
    f->split = shown_split(f->data);
    f->own_data = br_data_hash(f->data) == f->s.source.facts->data_hash;
    f->hash = paired_hash(br_data_split(f->data, f->split));
    status = keep_raw(f);
    return status == STATUS_DONE ? session_encode(&f->s, f->data) : status;
}

static bool is_watched(const report_facts *f, uint32_t count, uint64_t sample)
{
    for (uint32_t i = 0; i < count; i++)
        if (f->watched[i] == sample)
            return true;
    return false;
}

/* The first sample of a class that is not watched yet, one that was answered right if `right`. */
static bool find_watched(report_facts *f, const br_samples *samples, uint64_t most, uint32_t label, bool right,
                         uint32_t count)
{
    for (uint64_t i = 0; i < most; i++)
        if (samples->labels[i] == label && (!right || f->labels[i] == label) && !is_watched(f, count, i)) {
            f->watched[count] = i;
            return true;
        }
    return false;
}

/* Chooses samples of as many classes as there are, those answered right first. */
static uint32_t choose_watched(report_facts *f, const br_samples *samples)
{
    uint64_t most = f->seen < BR_SURVEY_LIVE ? f->seen : BR_SURVEY_LIVE;
    uint32_t count = 0, before = 1;
    while (count < REPORT_WATCHED && count != before) {
        before = count;
        for (uint32_t label = 0; label < f->score.classes && count < REPORT_WATCHED; label++)
            count += find_watched(f, samples, most, label, true, count) ||
                     find_watched(f, samples, most, label, false, count);
    }
    return count;
}

static int answer_samples(report_facts *f)
{
    br_outputs answers;
    uint64_t samples = br_data_split(f->data, f->split)->count;
    uint32_t classes = bl_last_layer(f->s.source.program)->neurons;
    if (samples > ANSWERS_MOST / classes)
        return fail(f->s.cli, STATUS_FAILED, "%s: %llu samples of %u classes are too many for a report",
                    f->s.source.path, (unsigned long long)samples, classes);
    int status = score_answers(&f->s, f->data, f->split, &answers, &f->score);
    f->labels = answers.labels;
    f->probabilities = answers.probabilities;
    return status;
}

/* Without labels there is nothing to score. Without the files, that is said in the report, unless --data names them. */
static int collect_samples(report_facts *f)
{
    const bl_program *program = f->s.source.program;
    const bl_data *data = program->data;
    if (data == NULL)
        f->no_samples = "the text of the network names no data";
    else if (data->source_count == 0 || !bl_has_labels(&data->sources[0]))
        f->no_samples = "the samples have no labels, so there are no answers to judge";
    else if (!cli_has(f->s.cli, OPTION_data) && !pending_found(f->s.cli, &f->s.source))
        f->no_samples = "the data files were not found beside the model nor in $BOUTON_DATA; name their folder with "
                        "--data DIR";
    if (f->no_samples != NULL)
        return STATUS_DONE;
    int status = load_samples(f);
    return status == STATUS_DONE ? answer_samples(f) : status;
}

/* ---- the model ---- */

static int read_history(report_facts *f)
{
    br_error error;
    const br_file_facts *facts = f->s.source.facts;
    const bl_program *program = f->s.source.program;
    if (facts->history == NULL)
        return STATUS_DONE;
    if (br_history_read(facts->history, &f->history, &error) != 0)
        return fail_with(f->s.cli, &error);
    bool fits = br_history_fits(f->history, program->layer_count, program->phase_count);
    return fits ? STATUS_DONE
                : fail(f->s.cli, STATUS_IO, "%s: is damaged: its history is that of another network; train it again",
                       f->s.source.path);
}

int facts_answer(report_facts *f, const command_line *cli, const char *path)
{
    *f = (report_facts){.name = path_name(path), .room = {.cli = cli, .left = PICTURE_BYTES}};
    int status = session_open_model(&f->s, cli, path);
    if (status == STATUS_DONE)
        status = read_history(f);
    if (status != STATUS_DONE)
        return status;
    record_read(&f->record, path, f->s.source.facts);
    return collect_samples(f);
}

int facts_survey(report_facts *f)
{
    br_error error;
    if (f->no_samples != NULL)
        return STATUS_DONE;
    const br_samples *samples = br_data_split(f->data, f->split);
    uint32_t watched = choose_watched(f, samples), threads = session_threads(&f->s);
    ticker *t = session_follow(&f->s, ticker_begin(f->s.cli, "%s: looking at the layers", f->name));
    int status = br_survey_samples(f->s.compiled.network, samples, f->watched, watched, threads, &f->survey, &error);
    session_leave(&f->s, t);
    return status == 0 ? STATUS_DONE : fail_with(f->s.cli, &error);
}

void facts_free(report_facts *f)
{
    br_survey_free(&f->survey);
    br_score_free(&f->score);
    free(f->labels);
    free(f->probabilities);
    free(f->raw_room);
    free(f->paint);
    br_data_free(f->data);
    record_free(&f->record);
    br_history_free(f->history);
    session_close(&f->s);
}

int facts_layer(const report_facts *f, uint32_t layer, layer_parts *out)
{
    const bl_layer *l = &f->s.source.program->layers[layer];
    *out = (layer_parts){.inputs = l->inputs, .neurons = l->neurons};
    if (l->kind == BT_LAYER_POOL || (uint64_t)l->inputs * l->neurons > REPORT_CONNECTIONS)
        return STATUS_DONE;
    out->alpha = allocate(f->s.cli, out->inputs * out->neurons, sizeof *out->alpha);
    out->sign = out->alpha != NULL ? allocate(f->s.cli, out->inputs * out->neurons, sizeof *out->sign) : NULL;
    out->theta = out->sign != NULL ? allocate(f->s.cli, out->neurons, sizeof *out->theta) : NULL;
    if (out->theta == NULL) {
        facts_layer_free(out);
        return STATUS_FAULT;
    }
    br_network_export(f->s.compiled.network, layer, out->alpha, out->sign, out->theta);
    out->whole = true;
    return STATUS_DONE;
}

void facts_layer_free(layer_parts *parts)
{
    free(parts->alpha);
    free(parts->sign);
    free(parts->theta);
    *parts = (layer_parts){0};
}
