/* bouton graph: draws a network, or the live connections of one sample. */
#include "graph/graph.h"

#include <string.h>

#include "graph/dot.h"
#include "graph/layout.h"
#include "graph/live.h"
#include "picture/raster.h"
#include "picture/svg.h"
#include "session/scoring.h"

typedef enum graph_format { FORMAT_SVG, FORMAT_PNG, FORMAT_DOT } graph_format;

/* The format is that of the file's name. */
static int format_of(const command_line *cli, const char *path, graph_format *out)
{
    static const char *const endings[] = {".svg", ".png", ".dot"};
    const char *dot = strrchr(path, '.');
    for (int i = 0; dot != NULL && i < 3; i++)
        if (strcmp(dot, endings[i]) == 0) {
            *out = (graph_format)i;
            return STATUS_DONE;
        }
    return fail(cli, STATUS_USAGE, "-o %s: the format is not known by this ending; write .svg, .png or .dot", path);
}

/* ---- writing ---- */

static int write_drawing(const drawing *d, graph_format format, const char *path, FILE *to)
{
    return format == FORMAT_PNG ? raster_write(d, path, to) : svg_write(d, to);
}

/* Writes the whole file or none. */
static int write_file(const command_line *cli, const char *path, graph_format format, const drawing *d,
                      const net_graph *graph)
{
    br_error error;
    br_atomic_file *file;
    int status = STATUS_DONE;
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(cli, &error);
    if (format == FORMAT_DOT)
        dot_write(graph, br_atomic_stream(file));
    else
        status = write_drawing(d, format, path, br_atomic_stream(file));
    if (status != STATUS_DONE)
        br_atomic_discard(file);
    else if (br_atomic_commit(file, &error) != 0)
        status = fail_with(cli, &error);
    if (status == STATUS_DONE)
        fprintf(cli_out(cli), "wrote %s\n", path);
    return status;
}

/* ---- the graph ---- */

/* Live shares need samples: those of --data, or those that bouton draws itself. */
static bool has_samples(const session *s)
{
    const bl_data *data = s->source.program->data;
    bool drawn = data != NULL;
    for (uint32_t i = 0; drawn && i < data->source_count; i++)
        drawn = data->sources[i].format == BT_FORMAT_SYNTHETIC;
    return s->source.file != NULL && (drawn || cli_has(s->cli, OPTION_data));
}

static int score_live(session *s, br_score *out)
{
    s->compiled.inference_only = true;
    int status = session_compile(s);
    return status == STATUS_DONE ? score_test(s, out) : status;
}

static int draw_graph(session *s, const char *path, graph_format format)
{
    br_score score = {0};
    net_graph graph;
    bool live = has_samples(s);
    int status = live ? score_live(s, &score) : STATUS_DONE;
    if (status == STATUS_DONE)
        status = net_graph_make(s, live ? &score : NULL, &graph);
    br_score_free(&score);
    if (status != STATUS_DONE)
        return status;
    drawing d = {0};
    if (format != FORMAT_DOT)
        status = layout_draw(&graph, &d);
    if (status == STATUS_DONE)
        status = write_file(s->cli, path, format, &d, &graph);
    drawing_free(&d);
    net_graph_free(&graph);
    return status;
}

/* ---- a sample ---- */

static int draw_sample(session *s, const char *path, graph_format format)
{
    drawing d = {0};
    if (format == FORMAT_DOT)
        return fail(s->cli, STATUS_USAGE, "-o %s: live connections are drawn as .svg or .png", path);
    s->compiled.inference_only = true;
    int status = session_compile(s);
    if (status == STATUS_DONE)
        status = live_draw(s, &d);
    if (status == STATUS_DONE)
        status = write_file(s->cli, path, format, &d, NULL);
    drawing_free(&d);
    return status;
}

static bool is_input(const char *path)
{
    return path != NULL && (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0);
}

/* Refusals that need the file only. */
static int check_source(const session *s)
{
    const char *path = s->source.path;
    if (s->source.file == NULL && cli_has(s->cli, OPTION_sample))
        return fail(s->cli, STATUS_USAGE, "--sample: %s is a text, and only trained models have live connections",
                    path);
    if (s->source.file == NULL && cli_has(s->cli, OPTION_data))
        return fail(s->cli, STATUS_USAGE, "--data: %s is a text, and only trained models have live connections", path);
    return STATUS_DONE;
}

int verb_graph(const command_line *cli)
{
    session s = {0};
    char name[300];
    const char *path = cli_text(cli, OPTION_graph_out);
    graph_format format = FORMAT_SVG;
    int status = path != NULL ? format_of(cli, path, &format) : STATUS_DONE;
    if (is_input(cli->operands[0]) && is_input(cli_text(cli, OPTION_sample)))
        status = fail(cli, STATUS_USAGE, "--sample %s: standard input can be read only once; name a file instead",
                      cli_text(cli, OPTION_sample));
    if (status == STATUS_DONE)
        status = session_open(&s, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = check_source(&s);
    if (status == STATUS_DONE)
        status = session_check(&s);
    if (status == STATUS_DONE && path == NULL) {
        snprintf(name, sizeof name, "%.255s.svg", s.source.program->name);
        path = name;
    }
    if (status == STATUS_DONE)
        status = cli_has(cli, OPTION_sample) ? draw_sample(&s, path, format) : draw_graph(&s, path, format);
    session_close(&s);
    return status;
}
