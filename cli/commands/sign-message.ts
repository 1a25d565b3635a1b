import { networkOf, shownAccounts } from '../../client/claims.ts';
import { NetworkQuery } from '../../client/operation-documents.ts';
import { signMessage } from '../../client/sign-message.ts';
import { checkNetwork, requireTypedPrefix } from '../../client/transfer.ts';
import { accountsOf, payerOf } from '../../client/transfer-parties.ts';
import { typedAnswer } from '../../client/typed-answers.ts';
import type { SignedMessage } from '../../client/types.ts';
import { AddressError } from '../../consensus/address.ts';
import { UsageError } from '../cli-errors.ts';
import { contractAddressOf } from '../contract/contract-address.ts';
import { json, record } from '../output/output.ts';
import { askNode, type CliContext, type NodeSession } from './client-context.ts';
import { pinnedNetwork, type SpendingFlags, senderOf, spendingProblem } from './spending.ts';

/** Flags of `forklore contract sign`. */
interface SignFlags extends Omit<SpendingFlags, 'fee' | 'nonce' | 'wait'> {
  readonly from: string;
}

/** `forklore contract sign`: signs a message for `verify` of one contract. The node is asked for its network alone. */
export async function signForContract(
  address: string,
  message: string,
  flags: SignFlags,
  context: CliContext,
): Promise<void> {
  const { terminal } = context;
  const contract = contractAddressOf(address);
  const from = await senderOf('--from', flags.from, flags, context);
  const pinned = pinnedNetwork(flags, context);
  await askNode(flags, context, async ({ transport }) => {
    const signing = signed({ from, contract, message, genesisHash: pinned?.genesis.hash }, transport);
    const { key, signature } = await signing.catch((error: unknown) => {
      if (error instanceof AddressError) throw new UsageError(`ADDRESS: ${error.message}`);
      throw spendingProblem(error, { pinned, sender: '--from', recipient: 'ADDRESS' });
    });
    if (flags.json) return terminal.print(json({ contract, key, message, signature }));
    terminal.print(
      record(terminal.colors, [
        ['key', key],
        ['signature', signature],
      ]),
    );
  });
}

interface Signing {
  readonly from: Awaited<ReturnType<typeof senderOf>>;
  readonly contract: string;
  readonly message: string;
  readonly genesisHash: string | undefined;
}

async function signed(
  { from, contract, message, genesisHash }: Signing,
  transport: NodeSession['transport'],
): Promise<SignedMessage> {
  const answer = await transport.query(NetworkQuery, {});
  const network = typedAnswer(transport.url, answer, ({ nodeInfo }) => networkOf(nodeInfo));
  checkNetwork(network, genesisHash);
  requireTypedPrefix('recipient', { text: contract }, network.addressPrefix);
  const known = await accountsOf(network, () => shownAccounts(transport, {}));
  const { sender, secretKey } = payerOf(from, known, network);
  const keys = { address: sender.text, secretKey };
  return signMessage({ from: keys, contract, message, genesisHash: network.genesisHash });
}
