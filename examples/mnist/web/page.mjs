// The page: reads strokes and shows predictions. build.sh defines `wasm` and `facts` before this script.

import { picture, SIDE } from './ink.mjs';
import { Network } from './network.mjs';
import { graphBelow, liveInputs, workDone } from './look.mjs';
import { fresh, paintDigit, palette, Planes } from './paint.mjs';

const TILES = 8; // number of strongest inputs shown
const FOLLOWED = 16; // neurons of a layer whose connections the graph shows
const PATIENCE = 25; // milliseconds that the views of the network may take for every step of a stroke

const $ = (id) => document.getElementById(id);
const network = await Network.open(Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0)), facts);
const outputs = network.layers.length - 1;

const state = {
    strokes: [],
    opened: null, // pixels of an opened image, used instead of strokes
    pixels: new Uint8Array(SIDE * SIDE),
    label: null, // null if nothing is drawn
    chosen: null, // { layer, neuron }; null stands for the predicted label
    cost: 0, // of the last update of the views, in milliseconds
    planes: null,
};

const chosen = () => state.chosen ?? { layer: outputs, neuron: state.label ?? 0 };

function nameOf({ layer, neuron }) {
    const { name, height, width, channels } = network.layers[layer];
    if (layer === outputs || height * width === 1)
        return `${name} ${neuron}`;
    const place = Math.floor(neuron / channels), at = `${Math.floor(place / width)},${place % width}`;
    return channels === 1 ? `${name} ${at}` : `${name} ${neuron % channels} at ${at}`;
}

const signed = (value) => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(3);

function element(tag, text, properties = {}) {
    return Object.assign(document.createElement(tag), { textContent: text }, properties);
}

// ---- predictions ----

function makeShares() {
    for (let label = 0; label < network.shares.length; label++) {
        const button = element('button', '', { type: 'button', className: 'share' });
        const bar = element('span', '', { className: 'bar' });
        bar.append(element('i', ''));
        button.append(element('span', label), bar, element('span', '', { className: 'value' }));
        button.addEventListener('click', () => choose({ layer: outputs, neuron: label }));
        $('shares').append(button);
    }
}

function showAnswer() {
    const { layer, neuron } = chosen(), drawn = state.label !== null;
    $('label').textContent = state.label ?? '–';
    Array.from($('shares').children).forEach((button, label) => {
        const share = drawn ? network.shares[label] : 0;
        button.querySelector('i').style.width = `${100 * share}%`;
        button.querySelector('.value').textContent = share.toFixed(2);
        button.dataset.share = share;
        button.classList.toggle('wins', label === state.label);
        button.setAttribute('aria-pressed', drawn && layer === outputs && neuron === label);
        button.setAttribute('aria-label', `digit ${label}, probability ${share.toFixed(2)}`);
    });
}

// ---- live connections ----

function showWork() {
    $('work').replaceChildren(...workDone(network).map(({ name, neurons, firing, live, all }) => {
        const item = element('li', ''), bar = element('div', '', { className: 'bar' }), fill = element('i', '');
        const head = element('div', ''), share = live / all;
        Object.assign(item.dataset, { layer: name, firing, live, all });
        fill.style.width = `${100 * share}%`;
        bar.append(fill);
        head.append(element('strong', name), element('span', `${(100 * share).toFixed(1)} % live`));
        item.append(head, bar, element('small', `${live.toLocaleString('en')} of ${all.toLocaleString('en')} connections; ` +
            `${firing.toLocaleString('en')} of ${neurons.toLocaleString('en')} neurons fire`));
        return item;
    }));
}

function makeTile(link, colours) {
    const button = element('button', '', { type: 'button', className: 'tile' }), canvas = element('canvas', '');
    canvas.className = 'digit';
    button.append(canvas, element('span', nameOf(link)),
                  element('span', signed(link.adds), { className: link.adds < 0 ? 'minus' : 'plus' }));
    button.addEventListener('click', () => choose(link));
    $('tiles').append(button);
    paintDigit(canvas, state.pixels, graphBelow(network, link.layer, link.neuron).parts[0], colours);
}

function showConnections(links) {
    if (!$('all').open)
        return $('connections').replaceChildren();
    const pooled = network.layers[chosen().layer].connections === 0;
    $('connections').replaceChildren(...links.map((link) => {
        const row = element('tr', ''), inhibits = Object.is(link.bound, -0) || link.bound < 0;
        Object.assign(row.dataset, { layer: link.layer, neuron: link.neuron, bound: link.bound, adds: link.adds });
        row.append(element('td', nameOf(link)), element('td', pooled ? 'pools' : inhibits ? 'inhibits' : 'excites'),
                   element('td', pooled ? '' : Math.abs(link.bound).toFixed(3)), element('td', link.value.toFixed(3)),
                   element('td', signed(link.adds), { className: link.adds < 0 ? 'minus' : 'plus' }));
        return row;
    }));
}

function describe({ layer, neuron }, links) {
    const { connections, top } = network.layers[layer], level = network.activations(layer)[neuron] / top;
    if (connections === 0)
        return `A pool: hands on ${links.length === 1 ? nameOf(links[0]) : `${links.length} activations`}.`;
    const excite = links.filter((link) => link.adds > 0).length;
    return `${links.length} of its ${connections} connections are live: ${excite} excite, ${links.length - excite} ` +
        `inhibit. Drive ${network.drive(layer, neuron).toFixed(3)}, level ${level.toFixed(3)}.`;
}

/** Updates all views of the network for the chosen neuron. */
function look() {
    const begin = performance.now(), at = chosen(), colours = palette();
    const name = state.label === null ? 'the answer' : nameOf(at);
    const links = state.label === null ? [] : liveInputs(network, at.layer, at.neuron);
    const parts = graphBelow(network, at.layer, at.neuron).parts[0];
    document.querySelectorAll('.chosen').forEach((span) => (span.textContent = name));
    paintDigit($('seen'), state.pixels, parts, colours);
    $('seen').dataset.pixels = state.pixels.join();
    $('back').hidden = state.label === null || at.layer === outputs;
    $('seen').setAttribute('aria-label', `what the network reads; ${parts.filter((part) => part > 0).length} pixels ` +
        `speak for ${name}, ${parts.filter((part) => part < 0).length} against it`);
    $('facts').textContent = state.label === null ? 'Nothing is drawn yet.' : describe(at, links);
    $('tiles').replaceChildren();
    links.filter((link) => link.layer > 0).slice(0, TILES).forEach((link) => makeTile(link, colours));
    showConnections(links);
    showWork();
    showPlanes(colours);
    state.cost = performance.now() - begin;
    document.body.ariaBusy = 'false';
}

function showPlanes(colours) {
    const canvas = $('planes'), at = chosen();
    state.planes = new Planes(network, canvas.clientWidth, canvas.clientHeight);
    state.planes.paint(canvas, at, graphBelow(network, at.layer, at.neuron, FOLLOWED), colours);
}

// ---- changes ----

let frame = 0, later = 0;

/** Once a frame: updates the prediction always, and the views only if they keep up with the pen or the pen rests. */
function changed() {
    document.body.ariaBusy = 'true';
    frame ||= requestAnimationFrame(() => {
        frame = 0;
        update();
        clearTimeout(later);
        if (state.cost < PATIENCE)
            look();
        else
            later = setTimeout(look, 120);
    });
}

function update() {
    state.pixels = state.opened ?? picture(state.strokes);
    const label = network.answer(state.pixels);
    state.label = state.pixels.some((value) => value > 0) ? label : null;
    if (state.label === null)
        state.chosen = null;
    showAnswer();
    paintPad();
}

function choose({ layer, neuron }) {
    if (state.label === null || layer === 0)
        return;
    state.chosen = { layer, neuron };
    showAnswer();
    look();
}

function clear() {
    [state.strokes, state.opened, state.chosen] = [[], null, null];
    changed();
}

function undo() {
    state.opened = null;
    state.strokes.pop();
    changed();
}

// ---- the pad ----

function paintPad() {
    const { context, width } = fresh($('pad'));
    $('hint').hidden = state.label !== null;
    if (state.opened)
        return paintDigit($('pad'), state.opened, [], palette());
    Object.assign(context, { lineWidth: width / 13, lineCap: 'round', lineJoin: 'round', strokeStyle: palette().ink });
    for (const stroke of state.strokes) {
        context.beginPath();
        context.moveTo(...stroke[0].map((at) => at * width));
        for (const [x, y] of stroke) // a tap is a line of length 0 and gives a dot
            context.lineTo(x * width, y * width);
        context.stroke();
    }
}

function listenToPen() {
    const pad = $('pad');
    let stroke = null;
    const add = (event) => {
        const box = pad.getBoundingClientRect();
        for (const one of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event])
            stroke.push([(one.clientX - box.left) / box.width, (one.clientY - box.top) / box.height]);
        changed();
    };
    pad.addEventListener('pointerdown', (event) => {
        if (event.button !== 0)
            return;
        pad.setPointerCapture(event.pointerId);
        state.strokes = state.opened ? [] : state.strokes;
        [state.opened, state.chosen, stroke] = [null, null, []];
        state.strokes.push(stroke);
        add(event);
    });
    pad.addEventListener('pointermove', (event) => stroke && add(event));
    for (const end of ['pointerup', 'pointercancel'])
        pad.addEventListener(end, () => (stroke = null));
}

/** Reads an image; sizes other than 28x28 are scaled. Bright pixels are ink, as in MNIST. */
async function open(file) {
    const bitmap = await createImageBitmap(file), canvas = new OffscreenCanvas(SIDE, SIDE);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, SIDE, SIDE);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    state.opened = Uint8Array.from({ length: SIDE * SIDE }, (_, i) =>
        Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]));
    [state.strokes, state.chosen] = [[], null];
    changed();
}

function listenToKeys() {
    document.addEventListener('keydown', (event) => {
        if (event.key === 'Escape' || event.key === 'Delete')
            clear();
        else if ((event.ctrlKey || event.metaKey) && event.key === 'z')
            undo();
        else if (/^[0-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey)
            choose({ layer: outputs, neuron: Number(event.key) });
    });
}

makeShares();
listenToPen();
listenToKeys();
$('clear').addEventListener('click', clear);
$('undo').addEventListener('click', undo);
$('back').addEventListener('click', () => choose({ layer: outputs, neuron: state.label }));
$('file').addEventListener('change', async (event) => {
    const [file] = event.target.files;
    event.target.value = '';
    if (file)
        await open(file).catch(() => ($('facts').textContent = `${file.name}: not a picture that can be read`));
});
$('all').addEventListener('toggle', look);
$('planes').addEventListener('click', (event) => {
    const found = state.planes.nearest(event.offsetX, event.offsetY);
    if (found)
        choose(found);
});
$('about').textContent = network.about;
new ResizeObserver(changed).observe(document.querySelector('main'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
changed();
