// Looks at reports in a browser and compares their numbers with `eval --json`:
//     node page.mjs CHROMIUM NAME...
// For each NAME, NAME.html is the page, and NAME.json, where there is one, what eval printed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Browser } from '../web/browser.mjs';

const [chromium, ...names] = process.argv.slice(2);
const browser = await Browser.start(chromium);
await browser.send('Network.emulateNetworkConditions', { offline: true, latency: 0, downloadThroughput: 0, uploadThroughput: 0 });

/** What is wrong with the page as it lies on the screen: texts that overlap, are cut, or hardly differ from their ground. */
const look = `(() => {
    const wrong = [];
    for (const one of document.querySelectorAll('details'))
        one.open = true;
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width)
        wrong.push('the page is wider than the window: ' + document.documentElement.scrollWidth);

    const rgba = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1]; };
    const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
    const ground = (one) => one ? over(rgba(getComputedStyle(one).backgroundColor), ground(one.parentElement)) : [255, 255, 255];
    const light = (colour) => colour.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };

    const seen = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());) {
        if (!node.textContent.trim() || node.parentElement.localName === 'title') // a tooltip is not on the page
            continue;
        const one = node.parentElement, style = getComputedStyle(one), inside = one.closest('svg');
        const under = ground(inside ? inside.parentElement : one);
        const colour = over(rgba(inside ? style.fill : style.color), under);
        if (contrast(colour, under) < 4.5)
            wrong.push('contrast ' + contrast(colour, under).toFixed(2) + ': ' + node.textContent.slice(0, 40));
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const { left, top, right, bottom } of range.getClientRects()) {
            if (right - left < 1)
                continue;
            seen.push({ left, top, right, bottom, text: node.textContent.trim().slice(0, 40), node });
            const box = (inside ?? one.closest('.wide, pre'))?.getBoundingClientRect();
            if (inside && (left < box.left - 1 || right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1))
                wrong.push('cut in a chart: ' + node.textContent);
            if (!box && (left < -1 || right > width + 1))
                wrong.push('beyond the window: ' + node.textContent.slice(0, 40));
        }
    }
    seen.sort((a, b) => a.top - b.top);
    for (let i = 0; i < seen.length; i++)
        for (let j = i + 1; j < seen.length && seen[j].top < seen[i].bottom - 3; j++) {
            const a = seen[i], b = seen[j];
            if (a.node !== b.node && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2)
                wrong.push('overlap: "' + a.text + '" and "' + b.text + '"');
        }
    return wrong;
})()`;

const numbers = `(() => {
    const value = (selector) => Number(document.querySelector(selector)?.dataset.value);
    const rows = (selector, cell) => Array.from(document.querySelectorAll(selector + ' tbody tr'),
        (row) => Array.from(row.querySelectorAll(cell), (one) => Number(one.dataset.value)));
    return { accuracy: value('#accuracy'), samples: value('#sample-count'), right: value('#right-count'), nll: value('#nll'),
        ece: value('#ece'), confusion: rows('#confusion-table', 'td > span'), live: rows('#live-table', 'td > span').flat() };
})()`;

let failed = 0;
for (const name of names) {
    const address = `file://${resolve(`${name}.html`)}`;
    for (const width of [1200, 390])
        for (const dark of [false, true]) {
            await browser.open(address, width, 900, { dark });
            const wrong = await browser.value(look);
            if (wrong.length > 0)
                console.log(`${name}, ${width} wide, ${dark ? 'dark' : 'light'}:`, wrong.slice(0, 8).join('\n    '));
            failed += wrong.length;
        }
    assert.equal(await browser.value('document.scripts.length'), 0);
    if (!existsSync(`${name}.json`))
        continue;
    const wanted = JSON.parse(readFileSync(`${name}.json`, 'utf8')), found = await browser.value(numbers);
    for (const key of ['accuracy', 'samples', 'nll', 'ece', 'confusion'])
        assert.deepEqual(found[key], wanted[key], `${name}: ${key}`);
    assert.deepEqual(found.live, Object.values(wanted.live), `${name}: live`);
    assert.equal(found.right, Math.round(wanted.accuracy * wanted.samples));
}

// The phases, the wins and the pictures are there; every picture decodes.
await browser.open(`file://${resolve('winners.html')}`, 1200, 900);
assert.deepEqual(await browser.value('Array.from(document.querySelectorAll("#curves tbody th"), (one) => one.textContent)'), ['find', 'learn']);
assert.ok((await browser.value('document.querySelector("#curves").textContent')).includes('of 12 filters won none'));
assert.deepEqual(await browser.value('Array.from(document.images).filter((one) => !one.naturalWidth || !one.alt).length'), 0);
assert.ok(await browser.value('document.querySelectorAll("#live img").length') >= 24);

assert.ok(await browser.value('document.querySelectorAll("#network rect").length') >= 3); // boxes of the network

// Hostile names are text.
await browser.open(`file://${resolve('table.html')}`, 1200, 900);
const shown = await browser.value('document.body.textContent');
for (const text of ['<script>alert(1)</script>', "a \"quoted\" & 'other'", '<img src=x onerror=alert(1)>', '"&lt; \u05e9\u05dc\u05d5\u05dd'])
    assert.ok(shown.includes(text), `${text} is not shown as text`);
assert.ok(!shown.includes('\u202e'), 'a character turns the text');
assert.ok(!shown.includes('x'.repeat(100)), 'a long name is not cut');

// Models side by side: the numbers of `eval` and `compare`; names are text; a difference only on the same samples.
const read = (name) => JSON.parse(readFileSync(`${name}.json`, 'utf8'));
const cells = (table) => `Array.from(document.querySelectorAll("${table} tbody tr"), (row) =>
    Array.from(row.children, (one) => one.querySelector('[data-value]') ? Number(one.querySelector('[data-value]').dataset.value) : one.textContent))`;
await browser.open(`file://${resolve('beside.html')}`, 1200, 900);
const beside = await browser.value(cells('#models-table')), compared = read('compared');
assert.deepEqual(beside.map((row) => row[0]),
    ['A table.safetensors', 'B n&<i>"w.safetensors', 'C other.safetensors', 'D table.safetensors', 'E winners.safetensors']);
for (const [row, name] of [[0, 'table'], [1, 'narrow'], [4, 'winners']])
    assert.equal(beside[row][1], read(name).accuracy, name);
assert.ok(Math.abs(beside[1][3] - (compared.b.accuracy - compared.a.accuracy)) < 1e-8);
assert.ok(Math.abs(beside[1][5] - compared.p) <= 1e-8 * compared.p, 'p of McNemar');
assert.equal(beside[1][6], compared.differing.length);
assert.deepEqual(beside.map((row) => row[3] === '-'), [true, false, true, true, true]); // others have other samples, or none
assert.equal(beside[0][7], compared.a.parameters);
assert.equal(beside[1][8], compared.b.operations);
assert.equal(beside[3][1], '-');
assert.equal(await browser.value('document.querySelectorAll("#curves figure").length'), 3);
assert.equal(await browser.value('document.querySelectorAll("#curves figure:last-child path.line").length'), 10); // each in the chart and in its key
assert.equal(await browser.value('document.querySelectorAll("section[id^=model-]").length'), 5);

// A sweep: the numbers of its table, the chosen row, a chart for each setting with a ring at the best run.
await browser.open(`file://${resolve('runs.html')}`, 1200, 900);
const rows = await browser.value(cells('#rows-table')), swept = read('swept');
assert.equal(rows.length, swept.rows.length);
swept.rows.forEach((row, i) => {
    assert.deepEqual(rows[i].slice(1, 3), [row.settings.width, row.settings.rate]);
    assert.equal(rows[i][3], String(row.validation.n));
    [[4, row.validation.mean], [5, row.validation.deviation], [6, row.difference?.mean]].forEach(([at, wanted]) =>
        assert.ok(wanted === undefined ? rows[i][at] === '-' : Math.abs(rows[i][at] - wanted) < 1e-8, `row ${i}, cell ${at}`));
});
assert.equal(await browser.value('document.querySelector("#chosen th").textContent'), `${swept.chosen.row + 1} chosen`);
assert.ok(Math.abs(await browser.value('Number(document.querySelector("#test-mean").dataset.value)') - swept.chosen.test.mean) < 1e-8);
assert.equal(await browser.value('document.querySelectorAll("#runs-table tbody tr").length'), 12);
assert.equal(await browser.value('document.querySelectorAll("#curves figure").length'), 4);
assert.equal(await browser.value('document.querySelectorAll("#curves figure:first-child > svg path.line").length'), 12);
assert.equal(await browser.value('document.querySelectorAll("#curves figure:first-child > svg path.thick").length'), 2);
assert.equal(await browser.value('document.querySelectorAll("#curves figure > svg circle").length'), 2);

assert.deepEqual(browser.complaints, []);
assert.deepEqual(browser.requests.filter((one) => !one.startsWith('file:') && !one.startsWith('data:')), []);
await browser.close();
assert.equal(failed, 0, `${failed} faults of layout`);
