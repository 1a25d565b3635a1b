import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../consensus/codec.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../../consensus/hex.ts';
import { decodeUndo, encodeUndo, type Undo } from '../../consensus/undo.ts';
import { account, hexOf, u64 } from './arbitraries.ts';

const contractAccount = fc.record({
  balance: u64,
  nonce: u64,
  contract: fc.record({ codeHash: hexOf(32), storageRoot: hexOf(32) }),
});
const mapOf = <T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(key, value), { maxLength: 6 }).map((entries) => new Map(entries));
const absent = { nil: undefined };
const path = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(bytesToHex);
const slots = mapOf(path, fc.option(fc.uint8Array({ maxLength: 40 }), absent));
const records: fc.Arbitrary<Undo> = fc.record({
  stateRoot: hexOf(32),
  accounts: mapOf(hexOf(20), fc.option(fc.oneof(account, contractAccount), absent)),
  slots: mapOf(hexOf(20), slots),
  newCodes: fc.array(hexOf(32), { maxLength: 4 }),
  receiptsHash: fc.option(hexOf(32), { nil: null }),
});

const [FIRST, SECOND] = ['11'.repeat(20), '22'.repeat(20)] as const;
const EMPTY: Undo = {
  stateRoot: '00'.repeat(32),
  accounts: new Map(),
  slots: new Map(),
  newCodes: [],
  receiptsHash: null,
};
/** After `stateRoot 32, accountCount u32`. */
const HEAD_BYTES = 36;

describe('the undo record of a block with contracts', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(records, (undo) => {
        const bytes = encodeUndo(undo);
        const decoded = decodeUndo(bytes);
        expect(decoded).toEqual(undo);
        expect(encodeUndo(decoded)).toEqual(bytes);
      }),
    );
  });

  it('has its fields in the documented order', () => {
    const contract = { codeHash: 'cc'.repeat(32), storageRoot: 'dd'.repeat(32) };
    const bytes = encodeUndo({
      stateRoot: 'aa'.repeat(32),
      accounts: new Map([
        [SECOND, { balance: 1n, nonce: 0n, contract }],
        [FIRST, undefined],
      ]),
      slots: new Map([
        [
          SECOND,
          new Map([
            ['0161', Uint8Array.of(1)],
            ['0160', undefined],
          ]),
        ],
      ]),
      newCodes: ['ee'.repeat(32)],
      receiptsHash: 'bb'.repeat(32),
    });
    const accounts = `02000000${FIRST}00${SECOND}02${'0100000000000000'}${'00'.repeat(8)}${'cc'.repeat(32)}${'dd'.repeat(32)}`;
    const values = `02000000${'0200'}016000${'0200'}016101${'0100'}01`;
    const rest = `01${'bb'.repeat(32)}01000000${'ee'.repeat(32)}01000000${SECOND}${values}`;
    expect(bytesToHex(bytes)).toBe('aa'.repeat(32) + accounts + rest);
  });

  it('has the old bytes where neither the block nor the one before executed a contract', () => {
    const old = `${'aa'.repeat(32)}02000000${FIRST}00${SECOND}0102000000000000000300000000000000`;
    const undo = decodeUndo(hexToBytes(old));
    expect(undo.accounts).toEqual(
      new Map([
        [FIRST, undefined],
        [SECOND, { balance: 2n, nonce: 3n }],
      ]),
    );
    expect(undo).toMatchObject({ slots: new Map(), newCodes: [], receiptsHash: null });
    expect(bytesToHex(encodeUndo(undo))).toBe(old);
  });

  it('is refused when cut anywhere but at the end of the accounts, or extended', () => {
    const undo = {
      ...EMPTY,
      accounts: new Map([[FIRST, undefined]]),
      slots: new Map([[FIRST, new Map([['0160', Uint8Array.of(1)]])]]),
      newCodes: ['ee'.repeat(32)],
      receiptsHash: 'bb'.repeat(32),
    };
    const bytes = encodeUndo(undo);
    const accountsEnd = HEAD_BYTES + 21;
    for (let length = 0; length < bytes.length; length++) {
      if (length === accountsEnd) continue;
      expect(() => decodeUndo(bytes.subarray(0, length)), `${length} bytes`).toThrow(DecodeError);
    }
    expect(() => decodeUndo(concatBytes(bytes, Uint8Array.of(0)))).toThrow(DecodeError);
  });

  it('is refused where contracts or paths are not in order, or twice', () => {
    const contracts = (text: string) => hexToBytes(`${'00'.repeat(32)}00000000` + `0000000000${text}`);
    const none = '00000000';
    const one = (slot: string) => `01000000${FIRST}${slot}`;
    expect(decodeUndo(contracts(`02000000${FIRST}${none}${SECOND}${none}`)).slots.size).toBe(2);
    expect(() => decodeUndo(contracts(`02000000${SECOND}${none}${FIRST}${none}`))).toThrow(/order/);
    expect(() => decodeUndo(contracts(`02000000${FIRST}${none}${FIRST}${none}`))).toThrow(/order/);
    expect(decodeUndo(contracts(one('02000000' + '0100a000' + '0100a100'))).slots.get(FIRST)?.size).toBe(2);
    expect(() => decodeUndo(contracts(one('02000000' + '0100a100' + '0100a000')))).toThrow(/order/);
    expect(() => decodeUndo(contracts(one('02000000' + '0100a000' + '0100a000')))).toThrow(/order/);
  });

  it('is refused with flags that mean nothing', () => {
    const bytes = encodeUndo({ ...EMPTY, accounts: new Map([[FIRST, undefined]]) });
    const flagged = bytes.slice();
    flagged[HEAD_BYTES + 20] = 3;
    expect(() => decodeUndo(flagged)).toThrow(/flag 3/);
    expect(() => decodeUndo(concatBytes(bytes, hexToBytes(`02${'00'.repeat(8)}`)))).toThrow(/flag 2/);
    expect(() => decodeUndo(concatBytes(bytes, hexToBytes(`000000000001000000${FIRST}010000000100a002`)))).toThrow(
      /flag 2/,
    );
  });
});
