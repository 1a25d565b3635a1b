import * as given from './arguments.ts';
import { succeeded } from './client-error.ts';
import type { CallOptions } from './client-options.ts';
import type { DevelopmentControls } from './node-client.ts';
import { NodeRequests } from './node-requests.ts';
import * as documents from './operation-documents.ts';
import * as read from './readers.ts';
import type { Moment } from './requests.ts';
import { downloadSnapshot, uploadSnapshot } from './snapshot-files.ts';
import { timeOf } from './typed-answers.ts';
import type { BlockPlace, Snapshot } from './types.ts';

/** What a development network lets its operator do. */
export abstract class ControlOperations extends NodeRequests implements DevelopmentControls {
  takeSnapshot(options?: CallOptions): Promise<Snapshot> {
    return this.request(
      'mutate',
      documents.TakeSnapshotMutation,
      {},
      options,
      ({ takeSnapshot }) => succeeded(takeSnapshot).snapshot,
    );
  }

  snapshots(options?: CallOptions): Promise<readonly Snapshot[]> {
    return this.request('query', documents.SnapshotListQuery, {}, options, ({ snapshots }) => snapshots);
  }

  async revertToSnapshot(id: string, options?: CallOptions): Promise<BlockPlace> {
    return await this.request(
      'mutate',
      documents.RevertMutation,
      { id: read.plainText('revertToSnapshot: id', id) },
      options,
      ({ revertToSnapshot }) => succeeded(revertToSnapshot).tip,
    );
  }

  async dropSnapshot(id: string, options?: CallOptions): Promise<void> {
    const variables = { id: read.plainText('dropSnapshot: id', id) };
    await this.request('mutate', documents.DropSnapshotMutation, variables, options, ({ dropSnapshot }) => {
      succeeded(dropSnapshot);
    });
  }

  async downloadSnapshot(id: string, options: CallOptions = {}): Promise<Uint8Array> {
    const asked = read.plainText('downloadSnapshot: id', id);
    return await downloadSnapshot(this.transport, asked, given.readCallOptions(options));
  }

  async uploadSnapshot(file: Uint8Array, options: CallOptions = {}): Promise<{ readonly id: string }> {
    const sent = read.bytes('uploadSnapshot: file', file);
    return await uploadSnapshot(this.transport, sent, given.readCallOptions(options));
  }

  async increaseTime(seconds: number, options?: CallOptions): Promise<Date> {
    const variables = { seconds: read.wholeNumber(0)('increaseTime: seconds', seconds) };
    return await this.request('mutate', documents.IncreaseTimeMutation, variables, options, ({ change }) =>
      timeOf(change),
    );
  }

  async setTime(at: Moment, options?: CallOptions): Promise<Date> {
    const variables = { at: read.moment('setTime: at', at) };
    return await this.request('mutate', documents.SetTimeMutation, variables, options, ({ change }) => timeOf(change));
  }

  async setNextBlockTime(at: Moment, options?: CallOptions): Promise<Date> {
    const variables = { at: read.moment('setNextBlockTime: at', at) };
    return await this.request('mutate', documents.SetNextBlockTimeMutation, variables, options, ({ change }) =>
      timeOf(change),
    );
  }

  async dropTransaction(id: string, options?: CallOptions): Promise<void> {
    const variables = { id: read.hash('dropTransaction: id', id) };
    await this.request('mutate', documents.DropMutation, variables, options, ({ dropTransaction }) => {
      succeeded(dropTransaction);
    });
  }
}
