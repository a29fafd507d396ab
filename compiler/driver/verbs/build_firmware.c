#include "verbs/build_firmware.h"

#include "session/scoring.h"
#include "show/numbers.h"
#include "show/ticker.h"

enum { FLOATS = 32 };

/* A way to store and to optimise. */
typedef struct form {
    uint32_t bits; /* of a bound; FLOATS: a float */
    bool speed;
} form;

/* In the order in which they are tried: bounds of 4 bits cost accuracy, and come last. In floats, lists take more flash
 * memory than rows where most connections can carry signal, and are faster; for size, each layer has what is smaller. */
static const form forms[] = {{FLOATS, true}, {FLOATS, false}, {8, true}, {8, false}, {4, true}, {4, false}};

enum { FORMS = sizeof forms / sizeof *forms };

static int make(const firmware_job *job, const form *f, const br_quantised *quantised, bc_firmware **out)
{
    const session *s = job->s;
    br_error error;
    bc_firmware_options options = {.target = job->target,
                                   .cpu = cli_text(s->cli, OPTION_cpus),
                                   .speed = f->speed,
                                   .schema = s->source.schema,
                                   .model = br_model_hash(s->source.file),
                                   .quantised = quantised,
                                   .lit = job->lit,
                                   .lines = s->compiled.lines.all,
                                   .learn = cli_text(s->cli, OPTION_learn)};
    bc_lower_range(s->source.program, &options.low, &options.high);
    ticker *t = ticker_begin(s->cli, "compiling the artefact");
    int made = bc_firmware_new(s->source.program, s->compiled.network, &options, out, &error);
    ticker_end(t);
    return made != 0 ? fail_with(s->cli, &error) : STATUS_DONE;
}

/* RAM is scratch memory, stack and the state of a layer that learns; the sample is the caller's. */
static uint64_t ram_of(const bc_firmware_facts *facts)
{
    return facts->scratch_bytes + facts->stack_bytes + facts->state_bytes;
}

static uint64_t over(uint64_t bytes, uint64_t limit)
{
    return bytes > limit ? bytes - limit : 0;
}

/* The layer whose constants and code, or whose RAM, are largest. */
static const bc_firmware_layer *largest(const bc_firmware_facts *facts, bool ram)
{
    const bc_firmware_layer *most = &facts->layers[0];
    for (uint32_t i = 1; i + 1 < facts->layer_count; i++) {
        const bc_firmware_layer *l = &facts->layers[i];
        uint64_t bytes = ram ? l->ram : l->code + l->constants, held = ram ? most->ram : most->code + most->constants;
        most = bytes > held ? l : most;
    }
    return most;
}

/* What the smallest form lacks, and where it would have to become smaller. */
static int fail_budget(const firmware_job *job, const bc_firmware *smallest)
{
    br_error error;
    if (bc_firmware_check(smallest, &error) != 0)
        return fail_with(job->s->cli, &error);
    const bc_firmware_facts *facts = bc_firmware_facts_of(smallest);
    const option_value *value = &job->s->cli->values[OPTION_budget];
    uint64_t flash = over(facts->flash_bytes, value->budget.flash), ram = over(ram_of(facts), value->budget.ram);
    number_buffer most, lacks, part;
    const bc_firmware_layer *l = largest(facts, flash == 0);
    uint64_t lacking = flash > 0 ? flash : ram, held = flash > 0 ? l->code + l->constants : l->ram;
    int status = fail(job->s->cli, STATUS_FAILED,
                      "--budget %s: the smallest form takes %s bytes of %s, %s too many; layer %s holds %s of them: %s",
                      value->text, number_grouped(most, flash > 0 ? facts->flash_bytes : ram_of(facts)),
                      flash > 0 ? "flash" : "RAM", number_grouped(lacks, lacking), l->name, number_grouped(part, held),
                      held > lacking ? "give it fewer neurons or filters, or read a smaller map"
                                     : "several layers must become smaller");
    return status;
}

/* Whether the command line leaves a form open. */
static bool is_asked(const command_line *cli, const form *f)
{
    bool speed = cli_word(cli, OPTION_optimise, OPTIMISE_size) == OPTIMISE_speed;
    return (f->bits != FLOATS || !cli_has(cli, OPTION_quantize)) &&
           (f->bits == chosen_bits(cli) || !cli_has(cli, OPTION_bits)) &&
           (f->speed == speed || !cli_has(cli, OPTION_optimise));
}

static void say_form(const form *f, FILE *to)
{
    const char *made_for = f->speed ? "speed" : "size";
    if (f->bits == FLOATS)
        fprintf(to, "within the budget: in floats, for %s\n", made_for);
    else
        fprintf(to, "within the budget: in %u bits, for %s\n", f->bits, made_for);
}

static int build_within(const firmware_job *job, bc_firmware **out)
{
    const command_line *cli = job->s->cli;
    const option_value *value = &cli->values[OPTION_budget];
    const br_quantised *quantised = NULL;
    uint32_t bits = FLOATS; /* of `quantised` */
    for (int i = 0; i < FORMS; i++) {
        int status = STATUS_DONE;
        if (!is_asked(cli, &forms[i]))
            continue;
        bc_firmware_free(*out);
        *out = NULL;
        if (forms[i].bits != bits)
            status = job->quantise(job->user, bits = forms[i].bits, &quantised);
        if (status == STATUS_DONE)
            status = make(job, &forms[i], quantised, out);
        if (status != STATUS_DONE)
            return status;
        const bc_firmware_facts *facts = bc_firmware_facts_of(*out);
        br_error error;
        if (facts->flash_bytes > value->budget.flash || ram_of(facts) > value->budget.ram ||
            bc_firmware_check(*out, &error) != 0)
            continue;
        say_form(&forms[i], cli_out(cli));
        return STATUS_DONE;
    }
    return fail_budget(job, *out);
}

int firmware_build(const firmware_job *job, bc_firmware **out)
{
    const command_line *cli = job->s->cli;
    const br_quantised *quantised = NULL;
    if (cli_has(cli, OPTION_budget))
        return build_within(job, out);
    int status = STATUS_DONE;
    if (cli_has(cli, OPTION_quantize))
        status = job->quantise(job->user, chosen_bits(cli), &quantised);
    if (status != STATUS_DONE)
        return status;
    const form f = {.speed = cli_word(cli, OPTION_optimise, OPTIMISE_size) == OPTIMISE_speed};
    status = make(job, &f, quantised, out);
    br_error error;
    return status == STATUS_DONE && bc_firmware_check(*out, &error) != 0 ? fail_with(cli, &error) : status;
}
