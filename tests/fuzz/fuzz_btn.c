/* A network's text: scanned, parsed, checked, inspected, and printed in every form. If it is accepted, each printed text is
 * accepted too and means the same network. */
#include <string.h>

#include "bouton/inspect.h"
#include "bouton/lang.h"
#include "target.h"

typedef struct written { /* printed text */
    char *text;
    size_t length;
    FILE *to;
} written;

static void begin(written *w)
{
    w->to = open_memstream(&w->text, &w->length);
    fuzz_require(w->to != NULL);
}

static void end(written *w)
{
    fuzz_require(fclose(w->to) == 0);
}

static void model_text(const bl_program *program, written *w)
{
    begin(w);
    bl_dump_model(program, w->to);
    end(w);
}

/* The text must give the wanted network again. */
static void check_again(const char *text, size_t length, const char *wanted)
{
    bl_context *context = bl_context_new();
    written model;
    fuzz_require(context != NULL && bl_load_text(context, "again.btn", text, length) == 0);
    const bl_program *program = bl_check(context, NULL);
    if (program == NULL)
        bl_write_diagnostics(context, stderr, false);
    fuzz_require(program != NULL);
    model_text(program, &model);
    if (strcmp(model.text, wanted) != 0)
        fprintf(stderr, "%s\nbecame\n%s\n", wanted, model.text);
    fuzz_require(strcmp(model.text, wanted) == 0);
    free(model.text);
    bl_context_free(context);
}

/* Every place lies in its text, and every name is where its place says. */
static void inspect(bl_context *context, const bl_program *program, const char *data, size_t size)
{
    bl_names names;
    bl_tokens tokens;
    bl_findings findings;
    bl_expected expected;
    bl_omissions omissions;
    bl_read read;
    fuzz_require(bl_list_names(context, NULL, &names) == 0 && bl_list_tokens(context, 0, &tokens) == 0);
    fuzz_require(bl_find(context, &findings) == 0 && bl_read_at(context, 0, &read));
    for (uint32_t i = 0; i < names.count; i++)
        fuzz_require(strncmp(read.text + names.list[i].place.offset, names.list[i].text, names.list[i].place.length) ==
                     0);
    for (uint32_t i = 0, end = 0; i < tokens.count;
         end = tokens.list[i].place.offset + tokens.list[i].place.length, i++)
        fuzz_require(tokens.list[i].place.offset >= end && tokens.list[i].place.length > 0);
    for (uint32_t i = 0; i < findings.count; i++)
        fuzz_require(findings.list[i].replacement == NULL ||
                     findings.list[i].replaced.offset + findings.list[i].replaced.length <= read.length);
    fuzz_require(program == NULL || bl_list_omissions(context, program, &omissions) == 0);
    bl_context *other = bl_context_new();
    fuzz_require(other != NULL && bl_expect_at(other, data, size, size / 2, &expected) == 0);
    fuzz_require(expected.typed.length <= size / 2);
    bl_context_free(other);
}

static void report_all(bl_context *context)
{
    written all;
    begin(&all);
    bl_dump_tokens(context, all.to);
    bl_dump_ast(context, all.to);
    bl_write_diagnostics(context, all.to, true);
#if !FUZZ_MEMORY_SANITIZER /* it cannot see the writes of jansson, which is not instrumented */
    bl_write_diagnostics_json(context, all.to);
#endif
    end(&all);
    free(all.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bl_context *context = bl_context_new();
    fuzz_require(context != NULL && bl_load_text(context, "fuzz.btn", (const char *)data, size) == 0);
    const bl_program *program = bl_check(context, NULL);
    fuzz_require((program == NULL) == (bl_error_count(context) > 0));
    report_all(context);
    inspect(context, program, (const char *)data, size);
    if (program != NULL) {
        written model;
        model_text(program, &model);
        const char *source = bl_source_text(context);
        fuzz_require(source != NULL);
        check_again(model.text, model.length, model.text);
        check_again(source, strlen(source), model.text);
        free(model.text);
    }
    bl_context_free(context);
    return 0;
}
