/** What the browser keeps for this page. Where it keeps nothing, it is remembered until the page is closed. */
export const storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = usable() ?? inMemory();

/** Browsers can be told to refuse it, and then throw at the first touch. */
function usable(): Storage | null {
  try {
    localStorage.getItem('');
    return localStorage;
  } catch {
    return null;
  }
}

function inMemory(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
