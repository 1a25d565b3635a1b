import { CONSTRUCTOR, type CompiledMethod, type Program } from '../../consensus/contract/program.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import type { ChainInMemory } from './chain-in-memory.ts';
import { outcomeOf, resultOf, runOrder } from './run-order.ts';
import type { CallOutcome, CallSettings, DeployedContract, SendMethods, ViewMethods } from './types.ts';
import { shownAddress } from './world-parties.ts';

/** A contract that is in a world. */
export interface WorldContract {
  /** Raw. */
  readonly address: string;
  readonly program: Program;
  readonly chain: ChainInMemory;
}

type Method = (...args: readonly unknown[]) => unknown;

/** What a test holds of a contract: its methods by their names, called as the settings say. */
export function contractHandle<Class>(
  contract: WorldContract,
  deployed: CallOutcome<null>,
  settings: CallSettings,
): DeployedContract<Class> {
  const { address, program, chain } = contract;
  const order = (method: CompiledMethod, args: readonly unknown[]) => {
    return { target: { kind: 'call', contract: address, method: utf8ToBytes(method.name) }, method, args } as const;
  };
  const send = methodsOf(program, (method) => (...args) => {
    return outcomeOf(runOrder(chain, order(method, args), settings, 'keep'), method);
  });
  const view = methodsOf(program, (method) => (...args) => {
    return resultOf(runOrder(chain, order(method, args), settings, 'view').receipt, method);
  });
  return {
    address: shownAddress(address),
    name: program.name,
    get balance() {
      return chain.account(address)?.balance ?? 0n;
    },
    deployed,
    // The class, which is a type alone, has the methods of the source.
    send: send as unknown as SendMethods<Class>,
    view: view as unknown as ViewMethods<Class>,
    with: (changes) => contractHandle<Class>(contract, deployed, { ...settings, ...changes }),
  };
}

/** Something for each method that can be called from outside. */
function methodsOf({ entries }: Program, make: (method: CompiledMethod) => Method): Record<string, Method> {
  const callable = [...entries.values()].filter(({ name, isPrivate }) => !isPrivate && name !== CONSTRUCTOR);
  return Object.fromEntries(callable.map((method) => [method.name, make(method)]));
}
