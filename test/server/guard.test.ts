import { describe, expect, it } from 'vitest';
import { checkCaller, checkRequest, type GuardPolicy } from '../../server/guard.ts';

const POLICY: GuardPolicy = {
  port: 5000,
  hosts: ['node.example.org', 'fe80::1'],
  allowedOrigins: ['https://lab.example.org'],
};

type Headers = Record<string, string | string[]>;

function request(method: string, headers: Headers) {
  const lists = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]);
  return { method, headers: Object.fromEntries(lists) as NodeJS.Dict<string[]> };
}

const caller = (headers: Headers) => checkCaller(request('GET', headers), POLICY);
const post = (headers: Headers) =>
  checkRequest(request('POST', { host: 'localhost:5000', 'content-type': 'application/json', ...headers }), POLICY);

describe('guard', () => {
  it.each([
    'localhost:5000',
    'LOCALHOST:5000',
    '127.0.0.1:5000',
    '127.8.9.1:5000',
    '[::1]:5000',
    'node.example.org',
    'Node.Example.org:443',
    '[fe80::1]:5000',
  ])('knows itself as %s', (host) => {
    expect(caller({ host })).toEqual({ allowed: true, corsOrigin: null });
  });

  it.each([
    'localhost',
    'localhost:5001',
    'localhost:50000',
    'evil.example:5000',
    'localhost.evil.example:5000',
    '127.0.0.1.evil.example:5000',
    '127.0.0.1.:5000',
    '128.0.0.1:5000',
    'evil.example@localhost:5000',
    '[::2]:5000',
    'localhost:5000:5000',
    '',
    ' localhost:5000',
  ])('does not answer to the host %j', (host) => {
    expect(caller({ host })).toMatchObject({ allowed: false, status: 403 });
  });

  it('lets its own pages call when it is not on loopback', () => {
    const host = 'node.example.org:8443';
    const decision = caller({ host, origin: 'https://node.example.org:8443' });
    expect(decision).toMatchObject({ allowed: true });
    expect(caller({ host, origin: 'https://node.example.org' })).toMatchObject({ allowed: false, status: 403 });
    expect(caller({ host: 'localhost:5000', origin: 'http://evil.example' })).toMatchObject({ allowed: false });
  });

  it('needs exactly one host', () => {
    const refused = { allowed: false, status: 403, reason: 'the request needs exactly one Host header' };
    expect(caller({})).toEqual(refused);
    expect(caller({ host: ['localhost:5000', 'localhost:5000'] })).toEqual(refused);
  });

  it('answers to port 80 without its number', () => {
    expect(checkCaller(request('GET', { host: 'localhost' }), { ...POLICY, port: 80 }).allowed).toBe(true);
  });

  it.each([
    'http://localhost:8000',
    'http://localhost',
    'https://127.0.0.1:3000',
    'http://[::1]:5000',
    'https://lab.example.org',
  ])('lets pages of %s in and names exactly them', (origin) => {
    expect(post({ origin })).toEqual({ allowed: true, corsOrigin: origin });
  });

  it.each([
    'null',
    'https://evil.example',
    'http://lab.example.org',
    'https://lab.example.org:444',
    'https://lab.example.org.evil.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://evil.example#localhost',
    'file://localhost',
    'http://localhost:8000/path',
    '',
  ])('keeps pages of %j out', (origin) => {
    expect(post({ origin })).toMatchObject({ allowed: false, status: 403 });
    expect(caller({ host: 'localhost:5000', origin }).allowed).toBe(false);
  });

  it('refuses two origins', () => {
    expect(post({ origin: ['http://localhost:1', 'http://localhost:1'] })).toMatchObject({ allowed: false });
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'])('reads %s', (type) => {
    expect(post({ 'content-type': type }).allowed).toBe(true);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'text/plain; application/json',
    'application/json-patch',
    '',
    [],
    ['application/json', 'text/plain'],
  ])('refuses a body of type %j', (type) => {
    expect(post({ 'content-type': type })).toEqual({
      allowed: false,
      status: 403,
      reason: 'the request needs the header Content-Type: application/json',
    });
  });

  it('serves GET to those who want a page or a stream', () => {
    const get = (accept: string) => checkRequest(request('GET', { host: 'localhost:5000', accept }), POLICY);
    expect(get('text/html,application/xhtml+xml;q=0.9').allowed).toBe(true);
    expect(get('text/event-stream').allowed).toBe(true);
    expect(get('*/*')).toMatchObject({ allowed: false, status: 405 });
    expect(get('application/json')).toMatchObject({ allowed: false, status: 405 });
  });

  it('serves no other method', () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'TRACE']) {
      expect(checkRequest(request(method, { host: 'localhost:5000' }), POLICY)).toMatchObject({ status: 405 });
    }
  });

  it('cuts foreign text that it repeats', () => {
    const decision = caller({ host: `a\n${'b'.repeat(5_000)}` });
    expect(decision).toMatchObject({ reason: `host "a\\n${'b'.repeat(98)}" is not this node` });
  });
});
