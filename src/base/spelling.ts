/** Words that were meant by others. */

/** How many letters must be put in, taken out, changed, or exchanged with the one beside them. */
export function letterDistance(a: string, b: string): number {
  let older: number[] = [];
  let row = [...Array(b.length + 1).keys()];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + Number(a[i - 1] !== b[j - 1]);
      const isTurned = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, changed, isTurned ? older[j - 2]! + 1 : changed));
    }
    older = row;
    row = next;
  }
  return row[b.length]!;
}

/** The nearest of some words, the first of equally near ones; undefined where none is as near as `most` letters. */
export function nearestWord(word: string, known: Iterable<string>, most: number): string | undefined {
  let best: { word: string; far: number } | undefined;
  for (const one of known) {
    if (Math.abs(one.length - word.length) > most) continue;
    const far = letterDistance(word, one);
    if (far <= most && far < (best?.far ?? Number.POSITIVE_INFINITY)) best = { word: one, far };
  }
  return best?.word;
}
