/* Formulas in C source against the language's own evaluation, for drives of every size: where exp reaches its ends and
 * where floats overflow, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "artefact/csource/source.h"
#include "text_network.h"

enum { FORMULAS = 4, SECONDS = 60 };

/* The root of a square that overflows, and of a quotient by the least value of exp; both ends of exp. */
static const char text[] = "neuron grown(x, alpha)  = min(sqrt(square(exp(100 * x))), 1);\n"
                           "neuron fallen(x, alpha) = 1 / (1 + sqrt(1 / exp(x)));\n"
                           "neuron ended(x, alpha)  = exp(20 * x) / 2e38;\n"
                           "neuron curved(x, alpha) = min(sqrt(abs(tanh(x - alpha))) * logistic(x), 1);\n"
                           "network n {\n"
                           "  input vector(3) in [0, 0.5];\n"
                           "  layer a = dense(3) { fire grown; }\n"
                           "  layer b = dense(3) { fire fallen; }\n"
                           "  layer c = dense(3) { fire ended; }\n"
                           "  layer d = dense(3) { fire curved; }\n"
                           "  layer class = dense(2);\n"
                           "}\n";

static void write_source(const text_network *t, const char *folder)
{
    br_error error;
    bc_source *source;
    const bc_artefact_options options = {.high = 255};
    char path[128];
    if (bc_source_new(t->program, t->network, &options, &source, &error) != 0)
        fail_msg("%s", error.message);
    snprintf(path, sizeof path, "%s/n.c", folder);
    FILE *code = fopen(path, "w");
    snprintf(path, sizeof path, "%s/n.h", folder);
    FILE *header = fopen(path, "w");
    snprintf(path, sizeof path, "%s/levels.c", folder);
    FILE *levels = fopen(path, "w");
    assert_true(code && header && levels);
    bc_source_code(source, "n.h", code);
    bc_source_header(source, header);
    fputs("#include \"n.c\"\n", levels); /* the formulas are static */
    for (uint32_t f = 0; f < t->program->formula_count; f++)
        fprintf(levels,
                "float try_%s(float x, float alpha);\nfloat try_%s(float x, float "
                "alpha)\n{\n"
                "    return level_of_%s(x, alpha);\n}\n",
                t->program->formulas[f].name, t->program->formulas[f].name, t->program->formulas[f].name);
    assert_int_equal(fclose(code) + fclose(header) + fclose(levels), 0);
    bc_source_free(source);
}

/* NULL: the compiler is not installed. */
static void *compile(const char *compiler, const char *folder)
{
    char command[256], path[128];
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", compiler);
    if (system(command) != 0)
        return NULL;
    snprintf(command, sizeof command,
             "%s -std=c99 -O1 -Wall -Wextra -Werror -shared -fPIC -o %s/%s.so "
             "%s/levels.c",
             compiler, folder, compiler, folder);
    if (system(command) != 0)
        fail_msg("%s", command);
    snprintf(path, sizeof path, "%s/%s.so", folder, compiler);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fail_msg("%s", dlerror());
    return library;
}

static void check_level(const bl_formula *formula, float (*level)(float, float), float x)
{
    double slope;
    for (int i = 0; i < 3; i++) {
        float alpha = 0.4f * (float)i, got = level(x, alpha);
        double wanted = bl_formula_level(formula, (double)x, (double)alpha, &slope);
        if (!(fabs((double)got - wanted) <= 2e-5))
            fail_msg("%s(%.9g, %.9g) is %.9g, not %.9g", formula->name, (double)x, (double)alpha, (double)got, wanted);
    }
}

static void levels_are_those_of_the_language(void **state)
{
    static const char *const compilers[] = {"gcc", "clang"};
    char folder[] = "/tmp/bouton-formulas-XXXXXX", command[64], name[80];
    text_network t;
    int tried = 0;
    (void)state;
    assert_non_null(mkdtemp(folder));
    text_network_compile(&t, text, NULL);
    write_source(&t, folder);
    assert_int_equal(t.program->formula_count, FORMULAS);
    alarm(SECONDS); /* a root must end */
    for (size_t c = 0; c < sizeof compilers / sizeof *compilers; c++) {
        void *library = compile(compilers[c], folder);
        for (uint32_t f = 0; library && f < FORMULAS; f++) {
            const bl_formula *formula = &t.program->formulas[f];
            snprintf(name, sizeof name, "try_%s", formula->name);
            float (*level)(float, float) = (float (*)(float, float))(uintptr_t)dlsym(library, name);
            assert_non_null(level);
            for (int i = -800; i <= 800; i++) {
                check_level(formula, level, (float)i / 8);
                check_level(formula, level, (float)copysign(0.6 * (pow(1.03, abs(i)) - 1), i)); /* up to 1e10 */
            }
        }
        tried += library != NULL;
        if (library)
            dlclose(library);
    }
    alarm(0);
    text_network_end(&t);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
    if (tried == 0) {
        print_message("SKIP  neither gcc nor clang\n");
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(levels_are_those_of_the_language)};
    return cmocka_run_group_tests_name("compiler/source_formulas", tests, NULL, NULL);
}
