import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asShown, type PageStep, wordsOf } from './page-commands.ts';
import { Program } from './processes.ts';

/** Where a page is followed. */
interface Desk {
  /** Folder in which the reader begins. */
  readonly folder: string;
  /** What `npx forklore` runs. npx itself takes as long as the program to start. */
  readonly program: string;
  /** Of the node that the page has at 5000; the next one is that at 5001. */
  readonly port: number;
}

/** What came of following a page. */
interface Followed {
  /** What the page shows of a command, and what was printed. */
  readonly comparisons: { readonly line: string; readonly shown: string; readonly printed: string }[];
  /** Commands that did not end with 0. */
  readonly failed: string[];
}

/**
 * Does what a page says: files are replaced, commands run one after the other, a cluster beside them until `killPrograms`. ADDRESS
 * stands for what the last deploy printed.
 */
export async function followPage(steps: readonly PageStep[], { folder, program, port }: Desk): Promise<Followed> {
  const env = { ...process.env, NO_COLOR: '1', FORKLORE_RUNTIME_DIR: folder, FORKLORE_NODE: `127.0.0.1:${port}` };
  const followed: Followed = { comparisons: [], failed: [] };
  let cwd = folder;
  let contract = 'ADDRESS';
  let printed = '';
  for (const step of steps) {
    if (step.kind === 'file') {
      replaceFile(join(cwd, step.path), step.line, step.text);
      continue;
    }
    const { line, shown } = step;
    const [command = '', ...words] = wordsOf(line.replaceAll('ADDRESS', contract).replaceAll('5001', `${port + 1}`));
    if (command === 'cd') cwd = join(cwd, words[0] ?? '');
    else if (words[1] === 'cluster') {
      const cluster = new Program([...words.slice(1), '--base-port', `${port}`, '--json'], env, '', program);
      await cluster.output(/"graphqlUrl"|\n/);
    } else {
      const started = command === 'npx' ? [process.execPath, program, ...words.slice(1)] : [command, ...words];
      const { code, output } = await run(started, { cwd, env });
      printed += output;
      contract = /^contract +(rlore1\w+)$/m.exec(output)?.[1] ?? contract;
      if (code !== 0) followed.failed.push(line);
    }
    if (shown !== undefined) followed.comparisons.push({ line, shown, printed: asShown(printed, shown) });
  }
  return followed;
}

/** Runs a program. @returns its exit code, and both of its streams as a terminal would show them */
async function run(
  started: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly code: number; readonly output: string }> {
  const running = promisify(execFile)('bash', ['-c', 'exec "$@" 2>&1', 'bash', ...started], options);
  return await running.then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, output: stdout }),
  );
}

/** Replaces a file, or one of its lines. */
function replaceFile(path: string, line: number | undefined, text: string): void {
  const lines = line === undefined ? [] : readFileSync(path, 'utf8').split('\n');
  if (line !== undefined) lines.splice(line - 1, 1, text.trimEnd());
  writeFileSync(path, line === undefined ? text : lines.join('\n'));
}
