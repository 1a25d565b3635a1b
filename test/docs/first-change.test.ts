import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS } from '../../simulator/planted-bugs/bugs.ts';
import { huntFor } from '../../simulator/planted-bugs/plant.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(`${ROOT}docs/your-first-change.md`, 'utf8');

describe('docs/your-first-change.md', () => {
  it('says what the seed says when its line is deleted', async () => {
    const bug = PLANTED_BUGS.find(({ name }) => name === 'a dropped transaction stays in the journal');
    if (bug === undefined) throw new Error('the planted bug that the page is about is gone');
    expect(page).toContain(`\n    ${bug.find}\n`);
    const found = await huntFor(bug, 6, 6);
    expect(page).toContain(`seed 6 failed: [${found?.failure.check}]`);
    expect(page).toContain(found?.failure.message);
  });

  it('shows its test as it is', () => {
    expect(page).toContain(`\`\`\`ts\n${readFileSync(`${ROOT}test/protocol/journal.test.ts`, 'utf8')}\`\`\``);
  });
});
