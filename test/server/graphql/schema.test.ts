import { readFileSync } from 'node:fs';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { printedSchema } from '../../../server/graphql/printed-schema.ts';
import { schema } from '../../../server/graphql/schema.ts';

/** Names that other programs use; each with its arguments. */
const QUERIES = `nodeInfo tip block(hash,height) blocks(after,before,first,last) headers(fromHeight,limit) blockTree(depth)
  chainTips transaction(id) account(address) devAccounts mempool blockTemplate peers miner events(after,first)`;
const MUTATIONS = `submitTransaction(raw) sendFromDevAccount(from,to,amount,fee,memo) mine(count,parent,to,transactions)
  dropTransaction(id) setMining(mode,threads,intervalSeconds,hashrateLimit,address) connectPeer(url) disconnectPeer(id) invalidateBlock(hash)
  reconsiderBlock(hash)`;
const SUBSCRIPTIONS = `events(after,kinds) blockAdded mempoolChanged reorged transactionStatus(id) peersChanged
  minerChanged syncChanged`;
const FIELDS = {
  NodeInfo: 'name version network genesisHash startedAt listenUrl graphqlUrl role sync integrity',
  Block: `hash height header time difficulty totalWork size miner reward transactionCount transactions canonical
    confirmations parent firstSeenAt firstSeenFrom`,
  BlockHeader: 'version prevHash merkleRoot time bits nonce raw',
  Transaction: `id kind sender recipient amount fee nonce memo size raw status statusReason block confirmations`,
  Account: 'address name balance nonce pendingBalance pendingNonce transactions',
  DevAccount: 'name address balance',
  Mempool: 'size bytes minimumFeeRate transactions',
  Peer: 'id url direction state height latencyMs userAgent connectedAt graphqlUrl',
  MinerStatus: 'mode threads hashrate hashrateLimit hashesDone difficulty target expectedSeconds address',
  MempoolChange: 'added removed size',
  MempoolRemoval: 'id reason',
  Reorg: 'commonAncestor disconnected connected returnedToMempool dropped depth',
  SyncStatus: 'state height targetHeight',
  Integrity: 'mode checkedBlocks ok',
};
const ENUMS = {
  TransactionStatus: 'PENDING QUEUED CONFIRMED DROPPED',
  ChainTipStatus: 'ACTIVE VALID_FORK VALID_HEADERS HEADERS_ONLY INVALID',
  MiningMode: 'OFF CONTINUOUS ON_TRANSACTION INTERVAL',
};

const words = (text: string) => text.split(/\s+/).sort();
/** `name(b,a)` as `name(a,b)`. */
const ordered = (text: string) =>
  text.replace(/\((.*)\)/, (_, args: string) => `(${args.split(',').sort().join(',')})`);

/** Fields of a type, with the names of their arguments. */
function fieldsOf(name: string): string[] {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object type`);
  return Object.values(type.getFields()).map(({ name: field, args }) =>
    ordered(args.length > 0 ? `${field}(${args.map((arg) => arg.name).join(',')})` : field),
  );
}

/** Everything in a type that should say what it is, by its path. */
function described(type: GraphQLNamedType): { path: string; description: string | null | undefined }[] {
  const list = [{ path: type.name, description: type.description }];
  if (isEnumType(type)) {
    for (const value of type.getValues())
      list.push({ path: `${type.name}.${value.name}`, description: value.description });
  }
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      const path = `${type.name}.${field.name}`;
      list.push({ path, description: field.description });
      for (const arg of 'args' in field ? field.args : [])
        list.push({ path: `${path}(${arg.name})`, description: arg.description });
    }
  }
  return list;
}

describe('the schema', () => {
  it('is the one in schema.graphql; `npm run schema` writes it', () => {
    expect(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema());
  });

  it.each([
    ['Query', QUERIES],
    ['Mutation', MUTATIONS],
    ['Subscription', SUBSCRIPTIONS],
  ])('has every %s that clients rely on, with its arguments', (type, names) => {
    expect(fieldsOf(type)).toEqual(expect.arrayContaining(words(names).map(ordered)));
  });

  it.each(Object.entries(FIELDS))('has every field of %s that clients rely on', (type, names) => {
    const bare = fieldsOf(type).map((field) => field.replace(/\(.*/, ''));
    expect(bare).toEqual(expect.arrayContaining(words(names)));
  });

  it.each(Object.entries(ENUMS))('has exactly the values of %s that clients rely on', (name, values) => {
    const type = schema.getType(name);
    expect(
      isEnumType(type) &&
        type
          .getValues()
          .map((value) => value.name)
          .sort(),
    ).toEqual(words(values));
  });

  it('tells success and failure apart by type', () => {
    for (const [name, members] of [
      ['SubmitResult', ['TransactionAccepted', 'TransactionRejected']],
      ['MineResult', ['BlocksMined', 'MiningFailed']],
    ] as const) {
      const type = schema.getType(name);
      expect(
        isUnionType(type) &&
          type
            .getTypes()
            .map((member) => member.name)
            .sort(),
      ).toEqual(members);
    }
  });

  it('says of everything what it is', () => {
    const own = Object.values(schema.getTypeMap()).filter(
      ({ name }) => !name.startsWith('__') && !['String', 'Int', 'Float', 'Boolean', 'ID'].includes(name),
    );
    const missing = own.flatMap(described).filter(({ description }) => !description?.trim());
    expect(missing.map(({ path }) => path)).toEqual([]);
  });
});
