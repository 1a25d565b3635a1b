import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLEAR } from '../../protocol/link-conditions.ts';
import { checkPlan, DEFAULT_PLAN, parseFaults, parseScenario, ScenarioError } from '../../simulator/scenario.ts';

const FOLDER = new URL('../../simulator/scenarios/', import.meta.url);

describe('a scenario file', () => {
  it('needs to say nothing', () => {
    expect(parseScenario('{}')).toEqual({ ...DEFAULT_PLAN, seed: 1 });
  });

  it('says whatever a plan says', () => {
    const plan = parseScenario(
      JSON.stringify({
        name: 'two parts',
        seed: 4,
        nodes: 4,
        minutes: 2.5,
        delayMs: [1, 2],
        hashShares: [1, 0, 2],
        faults: { crash: 0.25 },
        events: [
          { atSeconds: 10, partition: [[0, 1], [2]] },
          { atSeconds: 20, heal: true },
          { atSeconds: 30, crash: 1 },
          { atSeconds: 40, start: 1 },
          { atSeconds: 50, hashrate: 0, factor: 0 },
        ],
      }),
    );
    expect(plan).toMatchObject({ name: 'two parts', seed: 4, nodes: 4, minutes: 2.5, hashShares: [1, 0, 2] });
    expect([...plan.faults]).toEqual([['crash', 0.25]]);
    expect(plan.events.map(({ action }) => action)).toEqual([
      { kind: 'partition', groups: [[0, 1], [2]] },
      { kind: 'heal' },
      { kind: 'crash', node: 1 },
      { kind: 'start', node: 1 },
      { kind: 'hashrate', node: 0, factor: 0 },
    ]);
  });

  it('has its faults in their order, and may name them as an option does', () => {
    const faults = (text: string) => [...parseScenario(`{"faults": ${text}}`).faults];
    expect(faults('{"drop": 1, "crash": 0.5}')).toEqual([
      ['drop', 1],
      ['crash', 0.5],
    ]);
    expect(faults('"drop=1,crash"')).toEqual(faults('{"drop": 1, "crash": 0.5}'));
  });

  it.each([
    ['{', 'is not JSON'],
    ['[]', 'must be an object, not []'],
    ['"words"', 'must be an object, not "words"'],
    ['{"knots": 1}', 'unknown field "knots"; there are name, seed, nodes,'],
    ['{"nodes": 0}', 'nodes: must be a whole number from 1 to 5000, not 0'],
    ['{"nodes": "5"}', 'nodes: must be a whole number from 1 to 5000, not "5"'],
    ['{"minutes": 1e9}', 'minutes: must be a number from 0.1 to 10080, not 1000000000'],
    ['{"delayMs": [5, 1]}', 'delayMs: must be two numbers from 0 to 60000, the smaller one first, not [5,1]'],
    ['{"delayMs": [1, 2, 3]}', 'the smaller one first, not [1,2,3]'],
    ['{"hashShares": [0, 0]}', 'hashShares: leaves nobody to mine'],
    ['{"hashShares": {}}', 'hashShares: must be a list, not an object'],
    ['{"heals": null}', 'heals: must be true or false, not null'],
    ['{"name": 5}', 'name: must be a string, not 5'],
    ['{"faults": {"crsh": 1}}', 'faults: unknown field "crsh"; there are crash,'],
    ['{"faults": []}', 'faults: must be an object, not []'],
    ['{"faults": 1}', 'faults: must be an object, not 1'],
    ['{"faults": "chaos"}', 'there is no fault "chaos"'],
    ['{"faults": {"crash": 2}}', 'faults.crash: must be a number from 0 to 1, not 2'],
    [
      '{"events": [{"atSeconds": 1}]}',
      'events[0]: needs exactly one of partition, heal, crash, start, hashrate, links',
    ],
    ['{"links": [{"from": 0, "to": 1, "loss": 2}]}', 'links[0].loss: must be a number from 0 to 1, not 2'],
    ['{"links": [{"from": 0, "to": 1, "delay": 2}]}', 'links[0]: unknown field "delay"; there are from, to, delayMs,'],
    ['{"connections": [[0]]}', 'connections[0]: must be the numbers of two nodes, not [0]'],
    ['{"links": [{"from": 0}]}', 'links[0].to: is missing'],
    [
      '{"events": [{"atSeconds": 1, "links": [{"from": 0, "to": 1, "delayMs": 5}]}]}',
      'events[0].links[0].delayMs: must be',
    ],
    ['{"events": [{"atSeconds": 1, "crash": 0, "heal": true}]}', 'events[0]: needs exactly one of'],
    ['{"events": [{"atSeconds": 1, "crash": -1}]}', 'events[0].crash: must be a whole number from 0 to 4999, not -1'],
    ['{"events": [{"atSeconds": 1, "hashrate": 0}]}', 'events[0]: needs a factor of the hashrate'],
    ['{"events": [{"atSeconds": 1, "partition": [0]}]}', 'events[0].partition[0]: must be a list, not 0'],
    [`{"events": [${'0,'.repeat(10_000)}0]}`, 'events: has more than 10000 events'],
    ['{"events": [{"crash": 1}]}', 'events[0].atSeconds: is missing'],
    ['{"__proto__": {"nodes": 3}}', 'unknown field "__proto__"'],
    ['{"faults": {"__proto__": 1}}', 'faults: unknown field "__proto__"'],
  ])('is refused with the place and the problem: %s', (text, message) => {
    expect(() => parseScenario(text)).toThrow(ScenarioError);
    expect(() => parseScenario(text)).toThrow(message);
  });

  it('may give links conditions, from the start and from a time on; what is left out is clear', () => {
    const link = '{ "from": 0, "to": 1, "delayMs": [50, 200], "loss": 0.01 }';
    const { links, events } = parseScenario(
      `{ "links": [${link}], "events": [{ "atSeconds": 60, "links": [{ "from": 1, "to": 0, "cut": true }] }] }`,
    );
    expect(links).toEqual([{ from: 0, to: 1, conditions: { ...CLEAR, delayMs: [50, 200], loss: 0.01 } }]);
    expect(events).toEqual([
      { atSeconds: 60, action: { kind: 'links', links: [{ from: 1, to: 0, conditions: { ...CLEAR, cut: true } }] } },
    ]);
  });

  it.each([
    ['{"nodes": 1, "hashShares": [1, 1]}', 'hashShares: names 2 nodes, and there are 1'],
    ['{"nodes": 2, "events": [{"atSeconds": 1, "crash": 2}]}', 'events[0]: names node 2, and there are 0 to 1'],
    ['{"nodes": 2, "connections": [[0, 1], [0, 2]]}', 'connections[1]: names node 2, and there are 0 to 1'],
    ['{"nodes": 2, "links": [{"from": 0, "to": 2}]}', 'links[0]: names node 2, and there are 0 to 1'],
    ['{"nodes": 2, "links": [{"from": 1, "to": 1}]}', 'links[0]: is from node 1 to itself'],
    [
      '{"events": [{"atSeconds": 1, "links": [{"from": 0, "to": 1}, {"from": 0, "to": 1}]}]}',
      'events[0].links[1]: is again from node 0 to node 1',
    ],
    ['{"minutes": 1, "events": [{"atSeconds": 60, "heal": true}]}', 'events[0]: is at 60 s, and the network is healed'],
    ['{"events": [{"atSeconds": 1, "partition": [[0], [1, 0]]}]}', 'events[0]: has node 0 in more than one group'],
  ])('has fields that go together: not %s', (text, message) => {
    const plan = parseScenario(text);
    expect(() => checkPlan(plan)).toThrow(ScenarioError);
    expect(() => checkPlan(plan)).toThrow(message);
  });

  it.each(readdirSync(FOLDER))('of ours can be read: %s', (file) => {
    const plan = parseScenario(readFileSync(new URL(file, FOLDER), 'utf8'));
    expect(() => checkPlan(plan)).not.toThrow();
    expect(plan.name).not.toBe(DEFAULT_PLAN.name);
    expect(plan.nodes).toBeGreaterThan(1);
  });
});

describe('a list of faults', () => {
  it('is names with or without strengths', () => {
    expect([...parseFaults('crash,partition=0.3')]).toEqual([
      ['crash', 0.5],
      ['partition', 0.3],
    ]);
    // As a report prints strengths that a seed has drawn.
    expect([...parseFaults('crash=0.7975462127942592,drop=1e-7')]).toEqual([
      ['crash', 0.7975462127942592],
      ['drop', 1e-7],
    ]);
    expect(parseFaults('none').size).toBe(0);
    expect(parseFaults('all').size).toBeGreaterThan(20);
  });

  it.each([
    ['crash,', 'there is no fault ""'],
    ['chaos', 'there is no fault "chaos"'],
    ['none,crash', '"none" stands alone'],
    ['crash,crash=0.1', '"crash" is there twice'],
    ['crash=0.5=3', 'the strength of crash must be a number from 0 to 1, not "0.5=3"'],
    ['crash=0x1', 'the strength of crash must be a number from 0 to 1'],
    ['crash=2', 'the strength of crash must be a number from 0 to 1'],
    ['crash=', 'the strength of crash must be a number from 0 to 1'],
    ['toString', 'there is no fault "toString"'],
  ])('is refused where it is none: %s', (text, message) => {
    expect(() => parseFaults(text)).toThrow(message);
  });
});
