import type { NodeProcess } from '../testing/processes.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { type Party, untilOneTip } from './agree.ts';
import { connect, disconnectAll } from './connect.ts';
import { loadUntilGone, mine, submit } from './load.ts';
import type { SceneName } from './plan.ts';
import { pause } from './wait.ts';

/** Accounts that the victim's clients send from. The twin's has one of its own, so that the two never conflict. */
export const VICTIM_SENDERS = ['Alice', 'Carol', 'Dave', 'Erin'] as const;
export const TWIN_SENDER = 'Frank';

/** Blocks that a victim is behind. */
const BEHIND_BLOCKS = 100;
/** Blocks of the branch that is left, and by how many more the other one wins; several steps of a move each. */
const LEFT_BLOCKS = 40;
const LEAD_BLOCKS = 8;
/** Transactions of each account in the branch that is left; all fit into its queue when they come back. */
const LEFT_TRANSACTIONS = 6;
/** Blocks between a snapshot and the return to it. */
const GIVEN_UP_BLOCKS = 3;
const TAKE = 'mutation { takeSnapshot { ... on SnapshotTaken { snapshot { id } } ... on OperationFailed { code } } }';
const REVERT = 'mutation ($id: ID!) { revertToSnapshot(id: $id) { __typename } }';
const DROP = 'mutation ($id: ID!) { dropSnapshot(id: $id) { __typename } }';
/** Between two blocks of the twin: the victim's own come at about this pace. */
const TWIN_PAUSE_MS = 150;

/** The node that is never killed. */
export type Twin = Party;

/** A victim that runs, was held to its acknowledgements, and is connected to nobody. */
export interface Stage {
  readonly victim: NodeProcess;
  readonly acknowledgements: Acknowledgements;
  readonly twin: Twin;
}

export interface Scene {
  /** Beyond those of every start. */
  readonly args: readonly string[];
  /** The random moment is somewhere in this time after the scene has begun. */
  readonly durationMs: number;
  /** A scene without stage begins with the process itself. */
  readonly stage: {
    /** Before the victim starts. */
    prepare?(twin: Twin): Promise<void>;
    /** Up to where the scene begins. */
    build?(stage: Stage): Promise<void>;
    /** Goes on until the victim is gone. */
    play(stage: Stage): Promise<void>;
  } | null;
}

export const SCENE_PLAYS: Readonly<Record<SceneName, Scene>> = {
  creation: { args: [], durationMs: 600, stage: null },
  start: { args: [], durationMs: 700, stage: null },
  recovery: { args: ['--reindex'], durationMs: 1_200, stage: null },
  mining: {
    args: ['--mine', '--mining-threads', '1', '--hashrate-limit', '20'],
    durationMs: 900,
    stage: {
      async play({ victim, acknowledgements, twin }) {
        const connected = connect(victim, twin.node).catch(() => {});
        // The twin mines too, so that some blocks are taken back.
        await Promise.all([
          connected,
          loadUntilGone(victim, VICTIM_SENDERS, acknowledgements),
          mineOnTwin(victim, twin),
        ]);
      },
    },
  },
  sync: {
    args: [],
    durationMs: 400,
    stage: {
      prepare: ({ node, acknowledgements }) => mine(node, BEHIND_BLOCKS, acknowledgements),
      play: async ({ victim, twin }) => connectUntilGone(victim, twin.node),
    },
  },
  // trunk ─┬─ 40 blocks of the victim, with transactions
  //        └─ 48 blocks of the twin
  reorg: {
    args: [],
    durationMs: 400,
    stage: {
      async build({ victim, acknowledgements, twin }) {
        await connect(victim, twin.node);
        await untilOneTip([twin.node, victim], twin.acknowledgements);
        await disconnectAll(victim);
        const leave = async () => {
          for (const from of VICTIM_SENDERS) {
            for (let sent = 0; sent < LEFT_TRANSACTIONS; sent++) await submit(victim, from, acknowledgements);
          }
          await mine(victim, LEFT_BLOCKS, acknowledgements);
        };
        await Promise.all([leave(), mine(twin.node, LEFT_BLOCKS + LEAD_BLOCKS, twin.acknowledgements)]);
      },
      play: async ({ victim, twin }) => connectUntilGone(victim, twin.node),
    },
  },
  revert: {
    args: [],
    durationMs: 500,
    stage: {
      play: ({ victim }) => revertUntilGone(victim),
    },
  },
  stop: {
    args: [],
    durationMs: 250,
    stage: {
      async play({ victim }) {
        await victim.program.signal('SIGTERM');
      },
    },
  },
};

async function connectUntilGone(victim: NodeProcess, twin: NodeProcess): Promise<void> {
  await connect(victim, twin).catch(() => {});
  await victim.program.finished;
}

/** Takes snapshots and goes back to them. What it does in between is given up, so nobody is held to it. */
async function revertUntilGone(victim: NodeProcess): Promise<void> {
  const givenUp = new Acknowledgements();
  for (;;) {
    // It may have called a peer that it remembers, and would not go back then.
    await disconnectAll(victim);
    const { takeSnapshot } = await victim.api.query(TAKE);
    // It may still be on its way to another branch.
    if (takeSnapshot.code === 'busy') continue;
    const { id } = takeSnapshot.snapshot;
    for (const from of VICTIM_SENDERS) await submit(victim, from, givenUp);
    await mine(victim, GIVEN_UP_BLOCKS, givenUp);
    for (const from of VICTIM_SENDERS) await submit(victim, from, givenUp);
    await victim.api.query(REVERT, { id });
    await victim.api.query(DROP, { id });
  }
}

async function mineOnTwin(victim: NodeProcess, { node, acknowledgements }: Twin): Promise<void> {
  let isGone = false;
  victim.program.finished.then(() => {
    isGone = true;
  });
  while (!isGone) {
    await submit(node, TWIN_SENDER, acknowledgements);
    await mine(node, 1, acknowledgements);
    await pause(TWIN_PAUSE_MS);
  }
}
