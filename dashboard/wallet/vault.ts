import { bytesToHex, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';

/** Rounds of PBKDF2 with SHA-256, as OWASP's Password Storage Cheat Sheet asks for. */
const ROUNDS = 600_000;
const SALT_BYTES = 16;
/** Of AES-GCM (NIST SP 800-38D, 5.2.1.1). */
const IV_BYTES = 12;
/** Shorter ones are guessed. */
export const MIN_PASSPHRASE_CHARS = 8;

/** A mnemonic that only its passphrase opens. What it holds is plain data, kept by the browser. */
export interface SealedWallet {
  readonly version: 1;
  /** Raw address of its first account: 40 hex digits. */
  readonly address: string;
  readonly rounds: number;
  /** Hex digits. */
  readonly salt: string;
  readonly iv: string;
  readonly sealed: string;
}

/** The passphrase is another one, or the sealed bytes were changed: the two cannot be told apart. */
export class WrongPassphraseError extends Error {
  constructor() {
    super('the passphrase does not open this wallet');
    this.name = 'WrongPassphraseError';
  }
}

/** Whether this page can seal wallets: browsers offer cryptography only to pages of this machine or over HTTPS. */
export function canSeal(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** Encrypts a mnemonic: AES-256-GCM under a key that PBKDF2 makes of the passphrase. */
export async function seal(mnemonic: string, passphrase: string, address: string): Promise<SealedWallet> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyOf(passphrase, salt, ROUNDS);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: bound(address) },
    key,
    plain(utf8ToBytes(mnemonic)),
  );
  return {
    version: 1,
    address,
    rounds: ROUNDS,
    salt: bytesToHex(salt),
    iv: bytesToHex(iv),
    sealed: bytesToHex(new Uint8Array(sealed)),
  };
}

/** The mnemonic. @throws WrongPassphraseError */
export async function unseal({ address, salt, iv, rounds, sealed }: SealedWallet, passphrase: string): Promise<string> {
  const key = await keyOf(passphrase, plain(hexToBytes(salt)), rounds);
  try {
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: plain(hexToBytes(iv)), additionalData: bound(address) },
      key,
      plain(hexToBytes(sealed)),
    );
    return new TextDecoder().decode(opened);
  } catch {
    throw new WrongPassphraseError();
  }
}

/** Reads what the browser kept; null where it is no sealed wallet of this version. */
export function parseSealed(text: string | null): SealedWallet | null {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Record<keyof SealedWallet, unknown>> | null;
    const isHex = (item: unknown): item is string => typeof item === 'string' && /^(?:[0-9a-f]{2})+$/.test(item);
    const isSealed =
      value?.version === 1 &&
      typeof value.rounds === 'number' &&
      Number.isSafeInteger(value.rounds) &&
      value.rounds > 0 &&
      [value.address, value.salt, value.iv, value.sealed].every(isHex);
    return isSealed ? (value as SealedWallet) : null;
  } catch {
    return null;
  }
}

async function keyOf(passphrase: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<CryptoKey> {
  const secret = plain(utf8ToBytes(passphrase.normalize('NFKC')));
  const base = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey']);
  return await crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

/** The address is shown while the wallet is locked: a wallet whose address was changed does not open. */
function bound(address: string): Uint8Array<ArrayBuffer> {
  return plain(utf8ToBytes(address));
}

/** The same bytes in memory of their own, which is what the browser's cryptography takes. */
function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
