#include "session/scoring.h"

#include <math.h>
#include <string.h>

#define POINTS_DEFAULT 0.1

int score_split(const session *s, const br_data *data, bt_split split, uint32_t threads, br_score *out)
{
    br_error error;
    const br_samples *samples = br_data_split(data, split);
    if (samples->count == 0) {
        char others[64] = "";
        for (int other = 0; other < BT_SPLITS; other++)
            if (br_data_split(data, (bt_split)other)->count > 0) {
                size_t used = strlen(others);
                snprintf(others + used, sizeof others - used, "%s%s", used > 0 ? " and " : "",
                         bt_split_word((bt_split)other));
            }
        return fail(s->cli, STATUS_FAILED, "%s: the data have no %s samples; there are %s", s->source.path,
                    bt_split_word(split), others);
    }
    if (br_score_samples(s->compiled.network, samples, threads, out, &error) != 0)
        return fail_with(s->cli, &error);
    return STATUS_DONE;
}

int quantised_score(const session *s, const br_data *data, bt_split split, uint32_t threads, quantised_result *out)
{
    br_error error;
    const br_samples *calibration = br_data_split(data, BT_SPLIT_VALIDATION);
    *out = (quantised_result){.calibration = calibration->count,
                              .allowed = cli_number(s->cli, OPTION_quantize_loss, POINTS_DEFAULT)};
    int status = score_split(s, data, split, threads, &out->floats);
    if (status != STATUS_DONE)
        return status;
    if (br_quantise(s->compiled.network, calibration, threads, &out->network, &error) != 0 ||
        br_score_quantised(out->network, br_data_split(data, split), threads, &out->score, &error) != 0)
        return fail_with(s->cli, &error);
    out->lost = 100 * (out->floats.accuracy - out->score.accuracy);
    return STATUS_DONE;
}

void quantised_free(quantised_result *quantised)
{
    br_score_free(&quantised->floats);
    br_score_free(&quantised->score);
    br_quantised_free(quantised->network);
}

int quantised_check(const session *s, const quantised_result *q, bt_split split)
{
    if (q->lost <= q->allowed + 1e-9) /* a limit such as 0.1 points is not exact in binary */
        return STATUS_DONE;
    return fail(
        s->cli, STATUS_FAILED,
        "%s: int8 loses %.2f points of accuracy on %s (%.2f%% to %.2f%%), and %.4g are allowed; --quantize-loss "
        "%.2f would accept it",
        s->source.path, q->lost, bt_split_word(split), 100 * q->floats.accuracy, 100 * q->score.accuracy, q->allowed,
        ceil(100 * q->lost - 1e-6) / 100);
}
