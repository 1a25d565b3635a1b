/** A mistake in types: in the body of `run(): void`, with what stands before and in the class. */
export interface TypeMistake {
  readonly name: string;
  readonly file?: string;
  readonly members?: string;
  readonly body?: string;
}

const POINT = 'interface Point {\n  x: number;\n  y: number;\n}';
const TOKEN = 'interface Token {\n  send(to: Address, amount: bigint): boolean;\n  stop(): void;\n}';

/** Mistakes that compile: the machine would tell them only in a call that comes there. */
export const TYPE_MISTAKES: readonly TypeMistake[] = [
  { name: 'a text for a number', body: "let a: number = 'x';" },
  { name: 'a number for a bigint', body: 'let a: bigint = 5;' },
  { name: 'a bigint for a number', body: 'let a = 1;\na = 5n;' },
  { name: 'a number and a bigint are added', members: 'total = 0n;', body: 'this.total = this.total + 1;' },
  { name: 'a number is added to a bigint in place', members: 'total = 0n;', body: 'this.total += 1;' },
  { name: 'texts are multiplied', body: "let a = 'x' * 2;" },
  { name: 'a boolean is subtracted', body: 'let a = 5 - true;' },
  { name: 'a number is compared with a bigint', members: 'n = 1;', body: 'if (this.n === chain.value) return;' },
  { name: 'an account is compared with a text', body: "if (chain.caller === 'x') return;" },
  { name: 'a field of another type', members: 'count = 0;', body: "this.count = 'x';" },
  { name: 'an argument of another type', members: 'add(by: number): void {}', body: 'this.add(5n);' },
  {
    name: 'an argument of a function of another type',
    file: 'function half(n: bigint): bigint {\n  return n / 2n;\n}',
    body: 'let a = half(4);',
  },
  { name: 'a result of another type', members: 'total(): bigint {\n  return 5;\n}' },
  { name: 'a key of another type', members: 'votes = new Table<Address, number>(0);', body: "this.votes.set('x', 1);" },
  {
    name: 'an entry of another type',
    members: 'votes = new Table<Address, number>(0);',
    body: 'this.votes.set(chain.caller, 1n);',
  },
  {
    name: 'an entry that is read as another type',
    members: 'votes = new Table<Address, number>(0);',
    body: 'let a: bigint = this.votes.get(chain.caller);',
  },
  { name: 'an element of another type', members: 'names = new List<string>();', body: 'this.names.push(5);' },
  { name: 'an index that is a text', members: 'names = new List<string>();', body: "let a = this.names.get('x');" },
  { name: 'an element of an array of another type', body: "const list: number[] = [];\nlist.push('x');" },
  { name: 'an element of an array that is assigned another type', body: "const list = [1, 2];\nlist[0] = 'x';" },
  { name: 'an array of another type', body: "const list: number[] = ['x'];" },
  { name: 'a record of another type', file: POINT, body: "const p: Point = { x: 1, y: 'x' };" },
  {
    name: 'a property that a record has not',
    file: `${POINT}\ninterface Other {\n  z: number;\n}`,
    body: 'const p: Point = { x: 1, y: 2 };\nlet a = p.z;',
  },
  {
    name: 'a record without a property',
    file: `${POINT}\ninterface Other {\n  x: number;\n}`,
    body: 'const p: Point = { x: 1 };',
  },
  { name: 'an amount that is a number', body: 'chain.pay(chain.caller, 5);' },
  { name: 'a payment to a text', body: "chain.pay('x', 5n);" },
  { name: 'a message that is a number', body: 'require(true, 5);' },
  { name: 'a condition that is a number', members: 'n = 1;', body: "require(this.n, 'x');" },
  { name: 'a hash of a number', body: 'let a = sha256(5);' },
  { name: 'a hash at a bigint', body: 'let a = chain.hash(5n);' },
  { name: 'a bigint of a text that is compared', members: "s = '';", body: 'if (this.s > 5) return;' },
  { name: 'an argument of another contract', file: TOKEN, body: 'at<Token>(chain.caller).send(chain.caller, 5);' },
  { name: 'another contract at a text', file: TOKEN, body: "at<Token>('x').stop();" },
  { name: 'an amount for another contract that is a number', file: TOKEN, body: 'at<Token>(chain.caller, 5).stop();' },
  {
    name: 'the result of another contract',
    file: TOKEN,
    body: 'let a: number = at<Token>(chain.caller).send(chain.caller, 5n);',
  },
  { name: 'a method of texts on a number', members: 'n = 1;', body: 'let a = this.n.length;' },
  { name: 'push on a text', members: "s = '';", body: "this.s.push('x');" },
  { name: 'a method of arrays on an account', body: 'let a = chain.caller.slice();' },
  { name: 'an index of a number', members: 'n = 1;', body: 'let a = this.n[0];' },
  { name: 'a loop through a number', body: 'for (const n of 5) {}' },
  { name: 'a variable that has no value yet', body: 'let a: number;\nlet b = a + 1;' },
  {
    name: 'a variable that has a value in one branch alone',
    body: 'let a: number;\nif (chain.height > 5) a = 1;\nlet b = a;',
  },
  { name: 'a field that never gets a value', members: 'owner: Address;' },
  {
    name: 'a field that gets a value in one branch alone',
    members: 'owner: Address;\nconstructor(isMine: boolean) {\n  if (isMine) this.owner = chain.caller;\n}',
  },
  { name: 'a maximum of bigints', body: 'let a = Math.max(1n, 2n);' },
  { name: 'a rounded division of bigints', body: 'let a = Math.floor(5n / 2n);' },
  { name: 'bits of a number and a bigint', body: 'let a = 5n & 1;' },
  { name: 'branches that are assigned', body: "let a: number = chain.height > 5 ? 1 : 'x';" },
  { name: 'an error whose message is a number', body: 'throw new Error(5);' },
  { name: 'a text that is stepped', members: "s = '';", body: 'this.s++;' },
  {
    name: 'a variable of the wrong record',
    file: `${POINT}\ninterface Size {\n  width: number;\n}`,
    body: 'const s: Size = { width: 1 };\nconst p: Point = s;',
  },
  {
    name: 'an element of an array of several types',
    body: 'let sum = 0;\nfor (const n of [1, true]) {\n  sum += n;\n}',
  },
  { name: 'an array for a scalar', body: 'let a: number = [1];' },
  { name: 'a value for an array', body: 'let a: number[] = 1;' },
  { name: 'an address of a number', body: 'let a = address(5);' },
  { name: 'a bigint of a bigint', body: 'let a = BigInt(5n) + 1;' },
  { name: 'a text that includes a number', body: "if ('abc'.includes(5)) return;" },
  { name: 'an array that includes another type', body: "if ([1, 2].includes('x')) return;" },
  { name: 'a part from a text', body: "let a = 'abc'.slice('x');" },
  { name: 'a constant of the file in another place', file: "const NAME = 'x';", body: 'let a: number = NAME;' },
  { name: 'a record in an event', file: POINT, body: "const p: Point = { x: 1, y: 2 };\nchain.emit('At', p);" },
  { name: 'an index that is a bigint', body: 'const list = [1];\nlet a = list[0n];' },
];

/** Mistakes that `tsc` accepts, because JavaScript goes on with them. */
export const STRICTER_MISTAKES: readonly TypeMistake[] = [
  { name: 'a number as a condition', members: 'n = 1;', body: 'if (this.n) return;' },
  { name: 'a text as a condition of a loop', members: "s = '';", body: 'while (this.s) return;' },
  { name: 'not of a number', members: 'n = 1;', body: 'let a = !this.n;' },
  { name: 'a number in a conjunction', members: 'n = 1;', body: 'let a = this.n && true;' },
  { name: 'a number that is joined to a text', body: "let a = 'n = ' + 5;" },
  { name: 'texts in an order', members: "s = '';", body: "if (this.s < 'b') return;" },
  { name: 'an order of a number and a bigint', members: 'n = 1;', body: 'if (this.n < chain.value) return;' },
  { name: 'arrays that are compared', body: 'const a = [1];\nconst b = [1];\nif (a === b) return;' },
  { name: 'a record in a template text', file: POINT, body: `const p: Point = { x: 1, y: 2 };\nconst t = \`\${p}\`;` },
  { name: 'bits of numbers', body: 'let a = 5 & 1;' },
  { name: 'a number of a text', body: "let a = Number('5');" },
  { name: 'a bigint of a text', body: "let a = BigInt('5');" },
  { name: 'a condition of a value that is a number', members: 'n = 1;', body: 'let a = this.n ? 1 : 2;' },
  { name: 'letters of a text that are gone through', body: "for (const c of 'abc') {}" },
  { name: 'a minus before a text', body: "let a = -'x';" },
  { name: 'a boolean in an order', body: 'if (true < false) return;' },
];
