/** Memo's contexts in closed form (arXiv:2510.19732, sections 3 and 4). */

/** Tokens attended to at step t: all summaries so far and the current segment. */
export function memoContext(step: number, segment: number, summary: number): number {
  const done = Math.floor(step / segment);
  return done * summary + (step - done * segment);
}

/** Tokens kept while streaming, after `segments` of them: their summaries and one segment. */
export function streamedContext(segments: number, segment: number, summary: number): number {
  return segments * summary + segment;
}

/** Tokens that pass through the layers in training over those of one full pass: summaries are run again with each segment. */
export function trainingPasses(tokens: number, segment: number, summary: number): number {
  const n = tokens / segment;
  return (tokens + n * summary + (summary * n * (n - 1)) / 2) / tokens;
}

/** Tokens that pass through the layers over those read: summaries are written, and read in again. */
export function readingPasses(tokens: number, segment: number, summary: number): number {
  return (tokens + 2 * summary * Math.floor(tokens / segment)) / tokens;
}

/** Pairs of queries and keys of a rollout read in segments, those that a causal mask leaves out counted too. */
export function readingPairs(tokens: number, segment: number, summary: number): number {
  let pairs = 0;
  for (let first = 0, kept = 0; first < tokens; first += segment, kept += summary) {
    const read = Math.min(segment, tokens - first);
    pairs += read * (kept + read);
    if (read === segment) pairs += summary * (kept + segment + summary) + summary * (kept + summary);
  }
  return pairs;
}
