import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay';
import { type Address, AddressError } from '../../consensus/address.ts';
import { DEVELOPMENT_ACCOUNTS } from '../../consensus/development-accounts.ts';
import { EMPTY_ACCOUNT } from '../../consensus/state.ts';
import { builder, DEFAULT_PAGE, MAX_PAGE, pageComplexity } from './builder.ts';
import { badInput } from './errors.ts';
import { addressOf, findTransaction, nameOf, shownAddress, type TransactionModel } from './models.ts';
import { checkPage } from './pages.ts';
import { TransactionConnection, TransactionEdge, TransactionRef } from './refs.ts';

/** A transaction of an account with its place on the active chain, which is its cursor. */
interface PlacedTransaction extends TransactionModel {
  readonly place: { readonly height: number; readonly index: number };
}

const AccountRef = builder.objectRef<{ readonly address: Address }>('Account').implement({
  description: 'What an address owns. One that was never used has nothing.',
  fields: (t) => ({
    address: t.field({
      type: 'Address',
      description: 'Its address.',
      resolve: ({ address }, _, { node }) => shownAddress(node, address),
    }),
    name: t.string({
      nullable: true,
      description: 'Name of the development account that it is; null for all others.',
      resolve: ({ address }, _, { node }) => nameOf(node, address),
    }),
    balance: t.field({
      type: 'Amount',
      description: 'What it owns at the tip.',
      resolve: ({ address }, _, { node }) => (node.store.account(address) ?? EMPTY_ACCOUNT).balance,
    }),
    nonce: t.field({
      type: 'BigInt',
      description: 'Transfers it has made; the nonce of its next one to be confirmed.',
      resolve: ({ address }, _, { node }) => (node.store.account(address) ?? EMPTY_ACCOUNT).nonce,
    }),
    pendingBalance: t.field({
      type: 'Amount',
      description: 'What it will own once its own pending transfers are mined; incoming ones do not count.',
      resolve: ({ address }, _, { node }) => node.view.mempool.pendingAccount(address).balance,
    }),
    pendingNonce: t.field({
      type: 'BigInt',
      description: 'The nonce for its next transfer, behind those that are pending.',
      resolve: ({ address }, _, { node }) => node.view.mempool.pendingAccount(address).nonce,
    }),
    transactions: t.connection(
      {
        type: TransactionRef,
        description: 'Its confirmed transactions, newest first.',
        complexity: pageComplexity,
        resolve: ({ address }, args, { node }) => {
          if (args.last != null || args.before != null)
            throw badInput('last', 'this list is read from its start: use first and after');
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

const DevAccountRef = builder.objectRef<{ readonly name: string; readonly address: Address }>('DevAccount').implement({
  description: 'An account whose key everybody knows, funded at genesis. Never use it for anything real.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    address: t.field({
      type: 'Address',
      description: 'Its address.',
      resolve: ({ address }, _, { node }) => shownAddress(node, address),
    }),
    balance: t.field({
      type: 'Amount',
      description: 'What it owns at the tip.',
      resolve: ({ address }, _, { node }) => (node.store.account(address) ?? EMPTY_ACCOUNT).balance,
    }),
  }),
});

builder.queryFields((t) => ({
  account: t.field({
    type: AccountRef,
    description: 'An account by its address, or by the name of a development account.',
    args: { address: t.arg.string({ required: true, description: 'Such as lore1… or Alice.' }) },
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
    description: 'The development accounts; empty where the network has none.',
    resolve: (_, __, { node }) => (node.view.params.developmentAccounts ? [...DEVELOPMENT_ACCOUNTS] : []),
  }),
}));

function placeOf(cursor: string): { height: number; index: number } {
  const [, height, index] = /^([0-9]{1,9})\.([0-9]{1,6})$/.exec(cursor) ?? [];
  if (height === undefined || index === undefined) throw badInput('after', 'is no cursor of this list');
  return { height: Number(height), index: Number(index) };
}
