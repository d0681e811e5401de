/** A project in a folder of its own, run by the built command; nothing of it survives `remove`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopAtInterrupt } from './interrupted.mjs';

const CLI = fileURLToPath(new URL('../../dist/bin/mcp-supervisor.js', import.meta.url));
const FIXTURES = new URL('../../test/fixtures/servers/', import.meta.url);

/** The file of one of the tests' small servers. */
export const fixture = (name) => fileURLToPath(new URL(`${name}.mjs`, FIXTURES));

export class Project {
  constructor(servers, envText = '') {
    this.dir = mkdtempSync(join(tmpdir(), 'mcps-bench-'));
    this.env(envText);
    const config = JSON.stringify({ gateway: { port: 0 }, servers }, null, 2);
    const text = `import { defineConfig } from 'mcp-supervisor';\nexport default defineConfig(${config});\n`;
    writeFileSync(join(this.dir, 'ecosystem.config.ts'), text);
  }

  file(...names) {
    return join(this.dir, ...names);
  }

  env(text) {
    writeFileSync(join(this.dir, '.env'), text);
  }

  /** Runs a verb; resolves with its output, throws on any exit code but 0. */
  run(...args) {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [CLI, ...args], {
        cwd: this.dir,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      child.once('close', (code) => {
        if (code === 0) resolve(out);
        else reject(new Error(`${args.join(' ')} exited with ${code}:\n${err}${out}`));
      });
    });
  }

  async status() {
    return JSON.parse(await this.run('status', '--json'));
  }

  token() {
    return readFileSync(this.file('.mcp-supervisor', 'token'), 'utf8').trim();
  }

  /** The supervisor's own log, as records. */
  supervisorLog() {
    const text = readFileSync(this.file('logs', 'supervisor.log'), 'utf8');
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  remove = stopAtInterrupt(async () => {
    await this.run('down');
    rmSync(this.dir, { recursive: true, force: true });
  });
}

/** Where and how a client reaches the server of a project that has one. */
export function endpointOf({ servers: [{ url }] }, project) {
  return { url, headers: { authorization: `Bearer ${project.token()}` } };
}

/** Does `work` with a project that is up, and removes it whatever happens. */
export async function withProject(servers, envText, work) {
  const project = new Project(servers, envText);
  try {
    await project.run('up');
    return await work(project);
  } finally {
    await project.remove();
  }
}
