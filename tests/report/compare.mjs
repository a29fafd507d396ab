// Checks what `bouton compare A B --json` printed against `eval --json` of both and an exact test in whole numbers:
//     node compare.mjs COMPARED A B
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const [compared, a, b] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const near = (x, y, what) => assert.ok(Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(y)), `${what}: ${x}, not ${y}`);

for (const [name, one, wanted] of [['a', compared.a, a], ['b', compared.b, b]]) {
    near(one.accuracy, wanted.accuracy, `accuracy of ${name}`);
    near(one.nll, wanted.nll, `nll of ${name}`);
    near(one.ece, wanted.ece, `ece of ${name}`);
    assert.equal(one.right, wanted.confusion.reduce((sum, row, k) => sum + row[k], 0));
    assert.ok(one.parameters > 0 && one.operations > one.parameters && one.file_bytes > 1000 && one.samples_per_second > 0);
}
const { samples, both_right, only_a, only_b, neither, p, interval, differing } = compared;
assert.equal(both_right + only_a + only_b + neither, samples);
assert.equal(both_right + only_a, compared.a.right);
assert.equal(both_right + only_b, compared.b.right);
assert.ok(only_a + only_b > 0, 'the models must differ for this test to say anything');

// Two-sided binomial test with fair coins, in BigInt.
const n = BigInt(only_a + only_b), few = BigInt(Math.min(only_a, only_b));
let term = 1n, sum = 0n;
for (let i = 0n; i <= few; i++) {
    sum += term;
    term = term * (n - i) / (i + 1n);
}
const scale = 10n ** 15n, exact = Number((2n * sum * scale) / (1n << n)) / 1e15;
assert.ok(Math.abs(p - Math.min(1, 2n * few === n ? 1 : exact)) < 1e-9, `p is ${p}, not ${exact}`);
const difference = (only_a - only_b) / samples;
assert.ok(interval[0] < difference && difference < interval[1]);
near((interval[0] + interval[1]) / 2, difference, 'middle of the interval');

// Every sample that is answered differently, in order; those that only one has right are among them.
assert.ok(differing.every(({ a, b }) => a !== b));
assert.ok(differing.every(({ sample }, i) => i === 0 || sample > differing[i - 1].sample));
assert.equal(differing.filter(({ label, a }) => label === a).length, only_a);
assert.equal(differing.filter(({ label, b }) => label === b).length, only_b);
