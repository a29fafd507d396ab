/* Arduino: https://arduino.github.io/arduino-cli/latest/library-specification. PlatformIO: library.json of
 * https://docs.platformio.org. Zephyr: modules of https://docs.zephyrproject.org. ESP-IDF: the build system and the
 * component manager of https://docs.espressif.com. */
#include "artefact/csource/source.h"

#include <stdio.h>

static const char *name_of(const bc_source *s)
{
    return s->program->name;
}

static void write_code(const bc_source *s, FILE *to)
{
    char header[300];
    snprintf(header, sizeof header, "%s.h", name_of(s));
    bc_source_code(s, header, to);
}

/* ---- Arduino ---- */

static void write_properties(const bc_source *s, FILE *to)
{
    fprintf(to,
            "name=%s\nversion=%s\nauthor=bouton\nmaintainer=bouton\nsentence=The neural network %s in %s.\n"
            "paragraph=Built by bouton from model %016llx. It takes no memory but what the caller gives.\n"
            "category=Data Processing\nurl=\narchitectures=*\nincludes=%s.h\n",
            name_of(s), BR_VERSION, name_of(s), bc_numbers_of(s), (unsigned long long)s->model, name_of(s));
}

/* Tabs separate a word from its kind. */
static void write_keywords(const bc_source *s, FILE *to)
{
    static const char *const constants[] = {"HEIGHT", "WIDTH", "CHANNELS", "INPUTS", "LABELS"};
    fprintf(to, "%s_scratch\tKEYWORD1\n%s_predict_u8\tKEYWORD2\n", name_of(s), name_of(s));
    if (!s->whole)
        fprintf(to, "%s_predict\tKEYWORD2\n", name_of(s));
    if (s->learning.phase != NULL)
        fprintf(to, "%s_state\tKEYWORD1\n%s_state_begin\tKEYWORD2\n%s_state_fits\tKEYWORD2\n%s_learn_u8\tKEYWORD2\n",
                name_of(s), name_of(s), name_of(s), name_of(s));
    if (s->learning.phase != NULL && !s->whole)
        fprintf(to, "%s_learn\tKEYWORD2\n", name_of(s));
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        fprintf(to, "%s_%s\tLITERAL1\n", s->upper, constants[i]);
}

/* After the answer, the sketch waits for the right label. */
static void write_learning_sketch(const bc_source *s, FILE *to)
{
    const char *name = name_of(s);
    fprintf(
        to,
        "// Send %s_INPUTS bytes, one sample, over the serial line, and a byte: the number of its label, or 255 for "
        "an\n"
        "// answer alone. The answer is the number of the label that the network found before it learned.\n"
        "#include <%s.h>\n\n"
        "static uint8_t sample[%s_INPUTS + 1];\n"
        "static %s_scratch scratch;\nstatic %s_state state;\n\n"
        "void setup()\n{\n    Serial.begin(115200);\n    Serial.setTimeout(10000);\n    %s_state_begin(&state);\n}\n\n"
        "void loop()\n{\n"
        "    if (Serial.readBytes(reinterpret_cast<char *>(sample), sizeof sample) == sizeof sample)\n"
        "        Serial.println(%s_learn_u8(sample, sample[%s_INPUTS], &state, &scratch));\n}\n",
        s->upper, name, s->upper, name, name, name, name, s->upper);
}

static void write_sketch(const bc_source *s, FILE *to)
{
    if (s->learning.phase != NULL) {
        write_learning_sketch(s, to);
        return;
    }
    fprintf(to,
            "// Send %s_INPUTS bytes, one sample, over the serial line. The answer is the number of its label.\n"
            "#include <%s.h>\n\n"
            "static uint8_t sample[%s_INPUTS];\n"
            "static %s_scratch scratch;\n\n"
            "void setup()\n{\n    Serial.begin(115200);\n    Serial.setTimeout(10000);\n}\n\n"
            "void loop()\n{\n"
            "    if (Serial.readBytes(reinterpret_cast<char *>(sample), sizeof sample) == sizeof sample)\n"
            "        Serial.println(%s_predict_u8(sample, NULL, &scratch));\n}\n",
            s->upper, name_of(s), s->upper, name_of(s), name_of(s));
}

/* ---- PlatformIO ---- */

static void write_library(const bc_source *s, FILE *to)
{
    fprintf(to,
            "{\n  \"name\": \"%s\",\n  \"version\": \"%s\",\n"
            "  \"description\": \"The neural network %s in %s, built by bouton from model %016llx\",\n"
            "  \"keywords\": \"neural network, classification\",\n"
            "  \"headers\": \"%s.h\",\n  \"frameworks\": \"*\",\n  \"platforms\": \"*\"\n}\n",
            name_of(s), BR_VERSION, name_of(s), bc_numbers_of(s), (unsigned long long)s->model, name_of(s));
}

/* ---- Zephyr ---- */

static void write_module(const bc_source *s, FILE *to)
{
    fprintf(to, "name: %s\nbuild:\n  cmake: .\n  kconfig: Kconfig\n", name_of(s));
}

static void write_zephyr_cmake(const bc_source *s, FILE *to)
{
    fprintf(to,
            "if(CONFIG_BOUTON_%s)\n  zephyr_library_named(%s)\n  zephyr_library_sources(src/%s.c)\n"
            "  zephyr_include_directories(include)\nendif()\n",
            s->upper, name_of(s), name_of(s));
}

static void write_kconfig(const bc_source *s, FILE *to)
{
    fprintf(
        to,
        "config BOUTON_%s\n\tbool \"Neural network %s\"\n\thelp\n\t  The network %s in %s, built by bouton from model "
        "%016llx.\n\t  %llu bytes of constants; each caller gives %llu bytes of RAM.\n",
        s->upper, name_of(s), name_of(s), bc_numbers_of(s), (unsigned long long)s->model,
        (unsigned long long)s->facts.constant_bytes, (unsigned long long)s->facts.scratch_bytes);
}

/* ---- ESP-IDF ---- */

static void write_idf_cmake(const bc_source *s, FILE *to)
{
    fprintf(to, "idf_component_register(SRCS \"src/%s.c\" INCLUDE_DIRS \"include\")\n", name_of(s));
}

static void write_component(const bc_source *s, FILE *to)
{
    fprintf(to, "version: \"%s\"\ndescription: The neural network %s in %s, built by bouton from model %016llx\n",
            BR_VERSION, name_of(s), bc_numbers_of(s), (unsigned long long)s->model);
}

/* ---- all kits ---- */

/* A file of a folder: its path, where `@` stands for the network's name, and what writes it. */
typedef struct kit_file {
    const char *path;
    void (*write)(const bc_source *s, FILE *to);
} kit_file;

/* The files of a kit, up to one without a path. */
static const kit_file *files_of(bc_kit kit)
{
    static const kit_file arduino[] = {{"library.properties", write_properties},
                                       {"keywords.txt", write_keywords},
                                       {"src/@.c", write_code},
                                       {"src/@.h", bc_source_header},
                                       {"examples/@/@.ino", write_sketch},
                                       {NULL, NULL}};
    static const kit_file platformio[] = {
        {"library.json", write_library}, {"src/@.c", write_code}, {"src/@.h", bc_source_header}, {NULL, NULL}};
    static const kit_file zephyr[] = {{"zephyr/module.yml", write_module}, {"CMakeLists.txt", write_zephyr_cmake},
                                      {"Kconfig", write_kconfig},          {"src/@.c", write_code},
                                      {"include/@.h", bc_source_header},   {NULL, NULL}};
    static const kit_file idf[] = {{"CMakeLists.txt", write_idf_cmake},
                                   {"idf_component.yml", write_component},
                                   {"src/@.c", write_code},
                                   {"include/@.h", bc_source_header},
                                   {NULL, NULL}};
    static const kit_file *const kits[BC_KITS] = {
        [BC_KIT_ARDUINO] = arduino, [BC_KIT_PLATFORMIO] = platformio, [BC_KIT_ZEPHYR] = zephyr, [BC_KIT_ESP_IDF] = idf};
    return kits[kit];
}

uint32_t bc_kit_count(bc_kit kit)
{
    uint32_t count = 0;
    while (files_of(kit)[count].path != NULL)
        count++;
    return count;
}

void bc_kit_path(const bc_source *source, bc_kit kit, uint32_t file, FILE *to)
{
    for (const char *at = files_of(kit)[file].path; *at != '\0'; at++)
        if (*at == '@')
            fputs(name_of(source), to);
        else
            fputc(*at, to);
}

void bc_kit_write(const bc_source *source, bc_kit kit, uint32_t file, FILE *to)
{
    files_of(kit)[file].write(source, to);
}
