// The shortest proof that the built program runs on a system: a contract runs in memory, and a node starts, mines, tells its
// tip, and ends.
// It asserts no speed and needs no browser; for systems on which the whole test suite has not been run yet.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../dist/forklore.js', import.meta.url));
const BLOCKS = 3;
/** Far above what anything here takes. */
const TIME_LIMIT_MS = 120_000;

const forklore = (...args) =>
  execFileSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', timeout: TIME_LIMIT_MS });

// What tests of contracts import, on the same bundle.
const { createContractWorld } = await import('../dist/contract.js');
const source =
  'export class Counter {\n  count = 0;\n  add(by: number): number {\n    this.count += by;\n    return this.count;\n  }\n}\n';
const counter = createContractWorld().deploy({ source, from: 'Alice' });
assert.equal(counter.send.add(5).result, 5);
assert.throws(() => counter.send.add(2 ** 53 - 1), { code: 'number-too-large', line: 4 });

const flags = ['--network', 'regtest', '--ephemeral', '--port', '0', '--log-format', 'json'];
const node = spawn(process.execPath, [PROGRAM, 'node', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
const limit = setTimeout(() => node.kill('SIGKILL'), TIME_LIMIT_MS);
try {
  const [line] = await once(createInterface(node.stdout), 'line');
  const { url } = JSON.parse(line);
  console.log(forklore('mine', String(BLOCKS), '--node', url).trim());
  const tip = JSON.parse(forklore('tip', '--json', '--node', url));
  assert.equal(tip.height, BLOCKS);
  console.log(forklore('send', 'Alice', 'Bob', '1', '--node', url).trim());
} finally {
  clearTimeout(limit);
  node.kill();
  await once(node, 'exit');
}
console.log(`smoke test passed on ${process.platform} ${process.arch}, Node.js ${process.version}`);
