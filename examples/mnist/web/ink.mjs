// Turns strokes into an image in MNIST's format: the digit has 20 pixels on its longer side, and its centre of mass is
// in the middle of 28x28. The pen has the width of MNIST's, whatever the size of the drawing.

export const SIDE = 28;
const BOX = 20; // the digit's longer side, pen included
const RADIUS = 1.3; // of the pen: MNIST's lines are about 2.6 pixels wide
const MIDDLE = 14; // position of MNIST's centres of mass, pixels counted from 0

/** Distance of (x, y) from the segment between two points. */
function distance(x, y, [ax, ay], [bx, by]) {
    const dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
    const t = length > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
    return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Bounding box of all points. */
function bounds(strokes) {
    const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const [x, y] of strokes.flat()) {
        box.left = Math.min(box.left, x);
        box.right = Math.max(box.right, x);
        box.top = Math.min(box.top, y);
        box.bottom = Math.max(box.bottom, y);
    }
    return box;
}

/** The share of every pixel that the pen covers, 0 to 1. Edges are blurred over one pixel. */
function render(strokes) {
    const covered = new Float32Array(SIDE * SIDE);
    for (const stroke of strokes)
        for (let i = 0; i < stroke.length; i++) {
            const from = stroke[Math.max(0, i - 1)], to = stroke[i], reach = RADIUS + 0.5;
            const top = Math.max(0, Math.floor(Math.min(from[1], to[1]) - reach));
            const bottom = Math.min(SIDE - 1, Math.ceil(Math.max(from[1], to[1]) + reach));
            const left = Math.max(0, Math.floor(Math.min(from[0], to[0]) - reach));
            const right = Math.min(SIDE - 1, Math.ceil(Math.max(from[0], to[0]) + reach));
            for (let y = top; y <= bottom; y++)
                for (let x = left; x <= right; x++) {
                    const cover = Math.min(1, reach - distance(x, y, from, to));
                    covered[y * SIDE + x] = Math.max(covered[y * SIDE + x], cover);
                }
        }
    return covered;
}

function centreOfMass(covered) {
    let sum = 0, x = 0, y = 0;
    covered.forEach((value, at) => {
        sum += value;
        x += value * (at % SIDE);
        y += value * Math.floor(at / SIDE);
    });
    return [x / sum, y / sum];
}

const moved = (strokes, [dx, dy], scale = 1) =>
    strokes.map((stroke) => stroke.map(([x, y]) => [x * scale + dx, y * scale + dy]));

/** Renders strokes (lists of [x, y] in any unit) as 784 numbers from 0 to 255. Without strokes all are 0. */
export function picture(strokes) {
    strokes = strokes.filter((stroke) => stroke.length > 0);
    if (strokes.length === 0)
        return new Uint8Array(SIDE * SIDE);
    const box = bounds(strokes), size = Math.max(box.right - box.left, box.bottom - box.top);
    const scale = size > 0 ? (BOX - 2 * RADIUS) / size : 0;
    const middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    let fitted = moved(strokes, middle.map((at) => MIDDLE - at * scale), scale);
    const mass = centreOfMass(render(fitted));
    fitted = moved(fitted, mass.map((at) => MIDDLE - at));
    return Uint8Array.from(render(fitted), (value) => Math.round(255 * value));
}
