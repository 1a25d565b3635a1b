import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { encodeHeader } from '../../consensus/header.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { signTransfer } from '../../consensus/signature.ts';
import { encodeCoinbase } from '../../consensus/transaction.ts';
import { type ByteField, dissectHeader, dissectTransaction } from '../../dashboard/model/dissect.ts';

const shownOf = (fields: readonly ByteField[], key: ByteField['key']) =>
  fields.find((field) => field.key === key)?.value;
const joined = (fields: readonly ByteField[]) => fields.map(({ hex }) => hex).join('');

describe('the bytes of a transaction', () => {
  it('are shown whole, field by field, with what they mean', () => {
    const { secretKey, address } = developmentKeyPair(developmentAccountByName('Alice')!);
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 40n), fc.string({ maxLength: 40 }), (amount, memo) => {
        const transfer = signTransfer(
          {
            networkId: '01020304',
            nonce: 7n,
            recipient: 'ab'.repeat(20),
            amount,
            fee: 1_000n,
            memo: utf8ToBytes(memo),
          },
          secretKey,
        );
        const raw = bytesToHex(transfer.raw);
        const fields = dissectTransaction(raw, 'lore');
        expect(joined(fields)).toBe(raw);
        expect(shownOf(fields, 'senderKey')).toBe(formatAddress(address, 'lore'));
        expect(shownOf(fields, 'recipient')).toBe(formatAddress('ab'.repeat(20), 'lore'));
        expect(shownOf(fields, 'accountNonce')).toBe('7');
        expect(shownOf(fields, 'fee')).toBe('0.00001');
        expect(shownOf(fields, 'memo')).toBe(
          transfer.memo.length === 0 ? undefined : new TextDecoder().decode(transfer.memo),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('of a coinbase are shown too, also with a tag that is no text', () => {
    const coinbase = encodeCoinbase({
      height: 9,
      recipient: '01'.repeat(20),
      reward: 5_000_000_000n,
      stateRoot: 'cd'.repeat(32),
      extraNonce: new Uint8Array(8),
      tag: Uint8Array.of(0xff, 0xfe),
    });
    const fields = dissectTransaction(bytesToHex(coinbase.raw), 'lore');
    expect(joined(fields)).toBe(bytesToHex(coinbase.raw));
    expect(shownOf(fields, 'height')).toBe('9');
    expect(shownOf(fields, 'reward')).toBe('50');
    expect(shownOf(fields, 'tag')).toBeNull();
  });
});

describe('the bytes of a header', () => {
  it('are shown whole, field by field', () => {
    const header = {
      version: 1,
      prevHash: '0a'.repeat(32),
      merkleRoot: '0b'.repeat(32),
      time: 1_700_000_000,
      bits: 0x1e03ffff,
      nonce: 42,
    };
    const raw = bytesToHex(encodeHeader(header));
    const fields = dissectHeader(raw);
    expect(joined(fields)).toBe(raw);
    expect(fields.map(({ key, hex }) => `${key} ${hex.length / 2}`)).toEqual([
      'version 4',
      'prevHash 32',
      'merkleRoot 32',
      'time 4',
      'bits 4',
      'headerNonce 4',
    ]);
    expect(shownOf(fields, 'bits')).toBe('0x1e03ffff');
    expect(shownOf(fields, 'time')).toBe('2023-11-14T22:13:20.000Z');
  });
});
