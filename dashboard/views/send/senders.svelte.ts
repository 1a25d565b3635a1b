import { ClientError } from '../../../client/client-error.ts';
import { DevAccountKeysQuery } from '../../../client/documents.ts';
import { formatAddress } from '../../../consensus/address.ts';
import { developmentAccountByName } from '../../../consensus/development-accounts.ts';
import { hexToBytes } from '../../../consensus/hex.ts';
import { developmentKeyPair, type KeyPair, keyPairOfSecret } from '../../../consensus/keys.ts';
import { network } from '../../app/session.svelte.ts';
import { storage } from '../../app/storage.ts';
import { isWellKnown, type NamedAccount } from '../../model/dev-accounts.ts';
import type { NodeLink } from '../../state/node-link.ts';
import { Wallet } from '../../wallet/wallet.svelte.ts';

/** An account that this page can send from. */
export interface Sender {
  /** `wallet`, or the name of a development account. */
  readonly id: string;
  readonly address: string;
  /** Whether the user has to unlock it first. */
  readonly isLocked: boolean;
  /** Null while it is locked. Asks the node where only that one knows. Throws `ClientError`. */
  key(link: NodeLink, signal: AbortSignal): Promise<KeyPair | null>;
}

const SECRET_KEY = /^[0-9a-f]{64}$/;
const WALLET_ID = 'wallet';
export const wallet = new Wallet(storage);

/**
 * The development accounts of the network that is shown whose keys everybody can have: the well-known ones, and those of
 * the node's own where it shows their keys to this page.
 */
export function devSenders(): Sender[] {
  const { info, devAccounts = [] } = network.reader ?? {};
  if (!info) return [];
  return devAccounts.flatMap((named) => {
    const { name: id, address } = named;
    const known = isWellKnown(named, info.addressPrefix) ? developmentAccountByName(id) : undefined;
    if (known) return [{ id, address, isLocked: false, key: async () => developmentKeyPair(known) }];
    return info.mayControl ? [{ id, address, isLocked: false, key: keyOf(id) }] : [];
  });
}

/** The wallet of this browser, in the network that is shown. */
export function walletSender(): Sender | null {
  const prefix = network.reader?.info?.addressPrefix;
  if (prefix === undefined || wallet.address === null) return null;
  const { address, key } = wallet;
  return { id: WALLET_ID, address: formatAddress(address, prefix), isLocked: key === null, key: async () => key };
}

/**
 * Accounts whose names this sender may pay. Names that only the node explains are no address for the wallet's coins: a
 * node that lies can win nothing that was not everybody's.
 */
export function payableNames(sender: Sender | null): readonly NamedAccount[] {
  const { info, devAccounts = [] } = network.reader ?? {};
  if (!info) return [];
  return sender?.id === WALLET_ID
    ? devAccounts.filter((account) => isWellKnown(account, info.addressPrefix))
    : devAccounts;
}

/** Asks the node for the key of one of its own accounts. That it is the account's is checked when it signs. */
function keyOf(wanted: string): Sender['key'] {
  return async (link, signal) => {
    const { devAccounts } = await link.query(DevAccountKeysQuery, {}, signal);
    const { secretKey } = devAccounts.find(({ name }) => name === wanted) ?? {};
    if (secretKey === undefined || !SECRET_KEY.test(secretKey))
      throw new ClientError('not-a-node', `the node gives no key of ${wanted}`);
    return keyPairOfSecret(hexToBytes(secretKey));
  };
}
