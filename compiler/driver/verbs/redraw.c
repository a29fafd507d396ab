/* bouton redraw: redraws a picture in the colours of a competing layer's filters. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "options/console.h"
#include "session/session.h"
#include "show/json.h"
#include "show/numbers.h"
#include "show/verdict.h"
#include "verbs/verbs.h"

static const char *output_path(const command_line *cli)
{
    return cli_has(cli, OPTION_redrawn_out) ? cli_text(cli, OPTION_redrawn_out) : "redrawn.png";
}

/* The parser has checked -o; this also checks the default name. */
static int check_output(const command_line *cli)
{
    const char *path = output_path(cli);
    if (strcmp(path, cli->operands[0]) == 0 || strcmp(path, cli->operands[1]) == 0)
        return fail(cli, STATUS_USAGE, "-o %s: this would replace an input file; name another file", path);
    return STATUS_DONE;
}

static void print_text(const command_line *cli, const br_redrawn *picture, uint64_t bytes)
{
    number_buffer before, after, plain;
    uint64_t pixels = (uint64_t)picture->height * picture->width;
    printf("%s: %ux%u, %s bytes, %s as plain RGB\n", cli->operands[1], picture->width, picture->height,
           number_grouped(before, picture->file_bytes), number_grouped(plain, 3 * pixels));
    printf("%s: %u colour%s, %s bytes (%.1f%% of the file, %.1f%% of plain RGB)\n", output_path(cli), picture->colours,
           picture->colours == 1 ? "" : "s", number_grouped(after, bytes),
           100 * (double)bytes / (double)picture->file_bytes, 100 * (double)bytes / (double)(3 * pixels));
    if (picture->mean_square == 0)
        puts("PSNR exact: no pixel has changed");
    else
        printf("PSNR %.2f dB\n", picture->psnr);
    if (picture->idle > 0)
        printf("%u of %u filters won no pixel and are not in the palette\n", picture->idle, picture->filters);
}

static int print_json(const command_line *cli, const br_redrawn *picture, uint64_t bytes)
{
    json_t *psnr = isfinite(picture->psnr) ? json_real(picture->psnr) : json_null();
    json_t *all = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:f}", "width", (json_int_t)picture->width,
                            "height", (json_int_t)picture->height, "filters", (json_int_t)picture->filters, "idle",
                            (json_int_t)picture->idle, "colours", (json_int_t)picture->colours, "bytes_before",
                            (json_int_t)picture->file_bytes, "bytes_after", (json_int_t)bytes, "psnr", psnr,
                            "mean_square", picture->mean_square);
    return json_deliver(cli, all, 0, stdout);
}

/* Writes the picture and prints its size and PSNR. */
static int deliver(const command_line *cli, const br_redrawn *picture)
{
    uint64_t bytes;
    br_error error;
    bool json = cli_has(cli, OPTION_json);
    int status = STATUS_DONE;
    if (br_png_write_redrawn(output_path(cli), picture, &bytes, &error) != 0)
        return fail_with(cli, &error);
    if (json)
        status = print_json(cli, picture, bytes);
    else
        print_text(cli, picture, bytes);
    if (status != STATUS_DONE || !cli_has(cli, OPTION_expect_psnr))
        return status;
    return verdict_psnr(cli_number(cli, OPTION_expect_psnr, 0), picture->psnr, json ? stderr : stdout);
}

/* Redrawing maps all channels by one range, so colours that the network saw otherwise would be wrong. */
static int check_schema(const session *s)
{
    const br_schema *schema = s->source.schema;
    if (schema == NULL || (schema->scaling == BT_SCALING_RANGE && !schema->pictures.invert))
        return STATUS_DONE;
    return fail(s->cli, STATUS_FAILED,
                "%s: was trained with %s, and redraw reads plain colours in one range; train it without that",
                s->source.path, schema->pictures.invert ? "`invert`" : "a range for each channel");
}

static int redraw(session *s)
{
    const command_line *cli = s->cli;
    const char *path = strcmp(cli->operands[1], "-") == 0 ? "/dev/stdin" : cli->operands[1];
    br_reading reading = {0};
    br_redrawn picture;
    br_error error;
    if (check_schema(s) != STATUS_DONE)
        return STATUS_FAILED;
    reading.schema = s->source.schema;
    bc_lower_range(s->source.program, &reading.range.low, &reading.range.high);
    if (br_redraw(s->compiled.network, s->compiled.encoder, path, &reading, session_threads(s), &picture, &error) != 0)
        return fail_with(cli, &error);
    for (uint32_t i = 0; i < picture.note_count; i++)
        say(cli, MESSAGE_NOTE, "%s", picture.notes[i].text);
    int status = deliver(cli, &picture);
    br_redrawn_free(&picture);
    return status;
}

int verb_redraw(const command_line *cli)
{
    session s = {0};
    int status = check_output(cli);
    if (status == STATUS_DONE)
        status = session_open_model(&s, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = redraw(&s);
    session_close(&s);
    return status;
}
