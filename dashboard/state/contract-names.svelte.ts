import { SvelteMap } from 'svelte/reactivity';
import { ContractNameQuery, DeploySourceQuery } from '../../client/documents.ts';
import type { Network } from './network.svelte.ts';

/** Contracts whose names are remembered; the oldest go first. */
const MAX_NAMES = 1_000;
/** Longest name that is taken from a node: more no source can have. */
const MAX_NAME_CHARS = 64;

/** What the classes of contracts are called. A contract's name is no proof of anything: two may have the same. */
export class ContractNames {
  readonly #network: Pick<Network, 'reader'>;
  readonly #names = new SvelteMap<string, string>();
  /** By what was asked: the tip at which it was last. */
  readonly #askedAt = new Map<string, string>();

  constructor(network: Pick<Network, 'reader'>) {
    this.#network = network;
  }

  /** Null where it is not known that there is a contract. */
  nameOf(address: string): string | null {
    return this.#names.get(address) ?? null;
  }

  /**
   * Asks the node for the name of a contract, once for each tip while there is none.
   * @param deploy id of the transaction that makes it: its source says the name before it is mined, and after it failed
   */
  async ask(address: string, deploy: string | null = null): Promise<void> {
    const { link, tip } = this.#network.reader ?? {};
    if (!link || !tip || this.#names.has(address)) return;
    const question = `${address} ${deploy}`;
    if (this.#askedAt.get(question) === tip.blockHash) return;
    this.#askedAt.set(question, tip.blockHash);
    try {
      const { contract } = await link.query(ContractNameQuery, { address });
      const name =
        contract?.name ??
        (deploy && (await nameOfSource((await link.query(DeploySourceQuery, { id: deploy })).transaction?.source)));
      if (name) this.learn(address, name);
    } catch {
      // A node that does not answer is asked again with the next tip; until then the address stands for the contract.
    }
  }

  learn(address: string, name: string): void {
    if (!/^[A-Za-z]\w*$/.test(name) || name.length > MAX_NAME_CHARS) return;
    this.#names.set(address, name);
    for (const [oldest] of this.#names) {
      if (this.#names.size <= MAX_NAMES) break;
      this.#names.delete(oldest);
    }
    if (this.#askedAt.size > MAX_NAMES) this.#askedAt.clear();
  }
}

/** The compiler is fetched only where a deploy has to be named by its source. */
async function nameOfSource(source: string | null | undefined): Promise<string | null> {
  if (source == null) return null;
  const { programOf } = await import('../model/contract-program.ts');
  return programOf(source)?.name ?? null;
}
