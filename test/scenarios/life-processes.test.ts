import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import buildOnce from '../../testing/build-once.ts';
import { Acknowledgements } from '../../torture/acknowledgements.ts';
import { examineFolder } from '../../torture/compare.ts';
import { mine, submit } from '../../torture/load.ts';
import { Place, removeAllPlaces } from '../../torture/place.ts';
import { failpointsOf } from '../../torture/plan.ts';
import { torture } from '../../torture/torture.ts';
import { Victim } from '../../torture/victim.ts';

const BUILD_LIMIT_MS = 120_000;
const LIMIT_MS = 240_000;
/** `FORKLORE_KILLS=300 npx vitest run test/scenarios/life-processes.test.ts` for hundreds. */
const KILLS = Number(process.env.FORKLORE_KILLS ?? 4);

const CREATION = failpointsOf('creation');
const START = failpointsOf('start');

let place: Place;

// Real processes are the bundle that users run.
beforeAll(buildOnce, BUILD_LIMIT_MS);

beforeEach(() => {
  place = Place.make();
});

afterEach(removeAllPlaces);

/** A folder with a few blocks and a pending transaction, and what was acknowledged of them. */
async function begin(name: string): Promise<{ home: Victim; acknowledgements: Acknowledgements }> {
  const [home, acknowledgements] = [new Victim(place, name), new Acknowledgements()];
  const node = await home.start();
  await submit(node, 'Alice', acknowledgements);
  await mine(node, 5, acknowledgements);
  await submit(node, 'Alice', acknowledgements);
  await node.program.signal('SIGKILL');
  return { home, acknowledgements };
}

async function expectWhole(home: Victim, acknowledgements: Acknowledgements): Promise<void> {
  const node = await home.start();
  await acknowledgements.checkAll(node.api);
  expect((await node.program.signal('SIGTERM')).code).toBe(0);
  await examineFolder(home.folder, REGTEST);
}

describe('a node that is stopped at any step', () => {
  it('start-and-stop-anywhere: is whole after SIGKILL at each step of the creation of a folder', {
    timeout: LIMIT_MS,
  }, async () => {
    const createTwice = async (failpoint: (typeof CREATION)[number]) => {
      const home = new Victim(place, failpoint);
      const program = home.spawn({ failpoint });
      await program.finished;
      expect(program.child.signalCode, failpoint).toBe('SIGKILL');
      await expectWhole(home, new Acknowledgements());
    };
    await Promise.all(CREATION.map(createTwice));
  });

  it('start-and-stop-anywhere: is whole after SIGKILL at each step of a start, one after the other', {
    timeout: LIMIT_MS,
  }, async () => {
    const { home, acknowledgements } = await begin('killed');
    for (const failpoint of START) {
      const program = home.spawn({ failpoint });
      await program.finished;
      expect(program.child.signalCode, failpoint).toBe('SIGKILL');
    }
    await expectWhole(home, acknowledgements);
  });

  it('start-and-stop-anywhere: ends cleanly after SIGTERM at each step of a start', { timeout: LIMIT_MS }, async () => {
    const { home, acknowledgements } = await begin('terminated');
    for (const failpoint of START) {
      const { code, stderr } = await home.spawn({ failpoint: `${failpoint}:1:SIGTERM` }).finished;
      expect({ code, stderr }, failpoint).toEqual({ code: 0, stderr: 'Stopping; press Ctrl-C again to force.\n' });
    }
    await expectWhole(home, acknowledgements);
  });

  it('start-and-stop-anywhere: is whole after SIGKILL at each step of a stop', { timeout: LIMIT_MS }, async () => {
    const { home, acknowledgements } = await begin('stopped');
    for (const failpoint of failpointsOf('stop')) {
      const { program } = await home.start({ failpoint });
      await program.signal('SIGTERM');
      expect(program.child.signalCode, failpoint).toBe('SIGKILL');
    }
    await expectWhole(home, acknowledgements);
  });

  it('start-and-stop-anywhere: refuses a second process on one folder, which does not disturb the first', {
    timeout: LIMIT_MS,
  }, async () => {
    const { home, acknowledgements } = await begin('taken');
    const node = await home.start();
    const { code, stderr } = await home.spawn().finished;
    expect(stderr).toMatch(new RegExp(`^error: data folder .* is in use by process ${node.program.child.pid}; .*\n$`));
    expect(code).toBe(1);
    await mine(node, 1, acknowledgements);
    await node.program.signal('SIGKILL');
    await expectWhole(home, acknowledgements);
  });

  it("start-and-stop-anywhere: refuses a foreign network's folder, and leaves it as it is", {
    timeout: LIMIT_MS,
  }, async () => {
    const { home, acknowledgements } = await begin('foreign');
    const { code, stderr } = await new Victim(place, 'foreign', LAB.name).spawn().finished;
    expect(stderr).toMatch(/^error: data folder .* belongs to network regtest, not lab; choose another folder .*\n$/);
    expect(code).toBe(1);
    await expectWhole(home, acknowledgements);
  });

  it('start-and-stop-anywhere: refuses a folder that holds something else, and writes nothing into it', {
    timeout: LIMIT_MS,
  }, async () => {
    mkdirSync(join(place.folder, 'papers', 'thesis'), { recursive: true });
    const { code, stderr } = await new Victim(place, 'papers').spawn().finished;
    expect(stderr).toMatch(/^error: folder .* holds files but no chain; .*\n$/);
    expect(code).toBe(1);
    expect(readdirSync(join(place.folder, 'papers'))).toEqual(['thesis']);
  });
});

describe('a node that is killed at random', () => {
  it(`random-kill-recovery: equals a twin that never died after ${KILLS} kills amid mining, sync, reorg and recovery`, {
    timeout: LIMIT_MS + KILLS * 10_000,
  }, async () => {
    const scenes = ['mining', 'sync', 'reorg', 'recovery'] as const;
    const { tally } = await torture({ kills: KILLS, seed: 40, jobs: 2, disk: [], scenes, onlyRandom: true });
    expect(tally.killCount).toBe(KILLS);
    expect(tally.transactions).toBeGreaterThan(0);
  });
});
