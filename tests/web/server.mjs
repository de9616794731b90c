// server.mjs - the real program as a process on a free port, for tests in a browser.
//
//     ZOETROPE_BIN    the program (build/zoetrope)
//     ZOETROPE_SLOW   how many times longer to wait than for a plain build (1)
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));
const binary = resolve(process.env.ZOETROPE_BIN ?? join(top, 'build/zoetrope'));

/** How long a wait may take before what never comes is said not to have come. */
export const patience = 60_000 * Number(process.env.ZOETROPE_SLOW ?? 1);

// Small films are made quickly, a reel takes some seconds, epic far longer than any test.
const models = `models:
  - {id: video-01, width: 320, height: 180}
  - {id: video-01-live2d, width: 320, height: 180}
  - {id: reel, width: 320, height: 180, frames: 900}
  - {id: epic, width: 1280, height: 720, frames: 20000}
`;

function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^ZOETROPE_|_proxy$/i.test(name)));
}

export class Server {
  constructor({ workers = 1, options = [] } = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'zoetrope-browser-'));
    this.data = join(this.folder, 'data');
    const config = join(this.folder, 'zoetrope.yaml');
    writeFileSync(config, models);
    this.words = ['--data', this.data, '--workers', String(workers), '--config', config, '--fetch-allow', '127.0.0.0/8', ...options];
    this.port = 0;
  }

  /** Starts it, after a stop or a kill on the same port again. */
  async start() {
    const setpriv = ['--pdeathsig', 'KILL', binary, 'serve', '--listen', `127.0.0.1:${this.port}`, ...this.words];
    this.child = spawn('setpriv', setpriv, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.child.stderr.on('data', (text) => (this.log += text));
    this.ended = new Promise((done) => this.child.on('exit', done));
    let out = '';
    const port = new Promise((found) =>
      this.child.stdout.on('data', (text) => {
        out += text;
        const match = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(out);
        if (match) found(Number(match[1]));
      }),
    );
    this.port = await Promise.race([
      port,
      this.ended.then((code) => {
        throw new Error(`serve ended with ${code}:\n${this.log}`);
      }),
    ]);
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The key that the first start made; it administers too. */
  get key() {
    return readFileSync(join(this.data, 'key'), 'utf8').trim();
  }

  makeKey(...options) {
    const out = execFileSync(binary, ['key', 'create', '--data', this.data, ...options], { env: environment(), encoding: 'utf8' });
    return /\b[0-9a-f]{64}\b/.exec(out)[0];
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    this.child?.kill('SIGTERM');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask(path, { key = this.key, method = 'GET', body } = {}) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  send(prompt, more = {}, key = this.key) {
    return this.ask('/v2/video/generations', { key, method: 'POST', body: { model: 'video-01', prompt, ...more } });
  }

  /** Sends a prompt and waits for its end. */
  async make(prompt, more = {}, key = this.key) {
    const { id } = await this.send(prompt, more, key);
    for (;;) {
      const job = await this.ask(`/v2/video/generations?generation_id=${id}&wait=20`, { key });
      if (job.status === 'completed' || job.status === 'error') return job;
    }
  }
}
