// Which of some names was meant.

/** `unknown option 'bord'; did you mean 'board'?`, or a list of what there is when nothing is near. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const hint = near === null ? `there are: ${known.join(', ')}` : `did you mean '${near}'?`;
  return `unknown ${kind} '${name}'; ${hint}`;
}

/** The known name with the fewest edits, if those are at most a third of its letters. */
export function nearest(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Infinity;
  for (const candidate of known) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least && edits <= Math.max(1, Math.floor(candidate.length / 3))) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
