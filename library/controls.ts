import { succeeded } from '../client/client-error.ts';
import { graphql } from '../client/graphql.ts';
import type { NodeTransport } from '../client/node-transport.ts';

const TakeSnapshotMutation = graphql(`
  mutation TakeSnapshotOfLibrary {
    takeSnapshot {
      __typename
      ... on SnapshotTaken { snapshot { id } }
      ... on OperationFailed { code message }
    }
  }
`);
const RevertMutation = graphql(`
  mutation RevertOfLibrary($id: ID!) {
    revertToSnapshot(id: $id) {
      __typename
      ... on Reverted { tip { hash } }
      ... on OperationFailed { code message }
    }
  }
`);
const IncreaseTimeMutation = graphql(`
  mutation IncreaseTimeOfLibrary($seconds: Int!) {
    increaseTime(seconds: $seconds) {
      __typename
      ... on TimeChanged { now }
      ... on OperationFailed { code message }
    }
  }
`);
const SetTimeMutation = graphql(`
  mutation SetTimeOfLibrary($at: DateTime!) {
    setTime(at: $at) {
      __typename
      ... on TimeChanged { now }
      ... on OperationFailed { code message }
    }
  }
`);
const SetNextBlockTimeMutation = graphql(`
  mutation SetNextBlockTimeOfLibrary($at: DateTime!) {
    setNextBlockTime(at: $at) {
      __typename
      ... on TimeChanged { now }
      ... on OperationFailed { code message }
    }
  }
`);

/** The development controls of a node. Every call throws `ClientError`. */
export class Controls {
  readonly #transport: NodeTransport;

  constructor(transport: NodeTransport) {
    this.#transport = transport;
  }

  /** @returns its id */
  async takeSnapshot(signal: AbortSignal): Promise<string> {
    const { takeSnapshot } = await this.#transport.mutate(TakeSnapshotMutation, {}, { signal });
    return succeeded(takeSnapshot).snapshot.id;
  }

  async revertToSnapshot(id: string, signal: AbortSignal): Promise<void> {
    succeeded((await this.#transport.mutate(RevertMutation, { id }, { signal })).revertToSnapshot);
  }

  async increaseTime(seconds: number, signal: AbortSignal): Promise<void> {
    succeeded((await this.#transport.mutate(IncreaseTimeMutation, { seconds }, { signal })).increaseTime);
  }

  async setTime(at: Date, signal: AbortSignal): Promise<void> {
    const moment = at.toISOString();
    succeeded((await this.#transport.mutate(SetTimeMutation, { at: moment }, { signal })).setTime);
  }

  async setNextBlockTime(at: Date, signal: AbortSignal): Promise<void> {
    const moment = at.toISOString();
    succeeded((await this.#transport.mutate(SetNextBlockTimeMutation, { at: moment }, { signal })).setNextBlockTime);
  }
}
