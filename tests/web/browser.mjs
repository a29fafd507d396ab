// A headless Chromium, driven over a pipe: JSON messages with a zero byte behind each, on file descriptors 3 and 4.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE = 60_000; // milliseconds for one command

export class Browser {
    static async start(program) {
        const browser = new Browser(program);
        const { targetInfos } = await browser.send('Target.getTargets');
        const { targetId } = targetInfos.find(({ type }) => type === 'page');
        ({ sessionId: browser.session } = await browser.send('Target.attachToTarget', { targetId, flatten: true }));
        for (const domain of ['Page', 'Runtime', 'DOM', 'Log', 'Network'])
            await browser.send(`${domain}.enable`);
        return browser;
    }

    constructor(program) {
        this.home = mkdtempSync(join(tmpdir(), 'chromium-'));
        const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
            '--hide-scrollbars', '--disable-extensions', '--disable-background-networking',
            '--remote-debugging-pipe', `--user-data-dir=${this.home}`, 'about:blank'];
        this.process = spawn(program, options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
        this.waiting = new Map();
        this.listeners = [];
        this.number = 0;
        this.complaints = []; // errors and warnings of the page
        this.requests = []; // addresses it asked for
        let rest = '';
        this.process.stdio[4].setEncoding('utf8').on('data', (text) => {
            const messages = (rest + text).split('\0');
            rest = messages.pop();
            messages.forEach((message) => this.receive(JSON.parse(message)));
        });
        this.process.stdio[3].on('error', () => {}); // it ends by itself: close() is told by its exit
        this.ended = new Promise((resolve) => this.process.on('exit', resolve));
        this.ended.then(() => this.waiting.forEach(({ reject }) => reject(new Error('the browser has ended'))));
        this.process.on('error', (error) => this.waiting.forEach(({ reject }) => reject(error)));
    }

    receive({ id, error, result, method, params }) {
        const { resolve, reject, timer } = this.waiting.get(id) ?? {};
        this.waiting.delete(id);
        clearTimeout(timer);
        if (id)
            return error ? reject?.(new Error(error.message)) : resolve?.(result);
        if (method === 'Runtime.exceptionThrown')
            this.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
        if (method === 'Log.entryAdded')
            this.complaints.push(params.entry.text);
        if (method === 'Network.requestWillBeSent')
            this.requests.push(params.request.url);
        this.listeners = this.listeners.filter(([wanted, resolve]) => wanted !== method || resolve(params));
    }

    send(method, params = {}) {
        const id = ++this.number;
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE);
            this.waiting.set(id, { resolve, reject, timer });
            this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`);
        });
    }

    event(method) {
        return new Promise((resolve) => this.listeners.push([method, resolve]));
    }

    async open(address, width, height, { phone = false, dark = false } = {}) {
        await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: phone });
        await this.send('Emulation.setEmulatedMedia',
                        { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
        const loaded = this.event('Page.loadEventFired');
        await this.send('Page.navigate', { url: address });
        await loaded;
    }

    /** The value of an expression in the page; promises are waited for. */
    async value(expression) {
        const { result, exceptionDetails } = await this.send('Runtime.evaluate',
                                                             { expression, awaitPromise: true, returnByValue: true });
        if (exceptionDetails)
            throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
        return result.value;
    }

    box(selector) {
        return this.value(`(() => {
            const one = document.querySelector(${JSON.stringify(selector)});
            one.scrollIntoView({ block: 'center' });
            const { left, top, width, height } = one.getBoundingClientRect();
            return { left, top, width, height };
        })()`);
    }

    mouse(type, x, y, buttons) {
        return this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons, clickCount: 1 });
    }

    async click(selector) {
        const { left, top, width, height } = await this.box(selector);
        await this.press(left + width / 2, top + height / 2);
    }

    async press(x, y) {
        await this.mouse('mousePressed', x, y, 1);
        await this.mouse('mouseReleased', x, y, 0);
    }

    /** Strokes over an element: lists of [x, y], each from 0 to 1. */
    async draw(selector, strokes) {
        const { left, top, width, height } = await this.box(selector), at = ([x, y]) => [left + x * width, top + y * height];
        for (const stroke of strokes) {
            await this.mouse('mousePressed', ...at(stroke[0]), 1);
            for (const point of stroke.slice(1))
                await this.mouse('mouseMoved', ...at(point), 1);
            await this.mouse('mouseReleased', ...at(stroke.at(-1)), 0);
        }
    }

    async key(key) {
        for (const type of ['keyDown', 'keyUp'])
            await this.send('Input.dispatchKeyEvent', { type, key });
    }

    async chooseFile(selector, path) {
        const { root } = await this.send('DOM.getDocument');
        const { nodeId } = await this.send('DOM.querySelector', { nodeId: root.nodeId, selector });
        await this.send('DOM.setFileInputFiles', { nodeId, files: [path] });
    }

    async screenshot() {
        const { data } = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
        return Buffer.from(data, 'base64');
    }

    async close() {
        await this.send('Browser.close').catch(() => this.process.kill());
        await this.ended;
        rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
    }
}
