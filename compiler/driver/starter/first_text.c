#include "starter/first_text.h"

#include <math.h>

void first_quoted(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', to);
        fputs(*text == '\n' ? "\\n" : *text == '\t' ? "\\t" : (char[]){*text, '\0'}, to);
    }
    fputc('"', to);
}

void first_plain(FILE *to, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(br_visible(*text), to);
}

uint32_t first_epochs(uint64_t samples, uint64_t shown, uint32_t most)
{
    uint64_t epochs = shown / (samples > 0 ? samples : 1);
    return epochs < 10 ? 10 : epochs > most ? most : (uint32_t)epochs;
}

/* Fewer samples leave no class a sample of its own in a part. */
static bool splits(const first_facts *facts)
{
    return facts->rarest >= 5;
}

void first_splits(const first_text *text, const first_facts *facts)
{
    if (!splits(facts)) {
        fputs("  // A class has fewer than five samples, so nothing is held out: more data tell how good the network "
              "is.\n",
              text->to);
        return;
    }
    if (!facts->has_test)
        fputs("  hold out 20% of train as test;        // scored once, after training\n", text->to);
    fprintf(text->to, "  hold out %d%% of train as validation;  // chooses the epoch that is kept\n",
            facts->samples < 10000 ? 20 : 10);
}

void first_schedule(const first_text *text, const first_facts *facts)
{
    FILE *to = text->to;
    fprintf(to, "\nschedule {\n  phase learn {\n    %s\n", facts->learn);
    fprintf(to, "    epochs %u;  // how often each sample is shown\n", facts->epochs);
    if (facts->commonest > 3 * facts->rarest)
        fprintf(to, "    weight classes by rarity;  // the rarest class has %llu samples, the most frequent %llu\n",
                (unsigned long long)facts->rarest, (unsigned long long)facts->commonest);
    if (splits(facts))
        fputs("    keep best on validation;\n", to);
    fputs("  }\n}\n", to);
    if (!facts->has_test && !splits(facts))
        return;
    double share = (double)facts->commonest / (double)(facts->samples > 0 ? facts->samples : 1);
    if (facts->commonest_name != NULL) {
        fputs("\n// Whoever always answers ", to);
        first_plain(to, facts->commonest_name);
        fprintf(to, " is right for about %.0f%% of the samples. State what the network must reach:\n", 100 * share);
    } else {
        fputs("\n// State what the network must reach:\n", to);
    }
    fprintf(to, "// expect accuracy >= %.0f%% on test;\n", floor(50 * share + 50));
}
