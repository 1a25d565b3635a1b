import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadUserKey } from '../../../server/files/user-key.ts';

let home: string;
const keyOf = () => loadUserKey({ HOME: home, XDG_DATA_HOME: home, LOCALAPPDATA: home });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'forklore-test-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

it('is made once, for its user alone', () => {
  const key = keyOf();
  expect(key?.secret).toHaveLength(32);
  expect(keyOf()).toEqual(key);
  expect(statSync(join(home, 'forklore', 'store-key')).mode & 0o777).toBe(0o600);
  expect(key?.secret.toString('hex')).not.toContain(key?.id);
});

it('is none that others could have read, or that is no key', () => {
  keyOf();
  const file = join(home, 'forklore', 'store-key');
  chmodSync(file, 0o644);
  expect(keyOf()).toBeNull();
  chmodSync(file, 0o600);
  writeFileSync(file, 'secret');
  expect(keyOf()).toBeNull();
});

it('is none where there is no place for it', () => {
  writeFileSync(join(home, 'file'), '');
  home = join(home, 'file');
  expect(keyOf()).toBeNull();
  home = join(home, '..');
});
