#include "show/one_answer.h"

/* A class of more than this share of the labels is worth being answered always, as the errors are counted. */
#define LARGE_SHARE 0.6

static void add_class(answer_counts *counts, uint32_t class, uint64_t answers, uint64_t labels)
{
    counts->labelled += labels > 0;
    if (answers == 0)
        return;
    counts->answered++;
    counts->last = class;
    counts->of_last = labels;
}

answer_counts one_answer_of_score(const br_score *score, const char *split)
{
    answer_counts counts = {.split = split, .samples = score->samples};
    for (uint32_t k = 0; k < score->classes; k++) {
        uint64_t answers = 0, labels = 0;
        for (uint32_t j = 0; j < score->classes; j++) {
            answers += score->confusion[(size_t)j * score->classes + k];
            labels += score->confusion[(size_t)k * score->classes + j];
        }
        add_class(&counts, k, answers, labels);
    }
    return counts;
}

static bool weighs(const bl_program *program)
{
    for (uint32_t i = 0; i < program->phase_count; i++)
        if (program->phases[i].weigh_classes)
            return true;
    return false;
}

void one_answer_tell(const command_line *cli, message_kind kind, const bl_program *program, const answer_counts *counts)
{
    double share = (double)counts->of_last / (double)counts->samples;
    if (counts->answered != 1 || counts->labelled < 2)
        return;
    const char *advice =
        share > LARGE_SHARE && !weighs(program)
            ? "so this costs little error; `weight classes by rarity;` in the phase makes the other classes count"
            : "so nothing was learned; see that the values fill their range (`values in [LOW, HIGH];`), and try "
              "another `eta` or more `epochs`";
    say(cli, kind,
        "every one of the %llu %s samples is answered with class %u, which is the label of %.1f%% of them, %s",
        (unsigned long long)counts->samples, counts->split, counts->last, 100 * share, advice);
}
