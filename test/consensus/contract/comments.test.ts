import { describe, expect, it } from 'vitest';
import { commentsOf } from '../../../consensus/contract/comments.ts';
import { compileContract } from '../../../consensus/contract/compile.ts';
import { utf8ToBytes } from '../../../consensus/hex.ts';

const SHOP = `import { chain, Table } from 'forklore/contract';

// Not of the class: a record stands between.
interface Entry { count: number; }

/**
 * Sells noodles,
 *   and nothing else.
 */
export class Shop {
  open = true; // of open, not of what follows
  sold = 0;
  /** How much of each. */
  entries = new Table<string, Entry>({ count: 0 }); /* of entries */ // too
  // Who may change the prices;
  // nobody else.
  private readonly owner = '/** not a comment */';
  /* said to nobody */
  closed = false;

  /** Far away. */

  alone = 1;

  /** Opens it. */
  constructor() {
    // within
    this.sold = 0;
  }
  /** First. */ // Second.
  public sell(count: number): void {
    if (count > 0) { this.sold += count; }
    chain.emit('Sold', \`\${count}\`);
  }
  /***/
  nothing(): void {}
}
`;

describe('comments of a source', () => {
  it('are those directly above the class, its fields and its methods', () => {
    const { contract, members } = commentsOf(SHOP);
    expect(contract).toBe('Sells noodles,\nand nothing else.');
    expect(Object.fromEntries(members)).toEqual({
      entries: 'How much of each.',
      owner: 'Who may change the prices;\nnobody else.',
      constructor: 'Opens it.',
      sell: 'Second.',
    });
  });

  it('can stand on one line with what they are about, and before everything', () => {
    const source =
      '/** Counts. */ export class A { /** Now. */ count = 0; /** Adds. */ add(): void { this.count += 1; } }';
    const { contract, members } = commentsOf(source);
    expect(contract).toBe('Counts.');
    expect([...members]).toEqual([
      ['count', 'Now.'],
      ['add', 'Adds.'],
    ]);
  });

  it('are none where nothing is said', () => {
    const { contract, members } = commentsOf('export class Empty {\n}\n');
    expect([contract, members.size]).toEqual([null, 0]);
  });

  it('take as long as the source is, whatever it holds', () => {
    const start = 'export class A {\n';
    const end = '\n  count = 0;\n}';
    const room = 16_384 - start.length - end.length;
    const lines = '//\n'.repeat(Math.ceil(room / 3));
    for (const hostile of [
      `/*${'/** '.repeat(Math.floor(room / 4) - 1)}*/`,
      `${lines}// x`.slice(-room),
      '/**/'.repeat(Math.floor(room / 4)),
    ]) {
      const source = start + hostile + end;
      expect(compileContract(utf8ToBytes(source)).name).toBe('A');
      expect(commentsOf(source).contract).toBeNull();
    }
  });
});
