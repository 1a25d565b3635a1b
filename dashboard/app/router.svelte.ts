import { SvelteMap } from 'svelte/reactivity';

/** Path at which the page is served: `/`, or a longer one behind a reverse proxy. The page's `<base>` tells it. */
const BASE = typeof document === 'undefined' ? '/' : new URL('.', document.baseURI).pathname;

/** A path as links of the page have it, such as `/chain`, of one in the address of the browser. */
const pathBelowBase = (pathname: string): string => `/${pathname.startsWith(BASE) ? pathname.slice(BASE.length) : ''}`;

/** Where the page is: the path of its address, which can be kept, sent and opened again. */
class Router {
  /** Below the path at which the page is served. */
  path = $state(typeof location === 'undefined' ? '/' : pathBelowBase(location.pathname));
  /** What the view shows, such as a block: part of the page's title. */
  subject = $state<string | null>(null);
  query = $state.raw(new URLSearchParams(typeof location === 'undefined' ? '' : location.search));

  /** The query that each path had when it was left, such as `?node=a`. */
  readonly left = new SvelteMap<string, string>();

  /** Follows the browser's own moves, and links of this page. @returns ends it */
  listen(): () => void {
    const onMove = (): void => this.#read();
    window.addEventListener('popstate', onMove);
    document.addEventListener('click', onClick);
    return () => {
      window.removeEventListener('popstate', onMove);
      document.removeEventListener('click', onClick);
    };
  }

  /** @param to a path below that at which the page is served, which begins with a slash, and its query */
  go(to: string): void {
    const address = BASE + to.slice(1);
    if (address !== location.pathname + location.search) history.pushState(null, '', address);
    this.#read();
    window.scrollTo(0, 0);
  }

  /** Another query of the same page, which is no step back. */
  replaceQuery(query: URLSearchParams): void {
    const text = query.toString();
    history.replaceState(null, '', text === '' ? location.pathname : `${location.pathname}?${text}`);
    this.#read();
  }

  #read(): void {
    const query = this.query.toString();
    if (query === '') this.left.delete(this.path);
    else this.left.set(this.path, `?${query}`);
    this.path = pathBelowBase(location.pathname);
    this.query = new URLSearchParams(location.search);
  }
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.defaultPrevented) return;
  // Read as text: a link in a drawing has another kind of `href`.
  const to = new URL(link.getAttribute('href') ?? '', document.baseURI);
  const isOfPage = to.origin === location.origin && to.pathname.startsWith(BASE);
  const staysHere = isOfPage && !link.hasAttribute('download') && !link.hasAttribute('target');
  if (!staysHere || to.hash !== '') return;
  event.preventDefault();
  router.go(pathBelowBase(to.pathname) + to.search);
}

export const router = new Router();
