// Answers the samples of a CSV file by a wasm module that bouton built, and prints them as `bouton predict --csv` does,
// without the first column:   node answer.mjs MODULE.wasm NETWORK INPUTS LABELS SAMPLES.csv
import { readFileSync } from 'node:fs';

const [path, name, inputs, labels, csv] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(path), {});
const exported = instance.exports;
const base = (exported.__heap_base.value + 15) & ~15; // free memory: input, probabilities, levels, then scratch
const out = base + 4 * inputs;
const levels = out + 4 * labels;
const scratch = levels + 4 * labels;
const missing = scratch + (1 << 20) - exported.memory.buffer.byteLength;
if (missing > 0) exported.memory.grow(Math.ceil(missing / 65536));
for (const line of readFileSync(csv, 'utf8').trim().split('\n')) {
    new Float32Array(exported.memory.buffer, base, inputs).set(line.split(',').map(Number));
    const label = exported[`${name}_predict_levels`](base, out, levels, scratch);
    const both = new Float32Array(exported.memory.buffer, out, 2 * labels);
    console.log([label, ...Array.from(both, (value) => value.toFixed(6))].join(','));
}
