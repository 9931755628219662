/** How many parameters a token uses, where that is not all of them. */
import { known } from "../base/unknown.ts";
import type { ModelReport } from "../cost/report.ts";
import { count } from "./view.ts";

/** `3.35 B active per token`: nothing where a token uses all parameters, or where that is not known. */
export function activeText(
  model: Pick<ModelReport, "activeParams"> & { root: Pick<ModelReport["root"], "params"> },
): string[] {
  const [active, all] = [model.activeParams ?? model.root.params, model.root.params].map(known);
  return active === undefined || all === undefined || active >= all ? [] : [`${count(active)} active per token`];
}
