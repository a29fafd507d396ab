// A network's activity for one input: shares of live connections, and the graph of live connections below one neuron.

/** For every layer with connections: the number of firing neurons and of live connections. */
export function workDone(network) {
    return network.layers.flatMap((layer, number) => {
        if (layer.connections === 0)
            return [];
        let live = 0;
        for (let neuron = 0; neuron < layer.neurons; neuron++)
            live += network.liveCount(number, neuron);
        const firing = network.activations(number).reduce((sum, o) => sum + (o > 0 ? 1 : 0), 0);
        return [{ name: layer.name, neurons: layer.neurons, firing, live, all: layer.neurons * layer.connections }];
    });
}

/** The live inputs of a neuron, the strongest first: { layer, neuron, bound, value, adds }. */
export function liveInputs(network, layer, neuron) {
    const found = [];
    network.eachLive(layer, neuron, (link) => found.push(link));
    return found.sort((a, b) => Math.abs(b.adds) - Math.abs(a.adds));
}

/** Walks down from a neuron along live connections. Each neuron passes its part of the first neuron's drive on to its
 * own live connections, in proportion to what they add to its drive. A negative part is evidence against the first
 * neuron. In each layer the `widest` strongest neurons are followed. Returns the parts by layer, and the edges. */
export function graphBelow(network, layer, neuron, widest = Infinity) {
    const parts = network.layers.map((one) => new Float32Array(one.neurons)), edges = [];
    parts[layer][neuron] = 1;
    for (let number = layer; number > 0; number--) {
        const here = parts[number];
        let follow = Array.from(here.keys()).filter((k) => here[k] !== 0);
        if (follow.length > widest)
            follow = follow.sort((a, b) => Math.abs(here[b]) - Math.abs(here[a])).slice(0, widest);
        for (const k of follow)
            passOn(network, number, k, parts, widest < Infinity ? edges : null);
    }
    return { parts, edges };
}

function passOn(network, layer, neuron, parts, edges) {
    const links = [];
    let sum = 0;
    network.eachLive(layer, neuron, (link) => {
        links.push(link);
        sum += Math.abs(link.adds);
    });
    for (const link of links) {
        const part = (parts[layer][neuron] * link.adds) / sum;
        parts[link.layer][link.neuron] += part;
        edges?.push({ from: link, to: { layer, neuron }, part });
    }
}
