/* Drawings of networks: whatever the network, no text overlaps another, a text lies in one box or in none, no line
 * crosses a text, and everything lies on the page. And texts: what is not printable, and shortening. */
#include "graph/layout.h" /* before cmocka.h, which has a macro fail() */
#include "picture/svg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const command_line none;

/* ---- bounding boxes ---- */

static box text_box(const shape *s)
{
    double width = text_width(text_cells(s->text), s->lettering.size);
    double before = s->lettering.anchor == ANCHOR_END ? width : s->lettering.anchor == ANCHOR_MIDDLE ? width / 2 : 0;
    return (box){s->box.x - before, s->box.y - 0.8 * s->lettering.size, width, s->lettering.size};
}

static bool overlap(box a, box b)
{
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

static bool inside(box a, box b)
{
    return a.x >= b.x && a.x + a.width <= b.x + b.width && a.y >= b.y && a.y + a.height <= b.y + b.height;
}

/* The room of a segment, which is horizontal or vertical, or short. */
static box segment_box(const drawing *d, size_t first, double width)
{
    point a = d->points[first], b = d->points[first + 1];
    return (box){fmin(a.x, b.x) - width / 2, fmin(a.y, b.y) - width / 2, fabs(a.x - b.x) + width,
                 fabs(a.y - b.y) + width};
}

static void check_against(const drawing *d, const shape *text, const shape *other)
{
    box where = text_box(text);
    if (other->kind == SHAPE_TEXT && overlap(where, text_box(other)))
        fail_msg("\"%s\" overlaps \"%s\"", text->text, other->text);
    if (other->kind == SHAPE_BOX && overlap(where, other->box) && !inside(where, other->box))
        fail_msg("\"%s\" crosses the edge of a box", text->text);
    for (size_t i = other->from; other->kind == SHAPE_LINE && i + 1 < other->end; i++)
        if (overlap(where, segment_box(d, i, other->look.width)))
            fail_msg("a line crosses \"%s\"", text->text);
    if (other->kind == SHAPE_CIRCLE)
        assert_false(overlap(where, (box){other->box.x - other->box.width, other->box.y - other->box.width,
                                          2 * other->box.width, 2 * other->box.width}));
}

static uint32_t check_drawing(const drawing *d)
{
    box page = {0, 0, d->width, d->height};
    uint32_t texts = 0;
    assert_false(d->failed);
    for (size_t i = 0; i < d->count; i++) {
        const shape *s = &d->shapes[i];
        for (size_t p = s->from; s->kind == SHAPE_LINE && p < s->end; p++)
            assert_true(inside((box){d->points[p].x, d->points[p].y, 0, 0}, page));
        if (s->kind != SHAPE_TEXT)
            continue;
        if (!inside(text_box(s), page))
            fail_msg("\"%s\" does not lie on the page", s->text);
        for (size_t j = 0; j < d->count; j++)
            if (j > i || d->shapes[j].kind != SHAPE_TEXT)
                check_against(d, s, &d->shapes[j]);
        texts++;
    }
    return texts;
}

/* ---- networks ---- */

/* Draws a text's network with made-up live shares if `live`, and checks it. Returns the number of texts. */
static uint32_t draw(const char *text, bool live)
{
    session s = {.cli = &none};
    net_graph graph;
    drawing d;
    br_score score = {0};
    bl_context *context = bl_context_new();
    assert_non_null(context);
    assert_int_equal(bl_load_text(context, "n.btn", text, strlen(text)), 0);
    s.source.program = bl_check(context, NULL);
    if (s.source.program == NULL)
        bl_write_diagnostics(context, stderr, false);
    assert_non_null(s.source.program);
    score.layer_count = live ? s.source.program->layer_count : 0;
    score.live = calloc(score.layer_count + 1, sizeof *score.live);
    score.live_spread = calloc(score.layer_count + 1, sizeof *score.live_spread);
    for (uint32_t i = 0; i < score.layer_count; i++)
        score.live[i] = (i % 4) / 3.;
    assert_int_equal(net_graph_make(&s, live ? &score : NULL, &graph), STATUS_DONE);
    assert_int_equal(layout_draw(&graph, &d), STATUS_DONE);
    uint32_t texts = check_drawing(&d);
    drawing_free(&d);
    net_graph_free(&graph);
    bl_context_free(context);
    free(score.live);
    free(score.live_spread);
    return texts;
}

static void small_networks(void **state)
{
    (void)state;
    draw("network one { input vector(3); layer class = dense(2); }", false);
    draw("network one { input vector(3); layer class = dense(2); }", true);
    draw("network s { input series(40, 3); layer a = conv(5, 8); layer p = pool(mean) grid 2; layer c = dense(2); }",
         true);
    draw("network j { input image(12x12, rgb) in [0, 0.5] { opponent; whiten 500 patches of 3x3; split on off; }"
         " layer edges = conv(5x5, 16) { depress over filters keep 10%; depress over places 3x3; }"
         " layer p1 = pool(max) 2x2; layer wide = conv(3x3, 8) padding same from p1; layer both = conv(1x1, 8) from "
         "p1, wide;"
         " layer cells = pool(sum) grid 2x2 from both; layer hidden = dense(64) from cells, p1, input;"
         " layer class = dense(10) from hidden, cells; }"
         "data d { csv train \"x.csv\"; }"
         "schedule { phase features { compete edges; sample 1000 patches; }"
         " phase learn { correct wide, both, hidden, class with readouts; epochs 2; } phase readout { correct class; } "
         "}",
         true);
}

static void long_names(void **state)
{
    (void)state;
    char text[4000], name[256];
    memset(name, 'n', 200);
    name[200] = '\0';
    snprintf(text, sizeof text,
             "neuron f%s(x, alpha) = clamp(x, 0, 1);"
             "network a%s { input vector(1000000) in [0, 0.123456789];"
             " layer b%s = dense(100) { fire f%s; sum scaled(0.000123456); range [0, 0.987654321]; } layer c = "
             "dense(2) from b%s, input; }"
             "schedule { phase d%s { correct b%s, c; epochs 1000000; } }",
             name, name, name, name, name, name, name);
    draw(text, true);
}

typedef struct text_maker {
    char *text;
    size_t size;
    FILE *to;
} text_maker;

/* Every `every`-th layer also reads the layers far behind it, some of them all of them. */
static char *deep_network(uint32_t layers, uint32_t every, uint32_t phases)
{
    text_maker made;
    made.to = open_memstream(&made.text, &made.size);
    assert_non_null(made.to);
    fputs("network deep { input vector(4);\n", made.to);
    for (uint32_t i = 0; i < layers; i++) {
        if (i == 0)
            fputs("layer l0 = dense(2) from input", made.to);
        else
            fprintf(made.to, "layer l%u = dense(2) from l%u", i, i - 1);
        for (uint32_t back = 2; every > 0 && i % every == 0 && back <= i && back < 40; back += 1 + i % 7)
            fprintf(made.to, ", l%u", i - back);
        fputs(";\n", made.to);
    }
    fputs("}\nschedule {\n", made.to);
    for (uint32_t p = 0; p < phases; p++)
        fprintf(made.to, "phase p%u { correct l%u, l%u; }\n", p, p * 7 % (layers / 2),
                layers - 1 - p * 3 % (layers / 2));
    fputs("}\n", made.to);
    assert_int_equal(fclose(made.to), 0);
    return made.text;
}

static void deep_networks(void **state)
{
    (void)state;
    static const struct {
        uint32_t layers, every, phases;
    } cases[] = {{1000, 0, 1}, {250, 5, 3}, {60, 1, 12}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = deep_network(cases[i].layers, cases[i].every, cases[i].phases);
        assert_true(draw(text, i == 2) > 4 * cases[i].layers);
        free(text);
    }
}

/* ---- texts ---- */

static void expect_fit(const char *text, size_t cells, const char *wanted)
{
    char *fitted = text_fit(&none, text, cells);
    assert_string_equal(fitted, wanted);
    free(fitted);
}

static void hostile_texts(void **state)
{
    (void)state;
    expect_fit("plain", 10, "plain");
    expect_fit("abcdefghij", 10, "abcdefghij");
    expect_fit("abcdefghijk", 7, "abc\u2026jk");
    expect_fit("bell\a\x1b[31m\x7f", 40, "bell??[31m?");
    expect_fit("bad \xff\xc3 \xe2\x82 \xed\xa0\x80 \xf8", 40, "bad ?? ?? ? ?");
    expect_fit("\xd7\x90\u202e\u200f\u2066x", 40, "\xd7\x90???x");
    expect_fit("\u6c34\u6c34\u6c34\u6c34\u6c34", 10, "\u6c34\u6c34\u6c34\u6c34\u6c34");
    assert_int_equal(text_cells("\u6c34e\u0301"), 3);
}

static void svg_keeps_texts_texts(void **state)
{
    (void)state;
    char *out;
    size_t size;
    drawing d = drawing_new(&none, "</title><script>alert(1)</script>");
    FILE *to = open_memstream(&out, &size);
    assert_non_null(to);
    d.width = d.height = 100;
    drawing_tip(&d, drawing_box(&d, (box){1, 2, 3.14159, -0.001}, &(look){.stroke = INK_text, .width = 1}), "a\"b'<&>");
    drawing_text(&d, 10, 20, &(lettering){.ink = INK_text, .size = 13}, "]]></text><script>\"&amp;");
    assert_int_equal(svg_write_inline(&d, to), STATUS_DONE);
    assert_int_equal(fclose(to), 0);
    assert_null(strstr(out, "<script"));
    assert_non_null(strstr(out, "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>"));
    assert_non_null(strstr(out, "<rect x=\"1\" y=\"2\" width=\"3.14\" height=\"0\""));
    assert_non_null(strstr(out, "<title>a&quot;b&#39;&lt;&amp;&gt;</title>"));
    assert_non_null(strstr(out, ">]]&gt;&lt;/text&gt;&lt;script&gt;&quot;&amp;amp;</text>"));
    free(out);
    drawing_free(&d);
}

/* Relative luminance and contrast as WCAG defines them. */
static double luminance(unsigned rgb)
{
    static const double parts[] = {.2126, .7152, .0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double c = (rgb >> (16 - 8 * i) & 255) / 255.;
        sum += parts[i] * (c <= .04045 ? c / 12.92 : pow((c + .055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(unsigned a, unsigned b)
{
    double high = fmax(luminance(a), luminance(b)), low = fmin(luminance(a), luminance(b));
    return (high + .05) / (low + .05);
}

static void inks_have_contrast(void **state)
{
    (void)state;
    static const unsigned inks[][2] = {{0, 0},
#define X(name, day, night) {day, night},
                                       INKS(X)
#undef X
    };
    for (int night = 0; night < 2; night++)
        for (int page = INK_page; page <= INK_card; page++)
            for (int ink = INK_text; ink < INK_COUNT; ink++)
                assert_true(contrast(inks[ink][night], inks[page][night]) >= 4.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_networks),        cmocka_unit_test(long_names),
                                       cmocka_unit_test(deep_networks),         cmocka_unit_test(hostile_texts),
                                       cmocka_unit_test(svg_keeps_texts_texts), cmocka_unit_test(inks_have_contrast)};
    return cmocka_run_group_tests_name("driver/graph", tests, NULL, NULL);
}
