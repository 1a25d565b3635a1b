import type { Address as RawAddress } from '../../../consensus/address.ts';
import type { BlockReceipt } from '../../../consensus/block-execution.ts';
import type { BlockState } from '../../../consensus/block-state.ts';
import { encodeValue } from '../../../consensus/contract/encoding.ts';
import type { Payment } from '../../../consensus/contract/machine.ts';
import type { Program } from '../../../consensus/contract/program.ts';
import type { SlotPath } from '../../../consensus/contract/slot-path.ts';
import type { ContractTransaction } from '../../../consensus/contract-transaction.ts';
import { bytesToHex, concatBytes } from '../../../consensus/hex.ts';
import type { NativeChain } from './native-chain.ts';
import type { NativeContract, NativeOutcome } from './native-run.ts';

/** What the machine did, before it is kept. */
export interface MachineRun {
  readonly receipt: BlockReceipt;
  readonly state: BlockState;
}

type Slots = ReadonlyMap<RawAddress, ReadonlyMap<SlotPath, Uint8Array | undefined>>;

/** In what two runs of the same transaction on the same chain differ, in words; undefined: in nothing. */
export function differenceOf(
  chain: NativeChain,
  { amount }: ContractTransaction,
  machine: MachineRun,
  native: NativeOutcome,
  contracts: ReadonlyMap<RawAddress, NativeContract>,
): string | undefined {
  const { receipt } = machine.receipt;
  if (bytesToHex(receipt.result) !== bytesToHex(native.result ?? new Uint8Array()))
    return 'they give different results';
  const events = native.events.map(({ contract, name, values }) => {
    return `${contract} ${name} ${bytesToHex(concatBytes(...values.map((value) => encodeValue(value))))}`;
  });
  const told = receipt.events.map(({ contract, name, values }) => `${contract} ${name} ${bytesToHex(values)}`);
  if (told.join() !== events.join()) return 'they emit different events';
  const payments = native.payments.slice(amount > 0n ? 1 : 0);
  const shown = (list: readonly Payment[]) => list.map(({ from, to, amount: paid }) => `${from} ${to} ${paid}`).join();
  if (shown(machine.receipt.payments) !== shown(payments)) return 'they pay differently';
  const field = differentField(chain, machine.state.slots, native.writes, contracts);
  return field === undefined ? undefined : `they leave the field ${field} differently`;
}

function differentField(
  chain: NativeChain,
  machine: Slots,
  native: Slots,
  contracts: ReadonlyMap<RawAddress, NativeContract>,
): string | undefined {
  for (const contract of new Set([...machine.keys(), ...native.keys()])) {
    const program = contracts.get(contract)?.program;
    const held = (slots: Slots, path: SlotPath) => {
      const writes = slots.get(contract);
      const bytes = writes?.has(path) ? writes.get(path) : chain.slot(contract, path);
      // A constructor that assigns what a field is anyway writes it on the machine alone.
      return bytes === undefined ? initialOf(program, path) : bytesToHex(bytes);
    };
    const paths = [machine, native].flatMap((slots) => [...(slots.get(contract)?.keys() ?? [])]);
    const path = paths.find((each) => held(machine, each) !== held(native, each));
    if (path === undefined) continue;
    const index = program?.fieldPaths.findIndex((fieldPath) => path.startsWith(fieldPath)) ?? -1;
    return program?.fields[index]?.name ?? path;
  }
  return undefined;
}

/** What a field is before it was written, encoded. */
function initialOf(program: Program | undefined, path: SlotPath): string | undefined {
  const field = program?.fields[program.fieldPaths.indexOf(path)];
  if (field?.kind !== 'value' || field.initial === undefined) return undefined;
  return bytesToHex(encodeValue(field.initial, field.type));
}
