import { describe, expect, it } from 'vitest';
import { isLoopbackUrl, isSameHost, NodeUrlError, parseNodeUrl } from '../../client/node-url.ts';

describe('the URL of a node', () => {
  it.each([
    ['5001', 'http://127.0.0.1:5001'],
    ['localhost:5001', 'http://127.0.0.1:5001'],
    [' http://localhost:5000/ ', 'http://127.0.0.1:5000'],
    ['http://127.0.0.1:5000/graphql', 'http://127.0.0.1:5000'],
    ['192.168.1.7', 'http://192.168.1.7:5000'],
    ['192.168.1.7/graphql', 'http://192.168.1.7:5000'],
    ['192.168.1.7:80', 'http://192.168.1.7'],
    ['[::1]', 'http://[::1]:5000'],
    ['[::1]:5000', 'http://[::1]:5000'],
    ['https://node.example/graphql', 'https://node.example'],
    ['https://node.example:443', 'https://node.example'],
    ['https://lab.example/nodes/1', 'https://lab.example/nodes/1'],
    ['https://lab.example/nodes/1/graphql/', 'https://lab.example/nodes/1'],
    ['lab.example/base/', 'http://lab.example:5000/base'],
  ])('is read from %j as %s', (text, url) => {
    expect(parseNodeUrl(text)).toBe(url);
  });

  it.each([
    '',
    'ftp://127.0.0.1',
    'http://',
    'http://user@host:5000',
    'http://host/a//b',
    'http://host/a%2fb',
    'http://host/graphql/graphql',
    'http://host/?a',
    'a b',
    'http://host:123456',
  ])('is not %j', (text) => {
    expect(() => parseNodeUrl(text)).toThrow(NodeUrlError);
  });
});

describe('a URL of this machine', () => {
  it.each([
    'http://127.0.0.1:5000',
    'http://127.9.9.9:1',
    'http://localhost:1',
    'http://a.localhost:1',
    'http://[::1]:1',
  ])('is %s', (url) => expect(isLoopbackUrl(url)).toBe(true));

  it.each(['http://127.example.org:5000', 'http://127.0.0.1.example.org', 'http://192.0.2.7:5000'])(
    'is not %s',
    (url) => {
      expect(isLoopbackUrl(url)).toBe(false);
      expect(isSameHost(url, 'http://127.0.0.1:5000')).toBe(false);
    },
  );
});
