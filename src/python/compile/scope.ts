import type { Chunk } from "../../syntax/ast.ts";
import { type Block, captured, freeNames } from "./blocks.ts";

/** Where a name lives at run time. */
export type Where =
  | { readonly kind: "slot"; readonly index: number }
  | { readonly kind: "cell"; readonly index: number }
  | { readonly kind: "global" }
  /** In the namespace of a class body or module; a class body looks in the cell next, where there is one. */
  | { readonly kind: "names"; readonly cell: number | undefined };

/** What a frame will hold: shared by a block and the comprehensions inlined in it. */
export interface Layout {
  readonly slots: string[];
  readonly cells: string[];
  readonly free: readonly string[];
  readonly chunk: Chunk;
}

/** One block while it is compiled: answers where each name lives. */
export class Scope {
  private readonly own = new Map<string, Where>();

  constructor(
    readonly block: Block,
    readonly parent: Scope | undefined,
    readonly layout: Layout,
  ) {
    if (block.kind !== "function" && block.kind !== "inline") return;
    const inCells = captured(block);
    for (const name of block.bound) {
      if (block.globals.has(name) || block.nonlocals.has(name)) continue;
      this.own.set(name, inCells.has(name) ? this.newCell(name) : this.newSlot(name));
    }
  }

  newSlot(name: string): Where & { kind: "slot" } {
    this.layout.slots.push(name);
    return { kind: "slot", index: this.layout.slots.length - 1 };
  }

  private newCell(name: string): Where & { kind: "cell" } {
    this.layout.cells.push(name);
    return { kind: "cell", index: this.layout.free.length + this.layout.cells.length - 1 };
  }

  /** A cell of a class body that its methods read as `__class__`. */
  classCell(): number {
    const at = this.layout.cells.indexOf("__class__");
    return at >= 0 ? this.layout.free.length + at : this.newCell("__class__").index;
  }

  /** Cells that a comprehension makes anew each time it runs. */
  ownCells(): number[] {
    return [...this.own.values()].flatMap((where) => (where.kind === "cell" ? [where.index] : []));
  }

  resolve(name: string): Where {
    const own = this.own.get(name);
    if (own) return own;
    if (this.block.kind === "inline") return (this.parent as Scope).resolve(name);
    if (this.block.globals.has(name)) return { kind: "global" };
    const at = this.layout.free.indexOf(name);
    const cell = at >= 0 ? at : undefined;
    if (this.block.kind === "class") {
      if (name === "__class__" && !this.block.bound.has(name)) return { kind: "cell", index: this.classCell() };
      return { kind: "names", cell };
    }
    if (this.block.kind === "module") return { kind: "names", cell: undefined };
    return cell === undefined ? { kind: "global" } : { kind: "cell", index: cell };
  }

  /** Which of a block's free names come from functions around it. */
  freeOf(inner: Block): string[] {
    return [...freeNames(inner)].filter((name) => this.holds(name));
  }

  /** Whether this scope or a function around it keeps the name in a cell. */
  private holds(name: string): boolean {
    if (this.block.kind === "class") return name === "__class__" || this.layout.free.includes(name);
    const where = this.resolve(name);
    return where.kind === "cell";
  }
}
