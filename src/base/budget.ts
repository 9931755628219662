/** Thrown where a budget runs out. Interpreted code cannot catch it. */
export class BudgetExceeded extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** How much one analysis may do: deterministic counts, no clock. */
export interface Limits {
  /** Loop iterations and calls. */
  readonly steps: number;
  /** Nested Python calls. */
  readonly depth: number;
  /** Characters of text and elements of containers made. */
  readonly allocation: number;
  /** Everything is interpreted each time, though it was interpreted before: answers are the same, later. */
  readonly forgetful?: boolean | undefined;
}

/** What a JavaScript engine's usual stack carries. */
export const defaultLimits: Limits = { steps: 3_000_000, depth: 400, allocation: 50_000_000 };

/** For hosts that make the stack larger: libraries import each other deeply. Python's own limit is 1,000. */
export const deepLimits: Limits = { ...defaultLimits, depth: 1000 };

/** For runs that nobody waits at a keyboard for. */
export const batchLimits: Limits = { ...deepLimits, steps: 20_000_000 };

/** One analysis's budget, passed down; `cancelled` is asked every few thousand steps. */
export class Budget {
  steps = 0;
  depth = 0;
  allocated = 0;

  constructor(
    readonly limits: Limits = defaultLimits,
    private readonly cancelled: () => boolean = () => false,
  ) {}

  /** Whether it ran out once. */
  exhausted = false;

  /** Counts one step. */
  step(): void {
    if (++this.steps > this.limits.steps) this.stop(`stopped after ${this.limits.steps} steps`);
    if ((this.steps & 4095) === 0 && this.cancelled()) this.stop("cancelled");
  }

  private stop(reason: string): never {
    this.exhausted = true;
    throw new BudgetExceeded(reason);
  }

  /** A budget of fewer steps for a part of the work: running out of it ends the part alone. */
  part(steps: number): Budget {
    return new Budget({ ...this.limits, steps }, this.cancelled);
  }

  /** The deepest that calls have nested since somebody set it. */
  deepest = 0;

  enter(): void {
    if (++this.depth <= this.deepest) return;
    if (this.depth > this.limits.depth) this.stop(`calls nest deeper than ${this.limits.depth}`);
    this.deepest = this.depth;
  }

  /** Counts work that was done before and is not done again. */
  spend(steps: number, elements: number): void {
    this.steps += steps - 1;
    this.step();
    this.allocate(elements);
  }

  leave(): void {
    this.depth--;
  }

  /** Counts characters or elements about to be made. */
  allocate(count: number): void {
    this.allocated += count;
    if (this.allocated > this.limits.allocation) {
      this.stop(`stopped after building ${this.limits.allocation} elements of text and lists`);
    }
  }
}
