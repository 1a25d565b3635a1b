import { type Address, AddressError } from '../../consensus/address.ts';
import { commentsOf, type SourceComments } from '../../consensus/contract/comments.ts';
import { CONSTRUCTOR, type CompiledMethod, type Program } from '../../consensus/contract/program.ts';
import type { Field } from '../../consensus/contract/syntax.ts';
import { describeType, type Parameter } from '../../consensus/contract/types.ts';
import { bytesToUtf8, hexToBytes } from '../../consensus/hex.ts';
import type { Account, ContractAccount } from '../../consensus/state.ts';
import type { NodeContext } from '../node/node-context.ts';
import { builder, MAX_PAGE, pageComplexity } from './builder.ts';
import { ContractSlotRef, slotPage, slotsAt } from './contract-slot.ts';
import { ContractTypeRef } from './contract-type.ts';
import { PROGRAM_COMPLEXITY, programOf } from './contract-values.ts';
import { badInput } from './errors.ts';
import { addressOf, shownAddress } from './models.ts';

/** A contract of the tip's state, as the API shows it. */
class ContractModel {
  readonly address: Address;
  readonly account: Account;
  readonly state: ContractAccount;
  readonly source: string;
  readonly program: Program;
  #comments: SourceComments | undefined;

  constructor(node: NodeContext, address: Address, account: Account, state: ContractAccount) {
    const { source, program } = programOf(node, state);
    this.address = address;
    this.account = account;
    this.state = state;
    this.source = bytesToUtf8(source);
    this.program = program;
  }

  /** What the source says of itself; read only when it is asked for. */
  get comments(): SourceComments {
    this.#comments ??= commentsOf(this.source);
    return this.#comments;
  }

  /** Something that the source declares by a name, with the comment above it. */
  declared<Declared extends { readonly name: string }>(declared: Declared): Commented<Declared> {
    return { declared, comment: () => this.comments.members.get(declared.name) ?? null };
  }
}

/** A member of a class. */
interface Commented<Declared> {
  readonly declared: Declared;
  comment(): string | null;
}

const MethodParameterRef = builder.objectRef<Parameter>('MethodParameter').implement({
  description: 'A parameter of a method.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the source.' }),
    type: t.string({
      description:
        'Its type as the source writes it: `number`, `bigint`, `boolean`, `string`, `Address`, an array of one of them such as `number[]`, or the name of an `interface`.',
      resolve: ({ type }) => describeType(type),
    }),
    valueType: t.expose('type', { type: ContractTypeRef, description: 'The same type as data.' }),
  }),
});

const COMMENT_DESCRIPTION =
  'The comment directly above it in the source, `/** … */` or lines of `//`, without its marks; null if there is none. Who deployed the contract wrote it: it proves nothing.';

const ContractMethodRef = builder.objectRef<Commented<CompiledMethod>>('ContractMethod').implement({
  description: 'A method of a contract, or its constructor.',
  fields: (t) => ({
    name: t.string({
      description: 'Its name; `constructor` for what a deploy runs.',
      resolve: ({ declared }) => declared.name,
    }),
    comment: t.string({ nullable: true, description: COMMENT_DESCRIPTION, resolve: (method) => method.comment() }),
    parameters: t.field({
      type: [MethodParameterRef],
      description: 'What it takes, in order.',
      resolve: ({ declared }) => [...declared.parameters],
    }),
    result: t.string({
      nullable: true,
      description: 'Type of its result as the source writes it; null if it gives nothing.',
      resolve: ({ declared: { result } }) => result && describeType(result),
    }),
    resultType: t.field({
      type: ContractTypeRef,
      nullable: true,
      description: 'The same type as data; null if it gives nothing.',
      resolve: ({ declared }) => declared.result,
    }),
    acceptsCoins: t.boolean({
      description: 'Whether a call may have an amount: it mentions `chain.value`, itself or in what it calls.',
      resolve: ({ declared }) => declared.acceptsCoins,
    }),
    isPrivate: t.boolean({
      description:
        'Whether only the contract itself may call it. What it holds is public all the same. False for the constructor, which a deploy runs, and nothing else.',
      resolve: ({ declared: { name, isPrivate } }) => isPrivate && name !== CONSTRUCTOR,
    }),
  }),
});

const ContractFieldKind = builder.enumType('ContractFieldKind', {
  description: 'What a field of a contract holds.',
  values: {
    VALUE: { value: 'value', description: 'One value.' },
    TABLE: { value: 'table', description: 'A `Table`: a value for each key.' },
    LIST: { value: 'list', description: 'A `List`: values by their places, from 0.' },
  } as const,
});

const ContractFieldRef = builder.objectRef<Commented<Field>>('ContractField').implement({
  description: 'A field of a contract.',
  fields: (t) => ({
    name: t.string({ description: 'Its name in the source.', resolve: ({ declared }) => declared.name }),
    comment: t.string({ nullable: true, description: COMMENT_DESCRIPTION, resolve: (field) => field.comment() }),
    kind: t.field({
      type: ContractFieldKind,
      description: 'What it holds.',
      resolve: ({ declared }) => declared.kind,
    }),
    type: t.string({
      description: 'Type of its value, or of each value of a table or list, as the source writes it.',
      resolve: ({ declared }) => describeType(declared.type),
    }),
    valueType: t.field({
      type: ContractTypeRef,
      description: 'The same type as data.',
      resolve: ({ declared }) => declared.type,
    }),
    keyType: t.string({
      nullable: true,
      description: 'Type of the keys of a table; null for others.',
      resolve: ({ declared }) => (declared.kind === 'table' ? declared.key : null),
    }),
  }),
});

const ContractRef = builder.objectRef<ContractModel>('Contract').implement({
  description: 'A contract in the state at the tip. Everything in it is public.',
  fields: (t) => ({
    address: t.field({
      type: 'Address',
      description: 'Its address, with the prefix of the network.',
      resolve: ({ address }, _, { node }) => shownAddress(node, address),
    }),
    name: t.string({ description: 'Name of its class.', resolve: ({ program }) => program.name }),
    comment: t.string({
      nullable: true,
      description: COMMENT_DESCRIPTION,
      resolve: ({ comments }) => comments.contract,
    }),
    source: t.string({ description: 'Its source, as it was deployed.', resolve: ({ source }) => source }),
    codeHash: t.field({
      type: 'Hex',
      description: 'SHA-256 of its source.',
      resolve: ({ state }) => hexToBytes(state.codeHash),
    }),
    balance: t.field({
      type: 'Amount',
      description: 'Its coins.',
      resolve: ({ account }) => account.balance,
    }),
    storageRoot: t.field({
      type: 'Hex',
      description:
        'Root of the tree of what it stores, to which the state root commits; 32 zero bytes if it stores nothing.',
      resolve: ({ state }) => hexToBytes(state.storageRoot),
    }),
    methods: t.field({
      type: [ContractMethodRef],
      description: 'Its methods in the order of the source, and the constructor.',
      resolve: (contract) => Array.from(contract.program.entries.values(), (method) => contract.declared(method)),
    }),
    slots: t.connection(
      {
        type: ContractSlotRef,
        description:
          'What it stores, in the order of its tree of slots, which is that of hashes. Read with `first` and `after` only; `last` and `before` are refused with BAD_INPUT.',
        complexity: pageComplexity,
        resolve: (contract, args, { node }) => slotPage(node, contract, args),
      },
      { name: 'ContractSlotConnection', description: 'A page of slots.' },
      { name: 'ContractSlotEdge', description: 'A slot on a page.' },
    ),
    slotsAt: t.field({
      type: [ContractSlotRef],
      nullable: { list: false, items: true },
      description:
        'What it stores at paths, in their order, however much it stores: a single value, the length of a list, an entry whose key is known. Null where nothing has been written.',
      args: {
        paths: t.arg({
          type: ['Hex'],
          required: true,
          description: `Paths as \`ContractSlot.path\` has them, at most ${MAX_PAGE}; more are refused with BAD_INPUT.`,
        }),
      },
      complexity: ({ paths }) => ({ field: 1, multiplier: Math.max(1, Math.min(paths.length, MAX_PAGE)) }),
      resolve: (contract, { paths }, { node }) => slotsAt(node, contract, paths),
    }),
    fields: t.field({
      type: [ContractFieldRef],
      description: 'Its fields in the order of the source.',
      resolve: (contract) => contract.program.fields.map((field) => contract.declared(field)),
    }),
  }),
});

builder.queryFields((t) => ({
  contract: t.field({
    type: ContractRef,
    nullable: true,
    description:
      'The contract at an address, at the tip; null if there is none. Text that is no address is refused with BAD_INPUT.',
    args: { address: t.arg.string({ required: true, description: 'An address of this network, such as lore1….' }) },
    complexity: PROGRAM_COMPLEXITY,
    resolve: (_, { address }, { node }) => contractAt(node, accountArgument(node, 'address', address)),
  }),
}));

/** The address that an argument names. Throws `GraphQLError` `BAD_INPUT`. */
export function accountArgument(node: NodeContext, argument: string, text: string): Address {
  try {
    return addressOf(node, text);
  } catch (error) {
    if (error instanceof AddressError) throw badInput(argument, error.message);
    throw error;
  }
}

function contractAt(node: NodeContext, address: Address): ContractModel | null {
  const account = node.store.account(address);
  if (account?.contract === undefined) return null;
  return new ContractModel(node, address, account, account.contract);
}
