/* bouton draw: draws one picture like those of `synthetic digits`, to try a model on. */
#include "options/console.h"
#include "options/number.h"
#include "verbs/verbs.h"

#define DIGIT_SIDE    28
#define DIGIT_CLASSES 10

/* A random stream of its own: with the same seed, no picture equals a training or test sample. */
#define DRAW_LANE 0x64726177u /* "draw" */

/* Each draw chooses its label at random; draws are repeated until the wanted label occurs, one in ten times. */
#define DRAW_ATTEMPTS 1000u

static int write_picture(const command_line *cli, const uint8_t *pixels, uint32_t label)
{
    char path[32];
    br_error error;
    const char *given = cli_text(cli, OPTION_picture_out);
    snprintf(path, sizeof path, "digit-%u.png", label);
    const char *to = given == NULL ? path : given;
    if (br_png_write_grey(to, pixels, DIGIT_SIDE, DIGIT_SIDE, &error) != 0)
        return fail_with(cli, &error);
    printf("%s: %u\n", to, label);
    return STATUS_DONE;
}

int verb_draw(const command_line *cli)
{
    uint8_t pixels[DIGIT_SIDE * DIGIT_SIDE];
    uint64_t seed = cli_count(cli, OPTION_seed, 1), wanted = DIGIT_CLASSES; /* any label */
    if (cli->operand_count > 0 && (!number_read(cli->operands[0], &wanted) || wanted >= DIGIT_CLASSES))
        return fail(cli, STATUS_USAGE, "%s: not a digit; give one from 0 to 9, or none for any digit",
                    cli->operands[0]);
    for (uint64_t index = 0; index < DRAW_ATTEMPTS; index++) {
        uint32_t label = br_digit_draw(seed, DRAW_LANE, index, pixels);
        if (wanted == DIGIT_CLASSES || label == wanted)
            return write_picture(cli, pixels, label);
    }
    return fail(cli, STATUS_FAULT, "%s: no such digit in %u draws; try another --seed", cli->operands[0],
                DRAW_ATTEMPTS);
}
