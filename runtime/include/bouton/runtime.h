/* libbouton_runtime: compiled code and data become results. The runtime knows no syntax and no LLVM.
 *
 * This header includes all that a program needs to train and run networks; each part can be included alone:
 *
 *     bouton/error.h     errors, processors, random numbers: conventions of all functions
 *     bouton/data.h      data sets: reading, holding, encoding
 *     bouton/network.h   networks, model files
 *     bouton/train.h     training, checkpoints
 *     bouton/history.h   what the epochs of a training came to
 *     bouton/infer.h     scores, labels, 8-bit networks
 *     bouton/why.h       live connections of one sample, what each input added
 *     bouton/bench.h     timing; not included here
 *
 * A whole program of these calls is examples/embed/lines.c; docs/embedding.md explains it. */
#ifndef BOUTON_RUNTIME_H
#define BOUTON_RUNTIME_H

#include "bouton/data.h"
#include "bouton/history.h"
#include "bouton/infer.h"
#include "bouton/network.h"
#include "bouton/ranks.h"
#include "bouton/train.h"

#define BR_VERSION "0.1.0"

#endif
