// Drawings: a digit overlaid with the evidence for and against a neuron, and the layers as planes with the live
// connections between them.

import { SIDE } from './ink.mjs';

export function palette() {
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
    return { ink: colour('--ink'), faint: colour('--faint'), line: colour('--line'), panel: colour('--panel'),
             good: colour('--for'), bad: colour('--against') };
}

/** A canvas's context at the screen's resolution; lengths are in CSS pixels. */
export function fresh(canvas) {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d');
    context.scale(ratio, ratio);
    return { context, width, height };
}

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The image's pixels. A dot marks each pixel with a part: its area is the part, its colour the sign. */
export function paintDigit(canvas, pixels, parts, colours) {
    const { context, width } = fresh(canvas), cell = width / SIDE, most = largest(parts);
    context.fillStyle = colours.ink;
    pixels.forEach((value, at) => {
        context.globalAlpha = (value / 255) * (most > 0 ? 0.28 : 1);
        if (value > 0)
            context.fillRect((at % SIDE) * cell, Math.floor(at / SIDE) * cell, cell + 0.3, cell + 0.3);
    });
    context.globalAlpha = 0.9;
    parts.forEach((part, at) => {
        if (part === 0)
            return;
        context.fillStyle = part > 0 ? colours.good : colours.bad;
        context.beginPath();
        const radius = Math.max(0.12, 0.62 * Math.sqrt(Math.abs(part) / most)) * cell;
        context.arc(((at % SIDE) + 0.5) * cell, (Math.floor(at / SIDE) + 0.5) * cell, radius, 0, 2 * Math.PI);
        context.fill();
    });
}

// ---- planes ----

/** Positions of layers and neurons: planes seen from the side, from left to right, or downwards on a narrow screen. */
export class Planes {
    constructor(network, width, height) {
        this.network = network;
        this.down = width < 560;
        const along = this.down ? height : width, across = this.down ? width : height, count = network.layers.length;
        this.step = (along - 70) / (count - 0.6);
        this.size = this.down ? Math.min(across * 0.72, this.step * 1.9) : Math.min(across * 0.7, this.step * 1.45);
        this.centre = this.down ? [width * 0.46, 0] : [0, height * 0.47];
    }

    /** Columns and rows of a layer: its map, or a near square of neurons. The last layer is one line. */
    grid(number) {
        const layer = this.network.layers[number], places = layer.height * layer.width;
        if (number === this.network.layers.length - 1)
            return this.down ? [layer.neurons, 1] : [1, layer.neurons];
        if (places > 1)
            return [layer.width, layer.height];
        const columns = Math.ceil(Math.sqrt(layer.neurons));
        return [columns, Math.ceil(layer.neurons / columns)];
    }

    cell(number, neuron) {
        const layer = this.network.layers[number];
        return layer.height * layer.width > 1 ? Math.floor(neuron / layer.channels) : neuron;
    }

    /** Projects (u, v), from -0.5 to 0.5 on a plane, to a point. */
    project(number, u, v) {
        const last = number === this.network.layers.length - 1, [cx, cy] = this.centre;
        const at = 50 + (number + (this.down ? 0.15 : 0.2)) * this.step;
        if (this.down)
            return last ? [cx + u * cx * 1.9, at] : [cx + (u + v * 0.3) * this.size, at + v * this.size * 0.42];
        return last ? [at, cy + v * cy * 1.75]
                    : [at + u * this.size * 0.5, cy + (v + u * 0.34) * this.size];
    }

    centreOf(number, neuron) {
        const [columns, rows] = this.grid(number), cell = this.cell(number, neuron);
        return this.project(number, ((cell % columns) + 0.5) / columns - 0.5,
                            (Math.floor(cell / columns) + 0.5) / rows - 0.5);
    }

    corners(number, [left, top, right, bottom] = [-0.5, -0.5, 0.5, 0.5]) {
        return [[left, top], [right, top], [right, bottom], [left, bottom]].map(([u, v]) => this.project(number, u, v));
    }

    /** The firing neuron nearest to a point: { layer, neuron }, or null. Outputs count even if they do not fire. */
    nearest(x, y) {
        let best = null, least = 14;
        this.network.layers.forEach((layer, number) => {
            const outputs = number === this.network.layers.length - 1, values = this.network.activations(number);
            let strongest = 0;
            values.forEach((value, neuron) => {
                if (number === 0 || (value <= 0 && !outputs))
                    return;
                const [nx, ny] = this.centreOf(number, neuron), far = Math.hypot(nx - x, ny - y);
                if (far < least || (far === least && best?.layer === number && value > strongest)) {
                    best = { layer: number, neuron };
                    [least, strongest] = [far, value];
                }
            });
        });
        return best;
    }

    paint(canvas, chosen, graph, colours) {
        const { context } = fresh(canvas);
        const outputs = this.network.layers.length - 1;
        for (let number = 0; number < outputs; number++)
            this.paintPlane(context, number, colours);
        this.paintEdges(context, graph.edges, colours);
        graph.parts.forEach((parts, number) => number < outputs && this.paintParts(context, number, parts, colours));
        this.paintOutputs(context, outputs, graph.parts[outputs], colours);
        this.paintChosen(context, chosen, colours);
        this.paintNames(context, colours);
    }

    outline(context, points) {
        context.beginPath();
        points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
        context.closePath();
    }

    /** Draws a plane, with the activation of each neuron, or of all neurons of a place. */
    paintPlane(context, number, colours) {
        const [columns, rows] = this.grid(number), values = this.network.activations(number);
        const cells = new Float32Array(columns * rows);
        values.forEach((value, neuron) => (cells[this.cell(number, neuron)] += value));
        const most = largest(cells) || 1;
        context.globalAlpha = 0.85;
        context.fillStyle = colours.panel;
        context.strokeStyle = colours.line;
        context.lineWidth = 1;
        this.outline(context, this.corners(number));
        context.fill();
        context.stroke();
        context.fillStyle = colours.ink;
        cells.forEach((value, cell) => {
            if (value <= 0)
                return;
            const left = (cell % columns) / columns - 0.5, top = Math.floor(cell / columns) / rows - 0.5;
            context.globalAlpha = 0.1 + 0.5 * (value / most);
            this.outline(context, this.corners(number, [left, top, left + 1 / columns, top + 1 / rows]));
            context.fill();
        });
        context.globalAlpha = 1;
    }

    /** Draws the faintest edges first. */
    paintEdges(context, edges, colours) {
        const most = edges.reduce((sum, { part }) => Math.max(sum, Math.abs(part)), 0);
        for (const { from, to, part } of [...edges].sort((a, b) => Math.abs(a.part) - Math.abs(b.part))) {
            const strength = Math.sqrt(Math.abs(part) / most);
            context.strokeStyle = part > 0 ? colours.good : colours.bad;
            context.globalAlpha = 0.06 + 0.7 * strength;
            context.lineWidth = 0.5 + 1.6 * strength;
            context.beginPath();
            context.moveTo(...this.centreOf(from.layer, from.neuron));
            context.lineTo(...this.centreOf(to.layer, to.neuron));
            context.stroke();
        }
        context.globalAlpha = 1;
    }

    paintParts(context, number, parts, colours) {
        const most = largest(parts), room = number === 0 ? this.size / SIDE / 2 : 4.5;
        parts.forEach((part, neuron) => {
            if (part !== 0)
                this.dot(context, this.centreOf(number, neuron), room * Math.sqrt(Math.abs(part) / most),
                         part > 0 ? colours.good : colours.bad);
        });
    }

    dot(context, [x, y], radius, colour) {
        context.fillStyle = colour;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.fill();
    }

    paintOutputs(context, number, parts, colours) {
        const values = this.network.activations(number), top = this.network.layers[number].top;
        context.font = '600 12px system-ui, sans-serif';
        context.textAlign = 'center';
        context.textBaseline = 'middle';
        values.forEach((value, label) => {
            const at = this.centreOf(number, label), level = value / top;
            this.dot(context, at, 11, colours.panel);
            context.globalAlpha = 0.12 + 0.88 * level;
            this.dot(context, at, 11, parts[label] ? colours.good : colours.faint);
            context.globalAlpha = 1;
            context.fillStyle = level > 0.45 ? colours.panel : colours.ink;
            context.fillText(label, ...at);
        });
    }

    paintChosen(context, { layer, neuron }, colours) {
        const radius = layer === this.network.layers.length - 1 ? 13.5 : 8;
        context.strokeStyle = colours.ink;
        context.lineWidth = 2;
        context.beginPath();
        context.arc(...this.centreOf(layer, neuron), radius, 0, 2 * Math.PI);
        context.stroke();
    }

    paintNames(context, colours) {
        context.font = '12px system-ui, sans-serif';
        context.fillStyle = colours.faint;
        this.network.layers.forEach((layer, number) => {
            const last = number === this.network.layers.length - 1;
            const [x, y] = this.down ? this.project(number, last ? -0.5 : -0.65, 0) : this.project(number, 0, 0.5);
            context.textAlign = this.down ? 'left' : 'center';
            const at = this.down ? [4, y - (last ? 20 : this.size * 0.21 + 8)] : [x, y + this.size * (last ? 0 : 0.17) + 16];
            context.fillText(layer.name, ...at);
        });
    }
}
