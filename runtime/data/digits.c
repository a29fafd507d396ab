/* Synthetic handwritten digits, 28x28, white on black. Each digit has several skeletons, which are strokes through
 * control points. A sample jitters the points; bends, slants, rotates, scales and shifts the skeleton; and then inks
 * every pixel by its distance to the nearest stroke. The result is a function of (seed, lane, index). Float arithmetic
 * is limited to +, -, *, / and square root, which every machine rounds alike. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "bouton/runtime.h"

#define SIDE        28
#define KINDS       10u
#define MOST_POINTS 14
#define PIECES      6   /* straight segments between two points of a curve */
#define BLOCKS      256 /* random blocks reserved for one sample */

typedef enum point_kind { MOVE, CURVE, CORNER } point_kind;

/* A control point in a box of 100 x 100; y points down. */
typedef struct point {
    uint8_t x, y, kind;
} point;

typedef struct skeleton {
    uint8_t label, count;
    point points[MOST_POINTS];
} skeleton;

#define M(x, y)                                                                                                        \
    {                                                                                                                  \
        x, y, MOVE                                                                                                     \
    } /* a stroke begins */
#define S(x, y)                                                                                                        \
    {                                                                                                                  \
        x, y, CURVE                                                                                                    \
    } /* the stroke passes smoothly */
#define C(x, y)                                                                                                        \
    {                                                                                                                  \
        x, y, CORNER                                                                                                   \
    } /* the stroke has a corner here, or goes straight on to another corner */
#define D(l, ...)                                                                                                      \
    {                                                                                                                  \
        l, sizeof((point[]){__VA_ARGS__}) / sizeof(point),                                                             \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }

/* clang-format off */
static const skeleton skeletons[] = {
    D(0, M(55,4), S(30,14), S(20,50), S(30,86), S(52,97), S(74,84), S(80,50), S(72,16), S(54,4)),
    D(0, M(64,12), S(46,3), S(28,24), S(22,60), S(36,94), S(60,92), S(76,62), S(74,28), S(56,5), S(42,10)),
    D(0, M(40,6), S(22,40), S(26,82), S(50,97), S(76,76), S(78,34), S(60,5), S(38,8)),
    D(1, M(50,2), C(50,98)),
    D(1, M(56,2), S(50,50), S(46,98)),
    D(1, M(32,24), C(54,3), C(51,98)),
    D(1, M(36,20), C(52,3), C(52,96), M(30,97), C(74,96)),
    D(2, M(22,26), S(34,6), S(58,4), S(74,22), S(66,46), S(42,74), C(20,96), C(80,94)),
    D(2, M(24,22), S(40,4), S(66,8), S(72,30), S(56,60), S(34,86), S(20,92), S(20,78), S(36,76), S(54,90), S(82,92)),
    D(2, M(20,16), S(48,3), S(72,18), S(62,48), C(18,92), S(46,88), S(84,97)),
    D(3, M(24,12), S(48,3), S(70,16), S(64,38), C(42,48), S(68,58), S(76,78), S(54,97), S(22,90)),
    D(3, M(24,7), C(74,6), C(46,42), S(72,54), S(76,78), S(52,97), S(22,88)),
    D(3, M(22,18), S(46,3), S(70,18), S(56,42), S(44,48), S(66,56), S(72,80), S(46,97), S(20,84)),
    D(4, M(28,6), C(22,54), C(78,50), M(70,4), C(64,98)),
    D(4, M(62,98), C(64,3), C(18,66), C(84,64)),
    D(4, M(26,8), S(20,36), S(32,54), S(56,50), S(72,36), M(76,6), S(70,50), S(64,98)),
    D(5, M(76,5), C(34,6), C(30,44), S(54,38), S(76,58), S(70,86), S(46,97), S(20,88)),
    D(5, M(32,6), C(28,46), S(52,38), S(75,56), S(72,82), S(48,97), S(22,90), M(31,6), C(80,4)),
    D(5, M(80,8), S(46,6), S(32,26), S(54,46), S(73,66), S(60,94), S(22,92)),
    D(6, M(66,4), S(40,24), S(24,58), S(30,88), S(52,97), S(74,82), S(70,60), S(50,54), S(27,72)),
    D(6, M(50,2), S(32,36), S(24,72), S(40,96), S(66,92), S(74,72), S(56,60), S(34,72), S(30,86)),
    D(6, M(74,10), S(48,6), S(26,36), S(22,74), S(46,97), S(74,80), S(62,56), S(36,60), S(24,76)),
    D(7, M(20,8), C(78,6), C(42,98)),
    D(7, M(18,22), C(22,7), C(80,8), S(58,46), S(46,98)),
    D(7, M(20,9), C(78,6), S(60,44), S(46,98), M(32,52), C(74,48)),
    D(8, M(70,16), S(50,3), S(30,18), S(42,42), S(66,60), S(72,82), S(50,97), S(26,82), S(36,58), S(62,38), S(71,14)),
    D(8, M(50,46), S(30,26), S(48,3), S(70,22), S(50,46), S(26,74), S(48,97), S(76,76), S(50,46)),
    D(8, M(74,8), S(46,6), S(32,26), S(58,50), S(72,78), S(46,97), S(24,80), S(50,50), S(76,12)),
    D(9, M(74,22), S(52,3), S(28,20), S(32,46), S(56,48), C(75,16), S(72,60), S(64,98)),
    D(9, M(70,14), S(46,4), S(26,26), S(40,48), S(64,40), C(74,10), C(68,98)),
    D(9, M(72,24), S(50,3), S(26,22), S(40,48), S(66,42), C(75,14), S(74,62), S(60,92), S(30,95)),
};
/* clang-format on */

/* Ranges of the distortions; in pixels unless stated otherwise. */
#define JITTER      0.060f /* of a control point, as a share of the height */
#define BEND        0.16f  /* of the whole skeleton, as a share of the height */
#define SLANT       0.42f  /* horizontal shift for a vertical distance of 1 */
#define TRANSPOSE   0.16f  /* tangent of half the angle */
#define HEIGHT_LOW  16.0f
#define HEIGHT_HIGH 21.0f
#define ASPECT_LOW  0.62f /* width over height */
#define ASPECT_HIGH 1.10f
#define OFFSET      1.7f
#define PEN_LOW     0.45f /* radius */
#define PEN_HIGH    1.75f
#define SOFT_LOW    0.50f /* half the width of a stroke's soft edge */
#define SOFT_HIGH   1.10f
#define FAINTEST    0.70f  /* ink of the faintest pen */
#define GRAIN       0.25f  /* share of the ink that may be missing in a pixel */
#define SPECKS      0.008f /* share of pixels with dirt */
#define GAP_SHARE   0.20f  /* share of samples in which the pen skips */
#define GAP_PIECES  4

/* The random words of one sample, in order. */
typedef struct source {
    uint64_t seed, block;
    uint32_t lane, used, words[4];
} source;

typedef struct spot {
    float x, y;
} spot;

/* The drawing sheet: for each pixel, the squared distance to the nearest stroke. */
typedef struct sheet {
    float distance[SIDE * SIDE];
    float v_max;       /* distance beyond which a stroke leaves no ink */
    int gap, gap_ends; /* range of the segments left out */
    int piece;         /* number of segments drawn so far */
} sheet;

static uint32_t next_word(source *s)
{
    if (s->used == 4) {
        br_random4(s->seed, BR_STREAM_DIGITS, s->lane, s->block++, s->words);
        s->used = 0;
    }
    return s->words[s->used++];
}

static float between(source *s, float low, float high)
{
    return low + (high - low) * br_random_unit(next_word(s));
}

/* An approximately normal number in (-1, 1): the mean of three uniform numbers, so extremes are rare. */
static float about(source *s)
{
    float a = between(s, -1, 1), b = between(s, -1, 1), c = between(s, -1, 1);
    return (a + b + c) / 3 * 1.5f;
}

static const skeleton *choose(source *s, uint32_t label)
{
    const size_t n = sizeof skeletons / sizeof *skeletons;
    size_t first = 0;
    while (skeletons[first].label != label)
        first++;
    uint32_t count = 0;
    while (first + count < n && skeletons[first + count].label == label)
        count++;
    return &skeletons[first + br_random_below(next_word(s), count)];
}

/* The distorted points of the skeleton on the sheet. The rotation is by the angle whose half has the tangent t. */
static void place(source *s, const skeleton *from, spot out[MOST_POINTS])
{
    float height = between(s, HEIGHT_LOW, HEIGHT_HIGH), width = height * between(s, ASPECT_LOW, ASPECT_HIGH);
    float slant = SLANT * about(s) - 0.08f, t = TRANSPOSE * about(s), bend = BEND * about(s), sag = BEND * about(s);
    float cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
    float x0 = (SIDE - 1) * 0.5f + OFFSET * about(s), y0 = (SIDE - 1) * 0.5f + OFFSET * about(s);
    for (int i = 0; i < from->count; i++) {
        float u = ((float)from->points[i].x - 50) / 100 + JITTER * about(s);
        float v = ((float)from->points[i].y - 50) / 100 + JITTER * about(s);
        float x = width * (u + bend * (4 * v * v - 0.5f)) - slant * height * v;
        float y = height * (v + sag * (4 * u * u - 0.5f) * 0.5f);
        out[i].x = x0 + cosine * x - sine * y;
        out[i].y = y0 + sine * x + cosine * y;
    }
}

static float least(float a, float b)
{
    return a < b ? a : b;
}

static float most(float a, float b)
{
    return a > b ? a : b;
}

/* Lowers the distances of the pixels near the straight segment from a to b. */
static void draw_piece(sheet *sheet, spot a, spot b)
{
    int piece = sheet->piece++;
    if (piece >= sheet->gap && piece < sheet->gap_ends)
        return;
    float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy, v_max = sheet->v_max;
    int left = (int)most(0, least(a.x, b.x) - v_max), right = (int)least(SIDE - 1, most(a.x, b.x) + v_max + 1);
    int top = (int)most(0, least(a.y, b.y) - v_max), bottom = (int)least(SIDE - 1, most(a.y, b.y) + v_max + 1);
    for (int y = top; y <= bottom; y++)
        for (int x = left; x <= right; x++) {
            float px = (float)x - a.x, py = (float)y - a.y;
            float along = length > 0 ? most(0, least(1, (px * dx + py * dy) / length)) : 0;
            float ex = px - along * dx, ey = py - along * dy;
            float *distance = &sheet->distance[y * SIDE + x];
            *distance = least(*distance, ex * ex + ey * ey);
        }
}

/* A smooth curve from b to c, with the neighbours a and d (Catmull and Rom). */
static void draw_curve(sheet *sheet, spot a, spot b, spot c, spot d)
{
    spot from = b;
    for (int i = 1; i <= PIECES; i++) {
        float t = (float)i / PIECES, t2 = t * t, t3 = t2 * t;
        float wa = (2 * t2 - t3 - t) * 0.5f, wb = (3 * t3 - 5 * t2 + 2) * 0.5f;
        float wc = (4 * t2 - 3 * t3 + t) * 0.5f, wd = (t3 - t2) * 0.5f;
        spot to = {wa * a.x + wb * b.x + wc * c.x + wd * d.x, wa * a.y + wb * b.y + wc * c.y + wd * d.y};
        draw_piece(sheet, from, to);
        from = to;
    }
}

static void draw_strokes(sheet *sheet, const skeleton *from, const spot *at)
{
    const point *points = from->points;
    for (int i = 1; i < from->count; i++) {
        if (points[i].kind == MOVE)
            continue;
        bool smooth_before = points[i - 1].kind == CURVE;
        bool smooth_after = points[i].kind == CURVE && i + 1 < from->count && points[i + 1].kind != MOVE;
        draw_curve(sheet, smooth_before ? at[i - 2] : at[i - 1], at[i - 1], at[i], smooth_after ? at[i + 1] : at[i]);
    }
}

/* Converts distances to ink: full within the pen, fading over its soft edge, with grain and dirt. */
static void ink(source *s, const sheet *sheet, float pen, float soft, uint8_t pixels[784])
{
    float strength = 255 * between(s, FAINTEST, 1), grain = GRAIN * between(s, 0, 1);
    const float dirt = SPECKS * 65536;
    for (int i = 0; i < SIDE * SIDE; i++) {
        uint32_t word = next_word(s);
        float edge = (pen + soft - sqrtf(sheet->distance[i])) / (2 * soft);
        edge = most(0, least(1, edge));
        float value = edge * edge * (3 - 2 * edge) * (1 - grain * (float)(word & 0xFF) / 255);
        if ((float)(word >> 16) < dirt)
            value = most(value, (float)(word >> 8 & 0xFF) / 255 * 0.6f);
        pixels[i] = (uint8_t)(strength * value + 0.5f);
    }
}

uint32_t br_digit_draw(uint64_t seed, uint32_t lane, uint64_t index, uint8_t pixels[784])
{
    source s = {.seed = seed, .lane = lane, .block = index * BLOCKS, .used = 4};
    uint32_t label = br_random_below(next_word(&s), KINDS);
    const skeleton *from = choose(&s, label);
    spot at[MOST_POINTS];
    place(&s, from, at);
    float pen = between(&s, PEN_LOW, PEN_HIGH), soft = between(&s, SOFT_LOW, SOFT_HIGH);
    sheet sheet = {.v_max = pen + soft};
    for (int i = 0; i < SIDE * SIDE; i++)
        sheet.distance[i] = 4.0f * SIDE * SIDE;
    sheet.gap = (int)br_random_below(next_word(&s), (uint32_t)from->count * PIECES);
    sheet.gap_ends = sheet.gap + (between(&s, 0, 1) < GAP_SHARE ? GAP_PIECES : 0);
    draw_strokes(&sheet, from, at);
    ink(&s, &sheet, pen, soft, pixels);
    return label;
}
