// `forklore/client` where the platform has a WebSocket of its own.
export { connectNode } from './connect-node.ts';
export * from './public-names.ts';
