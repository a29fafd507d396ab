/* The command line as tables of verbs, options and stages. The parser, the help texts, the suggestions for misspelt
 * words and the documentation are all made from these tables. */
#ifndef BOUTON_DRIVER_TABLES_H
#define BOUTON_DRIVER_TABLES_H

#include <limits.h>

/* X(name, operands, fewest operands, most operands, summary, example) */
#define VERBS(X)                                                                                                       \
    X(check, "FILE...", 1, INT_MAX, "find every mistake in network files", "bouton check digits.btn")                  \
    X(info, "FILE", 1, 1, "show a network's layers, sizes and work; of a trained model, its state",                    \
      "bouton info digits.btn")                                                                                        \
    X(train, "FILE", 1, 1, "learn from data as the file's schedule says, and write the trained model",                 \
      "bouton train mnist.btn --data ~/mnist -o mnist.safetensors")                                                    \
    X(eval, "MODEL", 1, 1, "score a trained model: accuracy, confusion, live connections",                             \
      "bouton eval mnist.safetensors --data ~/mnist --expect 'accuracy >= 97%'")                                       \
    X(predict, "MODEL INPUT...", 2, INT_MAX, "label pictures (PNG, PGM, PPM) and samples (IDX, NPY, CSV)",             \
      "bouton predict digits.safetensors seven.png")                                                                   \
    X(build, "MODEL", 1, 1, "make a program, a library or code of a trained model; it runs without bouton",            \
      "bouton build digits.safetensors -o digits")                                                                     \
    X(dump, "FILE", 1, 1, "print any stage between text and native code",                                              \
      "bouton dump digits.btn --stage=llvm -o digits.ll")                                                              \
    X(bench, "FILE", 1, 1, "measure how fast each layer and the whole network are",                                    \
      "bouton bench digits.btn --repeat 51")                                                                           \
    X(fmt, "FILE...", 1, INT_MAX, "lay out network files canonically, comments kept", "bouton fmt digits.btn")         \
    X(explain, "[CODE...]", 0, INT_MAX, "say what stands behind a diagnostic; without CODE, list all",                 \
      "bouton explain E0102")                                                                                          \
    X(draw, "[LABEL]", 0, 1, "draw one synthetic digit as a 28x28 PNG", "bouton draw 7 --seed 3 -o seven.png")         \
    X(redraw, "MODEL PICTURE", 2, 2, "redraw a picture in the colours of a competing layer, as an indexed PNG",        \
      "bouton redraw colours.safetensors photo.jpg -o photo.png")                                                      \
    X(help, "[VERB]", 0, 1, "show this help, or a verb's own", "bouton help train")

/* X(name, file name for `dump --all`, summary) */
#define STAGES(X)                                                                                                      \
    X(tokens, "tokens.txt", "the words the scanner sees, one per line")                                                \
    X(ast, "ast.btn", "the text in canonical layout; parses again")                                                    \
    X(model, "model.btn", "the checked network with every default written out; parses again")                          \
    X(plan, "plan.txt", "what the compiler decided for each layer")                                                    \
    X(llvm, "llvm.ll", "the module before code generation")                                                            \
    X(asm, "asm.s", "the machine code, as assembly")

typedef enum verb_id {
#define X(name, ...) VERB_##name,
    VERBS(X)
#undef X
        VERB_COUNT
} verb_id;

/* X(name, suffix of the file name, summary): the artefacts that `bouton build` makes */
#define ARTEFACTS(X)                                                                                                   \
    X(exe, "", "a program that labels files")                                                                          \
    X(lib, "", "a shared and a static library, a header and a pkg-config file")                                        \
    X(obj, ".o", "the code as an object file")                                                                         \
    X(header, ".h", "the C header alone")                                                                              \
    X(asm, ".s", "the code as assembly")                                                                               \
    X(llvm, ".ll", "the code as LLVM's text")                                                                          \
    X(bitcode, ".bc", "the code as LLVM's bitcode")

#define ON(verb) (1u << VERB_##verb)
#define ON_ALL   ((1u << VERB_COUNT) - 1u)

/* Words that an option accepts: X(word), or X(word, value) for a split of the data and for an inference method. */
#define COLORS(X)  X(auto) X(always) X(never)
#define REPORTS(X) X(text) X(json)
#define SPLITS(X)  X(test, BT_SPLIT_TEST) X(validation, BT_SPLIT_VALIDATION) X(train, BT_SPLIT_TRAIN)
#define FORMS(X)   X(events, BC_FORM_EVENTS) X(dense, BC_FORM_DENSE)

#define CHOICE(name, ...) "|" #name

/* X(id, letter or 0, long name, argument or NULL, type, verbs, help). The types are defined in value.h; the parser
 * reads and checks each value by its type. The argument of a WORD lists its words as a|b|c. A long name may occur
 * several times, for different verbs. */
#define OPTIONS(X)                                                                                                     \
    X(model_out, 'o', "output", "FILE", OUTPUT("a model", "the network's text"), ON(train),                            \
      "write the model here (default: the network's name + .safetensors)")                                             \
    X(text_out, 'o', "output", "FILE", TEXT, ON(dump), "write here instead of standard output")                        \
    X(picture_out, 'o', "output", "FILE", OUTPUT("a picture", NULL), ON(draw),                                         \
      "write the picture here (default: digit-LABEL.png)")                                                             \
    X(redrawn_out, 'o', "output", "FILE", OUTPUT("a picture", "what is read"), ON(redraw),                             \
      "write the picture here (default: redrawn.png)")                                                                 \
    X(built_out, 'o', "output", "FILE", OUTPUT("what is built", "the model"), ON(build),                               \
      "write here (default: the network's name, and an ending)")                                                       \
    X(emit, 0, "emit", ARTEFACTS(CHOICE), WORD, ON(build), "what to make (default: exe)")                              \
    X(target, 0, "target", "NAME", TEXT, ON(build), "machine to build for: x86_64, aarch64, riscv64, wasm32")          \
    X(cpus, 0, "cpu", "NAME,...", TEXT, ON(build),                                                                     \
      "processor to compile for, or several, chosen from when the code is loaded (default: native)")                   \
    X(unfinished, 0, "unfinished", NULL, FLAG, ON(build), "build a model whose training was stopped")                  \
    X(data, 0, "data", "DIR", TEXT, ON(train) | ON(eval) | ON(info) | ON(build) | ON(bench),                           \
      "folder of the data files (default: beside FILE; bench: random input instead)")                                  \
    X(on, 0, "on", SPLITS(CHOICE), WORD, ON(eval), "samples to score (default: test)")                                 \
    X(expect, 0, "expect", "TEXT", ACCURACY, ON(eval), "exit with 1 unless this holds, such as 'accuracy >= 97%'")     \
    X(quantize, 0, "quantize", NULL, FLAG, ON(eval) | ON(build) | ON(dump) | ON(bench),                                \
      "compute in 8 bits, calibrated on the validation samples; floats are shown beside it")                           \
    X(quantize_loss, 0, "quantize-loss", "POINTS", POINTS, ON(eval) | ON(build),                                       \
      "points of accuracy that 8 bits may cost at most (default: 0.1)")                                                \
    X(expect_psnr, 0, "expect", "TEXT", PSNR, ON(redraw), "exit with 1 unless this holds, such as 'psnr >= 30'")       \
    X(seed, 0, "seed", "N", COUNT(0, UINT64_MAX), ON(train) | ON(draw), "number that all randomness starts from")      \
    X(threads, 0, "threads", "N", COUNT(1, 4096), ON(train) | ON(eval) | ON(predict) | ON(info) | ON(redraw),          \
      "threads to use (default: every processor); results don't depend on it")                                         \
    X(bench_threads, 0, "threads", "N", COUNT(1, 4096), ON(bench), "threads to use (default: 1)")                      \
    X(set, 0, "set", "NAME=VALUE", SETTING, ON(check) | ON(info) | ON(train) | ON(eval) | ON(dump) | ON(bench),        \
      "give a `let NAME` of the file another value, or plan.LAYER a form, events or dense; may be repeated")           \
    X(network, 0, "network", "NAME", TEXT, ON(check) | ON(info) | ON(train) | ON(dump) | ON(bench),                    \
      "the network to use where the file holds several")                                                               \
    X(metrics, 0, "metrics", "FILE", TEXT, ON(train), "write one JSON object per epoch")                               \
    X(resume, 0, "resume", NULL, FLAG, ON(train), "go on with a training that was interrupted, from its checkpoint")   \
    X(save_every, 0, "save-every", "SECONDS", SECONDS, ON(train),                                                      \
      "seconds between two checkpoints; 0, the default: one at each epoch's end")                                      \
    X(stage, 0, "stage", STAGES(CHOICE), WORD, ON(dump), "stage to print (default: model)")                            \
    X(all, 0, "all", "DIR", TEXT, ON(dump), "write every stage into a folder")                                         \
    X(plan, 0, "plan", NULL, FLAG, ON(info), "also print what the compiler decided for each layer")                    \
    X(repeat, 0, "repeat", "N", COUNT(3, 10000), ON(bench), "measurements of each kernel (default: 21)")               \
    X(batch, 0, "batch", "N", COUNT(1, 65536), ON(bench), "samples of a batch (default: the schedule's, else 64)")     \
    X(live, 0, "live", "SHARE", SHARE, ON(bench), "share of random input that carries signal (default: 20%)")          \
    X(cpu, 0, "cpu", "NAME", TEXT, ON(info) | ON(train) | ON(eval) | ON(predict) | ON(dump) | ON(bench) | ON(redraw),  \
      "processor to compile for: native, generic, or LLVM's name of one (default: native)")                            \
    X(debug, 'g', "debug", NULL, FLAG, ON(train) | ON(eval) | ON(predict) | ON(bench),                                 \
      "tell gdb which line compiled code comes from, and perf its functions' names")                                   \
    X(diagnostics, 0, "diagnostics", REPORTS(CHOICE), WORD,                                                            \
      ON(check) | ON(fmt) | ON(info) | ON(train) | ON(eval) | ON(predict) | ON(build) | ON(dump) | ON(bench) |         \
          ON(redraw),                                                                                                  \
      "form of the diagnostics (default: text)")                                                                       \
    X(check_ranges, 0, "check", NULL, FLAG, ON(train) | ON(eval) | ON(predict),                                        \
      "compile code that asserts every range: activations, bounds, thresholds; slower")                                \
    X(check, 0, "check", NULL, FLAG, ON(fmt), "write nothing; exit with 1 where a file is laid out otherwise")         \
    X(json, 0, "json", NULL, FLAG, ON(eval) | ON(predict) | ON(bench) | ON(redraw), "print the result as JSON")        \
    X(csv, 0, "csv", NULL, FLAG, ON(predict), "print the result as CSV")                                               \
    X(verbose, 'v', "verbose", NULL, FLAG, ON(train), "also say what was compiled, for what, and how fast")            \
    X(build_verbose, 'v', "verbose", NULL, FLAG, ON(build),                                                            \
      "also say what was left out of each layer, and what that saved")                                                 \
    X(color, 0, "color", COLORS(CHOICE), WORD, ON_ALL, "colour in messages (default: auto; NO_COLOR is kept)")         \
    X(help, 'h', "help", NULL, FLAG, ON_ALL, "show this help")                                                         \
    X(version, 0, "version", NULL, FLAG, ON_ALL, "show bouton's version")

/* X(option, other, true: needs it or false: excludes it, error message) */
#define OPTION_RULES(X)                                                                                                \
    X(json, csv, false, "--json and --csv exclude each other; leave one out")                                          \
    X(all, stage, false, "--all writes every stage to its own file; leave out --stage and -o")                         \
    X(all, text_out, false, "--all writes every stage to its own file; leave out --stage and -o")                      \
    X(quantize_loss, quantize, true, "--quantize-loss goes with --quantize; add it, or leave this out")

typedef enum option_id {
#define X(id, ...) OPTION_##id,
    OPTIONS(X)
#undef X
        OPTION_COUNT
} option_id;

typedef enum stage_id {
#define X(name, ...) STAGE_##name,
    STAGES(X)
#undef X
        STAGE_COUNT
} stage_id;

typedef enum artefact_id {
#define X(name, ...) ARTEFACT_##name,
    ARTEFACTS(X)
#undef X
        ARTEFACT_COUNT
} artefact_id;

typedef enum color_id {
#define X(word) COLOR_##word,
    COLORS(X)
#undef X
} color_id;

typedef enum report_id {
#define X(word) REPORT_##word,
    REPORTS(X)
#undef X
} report_id;

#endif
