/** What a page of the dashboard may load and do; everything else is forbidden. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  // Open, because the page connects to any node that its user adds.
  "connect-src 'self' http: https: ws: wss:",
  // None of these falls back to default-src: no page may lead relative links to other servers, send forms, or be framed.
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every answer of the dashboard's server. */
export const SECURITY_HEADERS: Map<string, string> = new Map([
  ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
]);

/** Headers of answers to this machine: over plain HTTP from another machine, browsers ignore them and log a warning. */
export const LOCAL_SECURITY_HEADERS: Map<string, string> = new Map([['Cross-Origin-Opener-Policy', 'same-origin']]);
