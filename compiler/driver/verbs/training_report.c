/* Reports the results of a training: scores, expectations, speed. */
#include "session/scoring.h"
#include "show/numbers.h"
#include "show/one_answer.h"
#include "show/verdict.h"
#include "verbs/train.h"

/* The kept epoch is printed where it may not be the last one. */
static void print_speed(const session *s, const training_job *training, FILE *to)
{
    number_buffer samples, seconds, rate;
    const br_train_result *result = &training->result;
    double learned = result->learn_seconds > 0 ? (double)result->samples / result->learn_seconds : 0;
    if (result->samples == 0) {
        fprintf(to, "learned from fields alone in %s\n", number_seconds(seconds, result->seconds));
        return;
    }
    fprintf(to, "learned %s samples in %s (%s samples/s), %u epoch%s", number_grouped(samples, result->samples),
            number_seconds(seconds, result->seconds), number_grouped(rate, (uint64_t)learned), result->epochs,
            result->epochs == 1 ? "" : "s");
    if (s->compiled.schedule.phases[s->compiled.schedule.phase_count - 1].keep_best && result->best_epoch > 0)
        fprintf(to, ", kept epoch %u", result->best_epoch);
    fputc('\n', to);
}

/* A filter that never won costs time and is of no use, so it is reported. */
static void print_idle(const session *s, uint64_t idle, FILE *to)
{
    const br_schedule *schedule = &s->compiled.schedule;
    const char *before = " of ";
    if (idle == 0)
        return;
    fprintf(to, "%llu filter%s", (unsigned long long)idle, idle == 1 ? "" : "s");
    for (uint32_t i = 0; i < schedule->phase_count; i++) {
        if (schedule->phases[i].kind != BT_PHASE_COMPETE)
            continue;
        fprintf(to, "%s%s in %s", before, s->source.program->layers[schedule->phases[i].compete].name,
                schedule->phases[i].name);
        before = ", ";
    }
    fputs(" never won a field; use fewer filters, or raise conscience or the number of patches sampled\n", to);
}

static int check_expectations(const session *s, const bool *scored, const br_score *scores, FILE *to)
{
    int status = STATUS_DONE;
    for (uint32_t i = 0; i < s->source.program->expect_count; i++) {
        const bl_expect *expect = &s->source.program->expects[i];
        bt_split split = expect->on;
        int met = STATUS_FAILED;
        if (scored[split])
            met = verdict_accuracy(expect->least, bt_split_word(split), &scores[split], to);
        else
            fail(s->cli, STATUS_FAILED, "%s: expect on %s can't be checked: the data have no such samples",
                 s->source.path, bt_split_word(split));
        if (met != STATUS_DONE)
            status = met;
    }
    return status;
}

/* Validation and test are always scored, the training samples for an expectation. */
static bool is_wanted(const bl_program *program, bt_split split)
{
    bool wanted = split != BT_SPLIT_TRAIN;
    for (uint32_t i = 0; i < program->expect_count; i++)
        wanted = wanted || program->expects[i].on == split;
    return wanted;
}

/* Looks at the validation samples, or else at those of the training. */
static int look_at_answers(const session *s, const br_data *data, training_job *training, const bool *scored,
                           const br_score *scores)
{
    bt_split split = br_data_split(data, BT_SPLIT_VALIDATION)->count > 0 ? BT_SPLIT_VALIDATION : BT_SPLIT_TRAIN;
    br_score score = {0};
    if (training->result.samples == 0) /* competing layers have no labels to answer with */
        return STATUS_DONE;
    int status = scored[split] ? STATUS_DONE : score_split(s, data, split, training->threads, &score);
    if (status == STATUS_DONE) {
        answer_counts counts = one_answer_of_score(scored[split] ? &scores[split] : &score, bt_split_word(split));
        one_answer_tell(s->cli, MESSAGE_WARNING, s->source.program, &counts);
    }
    br_score_free(&score);
    return status;
}

static int score_wanted(const session *s, const br_data *data, training_job *training, bool *scored, br_score *scores,
                        FILE *to)
{
    int status = STATUS_DONE;
    for (int split = 0; split < BT_SPLITS && status == STATUS_DONE; split++) {
        if (!is_wanted(s->source.program, (bt_split)split) || br_data_split(data, (bt_split)split)->count == 0)
            continue;
        status = score_split(s, data, (bt_split)split, training->threads, &scores[split]);
        scored[split] = status == STATUS_DONE;
        if (!scored[split])
            continue;
        training->scores[split] = (training_score){true, scores[split].right, scores[split].samples};
        fprintf(to, "%-10s  %.2f%% (%llu of %llu)\n", bt_split_word(split), 100 * scores[split].accuracy,
                (unsigned long long)scores[split].right, (unsigned long long)scores[split].samples);
    }
    return status;
}

/* Ranks share out the scoring. What follows concerns rank 0 alone. */
int training_report(const session *s, const br_data *data, training_job *training, FILE *to)
{
    br_score scores[BT_SPLITS];
    bool scored[BT_SPLITS] = {false};
    print_speed(s, training, to);
    print_idle(s, training->result.idle_filters, to);
    int status = score_wanted(s, data, training, scored, scores, to);
    if (status == STATUS_DONE)
        status = look_at_answers(s, data, training, scored, scores);
    training->together = status == STATUS_DONE;
    if (status == STATUS_DONE && session_leads(s))
        status = check_expectations(s, scored, scores, to);
    training->met = status == STATUS_DONE;
    for (int split = 0; split < BT_SPLITS; split++)
        if (scored[split])
            br_score_free(&scores[split]);
    return status;
}
