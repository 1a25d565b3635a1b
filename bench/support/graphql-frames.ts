import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

const TEXT = 1;
const PING = 9;
const PONG = 10;
const FINAL = 0x80;
const MASKED = 0x80;
const OPCODE_BITS = 0x0f;
const LENGTH_BITS = 0x7f;
/** Length that says that the real one follows in two bytes. Longer messages are not read here. */
const LENGTH_FOLLOWS = 126;
const SHORT_HEADER = 2;
const LONG_HEADER = 4;
const KEY_BYTES = 16;

/**
 * A WebSocket that counts its messages and looks into none: a thousand clients shall cost their machine, which the server
 * runs on too, as little as they can.
 */
export class CountingSocket {
  readonly #socket: Socket;
  readonly #onMessage: () => void;
  /** The first bytes of a frame whose header is not complete. */
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the payload under way that are still to come. */
  #left = 0;

  private constructor(socket: Socket, onMessage: () => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => {});
  }

  /** @param localAddress from which it calls */
  static open(url: string, protocol: string, localAddress: string, onMessage: () => void): Promise<CountingSocket> {
    const headers = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': randomBytes(KEY_BYTES).toString('base64'),
      'sec-websocket-protocol': protocol,
      'sec-websocket-version': '13',
    };
    return new Promise((resolve, reject) => {
      const asking = request(url, { headers, localAddress, agent: false });
      asking.once('upgrade', (_response, socket) => resolve(new CountingSocket(socket, onMessage)));
      asking.once('response', ({ statusCode }) => reject(new Error(`no socket: ${statusCode}`)));
      asking.once('error', reject);
      asking.end();
    });
  }

  send(text: string): void {
    this.#write(TEXT, Buffer.from(text));
  }

  /** With a mask of zeros, which changes nothing. */
  #write(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const start = length < LENGTH_FOLLOWS ? [length] : [LENGTH_FOLLOWS, length >> 8, length & 0xff];
    const [first = 0, ...more] = start;
    this.#socket.write(Buffer.concat([Buffer.from([FINAL | opcode, MASKED | first, ...more, 0, 0, 0, 0]), payload]));
  }

  #read(chunk: Buffer): void {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = this.#left;
    while (data.length - at >= SHORT_HEADER) {
      const short = (data[at + 1] ?? 0) & LENGTH_BITS;
      const header = short < LENGTH_FOLLOWS ? SHORT_HEADER : LONG_HEADER;
      if (data.length - at < header) break;
      const opcode = (data[at] ?? 0) & OPCODE_BITS;
      at += header + (header === SHORT_HEADER ? short : data.readUInt16BE(at + SHORT_HEADER));
      if (opcode === TEXT) this.#onMessage();
      else if (opcode === PING) this.#write(PONG, Buffer.alloc(0));
    }
    this.#left = Math.max(0, at - data.length);
    this.#rest = data.subarray(Math.min(at, data.length));
  }
}
