/* The text of lateral depression, equation (19): few of the rivals fire. Rivals are compared one by one, and a neuron
 * is done as soon as enough of them lead it. */
#include "artefact/csource/texts.h"

static const char clause_begin[] =
    "\n/* Rivals of a neuron, and how many of a neighbourhood may fire: all other filters of its place; those `within` "
    "to\n"
    " * either side on a ring; or the same filter in a window of height x width places. */\n"
    "typedef struct clause {\n"
    "    size_t keep, rivals;\n";

static const char map_type[] = "typedef struct shape {\n"
                               "    size_t height, width, channels;\n"
                               "} shape;\n"
                               "#define NO_RIVAL ((size_t)-1)\n";

static const char rival_head[] =
    "\n/* Where rival number i of the neuron at (y, x, k) lies. */\n"
    "static size_t rival(const clause *c, const shape *m, size_t y, size_t x, size_t k, size_t i)\n"
    "{\n";

static const char rival_places[] =
    "    if (c->height > 0) {\n"
    "        const size_t row = y + i / c->width, column = x + i % c->width;\n"
    "        const size_t up = c->height / 2, left = c->width / 2;\n"
    "        const int outside = row < up || row - up >= m->height || column < left || column - left >= m->width;\n"
    "        if (outside || (row - up == y && column - left == x))\n"
    "            return NO_RIVAL;\n"
    "        return ((row - up) * m->width + (column - left)) * m->channels + k;\n"
    "    }\n";

static const char rival_ring[] =
    "    if (c->within > 0) {\n"
    "        const size_t ahead = i < c->within ? i + 1 : m->channels - (i - c->within + 1);\n"
    "        return (y * m->width + x) * m->channels + (k + ahead) % m->channels;\n"
    "    }\n";

static const char rival_filters[] = "    return i == k ? NO_RIVAL : (y * m->width + x) * m->channels + i;\n";

static const char rival_none[] = "    return NO_RIVAL;\n";

static const char compared[] = "\n/* What rivals compare: the drive, less the handicap of a filter that competed. */\n"
                               "static drive compared(const clause *c, const shape *m, const drive *x, size_t at)\n"
                               "{\n"
                               "    return c->handicaps != NULL ? x[at] - c->handicaps[at % m->channels] : x[at];\n"
                               "}\n";

static const char standing[] =
    "\n/* What is graded: how far the drive leads the best rival that does not fire, of how far the best one does. */\n"
    "static float grade(const clause *c, const shape *m, const drive *x, size_t y, size_t column, size_t k)\n"
    "{\n"
    "    const size_t self = (y * m->width + column) * m->channels + k;\n"
    "    float largest = COMPARED(self), next = 3.0e38f;\n"
    "    for (size_t found = 0; found < c->keep;) { /* the keep-th largest of the rivals */\n"
    "        float below = LEAST_DRIVE;\n"
    "        size_t equal = 0;\n"
    "        for (size_t i = 0; i < c->rivals; i++) {\n"
    "            const size_t other = rival(c, m, y, column, k, i);\n"
    "            const float its = other == NO_RIVAL ? LEAST_DRIVE : COMPARED(other);\n"
    "            if (other == NO_RIVAL || its >= next)\n"
    "                continue;\n"
    "            equal = its > below ? 1 : equal + (size_t)(its == below);\n"
    "            below = its > below ? its : below;\n"
    "        }\n"
    "        if (equal == 0)\n"
    "            return 1.0f; /* fewer rivals than may fire */\n"
    "        largest = below > largest ? below : largest;\n"
    "        next = below;\n"
    "        found += equal;\n"
    "    }\n"
    "    return largest > next ? (COMPARED(self) - next) / (largest - next) : 1.0f;\n"
    "}\n";

static void put_clause(const bc_needs *n, FILE *to)
{
    fputs(clause_begin, to);
    if (n->clauses_of_rings)
        fputs("    size_t within;\n", to);
    if (n->clauses_of_places)
        fputs("    size_t height, width;\n", to);
    if (n->gap)
        fputs("    float gap;\n", to);
    if (n->conscience)
        fputs("    const IN_FLASH float *handicaps; /* NULL: none */\n", to);
    fputs("} clause;\n", to);
    fputs(map_type, to);
    fputs(rival_head, to);
    if (!n->clauses_of_places && !n->clauses_of_rings)
        fputs("    (void)c;\n", to);
    if (n->clauses_of_places)
        fputs(rival_places, to);
    if (n->clauses_of_rings)
        fputs(rival_ring, to);
    fputs(n->clauses_of_filters ? rival_filters : rival_none, to);
    fputs("}\n", to);
    if (n->conscience)
        fputs(compared, to);
    fprintf(to, "#define COMPARED(at) %s\n", n->conscience ? "compared(c, m, x, at)" : "x[at]");
}

static void put_leads(const bc_needs *n, FILE *to)
{
    fputs("\n/* Whether fewer than `keep` rivals lead the neuron. Of equal drives the earlier one leads", to);
    fputs(n->gap ? "; with a gap, all lead that\n * the neuron does not lead by it. */\n" : ". */\n", to);
    fputs("static int stays(const clause *c, const shape *m, const drive *x, size_t y, size_t column, size_t k)\n{\n"
          "    const size_t self = (y * m->width + column) * m->channels + k;\n"
          "    const drive own = COMPARED(self);\n"
          "    size_t leaders = 0;\n"
          "    for (size_t i = 0; i < c->rivals && leaders < c->keep; i++) {\n"
          "        const size_t other = rival(c, m, y, column, k, i);\n"
          "        if (other == NO_RIVAL)\n"
          "            continue;\n"
          "        const drive its = COMPARED(other);\n",
          to);
    if (n->gap)
        fputs("        if (c->gap > 0.0f ? own - its < c->gap : its > own || (its == own && other < self))\n", to);
    else
        fputs("        if (its > own || (its == own && other < self))\n", to);
    fputs("            leaders++;\n    }\n    return leaders < c->keep;\n}\n", to);
}

void bc_put_depression(const bc_needs *n, FILE *to)
{
    if (!n->depress)
        return;
    put_clause(n, to);
    put_leads(n, to);
    if (n->graded)
        fputs(standing, to);
    fprintf(to,
            "\n/* Of the neurons that fire, only those stay active that a clause lets.%s                 (19) */\n"
            "static void depress(const clause *c, const shape *m, const drive *x, %s%sactivation *out)\n{\n"
            "    for (size_t y = 0; y < m->height; y++)\n"
            "        for (size_t column = 0; column < m->width; column++)\n"
            "            for (size_t k = 0; k < m->channels; k++) {\n"
            "                activation *o = out + (y * m->width + column) * m->channels + k;\n"
            "                if (*o > 0 && !stays(c, m, x, y, column, k))\n"
            "                    *o = 0;\n",
            n->binary || n->graded ? "  Binary neurons fire at `full`, graded\n * ones at a share of it." : "",
            n->binary || n->graded ? "activation full, " : "", n->graded ? "int graded, " : "");
    if (n->graded)
        fputs("                else if (*o > 0 && full > 0)\n"
              "                    *o = graded ? full * grade(c, m, x, y, column, k) : full;\n",
              to);
    else if (n->binary)
        fputs("                else if (*o > 0 && full > 0)\n                    *o = full;\n", to);
    fputs("            }\n}\n#undef COMPARED\n", to);
}
