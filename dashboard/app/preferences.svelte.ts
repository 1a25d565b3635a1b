import { MediaQuery } from 'svelte/reactivity';
import { i18n, LANGUAGES, type Language } from '../text/i18n.svelte.ts';
import { storage } from './storage.ts';

const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const THEME_KEY = 'forklore.theme';
const LANGUAGE_KEY = 'forklore.language';

/**
 * Korean letters for where the system has none: thousands of glyphs in many files, of which the browser fetches those of
 * the text that it shows. Only the list of the files is loaded here.
 */
export async function loadKorean(): Promise<void> {
  await import('@fontsource-variable/noto-sans-kr/wght.css');
}

/** What the reader chose for this page; kept in the browser. */
class Preferences {
  theme = $state<Theme>('system');
  readonly #system = new MediaQuery('(prefers-color-scheme: dark)');

  /** For what is drawn on a canvas, where style sheets do not reach. */
  get isDark(): boolean {
    return this.theme === 'dark' || (this.theme === 'system' && this.#system.current);
  }

  /** Takes up what was chosen before, and what the browser says. */
  async load(): Promise<void> {
    const theme = storage.getItem(THEME_KEY);
    this.#show(THEMES.find((candidate) => candidate === theme) ?? 'system');
    const language = storage.getItem(LANGUAGE_KEY);
    await this.#speak(
      language !== null && language in LANGUAGES ? (language as Language) : i18n.preferred(navigator.languages),
    );
  }

  nextTheme(): void {
    const theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? 'system';
    storage.setItem(THEME_KEY, theme);
    this.#show(theme);
  }

  async useLanguage(language: Language): Promise<void> {
    storage.setItem(LANGUAGE_KEY, language);
    await this.#speak(language);
  }

  #show(theme: Theme): void {
    this.theme = theme;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  async #speak(language: Language): Promise<void> {
    await i18n.use(language);
    document.documentElement.lang = language;
    if (language === 'ko') await loadKorean();
  }
}

export const preferences = new Preferences();
