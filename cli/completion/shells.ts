/** Shells that the program can be completed in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
