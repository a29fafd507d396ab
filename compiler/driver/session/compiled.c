#include "session/compiled.h"

#include <stdlib.h>
#include <string.h>

#include "show/ticker.h"

bc_options compiled_options(const command_line *cli, const compiled_network *compiled)
{
    bc_options options = BC_OPTIONS_DEFAULT;
    if (cli_has(cli, OPTION_cpu))
        options.cpu = cli_text(cli, OPTION_cpu);
    options.quantise = cli_has(cli, OPTION_quantize) || cli_has(cli, OPTION_budget);
    options.methods = compiled->methods;
    options.inference_only = compiled->inference_only;
    options.readouts = compiled->readouts;
    options.check = cli_has(cli, OPTION_check_ranges);
    options.lines = compiled->lines.all;
    return options;
}

/* The learned numbers of the encodings are part of the model. The runtime refuses a file with too few or too many. */
static int restore_encoder(const command_line *cli, const network_source *source, compiled_network *compiled)
{
    br_error error;
    const br_file_facts *facts = source->facts;
    if (bc_lower_encoder(source->program, &compiled->encoder, &error) != 0)
        return fail_with(cli, &error);
    if (br_encoder_restore(compiled->encoder, facts->encoder, facts->encoder_count, &error) != 0)
        return fail(cli, (int)error.kind, "%s: %s", source->path, error.message);
    return STATUS_DONE;
}

int compiled_make(const command_line *cli, const network_source *source, compiled_network *compiled)
{
    br_error error;
    bool debug = cli_has(cli, OPTION_debug);
    if (debug && lines_find(cli, source, &compiled->lines) != STATUS_DONE)
        return STATUS_FAULT;
    compiled->readouts = source->program->keep_readouts;
    bc_options options = compiled_options(cli, compiled);
    if (bc_lower_schedule(source->program, &compiled->schedule, &error) != 0)
        return fail_with(cli, &error);
    compiled->scheduled = true;
    compiled->schedule.seed = source->seed;
    ticker *t = ticker_begin(cli, "compiling the network");
    int made = bc_compile(source->program, &options, &compiled->code, &error);
    ticker_end(t);
    if (made != 0 || br_network_new(bc_code_model(compiled->code), &compiled->network, &error) != 0)
        return fail_with(cli, &error);
    if (debug && lines_map(cli, compiled->code) != STATUS_DONE)
        return STATUS_IO;
    int status = br_network_start(compiled->network, compiled->schedule.starts, source->seed, &error);
    if (status == 0 && source->file != NULL) /* all but readouts that were not kept */
        status = br_model_restore(source->file, compiled->network, &error);
    if (status != 0)
        return fail_with(cli, &error);
    return source->file == NULL ? STATUS_DONE : restore_encoder(cli, source, compiled);
}

static bool on_advance(void *user, uint64_t done, uint64_t total)
{
    ticker_share(user, total > 0 ? (double)done / (double)total : 0);
    return true;
}

/* A ticker with the share that is done of what the encoder does next. */
static ticker *follow(const command_line *cli, const char *what, br_encoder *encoder)
{
    ticker *t = ticker_begin(cli, "%s", what);
    br_encoder_follow(encoder, t != NULL ? on_advance : NULL, t);
    return t;
}

static void leave(ticker *t, br_encoder *encoder)
{
    br_encoder_follow(encoder, NULL, NULL);
    ticker_end(t);
}

/* The numbers of rank 0 for all: those that each learned may differ where the ranks' LAPACKs do. */
static int share_encoder(br_encoder *encoder, const br_ranks *ranks, br_error *error)
{
    uint64_t count = br_encoder_count(encoder);
    float *numbers = calloc(count + 1, sizeof *numbers);
    if (numbers == NULL)
        return br_fail(error, BR_ERROR_FAULT, "out of memory while the encodings are shared");
    if (ranks->rank == 0)
        memcpy(numbers, br_encoder_numbers(encoder), count * sizeof *numbers);
    int status = ranks->share(ranks->user, numbers, count * sizeof *numbers, error);
    if (status == 0 && ranks->rank > 0)
        status = br_encoder_restore(encoder, numbers, count, error);
    free(numbers);
    return status;
}

static int prepare_encoder(const command_line *cli, const network_source *source, compiled_network *compiled,
                           const br_ranks *ranks, const br_data *data, br_error *error)
{
    if (bc_lower_encoder(source->program, &compiled->encoder, error) != 0)
        return -1;
    if (ranks == NULL || ranks->rank == 0) {
        ticker *t = follow(cli, "learning the whitening", compiled->encoder);
        int status = br_encoder_learn(compiled->encoder, br_data_split(data, BT_SPLIT_TRAIN), source->seed, error);
        leave(t, compiled->encoder);
        if (status != 0)
            return -1;
    }
    return ranks != NULL && br_encoder_count(compiled->encoder) > 0 ? share_encoder(compiled->encoder, ranks, error)
                                                                    : 0;
}

int compiled_encode(const command_line *cli, const network_source *source, compiled_network *compiled,
                    const br_ranks *ranks, br_data *data, br_error *error)
{
    if (source->program->input.encoding_count == 0)
        return 0;
    if (compiled->encoder == NULL && prepare_encoder(cli, source, compiled, ranks, data, error) != 0)
        return -1;
    if (data == NULL)
        return 0;
    ticker *t = follow(cli, "encoding the samples", compiled->encoder);
    int status = br_data_encode(data, compiled->encoder, (uint32_t)cli_count(cli, OPTION_threads, 0), error);
    leave(t, compiled->encoder);
    return status;
}

void compiled_free(const command_line *cli, compiled_network *compiled)
{
    if (compiled->code != NULL && cli_has(cli, OPTION_debug))
        (void)lines_map(cli, compiled->code); /* includes the functions compiled since */
    lines_drop(&compiled->lines);
    br_network_free(compiled->network);
    br_encoder_free(compiled->encoder);
    bc_code_free(compiled->code);
    if (compiled->scheduled)
        bc_lowered_schedule_free(&compiled->schedule);
    free(compiled->methods);
    *compiled = (compiled_network){0};
}
