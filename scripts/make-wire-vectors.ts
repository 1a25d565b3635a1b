import { writeFileSync } from 'node:fs';
import { bytesToHex } from '../consensus/hex.ts';
import { encodeMessage } from '../protocol/messages.ts';
import { sampleMessages } from '../testing/sample-messages.ts';

// Writes test/vectors/messages.json: one frame of every kind of message, for those who write a peer in another language.
const vectors = sampleMessages().map((message) => ({ type: message.type, frame: bytesToHex(encodeMessage(message)) }));
writeFileSync(new URL('../test/vectors/messages.json', import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
