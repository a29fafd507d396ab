#include "base/background.h"

static void *run(void *argument)
{
    br_background *background = argument;
    background->job(background->user);
    return NULL;
}

void br_background_begin(br_background *background, void (*job)(void *user), void *user)
{
    background->job = job;
    background->user = user;
    background->running = pthread_create(&background->thread, NULL, run, background) == 0;
    if (!background->running)
        job(user);
}

void br_background_end(br_background *background)
{
    if (background->running)
        pthread_join(background->thread, NULL);
    background->running = false;
}
