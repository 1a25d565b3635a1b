import '@fontsource-variable/fraunces/wght.css';
import '@fontsource-variable/geist/wght.css';
import '@fontsource-variable/geist-mono/wght.css';
import './style/tokens.css';
import './style/base.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { loadKorean, preferences } from './app/preferences.svelte.ts';
import { network } from './app/session.svelte.ts';

/** Nodes that the page's server was started for; none where the page is served by something else. */
async function servedNodes(): Promise<string[]> {
  try {
    const response = await fetch('./nodes.json');
    const { nodes } = (await response.json()) as { nodes: string[] };
    return nodes;
  } catch {
    return [];
  }
}

function loadLater(): void {
  // Without them the page is all there, but for letters that the system lacks.
  loadKorean().catch(() => {});
}

await preferences.load();
mount(App, { target: document.body });
network.start(await servedNodes());
// In every language: the choice of languages, names of nodes and memos have Korean letters, too.
// The first view comes first.
if (document.readyState === 'complete') loadLater();
else addEventListener('load', loadLater, { once: true });
