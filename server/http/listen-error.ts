import { ExpectedError } from '../process/expected-error.ts';
import { settingName } from '../process/setting-name.ts';

/** A server cannot listen at the given host and port. The message says what to change. */
export class ListenError extends ExpectedError {
  /** Whether another port would do. */
  readonly isPortTaken: boolean;

  constructor(message: string, isPortTaken = false) {
    super(message);
    this.isPortTaken = isPortTaken;
  }
}

/** Default port of this program, which macOS uses for AirPlay by default. */
const AIRPLAY_PORT = 5000;

/** Where a server is to listen. */
export interface ListenPlace {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Flag by which the port is chosen, for messages; default: `--port`. */
  readonly portFlag?: string | undefined;
  /** Flag by which the host was chosen, for messages; default: `--host`. */
  readonly hostFlag?: string | undefined;
}

/** Says exactly why listening failed. */
export function listenError(
  error: NodeJS.ErrnoException,
  { host, port, portFlag = settingName('port'), hostFlag = settingName('host') }: ListenPlace,
  platform: NodeJS.Platform = process.platform,
): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(
        `port ${port} is already in use${takenBy(port, platform)}; choose another with ${portFlag}`,
        true,
      );
    case 'EACCES':
      return new ListenError(`port ${port} is not allowed to this user; choose another with ${portFlag}`, true);
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return new ListenError(`${host} is not an address of this machine; choose another with ${hostFlag}`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError(`host name ${host} not found; choose another with ${hostFlag}`);
    default:
      return error;
  }
}

function takenBy(port: number, platform: NodeJS.Platform): string {
  if (platform !== 'darwin' || port !== AIRPLAY_PORT) return '';
  return ', on a Mac most likely by AirPlay Receiver (System Settings, General, AirDrop & Handoff)';
}
