#include "show/firmware.h"

#include <string.h>

#include "show/numbers.h"

static int widest_name(const bc_firmware_facts *facts)
{
    size_t widest = strlen("layer");
    for (uint32_t i = 0; i < facts->layer_count; i++)
        widest = strlen(facts->layers[i].name) > widest ? strlen(facts->layers[i].name) : widest;
    return (int)widest;
}

static void show_row(const char *name, int width, const uint64_t bytes[3], FILE *to)
{
    number_buffer code, constants, ram;
    fprintf(to, "  %-*s  %9s  %9s  %9s", width, name, number_grouped(code, bytes[0]),
            number_grouped(constants, bytes[1]), number_grouped(ram, bytes[2]));
}

static void show_connections(const bc_firmware_layer *l, FILE *to)
{
    number_buffer stored, connections, silent, empty, rows;
    if (l->folded)
        fputs("  computed by the convolution before it", to);
    if (l->connections == 0)
        return;
    uint64_t kept = l->listed ? l->connections - l->silent : l->connections / l->rows * (l->rows - l->left_out);
    fprintf(to, "  %s of %s connections in %s, %s", number_grouped(stored, kept),
            number_grouped(connections, l->connections),
            l->coded  ? "4 bits"
            : l->int8 ? "8 bits"
                      : "floats",
            l->listed ? "lists" : "rows");
    fprintf(to, "; %s %s silent for every input%s", number_grouped(silent, l->silent), l->silent == 1 ? "is" : "are",
            l->left_out > 0 ? " of the training" : "");
    if (l->left_out > 0)
        fprintf(to, "; %s of %s inputs are left out", number_grouped(empty, l->left_out),
                number_grouped(rows, l->rows));
    else if (l->empty > 0)
        fprintf(to, "; %s of %s inputs have no others", number_grouped(empty, l->empty), number_grouped(rows, l->rows));
}

void firmware_show_learners(const char *names, uint64_t bytes, FILE *to)
{
    number_buffer state;
    bool several = strchr(names, ',') != NULL;
    fprintf(to, "layer%s %s learn%s: %s bytes of state in RAM\n", several ? "s" : "", names, several ? "" : "s",
            number_grouped(state, bytes));
}

void firmware_show(const bc_firmware_facts *facts, const char *learners, FILE *to)
{
    number_buffer flash, scratch, stack;
    int width = widest_name(facts);
    uint64_t all[3] = {0};
    fprintf(to, "compiled for %s (%s): %s bytes of flash, %s of scratch memory, at most %s of stack; samples are %s\n",
            facts->cpu, facts->triple, number_grouped(flash, facts->flash_bytes),
            number_grouped(scratch, facts->scratch_bytes), number_grouped(stack, facts->stack_bytes),
            facts->bytes ? "bytes" : "floats");
    if (facts->state_bytes > 0)
        firmware_show_learners(learners, facts->state_bytes, to);
    fprintf(to, "  %-*s  %9s  %9s  %9s\n", width, "layer", "code", "constants", "RAM");
    for (uint32_t i = 0; i < facts->layer_count; i++) {
        const bc_firmware_layer *l = &facts->layers[i];
        uint64_t bytes[3] = {l->code, l->constants, l->ram};
        for (int k = 0; k < 3; k++)
            all[k] += bytes[k];
        show_row(l->name, width, bytes, to);
        show_connections(l, to);
        fputc('\n', to);
    }
    all[2] = facts->scratch_bytes;
    show_row("all", width, all, to);
    fputs("  RAM of layers that do not run together is shared\n", to);
}

void firmware_show_unlit(uint64_t unlit, uint64_t values, uint64_t samples, FILE *to)
{
    number_buffer dark, all, seen;
    fprintf(to, "  %s of %s values of the input are at their lower end in all %s training and validation samples%s\n",
            number_grouped(dark, unlit), number_grouped(all, values), number_grouped(seen, samples),
            unlit > 0 ? "; their connections are kept, for samples that light them" : "");
}
