// What the class of a contract says of its outside: types alone, which a program gets from its own source, without generated code.
// `Class` is the class itself (`typeof Vote`) or the type of its objects (`Vote`): a constructor is known of the former alone.

import type { ContractValue } from './contract-types.ts';
import type { AccountOrAddress, ContractArgument } from './requests.ts';

/** A class of which nothing is known: any method, with any arguments. */
export interface AnyContract {
  // biome-ignore lint/suspicious/noExplicitAny: what a method takes and gives is known when it runs.
  readonly [method: string]: (...args: any[]) => any;
}

// biome-ignore lint/suspicious/noExplicitAny: of a constructor that takes anything.
type ClassLike = abstract new (...args: any) => unknown;

/** What is called: an object of the class. */
type ObjectOf<Class> = Class extends ClassLike ? InstanceType<Class> : Class;

/** An `Address` of `forklore/contract`: the one type of a contract whose only properties are symbols. */
type IsAddress<Type> = Type extends object
  ? [keyof Type] extends [never]
    ? false
    : [keyof Type] extends [symbol]
      ? true
      : false
  : false;

/** Whether a type is `any`, of which every question has both answers. */
type IsAny<Type> = 0 extends 1 & Type ? true : false;

/** What a program gives where the source has this type: an account for an `Address`, a list for an array, an object for a record. */
export type GivenAs<Type> =
  IsAny<Type> extends true
    ? ContractArgument
    : IsAddress<Type> extends true
      ? AccountOrAddress
      : Type extends readonly (infer Element)[]
        ? readonly GivenAs<Element>[]
        : Type extends object
          ? { readonly [Property in keyof Type]: GivenAs<Type[Property]> }
          : Type;

/** What a program gets where the source has this type: the text of an `Address`, null for `void`. */
export type ShownAs<Type> =
  IsAny<Type> extends true
    ? ContractValue | null
    : Type extends void
      ? null
      : IsAddress<Type> extends true
        ? string
        : Type extends readonly (infer Element)[]
          ? readonly ShownAs<Element>[]
          : Type extends object
            ? { readonly [Property in keyof Type]: ShownAs<Type[Property]> }
            : Type;

/** Arguments by the parameters of a method, under the names that these have. */
type GivenArguments<Parameters extends readonly unknown[]> = {
  readonly [Index in keyof Parameters]: GivenAs<Parameters[Index]>;
};

/** The names of the methods that may be called from outside: fields are none, and what is private is not seen. */
export type MethodName<Class> = {
  [Name in keyof ObjectOf<Class>]: ObjectOf<Class>[Name] extends (...args: never) => unknown ? Name : never;
}[keyof ObjectOf<Class>] &
  string;

/** What a method takes. */
export type MethodArguments<Class, Name extends MethodName<Class>> = ObjectOf<Class>[Name &
  keyof ObjectOf<Class>] extends (...args: infer Parameters) => unknown
  ? GivenArguments<Parameters>
  : never;

/** What a method gives. */
export type MethodResult<Class, Name extends MethodName<Class>> = ObjectOf<Class>[Name &
  keyof ObjectOf<Class>] extends (...args: never) => infer Result
  ? ShownAs<Result>
  : never;

/** What a deploy takes: of the type of objects, whose constructor is not known, anything. */
export type ConstructorArguments<Class> = Class extends abstract new (
  ...args: infer Parameters
) => unknown
  ? GivenArguments<Parameters>
  : readonly ContractArgument[];

/**
 * What events hold, by their names, where a program does not say it: `{ Voted: [voter: Address, option: string] }`. The class says it in
 * no type.
 */
export type EventValues = Readonly<Record<string, readonly ContractValue[]>>;

/** Events as a program gets them, one type for each name. */
export type TypedEvent<Events extends object> = {
  [Name in keyof Events & string]: {
    /** Address. */
    readonly contract: string;
    readonly name: Name;
    readonly values: Events[Name] extends readonly unknown[] ? ShownValues<Events[Name]> : never;
  };
}[keyof Events & string];

type ShownValues<Values extends readonly unknown[]> = { readonly [Index in keyof Values]: ShownAs<Values[Index]> };
