import { checkContract } from '../../client/check-contract.ts';
import type { Finding } from '../../client/contract-findings.ts';
import { leastDeployGas } from '../../client/contract-order.ts';
import { CONSTRUCTOR, type CompiledMethod, type Program } from '../../consensus/contract/program.ts';
import { describeType } from '../../consensus/contract/types.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import { CommandError } from '../cli-errors.ts';
import { findingText } from '../contract/finding-text.ts';
import { methodText } from '../contract/method-text.ts';
import { json, record } from '../output/output.ts';
import type { CliContext } from './client-context.ts';

/** `forklore contract check`: asks no node, and costs nothing. */
export function runCheck(file: string, flags: { readonly json?: boolean }, { terminal }: CliContext): void {
  const source = readTextFile('FILE', file);
  const { findings, program } = checkContract(source);
  const sizeBytes = utf8ToBytes(source).length;
  const about = program && { name: program.name, sizeBytes, leastGas: leastDeployGas(utf8ToBytes(source)) };
  const methods = program && methodsOf(program);
  if (flags.json) terminal.print(json({ file, ...about, methods, findings }));
  else {
    for (const finding of findings) terminal.print(`${findingText(file, source, finding, terminal.colors)}\n`);
    if (about !== null) {
      terminal.print(
        record(terminal.colors, [
          ['name', about.name],
          ['size', `${about.sizeBytes} bytes`],
          ['deploy', `at least ${about.leastGas} gas, and what the constructor does`],
          ...(methods ?? []).map((method, i) => [i === 0 ? 'methods' : '', methodText(method)] as const),
        ]),
      );
    }
  }
  if (findings.some(({ severity }) => severity === 'error'))
    throw new CommandError(`${file} has ${errorCount(findings)}`);
}

/** How many errors there are, in words. */
export function errorCount(findings: readonly Finding[]): string {
  const count = findings.filter(({ severity }) => severity === 'error').length;
  return `${count} error${count === 1 ? '' : 's'}`;
}

/** In the order of the source, without functions. */
function methodsOf({ entries }: Program) {
  return [...entries.values()].map(({ name, parameters, result, acceptsCoins, isPrivate }: CompiledMethod) => ({
    name,
    parameters: parameters.map((parameter) => ({ name: parameter.name, type: describeType(parameter.type) })),
    result: result === undefined ? null : describeType(result),
    acceptsCoins,
    isPrivate: isPrivate && name !== CONSTRUCTOR,
  }));
}
