import type { Command } from 'commander';
import { asClient } from './as-client.ts';
import { addSigningOptions } from './client-commands.ts';
import type { CliContext } from './client-context.ts';

const VOTE = `
Example, with examples/contracts/vote/vote.ts:
  forklore contract deploy vote.ts '"lunch?"' '["noodles", "rice"]' 1000 --from Alice --wait
  forklore contract call ADDRESS vote 0 --from Bob --wait
  forklore contract view ADDRESS result
Arguments are JSON in single quotes for the shell: 5, true, '"a text"', '["a", "list"]', '{ "of": "a record" }'.
A bigint is 5n, 5 or '"5"', an Address '"lore1…"' or '"Alice"'.`;
const ARGUMENTS = 'arguments, each as JSON';

/** Registers `forklore contract`. Each command loads its code when it is called. */
export function addContractCommands(program: Command, context: CliContext): void {
  const contract = program
    .command('contract')
    .description('write contracts, put them on the chain, call and read them')
    .addHelpText('after', VOTE);
  addNew(contract, context);
  addCheck(contract, context);
  addDeploy(contract, context);
  addCall(contract, context);
  addView(contract, context);
  addShow(contract, context);
  addTrace(contract, context);
  addEvents(contract, context);
  addSign(contract, context);
}

function addNew(contract: Command, context: CliContext): void {
  contract
    .command('new')
    .description('write a project into a new folder: a contract, its tests, a program that deploys it')
    .argument('<NAME>', 'of the folder and of the class, such as piggy-bank')
    .option('--json', 'print the data as JSON and nothing else')
    .addHelpText('after', '\nExample:\n  forklore contract new piggy-bank')
    .action(async (name, flags) => (await import('./new-contract.ts')).newContract(name, flags, context));
}

function addCheck(contract: Command, context: CliContext): void {
  contract
    .command('check')
    .description('tell what is wrong with a source before it is deployed; asks no node, and costs nothing')
    .argument('<FILE>', 'its source, in TypeScript')
    .option('--json', 'print the data as JSON and nothing else')
    .addHelpText('after', '\nExample:\n  forklore contract check vote.ts')
    .action(async (file, flags) => (await import('./check-contract.ts')).runCheck(file, flags, context));
}

function addDeploy(contract: Command, context: CliContext): void {
  const command = contract
    .command('deploy')
    .description('compile a contract, try its constructor on the node, sign the deploy here and submit it')
    .argument('<FILE>', 'its source, in TypeScript')
    .argument('[ARG...]', ARGUMENTS)
    .option('--unchecked', 'deploy it although `contract check` finds errors');
  asSigning(command, `forklore contract deploy vote.ts '"lunch?"' '["noodles", "rice"]' 1000 --from Alice`).action(
    async (file, args, flags) => (await import('./contract.ts')).deployContract(file, args, flags, context),
  );
}

function addCall(contract: Command, context: CliContext): void {
  const command = contract
    .command('call')
    .description('try a method on the node, sign the call here and submit it; the next blocks run it')
    .argument('<ADDRESS>', 'of the contract')
    .argument('<METHOD>', 'its name')
    .argument('[ARG...]', ARGUMENTS);
  asSigning(command, 'forklore contract call ADDRESS vote 0 --from Bob --wait').action(
    async (address, method, args, flags) =>
      (await import('./contract.ts')).callContract(address, method, args, flags, context),
  );
}

function addView(contract: Command, context: CliContext): void {
  const command = contract
    .command('view')
    .description('run a method on the node and show what it gives; nothing is changed, signed or paid')
    .argument('<ADDRESS>', 'of the contract')
    .argument('<METHOD>', 'its name')
    .argument('[ARG...]', ARGUMENTS)
    .option('--from <account>', 'whom the contract sees as caller (default: nobody)')
    .option('--amount <coins>', 'coins that the caller would send along');
  asClient(command, 'forklore contract view ADDRESS result').action(async (address, method, args, flags) =>
    (await import('./view-contract.ts')).viewContract(address, method, args, flags, context),
  );
}

function addShow(contract: Command, context: CliContext): void {
  const command = contract
    .command('show')
    .description('show a contract: balance, methods, fields and what they hold')
    .argument('<ADDRESS>', 'of the contract')
    .option('--source', 'print its source and nothing else');
  asClient(command, 'forklore contract show ADDRESS').action(async (address, flags) =>
    (await import('./show-contract.ts')).showContract(address, flags, context),
  );
}

function addTrace(contract: Command, context: CliContext): void {
  const command = contract
    .command('trace')
    .description('show step by step what a transaction did, or what a method would do: variables, slots, gas')
    .argument(
      '<ID|ADDRESS>',
      'id of a deploy or a call in one of the last 10,000 blocks, or a contract to try a method of',
    )
    .argument('[METHOD]', 'with ADDRESS: what is tried')
    .argument('[ARG...]', ARGUMENTS)
    .option('--from <account>', 'with ADDRESS: whom the contract sees as caller (default: nobody)')
    .option('--amount <coins>', 'with ADDRESS: coins that the caller would send along');
  asClient(command, 'forklore contract trace ID\n  forklore contract trace ADDRESS vote 0 --from Bob').action(
    async (target, method, args, flags) =>
      (await import('./trace-contract.ts')).traceContract(target, method, args, flags, context),
  );
}

function addSign(contract: Command, context: CliContext): void {
  const command = contract
    .command('sign')
    .description('sign a message here that a contract checks by verify; nothing is sent or paid')
    .argument('<ADDRESS>', 'of the only contract that it is for')
    .argument('<MESSAGE>', 'what is signed, as the contract has it')
    .requiredOption('--from <account>', 'who signs: development account, or the address of a mnemonic');
  addSigningOptions(command);
  asClient(command, "forklore contract sign ADDRESS 'pay the seller' --from Carol").action(
    async (address, message, flags) =>
      (await import('./sign-message.ts')).signForContract(address, message, flags, context),
  );
}

function addEvents(contract: Command, context: CliContext): void {
  const command = contract
    .command('events')
    .description('show what contracts emitted, the latest last; --follow shows what comes and what a reorg takes back')
    .argument('[ADDRESS]', 'of the contract (default: all contracts)')
    .option('--name <name>', 'of the event (default: all)')
    .option('--limit <number>', 'events to show, at most 1000 (default: 20)')
    .option('--follow', 'go on until Ctrl-C');
  asClient(command, 'forklore contract events ADDRESS --name Voted --follow').action(async (address, flags) =>
    (await import('./contract-events.ts')).showContractEvents(address, flags, context),
  );
}

function asSigning(command: Command, example: string): Command {
  command
    .requiredOption('--from <account>', 'who signs and pays: development account, or the address of a mnemonic')
    .option('--amount <coins>', 'coins that go to the contract (default: 0)')
    .option('--gas <number>', 'most gas that it may use (default: what a dry run uses and a fifth more)')
    .option('--fee <coins>', 'fee (default: what the node demands for bytes and gas, up to 0.01)')
    .option('--nonce <number>', 'account nonce (default: the next one)')
    .option('--force', 'send it although the dry run fails; needs --gas, and costs the fee for nothing')
    .option('--wait', 'wait until it is confirmed; exit code 1 when it fails or is dropped');
  addSigningOptions(command);
  return asClient(command, example);
}
