/** As flags of a command (`--data-dir`), or as options of a program's call (`dataDir`). */
export type SettingStyle = 'flags' | 'options';

let style: SettingStyle = 'flags';

/** Chooses how messages of this thread name settings: as whoever started its node has given them. */
export function nameSettingsAs(chosen: SettingStyle): void {
  style = chosen;
}

/** The name of a setting for a message. @param key such as `dataDir` */
export function settingName(key: string): string {
  return style === 'options' ? key : `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
