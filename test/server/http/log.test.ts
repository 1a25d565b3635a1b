import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogger } from '../../../server/process/log.ts';

function collect(): { output: Writable; text: () => string } {
  const chunks: string[] = [];
  const output = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { output, text: () => chunks.join('') };
}

it('writes one JSON object a line, at its level and above', async () => {
  const { output, text } = collect();
  const log = await createLogger({ level: 'info', format: 'json', output });
  log.debug('hidden');
  log.info({ height: 7 }, 'new tip');
  expect(JSON.parse(text())).toMatchObject({ level: 30, height: 7, msg: 'new tip' });
});

it('writes readable lines without colours where there is no terminal', async () => {
  const { output, text } = collect();
  const log = await createLogger({ level: 'warn', format: 'pretty', output });
  log.warn({ peer: 'p1\u001b[31m' }, 'peer misbehaved');
  await new Promise((resolve) => setImmediate(resolve));
  expect(text()).toMatch(/^\[\d\d:\d\d:\d\d\] WARN: peer misbehaved \{"peer":"p1\\u001b\[31m"\}\n$/);
});

it.each(['json', 'pretty'] as const)(
  'writes nothing in its %s lines that does something to a terminal or turns text round',
  async (format) => {
    const { output, text } = collect();
    const log = await createLogger({ level: 'info', format, output });
    const reason = 'a\u001b[31mb\u009b31mc\u202ed\u2028e\u007f';
    log.warn({ reason, err: new Error(reason), deep: { reason } }, 'peer disconnected');
    await new Promise((resolve) => setImmediate(resolve));
    expect(text()).toContain('peer disconnected');
    expect(text().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  },
);
