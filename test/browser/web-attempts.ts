/** What a page tries on a node; runs in a browser, and is sent there as its text: it may use nothing from outside. */
export interface Attempt {
  readonly name: string;
  /** What the page could read of the answer; null: nothing, not even whether there was one. */
  readonly read: string | null;
}

/**
 * Does everything that a page can do to make a browser send something to a node, each attempt with a mutation of its own
 * (its memo is the attempt's name) or a question, and says what came back. Resolves when every attempt has ended.
 */
export async function attemptAll({ target, limitMs }: { target: string; limitMs: number }): Promise<Attempt[]> {
  const api = `${target}/graphql`;
  const mutationOf = (name: string): string =>
    `mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1", memo: "${name}") { __typename } }`;
  const jsonOf = (name: string): string => JSON.stringify({ query: mutationOf(name) });
  const byGet = (name: string): string => `${api}?query=${encodeURIComponent(mutationOf(name))}`;
  const limited = <T>(work: Promise<T>, otherwise: T): Promise<T> =>
    Promise.race([work, new Promise<T>((resolve) => setTimeout(() => resolve(otherwise), limitMs))]);

  const fetched = async (url: string, options: RequestInit): Promise<string | null> => {
    try {
      const response = await fetch(url, options);
      return response.type === 'opaque' ? null : await response.text();
    } catch {
      return null;
    }
  };
  const post = (name: string, body: BodyInit, options: RequestInit = {}) =>
    fetched(api, { method: 'POST', body, ...options }).then((read) => ({ name, read }));

  const loaded = (name: string, tag: 'img' | 'script' | 'iframe' | 'link', url: string): Promise<Attempt> =>
    new Promise((resolve) => {
      const element = document.createElement(tag);
      const end = () => resolve({ name, read: null });
      element.onload = end;
      element.onerror = end;
      if (element instanceof HTMLLinkElement) Object.assign(element, { rel: 'stylesheet', href: url });
      else element.src = url;
      document.body.append(element);
    });

  const form = (name: string, method: string, enctype: string): Promise<Attempt> =>
    new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.name = `frame-${name}`;
      document.body.append(frame);
      frame.onload = () => resolve({ name, read: null });
      const element = document.createElement('form');
      Object.assign(element, { method, enctype, action: api, target: frame.name });
      const input = document.createElement('input');
      // As text/plain, name and value are joined by "=": what is sent is JSON.
      if (enctype === 'text/plain') [input.name, input.value] = [`${jsonOf(name).slice(0, -1)},"x":"`, '"}'];
      else [input.name, input.value] = ['query', mutationOf(name)];
      element.append(input);
      document.body.append(element);
      element.submit();
    });

  const events = (name: string, url: string): Promise<Attempt> =>
    new Promise((resolve) => {
      const source = new EventSource(url);
      const end = (read: string | null) => {
        source.close();
        resolve({ name, read });
      };
      source.onopen = () => end('open');
      source.onerror = () => end(null);
    });

  const socket = (name: string, path: string, protocol: string): Promise<Attempt> =>
    new Promise((resolve) => {
      const opened = new WebSocket(target.replace('http', 'ws') + path, protocol);
      let read: string | null = null;
      opened.onopen = () => {
        read = 'open';
        opened.send('{"type":"connection_init"}');
      };
      opened.onmessage = ({ data }) => {
        read += String(data);
        if (String(data).includes('connection_ack'))
          opened.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: mutationOf(name) } }));
        if (String(data).includes('complete')) opened.close();
      };
      opened.onclose = () => resolve({ name, read });
    });

  const multipart = new FormData();
  multipart.append('operations', jsonOf('fetch-multipart'));
  multipart.append('query', mutationOf('fetch-multipart'));
  const json = { 'content-type': 'application/json' };
  const subscription = `${api}?query=${encodeURIComponent('subscription { events { cursor } }')}`;
  const attempts: Promise<Attempt>[] = [
    form('form-urlencoded', 'POST', 'application/x-www-form-urlencoded'),
    form('form-text', 'POST', 'text/plain'),
    form('form-multipart', 'POST', 'multipart/form-data'),
    form('form-get', 'GET', 'application/x-www-form-urlencoded'),
    post('fetch-json', jsonOf('fetch-json'), { headers: json }),
    post('fetch-text', jsonOf('fetch-text')),
    post('fetch-text-blind', jsonOf('fetch-text-blind'), { mode: 'no-cors' }),
    post('fetch-text-typed', jsonOf('fetch-text-typed'), {
      headers: { 'content-type': 'text/plain; application/json' },
    }),
    post('fetch-urlencoded', new URLSearchParams({ query: mutationOf('fetch-urlencoded') })),
    post('fetch-multipart', multipart),
    post('fetch-untyped', new Blob([jsonOf('fetch-untyped')]), { mode: 'no-cors' }),
    post('fetch-keepalive', jsonOf('fetch-keepalive'), { keepalive: true, mode: 'no-cors' }),
    fetched(byGet('fetch-get'), { headers: { accept: 'text/html' } }).then((read) => ({ name: 'fetch-get', read })),
    loaded('image', 'img', byGet('image')),
    loaded('script', 'script', byGet('script')),
    loaded('style', 'link', byGet('style')),
    loaded('frame', 'iframe', byGet('frame')),
    events('events-mutation', byGet('events-mutation')),
    events('events', subscription),
    socket('socket', '/graphql', 'graphql-transport-ws'),
    socket('peer-socket', '/p2p', 'forklore.1'),
    fetched(`${target}/metrics`, {}).then((read) => ({ name: 'metrics', read })),
  ];
  navigator.sendBeacon(api, jsonOf('beacon'));
  const names = attempts.length;
  const ended = await Promise.all(attempts.map((attempt) => limited(attempt, { name: 'timeout', read: null })));
  if (ended.length !== names) throw new Error('an attempt is lost');
  return ended;
}
