import type { TypedDocumentNode } from '@urql/core';
import { formatAddress, isRawAddress } from '../consensus/address.ts';
import * as given from './arguments.ts';
import type { CallOptions } from './client-options.ts';
import type { NodeTransport } from './node-transport.ts';
import * as documents from './operation-documents.ts';
import type { AccountOrAddress } from './requests.ts';
import { typedAnswer } from './typed-answers.ts';

type Variables = Record<string, unknown>;

/** How operations ask their node. */
export abstract class NodeRequests {
  readonly url: string;
  /** Not to be seen from outside: it holds the token. */
  readonly #transport: NodeTransport;

  constructor(transport: NodeTransport) {
    this.url = transport.url;
    this.#transport = transport;
  }

  protected get transport(): NodeTransport {
    return this.#transport;
  }

  /** The text by which the node knows an account. That of a key pair has the prefix of the network, which the node says. */
  protected async addressOf(account: AccountOrAddress, options: CallOptions | undefined): Promise<string> {
    if (typeof account === 'string') return account;
    const { address } = account;
    if (!isRawAddress(address)) return address;
    return await this.request('query', documents.NetworkQuery, {}, options, (data) =>
      formatAddress(address, data.nodeInfo.addressPrefix),
    );
  }

  /** Asks the node over HTTP, or tells it to do something. @param typed makes of the answer what the caller gets */
  protected async request<Data, Asked extends Variables, Typed>(
    kind: 'query' | 'mutate',
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    options: CallOptions | undefined,
    typed: (data: Data) => Typed,
  ): Promise<Typed> {
    const limits = given.readCallOptions(options ?? {});
    return typedAnswer(this.url, await this.#transport[kind](document, variables, limits), typed);
  }
}
