/** Items by priority, the highest first; of equal ones the first to come. */
export class Queue<T> {
  private readonly heap: { readonly item: T; readonly priority: number; readonly order: number }[] = [];
  private count = 0;

  push(item: T, priority: number): void {
    const { heap } = this;
    heap.push({ item, priority, order: this.count++ });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.before(i, parent)) break;
      this.swap(i, parent);
      i = parent;
    }
  }

  /** What `pop` would give. */
  peek(): T | undefined {
    return this.heap[0]?.item;
  }

  pop(): T | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last) return undefined;
    if (heap.length > 0) heap[0] = last;
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      const best = right < heap.length && this.before(right, left) ? right : left;
      if (best >= heap.length || !this.before(best, i)) break;
      this.swap(i, best);
      i = best;
    }
    return first.item;
  }

  private before(i: number, j: number): boolean {
    const [a, b] = [this.heap[i], this.heap[j]];
    if (!a || !b) return false;
    return a.priority !== b.priority ? a.priority > b.priority : a.order < b.order;
  }

  private swap(i: number, j: number): void {
    const { heap } = this;
    const [a, b] = [heap[i], heap[j]];
    if (a && b) [heap[i], heap[j]] = [b, a];
  }
}
