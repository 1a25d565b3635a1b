import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** Bundles lie below `node_modules`, so that they find the packages that they leave out. */
const BUNDLES = fileURLToPath(new URL('../node_modules/.cache/forklore-tests', import.meta.url));

export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** A TypeScript program of the tests, bundled once so that it starts quickly, and run as a process as often as needed. */
export class ChildProgram {
  readonly #directory: string;
  /** The bundle. */
  readonly file: string;

  /** `source` is relative to this folder. */
  constructor(source: string) {
    mkdirSync(BUNDLES, { recursive: true });
    this.#directory = mkdtempSync(join(BUNDLES, 'child-'));
    this.file = join(this.#directory, 'child.mjs');
    buildSync({
      entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
      outfile: this.file,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
    });
  }

  /** Starts the program; `shellPrefix` is run by a shell before it, such as `ulimit -f 1000`. */
  start(args: readonly string[], shellPrefix?: string): RunningChild {
    const command = [process.execPath, this.file, ...args];
    const child = shellPrefix
      ? spawn('bash', ['-c', `${shellPrefix}; exec "$0" "$@"`, ...command])
      : spawn(process.execPath, command.slice(1));
    return new RunningChild(child);
  }

  run(args: readonly string[], shellPrefix?: string): Promise<ChildResult> {
    return this.start(args, shellPrefix).ended;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A process with what it has said so far. */
export class RunningChild {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  readonly ended: Promise<ChildResult>;
  #onLine: () => void = () => {};

  constructor(child: ChildProcess) {
    this.process = child;
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    reader.on('line', (line) => {
      this.lines.push(line);
      this.#onLine();
    });
    this.ended = Promise.all([once(child, 'close'), once(reader, 'close')]).then(([[code, signal]]) => {
      this.#onLine();
      return { code, signal, lines: this.lines, errors };
    });
  }

  /** Resolves when the process has written `count` lines, or has ended. */
  async saidLines(count: number): Promise<void> {
    const enough = new Promise<void>((resolve) => {
      this.#onLine = () => {
        if (this.lines.length >= count) resolve();
      };
      this.#onLine();
    });
    await Promise.race([enough, this.ended]);
  }
}
