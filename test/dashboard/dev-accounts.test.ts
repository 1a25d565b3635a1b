import { expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { networkOfAccounts } from '../../consensus/development-network.ts';
import type { Network } from '../../consensus/genesis.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { nameableAccounts } from '../../dashboard/model/dev-accounts.ts';

const OWN = networkOfAccounts({ count: 2, mnemonic: `${'abandon '.repeat(11)}about` });
const alice = developmentAccountByName('Alice')!.address;

const claimOf = ({ addressPrefix, genesis }: Network) => ({ addressPrefix, genesisHash: genesis.hash });
const accountsOf = ({ developmentAccounts, addressPrefix }: Network) =>
  (developmentAccounts?.accounts ?? []).map(({ name, address }) => ({
    name,
    address: formatAddress(address, addressPrefix),
  }));

it('the accounts of a network of its own have names where a node that the user named says so', () => {
  const accounts = accountsOf(OWN);
  expect(accounts.map(({ name }) => name)).toEqual(['Alice', 'Bob']);
  expect(nameableAccounts(accounts, claimOf(OWN), true)).toEqual(accounts);
  expect(nameableAccounts(accounts, claimOf(OWN), false)).toEqual([]);
});

it('a name that is none, and an address of another network, stand for nothing', () => {
  const accounts = [
    { name: 'My bank', address: formatAddress(alice, OWN.addressPrefix) },
    { name: 'Alice', address: formatAddress(alice, REGTEST.addressPrefix) },
  ];
  expect(nameableAccounts(accounts, claimOf(OWN), true)).toEqual([]);
});

it('a built-in network has its well-known names, whatever a node says', () => {
  const bob = { name: 'Bob', address: formatAddress('12'.repeat(20), REGTEST.addressPrefix) };
  const [known] = accountsOf(REGTEST);
  for (const isNamed of [true, false])
    expect(nameableAccounts([known!, bob], claimOf(REGTEST), isNamed)).toEqual([known]);
});
