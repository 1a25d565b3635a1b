import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ed25519 } from '@noble/curves/ed25519.js';
import { build } from 'esbuild';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { OPERATIONS, type Operation } from './contract-operations.ts';
import type { ContractCosts, ContractJob } from './contract-thread.ts';
import { MEASURED, NETWORK_ID, OTHER_ADDRESS, storeSlots } from './contract-world.ts';

const SECRET_KEY = new Uint8Array(32).fill(7);

/** Measures contracts in threads of their own, each of which begins with an engine that has compiled nothing. */
export class ContractBench {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bundles what the threads run, as nodes run it, and fills the database of slots. */
  static async make(): Promise<ContractBench> {
    const bench = new ContractBench(await mkdtemp(join(tmpdir(), 'forklore-contracts-')));
    await build({
      entryPoints: [fileURLToPath(new URL('contract-thread.ts', import.meta.url))],
      outfile: bench.#thread,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      // Where it is installed: a bundle in another folder would not find it.
      alias: { lmdb: fileURLToPath(import.meta.resolve('lmdb')) },
      external: [fileURLToPath(import.meta.resolve('lmdb'))],
      logLevel: 'silent',
    });
    await storeSlots(bench.directory);
    return bench;
  }

  get #thread(): string {
    return join(this.#folder, 'thread.mjs');
  }

  /** Folder of the slots. */
  get directory(): string {
    return join(this.#folder, 'slots');
  }

  /** Runs a job in a thread of its own. */
  run(job: ContractJob): Promise<ContractCosts> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.#thread, { workerData: job });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The operations with the accounts, the key and the signature that they name. */
export function signedOperations(): Operation[] {
  const message = concatBytes(utf8ToBytes('forklore/message/v1'), NETWORK_ID, hexToBytes(MEASURED), utf8ToBytes('m'));
  const known: readonly (readonly [string, string])[] = [
    ['$OTHER', OTHER_ADDRESS],
    ['$KEY', bytesToHex(ed25519.getPublicKey(SECRET_KEY))],
    ['$SIGNATURE', bytesToHex(ed25519.sign(message, SECRET_KEY))],
  ];
  const filled = (text: string): string => known.reduce((made, [name, value]) => made.replaceAll(name, value), text);
  return OPERATIONS.map((operation) => ({
    ...operation,
    body: filled(operation.body),
    before: filled(operation.before ?? ''),
  }));
}
