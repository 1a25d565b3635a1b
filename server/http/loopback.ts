import { isIPv4 } from 'node:net';

/**
 * Whether a host always means the local machine, by a name that neither DNS nor a remote page can redirect: `localhost`, `::1` or an address of 127.0.0.0/8, with or without the brackets of a URL. Other spellings of these
 * (`127.1`, `0x7f.0.0.1`, `::ffff:127.0.0.1`) are not taken for it, although systems may resolve them so.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  return name === 'localhost' || name === '::1' || name === '[::1]' || (name.startsWith('127.') && isIPv4(name));
}
