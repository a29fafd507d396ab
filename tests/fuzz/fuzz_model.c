/* A model file: opened, its metadata are valid text, and restored into a network of maps if it fits. Every restored
 * number must be in its range. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../runtime/maps_model.h"
#include "base/memory.h"
#include "model/store.h"
#include "target.h"

#define PATH "some.safetensors"

enum { MOST = FILTERS * FIELD };

static void check_network(const br_network *network)
{
    for (uint32_t l = 0; l < MAP_LAYERS; l++) {
        const br_layer_code *code = &map_layers[l];
        float alpha[MOST], theta[MOST];
        int8_t sign[MOST];
        if (code->kind == BT_LAYER_POOL)
            continue;
        br_network_export(network, l, alpha, sign, theta);
        for (uint32_t i = 0; i < code->shape.neurons * code->shape.inputs; i++)
            fuzz_require(alpha[i] >= code->parameters.alpha_min && alpha[i] <= code->parameters.alpha_max &&
                         abs(sign[i]) == 1);
        for (uint32_t k = 0; k < code->shape.neurons; k++)
            fuzz_require(theta[k] >= 0 && theta[k] < 1);
    }
}

static void restore(const br_model_file *file)
{
    br_network *network;
    br_error error = {0};
    fuzz_require(br_network_new(&maps, &network, &error) == 0);
    if (br_model_restore(file, network, &error) == 0)
        check_network(network);
    else
        fuzz_require(error.kind != BR_OK && strstr(error.message, PATH) != NULL);
    br_network_free(network);
}

/* An accepted schema is read again, and writing it gives a text that is the same schema. */
static void check_schema(const char *text)
{
    br_schema *schema, *again;
    br_error error = {0};
    char *first, *second;
    fuzz_require(br_schema_read(text, &schema, &error) == 0);
    if (br_schema_write(schema, &first, &error) == 0) {
        fuzz_require(br_schema_read(first, &again, &error) == 0 && br_schema_write(again, &second, &error) == 0);
        fuzz_require(strcmp(first, second) == 0);
        br_schema_free(again);
        free(first);
        free(second);
    }
    br_schema_free(schema);
}

static void check_facts(const br_file_facts *facts)
{
    fuzz_require(facts->source != NULL && facts->network != NULL && facts->version != NULL);
    fuzz_require((facts->encoder != NULL) == (facts->encoder_count > 0));
    if (facts->schema != NULL)
        check_schema(facts->schema);
    for (uint64_t i = 0; i < facts->encoder_count; i++)
        (void)*(volatile const float *)&facts->encoder[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    br_error error = {0};
    br_model_file *file = br_new(1, sizeof *file, &error);
    FILE *from = fmemopen((void *)data, size > 0 ? size : 1, "rb");
    fuzz_require(file != NULL && from != NULL);
    file->path = br_copy_string(PATH, &error);
    if (br_store_read(file, from, size, &error) == 0) {
        check_facts(br_model_facts(file));
        restore(file);
    } else {
        fuzz_require(error.kind == BR_ERROR_IO && strstr(error.message, PATH) != NULL);
    }
    fclose(from);
    br_model_close(file);
    return 0;
}
