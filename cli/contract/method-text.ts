import { printable } from '../../consensus/quotable.ts';

/** A method as people read it. */
interface ShownMethod {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly result: string | null;
  readonly acceptsCoins: boolean;
  readonly isPrivate: boolean;
}

/** `result(): string[]`, and what is to be known of calling it. */
export function methodText({ name, parameters, result, acceptsCoins, isPrivate }: ShownMethod): string {
  const takes = parameters.map((parameter) => `${parameter.name}: ${parameter.type}`).join(', ');
  const gives = result === null ? '' : `: ${result}`;
  const remarks = [isPrivate ? 'private' : '', acceptsCoins ? 'takes coins' : ''].filter((remark) => remark !== '');
  return printable(`${name}(${takes})${gives}${remarks.length === 0 ? '' : `  (${remarks.join(', ')})`}`);
}
