import { describe, expect, it } from 'vitest';
import { misspeltVariables } from '../../cli/settings/misspelt-variables.ts';
import { NODE_FLAGS, variableName } from '../../cli/settings/node-flags.ts';
import { forklore } from './stub-node.ts';

describe('a variable of the environment', () => {
  it.each([
    ['FORKLORE_DATADIR', 'FORKLORE_DATA_DIR'],
    ['FORKLORE_PROT', 'FORKLORE_PORT'],
    ['FORKLORE_PEERS', 'FORKLORE_PEER'],
    ['FORKLORE_EPHEMERIAL', 'FORKLORE_EPHEMERAL'],
    ['FORKLORE_HASRATE_LIMT', 'FORKLORE_HASHRATE_LIMIT'],
    ['forklore_network', 'FORKLORE_NETWORK'],
  ])('%s is told to be %s misspelt', (name, meant) => {
    expect(misspeltVariables({ [name]: 'x' })).toEqual([
      `warning: ${name} is no setting and is ignored; did you mean ${meant}?`,
    ]);
  });

  it.each([
    ...NODE_FLAGS.map(({ key }) => variableName(key)),
    'FORKLORE_NODE',
    'FORKLORE_NODES',
    'FORKLORE_MNEMONIC',
    'FORKLORE_SERVICE_HOST',
    'FORKLORE_PORT_5000_TCP_ADDR',
    'FORKLORE_SEED',
    'FORKLOREDATADIR',
    'PATH',
  ])('%s is none that is misspelt', (name) => {
    expect(misspeltVariables({ [name]: 'x' })).toEqual([]);
  });

  it('is not looked at where it is empty', () => {
    expect(misspeltVariables({ FORKLORE_DATADIR: '' })).toEqual([]);
  });

  it('is told on standard error, beside what the command says', async () => {
    const { code, stdout, stderr } = await forklore(['wallet', 'new', '--json'], {
      environment: { FORKLORE_NETWROK: 'regtest' },
    });
    expect(JSON.parse(stdout)).toHaveProperty('address');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: FORKLORE_NETWROK is no setting and is ignored; did you mean FORKLORE_NETWORK\?\n/,
    );
  });
});
