/* A manual page, written once and printed in two ways: as roff for man, or as text for a terminal. */
#ifndef BOUTON_DRIVER_PAGE_H
#define BOUTON_DRIVER_PAGE_H

#include <stdbool.h>
#include <stdio.h>

typedef struct page {
    FILE *to;
    bool roff;      /* otherwise text */
    unsigned width; /* of text, in columns */
    bool started;
} page;

/* The head of a page: "bouton-train", 1, and the line of its section NAME. */
void page_start(page *p, const char *name, int section, const char *summary);

void page_section(page *p, const char *title);

/* `text` is plain; line breaks in it separate paragraphs. */
void page_paragraph(page *p, const char *text);

/* An entry of a list: a head of its own and what it means, indented. */
void page_item(page *p, const char *head, const char *text);

/* Lines that stay as they are. */
void page_example(page *p, const char *text);

#endif
