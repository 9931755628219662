/** What a training script says of the scenario by the calls that it makes. */
import type { Scenario } from "../../base/scenario.ts";
import { type CallNode, type Code, keyword } from "../code/tree.ts";
import { optimizerCalls } from "../training/script.ts";

/** The optimizer that it builds and the length that it cuts texts at; what it does not say is left out. */
export function statedScenario(code: Code): Partial<Pick<Scenario, "optimizer" | "sequence">> {
  const optimizer = optimizerOf(code);
  const lengths = code.calls.flatMap((call) => lengthOf(call));
  return {
    ...(optimizer && { optimizer }),
    ...(lengths.length === 1 && { sequence: lengths[0] as number }),
  };
}

function optimizerOf(code: Code): Scenario["optimizer"] | undefined {
  const names = code.calls.map(({ func }) => code.dotted(func) ?? "");
  if (names.some((name) => /^bitsandbytes\.optim\.([a-z_]+\.)?(Paged)?AdamW?8bit$/.test(name))) return "adamw-8bit";
  const [call] = optimizerCalls(code, /^AdamW?$/);
  if (!call) return undefined;
  return isTrue(call, "fused") ? "adamw" : "adamw-foreach";
}

function isTrue(call: CallNode, name: string): boolean {
  const value = keyword(call, name)?.value;
  return value?.kind === "Singleton" && value.value === true;
}

/** `tokenizer(texts, truncation=True, max_length=512)`. */
function lengthOf(call: CallNode): number[] {
  const most = keyword(call, "max_length")?.value;
  return keyword(call, "truncation") && most?.kind === "Int" ? [Number(most.value)] : [];
}
