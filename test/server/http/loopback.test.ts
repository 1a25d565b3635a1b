import { expect, it } from 'vitest';
import { isLoopbackHost } from '../../../server/http/loopback.ts';

it.each(['localhost', 'LOCALHOST', 'LocalHost', '127.0.0.1', '127.8.9.1', '127.255.255.254', '::1', '[::1]'])(
  'takes %s for this machine',
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

it.each([
  '127.999.9.9',
  '127.0.0.256',
  '127.1',
  '127.0.0.1.',
  '127.0.0.1.example.org',
  '127.example.org',
  '127.0.0.01',
  '0x7f.0.0.1',
  '2130706433',
  '::ffff:127.0.0.1',
  '[127.0.0.1]',
  '::2',
  '0.0.0.0',
  '::',
  '192.168.1.5',
  'localhost.example.org',
  'localhost.',
  'localhost:5000',
  '',
])('does not take %j for this machine', (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});
