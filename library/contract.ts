// What `forklore/contract` gives: to contracts all that they import, for editors and for `tsc`; to tests a world in which
// contracts run.
export type { Address, Scalar } from './contract/address.ts';
export { CallFailedError } from './contract/call-failed-error.ts';
export { type ContractWorld, createContractWorld } from './contract/contract-world.ts';
export {
  address,
  at,
  type Chain,
  chain,
  List,
  require,
  sha256,
  Table,
  verify,
} from './contract/language.ts';
export { NativeRunError } from './contract/native/native-run-error.ts';
export type * from './contract/types.ts';
