// Draws on the page with a mouse and compares what it shows with `bouton predict` and with the model answered here:
//     node page.mjs CHROMIUM BOUTON PAGE MODEL dense|maps
// PAGE is an index.html of examples/mnist/web/build.sh, MODEL what it was built from.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Browser } from './browser.mjs';
import { Model } from './model.mjs';

const [chromium, bouton, page, path, kind] = process.argv.slice(2);
const networks = {
    dense: () => new Model(path, 0.5, [{ name: 'hidden', kind: 'dense', size: 200, gain: 4 },
                                       { name: 'class', kind: 'dense', size: 10, gain: 4 }]),
    maps: () => new Model(path, 0.7, [{ name: 'c1', kind: 'conv', size: 8, field: 5, gain: 2 },
                                      { name: 'p1', kind: 'max', field: 2 },
                                      { name: 'c2', kind: 'conv', size: 16, field: 5, gain: 1 },
                                      { name: 'p2', kind: 'max', field: 2 },
                                      { name: 'class', kind: 'dense', size: 10, gain: 2 }]),
};
const NEAR = 1e-5; // bounds and activations nearer than this may fall to either side

// ---- digits, as a hand would draw them in different sizes and places ----

const line = (...corners) => corners.slice(1).flatMap((to, i) => Array.from({ length: 7 }, (_, step) =>
    corners[i].map((from, axis) => from + ((to[axis] - from) * step) / 6)));
const ring = Array.from({ length: 25 }, (_, i) => [0.5 + 0.3 * Math.sin(i * Math.PI / 12), 0.5 - 0.45 * Math.cos(i * Math.PI / 12)]);
const digits = [
    { label: 0, size: 0.7, at: [0.1, 0.2], strokes: [ring] },
    { label: 1, size: 0.5, at: [0.4, 0.1], strokes: [line([0.55, 0], [0.45, 1])] },
    { label: 4, size: 0.8, at: [0.1, 0.1], strokes: [line([0.35, 0], [0.15, 0.55], [0.8, 0.55]), line([0.65, 0.05], [0.6, 1])] },
    { label: 7, size: 0.4, at: [0.5, 0.5], strokes: [line([0.1, 0], [0.8, 0], [0.4, 1])] },
];
const placed = ({ size, at, strokes }) => strokes.map((stroke) => stroke.map((point) =>
    point.map((value, axis) => at[axis] + size * value)));

// ---- what the page shows ----

const browser = await Browser.start(chromium);

/** Waits until the page has looked inside the network for what is drawn, and, where asked, for a condition. */
const settled = (condition = 'true') => browser.value(`new Promise((done) => {
    const step = () => document.body.ariaBusy === 'false' && ${condition} ? done() : setTimeout(step, 10);
    requestAnimationFrame(() => requestAnimationFrame(step));
})`);

const shown = async (condition) => {
    await settled(condition);
    return browser.value(`(() => {
        const data = (selector) => Array.from(document.querySelectorAll(selector), (one) => ({ ...one.dataset }));
        return {
            label: document.getElementById('label').textContent,
            shares: data('.share').map(({ share }) => Number(share)),
            pressed: Array.from(document.querySelectorAll('.share')).findIndex((one) => one.ariaPressed === 'true'),
            chosen: document.querySelector('#neuron-title .chosen').textContent,
            facts: document.getElementById('facts').textContent,
            tiles: document.querySelectorAll('.tile').length,
            pixels: document.getElementById('seen').dataset.pixels.split(',').map(Number),
            links: data('#connections tr'), work: data('#work li'),
        };
    })()`);
};

/** Label and probabilities by `bouton predict`; levels follow them in its CSV. */
function predicted(input) {
    const text = execFileSync(bouton, ['predict', path, input, '--csv', '--cpu', 'generic'], { encoding: 'utf8' });
    const [label, ...numbers] = text.trim().split('\n')[1].split(',').slice(1).map(Number);
    return { label, shares: numbers.slice(0, numbers.length / 2) };
}

function predictedPixels(pixels) {
    writeFileSync('drawn.csv', `${pixels.join()}\n`);
    return predicted('drawn.csv');
}

function checkShares(seen, wanted) {
    assert.equal(seen.label, String(wanted.label));
    seen.shares.forEach((share, i) => assert.ok(Math.abs(share - wanted.shares[i]) < 5e-6, `probability ${i}: ${seen.shares} and ${wanted.shares}`));
}

// ---- live connections ----

/** The table of live connections against all connections of that neuron; those at the edge may be in it or not. */
function checkLinks(seen, model, number, neuron) {
    const links = new Map(seen.links.map((link) => [Number(link.neuron), link]));
    let live = 0;
    assert.equal(links.size, seen.links.length);
    for (const { neuron: from, alpha, sign, value, adds } of model.connectionsOf(number, neuron)) {
        const link = links.get(from);
        links.delete(from);
        if (Math.abs(value - alpha) < NEAR)
            continue;
        assert.equal(link !== undefined, value > alpha, `connection from ${from}: activation ${value}, bound ${alpha}`);
        if (!link)
            continue;
        live++;
        assert.equal(Number(link.layer), number - 1);
        assert.ok(Math.abs(Math.abs(Number(link.bound)) - alpha) < 1e-6 && Math.sign(Number(link.adds)) === sign);
        assert.ok(Math.abs(Number(link.adds) - adds) < NEAR, `from ${from}: adds ${link.adds}, not ${adds}`);
    }
    assert.equal(links.size, 0);
    assert.ok(live > 3, `${live} live connections are too few to have compared anything`);
    return live;
}

/** What is told of every layer; connections at the edge make a count uncertain by as many. */
function checkWork(seen, model) {
    const counted = model.layers.map((layer, i) => ({ layer, number: i + 1 })).filter(({ layer }) => layer.alpha);
    assert.deepEqual(seen.work.map(({ layer }) => layer), counted.map(({ layer }) => layer.name));
    counted.forEach(({ number }, i) => {
        let live = 0, edge = 0, all = 0;
        model.maps[number].value.forEach((_, k) => model.connectionsOf(number, k).forEach(({ value, alpha }) => {
            all++;
            live += value > alpha ? 1 : 0;
            edge += Math.abs(value - alpha) < NEAR ? 1 : 0;
        }));
        assert.equal(Number(seen.work[i].all), all);
        assert.ok(Math.abs(Number(seen.work[i].live) - live) <= edge, `${seen.work[i].layer}: ${seen.work[i].live}, not ${live}`);
        assert.ok(live > 0 && live < all / 2);
    });
}

// ---- the tests ----

async function drawingIsAnswered(model) {
    let told = '';
    for (const digit of digits) {
        await browser.draw('#pad', placed(digit));
        const seen = await shown();
        assert.equal(seen.label, String(digit.label), `drew ${digit.label}: ${seen.shares}`);
        checkShares(seen, predictedPixels(seen.pixels));
        assert.equal(seen.pressed, digit.label);
        model.answer(seen.pixels);
        seen.shares.forEach((share, i) => assert.ok(Math.abs(share - model.shares()[i]) < 1e-3));
        const live = checkLinks(seen, model, model.layers.length, digit.label);
        assert.ok(seen.facts.startsWith(`${seen.links.length} of its `));
        checkWork(seen, model);
        told += ` ${digit.label} (${live} live)`;
        await browser.click('#clear');
    }
    console.log(`${kind}: drew and read${told}`);
}

async function clearingClears() {
    await browser.draw('#pad', placed(digits[2]));
    assert.equal((await shown()).label, '4');
    await browser.key('Escape');
    const seen = await shown();
    assert.equal(seen.label, '–');
    assert.ok(seen.shares.every((share) => share === 0) && seen.pixels.every((pixel) => pixel === 0));
    assert.equal(seen.links.length + seen.tiles, 0);
    await browser.draw('#pad', [...placed(digits[3]), [[0.05, 0.95]]]);
    const before = (await shown()).pixels;
    await browser.click('#undo');
    const after = await shown();
    assert.notDeepEqual(after.pixels, before);
    assert.equal(after.label, '7');
    await browser.key('Escape');
}

/** A neuron below the answer: by its tile, by a key, by pressing the graph. */
async function neuronsAreLookedAt(model) {
    await browser.draw('#pad', placed(digits[2]));
    let seen = await shown();
    model.answer(seen.pixels);
    await browser.click('.tile');
    seen = await shown();
    const [strongest] = model.connectionsOf(model.layers.length, 4).sort((a, b) => Math.abs(b.adds) - Math.abs(a.adds));
    if (kind === 'dense') {
        assert.equal(seen.chosen, `hidden ${strongest.neuron}`);
        checkLinks(seen, model, 1, strongest.neuron);
    } else { // a pool: its only input is the largest of the window, and below that lie connections again
        assert.ok(seen.chosen.startsWith('p2 '));
        assert.equal(seen.links.length, 1);
        await browser.click('.tile');
        const { neuron } = seen.links[0];
        seen = await shown();
        assert.ok(seen.chosen.startsWith('c2 '));
        checkLinks(seen, model, 3, Number(neuron));
    }
    assert.equal(seen.pressed, -1);
    await browser.click('#back');
    assert.equal((await shown()).pressed, 4);
    await browser.key('9');
    seen = await shown();
    assert.equal(seen.pressed, 9);
    checkLinks(seen, model, model.layers.length, 9);
    const { left, top, width, height } = await browser.box('#planes');
    for (let x = width - 5; x > width * 0.6 && seen.pressed === 9; x -= 12) { // where output 0 lies
        await browser.press(left + x, top + height * 0.1);
        seen = await shown();
    }
    assert.equal(seen.pressed, 0, 'the output that was pressed in the graph');
    await browser.key('Escape');
}

async function picturesAreOpened() {
    execFileSync(bouton, ['draw', '7', '--seed', '5', '-o', 'seven.png']);
    await browser.chooseFile('#file', resolve('seven.png'));
    const seen = await shown("document.getElementById('label').textContent !== '–'");
    checkShares(seen, predicted('seven.png'));
    writeFileSync('not.png', 'no picture');
    await browser.chooseFile('#file', resolve('not.png'));
    await shown("document.getElementById('facts').textContent.includes('not a picture')");
    await browser.key('Escape');
}

async function opened(width, height, how) {
    await browser.open(`file://${resolve(page)}`, width, height, how);
    await settled();
    await browser.value("document.getElementById('all').open = true");
}

async function fits(width) {
    const needed = await browser.value('document.documentElement.scrollWidth');
    assert.ok(needed <= width, `${needed} pixels wide on a screen of ${width}`);
}

try {
    const model = networks[kind]();
    await opened(1200, 900);
    await drawingIsAnswered(model);
    await clearingClears();
    await neuronsAreLookedAt(model);
    await picturesAreOpened();
    await fits(1200);
    await opened(360, 800, { phone: true, dark: true });
    await browser.draw('#pad', placed(digits[0]));
    assert.equal((await shown()).label, '0');
    await fits(360);
    assert.deepEqual(browser.complaints, []);
    const elsewhere = browser.requests.filter((address) => !/^(file|data|blob):/.test(address));
    assert.deepEqual(elsewhere, []);
} finally {
    await browser.close();
}
