/* bouton explain: explains a diagnostic. */
#include <ctype.h>
#include <string.h>

#include "bouton/lang.h"
#include "options/console.h"
#include "verbs/verbs.h"

enum { WIDTH = 96, CODES_MOST = 1024 };

/* Prints a sentence of the table up to its end or a `|`, with dots in place of the parts that a message fills in. */
static const char *print_sentence(const char *text, FILE *to)
{
    for (; *text != '\0' && *text != '|'; text++) {
        bool hole = text[0] == '{' && isdigit((unsigned char)text[1]) && text[2] == '}';
        if (hole)
            text += 2;
        fputs(hole ? "..." : (char[]){*text, '\0'}, to);
    }
    return text + (*text == '|');
}

/* Prints text in lines of at most WIDTH columns. */
static void print_filled(const char *text, FILE *to)
{
    size_t column = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        bool breaks = column > 0 && column + 1 + length > WIDTH;
        fprintf(to, "%s%.*s", breaks ? "\n" : column > 0 ? " " : "", (int)length, text);
        column = breaks || column == 0 ? length : column + 1 + length;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

static void print_one(const bl_explanation *of)
{
    static const char *const severities[] = {"error", "warning", "note"};
    printf("%s[%s]: ", severities[of->severity], of->code);
    print_sentence(of->message, stdout);
    putchar('\n');
    for (const char *mend = of->mend; *mend != '\0'; putchar('\n')) {
        fputs(mend == of->mend ? "  help: " : "    or: ", stdout);
        mend = print_sentence(mend, stdout);
    }
    putchar('\n');
    print_filled(of->text, stdout);
}

static void list_all(void)
{
    bl_explanation of;
    for (size_t i = 0; bl_explain_at(i, &of); i++) {
        printf("%s  ", of.code);
        print_sentence(of.message, stdout);
        putchar('\n');
    }
}

static int fail_unknown(const command_line *cli, const char *code)
{
    bl_explanation all[CODES_MOST];
    const char *known[CODES_MOST];
    size_t count = 0;
    for (; count < CODES_MOST && bl_explain_at(count, &all[count]); count++)
        known[count] = all[count].code;
    const char *near = bl_nearest(code, known, count);
    if (near != NULL)
        return fail(cli, STATUS_USAGE, "There is no diagnostic %s; did you mean %s? 'bouton explain' lists all", code,
                    near);
    return fail(cli, STATUS_USAGE, "There is no diagnostic '%s'; 'bouton explain' lists all", code);
}

int verb_explain(const command_line *cli)
{
    bl_explanation of;
    if (cli->operand_count == 0)
        list_all();
    for (size_t i = 0; i < cli->operand_count; i++) {
        if (!bl_explain(cli->operands[i], &of))
            return fail_unknown(cli, cli->operands[i]);
        if (i > 0)
            putchar('\n');
        print_one(&of);
    }
    return STATUS_DONE;
}
