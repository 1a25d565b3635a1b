import { describe, expect, it } from 'vitest';
import { MAX_URL_BYTES } from '../../../protocol/limits.ts';
import { normalisePeerUrl, PeerUrlError, peerSocketUrl } from '../../../server/transport/peer-url.ts';

describe('peer URL', () => {
  it.each([
    ['http://localhost:5000', 'http://localhost:5000'],
    ['http://localhost:5000/', 'http://localhost:5000'],
    ['ws://127.0.0.1:5000', 'http://127.0.0.1:5000'],
    ['HTTP://Node.Example.ORG:05000', 'http://node.example.org:5000'],
    ['http://node:80', 'http://node:80'],
    ['https://node:443', 'https://node:443'],
    ['https://node', 'https://node:443'],
    ['wss://[::1]/', 'https://[::1]:443'],
    ['https://lab.example.org/nodes/1/', 'https://lab.example.org:443/nodes/1'],
    ['http://x:5000/Graphql', 'http://x:5000/Graphql'],
    ['wss://node:8443', 'https://node:8443'],
    ['http://[::1]:5000', 'http://[::1]:5000'],
    ['http://[0:0::0:1]:5000', 'http://[::1]:5000'],
    ['http://2130706433:5000', 'http://127.0.0.1:5000'],
  ])('writes %s as %s', (text, canonical) => {
    expect(normalisePeerUrl(text)).toBe(canonical);
    expect(normalisePeerUrl(canonical)).toBe(canonical);
  });

  it.each([
    ['ftp://x', '"ftp://x" is not the URL of a node; use http://host:port'],
    ['localhost:5000', '"localhost:5000" is not the URL of a node; use http://host:port'],
    ['', '"" is not the URL of a node; use http://host:port'],
    ['http://localhost', 'http://localhost: the port is missing; use http://host:port'],
    ['http://[::1]', 'http://[::1]: the port is missing; use http://host:port'],
    ['http://x:0', 'http://x:0: invalid port 0; use http://host:port'],
    ['http://x:65536', 'http://x:65536: invalid port 65536; use http://host:port'],
    ...['/graphql', '/a/graphql', '?a', '/a#b', '/..', '/a/../b', '/.a', '/%2e', '//a', '/a//b', '/a:1'].map((rest) => [
      `http://x:5000${rest}`,
      `http://x:5000${rest}: what follows the port is no base path, such as /forklore; use http://host:port/path`,
    ]),
    ['https://x:123456', 'https://x:123456: "x:123456" is not a host name; use http://host:port'],
    ['http://me:secret@x:5000', 'holds a user name or password: use http://host:port'],
    ['http://:5000', 'http://:5000: "" is not a host name; use http://host:port'],
    ['http://::1:5000', 'http://::1:5000: "::1" is not a host name; use http://host:port'],
    ['http://a:1:5000', 'http://a:1:5000: "a:1" is not a host name; use http://host:port'],
    ['http://a\n:5000', 'holds a space or a character outside ASCII: use http://host:port'],
    [`http://${'a'.repeat(MAX_URL_BYTES)}:1`, `longer than ${MAX_URL_BYTES} characters: use http://host:port`],
  ])('refuses %j and says what to write', (text, message) => {
    expect(() => normalisePeerUrl(text)).toThrow(new PeerUrlError(message));
  });

  it('leads to the peer socket of the node', () => {
    expect(peerSocketUrl('http://localhost:5000')).toBe('ws://localhost:5000/p2p');
    expect(peerSocketUrl('https://node:443')).toBe('wss://node:443/p2p');
    expect(peerSocketUrl('https://node/nodes/1')).toBe('wss://node:443/nodes/1/p2p');
  });
});
