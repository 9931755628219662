/** The assertions of the suites that run in both hosts: a browser has no `node:assert`. */

export function assert(holds: unknown, message = "it does not hold"): asserts holds {
  if (!holds) throw new Error(message);
}

export function equal(actual: unknown, expected: unknown): void {
  assert(Object.is(actual, expected), `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
}

export function match(text: string, pattern: RegExp): void {
  assert(pattern.test(text), `${JSON.stringify(text)} does not match ${pattern}`);
}

export function noMatch(text: string, pattern: RegExp): void {
  assert(!pattern.test(text), `${JSON.stringify(text)} matches ${pattern}`);
}
