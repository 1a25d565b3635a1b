import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOST_LOOP = 'docs/examples/host-loop.ts';
const page = readFileSync(`${ROOT}docs/architecture.md`, 'utf8');

describe('the host in docs/architecture.md', () => {
  it('is the file that the page names', () => {
    expect(page).toContain(`\`\`\`ts\n${readFileSync(`${ROOT}${HOST_LOOP}`, 'utf8')}\`\`\``);
  });

  it('prints what the page says: a transaction on both nodes, a block, a balance', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', HOST_LOOP], { cwd: ROOT });
    expect(stdout.trim().split('\n')).toHaveLength(4);
    expect(page).toContain(`$ npx tsx ${HOST_LOOP}\n${stdout}\`\`\``);
  });
});
