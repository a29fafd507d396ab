#include "session/session.h"

#include "session/methods.h"
#include "session/notes.h"

int session_open(session *out, const command_line *cli, const char *path)
{
    *out = (session){.cli = cli};
    return source_open(&out->source, cli, path);
}

void session_close(session *s)
{
    pending_drop(&s->pending);
    br_shared_data_free(s->shared);
    compiled_free(s->cli, &s->compiled);
    source_close(&s->source);
}

int session_check(session *s)
{
    int status = source_check(s->cli, &s->source);
    return status == STATUS_DONE ? methods_resolve(s->cli, s->source.program, &s->compiled.methods) : status;
}

int session_compile(session *s)
{
    return compiled_make(s->cli, &s->source, &s->compiled);
}

int session_open_model(session *out, const command_line *cli, const char *path)
{
    int status = session_open(out, cli, path);
    if (status == STATUS_DONE && out->source.file == NULL)
        status = fail(cli, STATUS_USAGE, "%s: a network's text, not a trained model; run 'bouton train %s' first", path,
                      path);
    if (status == STATUS_DONE)
        status = session_check(out);
    out->compiled.inference_only = true;
    return status == STATUS_DONE ? session_compile(out) : status;
}

bc_options session_options(const session *s)
{
    return compiled_options(s->cli, &s->compiled);
}

static void on_advance(void *user, uint64_t done, uint64_t total)
{
    ticker_share(user, total > 0 ? (double)done / (double)total : 0);
}

ticker *session_follow(const session *s, ticker *t)
{
    br_network_follow(s->compiled.network, t != NULL ? on_advance : NULL, t);
    return t;
}

void session_leave(const session *s, ticker *t)
{
    br_network_follow(s->compiled.network, NULL, NULL);
    ticker_end(t);
}

uint32_t session_threads(const session *s)
{
    return (uint32_t)cli_count(s->cli, OPTION_threads, 0);
}

/* ---- data ---- */

/* Whether another rank of this machine reads the data for this one. */
static bool takes_data(const session *s)
{
    return s->shared != NULL && !br_shared_data_reads(s->shared);
}

int session_data_begin(session *s)
{
    br_error error;
    const char *text = s->ranks != NULL ? bl_source_text(s->source.context) : "";
    if (text == NULL)
        return fail_memory(s->cli);
    if (s->ranks != NULL && s->shared == NULL &&
        br_shared_data_begin(s->ranks, text, s->source.seed, &s->shared, &error) != 0)
        return fail_with(s->cli, &error);
    return takes_data(s) ? STATUS_DONE : pending_begin(s->cli, &s->source, &s->pending);
}

int session_raw_data(session *s, br_data **out)
{
    br_error error;
    *out = NULL;
    int status = s->pending.job == NULL ? session_data_begin(s) : STATUS_DONE;
    if (status != STATUS_DONE)
        return status;
    ticker *t = ticker_begin(s->cli, "reading the data");
    bool failed = pending_await(&s->pending, out, &error) != 0;
    ticker_end(t);
    if (failed)
        return fail_with(s->cli, &error);
    notes_print(s->cli, *out);
    return STATUS_DONE;
}

int session_encode(session *s, br_data *data)
{
    br_error error;
    int status = compiled_encode(s->cli, &s->source, &s->compiled, s->ranks, data, &error);
    return status == 0 ? STATUS_DONE : fail_with(s->cli, &error);
}

static int read_and_encode(session *s, br_data **out)
{
    if (takes_data(s))
        return session_encode(s, NULL);
    int status = session_raw_data(s, out);
    return status == STATUS_DONE ? session_encode(s, *out) : status;
}

int session_data(session *s, br_data **out)
{
    br_error error;
    *out = NULL;
    int status = s->pending.job == NULL && !takes_data(s) ? session_data_begin(s) : STATUS_DONE;
    if (status == STATUS_DONE)
        status = read_and_encode(s, out);
    if (status == STATUS_DONE && s->shared != NULL && br_shared_data_pass(s->shared, out, &error) != 0)
        status = fail_with(s->cli, &error);
    if (status != STATUS_DONE) {
        br_data_free(*out);
        *out = NULL;
    }
    return status;
}

br_reading session_reading(const session *s)
{
    const bl_input *reads = &s->source.program->input;
    const char *label = cli_text(s->cli, OPTION_label);
    br_reading reading = {.shape = {reads->height, reads->width, reads->channels},
                          .schema = s->source.schema,
                          .label_given = label != NULL};
    bc_lower_range(s->source.program, &reading.range.low, &reading.range.high);
    if (label != NULL && (!bt_label_of(label, &reading.label) || reading.label == BT_LABEL_NAMED)) {
        reading.label = BT_LABEL_NAMED;
        reading.label_name = label;
    }
    return reading;
}
