import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runVerify } from '../../../cli/commands/run-verify.ts';
import type { Network } from '../../../consensus/genesis.ts';
import { LAB, REGTEST } from '../../../consensus/networks.ts';
import { parseNetworkFile } from '../../../server/settings/network-file.ts';
import { reindex } from '../../../server/store/reindex.ts';
import { Store } from '../../../server/store/store.ts';
import { StoreError, type StoreErrorCode } from '../../../server/store/store-error.ts';
import { genesisPoint, mineBlock, writesToConnect } from '../../../testing/chain-builder.ts';
import { ChildProgram, type RunningChild } from '../../../testing/child-program.ts';
import { OWN_KEY } from '../../../testing/user-key.ts';

const POINT = mineBlock(genesisPoint(REGTEST));

let parent: string;
let directory: string;
let program: ChildProgram;
const opened: Store[] = [];

beforeAll(() => {
  program = new ChildProgram('store-child.ts');
});

afterAll(() => {
  program.remove();
});

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'forklore-test-'));
  directory = join(parent, 'data');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((store) => store.close()));
  rmSync(parent, { recursive: true, force: true });
});

async function open(params = REGTEST): Promise<Store> {
  const store = await Store.open({ directory, params, key: OWN_KEY });
  opened.push(store);
  return store;
}

/** A folder that holds one block and is closed. */
async function fill(): Promise<void> {
  const store = await open();
  store.transaction((apply) => apply(writesToConnect(POINT)));
  await store.close();
}

/** The text of a small file of the folder with this content. */
function sealed(content: object): string {
  const json = JSON.stringify(content);
  return `${json}\n${crc32(json).toString(16)}\n`;
}

async function expectRefusal(code: StoreErrorCode, message: RegExp, params = REGTEST): Promise<void> {
  try {
    await open(params);
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).message).toMatch(message);
    expect((error as StoreError).message).not.toContain('\n');
    expect((error as StoreError).code).toBe(code);
    return;
  }
  throw new Error('the folder was opened');
}

describe('a copied data folder', () => {
  const ADDRESS = { url: 'http://192.0.2.7:5000', lastSuccessMs: 1_000, failures: 0 };

  async function fillWithAddress(): Promise<void> {
    const store = await open();
    store.transaction((apply) => apply(writesToConnect(POINT)));
    store.transaction((apply) => apply([{ kind: 'address-put', address: ADDRESS }]));
    await store.close();
  }

  it("has the chain, and does not know the original's peers any more", async () => {
    await fillWithAddress();
    const original = directory;
    directory = join(parent, 'copy');
    cpSync(original, directory, { recursive: true });
    const copy = await open();
    expect([copy.height, copy.addresses()]).toEqual([1, []]);
    directory = original;
    expect((await open()).addresses()).toEqual([ADDRESS]);
  });

  it('does not know them after a rebuild either', async () => {
    await fillWithAddress();
    const original = directory;
    directory = join(parent, 'copy');
    cpSync(original, directory, { recursive: true });
    await reindex({ directory, params: REGTEST });
    expect((await open()).addresses()).toEqual([]);
  });

  it('is not one where a rebuild finds no label', async () => {
    await fillWithAddress();
    rmSync(join(directory, 'chain', 'network.json'));
    await reindex({ directory, params: REGTEST });
    expect((await open()).addresses()).toEqual([ADDRESS]);
  });

  it('keeps from then on the peers that it finds itself', async () => {
    await fillWithAddress();
    const original = directory;
    directory = join(parent, 'copy');
    cpSync(original, directory, { recursive: true });
    const copy = await open();
    copy.transaction((apply) => apply([{ kind: 'address-put', address: ADDRESS }]));
    await copy.close();
    expect((await open()).addresses()).toEqual([ADDRESS]);
  });

  it('still has them after it was verified, until a node runs on it', async () => {
    await fillWithAddress();
    const original = directory;
    directory = join(parent, 'copy');
    cpSync(original, directory, { recursive: true });
    const place = readFileSync(join(directory, 'chain', 'place.json'), 'utf8');
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(await runVerify({ dataDir: directory, network: REGTEST })).toBe(0);
    expect(readFileSync(join(directory, 'chain', 'place.json'), 'utf8')).toBe(place);
    const inspected = await Store.open({ directory, params: REGTEST, isInspection: true });
    expect(inspected.addresses()).toEqual([ADDRESS]);
    await inspected.close();
    expect((await open()).addresses()).toEqual([]);
  });

  it.each([
    ['the folder has another inode since, as after each mount of some file systems', { inode: '1' }],
    ['its files were touched since, as by a change of their owner', { labelTouchedMs: '1' }],
  ])('is not one of which only %s', async (_, change) => {
    await fillWithAddress();
    const path = join(directory, 'chain', 'place.json');
    const place = { ...JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!), ...change };
    writeFileSync(path, sealed(place));
    const store = await open();
    expect(store.addresses()).toEqual([ADDRESS]);
    await store.close();
    // What was found is what a copy is told by from now on.
    expect(readFileSync(path, 'utf8')).not.toBe(sealed(place));
  });

  it('is told from one that was moved', async () => {
    await fillWithAddress();
    const moved = join(parent, 'moved');
    renameSync(directory, moved);
    directory = moved;
    expect((await open()).addresses()).toEqual([ADDRESS]);
  });
});

describe('the lock of a data folder', () => {
  it('refuses a second opening in the same process until the first is closed', async () => {
    const store = await open();
    await expectRefusal('locked', /is already open in this process/);
    await store.close();
    await store.close();
    await open();
  });

  it('refuses other processes, and names the one that has the folder', async () => {
    const child = program.start(['hold', directory]);
    await child.saidLines(1);
    await expectRefusal('locked', new RegExp(`is in use by process ${child.process.pid}; stop it, or .*--data-dir`));
    child.process.stdin?.end();
    expect((await child.ended).code).toBe(0);

    await open();
    const refused = await program.run(['hold', directory]);
    expect(refused).toMatchObject({ code: 1, lines: [] });
    expect(refused.errors).toContain(`in use by process ${process.pid}`);
  });

  it('is taken over from a process that was killed', async () => {
    const child = program.start(['hold', directory]);
    await child.saidLines(1);
    child.process.kill('SIGKILL');
    await child.ended;
    expect((await open()).height).toBe(0);
  });

  it.runIf(process.platform === 'linux')('is taken over from a process whose number another one has now', async () => {
    await fill();
    writeFileSync(join(directory, 'folder.lock'), JSON.stringify({ pid: process.ppid, namespace: '' }));
    expect((await open()).height).toBe(1);
  });

  it('is won by one of many processes that find a dead owner', async () => {
    const dead = program.start(['hold', directory]);
    await dead.saidLines(1);
    dead.process.kill('SIGKILL');
    await dead.ended;
    const children: RunningChild[] = Array.from({ length: 8 }, () => program.start(['hold', directory]));
    const refused: RunningChild[] = [];
    await new Promise<void>((resolve) => {
      for (const child of children) {
        void child.ended.then(() => {
          refused.push(child);
          if (refused.length === children.length - 1) resolve();
        });
      }
    });
    const [winner] = children.filter((child) => !refused.includes(child));
    expect(winner?.lines).toEqual(['held']);
    expect(refused.flatMap((child) => child.lines)).toEqual([]);
    winner?.process.stdin?.end();
    expect((await winner?.ended)?.code).toBe(0);
  });

  it('survives a lock file that no owner wrote', async () => {
    await fill();
    writeFileSync(join(directory, 'folder.lock'), 'no JSON');
    expect((await open()).height).toBe(1);
  });
});

describe('a folder that is not a chain of this network', () => {
  it('is refused when it belongs to another network', async () => {
    await fill();
    await expectRefusal('foreign', /belongs to network regtest, not lab; choose another folder with --data-dir/, LAB);
    expect((await open()).height).toBe(1);
  });

  it('is refused when a network file was changed since, with both genesis blocks and the ways out', async () => {
    const file = (subsidy: string) =>
      parseNetworkFile(
        JSON.stringify({
          name: 'mine',
          addressPrefix: 'mine',
          spacingSeconds: 5,
          halfLifeSeconds: 60,
          bits: '0x207fffff',
          subsidy,
          halvingInterval: 1000,
          futureLimitSeconds: 120,
          genesisTime: 1_767_225_600,
        }),
      );
    const [before, after] = [file('50'), file('25')];
    await (await open(before)).close();
    const short = ({ genesis }: Network) => `${genesis.hash.slice(0, 8)}…${genesis.hash.slice(-8)}`;
    await expectRefusal(
      'foreign',
      new RegExp(
        `belongs to another network that is also called mine: its genesis is ${short(before)}, and that of the network ` +
          `file is ${short(after)}, so the file has changed since; undo the change, or choose another folder with --data-dir`,
      ),
      after,
    );
  });

  it('is refused, and left as it is, when it holds other files', async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'thesis.txt'), 'text');
    await expectRefusal('foreign', /holds files but no chain; choose an empty or a new folder/);
    expect(readdirSync(directory)).toEqual(['thesis.txt']);
  });

  it('is refused when a newer version wrote it', async () => {
    await fill();
    const label = { format: 2, network: 'regtest', genesis: REGTEST.genesis.hash };
    writeFileSync(join(directory, 'chain', 'network.json'), sealed(label));
    await expectRefusal(
      'version',
      /was written by a newer version \(format 2, this program knows 1\); update the program/,
    );
  });

  it('is refused when it is a file', async () => {
    writeFileSync(directory, 'text');
    await expectRefusal('io', /cannot use data folder/);
  });
});

describe('a disk without room for a chain', () => {
  // From 1 to 8 blocks, LMDB itself would end the process by a signal.
  it.each([1, 4, 8, 16, 32])('is told in one line where no file may be larger than %i KiB', async (kib) => {
    const { code, errors } = await program.run(['open', directory], `ulimit -f ${kib}`);
    expect(errors).toMatch(/^cannot write to data folder .*; check the disk's space and health\n$/);
    expect(code).toBe(1);
    expect((await open()).height).toBe(0);
  });
});

describe('a folder whose creation or replacement was interrupted', () => {
  it('is created again when the chain was not whole yet', async () => {
    await fill();
    renameSync(join(directory, 'chain'), join(directory, 'chain.new'));
    rmSync(join(directory, 'chain.new', 'network.json'));
    expect((await open()).height).toBe(0);
    expect(existsSync(join(directory, 'chain.new'))).toBe(false);
  });

  it('takes a new chain that was whole', async () => {
    await fill();
    renameSync(join(directory, 'chain'), join(directory, 'chain.new'));
    mkdirSync(join(directory, 'chain.old'));
    expect((await open()).height).toBe(1);
    expect(readdirSync(directory).filter((name) => name.startsWith('chain'))).toEqual(['chain']);
  });

  it('keeps the chain in place over one that was being made', async () => {
    await fill();
    mkdirSync(join(directory, 'chain.new'));
    writeFileSync(join(directory, 'chain.new', 'data.mdb'), 'half');
    expect((await open()).height).toBe(1);
    expect(existsSync(join(directory, 'chain.new'))).toBe(false);
  });
});

it('a clean stop leaves a checksum that the next start uses and removes', async () => {
  await fill();
  const checksum = join(directory, 'chain', 'checksum.json');
  expect(readFileSync(checksum, 'utf8')).toContain(`"keyId":"${OWN_KEY.id}"`);
  const store = await open();
  expect(existsSync(checksum)).toBe(false);
  await store.close();
  expect(existsSync(checksum)).toBe(true);
});

it('leaves no checksum where its user has no key', async () => {
  await fill();
  const store = await Store.open({ directory, params: REGTEST });
  await store.close();
  expect(existsSync(join(directory, 'chain', 'checksum.json'))).toBe(false);
});
