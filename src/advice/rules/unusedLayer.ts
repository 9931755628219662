import type { Rule } from "./rule.ts";
const unusedLayer: Rule = { id: "unused-layer", *check(m) { (globalThis as any).dump?.(m); } };
export default unusedLayer;
