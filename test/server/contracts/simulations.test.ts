import { expect, it } from 'vitest';
import { MAX_CALL_GAS } from '../../../consensus/contract/limits.ts';
import { PLAIN_CONTRACT_HOST } from '../../../consensus/contract-host.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import type { SimulationRequest } from '../../../server/contracts/simulated-transaction.ts';
import {
  MAX_RESTARTS,
  MAX_SIMULATIONS,
  MAX_WAITING_PER_CLIENT,
  type SimulatedChain,
  Simulations,
} from '../../../server/contracts/simulations.ts';
import { type ChainPoint, genesisPoint, keysOf, mineBlock } from '../../../testing/chain-builder.ts';
import { callAt, deployAt, encodedArgs } from '../../../testing/contract-transactions.ts';

const SOURCE = `export class Slow {
  count = 0;

  add(): void {
    this.count += 1;
  }

  busy(rounds: number): number {
    let height = 0;
    for (let i = 0; i < rounds; i += 1) {
      height = chain.height;
    }
    return this.count;
  }
}
`;

const GENESIS = genesisPoint(REGTEST);
const alice = keysOf('Alice');
const deploy = deployAt(GENESIS, alice, SOURCE);
const deployed = mineBlock(GENESIS, { transfers: [deploy] });
const added = mineBlock(deployed, { transfers: [callAt(deployed, alice, deploy, 'add')] });

/** A chain whose tip the test moves. */
class MovingChain implements SimulatedChain {
  readonly networkId = REGTEST.networkId;
  readonly contracts = PLAIN_CONTRACT_HOST;
  point: ChainPoint = deployed;

  get state() {
    return this.point.state;
  }

  tip(): string {
    return this.point.block.hash;
  }

  nextBlock() {
    const { height } = this.point;
    return { height: height + 1, medianTimePast: 0, blockHash: () => this.tip() };
  }
}

function busy(rounds: number): SimulationRequest {
  const target = { kind: 'call', contract: deploy.contract, method: 'busy' } as const;
  return { target, args: encodedArgs([rounds]), caller: alice.address, amount: 0n, gas: MAX_CALL_GAS };
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** More than a slice of gas, and less than all. */
const LONG = busy(50_000);

it('runs in slices, and on the state at one tip', async () => {
  const chain = new MovingChain();
  let turns = 0;
  const outcome = await new Simulations().run(chain, LONG, async () => {
    turns++;
    return true;
  });
  expect(outcome).toMatchObject({ tip: deployed.block.hash, receipt: { failure: null } });
  expect(turns).toBeGreaterThan(3);
});

it('is begun again on the new state when the tip moves', async () => {
  const chain = new MovingChain();
  let turns = 0;
  const outcome = await new Simulations().run(chain, LONG, async () => {
    turns++;
    if (turns === 3) chain.point = added;
    return true;
  });
  expect(outcome).toMatchObject({
    tip: added.block.hash,
    receipt: { failure: null, receipt: { result: encodedArgs([1]) } },
  });
});

it('is given up when the tip does not rest, and when nobody waits for it', async () => {
  const chain = new MovingChain();
  const simulations = new Simulations();
  let turns = 0;
  const restless = await simulations.run(chain, LONG, async () => {
    turns++;
    chain.point = chain.point === added ? deployed : added;
    return true;
  });
  expect(restless).toEqual({ code: 'tip-moves' });
  expect(turns).toBe(2 * (MAX_RESTARTS + 1));
  let left = 3;
  expect(await simulations.run(chain, LONG, async () => left-- > 0)).toEqual({ code: 'caller-gone' });
});

it('waits for a place while as many as are allowed are running, in a fair order over clients', async () => {
  const chain = new MovingChain();
  const simulations = new Simulations();
  const turns: (() => void)[] = [];
  const ended: string[] = [];
  const run = async (client: string) => {
    const turn = () => new Promise<boolean>((resolve) => turns.push(() => resolve(true)));
    const outcome = await simulations.run(chain, busy(1), turn, { client, connection: { destroyed: false } });
    ended.push('code' in outcome ? outcome.code : client);
  };
  const calls = Array.from({ length: MAX_SIMULATIONS + MAX_WAITING_PER_CLIENT }, () => run('busy'));
  calls.push(run('honest'));
  await run('busy');
  expect(ended).toEqual(['too-many']);
  const all = Promise.all(calls);
  while (ended.length <= calls.length) {
    turns.shift()?.();
    await nextTurn();
  }
  await all;
  // The first place that is left goes to the client that has waited longest, the next one to the other client.
  expect(ended.indexOf('honest')).toBe(1 + MAX_SIMULATIONS + 1);
  expect(await simulations.run(chain, busy(1), async () => true)).toMatchObject({ receipt: { failure: null } });
});

it('leaves nothing behind where no transaction could be like that', async () => {
  const chain = new MovingChain();
  const simulations = new Simulations();
  const poor = { ...LONG, caller: 'ab'.repeat(20), amount: 1n };
  for (let i = 0; i <= MAX_SIMULATIONS; i++) {
    await expect(simulations.run(chain, poor, async () => true)).rejects.toMatchObject({
      code: 'insufficient-balance',
    });
  }
  expect(await simulations.run(chain, busy(1), async () => true)).toMatchObject({ receipt: { failure: null } });
});
