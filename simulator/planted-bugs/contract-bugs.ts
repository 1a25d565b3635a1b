import type { PlantedBug } from './planted-bug.ts';

/** Bugs of contracts. That a contract sends nothing is not among them: no key leads to the address of one. */
export const CONTRACT_BUGS: readonly PlantedBug[] = (
  [
    {
      name: 'a price of contracts is higher by one',
      file: 'consensus/contract/prices.ts',
      find: 'export const GAS_SLOT = 60;',
      replace: 'export const GAS_SLOT = 61;',
    },
    {
      name: 'the key of a slot is without the address of its contract',
      file: 'consensus/contract/slot-path.ts',
      find: 'return sha256(concatBytes(hexToBytes(contract), hexToBytes(path)));',
      replace: 'return sha256(hexToBytes(path));',
    },
    {
      name: 'an undo record is without slots that were absent before the block',
      file: 'consensus/block-seal.ts',
      find: 'new Map(Array.from(values.keys(), (path) => [path, known?.get(path)]))',
      replace:
        'new Map(Array.from(values.keys(), (path) => [path, known?.get(path)]).filter(([, value]) => value !== undefined))',
    },
    {
      name: 'an undo record is without the sources that are new in the block',
      file: 'consensus/block-seal.ts',
      find: 'newCodes: [...newCodes.keys()],',
      replace: 'newCodes: [],',
    },
    {
      name: 'a contract that is paid is none any more',
      file: 'consensus/block-state.ts',
      find: 'return contract === undefined ?',
      replace: 'return contract !== undefined ?',
    },
    {
      name: 'the leaf of a receipt is without the id of its transaction',
      file: 'consensus/receipt.ts',
      find: 'return sha256(concatBytes(LEAF, hashToBytes(txid), receipt));',
      replace: 'return sha256(concatBytes(LEAF, hashToBytes(txid).subarray(0, 0), receipt));',
    },
    {
      name: 'a block without contracts keeps the receipts of the block before',
      file: 'consensus/block-seal.ts',
      find: 'receiptsLeaf: receiptsHash === receiptsBefore ?',
      replace: 'receiptsLeaf: receiptsHash === null ?',
    },
    {
      name: 'a call whose requirement does not hold keeps what it did before',
      file: 'consensus/contract/execution.ts',
      find: '      this.#machine.result = { value: undefined };\n',
      replace:
        "      this.#machine.result = { value: undefined };\n      if (error.code === 'required') this.#finish();\n",
    },
    {
      name: 'a call that fails pays no fee',
      file: 'consensus/block-execution.ts',
      find: '    if (result === undefined) return used;\n',
      replace:
        '    if (result === undefined) return used;\n    const { sender, fee } = this.#transactions.at(-1);\n    if (!result.receipt.ok) this.state.credit(sender, fee);\n',
    },
    {
      name: 'a call that fails does not count the nonce',
      file: 'consensus/block-execution.ts',
      find: '    if (result === undefined) return used;\n',
      replace:
        '    if (result === undefined) return used;\n    const { sender, nonce } = this.#transactions.at(-1);\n    if (!result.receipt.ok) this.state.setAccount(sender, { ...this.state.account(sender), nonce });\n',
    },
    {
      name: 'contracts see the time of the block below, not the median',
      file: 'protocol/header-index.ts',
      find: 'return medianTimeOf(parent);\n    },',
      replace: 'return parent.record.header.time;\n    },',
    },
    {
      name: 'the gas of a block is not limited',
      file: 'consensus/block.ts',
      find: 'if (gas > MAX_BLOCK_GAS)',
      replace: 'if (gas < 0)',
      faults: { 'invalid-miner': 1 },
    },
    {
      name: 'a transaction may reserve less gas than its bytes cost',
      file: 'consensus/contract-transaction.ts',
      find: 'if (gas < intrinsic)',
      replace: 'if (gas < 0)',
      faults: { 'invalid-miner': 1 },
    },
  ] satisfies readonly PlantedBug[]
).map((bug) => ({ ...bug, needsContracts: true }));
