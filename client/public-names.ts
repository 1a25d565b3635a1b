// What `forklore/client` gives, the same in a browser and in Node.js but for `connectNode`. It is the one barrel of this
// repository: an import of the package needs one file that has all of its names.
export { formatAddress } from '../consensus/address.ts';
export { AmountError, formatAmount as formatCoins, parseAmount as parseCoins } from '../consensus/amount.ts';
export { developmentAccountByName } from '../consensus/development-accounts.ts';
export { deriveKeyPair, developmentKeyPair, type KeyPair } from '../consensus/keys.ts';
export { newMnemonic, parseMnemonic } from '../consensus/mnemonic.ts';
export { SpendingError, type SpendingProblem } from '../consensus/spending-rules.ts';
export { type ApiError, ClientError, type ClientErrorDetails, type ClientErrorKind } from './client-error.ts';
export type * from './client-options.ts';
export type * from './contract-class.ts';
export type * from './contract-types.ts';
export { DocumentError, type DocumentProblem } from './document-error.ts';
export type * from './link-conditions.ts';
export { NodeUrlError } from './node-url.ts';
export type * from './requests.ts';
export { signMessage } from './sign-message.ts';
export type * from './trace-types.ts';
export { TransferError, type TransferProblem } from './transfer.ts';
export type * from './typed-contract.ts';
export type * from './types.ts';
