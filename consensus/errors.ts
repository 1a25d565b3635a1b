/** How a violated rule is treated. The action towards a peer is derived from this record, so that the two cannot drift. */
interface Rule {
  /** *sanity* needs nothing but the bytes, *context* the ancestors' headers, *connect* the state. */
  readonly stage: 'sanity' | 'context' | 'connect';
  /**
   * `sender`: reject, and punish who sent it. `none`: reject or ignore, and blame nobody.
   * A lone transaction that fails a *connect* rule is never its relayer's fault, because nodes may be at different tips.
   */
  readonly fault: 'sender' | 'none';
  /** Whether the block's hash may be remembered as invalid, and its descendants with it. */
  readonly marksInvalid: boolean;
  /** The rule, as the protocol states it. */
  readonly clause: string;
}

const PUNISH = { fault: 'sender', marksInvalid: true } as const;
/** The same header can come with another body, or without proof of work: the block itself may still be valid. */
const PUNISH_SENDER_ONLY = { fault: 'sender', marksInvalid: false } as const;
/** Nodes pass a block on before they execute it: who sent it may not have known. */
const CONDEMN_ONLY = { fault: 'none', marksInvalid: true } as const;
const NOT_NOW = { fault: 'none', marksInvalid: false } as const;

/** One code per rule, shared by tests, the punishment of peers and API errors. */
export const RULES = {
  malformed: {
    stage: 'sanity',
    ...PUNISH_SENDER_ONLY,
    clause: 'One value has one encoding; trailing bytes and wrong lengths are errors.',
  },
  'reserved-kind': {
    stage: 'sanity',
    ...PUNISH_SENDER_ONLY,
    clause: 'Transaction kinds 4 and above, and formats of contracts above 0, are reserved.',
  },

  'bad-bits': { stage: 'sanity', ...PUNISH_SENDER_ONLY, clause: 'Bits are positive, canonical and below 2^256.' },
  'bits-above-limit': { stage: 'sanity', ...PUNISH_SENDER_ONLY, clause: "The target is at most the network's limit." },
  'high-hash': { stage: 'sanity', ...PUNISH_SENDER_ONLY, clause: 'The block hash is at most the target.' },

  'unknown-parent': { stage: 'context', ...NOT_NOW, clause: 'The previous block is known.' },
  'invalid-ancestor': { stage: 'context', ...PUNISH, clause: 'No ancestor is invalid.' },
  'bad-difficulty-bits': {
    stage: 'context',
    ...PUNISH,
    clause: 'Bits are those that the difficulty schedule requires.',
  },
  'time-too-old': {
    stage: 'context',
    ...PUNISH,
    clause: 'The time is later than the median of the previous 11 times.',
  },
  'time-too-new': {
    stage: 'context',
    ...NOT_NOW,
    clause: "The time is at most the node's own clock plus the future limit.",
  },

  'block-too-large': { stage: 'sanity', ...PUNISH_SENDER_ONLY, clause: 'A block has at most 1,000,000 bytes.' },
  'bad-merkle-root': {
    stage: 'sanity',
    ...PUNISH_SENDER_ONLY,
    clause: "The header's Merkle root is that of the transactions.",
  },
  'no-transactions': { stage: 'sanity', ...PUNISH, clause: 'A block has at least one transaction.' },
  'first-not-coinbase': { stage: 'sanity', ...PUNISH, clause: 'The first transaction is a coinbase.' },
  'multiple-coinbases': { stage: 'sanity', ...PUNISH, clause: 'Only the first transaction is a coinbase.' },
  'duplicate-transaction': { stage: 'sanity', ...PUNISH, clause: 'No transaction is in a block twice.' },
  'duplicate-nonce': {
    stage: 'sanity',
    ...PUNISH,
    clause: 'No two transactions of a block have the same sender and nonce.',
  },

  'wrong-network': {
    stage: 'sanity',
    ...PUNISH,
    clause: "The network id is the first four bytes of the network's genesis hash.",
  },
  'memo-too-long': { stage: 'sanity', ...PUNISH, clause: 'A memo has at most 256 bytes.' },
  'tag-too-long': { stage: 'sanity', ...PUNISH, clause: 'A coinbase tag has at most 64 bytes.' },
  'bad-public-key': {
    stage: 'sanity',
    ...PUNISH,
    clause: 'The sender key is canonically encoded and not of small order.',
  },
  'bad-signature': { stage: 'sanity', ...PUNISH, clause: 'The signature is strictly valid for the sender key.' },

  'source-too-short': { stage: 'sanity', ...PUNISH, clause: 'A source has at least 16 bytes.' },
  'source-too-long': { stage: 'sanity', ...PUNISH, clause: 'A source has at most 16,384 bytes.' },
  'args-too-long': { stage: 'sanity', ...PUNISH, clause: 'Arguments have at most 4,096 bytes.' },
  'gas-too-high': { stage: 'sanity', ...PUNISH, clause: 'A transaction reserves at most 2,000,000 gas.' },
  'gas-too-low': {
    stage: 'sanity',
    ...PUNISH,
    clause: 'A transaction reserves at least the gas that its bytes cost.',
  },
  'block-gas-exceeded': {
    stage: 'sanity',
    ...PUNISH,
    clause: 'The transactions of a block reserve at most 10,000,000 gas together.',
  },

  'coinbase-wrong-height': { stage: 'context', ...PUNISH, clause: "The coinbase's height is the block's." },
  'coinbase-wrong-reward': { stage: 'connect', ...PUNISH, clause: 'The reward is exactly the subsidy plus the fees.' },
  'sender-is-contract': { stage: 'connect', ...CONDEMN_ONLY, clause: 'A contract sends nothing.' },
  'wrong-nonce': { stage: 'connect', ...CONDEMN_ONLY, clause: "The nonce is exactly the sender's account nonce." },
  'insufficient-balance': {
    stage: 'connect',
    ...CONDEMN_ONLY,
    clause: "Amount plus fee is at most the sender's balance.",
  },
  'wrong-state-root': {
    stage: 'connect',
    ...CONDEMN_ONLY,
    clause: "The coinbase's state root is that of the state after the block.",
  },
} as const satisfies Record<string, Rule>;

/** Kebab-case name of a consensus rule. */
export type RuleCode = keyof typeof RULES;

/** A block or transaction breaks a consensus rule. What to do about it stands in `RULES[code]`. */
export class RuleError extends Error {
  readonly code: RuleCode;
  /** The message without the code. */
  readonly detail: string;

  constructor(code: RuleCode, detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'RuleError';
    this.code = code;
    this.detail = detail;
  }

  /** See `Rule.fault`. */
  get senderAtFault(): boolean {
    return RULES[this.code].fault === 'sender';
  }

  /** See `Rule.marksInvalid`. */
  get marksInvalid(): boolean {
    return RULES[this.code].marksInvalid;
  }
}

/** Our own bug or a damaged store, never a peer's fault. It stops the node. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvariantError';
  }
}

/** Throws {@link InvariantError} unless `condition` holds. */
export function assertInvariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
