/**
 * Symbolic integers in canonical form: sums of integer multiples of products of atoms, so that equal sizes look equal.
 * An atom is a scenario symbol (`B`, `T`) or an operation that no polynomial can say (`T // 3`, `max(…)`).
 */
export type Atom =
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "//" | "%" | "max" | "min"; readonly left: Expr; readonly right: Expr };

interface Term {
  readonly coefficient: number;
  readonly factors: readonly Atom[];
}

/** Terms in a fixed order, none with coefficient 0. The empty sum is 0. */
export type Expr = readonly Term[];

export function constant(value: number): Expr {
  return value === 0 ? [] : [{ coefficient: value, factors: [] }];
}

export function symbol(name: string): Expr {
  return [{ coefficient: 1, factors: [{ kind: "symbol", name }] }];
}

export function sum(a: Expr, b: Expr): Expr {
  return collect([...a, ...b]);
}

export function product(a: Expr, b: Expr): Expr {
  return collect(
    a.flatMap((x) =>
      b.map((y) => ({ coefficient: x.coefficient * y.coefficient, factors: ordered([...x.factors, ...y.factors]) })),
    ),
  );
}

/** Floor division; exact where every term holds the divisor, an atom otherwise. */
export function quotient(a: Expr, b: Expr): Expr {
  return exactQuotient(a, b) ?? atom("//", a, b);
}

export function remainder(a: Expr, b: Expr): Expr {
  return exactQuotient(a, b) ? [] : atom("%", a, b);
}

export function extreme(kind: "max" | "min", a: Expr, b: Expr): Expr {
  return show(a) === show(b) ? a : atom(kind, a, b);
}

/** The value at the symbols' values; NaN where a symbol has none. */
export function evaluate(expr: Expr, values: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const { coefficient, factors } of expr) {
    let value = coefficient;
    for (const factor of factors) value *= evaluateAtom(factor, values);
    total += value;
  }
  return total;
}

/** `3·B·T`, `T // 2 + 1`: as a person writes it. */
export function show(expr: Expr): string {
  if (expr.length === 0) return "0";
  return expr
    .map(({ coefficient, factors }, i) => {
      const size = Math.abs(coefficient);
      const body = [...(size === 1 && factors.length ? [] : [String(size)]), ...factors.map(showAtom)].join("·");
      return (i === 0 ? (coefficient < 0 ? "-" : "") : coefficient < 0 ? " - " : " + ") + body;
    })
    .join("");
}

/** The integer, where the expression holds no symbol. */
export function constantValue(expr: Expr): number | undefined {
  if (expr.length === 0) return 0;
  const [first] = expr;
  return expr.length === 1 && first && first.factors.length === 0 ? first.coefficient : undefined;
}

function exactQuotient(a: Expr, b: Expr): Expr | undefined {
  const [divisor] = b;
  if (b.length !== 1 || !divisor) return undefined;
  const terms: Term[] = [];
  for (const term of a) {
    if (term.coefficient % divisor.coefficient !== 0) return undefined;
    const rest = [...term.factors];
    for (const factor of divisor.factors) {
      const at = rest.findIndex((other) => showAtom(other) === showAtom(factor));
      if (at < 0) return undefined;
      rest.splice(at, 1);
    }
    terms.push({ coefficient: term.coefficient / divisor.coefficient, factors: rest });
  }
  return terms;
}

function atom(kind: "//" | "%" | "max" | "min", left: Expr, right: Expr): Expr {
  return [{ coefficient: 1, factors: [{ kind, left, right }] }];
}

function collect(terms: readonly Term[]): Expr {
  const byKey = new Map<string, Term>();
  for (const term of terms) {
    const key = term.factors.map(showAtom).join("·");
    const before = byKey.get(key);
    byKey.set(key, before ? { ...term, coefficient: before.coefficient + term.coefficient } : term);
  }
  return [...byKey]
    .filter(([, term]) => term.coefficient !== 0)
    .sort(([a, x], [b, y]) => y.factors.length - x.factors.length || (a < b ? -1 : a > b ? 1 : 0))
    .map(([, term]) => term);
}

function ordered(factors: Atom[]): Atom[] {
  return factors.sort((a, b) => (showAtom(a) < showAtom(b) ? -1 : 1));
}

function showAtom(atom: Atom): string {
  if (atom.kind === "symbol") return atom.name;
  if (atom.kind === "max" || atom.kind === "min") return `${atom.kind}(${show(atom.left)}, ${show(atom.right)})`;
  const side = (expr: Expr) => (expr.length > 1 || (expr[0]?.factors.length ?? 0) > 1 ? `(${show(expr)})` : show(expr));
  return `(${side(atom.left)} ${atom.kind} ${side(atom.right)})`;
}

function evaluateAtom(atom: Atom, values: ReadonlyMap<string, number>): number {
  if (atom.kind === "symbol") return values.get(atom.name) ?? Number.NaN;
  const a = evaluate(atom.left, values);
  const b = evaluate(atom.right, values);
  if (atom.kind === "max") return Math.max(a, b);
  if (atom.kind === "min") return Math.min(a, b);
  const floor = Math.floor(a / b);
  return atom.kind === "//" ? floor : a - floor * b;
}
