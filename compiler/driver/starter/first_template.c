/* A text for someone who has no data at hand: it trains on digits that bouton draws. */
#include "starter/first_text.h"

static const char body[] = "  input image(28x28);  // also vector(4), series(128, 9), image(32x32, rgb)\n"
                           "  layer hidden = dense(width);  // also conv(5x5, 16) and pool(max) 2x2\n"
                           "  layer class = dense(10);  // the last layer answers: one neuron for each class\n"
                           "}\n\n";

static const char rest[] =
    "  // Replace this line by your own data; `bouton new NAME --from DATA` writes it for you:\n"
    "  //   csv train \"table.csv\" label \"kind\";      a table\n"
    "  //   images train \"folder\";                   a folder with one folder of pictures for each class\n"
    "  //   idx train \"IMAGES\", \"LABELS\";            files in MNIST's format\n"
    "  synthetic digits(train 10_000, test 2_000);\n"
    "  hold out 10% of train as validation;  // chooses the epoch that is kept\n"
    "}\n\n"
    "schedule {\n"
    "  phase learn {\n"
    "    correct hidden, class;\n"
    "    epochs 10;  // how often each sample is shown\n"
    "    batch 8;  // samples between two steps\n"
    "    keep best on validation;\n"
    "  }\n"
    "}\n\n"
    "expect accuracy >= 90% on test;  // training fails where this is not reached\n";

void first_text_of_nothing(const first_text *text)
{
    fputs("// Made by `bouton new`. Every line may be changed; what is left out has a default, which `bouton dump` "
          "prints.\n"
          "let width = 100;  // --set width=200 gives it another value\n\n",
          text->to);
    fprintf(text->to, "network %s {\n%sdata %s {\n%s", text->network, body, text->network, rest);
}
