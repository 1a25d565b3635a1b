import { quotable } from '../quotable.ts';
import { TRAPS, type TrapCode } from './traps.ts';

const PLACE = '$';

/** A call fails: it costs what was reserved, and changes nothing. */
export class Trap extends Error {
  readonly code: TrapCode;

  constructor(code: TrapCode, ...details: readonly string[]) {
    const [first = '', ...rest] = TRAPS[code].split(PLACE);
    super(rest.reduce((text, part, i) => text + quotable(details[i] ?? '') + part, first));
    this.name = 'Trap';
    this.code = code;
  }
}
