import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../../consensus/address.ts';
import { checkBlockSanity } from '../../../consensus/block.ts';
import { WELL_KNOWN_ACCOUNTS } from '../../../consensus/development-accounts.ts';
import { JsonFileError } from '../../../consensus/json-file.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { parseNetworkFile } from '../../../server/settings/network-file.ts';
import { alice } from '../../consensus/fixtures.ts';

const address = formatAddress('12'.repeat(20), 'lamp');
const file = {
  name: 'classroom',
  addressPrefix: 'lamp',
  allocations: [{ address, coins: '1000.5' }],
  spacingSeconds: 5,
  halfLifeSeconds: 60,
  bits: '0x1f00ffff',
  subsidy: '25',
  halvingInterval: 1_000,
  futureLimitSeconds: 60,
  genesisTime: 1_770_000_000,
};
const parse = (changes: Record<string, unknown> = {}) => parseNetworkFile(JSON.stringify({ ...file, ...changes }));

describe('a network file', () => {
  it('gives a network with a derived genesis block', () => {
    const network = parse();
    expect(network).toMatchObject({
      name: 'classroom',
      addressPrefix: 'lamp',
      spacingSeconds: 5,
      halfLifeSeconds: 60,
      limitBits: 0x1f00ffff,
      genesisBits: 0x1f00ffff,
      retarget: true,
      initialSubsidy: 2_500_000_000n,
      halvingInterval: 1_000,
      futureLimitSeconds: 60,
      allocationTotal: 100_050_000_000n,
      developmentAccounts: null,
      controls: false,
    });
    expect(network.genesis.header).toMatchObject({ time: 1_770_000_000, nonce: 0, bits: 0x1f00ffff });
    expect([...network.genesisState]).toEqual([['12'.repeat(20), { balance: 100_050_000_000n, nonce: 0n }]]);
    checkBlockSanity(network.genesis, network);
    expect(parse()).toEqual(network);
  });

  it('may leave out what has a default', () => {
    expect(parse({ allocations: undefined }).allocationTotal).toBe(0n);
    expect(parse({ retarget: false }).retarget).toBe(false);
  });

  it('funds the development accounts on request', () => {
    const network = parse({ developmentAccounts: true });
    expect(network.developmentAccounts).toBe(WELL_KNOWN_ACCOUNTS);
    expect(network.genesisState.get(alice.address)).toEqual(REGTEST.genesisState.get(alice.address));
    expect(network.genesisState.size).toBe(11);
  });

  it('allows controls on request, on the same chain', () => {
    const network = parse({ controls: true });
    expect(network).toEqual({ ...parse(), controls: true });
  });

  it.each([
    ['unknown field "colour"; there are name, addressPrefix,', { colour: 'red' }],
    ['unknown field "spacing"', { spacing: 5, spacingSeconds: undefined }],
    ['name: is missing', { name: undefined }],
    ['name: must be a string, not 5', { name: 5 }],
    ['name: lab is a built-in network', { name: 'lab' }],
    ['name: regtest is a built-in network', { name: 'regtest' }],
    ['name: has 0 bytes of UTF-8, must have 1 to 32', { name: '' }],
    ['name: has 33 bytes of UTF-8, must have 1 to 32', { name: '로'.repeat(11) }],
    ['name: holds characters that cannot be shown', { name: '\ud800' }],
    ['addressPrefix: must be 1 to 16 letters a to z', { addressPrefix: 'Lamp' }],
    ['addressPrefix: lore is that of the built-in network lab', { addressPrefix: 'lore' }],
    ['addressPrefix: rlore is that of the built-in network regtest', { addressPrefix: 'rlore' }],
    ['allocations: must be a list, not an object', { allocations: {} }],
    ['allocations: more than 10000', { allocations: new Array(10_001).fill(null) }],
    ['allocations[0]: must be an object, not "x"', { allocations: ['x'] }],
    ['allocations[0]: unknown field "amount"; there are address, coins', { allocations: [{ address, amount: '1' }] }],
    ['allocations[0].address: is missing', { allocations: [{ coins: '1' }] }],
    [
      'allocations[0].address: address of another network',
      { allocations: [{ address: formatAddress('12'.repeat(20), 'lore'), coins: '1' }] },
    ],
    ['allocations[0].coins: must be a string, not 1', { allocations: [{ address, coins: 1 }] }],
    ['allocations[0].coins: amount is negative', { allocations: [{ address, coins: '-1' }] }],
    [
      `allocations[1].address: ${address} is allocated twice`,
      {
        allocations: [
          { address, coins: '1' },
          { address, coins: '2' },
        ],
      },
    ],
    ['spacingSeconds: must be a whole number from 1 to 86400, not 0', { spacingSeconds: 0 }],
    ['spacingSeconds: must be a number, not "10"', { spacingSeconds: '10' }],
    ['halfLifeSeconds: must be a whole number from 1 to 31536000, not 1.5', { halfLifeSeconds: 1.5 }],
    ['bits: must be eight hex digits such as "0x1e03ffff"', { bits: '1e03ffff' }],
    ['bits: bad-bits: 0x1e0000ff is not canonical', { bits: '0x1e0000ff' }],
    ['retarget: must be true or false, not null', { retarget: null }],
    ['subsidy: amount has leading zeros', { subsidy: '025' }],
    ['subsidy: allocations and subsidies together exceed 2^64 base units', { subsidy: '100000000' }],
    ['halvingInterval: must be a whole number from 1 to 1000000000, not 0', { halvingInterval: 0 }],
    ['futureLimitSeconds: must be a whole number from 1 to 604800, not -1', { futureLimitSeconds: -1 }],
    ['genesisTime: must be a whole number from 0 to 4294967295, not 4294967296', { genesisTime: 2 ** 32 }],
    ['developmentAccounts: must be true or false, not 1', { developmentAccounts: 1 }],
    ['controls: must be true or false, not "yes"', { controls: 'yes' }],
  ])('is refused with an exact message: %s', (message, changes) => {
    expect(() => parse(changes)).toThrow(JsonFileError);
    expect(() => parse(changes)).toThrow(message);
  });

  it.each(['', '{', '[]', '"lab"', 'null'])('is refused when it is %j', (text) => {
    expect(() => parseNetworkFile(text)).toThrow(JsonFileError);
  });
});
