// A network built by `bouton build --target=wasm32`, as an object: it classifies images and lists the live connections
// of any neuron. `facts` are the constants of the generated header; build.sh inserts them.

const WORD = 4;
export const KIND = { INPUT: 0, DENSE: 1, CONVOLUTION: 2, POOL_MAX: 3, POOL_MEAN: 4, POOL_SUM: 5 };

export class Network {
    static async open(bytes, facts) {
        const { instance } = await WebAssembly.instantiate(bytes, {});
        return new Network(instance.exports, facts);
    }

    constructor(code, facts) {
        this.facts = facts;
        this.code = code;
        this.call = (name, ...rest) => code[`${facts.name}_${name}`](...rest);
        this.readLayers(this.call('layers'));
        this.layOut();
        this.about = this.text(this.call('about'));
    }

    text(at) {
        const bytes = new Uint8Array(this.code.memory.buffer);
        return new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
    }

    /** Reads each struct bouton_layer: a name, a list of sources, `top`, then one number for each of facts.fields. */
    readLayers(at) {
        const memory = new DataView(this.code.memory.buffer), number = (where) => memory.getUint32(where, true);
        const size = (3 + this.facts.fields.length) * WORD;
        this.layers = Array.from({ length: this.facts.layers }, (_, i) => {
            const row = at + i * size, sources = number(row + WORD);
            const layer = { name: this.text(number(row)), top: memory.getFloat32(row + 2 * WORD, true) };
            this.facts.fields.forEach((field, f) => (layer[field] = number(row + (3 + f) * WORD)));
            layer.neurons = layer.height * layer.width * layer.channels;
            layer.sources = Array.from({ length: layer.source_count }, (_, s) => number(sources + s * WORD));
            return layer;
        });
    }

    /** Places the arrays of this object in the memory after the module's own. */
    layOut() {
        const { inputs, labels, trace, scratch } = this.facts;
        const most = Math.max(...this.layers.map((layer) => layer.connections));
        let at = (this.code.__heap_base.value + 15) & ~15;
        const take = (words) => (at += words * WORD) - words * WORD;
        const places = [inputs, labels, trace, most, most].map(take);
        const end = at + scratch, pages = Math.ceil((end - this.code.memory.buffer.byteLength) / 65536);
        if (pages > 0)
            this.code.memory.grow(pages);
        const floats = (place, count) => new Float32Array(this.code.memory.buffer, place, count);
        [this.inputAt, this.sharesAt, this.traceAt, this.boundsAt, this.addsAt, this.scratchAt] = [...places, at];
        this.input = floats(this.inputAt, inputs);
        this.shares = floats(this.sharesAt, labels); // probabilities
        this.trace = floats(this.traceAt, trace);
        this.bounds = floats(this.boundsAt, most);
        this.adds = floats(this.addsAt, most);
    }

    /** Returns the label of an image of numbers from 0 to 255. Probabilities and the trace are valid until the next call. */
    answer(pixels) {
        const { low, high } = this.facts;
        pixels.forEach((value, i) => (this.input[i] = low + (value / 255) * (high - low)));
        return this.call('trace', this.inputAt, this.sharesAt, this.traceAt, this.scratchAt);
    }

    activations(layer) {
        const { activations, neurons } = this.layers[layer];
        return this.trace.subarray(activations, activations + neurons);
    }

    drive(layer, neuron) {
        return this.trace[this.layers[layer].drives + neuron];
    }

    /** The number of live connections of a neuron. */
    liveCount(layer, neuron) {
        return this.call('connections', this.traceAt, layer, neuron, 0, 0);
    }

    /** Calls visit({ layer, neuron, bound, value, adds }) for each live input of a neuron. */
    eachLive(layer, neuron, visit) {
        if (this.layers[layer].connections > 0)
            this.eachConnection(layer, neuron, visit);
        else if (layer > 0)
            this.eachPooled(layer, neuron, visit);
    }

    eachConnection(number, neuron, visit) {
        const layer = this.layers[number], place = Math.floor(neuron / layer.channels);
        const top = Math.floor(place / layer.width) * layer.hop - layer.pad_top;
        const left = (place % layer.width) * layer.hop - layer.pad_left;
        this.call('connections', this.traceAt, number, neuron, this.boundsAt, this.addsAt);
        const bounds = this.bounds.slice(0, layer.connections), adds = this.adds.slice(0, layer.connections);
        adds.forEach((add, i) => {
            if (add === 0)
                return;
            const channel = i % layer.in_channels, cell = Math.floor(i / layer.in_channels);
            const y = top + Math.floor(cell / layer.field_width), x = left + (cell % layer.field_width);
            this.visitRead(layer, (y * layer.in_width + x) * layer.in_channels + channel, bounds[i], add, visit);
        });
    }

    /** A max pool reads one input of its window; the other pools read all of them. `adds` is the input's own value. */
    eachPooled(number, neuron, visit) {
        const layer = this.layers[number], channel = neuron % layer.channels;
        const place = Math.floor(neuron / layer.channels);
        const window = (at, count, of, size) =>
            layer.hop > 0 ? [at * layer.hop, at * layer.hop + size]
                          : [Math.floor((at * of) / count), Math.floor(((at + 1) * of) / count)];
        const [y0, y1] = window(Math.floor(place / layer.width), layer.height, layer.in_height, layer.field_height);
        const [x0, x1] = window(place % layer.width, layer.width, layer.in_width, layer.field_width);
        let parts = [];
        for (let y = y0; y < y1; y++)
            for (let x = x0; x < x1; x++)
                parts.push((y * layer.in_width + x) * layer.in_channels + channel);
        if (layer.kind === KIND.POOL_MAX)
            parts = [parts.reduce((best, at) =>
                this.trace[layer.ranks + at] > this.trace[layer.ranks + best] ? at : best)];
        for (const at of parts)
            if (this.trace[layer.reads + at] > 0)
                this.visitRead(layer, at, 0, this.trace[layer.reads + at], visit);
    }

    /** Finds the source and the neuron at position `at` of the map that a layer reads, and visits it. */
    visitRead(layer, at, bound, adds, visit) {
        const value = this.trace[layer.reads + at], dense = layer.kind === KIND.DENSE;
        const place = Math.floor(at / layer.in_channels);
        let rest = dense ? at : at % layer.in_channels;
        for (const source of layer.sources) {
            const { neurons, channels } = this.layers[source], values = dense ? neurons : channels;
            if (rest < values)
                return visit({ layer: source, neuron: dense ? rest : place * channels + rest, bound, value, adds });
            rest -= values;
        }
    }
}
