#include "options/help.h"

#include <string.h>

static void print_options(uint32_t verbs_wanted, bool only_general, FILE *to)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        const option_row *row = &option_rows[id];
        bool of_bouton = row->verbs == ON_NONE && verbs_wanted == ON_ALL;
        bool general = row->verbs == ON_ALL || of_bouton;
        if (((row->verbs & verbs_wanted) == 0 && !of_bouton) || general != only_general)
            continue;
        char head[80];
        const char *argument = row->argument == NULL ? "" : row->argument + (*row->argument == '|');
        char letter[8] = "    ";
        if (row->letter != 0)
            snprintf(letter, sizeof letter, "-%c, ", row->letter);
        snprintf(head, sizeof head, "%s--%s%s%s", letter, row->name, *argument == '\0' || *argument == '[' ? "" : " ",
                 argument);
        if (strlen(head) > 29) /* too wide for its column: the help goes to the next line */
            fprintf(to, "  %s\n  %-29s  %s\n", head, "", row->help);
        else
            fprintf(to, "  %-29s  %s\n", head, row->help);
    }
}

void help_program(FILE *to)
{
    fputs("bouton: networks whose connections have bounds instead of weights\n\nusage: bouton VERB [OPTION...]\n\n",
          to);
    for (int verb = 0; verb < VERB_COUNT; verb++)
        fprintf(to, "  %-11s %-15s %s\n", verb_rows[verb].name, verb_rows[verb].operands, verb_rows[verb].summary);
    fputs("\noptions of every verb\n", to);
    print_options(ON_ALL, true, to);
    fputs("\n'-' as a file name stands for standard input or output.\nExit status:", to);
#define X(status, meaning) fprintf(to, "%s %d %s", (status) > 0 ? "," : "", status, meaning);
    STATUSES(X)
#undef X
    fputs(".\n\nexample: bouton train digits.btn\n", to);
}

static void print_stages(FILE *to)
{
    fputs("\nstages\n", to);
#define X(name, file, summary) fprintf(to, "  %-8s %s\n", #name, summary);
    STAGES(X)
#undef X
}

void help_verb(verb_id verb, FILE *to)
{
    const verb_row *row = &verb_rows[verb];
    fprintf(to, "bouton %s: %s\n\nusage: bouton %s%s%s [OPTION...]\n\n", row->name, row->summary, row->name,
            *row->operands != '\0' ? " " : "", row->operands);
    print_options(1u << verb, false, to);
    print_options(1u << verb, true, to);
    if (verb == VERB_dump)
        print_stages(to);
    fprintf(to, "\nexample: %s\n", row->example);
}
