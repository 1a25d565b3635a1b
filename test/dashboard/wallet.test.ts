import { beforeEach, describe, expect, it } from 'vitest';
import { DEVELOPMENT_MNEMONIC } from '../../consensus/development-accounts.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { MnemonicError, parseMnemonic } from '../../consensus/mnemonic.ts';
import { parseSealed, seal, unseal, WrongPassphraseError } from '../../dashboard/wallet/vault.ts';
import { Wallet } from '../../dashboard/wallet/wallet.svelte.ts';

const PASSPHRASE = 'correct horse';

class MemoryStorage {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

describe('a sealed wallet', () => {
  it('is opened by its passphrase, however the keyboard writes it', async () => {
    const sealed = await seal('some words', 'caf\u00e9 au lait', 'ab');
    expect(await unseal(sealed, 'cafe\u0301 au lait')).toBe('some words');
    expect(parseSealed(JSON.stringify(sealed))).toEqual(sealed);
  });

  it('is opened neither by another passphrase nor when a bit of it has changed', async () => {
    const sealed = await seal('some words', PASSPHRASE, 'ab');
    await expect(unseal(sealed, 'wrong horse')).rejects.toThrow(WrongPassphraseError);
    const digit = sealed.sealed.startsWith('0') ? '1' : '0';
    await expect(unseal({ ...sealed, sealed: digit + sealed.sealed.slice(1) }, PASSPHRASE)).rejects.toThrow(
      WrongPassphraseError,
    );
  });

  it('is not opened when its address was changed', async () => {
    const sealed = await seal('some words', PASSPHRASE, 'ab');
    await expect(unseal({ ...sealed, address: 'cd' }, PASSPHRASE)).rejects.toThrow(WrongPassphraseError);
  });

  it('never looks the same twice', async () => {
    const [one, two] = await Promise.all([seal('some words', PASSPHRASE, 'ab'), seal('some words', PASSPHRASE, 'ab')]);
    expect(one.sealed).not.toBe(two.sealed);
    expect(one.salt).not.toBe(two.salt);
  });

  it.each([
    null,
    '',
    '{',
    '[]',
    '{"version":2}',
    '{"version":1,"rounds":1,"address":"zz","salt":"00","iv":"00","sealed":"00"}',
  ])('is not %j', (text) => {
    expect(parseSealed(text)).toBeNull();
  });
});

describe('the wallet of a browser', () => {
  let storage: MemoryStorage;

  beforeEach(() => {
    storage = new MemoryStorage();
  });

  it('keeps its words encrypted, and is locked when the page is opened again', async () => {
    const wallet = new Wallet(storage);
    expect(wallet.state).toBe('none');
    await wallet.keep(` ${DEVELOPMENT_MNEMONIC.toUpperCase()} `, PASSPHRASE);
    expect(wallet.state).toBe('open');
    expect([...storage.kept.values()].join()).not.toMatch(/test|junk|correct/);

    const again = new Wallet(storage);
    expect(again.state).toBe('locked');
    expect(again.key).toBeNull();
    expect(again.address).toBe(deriveKeyPair(DEVELOPMENT_MNEMONIC, 0).address);
    await expect(again.unlock('wrong')).rejects.toThrow(WrongPassphraseError);
    expect(again.state).toBe('locked');
    await again.unlock(PASSPHRASE);
    expect(again.key).toEqual(deriveKeyPair(DEVELOPMENT_MNEMONIC, 0));
    again.lock();
    expect(again.state).toBe('locked');
  });

  it('takes no words that are no mnemonic, and keeps nothing of them', async () => {
    const wallet = new Wallet(storage);
    await expect(wallet.keep('not a mnemonic', PASSPHRASE)).rejects.toThrow(MnemonicError);
    expect(storage.kept.size).toBe(0);
  });

  it('is not overwritten by another page that knew of none', async () => {
    const [one, other] = [new Wallet(storage), new Wallet(storage)];
    await one.keep(DEVELOPMENT_MNEMONIC, PASSPHRASE);
    const before = [...storage.kept];
    await expect(other.keep(Wallet.newWords(), PASSPHRASE)).rejects.toMatchObject({ code: 'wallet-exists' });
    expect([...storage.kept]).toEqual(before);
    expect(other.address).toBe(one.address);
  });

  it('forgets everything when it is told to', async () => {
    const wallet = new Wallet(storage);
    const words = Wallet.newWords();
    expect(parseMnemonic(words).split(' ')).toHaveLength(12);
    await wallet.keep(words, PASSPHRASE);
    wallet.forget();
    expect(wallet.state).toBe('none');
    expect(storage.kept.size).toBe(0);
  });
});
