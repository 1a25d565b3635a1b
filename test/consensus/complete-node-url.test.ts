import { describe, expect, it } from 'vitest';
import { completeNodeUrl } from '../../consensus/complete-node-url.ts';

describe('a URL that is completed', () => {
  it.each([
    ['5001', 'http://127.0.0.1:5001'],
    ['localhost', 'http://localhost:5000'],
    ['localhost:80', 'http://localhost:80'],
    ['ws://localhost', 'ws://localhost'],
    ['', 'http://'],
  ])('has what %j leaves out: %s', (text, url) => {
    expect(completeNodeUrl(text)).toBe(url);
  });
});
