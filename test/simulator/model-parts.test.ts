import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asertTarget as productAsert } from '../../consensus/difficulty.ts';
import { hashFromBytes, hashToBytes } from '../../consensus/hash.ts';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { merkleRoot as productMerkleRoot } from '../../consensus/merkle.ts';
import { checkSignatureEncoding } from '../../consensus/signature.ts';
import { EMPTY_ROOT, updateStateTree } from '../../consensus/state-tree.ts';
import { bitsToTarget, targetToBits } from '../../consensus/target.ts';
import { bitsOfTarget, targetOfBits, workOfTarget } from '../../simulator/model/compact-target.ts';
import { doubleSha256 } from '../../simulator/model/double-sha256.ts';
import { addressOf, subsidyAt } from '../../simulator/model/ledger.ts';
import { merkleRoot } from '../../simulator/model/merkle-root.ts';
import { asertTarget, medianTimeUpTo, type ScheduleBlock, timesAfter } from '../../simulator/model/schedule.ts';
import { stateRootOf } from '../../simulator/model/state-root.ts';
import { isStrictPoint, isStrictSignature, signedMessage } from '../../simulator/model/strict-signature.ts';
import { account, bytesOf, hexOf, u32 } from '../consensus/arbitraries.ts';
import asertVectors from '../vectors/asert.json' with { type: 'json' };
import bitcoinHeaders from '../vectors/bitcoin-headers.json' with { type: 'json' };
import rfc8032 from '../vectors/ed25519.json' with { type: 'json' };
import keys from '../vectors/keys.json' with { type: 'json' };
import merkleVectors from '../vectors/merkle.json' with { type: 'json' };
import stateVector from '../vectors/state.json' with { type: 'json' };
import targetVectors from '../vectors/targets.json' with { type: 'json' };
import transactions from '../vectors/transactions.json' with { type: 'json' };

/** Targets of every size, whole bytes and less. */
const targets = fc
  .tuple(fc.integer({ min: 1, max: 256 }), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }))
  .map(([bits, value]) => 2n ** BigInt(bits - 1) + (value % 2n ** BigInt(bits - 1)));

/** What `act` gives, or undefined where it throws. */
function orUndefined<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

describe('the model’s targets', () => {
  it.each(targetVectors)('are those of the published bits $bits', ({ bits, target, work }) => {
    const integer = BigInt(`0x${target}`);
    expect(targetOfBits(Number(bits))).toBe(integer);
    expect(bitsOfTarget(integer)).toBe(Number(bits));
    expect(workOfTarget(integer)).toBe(BigInt(work));
  });

  it.each(bitcoinHeaders)('are those of the Bitcoin header at height $height, which has their work', (vector) => {
    const target = targetOfBits(Number(vector.bits)) ?? 0n;
    const hash = hashFromBytes(doubleSha256(hexToBytes(vector.raw)));
    expect(hash).toBe(vector.hash);
    expect(target).toBe(BigInt(`0x${vector.target}`));
    expect(workOfTarget(target)).toBe(BigInt(vector.work));
    expect(BigInt(`0x${hash}`) <= target).toBe(true);
  });

  it.each([0x1d80_ffff, 0x1d00_0000, 0, 0x1d00_00ff, 0x2101_0000, 0xff12_3456, 0x0000_0001, 0x0112_3456])(
    'do not exist for bits %i',
    (bits) => {
      expect(targetOfBits(bits)).toBeUndefined();
      expect(() => bitsToTarget(bits)).toThrow('bad-bits');
    },
  );

  it('are those of consensus/ for any bits and any target', () => {
    fc.assert(
      fc.property(u32, targets, (bits, target) => {
        expect(targetOfBits(bits)).toBe(orUndefined(() => bitsToTarget(bits)));
        expect(bitsOfTarget(target)).toBe(targetToBits(target));
        expect(targetOfBits(bitsOfTarget(target))).toBe(bitsToTarget(targetToBits(target)));
      }),
    );
  });
});

describe('the model’s schedule', () => {
  it.each(asertVectors)('gives the bits of vector $name', (run) => {
    const params = {
      genesisBits: Number(run.anchorBits),
      limitBits: Number(run.limitBits),
      spacingSeconds: run.spacing,
      halfLifeSeconds: run.halfLife,
    };
    const bits = run.blocks.map(([timeDelta, heightDelta]) =>
      bitsOfTarget(asertTarget(Number(timeDelta), Number(heightDelta), params)),
    );
    expect(bits).toEqual(run.blocks.map(([, , expected]) => Number(expected)));
  });

  it('gives the targets of consensus/ for any delay, up to the ends', () => {
    const delays = fc.oneof(fc.integer({ min: -2_000, max: 2_000 }), fc.integer({ min: -200_000, max: 200_000 }));
    fc.assert(
      fc.property(delays, fc.nat(100_000), fc.constantFrom(0x1e03_ffff, 0x207f_ffff), (delay, height, bits) => {
        const timeDelta = 10 * height + delay;
        const params = { genesisBits: bits, limitBits: bits, spacingSeconds: 10, halfLifeSeconds: 120 };
        const expected = productAsert({
          anchorTarget: bitsToTarget(bits),
          limit: bitsToTarget(bits),
          timeDelta: BigInt(timeDelta),
          heightDelta: BigInt(height),
          spacing: 10n,
          halfLife: 120n,
        });
        expect(asertTarget(timeDelta, height, params)).toBe(expected);
      }),
    );
  });

  it('takes the upper of the two middle times for an even number of blocks, and at most eleven', () => {
    const childAt = (parent: ScheduleBlock | null, time: number): ScheduleBlock => {
      return { parent, height: (parent?.height ?? -1) + 1, time, clock: 0, active: 0 };
    };
    const two = childAt(childAt(null, 100), 0);
    expect(medianTimeUpTo(two)).toBe(100);
    const twelve = [7, 1, 9, 2, 8, 3, 6, 4, 5, 10].reduce<ScheduleBlock>(childAt, two);
    expect(medianTimeUpTo(twelve)).toBe(5);
  });

  it('counts a gap as at most twenty spacings, and time that runs back as none', () => {
    const params = { spacingSeconds: 10, halfLifeSeconds: 120, limitBits: 0, genesisBits: 0, retarget: true };
    const parent: ScheduleBlock = { parent: null, height: 3, time: 1_050, clock: 50, active: 40 };
    expect(timesAfter(parent, 1_060, 1_000, params)).toEqual({ clock: 60, active: 50 });
    expect(timesAfter(parent, 1_040, 1_000, params)).toEqual({ clock: 50, active: 40 });
    expect(timesAfter(parent, 1_250, 1_000, params)).toEqual({ clock: 250, active: 240 });
    expect(timesAfter(parent, 1_251, 1_000, params)).toEqual({ clock: 251, active: 240 });
  });

  it('halves the subsidy at each interval until nothing is left', () => {
    const at = (height: number) => subsidyAt(height, 5_000_000_000n, 210_000);
    expect([1, 209_999, 210_000, 420_000].map(at)).toEqual([
      5_000_000_000n,
      5_000_000_000n,
      2_500_000_000n,
      1_250_000_000n,
    ]);
    expect([210_000 * 32, 210_000 * 33, 210_000 * 64, 2 ** 32 - 1].map(at)).toEqual([1n, 0n, 0n, 0n]);
  });
});

describe('the model’s trees', () => {
  it.each(merkleVectors)('have the published Merkle root $root', ({ txids, root }) => {
    expect(hashFromBytes(merkleRoot(txids.map(hashToBytes)))).toBe(root);
  });

  it('have the Merkle root of consensus/ for any number of transactions', () => {
    fc.assert(
      fc.property(fc.array(hexOf(32), { maxLength: 40 }), (txids) => {
        expect(hashFromBytes(merkleRoot(txids.map(hashToBytes)))).toBe(productMerkleRoot(txids));
      }),
    );
  });

  it('have the published state root', () => {
    const accounts = stateVector.accounts.map(({ address, balance, nonce }) => {
      return [address, { balance: BigInt(balance), nonce: BigInt(nonce) }] as const;
    });
    expect(stateRootOf(new Map(accounts))).toBe(stateVector.root);
    expect(stateRootOf(new Map(accounts.toReversed()))).toBe(stateVector.root);
  });

  it('have the state root of consensus/ for any accounts', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hexOf(20), account), { maxLength: 60 }), (entries) => {
        const accounts = new Map(entries);
        const { root } = updateStateTree({ stateNode: () => undefined }, EMPTY_ROOT, accounts);
        expect(stateRootOf(accounts)).toBe(root);
      }),
    );
  });
});

describe('the model’s signatures', () => {
  it.each(keys.keys)('come from $name’s published address', ({ publicKey, address }) => {
    expect(addressOf(publicKey)).toBe(address);
  });

  it.each(transactions.transfer)('sign the published bytes of $txid', ({ raw, signingBytes, senderKey, sender }) => {
    expect(bytesToHex(signedMessage(hexToBytes(raw)))).toBe(signingBytes);
    expect(addressOf(senderKey)).toBe(sender);
  });

  it.each(rfc8032)('have strict encodings in the vector of RFC 8032, $name', ({ publicKey, signature }) => {
    expect(isStrictPoint(hexToBytes(publicKey))).toBe(true);
    expect(isStrictSignature(hexToBytes(signature))).toBe(true);
  });

  it('have strict encodings where consensus/ says so, at every bound and anywhere', () => {
    const little = (value: bigint) => hexToBytes(value.toString(16).padStart(64, '0')).reverse();
    const near = (bound: bigint) =>
      fc.tuple(fc.bigInt({ min: -20n, max: 20n }), fc.constantFrom(0n, 2n ** 255n)).map(([offset, sign]) => {
        return little((bound + offset + sign + 2n ** 256n) % 2n ** 256n);
      });
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const eighth = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05';
    const otherEighth = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';
    const integer = (hex: string) => BigInt(`0x${bytesToHex(hexToBytes(hex).reverse())}`);
    const half = fc.oneof(
      ...[0n, 2n ** 255n - 19n, order, integer(eighth), integer(otherEighth)].map(near),
      bytesOf(32),
    );
    fc.assert(
      fc.property(half, half, half, (key, r, s) => {
        const signature = Uint8Array.from([...r, ...s]);
        expect(isStrictPoint(key) && isStrictSignature(signature)).toBe(checkSignatureEncoding(key, signature));
      }),
      { numRuns: 2_000 },
    );
  });
});
