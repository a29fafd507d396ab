#include "manual/pager.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* sh reports a program that it does not find at once, so the fallbacks are part of its command. -F leaves at once where
 * the text fits the screen, -R shows colours, -X keeps the text on the screen. */
#define FALLBACK                                                                                                       \
    "{ command -v less >/dev/null && exec less -FRX; } || { command -v more >/dev/null && exec more; } || exec cat"

FILE *pager_open(void)
{
    const char *pager = getenv("PAGER");
    return popen(pager != NULL && *pager != '\0' ? pager : FALLBACK, "w");
}

void pager_close(FILE *stream)
{
    pclose(stream);
}

unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < 40 ? 40 : size.ws_col > 100 ? 100 : size.ws_col;
}
