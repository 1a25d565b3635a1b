import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWholeIfMissing } from '../../../server/files/whole-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forklore-whole-file-'));
  path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As file systems do that have none. */
const refusedWith = (code: string) => (): never => {
  throw Object.assign(new Error(`${code}: no links here`), { code });
};

describe('a file that is written where there is none', () => {
  it.each([
    ['with hard links', linkSync],
    ['where they are not permitted', refusedWith('EPERM')],
    ['where they are not supported', refusedWith('ENOTSUP')],
    ['where they are not known', refusedWith('ENOSYS')],
  ])('is whole, and left as it is the next time, %s', (_, link) => {
    expect(writeWholeIfMissing(path, Buffer.from('first'), link)).toBe(true);
    expect(writeWholeIfMissing(path, Buffer.from('second'), link)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('first');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('is not there after any other refusal, and neither is a draft of it', () => {
    expect(() => writeWholeIfMissing(path, Buffer.from('text'), refusedWith('EIO'))).toThrow('EIO');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves what another process has put there in the same moment', () => {
    const link = (draft: string, at: string) => {
      writeFileSync(path, 'theirs');
      linkSync(draft, at);
    };
    expect(writeWholeIfMissing(path, Buffer.from('ours'), link)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('theirs');
  });
});
