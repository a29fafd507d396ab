/* Memory that stays after compiling: LLVM is larger than most networks, so its pages are released. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/compiler.h"

static const char *const text = "network n { input image(8x8) in [0, 0.5]; layer class = dense(10); }\n";

/* Resident KiB of the mapped files whose name contains `part`. */
static long resident(const char *part)
{
    char line[512];
    bool inside = false;
    long sum = 0;
    FILE *maps = fopen("/proc/self/smaps", "r");
    if (!maps)
        return -1;
    while (fgets(line, sizeof line, maps)) {
        long kib;
        if (strchr(line, '/'))
            inside = strstr(line, part) != NULL;
        else if (inside && sscanf(line, "Rss: %ld", &kib) == 1)
            sum += kib;
    }
    (void)fclose(maps);
    return sum;
}

static bc_code *compiled(const bl_program *program)
{
    bc_code *code;
    br_error error;
    if (bc_compile(program, &BC_OPTIONS_DEFAULT, &code, &error) != 0)
        fail_msg("%s", error.message);
    return code;
}

static void compiling_gives_its_memory_back(void **state)
{
    (void)state;
    bl_context *context = bl_context_new();
    assert_int_equal(bl_load_text(context, "pages.btn", text, strlen(text)), 0);
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    bc_code *first = compiled(program);
    long left = resident("libLLVM");
    if (left <= 0) { /* LLVM is linked statically, or the system has no such list */
        print_message("SKIP: LLVM's pages are not seen in /proc/self/smaps\n");
        bc_code_free(first);
        bl_context_free(context);
        skip();
    }
    assert_in_range(left, 1, 16 << 10);  /* pages that LLVM wrote to stay: some 6 MiB of 60 */
    bc_code *second = compiled(program); /* reads the released pages again */
    assert_string_equal(bc_code_model(second)->name, bc_code_model(first)->name);
    bc_code_free(first);
    bc_code_free(second);
    bl_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(compiling_gives_its_memory_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
