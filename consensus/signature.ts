import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import {
  type Call,
  type CallFields,
  type Deploy,
  type DeployFields,
  encodeCall,
  encodeDeploy,
} from './contract-transaction.ts';
import { bytesEqual, bytesToHex, concatBytes, hexToBytes } from './hex.ts';
import { isStrictPoint, isStrictSignature, SIGNATURE_BYTES } from './signature-encoding.ts';
import {
  encodeTransfer,
  type SignedTransaction,
  signingBytes,
  type Transfer,
  type TransferFields,
} from './transaction.ts';

/** An Ed25519 signature with all that is needed to verify it, in plain bytes, so that it can cross threads. */
export interface SignatureCheck {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The part of strict verification that libraries leave out: S < L, canonical encodings of A and R, neither of small
 * order. Cheap; a verifier that compares R byte by byte without the cofactor needs only this before it.
 */
export function checkSignatureEncoding(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return isStrictPoint(publicKey) && isStrictSignature(signature);
}

/**
 * Strict Ed25519 verification (RFC 8032 without the cofactor): the encodings above, then encode(S·B − k·A) equals R
 * byte by byte, with k reduced modulo L as every common implementation does.
 */
export function verifySignature(check: SignatureCheck): boolean {
  const { publicKey, message, signature } = check;
  if (!checkSignatureEncoding(publicKey, signature)) return false;
  const r = signature.subarray(0, SIGNATURE_BYTES / 2);
  const { Point } = ed25519;
  try {
    const key = Point.fromBytes(publicKey);
    const s = integerOf(signature.subarray(SIGNATURE_BYTES / 2));
    const k = integerOf(sha512(concatBytes(r, publicKey, message))) % Point.Fn.ORDER;
    const expected = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k));
    return bytesEqual(expected.toBytes(), r);
  } catch {
    // The library throws for a key that is not on the curve.
    return false;
  }
}

/** What must verify for the transaction to be valid. */
export function signatureCheckOf(transaction: SignedTransaction): SignatureCheck {
  return {
    publicKey: hexToBytes(transaction.senderKey),
    message: signingBytes(transaction),
    signature: transaction.signature,
  };
}

/** Signs with one key. Ed25519 is deterministic: all signers of a key give equal signatures. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The Ed25519 signature (RFC 8032) of a message, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** Builds a transfer and has it signed. */
export function signTransferWith(fields: Omit<TransferFields, 'senderKey' | 'signature'>, signer: Signer): Transfer {
  const senderKey = bytesToHex(signer.publicKey);
  const unsigned = encodeTransfer({ ...fields, senderKey, signature: new Uint8Array(SIGNATURE_BYTES) });
  return encodeTransfer({ ...unsigned, signature: signer.sign(signingBytes(unsigned)) });
}

/** Builds a deploy and has it signed. */
export function signDeployWith(fields: Omit<DeployFields, 'senderKey' | 'signature'>, signer: Signer): Deploy {
  const senderKey = bytesToHex(signer.publicKey);
  const unsigned = encodeDeploy({ ...fields, senderKey, signature: new Uint8Array(SIGNATURE_BYTES) });
  return encodeDeploy({ ...unsigned, signature: signer.sign(signingBytes(unsigned)) });
}

/** Builds a call and has it signed. */
export function signCallWith(fields: Omit<CallFields, 'senderKey' | 'signature'>, signer: Signer): Call {
  const senderKey = bytesToHex(signer.publicKey);
  const unsigned = encodeCall({ ...fields, senderKey, signature: new Uint8Array(SIGNATURE_BYTES) });
  return encodeCall({ ...unsigned, signature: signer.sign(signingBytes(unsigned)) });
}

/** Builds and signs a transfer with a 32-byte Ed25519 secret key (the seed of RFC 8032), in plain JavaScript. */
export function signTransfer(fields: Omit<TransferFields, 'senderKey' | 'signature'>, secretKey: Uint8Array): Transfer {
  return signTransferWith(fields, signerOf(secretKey));
}

/** Signs with a 32-byte Ed25519 secret key (the seed of RFC 8032), in plain JavaScript. */
export function signerOf(secretKey: Uint8Array): Signer {
  return { publicKey: ed25519.getPublicKey(secretKey), sign: (message) => ed25519.sign(message, secretKey) };
}

function integerOf(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(littleEndian.toReversed())}`);
}
