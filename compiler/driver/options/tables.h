/* The command line as tables of verbs, options and stages. The parser, the help texts, the suggestions for misspelt
 * words and the documentation are all made from these tables. */
#ifndef BOUTON_DRIVER_TABLES_H
#define BOUTON_DRIVER_TABLES_H

#include <limits.h>

/* X(name, operands, fewest operands, most operands, summary, example) */
#define VERBS(X)                                                                                                       \
    X(new, "NAME", 1, 1, "write a first network, NAME.btn, that trains on your data",                                  \
      "bouton new flowers --from flowers.csv")                                                                         \
    X(check, "FILE...", 1, INT_MAX, "find every mistake in network files", "bouton check digits.btn")                  \
    X(watch, "FILE", 1, 1, "check a network again whenever its file or an include changes",                            \
      "bouton watch digits.btn --train")                                                                               \
    X(info, "FILE", 1, 1, "show a network's layers, sizes and operations, and a trained model's state",                \
      "bouton info digits.btn")                                                                                        \
    X(graph, "FILE", 1, 1, "draw a network, or the live connections of a sample, as SVG, PNG or DOT",                  \
      "bouton graph digits.btn -o digits.svg")                                                                         \
    X(train, "FILE", 1, 1, "train a network by its schedule, and write the trained model",                             \
      "bouton train mnist.btn --data ~/mnist -o mnist.safetensors")                                                    \
    X(sweep, "FILE", 0, 1, "train a network with many settings and seeds, and compare them",                           \
      "bouton sweep digits.btn --seeds 1..5 --set width=50,100,200 -o widths")                                         \
    X(eval, "MODEL", 1, 1, "score a trained model: accuracy, confusion, live connections",                             \
      "bouton eval mnist.safetensors --data ~/mnist --expect 'accuracy >= 97%'")                                       \
    X(report, "MODEL...", 0, 26, "write one HTML file about a trained model, or about several side by side",           \
      "bouton report mnist.safetensors --data ~/mnist -o mnist.html")                                                  \
    X(compare, "MODEL MODEL", 2, 2, "compare two trained models on the same samples: accuracy, sizes, speed",          \
      "bouton compare wide.safetensors narrow.safetensors --data ~/mnist")                                             \
    X(predict, "MODEL INPUT...", 2, INT_MAX, "label pictures (PNG, PGM, PPM) and samples (IDX, NPY, CSV)",             \
      "bouton predict digits.safetensors seven.png")                                                                   \
    X(build, "MODEL", 1, 1, "turn a trained model into a program, a library or code that runs without bouton",         \
      "bouton build digits.safetensors -o digits")                                                                     \
    X(dump, "FILE", 1, 1, "print any stage between text and native code",                                              \
      "bouton dump digits.btn --stage=llvm -o digits.ll")                                                              \
    X(bench, "FILE", 1, 1, "measure the speed of each layer and of the whole network",                                 \
      "bouton bench digits.btn --repeat 51")                                                                           \
    X(fmt, "FILE...", 1, INT_MAX, "format network files in canonical layout; comments are kept",                       \
      "bouton fmt digits.btn")                                                                                         \
    X(explain, "[CODE...]", 0, INT_MAX, "explain diagnostics; without CODE, list all of them", "bouton explain E0102") \
    X(lsp, "", 0, 0, "serve an editor over standard input and output, by the Language Server Protocol", "bouton lsp")  \
    X(draw, "[LABEL]", 0, 1, "draw one synthetic digit as a 28x28 PNG", "bouton draw 7 --seed 3 -o seven.png")         \
    X(redraw, "MODEL PICTURE", 2, 2, "redraw a picture in the colours of a competing layer, as an indexed PNG",        \
      "bouton redraw colours.safetensors photo.jpg -o photo.png")                                                      \
    X(completion, "SHELL", 1, INT_MAX, "print a script that completes bouton's commands in bash, zsh or fish",         \
      "bouton completion bash > ~/.local/share/bash-completion/completions/bouton")                                    \
    X(doctor, "", 0, 0, "tell what this machine offers, and what is missing for which verb", "bouton doctor")          \
    X(help, "[VERB]", 0, 1, "show this help, or the help of a verb", "bouton help train")

/* The shells for which `bouton completion` writes a script. */
#define SHELLS(X) X(bash) X(zsh) X(fish)

/* X(name, file name for `dump --all`, summary) */
#define STAGES(X)                                                                                                      \
    X(tokens, "tokens.txt", "the tokens of the scanner, one per line")                                                 \
    X(ast, "ast.btn", "the text in canonical layout; can be parsed again")                                             \
    X(model, "model.btn", "the checked network with every default written out; can be parsed again")                   \
    X(plan, "plan.txt", "the compiler's plan for each layer")                                                          \
    X(llvm, "llvm.ll", "the LLVM module before code generation")                                                       \
    X(asm, "asm.s", "the machine code as assembly")

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
    X(llvm, ".ll", "the code as LLVM IR")                                                                              \
    X(bitcode, ".bc", "the code as LLVM bitcode")                                                                      \
    X(c, "", "C source and a header, for any compiler")                                                                \
    X(arduino, "", "a folder with C source: an Arduino library")                                                       \
    X(platformio, "", "a folder with C source: a PlatformIO library")                                                  \
    X(zephyr, "", "a folder with C source: a Zephyr module")                                                           \
    X(espidf, "", "a folder with C source: an ESP-IDF component")

#define ON(verb) (1u << VERB_##verb)
#define ON_ALL   ((1u << VERB_COUNT) - 1u)
#define ON_NONE  0u /* only without a verb */

/* Words that an option accepts: X(word), or X(word, value) for a split of the data and for an inference method. */
#define COLORS(X)    X(auto) X(always) X(never)
#define REPORTS(X)   X(text) X(json)
#define OPTIMISES(X) X(size) X(speed)
#define BITS(X)      X(8) X(4)
#define SPLITS(X)    X(test, BT_SPLIT_TEST) X(validation, BT_SPLIT_VALIDATION) X(train, BT_SPLIT_TRAIN)

#define CHOICE(name, ...) "|" #name

/* X(id, letter or 0, long name, argument or NULL, type, verbs, help). The types are defined in value.h; the parser
 * reads and checks each value by its type. The argument of a WORD lists its words as a|b|c. An argument [=NAME] may be
 * left out; the text is then empty. A long name may occur
 * several times, for different verbs. */
#define OPTIONS(X)                                                                                                     \
    X(model_out, 'o', "output", "FILE", OUTPUT("a model", "the network's text"), ON(train),                            \
      "write the model here (default: the network's name + .safetensors)")                                             \
    X(text_out, 'o', "output", "FILE", TEXT, ON(dump), "write here instead of standard output")                        \
    X(picture_out, 'o', "output", "FILE", OUTPUT("a picture", NULL), ON(draw),                                         \
      "write the picture here (default: digit-LABEL.png)")                                                             \
    X(redrawn_out, 'o', "output", "FILE", OUTPUT("a picture", "an input file"), ON(redraw),                            \
      "write the picture here (default: redrawn.png)")                                                                 \
    X(why_out, 'o', "output", "FILE", OUTPUT("a picture", "an input file"), ON(predict),                               \
      "with --why: draw what each part of the input added into this PNG")                                              \
    X(graph_out, 'o', "output", "FILE", OUTPUT("a picture", "the network"), ON(graph),                                 \
      "write here: .svg, .png or .dot (default: the network's name + .svg)")                                           \
    X(sample, 0, "sample", "FILE", TEXT, ON(graph),                                                                    \
      "draw the live connections of this picture or these samples instead")                                            \
    X(report_out, 'o', "output", "FILE", OUTPUT("a report", "the model"), ON(report),                                  \
      "write the report here (default: report.html)")                                                                  \
    X(runs, 0, "runs", "DIR", TEXT, ON(report),                                                                        \
      "instead of MODEL: the table and the curves of the runs of a sweep, from its folder")                            \
    X(built_out, 'o', "output", "FILE", OUTPUT("an artefact", "the model"), ON(build),                                 \
      "write here (default: the network's name and a suffix for the kind of file)")                                    \
    X(sweep_out, 'o', "output", "DIR", TEXT, ON(sweep),                                                                \
      "folder of the runs; the same command goes on with a sweep that was stopped")                                    \
    X(swept, 0, "set", "NAME=VALUE,...", SETTING, ON(sweep),                                                           \
      "the values of a `let NAME` to try; may be repeated, for every combination")                                     \
    X(seeds, 0, "seeds", "LIST", SEEDS, ON(sweep),                                                                     \
      "seeds of the runs, such as 1..5 or 1,4,7..9 (default: the schedule's)")                                         \
    X(sweep_on, 0, "on", SPLITS(CHOICE), WORD, ON(sweep),                                                              \
      "samples by which settings are compared (default: validation, or else test)")                                    \
    X(jobs, 0, "jobs", "N", COUNT(1, 4096), ON(sweep),                                                                 \
      "trainings at a time, each on one thread (default: every processor)")                                            \
    X(shard, 0, "shard", "I/N", PART, ON(sweep),                                                                       \
      "train only part I of N of the runs, counted from 1; other processes or machines train the others")              \
    X(collect, 0, "collect", "DIR", TEXT, ON(sweep),                                                                   \
      "train nothing, and print the table of the runs in this folder; without FILE and -o")                            \
    X(random, 0, "random", "N", COUNT(1, 10000), ON(sweep), "try only N of the combinations, drawn at random")         \
    X(random_seed, 0, "random-seed", "N", COUNT(0, UINT64_MAX), ON(sweep), "seed of that draw (default: 1)")           \
    X(halving, 0, "halving", NULL, FLAG, ON(sweep),                                                                    \
      "train all rows for a part of the schedule, the better half for twice as long, and so on to the end")            \
    X(expect_mean, 0, "expect", "TEXT", MEAN, ON(sweep),                                                               \
      "exit with status 1 unless this holds of the chosen row, such as 'mean accuracy >= 97%'")                        \
    X(emit, 0, "emit", ARTEFACTS(CHOICE), WORD, ON(build), "what to make (default: exe)")                              \
    X(target, 0, "target", "NAME", TEXT, ON(build),                                                                    \
      "machine to build for: x86_64, aarch64, armhf, riscv64, ppc64le, wasm32; without an operating system: "          \
      "thumbv6m, thumbv7m, thumbv7em, thumbv8m.main, thumbv8.1m.main, riscv32imc, riscv32imfc, avr")                   \
    X(optimise, 0, "optimise", OPTIMISES(CHOICE), WORD, ON(build),                                                     \
      "C source, and without an operating system: what code and connections are made for (default: size)")             \
    X(budget, 0, "budget", "LIMITS", BUDGET, ON(build),                                                                \
      "without an operating system: the most bytes of each, such as flash=64K,ram=16K; the fastest code that fits")    \
    X(cpus, 0, "cpu", "NAME,...", TEXT, ON(build),                                                                     \
      "processors to compile for; loading the code chooses the best one (default: native)")                            \
    X(unfinished, 0, "unfinished", NULL, FLAG, ON(build), "build a model whose training was stopped early")            \
    X(trim, 0, "trim", NULL, FLAG, ON(build),                                                                          \
      "C source, and without an operating system: leave out inputs that are 0 in every training and validation "       \
      "sample")                                                                                                        \
    X(learn, 0, "learn", "LAYER,...", TEXT, ON(build),                                                                 \
      "C source, machines without an operating system: let the last layer learn on the device, or several last ones")  \
    X(data, 0, "data", "DIR", TEXT,                                                                                    \
      ON(train) | ON(sweep) | ON(eval) | ON(info) | ON(build) | ON(bench) | ON(report) | ON(compare) | ON(watch) |     \
          ON(graph),                                                                                                   \
      "folder of the data files (default: the folder of FILE; bench: random input)")                                   \
    X(on, 0, "on", SPLITS(CHOICE), WORD, ON(eval) | ON(compare), "samples to score (default: test)")                   \
    X(expect, 0, "expect", "TEXT", ACCURACY, ON(eval),                                                                 \
      "exit with status 1 unless this holds, such as 'accuracy >= 97%'")                                               \
    X(mirror, 0, "mirror", NULL, FLAG, ON(eval),                                                                       \
      "average the probabilities of each picture with those of its mirror image")                                      \
    X(quantize, 0, "quantize", NULL, FLAG, ON(eval) | ON(build) | ON(dump) | ON(bench),                                \
      "compute in int8, calibrated on the validation samples, and compare with floats")                                \
    X(quantize_loss, 0, "quantize-loss", "POINTS", POINTS, ON(eval) | ON(build),                                       \
      "percentage points of accuracy that int8 may lose (default: 0.1)")                                               \
    X(bits, 0, "bits", BITS(CHOICE), WORD, ON(eval) | ON(build),                                                       \
      "with --quantize: bits of a bound; with 4, the bounds of a layer have 16 levels (default: 8)")                   \
    X(expect_psnr, 0, "expect", "TEXT", PSNR, ON(redraw),                                                              \
      "exit with status 1 unless this holds, such as 'psnr >= 30'")                                                    \
    X(seed, 0, "seed", "N", COUNT(0, UINT64_MAX), ON(train) | ON(draw), "seed of all random numbers")                  \
    X(threads, 0, "threads", "N", COUNT(1, 4096),                                                                      \
      ON(train) | ON(eval) | ON(report) | ON(compare) | ON(predict) | ON(info) | ON(redraw) | ON(watch) | ON(graph),   \
      "threads to use (default: every processor); results do not depend on it")                                        \
    X(bench_threads, 0, "threads", "N", COUNT(1, 4096), ON(bench), "threads to use (default: 1)")                      \
    X(set, 0, "set", "NAME=VALUE", SETTING,                                                                            \
      ON(check) | ON(watch) | ON(info) | ON(train) | ON(eval) | ON(dump) | ON(bench) | ON(graph),                      \
      "set a `let NAME` of the file, or a method with plan.LAYER=events, =dense or =packed; may be repeated")          \
    X(network, 0, "network", "NAME", TEXT,                                                                             \
      ON(check) | ON(info) | ON(train) | ON(sweep) | ON(dump) | ON(bench) | ON(watch) | ON(graph),                     \
      "the network to use if the file holds several")                                                                  \
    X(watch_train, 0, "train", NULL, FLAG, ON(watch), "also train the network for a while; the model is not kept")     \
    X(seconds, 0, "seconds", "SECONDS", SECONDS, ON(watch), "time of such a training (default: 10)")                   \
    X(poll, 0, "poll", NULL, FLAG, ON(watch),                                                                          \
      "look at the files twice a second, where the file system gives no notice")                                       \
    X(metrics, 0, "metrics", "FILE", TEXT, ON(train), "write one JSON object per epoch, or to FILE.csv a table")       \
    X(train_report, 0, "report", "FILE", OUTPUT("a report", NULL), ON(train),                                          \
      "write an HTML report here at the end, and a page with the curves while training")                               \
    X(resume, 0, "resume", NULL, FLAG, ON(train), "resume an interrupted training from its checkpoint")                \
    X(ranks, 0, "ranks", NULL, FLAG, ON(train),                                                                        \
      "share out the replicas of the network's phases among the processes that mpirun started")                        \
    X(force, 0, "force", NULL, FLAG, ON(train),                                                                        \
      "overwrite the files of -o and --metrics whatever they hold; keep no old model")                                 \
    X(save_every, 0, "save-every", "SECONDS", SECONDS, ON(train) | ON(sweep),                                          \
      "seconds between checkpoints (default: 30); 0: a checkpoint at each epoch's end")                                \
    X(stage, 0, "stage", STAGES(CHOICE), WORD, ON(dump), "stage to print (default: model)")                            \
    X(all, 0, "all", "DIR", TEXT, ON(dump), "write every stage into a folder")                                         \
    X(man, 0, "man", "DIR", TEXT, ON(help),                                                                            \
      "write the manual pages of bouton, its verbs and its language into a folder")                                    \
    X(plan, 0, "plan", NULL, FLAG, ON(info), "also print the compiler's plan for each layer")                          \
    X(repeat, 0, "repeat", "N", COUNT(3, 10000), ON(bench), "measurements of each kernel (default: 21)")               \
    X(batch, 0, "batch", "N", COUNT(1, 65536), ON(bench),                                                              \
      "samples per batch (default: as in the schedule, or else 64)")                                                   \
    X(live, 0, "live", "SHARE", SHARE, ON(bench), "share of the random input that is live (default: 20%)")             \
    X(cpu, 0, "cpu", "NAME", TEXT,                                                                                     \
      ON(info) | ON(train) | ON(sweep) | ON(eval) | ON(predict) | ON(dump) | ON(bench) | ON(redraw) | ON(report) |     \
          ON(compare) | ON(graph),                                                                                     \
      "processor to compile for: native, generic, or a level such as x86-64-v3 (default: native)")                     \
    X(debug, 'g', "debug", NULL, FLAG, ON(train) | ON(eval) | ON(predict) | ON(bench),                                 \
      "give gdb the source lines of compiled code, and perf the names of its functions")                               \
    X(diagnostics, 0, "diagnostics", REPORTS(CHOICE), WORD,                                                            \
      ON(check) | ON(fmt) | ON(info) | ON(train) | ON(sweep) | ON(eval) | ON(predict) | ON(build) | ON(dump) |         \
          ON(report) | ON(bench) | ON(redraw) | ON(compare) | ON(graph),                                               \
      "format of the diagnostics (default: text)")                                                                     \
    X(check_ranges, 0, "check", NULL, FLAG, ON(train) | ON(eval) | ON(predict),                                        \
      "compile code that checks the range of every activation, bound and threshold; slower")                           \
    X(check, 0, "check", NULL, FLAG, ON(fmt),                                                                          \
      "write nothing; exit with status 1 if a file is not in canonical layout")                                        \
    X(json, 0, "json", NULL, FLAG,                                                                                     \
      ON(info) | ON(sweep) | ON(eval) | ON(predict) | ON(bench) | ON(redraw) | ON(compare),                            \
      "print the result as JSON")                                                                                      \
    X(csv, 0, "csv", NULL, FLAG, ON(predict) | ON(sweep), "print the result as CSV")                                   \
    X(from, 0, "from", "DATA", TEXT, ON(new),                                                                          \
      "a table, a folder with a folder of pictures for each class, or a folder of IDX files such as MNIST's")          \
    X(new_label, 0, "label", "first|last|NAME", TEXT, ON(new),                                                         \
      "the column of a table that holds the answers (default: chosen by names and content)")                           \
    X(new_force, 0, "force", NULL, FLAG, ON(new), "overwrite NAME.btn")                                                \
    X(why, 0, "why", "[=CLASS]", TEXT, ON(predict),                                                                    \
      "also tell what each input added to the drive of the answer, or of CLASS")                                       \
    X(label, 0, "label", "first|last|none|NAME", TEXT, ON(predict),                                                    \
      "the column of a table that holds labels (default: as in the training data)")                                    \
    X(stdio, 0, "stdio", NULL, FLAG, ON(lsp), "use standard input and output, as always; some editors ask for it")     \
    X(verbose, 'v', "verbose", NULL, FLAG, ON(train),                                                                  \
      "also print the processor, the plan, the memory needed and the methods chosen")                                  \
    X(build_verbose, 'v', "verbose", NULL, FLAG, ON(build),                                                            \
      "also print what was left out of each layer, and the bytes saved")                                               \
    X(version_verbose, 'v', "verbose", NULL, FLAG, ON_NONE, "with --version: also show how bouton was built")          \
    X(color, 0, "color", COLORS(CHOICE), WORD, ON_ALL, "colour in messages (default: auto, which respects NO_COLOR)")  \
    X(help, 'h', "help", NULL, FLAG, ON_ALL, "show this help")                                                         \
    X(version, 0, "version", NULL, FLAG, ON_ALL, "show bouton's version")

/* X(option, other, true: needs it or false: excludes it, error message) */
#define OPTION_RULES(X)                                                                                                \
    X(new_label, from, true, "--label needs --from; name the table with --from, or leave --label out")                 \
    X(json, csv, false, "--json and --csv exclude each other; leave one out")                                          \
    X(all, stage, false, "--all writes every stage to its own file; leave out --stage and -o")                         \
    X(all, text_out, false, "--all writes every stage to its own file; leave out --stage and -o")                      \
    X(json, plan, false, "--json prints no plan; leave out --plan, or --json")                                         \
    X(collect, sweep_out, false, "--collect names the folder itself; leave out -o")                                    \
    X(halving, shard, false, "--halving compares all rows before it goes on; leave out --shard")                       \
    X(random_seed, random, true, "--random-seed needs --random; add --random N, or leave --random-seed out")           \
    X(seconds, watch_train, true, "--seconds needs --train; add --train, or leave --seconds out")                      \
    X(csv, why, false, "--csv has no columns for --why; use --json, or leave --why out")                               \
    X(why_out, why, true, "-o draws what --why tells; add --why, or leave -o out")                                     \
    X(learn, trim, false,                                                                                              \
      "--trim leaves out inputs that a layer may have to learn from; leave out --trim, or --learn")                    \
    X(bits, quantize, true, "--bits needs --quantize; add --quantize, or leave --bits out")                            \
    X(quantize_loss, quantize, true, "--quantize-loss needs --quantize; add --quantize, or leave --quantize-loss out")

/* X(exit status, meaning) */
#define STATUSES(X)                                                                                                    \
    X(0, "success")                                                                                                    \
    X(1, "a check or an expectation failed")                                                                           \
    X(2, "wrong usage")                                                                                                \
    X(3, "input or output failed")                                                                                     \
    X(4, "internal error")

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

typedef enum optimise_id {
#define X(word) OPTIMISE_##word,
    OPTIMISES(X)
#undef X
} optimise_id;

typedef enum bits_id {
#define X(word) BITS_##word,
    BITS(X)
#undef X
} bits_id;

typedef enum report_id {
#define X(word) REPORT_##word,
    REPORTS(X)
#undef X
} report_id;

#endif
