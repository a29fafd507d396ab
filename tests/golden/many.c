/* Writes transcripts of many command lines from one process:   golden_many FOLDER CASE...
 *
 * many.sh copies the cases into one folder bad/, so a case has no second folder in its name here. A case bad/NAME.btn
 * stands for `bouton check bad/NAME.btn`. Each line of a case bad/NAME.lines is one command line. sh runs a line that
 * begins with `!`, which prepares the next ones; `#` begins a comment. The transcript has the format of case.sh and is
 * written to FOLDER/NAME.out. Each command line runs in a forked child, which starts faster than a new process. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define main bouton_main
#include "main.c"
#undef main

enum { WORDS_MOST = 64, SECONDS_MOST = 120 /* limit for a child that hangs */ };

/* Splits a line into words at spaces, except within single or double quotes. Covers as much of sh as the cases need. */
static int split_words(char *line, char **words)
{
    int count = 0;
    char *to = line;
    for (char *at = line; *at != '\0';) {
        for (; *at == ' '; at++)
            ;
        if (*at == '\0' || count == WORDS_MOST - 1)
            break;
        words[count++] = to;
        for (char quote = 0; *at != '\0' && (quote != 0 || *at != ' '); at++) {
            bool ends = quote != 0 && *at == quote, begins = quote == 0 && (*at == '\'' || *at == '"');
            if (begins || ends)
                quote = begins ? *at : 0;
            else
                *to++ = *at;
        }
        at += *at != '\0';
        *to++ = '\0';
    }
    words[count] = NULL;
    return count;
}

/* In the child: redirects the standard streams and calls bouton's main. */
static void run_child(const char *line, const char *out, const char *err)
{
    char *words[WORDS_MOST], *copy = strdup(line);
    int count = split_words(copy, words);
    const char *paths[] = {"/dev/null", out, err};
    for (int i = 0; i < 3; i++) {
        int file = open(paths[i], i == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC, 0666);
        if (file < 0 || dup2(file, i) < 0)
            _exit(99);
        close(file);
    }
    alarm(SECONDS_MOST);
    int status = bouton_main(count, words);
    free(copy);
    fflush(stdout);
    fflush(stderr);
    _exit(status); /* exit would move the file position at which the parent reads its lines */
}

static void copy_stream(const char *name, const char *path, FILE *to)
{
    char block[4096];
    FILE *from = fopen(path, "rb");
    bool first = true;
    for (size_t got; from != NULL && (got = fread(block, 1, sizeof block, from)) > 0; first = false) {
        if (first)
            fprintf(to, "--- %s\n", name);
        fwrite(block, 1, got, to);
    }
    if (from != NULL)
        fclose(from);
}

static int transcribe(const char *line, const char *folder, FILE *to)
{
    char out[4096], err[4096];
    int status = 0;
    snprintf(out, sizeof out, "%s/.stdout", folder);
    snprintf(err, sizeof err, "%s/.stderr", folder);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        run_child(line, out, err);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    fprintf(to, "$ %s\n", line);
    copy_stream("stdout", out, to);
    copy_stream("stderr", err, to);
    if (WIFEXITED(status))
        fprintf(to, "--- exit %d\n", WEXITSTATUS(status));
    else
        fprintf(to, "--- signal %d\n", WTERMSIG(status));
    return 0;
}

static int transcribe_lines(const char *path, const char *folder, FILE *to)
{
    char line[4096];
    int failed = 0, status;
    FILE *from = fopen(path, "rbe");
    if (from == NULL)
        return 1;
    while (fgets(line, sizeof line, from) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '!' && (status = system(line + 1)) != 0) {
            fprintf(stderr, "%s: status %d:%s\n", path, status, line + 1);
            failed = 1;
        } else if (line[0] != '!' && line[0] != '#' && line[0] != '\0') {
            failed |= transcribe(line, folder, to);
        }
    }
    fclose(from);
    return failed;
}

static int run_case(const char *path, const char *folder)
{
    char out[4096], line[4096];
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1, *ending = strrchr(name, '.');
    snprintf(out, sizeof out, "%s/%.*s.out", folder, (int)(ending - name), name);
    FILE *to = fopen(out, "wb");
    if (to == NULL)
        return 1;
    snprintf(line, sizeof line, "bouton check %s", path);
    int failed = strcmp(ending, ".lines") == 0 ? transcribe_lines(path, folder, to) : transcribe(line, folder, to);
    return fclose(to) != 0 || failed;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;
    for (int i = 2; i < argc; i++)
        if (run_case(argv[i], argv[1]) != 0) {
            fprintf(stderr, "%s: no transcript could be made\n", argv[i]);
            failed = 1;
        }
    return failed;
}
