/* Parses a network's text, compiles it in memory, trains it on images drawn here, and classifies new ones. Uses only
 * bouton's public headers:   lines lines.btn */
#include <bouton/compiler.h>

enum { SIDE = 8, TRAIN = 3000, TEST = 1000 };
static uint8_t pixels[TRAIN + TEST][SIDE][SIDE];
static uint32_t labels[TRAIN + TEST], answers[TEST];

/* Draws noise with one bright line, horizontal (label 0) or vertical (label 1). */
static void draw(uint32_t picture)
{
    uint32_t random[4];
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        br_random4(1, BR_STREAM_TEST, i, picture, random);
        pixels[picture][i / SIDE][i % SIDE] = (uint8_t)br_random_below(random[0], 160);
    }
    uint32_t place = br_random_below(random[1], SIDE), label = labels[picture] = br_random_below(random[2], 2);
    for (uint32_t i = 0; i < SIDE; i++)
        pixels[picture][label == 0 ? place : i][label == 0 ? i : place] = 200;
}

int main(int count, char **words)
{
    for (uint32_t i = 0; i < TRAIN + TEST; i++)
        draw(i);
    br_samples train = {TRAIN, SIDE, SIDE, 1, pixels[0][0], NULL, labels, 0, 255};
    br_samples test = {TEST, SIDE, SIDE, 1, pixels[TRAIN][0], NULL, NULL, 0, 255}, splits[BT_SPLITS] = {train};

    bl_context *text = bl_context_new();
    if (text == NULL || count != 2)
        return fputs("usage: lines FILE.btn\n", stderr), bl_context_free(text), BR_ERROR_USAGE;
    const bl_program *program = bl_load(text, words[1]) == 0 ? bl_check(text, NULL) : NULL;
    bl_write_diagnostics(text, stderr, false);
    br_error error = {BR_ERROR_CHECK, "nothing was learned"};
    br_schedule schedule = {0};
    br_data_spec spec = {0};
    br_train_result result;
    br_network *network = NULL;
    br_data *data = NULL;
    bc_code *code = NULL;
    bool done = program != NULL && bc_compile(program, NULL, &code, &error) == 0 &&
                br_network_new(bc_code_model(code), &network, &error) == 0 &&
                bc_lower_schedule(program, &schedule, &error) == 0 && bc_lower_data(program, &spec, &error) == 0 &&
                br_network_start(network, schedule.starts, schedule.seed, &error) == 0 &&
                br_data_from_memory(&spec, splits, schedule.seed, &data, &error) == 0 &&
                br_train(network, &schedule, data, NULL, &result, &error) == 0 &&
                br_predict(network, &test, 0, &(br_outputs){.labels = answers}, &error) == 0;
    uint32_t right = 0;
    for (uint32_t i = 0; i < TEST; i++)
        right += answers[i] == labels[TRAIN + i];
    done ? printf("%u of %u right\n", right, TEST) : fprintf(stderr, "lines: %s\n", error.message);
    br_data_free(data);
    bc_lowered_data_free(&spec);
    bc_lowered_schedule_free(&schedule);
    br_network_free(network);
    bc_code_free(code);
    bl_context_free(text);
    return done ? 0 : (int)error.kind;
}
