import { bytesToHex, hexToBytes, utf8ToBytes } from '../../hex.ts';
import { sha256 } from '../../sha256.ts';
import { encodedBytes } from '../encoding.ts';
import { callContract } from '../enter.ts';
import { MAX_EVENTS, MAX_HASH_DEPTH, MAX_RECEIPT_BYTES } from '../limits.ts';
import type { Machine } from '../machine.ts';
import type { OpName } from '../opcodes.ts';
import { GAS_ENCODED_BYTE, GAS_KEPT_BYTE } from '../prices.ts';
import type { ContractCall, EventShape } from '../program.ts';
import { signedMessageBytes } from '../signed-message.ts';
import { utf8Bytes } from '../text.ts';
import { Trap } from '../trap.ts';
import { AddressValue, RecordValue, type Value } from '../value.ts';
import { type Handler, popAddress, popBigint, popBoolean, popNumber, popText, wrongType } from './handler.ts';

/** Hex digits of a public key, and of a signature. */
const KEY_PATTERN = /^[0-9a-f]{64}$/;
const SIGNATURE_PATTERN = /^[0-9a-f]{128}$/;
/** Of an event in a receipt: contract, length of the name, number of values. */
const EVENT_OVERHEAD_BYTES = 20 + 1 + 1;

/**
 * Whether a signature of a message for this contract is valid. Keys and signatures are texts of hex digits; other texts are
 * no valid signature.
 */
function verify(machine: Machine): boolean {
  const signature = popText(machine);
  const message = popText(machine);
  const key = popText(machine);
  machine.charge(utf8Bytes(message) * GAS_ENCODED_BYTE);
  if (!KEY_PATTERN.test(key) || !SIGNATURE_PATTERN.test(signature)) return false;
  const { world, here } = machine;
  return world.verifySignature({
    publicKey: hexToBytes(key),
    message: signedMessageBytes(world.networkId, here.contract, message),
    signature: hexToBytes(signature),
  });
}

function sha256OfText(machine: Machine): string {
  const text = popText(machine);
  machine.charge(utf8Bytes(text) * GAS_ENCODED_BYTE);
  return bytesToHex(sha256(utf8ToBytes(text)));
}

function blockHash(machine: Machine): string {
  const height = popNumber(machine);
  const { world } = machine;
  if (height < 0 || height >= world.height || height < world.height - MAX_HASH_DEPTH) {
    throw new Trap('no-block-hash', `${MAX_HASH_DEPTH}`, `${height}`);
  }
  return world.blockHash(height);
}

/** Counts bytes of the receipt, which are kept for ever. */
export function chargeReceipt(machine: Machine, sizeBytes: number): void {
  machine.receiptBytes += sizeBytes;
  if (machine.receiptBytes > MAX_RECEIPT_BYTES) throw new Trap('receipt-too-long', `${MAX_RECEIPT_BYTES}`);
  machine.charge(sizeBytes * GAS_KEPT_BYTE);
}

function emit(machine: Machine, operand: number): void {
  const { name, count } = machine.here.program.operands.events[operand] as EventShape;
  const values = machine.popMany(count).map(eventValue);
  if (machine.events.length === MAX_EVENTS) throw new Trap('too-many-events', `${MAX_EVENTS}`);
  let sizeBytes = EVENT_OVERHEAD_BYTES + name.length;
  for (const value of values) sizeBytes += encodedBytes(value, MAX_RECEIPT_BYTES);
  chargeReceipt(machine, sizeBytes);
  machine.events.push({ contract: machine.here.contract, name, values });
  machine.push(undefined);
}

/** A copy: what the contract does with an array later does not change the event. */
function eventValue(value: Value): Value {
  if (value instanceof RecordValue) throw wrongType('a value without properties', value);
  return Array.isArray(value) ? value.slice() : value;
}

/** What the chain tells, and what a contract does to it. */
export const HOST = {
  REQUIRE: (machine) => {
    const message = popText(machine);
    if (!popBoolean(machine)) throw new Trap('required', message);
    machine.push(undefined);
  },
  THROW: (machine) => {
    throw new Trap('thrown', popText(machine));
  },
  CALLER: (machine) => machine.push(new AddressValue(machine.here.caller)),
  VALUE: (machine) => machine.push(machine.here.value),
  BALANCE: (machine) => machine.push(machine.balanceOf(machine.here.contract)),
  HEIGHT: (machine) => machine.push(machine.world.height),
  TIME: (machine) => machine.push(machine.world.time),
  BLOCK_HASH: (machine) => machine.push(blockHash(machine)),
  PAY: (machine) => {
    const amount = popBigint(machine);
    const to = popAddress(machine);
    machine.pay(machine.here.contract, to.address, amount);
    machine.push(undefined);
  },
  EMIT: emit,
  SHA256: (machine) => machine.push(sha256OfText(machine)),
  VERIFY: (machine) => machine.push(verify(machine)),
  ENTER: (machine, operand) =>
    callContract(machine, machine.here.program.operands.contractCalls[operand] as ContractCall),
} as const satisfies Partial<Record<OpName, Handler>>;
