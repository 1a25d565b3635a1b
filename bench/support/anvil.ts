import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fetchedPackage } from './fetched-package.ts';
import { JsonCaller } from './json-caller.ts';

const VERSION = '1.7.1';
/** What the packages for a platform are called, beside Node's names. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The program, or null where it cannot be fetched for this platform. */
export function anvilProgram(): string | null {
  const architecture = ARCHITECTURES[process.arch];
  if (process.platform === 'win32' || architecture === undefined) return null;
  return fetchedPackage(`@foundry-rs/anvil-${process.platform}-${architecture}`, VERSION, 'bin/anvil');
}

/** A development node of Ethereum, in memory, that mines a block for each transaction. */
export class Anvil {
  readonly #child: ChildProcess;
  readonly #caller: JsonCaller;
  #calls = 0;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#caller = new JsonCaller(url);
  }

  /** Resolves with its first answer. */
  static async start(file: string): Promise<Anvil> {
    const child = spawn(file, ['--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
    process.once('exit', () => child.kill());
    const anvil = new Anvil(child, await addressOf(child));
    await anvil.call('eth_blockNumber');
    return anvil;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a question knows what it asked for
  async call(method: string, ...params: unknown[]): Promise<any> {
    this.#calls++;
    const { result, error } = await this.#caller.call({ jsonrpc: '2.0', id: this.#calls, method, params });
    if (error) throw new Error(`anvil: ${error.message}`);
    return result;
  }

  async stop(): Promise<void> {
    this.#caller.close();
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}

/** Rejects when the program ends before it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    // Read to the end: it writes several lines for each call.
    child.stdout?.on('data', (chunk) => {
      if (output === 'found') return;
      output += chunk;
      const [, place] = /Listening on (\S+:\d+)/.exec(output) ?? [];
      if (place === undefined) return;
      output = 'found';
      resolve(`http://${place}`);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`anvil ended with ${code}`)));
  });
}
