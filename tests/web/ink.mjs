// Strokes as pictures: centred by mass, of MNIST's size, whatever size and place they were drawn in.   node ink.mjs
import assert from 'node:assert/strict';
import { picture, SIDE } from '../../examples/mnist/web/ink.mjs';

const hook = [[10, 10], [30, 10], [20, 70]];
const moved = (scale, dx, dy) => [hook.map(([x, y]) => [x * scale + dx, y * scale + dy])];

function extent(pixels) {
    const rows = Array.from(pixels.keys()).filter((at) => pixels[at] > 127).map((at) => Math.floor(at / SIDE));
    return Math.max(...rows) - Math.min(...rows) + 1;
}

function mass(pixels, axis) {
    let sum = 0, weighted = 0;
    pixels.forEach((value, at) => {
        sum += value;
        weighted += value * axis(at);
    });
    return weighted / sum;
}

const drawn = picture(moved(1, 0, 0));
assert.equal(drawn.length, SIDE * SIDE);
assert.equal(extent(drawn), 20);
assert.ok(Math.abs(mass(drawn, (at) => at % SIDE) - 14) < 0.1);
assert.ok(Math.abs(mass(drawn, (at) => Math.floor(at / SIDE)) - 14) < 0.1);
for (const other of [moved(4, 100, -7), moved(0.125, 3, 2)])
    picture(other).forEach((value, at) => assert.ok(Math.abs(value - drawn[at]) <= 1));
assert.ok(picture([]).every((value) => value === 0));
assert.ok(picture([[]]).every((value) => value === 0));
const dot = picture([[[5, 5]]]);
assert.equal(dot[14 * SIDE + 14], 255);
assert.ok(extent(dot) <= 3);
assert.equal(picture([hook, [[60, 40], [60, 40]]]).filter((value) => value > 0).length > 0, true);
