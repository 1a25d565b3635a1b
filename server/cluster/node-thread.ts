import { Worker } from 'node:worker_threads';
import { failureMessage } from '../process/failure.ts';
import { workerFile } from '../process/worker-files.ts';
import type {
  BlockMessage,
  ClusterCommand,
  ClusterNodeData,
  ClusterNodeMessage,
  ClusterRow,
  NodeEnd,
  ReorgMessage,
} from './cluster-messages.ts';

/** A node has connected a block or reorganized its chain. */
export interface Moved {
  /** Of the node. */
  readonly name: string;
  readonly message: BlockMessage | ReorgMessage;
}

/** Callbacks for what happens in a node's thread between its start and its end. */
export interface NodeThreadListener {
  /** The thread has started. Resolves when the port of the node is free for it. */
  loaded(port: number): Promise<void>;
  moved(moved: Moved): void;
  /** It has ended without being asked to. */
  failed(name: string, end: NodeEnd): void;
}

/** One node's thread, as who started it sees it: starting -> listening -> running -> ended, or ended from any of these. */
export class NodeThread {
  readonly name: string;
  /** Resolves with true once the node accepts connections, or false if it ended before. */
  readonly listening: Promise<boolean>;
  /** Resolves when the node runs; with null if it ended before. */
  readonly ready: Promise<ClusterRow | null>;
  /** Resolves when the thread has ended. */
  readonly ended: Promise<NodeEnd>;
  readonly #worker: Worker;

  constructor(data: ClusterNodeData, listener: NodeThreadListener) {
    this.name = data.options.name ?? `node-${data.index}`;
    const { filename, execArgv } = workerFile('cluster-node');
    const transferList = data.logPort === null ? [] : [data.logPort];
    this.#worker = new Worker(new URL(filename), { execArgv, workerData: data, transferList });
    let end: NodeEnd = { failure: { kind: 'failed', message: 'the thread ended', isPortTaken: false } };
    this.#worker.on('error', (error) => {
      end = { failure: { kind: 'failed', message: `crashed: ${failureMessage(error)}`, isPortTaken: false } };
    });
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        if (end.failure) listener.failed(this.name, end);
        resolve(end);
      });
    });
    let onListening = (_isListening: boolean): void => {};
    this.listening = new Promise((resolve) => {
      onListening = resolve;
      this.ended.then(() => resolve(false));
    });
    this.ready = new Promise((resolve) => {
      this.#worker.on('message', (message: ClusterNodeMessage) => {
        switch (message.type) {
          case 'loaded':
            listener.loaded(data.options.port).then(() => this.#send({ type: 'listen' }));
            return;
          case 'listening':
            return onListening(true);
          case 'ready':
            return resolve(message.row);
          case 'ended':
            end = message;
            return;
          default:
            listener.moved({ name: this.name, message });
        }
      });
      this.ended.then(() => resolve(null));
    });
  }

  /** @param peers URLs of the nodes that it is to stay connected to */
  dial(peers: readonly string[]): void {
    this.#send({ type: 'dial', peers });
  }

  speak(): void {
    this.#send({ type: 'speak' });
  }

  stop(): Promise<NodeEnd> {
    this.#send({ type: 'stop' });
    return this.ended;
  }

  /** Ends the thread at once, whatever it does. Resolves when it has ended. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  /** The process may end while the thread runs, which then ends with it. */
  unref(): void {
    this.#worker.unref();
  }

  /** The process stays alive as long as the thread: undoes {@link unref}. */
  ref(): void {
    this.#worker.ref();
  }

  #send(command: ClusterCommand): void {
    this.#worker.postMessage(command);
  }
}
