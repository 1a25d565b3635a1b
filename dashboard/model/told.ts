/** A piece of a sentence: text, or the place of something that is shown in its own way, such as an account. */
export type Piece = { readonly text: string } | { readonly slot: string };

/** Takes `{who} called {call}` apart. What stands in braces is the name of a place. */
export function piecesOf(sentence: string): readonly Piece[] {
  return sentence.split(/\{(\w+)\}/).flatMap((part, index): readonly Piece[] => {
    if (index % 2 === 1) return [{ slot: part }];
    return part === '' ? [] : [{ text: part }];
  });
}

/** The sentence as text. */
export function filled(sentence: string, texts: Readonly<Record<string, string>>): string {
  return piecesOf(sentence)
    .map((piece) => ('text' in piece ? piece.text : (texts[piece.slot] ?? '')))
    .join('');
}

/** The name of an event as a verb in a sentence: `Voted` is “voted”, `BidPlaced` “bid placed”. */
export function eventWords(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/_+/g, ' ')
    .trim()
    .toLowerCase();
}
