/* Tells of a network that answers with the same class whatever the sample. */
#ifndef BOUTON_DRIVER_ONE_ANSWER_H
#define BOUTON_DRIVER_ONE_ANSWER_H

#include "bouton/lang.h"
#include "options/console.h"

/* Counts of a split's labels and of the answers to its samples. */
typedef struct answer_counts {
    const char *split; /* its word */
    uint64_t samples;
    uint32_t answered, labelled; /* classes among the answers, and among the labels */
    uint32_t last;               /* the highest class among the answers: the only one if answered is 1 */
    uint64_t of_last;            /* samples with this label */
} answer_counts;

answer_counts one_answer_of_score(const br_score *score, const char *split);

/* If there is one answer although there are several labels, says so and what to do. */
void one_answer_tell(const command_line *cli, message_kind kind, const bl_program *program,
                     const answer_counts *counts);

#endif
