/* bouton(5): the language, from its tables of statements, numbers, words and terms. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "bouton/language.h"
#include "bouton/terms.h"
#include "manual/manual.h"

/* What stands for a hole of a pattern. `lead` is the character before it, `last` whether it ends the pattern. */
static const char *hole_words(char hole, char lead, bool last)
{
    switch (hole) {
    case 'n':
        return "NAME";
    case 'q':
        return "\"FILE\"";
    case ';':
        return ";";
    case 'p':
        return "(...)";
    case '*':
        return last ? " { ... }" : lead == ' ' || lead == '(' ? "..." : " ...";
    case '0':
        return lead == 'n' ? "(x, alpha)" : "...";
    default:
        return "...";
    }
}

/* A pattern of the tables as a person writes it: "hold out ... of train as validation;". */
static void write_pattern(const char *pattern, char *out, size_t size)
{
    size_t length = 0;
    *out = '\0';
    for (char lead = ' '; *pattern != '\0' && length + 16 < size; lead = *pattern++) {
        if (*pattern == '%')
            pattern++, length += (size_t)snprintf(out + length, size - length, "%s",
                                                  hole_words(*pattern, lead, pattern[1] == '\0'));
        else
            out[length++] = *pattern, out[length] = '\0';
    }
}

static void write_statements(page *p)
{
    bl_statement_facts facts;
    char head[128];
    for (size_t i = 0; bl_statement_at(i, &facts); i++) {
        write_pattern(facts.pattern, head, sizeof head);
        page_item(p, head, *facts.once != '\0' ? "at most once in its block" : "");
    }
}

static void write_numbers(page *p)
{
    bl_quantity_row facts;
    for (size_t i = 0; bl_quantity_at(i, &facts); i++) {
        char text[192];
        const char *kind = facts.whole ? "a whole number" : facts.share ? "a share, such as 20%" : "a number";
        int length = facts.least == facts.most
                         ? snprintf(text, sizeof text, "always %g", facts.least)
                         : snprintf(text, sizeof text, "%s %s %.10g %s %.10g", kind, facts.has_least ? "from" : "above",
                                    facts.least, facts.has_most ? "to" : "to below", facts.most);
        if (!isnan(facts.standard) && facts.least != facts.most)
            snprintf(text + length, sizeof text - (size_t)length, "; default %.10g", facts.standard);
        page_item(p, facts.what, text);
    }
}

static void write_words(page *p)
{
    char list[8192];
    size_t length = 0;
    const char *word;
    for (size_t i = 0; (word = bl_word_at(i)) != NULL && length + strlen(word) + 3 < sizeof list; i++)
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%s", i > 0 ? " " : "", word);
    for (char *at = list; *at != '\0';) { /* paragraphs hold 2,000 bytes at most */
        char part[1024];
        size_t size = strlen(at) < sizeof part ? strlen(at) : sizeof part - 1;
        while (at[size] != '\0' && at[size] != ' ')
            size--;
        snprintf(part, sizeof part, "%.*s", (int)size, at);
        page_paragraph(p, part);
        at += size + (at[size] == ' ');
    }
}

/* One list of terms: what it is called in `terms.def`, and its words. */
static void write_terms(page *p)
{
    char words[512];
    size_t length;
#define TERMS(type, count)                                                                                             \
    length = 0;                                                                                                        \
    words[0] = '\0';
#define TERM(value, word)                                                                                              \
    length += (size_t)snprintf(words + length, sizeof words - length, "%s%s", length > 0 ? ", " : "", word);
#define TERMS_END(type, count) page_item(p, &#type[3], words);
#include "bouton/terms.def"
#undef TERMS
#undef TERM
#undef TERMS_END
}

static void write_functions(page *p)
{
#define OPERATION(id, spelling, operands, usage)                                                                       \
    if (*usage != '\0')                                                                                                \
        page_item(p, usage, "");
#include "bouton/operation.def"
#undef OPERATION
}

void manual_language(page *p)
{
    page_start(p, "bouton", 5, "the language of network texts");
    page_section(p, "DESCRIPTION");
    page_paragraph(p,
                   "A .btn file holds everything a run needs: the network, its data, how it is trained, and the "
                   "accuracy it must reach. Everything left out has a default, and bouton dump FILE prints the same "
                   "network with every default written out. No unknown word is ever skipped: each mistake is an "
                   "error with its place, the rule and a fix.\n"
                   "A statement ends in a semicolon or in a block { ... }. Comments are // to the end of the line and "
                   "/* between */. Numbers are written 200, 60_000, 0.5, 1e-3 or 5%; sizes 28x28 or 32x32x3. An "
                   "expression of + - * / and names given by `let` may stand wherever a number may. Strings are "
                   "file names in double quotes.");
    page_section(p, "STATEMENTS");
    page_paragraph(p, "Dots stand for numbers, names, ranges or clauses.");
    write_statements(p);
    page_section(p, "NUMBERS");
    page_paragraph(p,
                   "Where a number is listed several times, its default depends on the rule or the setting beside it.");
    write_numbers(p);
    page_section(p, "WORDS OF SETTINGS");
    write_terms(p);
    page_section(p, "FUNCTIONS OF NEURON FORMULAS");
    write_functions(p);
    page_section(p, "ALL WORDS");
    write_words(p);
    page_section(p, "EXAMPLES");
    page_example(p, "let width = 100;\n\nnetwork digits {\n  input image(28x28);\n  layer hidden = dense(width);\n"
                    "  layer class  = dense(10);\n}\n\ndata drawn {\n  synthetic digits(train 10_000, test 2_000);\n"
                    "  hold out 10% of train as validation;\n}\n\nschedule {\n"
                    "  phase learn { correct hidden, class;  epochs 10;  keep best on validation; }\n}\n\n"
                    "expect accuracy >= 90% on test;\n");
    page_section(p, "SEE ALSO");
    page_paragraph(p, "bouton(1), bouton-check(1), bouton-explain(1)");
}
