/* Says on a terminal what a long step is doing, and for how long: nothing is silent for more than two seconds.
 *
 *     ticker *t = ticker_begin(cli, "scoring the %s samples", "test");
 *     ...                                            // "scoring the test samples  3 s" appears and changes
 *     ticker_share(t, 0.25);                         // "scoring the test samples  25%  3 s  9 s left"
 *     ticker_end(t);                                 // clears the line
 *
 * A thread of its own writes the line, so the step needs to know nothing of it. Nothing else may be printed meanwhile. */
#ifndef BOUTON_DRIVER_TICKER_H
#define BOUTON_DRIVER_TICKER_H

#include "options/cli.h"

typedef struct ticker ticker;

/* NULL if the verb has no terminal (cli_terminal), or if no thread can be made: the step then is silent. */
ticker *ticker_begin(const command_line *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
ticker *ticker_begin_on(FILE *to, const char *what); /* the same on a stream, which may be NULL */
void ticker_share(ticker *t, double share);          /* how much of the step is done, in [0, 1]; NULL is fine */
void ticker_end(ticker *t);                          /* NULL is fine */

#endif
