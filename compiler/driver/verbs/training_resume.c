/* Files next to the model, and the checkpoint from which training resumes. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verbs/train.h"

char *training_path(const command_line *cli, const char *model, const char *ending)
{
    static const char usual[] = ".safetensors";
    size_t length = strlen(model), tail = sizeof usual - 1;
    if (length > tail && strcmp(model + length - tail, usual) == 0)
        length -= tail;
    char *path = allocate(cli, length + strlen(ending) + 1, 1);
    if (path != NULL) {
        memcpy(path, model, length);
        memcpy(path + length, ending, strlen(ending) + 1);
    }
    return path;
}

static void say_where(const session *s, const br_position *at, const char *path)
{
    const br_schedule *schedule = &s->compiled.schedule;
    const br_phase *phase = at->phase < schedule->phase_count ? &schedule->phases[at->phase] : NULL;
    if (phase == NULL)
        say(s->cli, MESSAGE_NOTE, "Resuming from %s: the training is complete", path);
    else if (phase->kind == BT_PHASE_COMPETE)
        say(s->cli, MESSAGE_NOTE, "Resuming from %s: %s, after %llu of %llu fields", path, phase->name,
            (unsigned long long)at->done, (unsigned long long)phase->patches);
    else if (at->done > 0)
        say(s->cli, MESSAGE_NOTE, "Resuming from %s: %s, in epoch %u of %u, after %llu samples", path, phase->name,
            at->epoch + 1, phase->epochs, (unsigned long long)at->done);
    else
        say(s->cli, MESSAGE_NOTE, "Resuming from %s: %s, after epoch %u of %u", path, phase->name, at->epoch,
            phase->epochs);
}

int training_resume(const session *s, training_job *training)
{
    const command_line *cli = s->cli;
    const char *path = training->checkpoint;
    br_error error;
    if (!cli_has(cli, OPTION_resume)) {
        if (access(path, F_OK) == 0)
            say(cli, MESSAGE_NOTE,
                "%s belongs to an unfinished training; this training starts again and will replace it; --resume "
                "continues the old one",
                path);
        return STATUS_DONE;
    }
    if (br_checkpoint_open(path, br_network_model(s->compiled.network), &s->compiled.schedule, &training->facts,
                           &training->resume, &error) != 0)
        return fail_with(cli, &error);
    if (training->resume == NULL) {
        say(cli, MESSAGE_NOTE, "There is no %s to resume from; training starts at the beginning", path);
        return STATUS_DONE;
    }
    const br_position *at = br_checkpoint_position(training->resume);
    training->resumed_at = at->ended;
    say_where(s, at, path);
    return STATUS_DONE;
}
