#include "manual/manual.h"

#include <string.h>

static const char *description_of(verb_id verb)
{
    switch (verb) {
#define DESCRIPTION(name, text)                                                                                        \
    case VERB_##name:                                                                                                  \
        return text;
#include "manual/descriptions.def"
#undef DESCRIPTION
    default:
        return NULL;
    }
}

/* ---- options ---- */

static void write_option(page *p, const option_row *row)
{
    char head[128], letter[8] = "";
    const char *argument = row->argument == NULL ? "" : row->argument + (*row->argument == '|');
    if (row->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    snprintf(head, sizeof head, "%s--%s%s%s", letter, row->name, *argument != '\0' && *argument != '[' ? " " : "",
             argument);
    page_item(p, head, row->help);
}

static void write_options(page *p, uint32_t verbs, bool general)
{
    for (int id = 0; id < OPTION_COUNT; id++)
        if ((option_rows[id].verbs & verbs) != 0 && (option_rows[id].verbs == ON_ALL) == general)
            write_option(p, &option_rows[id]);
}

static void write_statuses(page *p)
{
    page_section(p, "EXIT STATUS");
#define X(status, meaning) page_item(p, #status, meaning);
    STATUSES(X)
#undef X
    page_item(p, "130, 143", "stopped by a signal (Ctrl-C, kill)");
}

static void write_environment(page *p)
{
    page_section(p, "ENVIRONMENT");
    page_item(p, "BOUTON_DATA",
              "the folder where data files are looked for that are neither in --data nor beside the text");
    page_item(p, "NO_COLOR", "if it is set, messages have no colour");
    page_item(p, "CC", "the compiler that links what bouton build makes");
    page_item(p, "PAGER", "the program in which bouton help shows a page on a terminal; default: less, then more");
}

/* ---- pages ---- */

static const char starts[] = "network digits {\n  input image(28x28);\n  layer hidden = dense(200);\n"
                             "  layer class  = dense(10);\n}\n\n"
                             "data drawn { synthetic digits(train 10_000, test 2_000); }\n";

void manual_program(page *p)
{
    page_start(p, "bouton", 1, "compile, train and use networks whose connections have bounds");
    page_section(p, "SYNOPSIS");
    page_example(p, "bouton VERB [OPTION...]");
    page_section(p, "DESCRIPTION");
    page_paragraph(p,
                   "A connection of these networks excites or inhibits, and has one number, its bound. A network is a "
                   "short text, which bouton checks, compiles for this processor and trains. bouton(5) describes the "
                   "language of these texts.\n"
                   "FILE is a network's text or a trained model, MODEL is a trained model, and - is standard input "
                   "or standard output. Options may stand before or after operands. Results go to standard output, "
                   "progress and messages to standard error.");
    page_section(p, "VERBS");
    for (int verb = 0; verb < VERB_COUNT; verb++) {
        char head[96];
        snprintf(head, sizeof head, "%s%s%s", verb_rows[verb].name, *verb_rows[verb].operands != '\0' ? " " : "",
                 verb_rows[verb].operands);
        page_item(p, head, verb_rows[verb].summary);
    }
    page_section(p, "OPTIONS");
    write_options(p, ON_ALL, true);
    write_option(p, &option_rows[OPTION_version_verbose]);
    write_statuses(p);
    write_environment(p);
    page_section(p, "EXAMPLES");
    page_paragraph(p, "The shortest text that trains:");
    page_example(p, starts);
    page_example(p, "bouton check digits.btn\nbouton train digits.btn\nbouton eval digits.safetensors\n");
    page_section(p, "SEE ALSO");
    page_paragraph(p, "bouton(5), and bouton-VERB(1) for each verb, such as bouton-train(1)");
}

void manual_verb(page *p, verb_id verb)
{
    const verb_row *row = &verb_rows[verb];
    const char *description = description_of(verb);
    char name[32], synopsis[128], sentence[256];
    snprintf(name, sizeof name, "bouton-%s", row->name);
    snprintf(synopsis, sizeof synopsis, "bouton %s%s%s [OPTION...]", row->name, *row->operands != '\0' ? " " : "",
             row->operands);
    page_start(p, name, 1, row->summary);
    page_section(p, "SYNOPSIS");
    page_example(p, synopsis);
    page_section(p, "DESCRIPTION");
    snprintf(sentence, sizeof sentence, "%s.", row->summary);
    sentence[0] = sentence[0] >= 'a' && sentence[0] <= 'z' ? (char)(sentence[0] - 'a' + 'A') : sentence[0];
    page_paragraph(p, description != NULL ? description : sentence);
    page_section(p, "OPTIONS");
    write_options(p, 1u << verb, false);
    write_options(p, 1u << verb, true);
    if (verb == VERB_dump) {
        page_section(p, "STAGES");
#define X(stage, file, summary) page_item(p, #stage, summary);
        STAGES(X)
#undef X
    }
    if (verb == VERB_build) {
        page_section(p, "WHAT IT MAKES");
#define X(artefact, suffix, summary) page_item(p, #artefact, summary);
        ARTEFACTS(X)
#undef X
    }
    write_statuses(p);
    page_section(p, "EXAMPLES");
    page_example(p, row->example);
    page_section(p, "SEE ALSO");
    page_paragraph(p, "bouton(1), bouton(5)");
}
