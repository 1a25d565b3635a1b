import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay';
import { type Address, AddressError } from '../../consensus/address.ts';
import type { DevelopmentAccount } from '../../consensus/development-accounts.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { keyPairAmong } from '../../consensus/keys.ts';
import { quotable } from '../../consensus/quotable.ts';
import { EMPTY_ACCOUNT } from '../../consensus/state.ts';
import { builder, DEFAULT_PAGE, MAX_PAGE, pageComplexity } from './builder.ts';
import { badInput } from './errors.ts';
import { addressOf, findTransaction, nameOf, shownAddress, type TransactionModel } from './models.ts';
import { checkPage } from './pages.ts';
import { TransactionConnection, TransactionEdge, TransactionRef } from './refs.ts';
import { requireControl } from './require-control.ts';

/** A transaction of an account with its place on the active chain, which is its cursor. */
interface PlacedTransaction extends TransactionModel {
  readonly place: { readonly height: number; readonly index: number };
}

const AccountRef = builder.objectRef<{ readonly address: Address }>('Account').implement({
  description:
    'The confirmed and pending state of an address. An address that was never used is an account with balance and nonce 0.',
  fields: (t) => ({
    address: t.field({
      type: 'Address',
      description: 'The address, with the prefix of the network.',
      resolve: ({ address }, _, { node }) => shownAddress(node, address),
    }),
    addressHex: t.field({
      type: 'Hex',
      description: 'The 20 bytes of the address, as the source of a contract writes them: `address("…")`.',
      resolve: ({ address }) => hexToBytes(address),
    }),
    name: t.string({
      nullable: true,
      description: 'Name of the development account with this address; null for any other address.',
      resolve: ({ address }, _, { node }) => nameOf(node, address),
    }),
    balance: t.field({
      type: 'Amount',
      description: 'Confirmed balance in coins at the tip. Pending transactions do not count.',
      resolve: ({ address }, _, { node }) => (node.store.account(address) ?? EMPTY_ACCOUNT).balance,
    }),
    nonce: t.field({
      type: 'BigInt',
      description:
        'Number of confirmed transactions that this account has sent; also the nonce that its next confirmed one must have.',
      resolve: ({ address }, _, { node }) => (node.store.account(address) ?? EMPTY_ACCOUNT).nonce,
    }),
    pendingBalance: t.field({
      type: 'Amount',
      description:
        'Balance in coins after the transactions of this account that are `PENDING`: amounts and fees are subtracted. Incoming and `QUEUED` ones do not count, and neither does what contracts would pay.',
      resolve: ({ address }, _, { node }) => node.view.mempool.pendingAccount(address).balance,
    }),
    pendingNonce: t.field({
      type: 'BigInt',
      description: 'Nonce to sign the next transaction with: `nonce` plus the number of its `PENDING` ones.',
      resolve: ({ address }, _, { node }) => node.view.mempool.pendingAccount(address).nonce,
    }),
    transactions: t.connection(
      {
        type: TransactionRef,
        description:
          'Transactions of the active chain that it sent or received, coinbases included, in which a contract paid it, or in which it is a contract that paid or emitted an event; newest first. Read with `first` and `after` only; `last` and `before` are refused with BAD_INPUT.',
        complexity: pageComplexity,
        resolve: ({ address }, args, { node }) => {
          if (args.last != null || args.before != null)
            throw badInput('last', 'this list can only be read from its start; use first and after');
          checkPage(args);
          return resolveCursorConnection(
            {
              args,
              defaultSize: DEFAULT_PAGE,
              maxSize: MAX_PAGE,
              toCursor: ({ place }: PlacedTransaction) => `${place.height}.${place.index}`,
            },
            ({ after, limit }: ResolveCursorConnectionArgs): PlacedTransaction[] => {
              const page = after === undefined ? { limit } : { limit, before: placeOf(after) };
              return node.store
                .accountTransactions(address, page)
                .flatMap(({ txid, height, index }): PlacedTransaction[] => {
                  const found = findTransaction(node, txid);
                  return found ? [{ ...found, place: { height, index } }] : [];
                });
            },
          );
        },
      },
      TransactionConnection,
      TransactionEdge,
    ),
  }),
});

const DevAccountRef = builder.objectRef<DevelopmentAccount>('DevAccount').implement({
  description:
    'An account whose private key is public, for development and tests. The genesis block may fund it. Never use it for anything of value.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Name of the account, such as Alice. It can be used wherever an argument takes an address.',
    }),
    address: t.field({
      type: 'Address',
      description: 'The address, with the prefix of the network.',
      resolve: ({ address }, _, { node }) => shownAddress(node, address),
    }),
    balance: t.field({
      type: 'Amount',
      description: 'Confirmed balance in coins at the tip. Pending transactions do not count.',
      resolve: ({ address }, _, { node }) => (node.store.account(address) ?? EMPTY_ACCOUNT).balance,
    }),
    secretKey: t.field({
      type: 'Hex',
      description:
        'Its secret key, 32 bytes (the seed of RFC 8032), for tests: whoever starts or controls the node can spend from this account. Needs control of the node, else FORBIDDEN.',
      complexity: 10,
      resolve: (account, _, context) => {
        requireControl(context);
        const { node } = context;
        const { developmentAccounts } = node.view.params;
        assertInvariant(developmentAccounts !== null, 'the account is of this network');
        return keyPairAmong(developmentAccounts, account).secretKey;
      },
    }),
  }),
});

builder.queryFields((t) => ({
  account: t.field({
    type: AccountRef,
    description:
      'The account of an address. Never null: any valid address has an account. Anything else is refused with BAD_INPUT.',
    args: {
      address: t.arg.string({
        required: true,
        description: 'An address of this network, such as lore1…, or the name of a development account, such as Alice.',
      }),
    },
    resolve: (_, { address }, { node }) => {
      try {
        return { address: addressOf(node, address) };
      } catch (error) {
        if (error instanceof AddressError) throw badInput('address', error.message);
        throw error;
      }
    },
  }),
  devAccounts: t.field({
    type: [DevAccountRef],
    description: 'The development accounts, in a fixed order; empty on a network without them.',
    resolve: (_, __, { node }) => [...(node.view.params.developmentAccounts?.accounts ?? [])],
  }),
}));

function placeOf(cursor: string): { height: number; index: number } {
  const [, height, index] = /^([0-9]{1,9})\.([0-9]{1,6})$/.exec(cursor) ?? [];
  if (height === undefined || index === undefined)
    throw badInput('after', `"${quotable(cursor)}" is not a cursor of this list`);
  return { height: Number(height), index: Number(index) };
}
