import { describe, expect, it } from 'vitest';
import { fieldPath, slotKey } from '../../../consensus/contract/slot-path.ts';
import { bytesToHex } from '../../../consensus/hex.ts';

describe('the key of a slot', () => {
  it('is the hash of the address, the length of the name, the name, and the key', () => {
    // printf 'aa…aa 01 62' | xxd -r -p | sha256sum
    expect(bytesToHex(slotKey('aa'.repeat(20), fieldPath('b')))).toBe(
      'ca7b5134601e022a0cb74bc42386cf521bf0e6d2fd1311061a2ea78f3b239fa5',
    );
  });

  it('differs between contracts, and between a field and an entry of another with a longer name', () => {
    const keys = [
      slotKey('aa'.repeat(20), fieldPath('b')),
      slotKey('bb'.repeat(20), fieldPath('b')),
      slotKey('aa'.repeat(20), `${fieldPath('b')}00`),
      slotKey('aa'.repeat(20), fieldPath('b0')),
    ];
    expect(new Set(keys.map(bytesToHex)).size).toBe(4);
  });
});
