import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders that runs work in, and that go with them unless one fails. */
const places = new Set<string>();

export function makePlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'forklore-torture-'));
  places.add(place);
  return place;
}

export function removePlace(place: string): void {
  // A process that was just killed may still be at work in it.
  rmSync(place, { recursive: true, force: true, maxRetries: 10 });
  places.delete(place);
}

/** For a run that is interrupted: nothing of it is of interest. */
export function removeAllPlaces(): void {
  for (const place of places) removePlace(place);
}
