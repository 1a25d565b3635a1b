import { ClientError } from '../../client/client-error.ts';
import type { Address } from '../../consensus/address.ts';
import { deriveKeyPair, type KeyPair } from '../../consensus/keys.ts';
import { MNEMONIC_ENTROPY_BYTES, newMnemonic, parseMnemonic } from '../../consensus/mnemonic.ts';
import { canSeal, parseSealed, type SealedWallet, seal, unseal } from './vault.ts';

const STORAGE_KEY = 'forklore.wallet';

/**
 * The wallet of this browser: none -> locked <-> open -> none. Its words are encrypted before they are kept, and its key
 * is in this page's memory only while it is open; neither ever leaves the browser.
 */
export class Wallet {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  #sealed = $state.raw<SealedWallet | null>(null);
  #key = $state.raw<KeyPair | null>(null);

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.#storage = storage;
    this.#sealed = parseSealed(storage.getItem(STORAGE_KEY));
  }

  get state(): 'none' | 'locked' | 'open' {
    if (this.#key) return 'open';
    return this.#sealed ? 'locked' : 'none';
  }

  /** Of its only account; null where there is no wallet. */
  get address(): Address | null {
    return this.#key?.address ?? this.#sealed?.address ?? null;
  }

  /** Signs with it; null while it is locked. */
  get key(): KeyPair | null {
    return this.#key;
  }

  /** Whether it is forgotten when the page is closed, because this page cannot encrypt. */
  get isFleeting(): boolean {
    return this.#key !== null && this.#sealed === null;
  }

  /** Twelve new words; nothing is kept yet. */
  static newWords(): string {
    return newMnemonic(crypto.getRandomValues(new Uint8Array(MNEMONIC_ENTROPY_BYTES)));
  }

  /**
   * Takes up a wallet from its words, new or old.
   * @throws {MnemonicError}, or a {ClientError} where there is one that another page has kept
   */
  async keep(words: string, passphrase: string): Promise<void> {
    const mnemonic = parseMnemonic(words);
    const present = parseSealed(this.#storage.getItem(STORAGE_KEY));
    if (present) {
      this.#sealed = present;
      throw new ClientError(
        'failed',
        'another page of this browser has kept a wallet meanwhile; nothing was overwritten',
        { code: 'wallet-exists' },
      );
    }
    const key = deriveKeyPair(mnemonic, 0);
    if (canSeal()) {
      const sealed = await seal(mnemonic, passphrase, key.address);
      this.#storage.setItem(STORAGE_KEY, JSON.stringify(sealed));
      this.#sealed = sealed;
    }
    this.#key = key;
  }

  /** @throws WrongPassphraseError */
  async unlock(passphrase: string): Promise<void> {
    if (!this.#sealed) return;
    this.#key = deriveKeyPair(await unseal(this.#sealed, passphrase), 0);
  }

  /** Forgets the key until the passphrase is given again. */
  lock(): void {
    this.#key = null;
  }

  /** Forgets everything: without its words the wallet cannot be had back. */
  forget(): void {
    this.#storage.removeItem(STORAGE_KEY);
    this.#sealed = null;
    this.#key = null;
  }
}
