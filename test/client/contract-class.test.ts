import { expectTypeOf, test } from 'vitest';
import type {
  ConstructorArguments,
  MethodArguments,
  MethodName,
  MethodResult,
  TypedEvent,
} from '../../client/contract-class.ts';
import type { AccountOrAddress, ContractArgument } from '../../client/requests.ts';
import type { Address, List, Table } from '../../library/contract.ts';

// The compiler is what fails here: `npm test` runs it on this file.

interface Bid {
  who: Address;
  amount: bigint;
  open: boolean;
}

declare class Auction {
  readonly title: string;
  readonly bids: List<Bid>;
  readonly paid: Table<Address, bigint>;
  constructor(seller: Address, title: string, steps: readonly bigint[]);
  bid(amount: bigint, memo: string): void;
  best(): Bid;
  bidders(from: number): Address[];
  isOver(): boolean;
  settle(bid: Bid, others: Address[]): bigint;
  private pay(): void;
  protected check(): void;
}

test('the methods of a class are those that may be called from outside', () => {
  expectTypeOf<MethodName<Auction>>().toEqualTypeOf<'bid' | 'best' | 'bidders' | 'isOver' | 'settle'>();
  expectTypeOf<MethodName<typeof Auction>>().toEqualTypeOf<MethodName<Auction>>();
});

test('an address is given as an account, a record as an object, and an array as a list', () => {
  type GivenBid = { readonly who: AccountOrAddress; readonly amount: bigint; readonly open: boolean };
  expectTypeOf<MethodArguments<Auction, 'bid'>>().toEqualTypeOf<readonly [amount: bigint, memo: string]>();
  expectTypeOf<MethodArguments<Auction, 'settle'>>().toEqualTypeOf<
    readonly [bid: GivenBid, others: readonly AccountOrAddress[]]
  >();
  expectTypeOf<ConstructorArguments<typeof Auction>>().toEqualTypeOf<
    readonly [seller: AccountOrAddress, title: string, steps: readonly bigint[]]
  >();
  expectTypeOf<ConstructorArguments<Auction>>().toEqualTypeOf<readonly ContractArgument[]>();
});

test('an address is shown as text, and what gives nothing gives null', () => {
  type ShownBid = { readonly who: string; readonly amount: bigint; readonly open: boolean };
  expectTypeOf<MethodResult<Auction, 'bid'>>().toEqualTypeOf<null>();
  expectTypeOf<MethodResult<Auction, 'best'>>().toEqualTypeOf<ShownBid>();
  expectTypeOf<MethodResult<Auction, 'bidders'>>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<MethodResult<Auction, 'isOver'>>().toEqualTypeOf<boolean>();
});

test('an event is known by its name', () => {
  type Told = TypedEvent<{ Bid: [who: Address, amount: bigint]; Over: [] }>;
  expectTypeOf<Extract<Told, { name: 'Bid' }>['values']>().toEqualTypeOf<readonly [who: string, amount: bigint]>();
  expectTypeOf<Told['name']>().toEqualTypeOf<'Bid' | 'Over'>();
});
