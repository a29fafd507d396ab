/* The board of this machine: the files of the folder it runs in, and no count of instructions. */
#include "board.h"

#include <stdio.h>

static FILE *files[16];

int32_t board_open(const char *name, int writes)
{
    for (int32_t i = 0; i < 16; i++)
        if (files[i] == NULL)
            return (files[i] = fopen(name, writes ? "wb" : "rb")) != NULL ? i : -1;
    return -1;
}

uint32_t board_read(int32_t file, void *to, uint32_t bytes)
{
    return bytes - (uint32_t)fread(to, 1, bytes, files[file]);
}

uint32_t board_write(int32_t file, const void *from, uint32_t bytes)
{
    return bytes - (uint32_t)fwrite(from, 1, bytes, files[file]);
}

void board_print(const char *text)
{
    fputs(text, stdout);
}

void board_count_begin(void) {}

uint32_t board_count(void)
{
    return 0;
}
