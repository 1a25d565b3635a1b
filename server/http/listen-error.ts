/** The node cannot listen where it was told to; the message says what to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Says exactly why listening failed. */
export function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(`port ${port} is already in use; choose another with --port`);
    case 'EACCES':
      return new ListenError(`port ${port} is not allowed to this user; choose another with --port`);
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return new ListenError(`${host} is no address of this machine; choose another with --host`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError(`host name ${host} not found; choose another with --host`);
    default:
      return error;
  }
}
