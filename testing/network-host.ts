import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './processes.ts';

/** Where `ip netns exec` finds files that take the place of those in /etc. */
const FILES_OF_NAMESPACES = '/etc/netns';

/** Runs `ip` of the system. */
export const ip = (...args: readonly string[]): void => {
  execFileSync('ip', args);
};

/**
 * A network namespace of a test's own, which stands for a machine. It has no way to anywhere before the test lays one, and
 * ends with `remove`.
 */
export class NetworkHost {
  readonly namespace: string;
  readonly #runtime: string;

  /**
   * @param label of the namespace's name
   * @param folder where its programs keep what they tell each other on one machine
   * @param names of the machine itself, besides `localhost`
   */
  constructor(label: string, folder: string, names: readonly string[] = []) {
    this.namespace = `forklore-${label}-${process.pid}`;
    this.#runtime = join(folder, this.namespace);
    ip('netns', 'add', this.namespace);
    ip('-n', this.namespace, 'link', 'set', 'lo', 'up');
    if (names.length === 0) return;
    mkdirSync(join(FILES_OF_NAMESPACES, this.namespace), { recursive: true });
    const lines = ['localhost', ...names].map((name) => `127.0.0.1 ${name}\n`);
    writeFileSync(join(FILES_OF_NAMESPACES, this.namespace, 'hosts'), lines.join(''));
  }

  /** A command that runs another one on this machine. */
  get inside(): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace];
  }

  /** Starts `forklore` here. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
    return new Program(args, { FORKLORE_RUNTIME_DIR: this.#runtime, ...env }, '', undefined, this.inside);
  }

  /** Runs `forklore` here to its end. @returns its standard output; throws with its standard error where it fails */
  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, stdout, stderr } = await this.start(args, env).finished;
    if (code !== 0) throw new Error(`forklore ${args.join(' ')} ended with ${code}:\n${stderr}`);
    return stdout;
  }

  remove(): void {
    ip('netns', 'delete', this.namespace);
    rmSync(join(FILES_OF_NAMESPACES, this.namespace), { recursive: true, force: true });
  }
}
