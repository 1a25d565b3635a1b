import {
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runVerify } from '../../../cli/commands/run-verify.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { reindex } from '../../../server/store/reindex.ts';
import { Store } from '../../../server/store/store.ts';
import { OWN_KEY } from '../../../testing/user-key.ts';

/** A user who is neither root nor whoever runs the tests, and one more. */
const SELF = 4_321;
const OTHER = 4_322;
const PRECIOUS = 'what its user would miss';

let parent: string;
let directory: string;
/** A file of the user that has nothing to do with the folder. */
let precious: string;

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'forklore-test-'));
  directory = join(parent, 'data');
  precious = join(parent, 'precious');
  writeFileSync(precious, PRECIOUS);
  await (await open()).close();
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(parent, { recursive: true, force: true });
});

function open(): Promise<Store> {
  return Store.open({ directory, params: REGTEST, key: OWN_KEY });
}

function refusal(name: string, problem: string) {
  const message = expect.stringMatching(new RegExp(`^data folder .* cannot be trusted: ${name} ${problem}; .*$`));
  return expect.objectContaining({ code: 'foreign', message });
}

describe('a data folder that somebody else made', () => {
  it.each([
    'chain/data.mdb',
    'chain/lock.mdb',
    'chain/network.json',
    'chain/network.json.draft',
    'chain/place.json.draft',
    'chain/checksum.json.draft',
    'chain/room.draft',
    'folder.lock',
  ])('is refused with a link at %s, by node, rebuild and verify, and what it leads to is whole', async (name) => {
    rmSync(join(directory, name), { force: true });
    symlinkSync(precious, join(directory, name));
    const expected = refusal(name, 'is a link');
    await expect(open()).rejects.toEqual(expected);
    await expect(reindex({ directory, params: REGTEST })).rejects.toEqual(expected);
    await expect(runVerify({ dataDir: directory, network: REGTEST })).rejects.toEqual(expected);
    expect(readFileSync(precious, 'utf8')).toBe(PRECIOUS);
    expect(lstatSync(join(directory, name)).isSymbolicLink()).toBe(true);
  });

  it.each(['chain', 'chain.new', 'chain.old'])('is refused with a link at %s, even to a folder', async (name) => {
    const elsewhere = join(parent, 'elsewhere');
    renameSync(join(directory, 'chain'), elsewhere);
    symlinkSync(elsewhere, join(directory, name));
    await expect(open()).rejects.toEqual(refusal(name, 'is a link'));
  });

  it.each(['data.mdb', 'lock.mdb'])('is refused where %s is another name of a file elsewhere', async (name) => {
    rmSync(join(directory, 'chain', name), { force: true });
    linkSync(precious, join(directory, 'chain', name));
    await expect(open()).rejects.toEqual(refusal(`chain/${name}`, 'has a second name elsewhere .*'));
    expect(readFileSync(precious, 'utf8')).toBe(PRECIOUS);
  });

  it.skipIf(process.getuid === undefined)('is refused where the chain belongs to another user', async () => {
    // Only root can give files away; for anybody else, it is the tests' own files that are another user's.
    if (process.getuid?.() === 0) chownSync(join(directory, 'chain', 'data.mdb'), OTHER, OTHER);
    vi.spyOn(process, 'getuid').mockReturnValue(SELF);
    await expect(open()).rejects.toEqual(refusal('chain.*', 'belongs to another user'));
  });

  it.skipIf(process.getuid === undefined)('may be looked at by root, whoever it belongs to', async () => {
    if (process.getuid?.() === 0) chownSync(join(directory, 'chain', 'data.mdb'), OTHER, OTHER);
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    const store = await open();
    expect(store.height).toBe(0);
    await store.close();
  });
});

it('a data folder may itself be a link, and hold what is none of its own', async () => {
  const real = join(parent, 'real');
  renameSync(directory, real);
  symlinkSync(real, directory);
  symlinkSync(precious, join(real, 'notes'));
  mkdirSync(join(real, 'chain', 'of-the-system'));
  const store = await open();
  expect(store.height).toBe(0);
  await store.close();
  expect(readFileSync(precious, 'utf8')).toBe(PRECIOUS);
});
