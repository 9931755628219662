/** Blocks of code: which names each binds, uses and shares with the blocks around it. */

export interface Block {
  readonly kind: "module" | "class" | "function" | "inline";
  readonly bound: Set<string>;
  readonly uses: Set<string>;
  readonly globals: Set<string>;
  readonly nonlocals: Set<string>;
  readonly children: Block[];
  /** By the node that opens it. */
  readonly byNode: Map<object, Block>;
  yields: boolean;
}

/** A block in which nothing has been found yet. */
export function block(kind: Block["kind"]): Block {
  return {
    kind,
    bound: new Set(),
    uses: new Set(),
    globals: new Set(),
    nonlocals: new Set(),
    children: [],
    byNode: new Map(),
    yields: false,
  };
}

/** Names that a block needs from outside, those of the blocks in it included. */
export function freeNames(one: Block): Set<string> {
  const cached = free.get(one);
  if (cached) return cached;
  const names = new Set([...one.uses, ...one.nonlocals]);
  for (const child of one.children)
    for (const name of freeNames(child)) if (!(one.kind === "class" && name === "__class__")) names.add(name);
  if (one.kind === "function" || one.kind === "inline")
    for (const name of one.bound) if (!one.nonlocals.has(name)) names.delete(name);
  for (const name of one.globals) names.delete(name);
  free.set(one, names);
  return names;
}
const free = new WeakMap<Block, Set<string>>();

/** Says that more has been found in a block. */
export function forget(one: Block): void {
  free.delete(one);
}

/** Names of the block that blocks inside it use: they live in cells. */
export function captured(one: Block): Set<string> {
  const names = new Set<string>();
  const visit = (children: readonly Block[], hidden: ReadonlySet<string>) => {
    for (const child of children) {
      if (child.kind === "inline") visit(child.children, new Set([...hidden, ...child.bound]));
      else for (const name of freeNames(child)) if (one.bound.has(name) && !hidden.has(name)) names.add(name);
    }
  };
  visit(one.children, new Set());
  return names;
}

/** A block inside another, opened by a node. */
export function open(parent: Block, node: object, kind: Block["kind"]): Block {
  const child = block(kind);
  parent.children.push(child);
  parent.byNode.set(node, child);
  return child;
}
