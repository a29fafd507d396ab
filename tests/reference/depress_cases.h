/* Small cases of eq. 19, computed by hand. Suites compare both the reference and the compiled kernel with them.
 * Drives are listed place by place, channels last; `answer` is o/s. All numbers are exact in binary. */
#ifndef DEPRESS_CASES_H
#define DEPRESS_CASES_H

#include "depress_reference.h"

enum { CASE_MOST = 27 };

typedef struct depress_case {
    const char *what;
    ref_shape shape;
    ref_fire fire;
    uint32_t clause_count;
    ref_clause clauses[2];
    double x[CASE_MOST], answer[CASE_MOST];
} depress_case;

#define ALL_FILTERS(gap_, keep_)                                                                                       \
    {                                                                                                                  \
        .gap = gap_, .keep = keep_                                                                                     \
    }
#define RING(r, gap_, keep_)                                                                                           \
    {                                                                                                                  \
        .within = r, .gap = gap_, .keep = keep_                                                                        \
    }
#define PLACES(h, w, gap_, keep_)                                                                                      \
    {                                                                                                                  \
        .over_places = true, .height = h, .width = w, .gap = gap_, .keep = keep_                                       \
    }
#define ONE(...)                                                                                                       \
    1,                                                                                                                 \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define BOTH(...)                                                                                                      \
    2,                                                                                                                 \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

/* clang-format off */
static const depress_case depress_cases[] = {
    {"the largest of all filters", {1, 1, 5}, REF_BINARY, ONE(ALL_FILTERS(0, 1)),
     {.25, .5, .75, .5, .125}, {0, 0, 1, 0, 0}},
    {"a tie of all goes to the lowest", {1, 1, 4}, REF_BINARY, ONE(ALL_FILTERS(0, 1)),
     {.5, .75, .25, .75}, {0, 1, 0, 0}},
    {"a lead just as large as the gap is enough", {1, 1, 3}, REF_BINARY, ONE(ALL_FILTERS(.25, 1)),
     {.75, .5, .125}, {1, 0, 0}},
    {"a lead below the gap: no winner", {1, 1, 3}, REF_BINARY, ONE(ALL_FILTERS(.25, 1)),
     {.75, .625, .125}, {0, 0, 0}},
    {"a tie with a gap: no winner", {1, 1, 3}, REF_BINARY, ONE(ALL_FILTERS(.125, 1)),
     {.75, .75, .125}, {0, 0, 0}},
    {"keep 2 of 5", {1, 1, 5}, REF_BINARY, ONE(ALL_FILTERS(0, 2)),
     {.25, .5, .75, .375, .125}, {0, 1, 1, 0, 0}},
    {"keep 2, three tie: the two lowest", {1, 1, 5}, REF_BINARY, ONE(ALL_FILTERS(0, 2)),
     {.25, .5, .125, .5, .5}, {0, 1, 0, 1, 0}},
    {"keep 2 with a gap over the third: only one leads it", {1, 1, 4}, REF_BINARY, ONE(ALL_FILTERS(.25, 2)),
     {.75, .5, .375, .125}, {1, 0, 0, 0}},
    {"graded over all: by the lead over the first that goes", {1, 1, 4}, REF_GRADED, ONE(ALL_FILTERS(0, 2)),
     {.75, .5, .25, .125}, {1, .5, 0, 0}},
    {"graded, one winner: the whole range", {1, 1, 3}, REF_GRADED, ONE(ALL_FILTERS(0, 1)),
     {.25, .75, .5}, {0, 1, 0}},
    {"graded, a tie without room: the whole range", {1, 1, 3}, REF_GRADED, ONE(ALL_FILTERS(0, 1)),
     {.75, .75, .5}, {1, 0, 0}},
    {"the largest is below the threshold: silent", {1, 1, 3}, REF_BINARY, ONE(ALL_FILTERS(0, 1)),
     {-.25, -.5, 0}, {0, 0, 0}},
    {"a ring has several winners", {1, 1, 8}, REF_BINARY, ONE(RING(1, 0, 1)),
     {.5, .25, .75, .5, .25, .375, .25, .125}, {1, 0, 1, 0, 0, 1, 0, 0}},
    {"the ring goes on past its seam", {1, 1, 6}, REF_BINARY, ONE(RING(2, 0, 1)),
     {.5, .25, .125, .25, .125, .75}, {0, 0, 0, 0, 0, 1}},
    {"a tie across the seam goes to the lowest", {1, 1, 5}, REF_BINARY, ONE(RING(1, 0, 1)),
     {.75, .25, .5, .25, .75}, {1, 0, 1, 0, 0}},
    {"a tie two across the seam", {1, 1, 7}, REF_BINARY, ONE(RING(2, 0, 1)),
     {.25, .75, .25, .125, .125, .25, .75}, {0, 1, 0, 0, 0, 0, 0}},
    {"all of a ring tie", {1, 1, 5}, REF_BINARY, ONE(RING(1, 0, 1)),
     {.5, .5, .5, .5, .5}, {1, 0, 0, 0, 0}},
    {"a ring, keep 2 across the seam", {1, 1, 6}, REF_BINARY, ONE(RING(2, 0, 2)),
     {.75, .125, .125, .125, .5, .75}, {1, 0, 0, 0, 0, 1}},
    {"a ring with a gap", {1, 1, 6}, REF_BINARY, ONE(RING(1, .25, 1)),
     {.75, .625, .25, .5, .25, .125}, {0, 0, 0, 1, 0, 0}},
    {"a ring graded", {1, 1, 5}, REF_GRADED, ONE(RING(2, 0, 2)),
     {.75, .125, .5, .25, .125}, {1, 0, .5, 0, 0}},
    {"places: the window is cut at the corner", {3, 3, 1}, REF_BINARY, ONE(PLACES(3, 3, 0, 1)),
     {.75, .25, .5, .25, .125, .25, .5, .25, .75}, {1, 0, 1, 0, 0, 0, 1, 0, 1}},
    {"places: a tie goes to the first place", {3, 3, 1}, REF_BINARY, ONE(PLACES(3, 3, 0, 1)),
     {.5, .5, .5, .5, .5, .5, .5, .5, .5}, {1, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"places: keep 4, and a corner has only three others", {3, 3, 1}, REF_BINARY, ONE(PLACES(3, 3, 0, 4)),
     {.25, .5, .25, .5, .125, .5, .25, .5, .125}, {1, 1, 1, 1, 0, 1, 1, 1, 1}},
    {"places: filters do not meet", {1, 3, 2}, REF_BINARY, ONE(PLACES(1, 3, 0, 1)),
     {.25, .75, .5, .5, .75, .25}, {0, 1, 0, 0, 1, 0}},
    {"places: a wide window", {1, 5, 1}, REF_BINARY, ONE(PLACES(1, 5, .125, 1)),
     {.5, .25, .75, .5, .625}, {0, 0, 1, 0, 0}},
    {"places with a gap: no winner in sight", {1, 3, 1}, REF_BINARY, ONE(PLACES(1, 3, .25, 1)),
     {.5, .625, .5}, {0, 0, 0}},
    {"places graded: a border has fewer rivals than stay", {1, 3, 1}, REF_GRADED, ONE(PLACES(1, 3, 0, 2)),
     {.5, .25, .75}, {1, 0, 1}},
    {"both must hold, the first gives the value", {1, 3, 3}, REF_GRADED, BOTH(ALL_FILTERS(0, 2), PLACES(1, 3, 0, 1)),
     {.75, .5, .25, .5, .25, .125, .125, .125, .125}, {1, .5, 0, 0, 0, 0, 0, 0, 0}},
    {"both must hold, a place loses", {1, 3, 2}, REF_BINARY, BOTH(ALL_FILTERS(0, 1), PLACES(1, 3, 0, 1)),
     {.5, .25, .75, .5, .125, .25}, {0, 0, 1, 0, 0, 0}},
};
/* clang-format on */

enum { CASE_COUNT = sizeof depress_cases / sizeof *depress_cases };

#endif
