/* A first text for a folder of pictures, or of IDX files. */
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "bouton/data_survey.h"
#include "options/console.h"
#include "starter/first_text.h"

/* Input sizes above this one learn slowly, and say hardly more about most pictures. */
enum { SIDE_MOST = 32 };

/* The layers for images of this shape, and how they learn. A small grey image needs no convolution for a good start. */
static const char *write_network(const first_text *text, bt_shape shape, uint32_t classes, const char *about)
{
    FILE *to = text->to;
    const char *channels = shape.channels == 3 ? ", rgb" : "";
    bool flat =
        (shape.channels == 1 && bt_places(shape) <= SIDE_MOST * SIDE_MOST) || shape.height < 12 || shape.width < 12;
    fprintf(to, "\nnetwork %s {\n  input image(%" PRIu32 "x%" PRIu32 "%s)%s;  // %s\n", text->network, shape.height,
            shape.width, channels, flat ? "" : " in [0, 0.2]", about);
    if (flat) {
        fprintf(to, "  layer hidden = dense(200);  // more neurons tell finer differences, and learn longer\n");
        fprintf(to, "  layer class = dense(%" PRIu32 ");  // one neuron for each class\n}\n", classes);
        return "correct hidden, class;";
    }
    fputs("  // 32 filters look at 5x5 pixels everywhere; the strongest of 4x4 places goes on.\n"
          "  layer c1 = conv(5x5, 32) { alpha = uniform(0, 0.15);  homeostasis; }\n  layer p1 = pool(max) 4x4;\n",
          to);
    fprintf(to, "  layer class = dense(%" PRIu32 ") { sum scaled(2); }  // one neuron for each class\n}\n", classes);
    return "correct c1, class;\n    error softmax(20);\n    eta 0.02 on c1, 0.3 on class, decay 0.85;\n"
           "    shift 2;  // shows each picture moved by up to two pixels; `flips;` also mirrors it";
}

/* Halves large pictures until they fit; sides stay in proportion, and even. */
static uint32_t fitting(uint32_t side, uint32_t longest)
{
    uint32_t fitted = longest <= SIDE_MOST ? side : (uint32_t)((uint64_t)side * SIDE_MOST / longest);
    return fitted < 1 ? 1 : fitted;
}

/* ---- a folder with a folder for each class ---- */

static bool is_folder(const char *folder, const char *name, char path[PATH_MAX])
{
    struct stat facts;
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX && stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* The folder of the test split beside `train`; NULL: none. */
static const char *find_test(const char *folder, char path[PATH_MAX])
{
    static const char *const names[] = {"test", "testing", "val", "validation", "valid"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_folder(folder, names[i], path))
            return names[i];
    return NULL;
}

static void write_source(const first_text *text, const char *split, const char *inside)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s%s", text->data, *inside != '\0' ? "/" : "", inside);
    fprintf(text->to, "  images %s ", split);
    first_quoted(text->to, path);
    fputs(";\n", text->to);
}

static void count_classes(const br_picture_survey *survey, first_facts *facts)
{
    facts->samples = survey->pictures;
    facts->rarest = survey->pictures;
    for (uint32_t i = 0; i < survey->class_count; i++) {
        uint64_t count = survey->classes[i].pictures;
        facts->rarest = count < facts->rarest ? count : facts->rarest;
        if (count > facts->commonest) {
            facts->commonest = count;
            facts->commonest_name = survey->classes[i].name;
        }
    }
}

static void write_pictures(const first_text *text, const br_picture_survey *survey, const char *train, const char *test)
{
    char about[96];
    first_facts facts = {.has_test = test != NULL};
    uint32_t longest = survey->height > survey->width ? survey->height : survey->width;
    bt_shape shape = {fitting(survey->height, longest), fitting(survey->width, longest), survey->colour ? 3 : 1};
    count_classes(survey, &facts);
    fputs("// Made by `bouton new` from ", text->to);
    first_plain(text->to, text->given);
    fprintf(text->to,
            ": %" PRIu64 " pictures in %" PRIu32 " folders, one for each class.\n// Every line may be changed.\n",
            survey->pictures, survey->class_count);
    snprintf(about, sizeof about, "the pictures %s %" PRIu32 "x%" PRIu32 ", %s", survey->alike ? "are" : "have about",
             survey->height, survey->width, survey->colour ? "in colour" : "grey");
    facts.learn = write_network(text, shape, survey->class_count, about);
    facts.epochs = first_epochs(facts.samples, 60000, 40);
    fprintf(text->to, "\ndata %s {\n", text->network);
    write_source(text, "train", train);
    if (test != NULL)
        write_source(text, "test", test);
    first_splits(text, &facts);
    fputs("}\n", text->to);
    first_schedule(text, &facts);
}

int first_text_of_pictures(const first_text *text)
{
    br_error error;
    br_picture_survey survey;
    char train[PATH_MAX], other[PATH_MAX];
    bool divided = is_folder(text->given, "train", train) || is_folder(text->given, "training", train);
    const char *test = divided ? find_test(text->given, other) : NULL;
    if (br_picture_survey_read(divided ? train : text->given, &survey, &error) != 0)
        return fail_with(text->cli, &error);
    int status = STATUS_DONE;
    if (survey.class_count < 2)
        status = fail(text->cli, STATUS_FAILED,
                      "%s: one folder of pictures; each class needs a folder of its own, two at "
                      "least",
                      divided ? train : text->given);
    else
        write_pictures(text, &survey, divided ? strrchr(train, '/') + 1 : "", test);
    br_picture_survey_free(&survey);
    return status;
}

/* ---- IDX files ---- */

static void write_pair(const first_text *text, const br_idx_survey *survey, int split)
{
    char path[PATH_MAX];
    fprintf(text->to, "  idx %s ", split == 0 ? "train" : "test");
    snprintf(path, sizeof path, "%s/%s", text->data, survey->images[split]);
    first_quoted(text->to, path);
    fputs(", ", text->to);
    snprintf(path, sizeof path, "%s/%s", text->data, survey->labels[split]);
    first_quoted(text->to, path);
    fputs(";\n", text->to);
}

int first_text_of_arrays(const first_text *text, bool *found)
{
    br_error error;
    br_idx_survey survey;
    char about[96];
    if (br_idx_survey_read(text->given, &survey, found, &error) != 0)
        return fail_with(text->cli, &error);
    if (*found) {
        first_facts facts = {.samples = survey.samples[0], .has_test = survey.images[1] != NULL};
        facts.rarest = facts.commonest = survey.samples[0] / survey.classes; /* labels are not counted class by class */
        fputs("// Made by `bouton new` from ", text->to);
        first_plain(text->to, text->given);
        fprintf(text->to, ": %" PRIu64 " images for training", survey.samples[0]);
        if (facts.has_test)
            fprintf(text->to, ", %" PRIu64 " for the test", survey.samples[1]);
        fputs(".\n// Every line may be changed.\n", text->to);
        snprintf(about, sizeof about, "rows x columns of pixels, as the files have them");
        facts.learn = write_network(text, survey.shape, survey.classes, about);
        facts.epochs = first_epochs(facts.samples, 60000, 40);
        fprintf(text->to, "\ndata %s {\n", text->network);
        write_pair(text, &survey, 0);
        if (facts.has_test)
            write_pair(text, &survey, 1);
        first_splits(text, &facts);
        fputs("}\n", text->to);
        first_schedule(text, &facts);
    }
    br_idx_survey_free(&survey);
    return STATUS_DONE;
}
