// The files of a new project: a contract that keeps coins until a height, its tests and the program that deploys it. Nothing but this
// package is needed to run them.

/** What a project is called, and where it has Forklore from. */
export interface ProjectNames {
  /** Of its files, such as `piggy-bank`. */
  readonly file: string;
  /** Of the class, such as `PiggyBank`. */
  readonly contract: string;
  /** What its `package.json` asks npm for. */
  readonly forklore: string;
}

/** The files of a project by their paths in it. */
export function projectFiles(names: ProjectNames): ReadonlyMap<string, string> {
  const { file } = names;
  return new Map([
    [`contracts/${file}.ts`, contractText(names)],
    [`test/${file}.test.js`, testText(names)],
    ['deploy.js', deployText(names)],
    ['package.json', manifestText(names)],
    ['tsconfig.json', TSCONFIG],
    ['README.md', readmeText(names)],
    ['.gitignore', 'node_modules/\n'],
  ]);
}

function contractText({ contract }: ProjectNames): string {
  return `import { type Address, chain, require, Table } from 'forklore/contract';

/** Keeps the coins of each account until a height. */
export class ${contract} {
  opensAt = 0;
  saved = new Table<Address, bigint>(0n);

  constructor(opensAt: number) {
    require(opensAt > chain.height, 'it would be open already');
    this.opensAt = opensAt;
  }

  /** Takes the coins that come with the call. */
  save(): void {
    require(chain.value > 0n, 'no coins came with the call');
    this.saved.set(chain.caller, this.saved.get(chain.caller) + chain.value);
    chain.emit('Saved', chain.caller, chain.value);
  }

  /** Gives back what the caller has saved. */
  withdraw(): bigint {
    require(chain.height >= this.opensAt, 'it is not open yet');
    const amount = this.saved.get(chain.caller);
    require(amount > 0n, 'this account has saved nothing');
    this.saved.delete(chain.caller);
    chain.pay(chain.caller, amount);
    return amount;
  }

  savedBy(account: Address): bigint {
    return this.saved.get(account);
  }
}
`;
}

function testText({ file, contract }: ProjectNames): string {
  return `import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createContractWorld } from 'forklore/contract';

/** @import { DeployedContract } from 'forklore/contract' */
/** @import { ${contract} } from '../contracts/${file}.ts' */

const source = readFileSync(new URL('../contracts/${file}.ts', import.meta.url), 'utf8');

/** The contract in a world of its own, at height 100; it opens at height 110. */
function deployed() {
  const world = createContractWorld({ height: 100 });
  const [alice, bob] = world.accounts;
  /** @type {DeployedContract<${contract}>} */
  const contract = world.deploy({ source, arguments: [110], from: alice });
  return { world, contract, alice, bob };
}

test('keeps what each account has saved', () => {
  const { contract, alice, bob } = deployed();
  const { events } = contract.with({ amount: 5n }).send.save();
  contract.with({ from: bob, amount: 7n }).send.save();
  assert.deepEqual(events, [{ contract: contract.address, name: 'Saved', values: [alice.address, 5n] }]);
  assert.equal(contract.view.savedBy(alice), 5n);
  assert.equal(contract.view.savedBy(bob), 7n);
  assert.equal(contract.balance, 12n);
});

test('gives it back once it is open, and not before', () => {
  const { world, contract, alice } = deployed();
  contract.with({ amount: 5n }).send.save();
  assert.throws(() => contract.send.withdraw(), { message: /it is not open yet/ });
  world.height = 110;
  const { result, payments } = contract.send.withdraw();
  assert.equal(result, 5n);
  assert.deepEqual(payments, [{ from: contract.address, to: alice.address, amount: 5n }]);
  assert.equal(contract.balance, 0n);
});
`;
}

function deployText({ file, contract }: ProjectNames): string {
  return `// Puts the contract on the chain: node deploy.js [URL OF A NODE]

import { readFileSync } from 'node:fs';
import { connectNode, formatCoins, parseCoins } from 'forklore/client';

/** @import { TypedContract } from 'forklore/client' */
/** @import { ${contract} } from './contracts/${file}.ts' */

/** How many blocks the contract stays closed. */
const CLOSED_BLOCKS = 10;

const node = connectNode({ url: process.argv[2] ?? 'http://127.0.0.1:5000' });
const source = readFileSync(new URL('./contracts/${file}.ts', import.meta.url), 'utf8');

const { height } = await node.tip();
const submitted = await node.deploy({ from: 'Alice', source, arguments: [height + CLOSED_BLOCKS] });
console.log(\`contract \${submitted.contract}: gas \${submitted.gas}, fee \${formatCoins(submitted.fee)} coins\`);
console.log('waits for a block, as "forklore mine" makes one on regtest');
await node.waitForTransaction(submitted.id, { timeoutMs: Infinity });

/** @type {TypedContract<${contract}>} */
const contract = node.contract(submitted.contract, { from: 'Alice' });
const saving = contract.with({ amount: parseCoins('1.5') });
const { gas, fee } = await saving.estimate.save();
console.log(\`saving 1.5 coins: gas \${gas}, fee \${formatCoins(fee)} coins\`);
const sent = await saving.send.save();
const { ok } = await sent.included({ timeoutMs: Infinity });
console.log(ok ? \`saved: \${formatCoins(await contract.view.savedBy('Alice'))} coins\` : 'it failed');
`;
}

function manifestText({ file, forklore }: ProjectNames): string {
  const manifest = {
    name: file,
    private: true,
    type: 'module',
    scripts: { test: 'node --test', deploy: 'node deploy.js' },
    devDependencies: { forklore },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** For editors, and for those who have the compiler. */
const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true
  },
  "include": ["contracts"]
}
`;

function readmeText({ file, contract }: ProjectNames): string {
  return `# ${contract}

A contract for [Forklore](https://github.com/forklore/forklore), its tests, and the program that deploys it.

| file | what it is |
|---|---|
| \`contracts/${file}.ts\` | the contract: its source is what goes on the chain |
| \`test/${file}.test.js\` | tests that run it on the machine of the network, without a node |
| \`deploy.js\` | puts it on the chain and calls it, with the client |

\`\`\`sh
npm install                                  # where forklore is not installed in a folder above
npm test
npx forklore node --network regtest --mine on-transaction    # in another terminal
npm run deploy
\`\`\`
`;
}
