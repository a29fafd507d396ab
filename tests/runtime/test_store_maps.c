/* Model files of maps: filters keep the shape of their field, and the values learned by competition, pools and
 * encodings are kept. */
#include "store_fixture.h"

#include <math.h>

#include "maps_model.h"
#include "model/network.h"

static int begin_maps(void **state)
{
    if (begin(state) != 0)
        return -1;
    fixture *f = *state;
    br_network_free(f->network);
    f->network = network_of(&maps, 7);
    for (uint32_t k = 0; k < FILTERS; k++)
        f->network->layers[0].conscience[k] = 0.125f * (float)k - 0.25f;
    f->network->layers[1].calibration = 0.375f;
    f->network->layers[1].calibrated = true;
    return 0;
}

static void all_that_was_learned_comes_back(void **state)
{
    fixture *f = *state;
    float alpha[2][FILTERS * FIELD], theta[2][FILTERS];
    int8_t sign[2][FILTERS * FIELD];
    br_error error;
    br_model_file *file;
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    br_network *other = network_of(&maps, 8);
    assert_false(other->layers[1].calibrated);
    assert_int_equal(br_model_restore(file, other, &error), 0);
    br_network_export(f->network, 0, alpha[0], sign[0], theta[0]);
    br_network_export(other, 0, alpha[1], sign[1], theta[1]);
    for (uint32_t i = 0; i < FILTERS * FIELD; i++)
        assert_true(fabsf(alpha[0][i] - alpha[1][i]) <= 1e-6f); /* alpha -> v -> alpha rounds */
    assert_memory_equal(sign[0], sign[1], sizeof sign[0]);
    assert_memory_equal(theta[0], theta[1], sizeof theta[0]);
    assert_memory_equal(f->network->layers[0].conscience, other->layers[0].conscience,
                        map_layers[0].layout.pitch * sizeof(float));
    assert_true(other->layers[1].calibration == 0.375f);
    assert_true(other->layers[1].calibrated);
    assert_int_equal(br_model_facts(file)->encoder_count, 0);
    assert_null(br_model_facts(file)->encoder);
    br_network_free(other);
    br_model_close(file);
}

/* Other tools see filters as height x width x channels. Pools without values have no tensors. */
static void header_has_the_filters_shape(void **state)
{
    static const char wanted[] = "\"edges.alpha\":{\"dtype\":\"F32\",\"shape\":[5,2,2,3],\"data_offsets\":[0,240]},"
                                 "\"edges.theta\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[240,260]},"
                                 "\"edges.conscience\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[260,280]},"
                                 "\"cells.calibration\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[280,284]},"
                                 "\"class.alpha\":{\"dtype\":\"F32\",\"shape\":[2,5],\"data_offsets\":[284,324]},"
                                 "\"class.theta\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[324,332]},"
                                 "\"class.sharpness\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[332,336]},"
                                 "\"edges.sign\":{\"dtype\":\"I8\",\"shape\":[5,2,2,3],\"data_offsets\":[336,396]},"
                                 "\"class.sign\":{\"dtype\":\"I8\",\"shape\":[2,5],\"data_offsets\":[396,406]}}";
    size_t count;
    unsigned char *bytes = written(*state, &count);
    if (!memmem(bytes, count, wanted, sizeof wanted - 1))
        fail_msg("the header is %.*s", (int)(count - 8 - 406), (const char *)bytes + 8);
    free(bytes);
}

/* ---- encodings ---- */

static br_encoder *encoder_of(uint32_t side)
{
    br_error error;
    br_encoder *encoder;
    br_encoding steps[] = {{.kind = BT_ENCODE_WHITEN, .height = side, .width = side, .patches = 100, .epsilon = 0.1},
                           {.kind = BT_ENCODE_SPLIT}};
    assert_int_equal(br_encoder_new(steps, 2, (bt_shape){4, 3, 3}, &encoder, &error), 0);
    return encoder;
}

static void encodings_come_back(void **state)
{
    fixture *f = *state;
    br_error error;
    br_model_file *file;
    br_encoder *encoder = encoder_of(2), *larger = encoder_of(3), *again = encoder_of(2);
    uint64_t count = br_encoder_count(encoder);
    float *numbers = malloc(count * sizeof *numbers);
    for (uint64_t i = 0; i < count; i++)
        numbers[i] = 0.5f * (float)i - 1;
    assert_int_equal(br_encoder_restore(encoder, numbers, count, &error), 0);

    br_file_facts with = facts;
    with.encoder = br_encoder_numbers(encoder);
    with.encoder_count = count;
    assert_int_equal(br_model_write(f->path, f->network, &with, &error), 0);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    br_network *other = network_of(&maps, 8);
    assert_int_equal(br_model_restore(file, other, &error), 0);
    const br_file_facts *read = br_model_facts(file);
    assert_int_equal(br_encoder_restore(again, read->encoder, read->encoder_count, &error), 0);
    assert_memory_equal(br_encoder_numbers(again), numbers, count * sizeof *numbers);
    assert_int_equal(br_encoder_restore(larger, read->encoder, read->encoder_count, &error), -1);
    assert_int_equal(br_encoder_restore(again, read->encoder, 0, &error), -1);
    br_model_close(file);

    numbers[count - 1] = INFINITY;
    with.encoder = numbers;
    assert_int_equal(br_model_write(f->path, f->network, &with, &error), 0);
    assert_int_equal(br_model_open(f->path, &file, &error), 0);
    read = br_model_facts(file);
    assert_int_equal(br_encoder_restore(again, read->encoder, read->encoder_count, &error), -1);
    assert_non_null(strstr(error.message, "not finite"));
    br_model_close(file);
    br_network_free(other);
    br_encoder_free(encoder);
    br_encoder_free(larger);
    br_encoder_free(again);
    free(numbers);
}

/* ---- files of other networks, and damaged ones ---- */

static void other_maps_are_told_apart(void **state)
{
    fixture *f = *state;
    br_error error;
    br_layer_code changed[MAP_LAYERS];
    br_model other = maps;
    other.layers = changed;
    assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);

    memcpy(changed, map_layers, sizeof changed);
    changed[0].shape.field_height = 4; /* the same number of connections */
    changed[0].shape.field_width = 1;
    assert_not_restored(f, &other, "the shape of edges.alpha is [5, 2, 2, 3] there, [5, 4, 1, 3] here");
    memcpy(changed, map_layers, sizeof changed);
    changed[0].kind = BT_LAYER_DENSE;
    assert_not_restored(f, &other, "the shape of edges.alpha is [5, 2, 2, 3] there, [5, 12] here");
    memcpy(changed, map_layers, sizeof changed);
    changed[0].kernels.depress = NULL;
    assert_not_restored(f, &other, "it holds 9 tensors, this one has 8");
    changed[2].kernels.depress = never_called;
    assert_not_restored(f, &other, "it holds no tensor class.conscience");
    memcpy(changed, map_layers, sizeof changed);
    changed[1].parameters.calibrates = 0;
    assert_not_restored(f, &other, "it holds 9 tensors, this one has 8");
}

/* Replaces a text of the header by another of the same length. */
static void forge(fixture *f, const char *from, const char *to)
{
    size_t count, length = strlen(from);
    unsigned char *bytes = written(f, &count), *at = memmem(bytes, count, from, length);
    assert_int_equal(length, strlen(to));
    assert_non_null(at);
    memcpy(at, to, length);
    assert_int_equal(scratch_write(f->path, bytes, count), 0);
    free(bytes);
}

static void forged_shapes_are_refused(void **state)
{
    fixture *f = *state;
    forge(f, "[5,2,2,3]", "[5,3,2,2]");
    assert_not_restored(f, &maps, "the shape of edges.alpha is [5, 3, 2, 2] there, [5, 2, 2, 3] here");
    forge(f, "[5,2,2,3]", "   [5,12]");
    assert_not_restored(f, &maps, "the shape of edges.alpha is [5, 12] there, [5, 2, 2, 3] here");
    forge(f, "[5,2,2,3]", "  [5,4,3]");
    assert_not_opened(f->path, "the shape of tensor edges.alpha has 3 dimensions");
    forge(f, "[5,2,2,3]", "[5,2,2,4]");
    assert_not_opened(f->path, "tensor edges.alpha has room for 240 bytes, its shape takes 320");
    forge(f, "[5,2,2,3]", "[5,2,0,3]");
    assert_not_opened(f->path, "has a dimension that can't be");
    forge(f, "\"edges.conscience\"", "\"edges___.encoder\"");
    assert_not_restored(f, &maps, "it holds no tensor edges.conscience");
    forge(f, "\"cells.calibration\"", "\"class.calibration\"");
    assert_not_restored(f, &maps, "it holds no tensor cells.calibration");
}

static void impossible_numbers_are_refused(void **state)
{
    fixture *f = *state;
    static const float calibrations[] = {0, -1, NAN, INFINITY};
    static const float handicaps[] = {NAN, INFINITY, -INFINITY};
    br_error error;
    for (size_t i = 0; i < sizeof calibrations / sizeof *calibrations; i++) {
        f->network->layers[1].calibration = calibrations[i];
        assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
        assert_not_restored(f, &maps, "layer cells: its calibration is");
    }
    f->network->layers[1].calibration = 1;
    for (size_t i = 0; i < sizeof handicaps / sizeof *handicaps; i++) {
        f->network->layers[0].conscience[FILTERS - 1] = handicaps[i];
        assert_int_equal(br_model_write(f->path, f->network, &facts, &error), 0);
        assert_not_restored(f, &maps, "layer edges, filter 4: its conscience is not finite");
    }
}

static void mutations_are_survived(void **state)
{
    survive_mutations(*state, &maps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_that_was_learned_comes_back, begin_maps, end),
        cmocka_unit_test_setup_teardown(header_has_the_filters_shape, begin_maps, end),
        cmocka_unit_test_setup_teardown(encodings_come_back, begin_maps, end),
        cmocka_unit_test_setup_teardown(other_maps_are_told_apart, begin_maps, end),
        cmocka_unit_test_setup_teardown(forged_shapes_are_refused, begin_maps, end),
        cmocka_unit_test_setup_teardown(impossible_numbers_are_refused, begin_maps, end),
        cmocka_unit_test_setup_teardown(mutations_are_survived, begin_maps, end),
    };
    return cmocka_run_group_tests_name("runtime/store_maps", tests, NULL, NULL);
}
