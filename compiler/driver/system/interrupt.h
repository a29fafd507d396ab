/* Ctrl-C: the first one requests a clean stop, the second one ends the program at once. */
#ifndef BOUTON_DRIVER_INTERRUPT_H
#define BOUTON_DRIVER_INTERRUPT_H

/* From now on, SIGINT and SIGTERM are recorded once each instead of ending the program. One that is ignored, as SIGINT
 * is in background jobs of sh, stays ignored. */
void interrupt_watch(void);

/* From now on, they end the program again; one that has been recorded does so at once. */
void interrupt_leave(void);

/* The recorded signal, or 0. */
int interrupt_signal(void);

#endif
