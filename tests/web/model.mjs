// A trained model answered in plain JavaScript from its .safetensors file, by docs/model.md alone: what pages are compared
// with. Serves images, dense layers, convolutions without padding and max pools, `sum scaled`.
import { readFileSync } from 'node:fs';

const VIEWS = { F32: Float32Array, I8: Int8Array };

function tensors(path) {
    const bytes = readFileSync(path), length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)), found = {};
    delete header.__metadata__;
    for (const [name, { dtype, data_offsets: [from, to] }] of Object.entries(header)) {
        const data = Uint8Array.from(bytes.subarray(8 + length + from, 8 + length + to)); // aligned
        found[name] = new VIEWS[dtype](data.buffer);
    }
    return found;
}

export class Model {
    /** layers: { name, kind: 'dense' | 'conv' | 'max', size: neurons, field, gain }, in order; each reads the last. */
    constructor(path, top, layers) {
        const all = tensors(path);
        this.top = top;
        this.sharpness = all[`${layers.at(-1).name}.sharpness`][0];
        this.layers = layers.map((layer) => ({ ...layer, alpha: all[`${layer.name}.alpha`], sign: all[`${layer.name}.sign`],
                                               theta: all[`${layer.name}.theta`] }));
    }

    /** pixels: 0 to 255. Fills in what each layer does; maps are { height, width, channels, drive, value }. */
    answer(pixels) {
        const value = Float64Array.from(pixels, (pixel) => (this.top * pixel) / 255);
        this.maps = [{ height: 28, width: 28, channels: 1, drive: value, value }];
        for (const layer of this.layers)
            this.maps.push(layer.kind === 'max' ? this.pool(layer, this.maps.at(-1)) : this.forward(layer, this.maps.at(-1)));
    }

    shape(layer, below) {
        if (layer.kind === 'dense')
            return { height: 1, width: 1, channels: layer.size };
        const cut = (n) => (layer.kind === 'max' ? Math.floor(n / layer.field) : n - layer.field + 1);
        return { height: cut(below.height), width: cut(below.width), channels: layer.size ?? below.channels };
    }

    /** Indices in the map below of what neuron `k` reads, rows, columns, channels last. */
    field(layer, below, { width, channels }, k) {
        if (layer.kind === 'dense')
            return below.value.map((_, i) => i);
        const place = Math.floor(k / channels), hop = layer.kind === 'max' ? layer.field : 1, read = [];
        const top = Math.floor(place / width) * hop, left = (place % width) * hop;
        for (let y = top; y < top + layer.field; y++)
            for (let x = left; x < left + layer.field; x++)
                for (let c = 0; c < below.channels; c++)
                    if (layer.kind !== 'max' || c === k % channels)
                        read.push((y * below.width + x) * below.channels + c);
        return read;
    }

    empty(layer, below) {
        const map = this.shape(layer, below), size = map.height * map.width * map.channels;
        return { ...map, drive: new Float64Array(size), value: new Float64Array(size) };
    }

    pool(layer, below) {
        const map = this.empty(layer, below);
        map.value.forEach((_, k) => {
            const read = this.field(layer, below, map, k);
            const best = read.reduce((most, i) => (below.drive[i] > below.drive[most] ? i : most));
            [map.drive[k], map.value[k]] = [below.drive[best], below.value[best]];
        });
        return map;
    }

    forward(layer, below) {
        const map = this.empty(layer, below);
        map.value.forEach((_, k) => {
            const theta = layer.theta[k % map.channels];
            map.drive[k] = this.connections(layer, below, map, k).reduce((sum, { adds }) => sum + adds, 0);
            map.value[k] = this.top * Math.min(1, Math.max(0, (map.drive[k] - theta) / (1 - theta)));
        });
        return map;
    }

    /** Every connection of neuron `k`: { neuron, bound (negative: inhibits), value, adds }; live where value > bound. */
    connections(layer, below, map, k) {
        const read = this.field(layer, below, map, k), first = (k % map.channels) * read.length;
        const gamma = layer.gain / Math.sqrt(read.length);
        return Array.from(read, (neuron, i) => {
            const alpha = layer.alpha[first + i], sign = layer.sign[first + i], value = below.value[neuron];
            const adds = value > alpha ? (gamma * sign * (value - alpha)) / (1 - alpha) : 0;
            return { neuron, alpha, sign, value, adds };
        });
    }

    /** number counts the input as 0. */
    connectionsOf(number, k) {
        return this.connections(this.layers[number - 1], this.maps[number - 1], this.maps[number], k);
    }

    /** Probabilities, equation 20. */
    shares() {
        const drives = Array.from(this.maps.at(-1).drive), most = Math.max(...drives);
        const terms = drives.map((drive) => Math.exp(this.sharpness * (drive - most)));
        return terms.map((term) => term / terms.reduce((sum, one) => sum + one));
    }
}
