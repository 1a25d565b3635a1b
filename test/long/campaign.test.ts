import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** `FORKLORE_SEEDS=10000 npm run test:long` for more. */
const SEEDS = Number(process.env.FORKLORE_SEEDS ?? 200);
const MS_PER_SEED = 60_000;

it(`every check holds in seeds 1 to ${SEEDS}, each run twice`, { timeout: SEEDS * MS_PER_SEED }, async () => {
  const command = ['--import', 'tsx', 'simulator/command/main.ts', '--seeds', `1..${SEEDS}`];
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  // What failed, and how to run it again, is in what it prints.
  expect({ code, failed: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, failed: '' });
  process.stdout.write(stdout);
});
