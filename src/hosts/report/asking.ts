/** Answers that take long are asked for when their section is looked at, once for each report. */

/** A question, by the section that shows its answer. */
const sections = { growth: "growth", advice: "techniques" } as const;
export type Slow = keyof typeof sections;

/** Milliseconds that a section is in sight before its question is asked: scrolling past asks nothing. */
const look = 300;

export class Asking {
  private readonly visible = new Set<Slow>();
  private readonly stale = new Set<Slow>();
  private readonly observed = new WeakSet<Element>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const kind = (Object.keys(sections) as Slow[]).find(
        (one) => sections[one] === target.getAttribute("data-testid"),
      );
      if (kind && isIntersecting) this.visible.add(kind);
      else if (kind) this.visible.delete(kind);
    }
    this.soon();
  });

  constructor(private readonly ask: (kind: Slow) => void) {}

  /** A report came: what was answered about the last one is stale. */
  renew(): void {
    for (const kind of Object.keys(sections) as Slow[]) this.stale.add(kind);
    this.soon();
  }

  /** Nobody wants this answer any more, until the next report. */
  giveUp(kind: Slow): void {
    this.stale.delete(kind);
  }

  /** The page was drawn: its sections may be new ones. */
  watch(page: HTMLElement): void {
    for (const id of Object.values(sections)) {
      const section = page.querySelector(`[data-testid="${id}"]`);
      if (!section || this.observed.has(section)) continue;
      this.observed.add(section);
      this.observer.observe(section);
    }
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      for (const kind of this.visible) {
        if (!this.stale.delete(kind)) continue;
        this.ask(kind);
      }
    }, look);
  }
}
