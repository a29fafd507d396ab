/* A file of inputs for a prediction, read as on the command line: decompressed if it is gzip, its format detected from
 * its content, and converted to the network's input. The file is a memory file (memfd), which has a path. */
#include <sys/mman.h>
#include <unistd.h>

#include "bouton/runtime.h"
#include "target.h"

static int put(const uint8_t *data, size_t size, char *path, size_t room)
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    fuzz_require(file >= 0 && write(file, data, size) == (ssize_t)size);
    snprintf(path, room, "/proc/self/fd/%d", file);
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t shapes[][3] = {{6, 5, 1}, {4, 4, 3}, {1, 3, 1}};
    char path[64];
    int file = put(data, size, path, sizeof path);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        br_data *out;
        br_error error = {0};
        if (br_inputs_load(path, &(br_reading){.shape = {shapes[i][0], shapes[i][1], shapes[i][2]}, .range = {0, 255}},
                           &out, &error) != 0) {
            fuzz_require(error.kind != BR_OK && error.message[0] != '\0' && out == NULL);
            continue;
        }
        const br_samples *samples = br_data_split(out, BT_SPLIT_TEST);
        fuzz_require(samples->count > 0 && (samples->bytes != NULL) != (samples->floats != NULL));
        fuzz_require(samples->shape.height * samples->shape.width * samples->shape.channels ==
                     shapes[i][0] * shapes[i][1] * shapes[i][2]);
        br_data_free(out);
    }
    close(file);
    return 0;
}
