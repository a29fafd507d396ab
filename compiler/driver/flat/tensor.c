/* Numbers of layers: the tensors of the model file, copied, so that they outlive the network. */
#include <stdlib.h>
#include <string.h>

#include "flat/network.h"

struct bouton_tensor {
    int type;
    uint32_t dimensions;
    uint64_t shape[4];
    void *values;
};

/* A model file in memory: what bouton wrote or checked when it was loaded. */
typedef struct model_bytes {
    const char *bytes;
    char *owned; /* NULL: they are the network's */
    json_t *header;
    const char *tensors; /* behind the header */
} model_bytes;

static int open_bytes(const bouton_network *network, model_bytes *out, bouton_status *status)
{
    size_t size = network->model_size;
    br_file_facts facts = {.source = network->text,
                           .network = network->s.source.program->name,
                           .version = BR_VERSION,
                           .seed = network->s.source.seed};
    *out = (model_bytes){.bytes = network->model};
    if (!network->trained) { /* the state in which training starts */
        int code = flat_write(network, &facts, &out->owned, &size, status);
        if (code != BOUTON_OK)
            return code;
        out->bytes = out->owned;
    }
    uint64_t length = 0;
    for (int i = 8; i-- > 0;)
        length = length << 8 | (unsigned char)out->bytes[i];
    if (size < 8 || length > size - 8 || (out->header = json_loadb(out->bytes + 8, length, 0, NULL)) == NULL)
        return flat_fail(status, BOUTON_FAULT, "the model in memory is damaged");
    out->tensors = out->bytes + 8 + length;
    return BOUTON_OK;
}

static void close_bytes(model_bytes *model)
{
    json_decref(model->header);
    free(model->owned);
}

/* ---- one tensor ---- */

static int find_layer(const bouton_network *network, const char *name, bouton_status *status)
{
    const bl_program *program = network->s.source.program;
    for (uint32_t i = 0; i < bl_model_layers(program); i++)
        if (strcmp(program->layers[i].name, name) == 0)
            return BOUTON_OK;
    return flat_fail(status, BOUTON_USAGE, "network %s has no layer '%s'", program->name, name);
}

/* The names of a layer's tensors, "alpha, sign, theta". */
static void list_tensors(const json_t *header, const char *layer, char *out, size_t size)
{
    const char *key;
    json_t *value;
    size_t used = 0, length = strlen(layer);
    out[0] = '\0';
    json_object_foreach((json_t *)header, key, value)
    {
        if (used < size && strncmp(key, layer, length) == 0 && key[length] == '.' &&
            strchr(key + length + 1, '.') == NULL)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", key + length + 1);
    }
}

static int take(const model_bytes *model, const json_t *entry, bouton_tensor **out, bouton_status *status)
{
    const char *kind;
    json_t *shape;
    json_int_t begin, end;
    if (json_unpack((json_t *)entry, "{s:s, s:o, s:[I,I]}", "dtype", &kind, "shape", &shape, "data_offsets", &begin,
                    &end) != 0)
        return flat_fail(status, BOUTON_FAULT, "the model in memory is damaged");
    bouton_tensor *tensor = calloc(1, sizeof *tensor);
    size_t size = (size_t)(end - begin);
    if (tensor == NULL || (tensor->values = malloc(size > 0 ? size : 1)) == NULL) {
        free(tensor);
        return flat_fail_memory(status);
    }
    memcpy(tensor->values, model->tensors + begin, size);
    tensor->type = strcmp(kind, "I8") == 0 ? BOUTON_INT8 : BOUTON_FLOAT32;
    tensor->dimensions = json_array_size(shape) < 4 ? (uint32_t)json_array_size(shape) : 4;
    for (uint32_t i = 0; i < tensor->dimensions; i++)
        tensor->shape[i] = (uint64_t)json_integer_value(json_array_get(shape, i));
    *out = tensor;
    return BOUTON_OK;
}

static int find(const model_bytes *model, const char *layer, const char *numbers, bouton_tensor **out,
                bouton_status *status)
{
    char name[512], known[256];
    snprintf(name, sizeof name, "%s.%s", layer, numbers);
    const json_t *entry = json_object_get(model->header, name);
    if (entry != NULL)
        return take(model, entry, out, status);
    list_tensors(model->header, layer, known, sizeof known);
    return flat_fail(status, BOUTON_USAGE, "layer %s has no '%s'; it has %s", layer, numbers,
                     known[0] != '\0' ? known : "no numbers of its own");
}

int bouton_tensor_new(bouton_network *network, const char *layer, const char *numbers, bouton_tensor **out,
                      bouton_status *status)
{
    model_bytes model = {0};
    *out = NULL;
    flat_begin(status);
    pthread_rwlock_rdlock(&network->lock);
    int code = find_layer(network, layer, status);
    if (code == BOUTON_OK)
        code = open_bytes(network, &model, status);
    if (code == BOUTON_OK)
        code = find(&model, layer, numbers, out, status);
    close_bytes(&model);
    pthread_rwlock_unlock(&network->lock);
    return flat_end(status, code);
}

const void *bouton_tensor_values(const bouton_tensor *tensor)
{
    return tensor->values;
}

int bouton_tensor_type(const bouton_tensor *tensor)
{
    return tensor->type;
}

uint32_t bouton_tensor_shape(const bouton_tensor *tensor, uint64_t shape[4])
{
    for (uint32_t i = 0; i < 4; i++)
        shape[i] = i < tensor->dimensions ? tensor->shape[i] : 1;
    return tensor->dimensions;
}

void bouton_tensor_free(bouton_tensor *tensor)
{
    if (tensor != NULL)
        free(tensor->values);
    free(tensor);
}
