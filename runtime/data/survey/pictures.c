/* A look at a folder of class folders: how many pictures, and what those that are opened look like. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bouton/data_survey.h"
#include "data/pictures/names.h"
#include "data/pictures/pictures.h"

typedef struct surveyor {
    const char *folder;
    br_surveyed_class *classes;
    br_names *files; /* [class_count] */
    uint32_t heights[BR_SURVEY_PICTURES], widths[BR_SURVEY_PICTURES];
    uint32_t opened;
    br_picture_survey *out;
    br_error *error;
} surveyor;

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static bool is_coloured(const br_array *picture)
{
    for (uint64_t i = 0; picture->shape.channels == 3 && i < br_array_values(picture); i += 3)
        if (picture->bytes[i] != picture->bytes[i + 1] || picture->bytes[i] != picture->bytes[i + 2])
            return true;
    return false;
}

static int open_picture(surveyor *s, const char *path)
{
    br_bytes file;
    br_array picture = {0};
    br_picture_context context = {0};
    if (br_bytes_read(path, BR_PICTURE_BYTES, &file, s->error) != 0)
        return -1;
    int status = br_picture_read(&context, path, &file, &picture, s->error);
    br_bytes_free(&file);
    br_picture_tell(&context);
    if (status == 0) {
        s->heights[s->opened] = picture.shape.height;
        s->widths[s->opened++] = picture.shape.width;
        s->out->colour = s->out->colour || is_coloured(&picture);
    }
    br_array_free(&picture);
    return status;
}

/* Opens pictures of one class, evenly spread over their names. */
static int open_class(surveyor *s, uint32_t label)
{
    const br_names *files = &s->files[label];
    uint64_t share = BR_SURVEY_PICTURES / s->out->class_count,
             step = share > 0 ? (files->count + share - 1) / share : 0;
    char *folder = br_path_join(s->folder, s->classes[label].name, s->error);
    int status = folder != NULL ? 0 : -1;
    for (uint64_t i = 0; status == 0 && step > 0 && i < files->count && s->opened < BR_SURVEY_PICTURES; i += step) {
        char *path = br_path_join(folder, files->list[i], s->error);
        status = path != NULL ? open_picture(s, path) : -1;
        br_release(path);
    }
    br_release(folder);
    return status;
}

static int list_class(surveyor *s, uint32_t label)
{
    br_listing inside = {0};
    char *path = br_path_join(s->folder, s->classes[label].name, s->error);
    int status = path != NULL ? br_listing_read(path, &inside, s->error) : -1;
    if (status == 0 && inside.files.count == 0)
        status = br_fail(s->error, BR_ERROR_IO, "%s: the class folder holds no pictures", path);
    if (status == 0) {
        s->files[label] = inside.files;
        inside.files = (br_names){0};
        s->classes[label].pictures = s->files[label].count;
        s->out->pictures += s->files[label].count;
    }
    br_listing_free(&inside);
    br_release(path);
    return status;
}

static void judge_sizes(surveyor *s)
{
    uint32_t last = s->opened - 1;
    qsort(s->heights, s->opened, sizeof *s->heights, by_size);
    qsort(s->widths, s->opened, sizeof *s->widths, by_size);
    s->out->height = s->heights[last / 2];
    s->out->width = s->widths[last / 2];
    s->out->alike = s->heights[0] == s->heights[last] && s->widths[0] == s->widths[last];
}

static int survey(surveyor *s, br_listing *top)
{
    if (br_listing_read(s->folder, top, s->error) != 0)
        return -1;
    uint64_t count = top->folders.count;
    if (count == 0 || count > BR_SURVEY_PICTURES)
        return br_fail(s->error, BR_ERROR_IO,
                       "%s: holds %llu folders; a folder with one folder for each class is needed, %u at most",
                       s->folder, (unsigned long long)count, BR_SURVEY_PICTURES);
    s->classes = br_new(count, sizeof *s->classes, s->error);
    s->files = s->classes != NULL ? br_new(count, sizeof *s->files, s->error) : NULL;
    if (s->files == NULL)
        return -1;
    s->out->classes = s->classes;
    for (; s->out->class_count < count; s->out->class_count++) {
        s->classes[s->out->class_count].name = top->folders.list[s->out->class_count];
        top->folders.list[s->out->class_count] = NULL;
    }
    for (uint32_t label = 0; label < count; label++)
        if (list_class(s, label) != 0)
            return -1;
    for (uint32_t label = 0; label < count; label++)
        if (open_class(s, label) != 0)
            return -1;
    judge_sizes(s);
    return 0;
}

int br_picture_survey_read(const char *folder, br_picture_survey *out, br_error *error)
{
    *out = (br_picture_survey){0};
    surveyor s = {.folder = folder, .out = out, .error = error};
    br_listing top = {0};
    int status = survey(&s, &top);
    for (uint32_t label = 0; s.files != NULL && label < out->class_count; label++)
        br_names_free(&s.files[label]);
    br_release(s.files);
    br_listing_free(&top);
    if (status != 0)
        br_picture_survey_free(out);
    return status;
}

void br_picture_survey_free(br_picture_survey *survey)
{
    for (uint32_t i = 0; i < survey->class_count; i++)
        br_release((void *)survey->classes[i].name);
    br_release((void *)survey->classes);
    *survey = (br_picture_survey){0};
}
