// Includes all public headers in C++, calls the libraries, and prints the network's name.
#include <bouton/bench.h>
#include <bouton/compiler.h>
#include <bouton/lang.h>
#include <bouton/language.h>
#include <bouton/model.h>
#include <bouton/runtime.h>
#include <bouton/survey.h>

#include <string.h>

int main()
{
    const char *words = "network n { input vector(4) in [0, 0.5]; layer class = dense(2); }\n";
    bc_options options = BC_OPTIONS_DEFAULT;
    bl_context *text = bl_context_new();
    bc_code *code = nullptr;
    br_error error{};
    const bl_program *program = bl_load_text(text, "n.btn", words, strlen(words)) == 0 ? bl_check(text, nullptr) : nullptr;
    options.inference_only = true;
    if (!program || bc_compile(program, &options, &code, &error) != 0)
        return fputs(error.message, stderr), 1;
    puts(bc_code_model(code)->name);
    bc_code_free(code);
    bl_context_free(text);
    return 0;
}
