import { connect, type Socket } from 'node:net';

const BINARY_16 = 126;
const BINARY_64 = 127;
const MASKED = 0x80;
const FINAL = 0x80;
const MASK_BYTES = 4;

/** The first byte of a close frame, as Latin-1; nothing else of what a node says has it. */
const CLOSE_FRAME = /\x88/;

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameOptions {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** The three reserved bits, as they stand in the first byte. */
  readonly reserved?: number;
  /** What the header says, where it is not the truth. */
  readonly declaredBytes?: number;
  readonly masked?: boolean;
}

/** A WebSocket frame, right or wrong. Its mask is zero, so that the payload stands there as it is. */
export function frameOf(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = OPCODE.text, fin = true, reserved = 0, masked = true } = options;
  const bytes = Buffer.from(payload);
  const length = options.declaredBytes ?? bytes.length;
  const short = length < BINARY_16 ? length : length < 2 ** 16 ? BINARY_16 : BINARY_64;
  const extended = Buffer.alloc(short === BINARY_16 ? 2 : short === BINARY_64 ? 8 : 0);
  if (short === BINARY_16) extended.writeUInt16BE(length);
  if (short === BINARY_64) extended.writeBigUInt64BE(BigInt(length));
  const head = Buffer.from([(fin ? FINAL : 0) | reserved | opcode, (masked ? MASKED : 0) | short]);
  return Buffer.concat([head, extended, Buffer.alloc(masked ? MASK_BYTES : 0), bytes]);
}

/** A TCP connection to a node, on which a test says whatever it wants. */
export class RawSocket {
  readonly tcp: Socket;
  /** Everything that came, as Latin-1. */
  received = '';
  readonly closed: Promise<void>;
  isClosed = false;

  private constructor(tcp: Socket) {
    this.tcp = tcp;
    // The node hangs up as it likes.
    tcp.on('error', () => {});
    tcp.on('data', (chunk) => {
      this.received = (this.received + chunk.toString('latin1')).slice(-16_384);
    });
    this.closed = new Promise((resolve) => {
      tcp.once('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
  }

  /** @param localAddress another one of this machine, such as 127.0.0.2 */
  static async connect(nodeUrl: string, localAddress = '127.0.0.1'): Promise<RawSocket> {
    const tcp = connect({ port: Number(new URL(nodeUrl).port), host: '127.0.0.1', localAddress });
    const raw = new RawSocket(tcp);
    await Promise.race([new Promise((resolve) => tcp.once('connect', resolve)), raw.closed]);
    return raw;
  }

  /** With a WebSocket on it; or with what was said instead. */
  static async upgrade(nodeUrl: string, path: string, protocol: string, more = ''): Promise<RawSocket> {
    const raw = await RawSocket.connect(nodeUrl);
    raw.tcp.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${new URL(nodeUrl).host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        `Sec-WebSocket-Protocol: ${protocol}`,
        `${more}\r\n`,
      ].join('\r\n'),
    );
    await raw.until(/\r\n\r\n/);
    return raw;
  }

  static graphql(nodeUrl: string, more = ''): Promise<RawSocket> {
    return RawSocket.upgrade(nodeUrl, '/graphql', 'graphql-transport-ws', more);
  }

  static peer(nodeUrl: string, more = ''): Promise<RawSocket> {
    return RawSocket.upgrade(nodeUrl, '/p2p', 'forklore.1', more);
  }

  /** Resolves when what came matches, or the connection has ended. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.received) && !this.isClosed) await Promise.race([this.#data(), this.closed]);
  }

  /** Resolves when the node has said that it closes the WebSocket, or has hung up. */
  untilClosing(): Promise<void> {
    return this.until(CLOSE_FRAME);
  }

  /**
   * Writes the same bytes repeatedly, as fast as the node reads: up to a total, until the connection ends, or until the
   * node stops reading.
   * @returns bytes that were written
   */
  async flood(chunk: Buffer, maxBytes: number, stalledMs = 500): Promise<number> {
    let taken = 0;
    while (taken < maxBytes && !this.isClosed && this.tcp.writable) {
      const isTaken = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), stalledMs);
        this.tcp.write(chunk, () => {
          clearTimeout(timer);
          // Lets other tasks of this process run.
          setImmediate(resolve, true);
        });
      });
      if (!isTaken) return taken;
      taken += chunk.length;
    }
    return taken;
  }

  #data(): Promise<unknown> {
    return new Promise((resolve) => this.tcp.once('data', resolve));
  }

  end(): void {
    this.tcp.destroy();
  }
}
