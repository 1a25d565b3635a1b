import { quotable } from '../../consensus/quotable.ts';

/** Maximum length of the message of an unknown error, in characters. */
const MAX_MESSAGE_CHARS = 200;

/** OpenSSL's codes for a peer that does not speak TLS. */
const NO_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'];

/** Words for system error codes, for the person who named the file, folder or host. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'not an address of this machine',
  EAFNOSUPPORT: 'the machine does not support this kind of address',
  EAI_FAIL: 'host name not found',
  EBUSY: 'it is in use',
  ECONNABORTED: 'the connection was cut off',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut off',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists already',
  EFBIG: 'the file is too large',
  EHOSTUNREACH: 'host unreachable',
  EIO: 'input or output failed',
  EISDIR: 'it is a folder',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENETUNREACH: 'network unreachable',
  ENFILE: 'too many open files',
  ENODEV: 'no such device',
  ENOENT: 'no such file or folder',
  ENOMEM: 'out of memory',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'a part of the path is not a folder',
  ENOTEMPTY: 'the folder is not empty',
  ENXIO: 'no such device',
  EPERM: 'permission denied',
  EPIPE: 'the reader has closed it',
  EROFS: 'the file system is read-only',
  ESTALE: 'the folder on another machine is gone',
  ETIMEDOUT: 'no answer in time',
  ETXTBSY: 'it is in use',
  EXDEV: 'it is on another file system',
  EAI_AGAIN: 'host name not found',
  ENOTFOUND: 'host name not found',
};

/** The code that Node gives errors of the system, such as `ENOENT`; undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Whether an error is a known system error rather than a bug of the program. */
export function isSystemProblem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && Object.hasOwn(WORDS, systemCode(error) ?? '');
}

/** Whether the other end does not speak TLS, by the code of the error. */
export function isNoTls(code: string): boolean {
  return NO_TLS.some((start) => code.startsWith(start));
}

/** Whether a TLS handshake failed for any other reason, by the code of the error. */
export function isTlsFailure(code: string): boolean {
  return code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');
}

/** Whether a certificate is not trusted (`X509_verify_cert_error_string`, and Node's own check of the name). */
export function isCertificateProblem(code: string): boolean {
  return /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED|CRL/.test(code);
}

/** The reason of a system error in words: the only place that translates error codes. Never empty, always one line. */
export function systemProblem(error: unknown): string {
  const words = WORDS[systemCode(error) ?? ''];
  if (words !== undefined) return words;
  const message = messageOf(error);
  return message === '' ? 'no reason given' : quotable(message, MAX_MESSAGE_CHARS);
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === 'string' ? error : '';
}
