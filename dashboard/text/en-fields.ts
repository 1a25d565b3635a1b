/** What the bytes of headers and transactions mean, in English. */
export const enFields = {
  version: { name: 'Version', text: 'Any value is valid; miners may vary it.' },
  prevHash: {
    name: 'Previous hash',
    text: 'The block that it builds on. Bytes are in reversed order here, as everywhere in Bitcoin.',
  },
  merkleRoot: { name: 'Merkle root', text: 'One hash that stands for all transactions of the block.' },
  time: {
    name: 'Time',
    text: 'Seconds since 1970, as the miner says: later than the median of eleven blocks before, not far in the future.',
  },
  bits: { name: 'Bits', text: 'The target in short: how low the hash must be.' },
  headerNonce: { name: 'Nonce', text: 'What the miner varied until the hash was low enough.' },
  kind: { name: 'Kind', text: '0 is a coinbase, 1 a transfer.' },
  networkId: {
    name: 'Network',
    text: "The first bytes of the genesis block's hash: a transfer counts on one network only.",
  },
  senderKey: { name: 'Public key', text: 'Ed25519. Its hash is the address of the sender.' },
  accountNonce: {
    name: 'Account nonce',
    text: 'How many transfers the sender made before: each counts once, and in order.',
  },
  recipient: { name: 'Recipient', text: 'The 20 bytes of an address.' },
  amount: { name: 'Amount', text: 'In units of 0.00000001 coin, lowest byte first.' },
  fee: { name: 'Fee', text: 'Goes to the miner of the block.' },
  memoLength: { name: 'Length of the memo', text: 'In bytes.' },
  memo: { name: 'Memo', text: "The sender's words, for everybody to read." },
  signature: { name: 'Signature', text: 'Of all bytes before it, by the key above.' },
  height: { name: 'Height', text: 'Makes every coinbase different from all others.' },
  reward: { name: 'Reward', text: 'New coins and the fees of the block.' },
  stateRoot: { name: 'State root', text: 'One hash that stands for all accounts after this block.' },
  extraNonce: { name: 'Extra nonce', text: 'More room to search when the header’s nonce is used up.' },
  tagLength: { name: 'Length of the tag', text: 'In bytes.' },
  tag: { name: 'Tag', text: 'Anything that the miner wants to say.' },
};
