import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { freePorts } from '../../testing/free-ports.ts';
import { killPrograms, PROGRAM, Program, removeFolders, temporaryFolder } from '../../testing/processes.ts';

const FOLDER = fileURLToPath(new URL('../../examples/contracts/vote/', import.meta.url));
/** Some twenty programs one after the other; the machine may be busy. */
const LIMIT_MS = 120_000;

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

/** The commands of the README, and after which of them it shows which output. */
function steps(): {
  readonly cluster: string;
  readonly commands: readonly string[];
  readonly shown: Map<number, string>;
} {
  const blocks = [...readFileSync(`${FOLDER}README.md`, 'utf8').matchAll(/```(sh|text)\n([\s\S]*?)```/g)];
  const [first = [], ...others] = blocks;
  const commands: string[] = [];
  const shown = new Map<number, string>();
  for (const [, language, text = ''] of others) {
    if (language === 'sh') commands.push(...text.trim().split('\n'));
    else shown.set(commands.length - 1, text);
  }
  return { cluster: first[2] ?? '', commands, shown };
}

/** What the last commands before a place printed, as many lines as are shown; addresses are left out there. */
function asShown(outputs: readonly string[], place: number, text: string): string {
  const lines = outputs
    .slice(0, place + 1)
    .join('')
    .replaceAll(/rlore1[a-z0-9]+/g, 'rlore1…')
    .trimEnd()
    .split('\n');
  return `${lines.slice(1 - text.split('\n').length).join('\n')}\n`;
}

it('the vote of the README: two nodes, a result on both, and a reorg that takes a vote back', {
  timeout: LIMIT_MS,
}, async () => {
  const { cluster, commands, shown } = steps();
  const port = await freePorts(2);
  const [program, ...args] = cluster.trim().split(' ');
  expect(program).toBe('forklore');
  const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
  await new Program([...args, '--base-port', `${port}`, '--json'], env).output(/"graphqlUrl"|\n/);
  const mark = '=== end of a command';
  const script = commands
    .map((command) => `${command.replaceAll(/\b5001\b/g, `${port + 1}`)}\necho '${mark}'`)
    .join('\n');
  const forklore = `forklore() { '${process.execPath}' '${PROGRAM}' "$@"; }`;
  const { stdout } = await promisify(execFile)('bash', ['-c', `exec 2>&1\n${forklore}\n${script}`], {
    cwd: FOLDER,
    env: { ...process.env, NO_COLOR: '1', FORKLORE_NODE: `127.0.0.1:${port}`, ...env },
    timeout: LIMIT_MS,
  });
  const outputs = stdout.split(`${mark}\n`);
  expect(shown.size).toBe(5);
  for (const [place, text] of shown) expect(asShown(outputs, place, text), commands[place]).toBe(text);
});
