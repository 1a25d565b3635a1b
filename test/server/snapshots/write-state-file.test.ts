import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StateFileError } from '../../../server/snapshots/state-file.ts';
import { writeStateFile } from '../../../server/snapshots/write-state-file.ts';

const STATES = { network: 'regtest', genesisHash: '00'.repeat(32), states: [] };
const write = (path: string, overwrite: boolean) =>
  writeStateFile(path, [STATES], { overwrite, option: '--overwrite' });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forklore-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('replaces a file only where that is wanted, and leaves nothing beside it', () => {
  const path = join(folder, 'one.state');
  writeFileSync(path, 'the old one');
  expect(() => write(path, false)).toThrow(
    new StateFileError('it cannot be written (it exists already); nothing was overwritten; --overwrite replaces it'),
  );
  expect(readFileSync(path, 'utf8')).toBe('the old one');
  expect(write(path, true)).toBe(readFileSync(path).length);
  expect(readFileSync(path, 'utf8')).toMatch(/^forklore-state /);
  expect(readdirSync(folder)).toEqual(['one.state']);
});

it('replaces only ordinary files', () => {
  mkdirSync(join(folder, 'folder'));
  symlinkSync('nowhere', join(folder, 'link'));
  for (const name of ['folder', 'link']) {
    expect(() => write(join(folder, name), true)).toThrow(
      new StateFileError('it cannot be written (it is not an ordinary file); nothing was overwritten'),
    );
  }
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder)).toEqual(['folder', 'link']);
});
