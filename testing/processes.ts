import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.ts';

export const PROGRAM = fileURLToPath(new URL('../dist/forklore.js', import.meta.url));

/** A folder that `removeFolders` deletes. */
const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'forklore-test-'));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs that have not ended. */
const living = new Set<Program>();

/** Ends every program that a test left running; for `afterEach`. */
export async function killPrograms(): Promise<void> {
  await Promise.all([...living].map((program) => program.signal('SIGKILL')));
}

/** The program, running. */
export class Program {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';

  /**
   * @param input what stands on standard input, which is never a terminal
   * @param prefix a command that in the end becomes the program, such as `nice`
   */
  constructor(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    input = '',
    file = PROGRAM,
    prefix: readonly string[] = [],
  ) {
    living.add(this);
    const [command = process.execPath, ...rest] = [...prefix, process.execPath, file, ...args];
    this.child = spawn(command, rest, {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdin?.end(input);
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.finished = new Promise((resolve) => {
      this.child.on('close', (code) => {
        living.delete(this);
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Resolves when standard output matches; rejects when the program ends before. */
  output(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#matched('stdout', pattern);
  }

  /** The same for standard error, where a node logs. */
  errorOutput(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#matched('stderr', pattern);
  }

  async #matched(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    return await new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this[stream]);
        if (match) resolve(match);
      };
      look();
      this.child[stream]?.on('data', look);
      this.finished.then(({ code, stdout, stderr }) =>
        reject(new Error(`ended with ${code} before printing ${pattern}\n${stdout}\n${stderr}`)),
      );
    });
  }

  signal(signal: NodeJS.Signals): Promise<Finished> {
    this.child.kill(signal);
    return this.finished;
  }
}

export interface NodeProcess {
  readonly program: Program;
  readonly url: string;
  readonly api: Api;
}

/** Runs the program to its end. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Promise<Finished> {
  return new Program(args, env, input).finished;
}

/** Starts a node and waits until it says where it listens; `file` is the program where it is not the one just built. */
export async function startNode(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  file = PROGRAM,
): Promise<NodeProcess> {
  const program = new Program(['node', ...args], env, '', file);
  const [, url = ''] = await program.output(/(http:\/\/\S+:\d+)\/graphql/);
  return { program, url, api: new Api(url) };
}
