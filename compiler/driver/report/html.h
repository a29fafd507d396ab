/* Text of an HTML page. Every name from a file goes through html_name or html_text, so that it stays text. */
#ifndef BOUTON_DRIVER_HTML_H
#define BOUTON_DRIVER_HTML_H

#include <stdint.h>
#include <stdio.h>

/* Writes text with the characters of markup escaped, as content or as an attribute's value. Control characters, and
 * bytes that are not UTF-8, become a question mark. At most `most` characters, then an ellipsis; 0: all of them. */
void html_text(FILE *to, const char *text, uint32_t most);

/* A name from a file: escaped, cut to 40 characters, and set apart from the direction in which the text around it runs. */
void html_name(FILE *to, const char *name);

/* Numbers that a program can read again: the text for people, and in `value` nine digits, as in the JSON of `eval`. */
void html_share(FILE *to, const char *id, double share);   /* 96.45% */
void html_number(FILE *to, const char *id, double number); /* 0.1068 */
void html_count(FILE *to, const char *id, uint64_t count); /* 1,929 */

/* The head of a page with its style sheet, and its end. `refresh`: seconds after which a browser reads the file again;
 * 0: never. */
void html_begin(FILE *to, const char *title, uint32_t refresh);
void html_end(FILE *to);

/* A section with a heading. `id` is a word. */
void html_section(FILE *to, const char *id, const char *title);
void html_section_end(FILE *to);

#endif
