/* The style sheet of a report. Colours of lines and signs are those of Okabe and Ito or near them, which people with any
 * kind of colour blindness can tell apart; a word, a dash or a shape always says the same. */
#ifndef BOUTON_DRIVER_STYLE_H
#define BOUTON_DRIVER_STYLE_H

extern const char report_style[];

#endif
