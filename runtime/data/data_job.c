/* Loads data on a thread of its own, while the caller compiles. */
#include "base/background.h"
#include "base/memory.h"

struct br_data_job {
    br_background beside;
    const br_data_spec *spec;
    uint64_t seed;
    br_data *data;
    int status;
    br_error error;
};

static void load(void *user)
{
    br_data_job *job = user;
    job->status = br_data_load(job->spec, job->seed, &job->data, &job->error);
}

int br_data_begin(const br_data_spec *spec, uint64_t seed, br_data_job **out, br_error *error)
{
    br_data_job *job = *out = br_new(1, sizeof *job, error);
    if (job == NULL)
        return -1;
    job->spec = spec;
    job->seed = seed;
    br_background_begin(&job->beside, load, job);
    return 0;
}

int br_data_await(br_data_job *job, br_data **out, br_error *error)
{
    br_background_end(&job->beside);
    int status = job->status;
    *out = job->data;
    *error = job->error;
    br_release(job);
    return status;
}
