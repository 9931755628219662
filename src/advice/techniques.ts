/** The catalogue of techniques by id. */
import records from "every:techniques";
import type { AppliedTechnique } from "../base/scenario.ts";
import type { Knob, Knobs, Technique } from "./techniques/technique.ts";

export const techniques: ReadonlyMap<string, Technique> = new Map(records.map(({ record }) => [record.id, record]));

/** A technique with its knobs set, those left out at their defaults; or a sentence that says what cannot be used. */
export function asked({
  id,
  knobs = {},
}: AppliedTechnique): { technique: Technique; knobs: Knobs } | { reason: string } {
  const technique = techniques.get(id);
  if (!technique) return { reason: `there is no technique ${id}; assay techniques lists them` };
  const set: Record<string, number | string | boolean> = {};
  for (const [name, knob] of Object.entries(technique.knobs)) set[name] = knob.default;
  for (const [name, value] of Object.entries(knobs)) {
    const knob = technique.knobs[name];
    if (!knob)
      return { reason: `${id} has no knob ${name}; it has ${Object.keys(technique.knobs).join(", ") || "none"}` };
    const fault = faultOf(knob, value);
    if (fault) return { reason: `${id}: ${name} = ${value} ${fault}` };
    set[name] = value;
  }
  return { technique, knobs: set };
}

function faultOf(knob: Knob, value: number | string | boolean): string | undefined {
  if (typeof value !== typeof knob.default) return `is no ${typeof knob.default}`;
  if (knob.values && !knob.values.includes(value as number | string)) return `is none of ${knob.values.join(", ")}`;
  if (typeof value === "number" && knob.min !== undefined && value < knob.min) return `is below ${knob.min}`;
  if (typeof value === "number" && knob.max !== undefined && value > knob.max) return `is above ${knob.max}`;
  return undefined;
}

/** `llm-int8[threshold=6],lora[rank=8]` as techniques with knobs; a sentence where it cannot be read. */
export function parseApplied(text: string): readonly AppliedTechnique[] | { reason: string } {
  const found: AppliedTechnique[] = [];
  for (const part of text.match(/[^,[\]]+(\[[^\]]*\])?/g) ?? []) {
    const match = /^\s*([a-z0-9-]+)\s*(?:\[([^\]]*)\])?\s*$/.exec(part);
    if (!match?.[1]) return { reason: `${part.trim()} is no technique: write id or id[knob=value]` };
    const knobs: Record<string, number | string | boolean> = {};
    for (const pair of (match[2] ?? "").split(/[;\s,]+/).filter((one) => one !== "")) {
      const [name, value] = pair.split("=");
      if (!name || value === undefined) return { reason: `${pair} is no knob: write knob=value` };
      knobs[name] =
        value === "true" || value === "false"
          ? value === "true"
          : value !== "" && Number.isFinite(Number(value))
            ? Number(value)
            : value;
    }
    found.push({ id: match[1], knobs });
  }
  return found;
}
