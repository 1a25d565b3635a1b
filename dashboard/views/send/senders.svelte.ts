import { formatAddress } from '../../../consensus/address.ts';
import { developmentAccountByName } from '../../../consensus/development-accounts.ts';
import { developmentKeyPair, type KeyPair } from '../../../consensus/keys.ts';
import { network } from '../../app/session.svelte.ts';
import { storage } from '../../app/storage.ts';
import { Wallet } from '../../wallet/wallet.svelte.ts';

/** An account that this page can send from. */
export interface Sender {
  /** `wallet`, or the name of a development account. */
  readonly id: string;
  readonly address: string;
  /** Null while the wallet is locked. */
  key(): KeyPair | null;
}

export const WALLET_ID = 'wallet';
export const wallet = new Wallet(storage);

/** The development accounts of the network that is shown, as far as their keys are the well-known ones. */
export function devSenders(): Sender[] {
  const reader = network.reader;
  const prefix = reader?.info?.addressPrefix;
  if (!reader || prefix === undefined) return [];
  return reader.devAccounts.flatMap(({ name, address }) => {
    const account = developmentAccountByName(name);
    if (!account || formatAddress(account.address, prefix) !== address) return [];
    return [{ id: name, address, key: () => developmentKeyPair(account) }];
  });
}

/** The wallet of this browser, in the network that is shown. */
export function walletSender(): Sender | null {
  const prefix = network.reader?.info?.addressPrefix;
  if (prefix === undefined || wallet.address === null) return null;
  return { id: WALLET_ID, address: formatAddress(wallet.address, prefix), key: () => wallet.key };
}
