/* Ctrl-C: the first asks for a clean stop, the second ends the program at once. */
#ifndef BOUTON_DRIVER_INTERRUPT_H
#define BOUTON_DRIVER_INTERRUPT_H

/* From now on SIGINT and SIGTERM are noted instead of obeyed, once each. */
void interrupt_watch(void);

/* The signal that came, or 0. */
int interrupt_signal(void);

#endif
