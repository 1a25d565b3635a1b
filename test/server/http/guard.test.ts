import { describe, expect, it } from 'vitest';
import { checkCaller, checkRequest, type GuardPolicy } from '../../../server/http/guard.ts';

const POLICY: GuardPolicy = {
  hosts: ['node.example.org', 'fe80::1'],
  allowedOrigins: ['https://lab.example.org'],
};

type Headers = Record<string, string | string[]>;

function request(method: string, headers: Headers) {
  const lists = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]);
  return { method, httpVersion: '1.1', headers: Object.fromEntries(lists) as NodeJS.Dict<string[]> };
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
    // Forwarded under another number, by SSH, a container or an editor.
    'localhost:5001',
    '127.0.0.1:5001',
    '[::1]:5001',
    'localhost',
    '127.0.0.1',
  ])('takes who calls it %s for the local user', (host) => {
    expect(caller({ host })).toEqual({ allowed: true, corsOrigin: null, caller: { isLocal: true } });
  });

  it.each(['node.example.org', 'Node.Example.org:443', '[fe80::1]:5000'])(
    'answers to its name %s, which anybody may use',
    (host) => {
      expect(caller({ host })).toEqual({ allowed: true, corsOrigin: null, caller: { isLocal: false } });
    },
  );

  it.each([
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
    'Forwarded',
    'Via',
    'X-Real-IP',
    'CF-Connecting-IP',
  ])('takes nobody for the local user whose request a proxy passes on, as %s says', (name) => {
    const decision = caller({ host: '127.0.0.1:5000', [name.toLowerCase()]: '203.0.113.7' });
    expect(decision).toEqual({ allowed: true, corsOrigin: null, caller: { isLocal: false } });
  });

  it('knows a proxy that says nothing of itself by its old HTTP', () => {
    const passedOn = { ...request('GET', { host: '127.0.0.1:5000' }), httpVersion: '1.0' };
    expect(checkCaller(passedOn, POLICY)).toMatchObject({ allowed: true, caller: { isLocal: false } });
  });

  it.each([
    'localhost:500000',
    'localhost:65536',
    '127.0.0.1:99999',
    '127.999.9.9',
    '127.0.0.256:5000',
    '[1.2.3]:5000',
    'node.example.org:99999',
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

  it.each([
    ['host "evil.example" is not this node; see --allow-host', { host: 'evil.example' }],
    [
      'origin "https://evil.example" is not allowed; see --allow-origin',
      { host: 'localhost', origin: 'https://evil.example' },
    ],
  ])('names the remedy: %s', (reason, headers) => {
    expect(caller(headers)).toMatchObject({ allowed: false, reason });
  });

  describe('a page of another site', () => {
    const from = (headers: Headers) => ({ host: 'localhost:5000', 'sec-fetch-site': 'cross-site', ...headers });

    it('may link to the node, and not embed it', () => {
      expect(caller(from({ 'sec-fetch-mode': 'navigate' }))).toMatchObject({ allowed: true });
      for (const mode of ['no-cors', 'cors', 'websocket', '']) {
        expect(caller(from({ 'sec-fetch-mode': mode }))).toEqual({
          allowed: false,
          status: 403,
          reason: 'pages of other sites may link to this, but not embed it',
        });
      }
      expect(checkCaller(request('POST', from({ 'sec-fetch-mode': 'navigate' })), POLICY).allowed).toBe(false);
    });

    it('may call where its origin is allowed, as that of a dashboard on localhost is for a node at 127.0.0.1', () => {
      for (const origin of ['http://localhost:8000', 'https://lab.example.org']) {
        expect(post(from({ host: '127.0.0.1:5000', origin, 'sec-fetch-mode': 'cors' })).allowed).toBe(true);
      }
    });

    it('is none where the browser says so', () => {
      for (const site of ['same-origin', 'same-site', 'none']) {
        expect(caller(from({ 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' })).allowed).toBe(true);
      }
    });
  });

  it.each([
    'http://localhost:8000',
    'http://localhost',
    'https://127.0.0.1:3000',
    'http://[::1]:5000',
    'https://lab.example.org',
  ])('lets pages of %s in and names exactly them', (origin) => {
    expect(post({ origin })).toEqual({ allowed: true, corsOrigin: origin, caller: { isLocal: true } });
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
    'http://localhost:99999',
    'http://127.999.9.9',
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
    expect(decision).toMatchObject({ reason: `host "a\\n${'b'.repeat(98)}" is not this node; see --allow-host` });
  });
});
