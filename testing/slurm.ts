import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePorts } from './free-ports.ts';

/** A job that is run again waits until the credential of its first run has expired. */
const CREDENTIAL_SECONDS = 5;

/** A Slurm of one machine, all of whose state is in one folder. */
export class Slurm {
  readonly #folder: string;
  readonly #daemons: ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts munge, the controller and the node, and waits until the node is idle. Needs root. */
  static async start(folder: string): Promise<Slurm> {
    for (const name of ['state', 'spool', 'munge']) mkdirSync(join(folder, name), { mode: 0o755 });
    const slurm = new Slurm(folder);
    try {
      await slurm.#start();
    } catch (error) {
      await slurm.stop();
      throw error;
    }
    return slurm;
  }

  /** Runs a command of Slurm, and returns what it prints. */
  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
    return execFileSync(command, args, {
      cwd: this.#folder,
      encoding: 'utf8',
      env: { ...process.env, ...env, SLURM_CONF: join(this.#folder, 'slurm.conf') },
    });
  }

  /** Ends what was started, the last first. */
  async stop(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const ended = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await ended;
    }
  }

  async #start(): Promise<void> {
    const of = (name: string): string => join(this.#folder, name);
    const [port, host] = [await freePorts(2), hostname()];
    writeFileSync(of('slurm.conf'), configuration(of, port, host));
    execFileSync('mungekey', ['--create', '--keyfile', of('munge/key')]);
    this.#spawn('munged', [
      '--foreground',
      ...['--key-file', of('munge/key'), '--socket', of('munge/socket'), '--pid-file', of('munge/pid')],
      ...['--seed-file', of('munge/seed'), '--log-file', of('munge/log'), '--force'],
    ]);
    await eventually(() => execFileSync('munge', ['--no-input', '--socket', of('munge/socket')], { stdio: 'pipe' }));
    this.#spawn('slurmctld', ['-D', '-f', of('slurm.conf')]);
    this.#spawn('slurmd', ['-D', '-f', of('slurm.conf'), '-N', host]);
    await eventually(() => {
      const state = this.run('sinfo', ['--noheader', '--format', '%T']).trim();
      if (state !== 'idle') throw new Error(`the node is ${state}`);
    });
  }

  #spawn(command: string, args: readonly string[]): void {
    this.#daemons.push(spawn(command, args, { stdio: 'ignore', cwd: this.#folder }));
  }
}

/** One node that takes as many tasks as it has cores, and asks nothing of the machine that needs systemd. */
function configuration(of: (name: string) => string, port: number, host: string): string {
  return [
    'ClusterName=forklore',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${port}`,
    `SlurmdPort=${port + 1}`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${of('munge/socket')},cred_expire=${CREDENTIAL_SECONDS}`,
    'CredType=cred/munge',
    'CommunicationParameters=NoCtldInAddrAny,NoInAddrAny',
    `StateSaveLocation=${of('state')}`,
    `SlurmdSpoolDir=${of('spool')}`,
    `SlurmctldPidFile=${of('slurmctld.pid')}`,
    `SlurmdPidFile=${of('slurmd.pid')}`,
    `SlurmctldLogFile=${of('slurmctld.log')}`,
    `SlurmdLogFile=${of('slurmd.log')}`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU',
    'SchedulerType=sched/backfill',
    'MpiDefault=none',
    'ReturnToService=2',
    'JobAcctGatherType=jobacct_gather/none',
    'AccountingStorageType=accounting_storage/none',
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} RealMemory=1000 State=UNKNOWN`,
    `PartitionName=sweep Nodes=${host} Default=YES MaxTime=60 State=UP`,
    '',
  ].join('\n');
}
