/** What would lower one figure of a model: the techniques that save most of it. */
import type { LimitWord } from "../configs/project/limits.ts";
import type { Advice } from "./advise.ts";
import { costNames } from "./search.ts";

/** What a technique by itself takes off a figure. */
export interface Saving {
  readonly id: string;
  /** In the figure's own unit. */
  readonly amount: number;
  readonly demands: string;
}

/** More techniques than this are not told in a sentence. */
const most = 3;

/**
 * The techniques that take most off a figure: those that can be had at once before those that ask for training, and of
 * these what saves most first. None where no technique changes such a figure.
 */
export function savingsOf({ fitting }: Pick<Advice, "fitting">, figure: LimitWord): Saving[] {
  const name = costNames[figure];
  if (name === undefined) return [];
  return fitting
    .flatMap(({ id, before, after, demands }): (Saving & { isDear: boolean })[] => {
      const [was, is] = [before[name], after[name]];
      const isDear = demands === "training" || demands === "fine-tuning";
      return was !== undefined && is !== undefined && is < was ? [{ id, amount: was - is, demands, isDear }] : [];
    })
    .sort((a, b) => Number(a.isDear) - Number(b.isDear) || b.amount - a.amount)
    .slice(0, most)
    .map(({ id, amount, demands }) => ({ id, amount, demands }));
}
