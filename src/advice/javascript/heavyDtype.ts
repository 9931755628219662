import { showBytes } from "../../base/units.ts";
import { onnxBytes } from "../../cost/onnxFiles.ts";
import { bitsPerWeight, dtypeOf, type PipelineUse } from "../../tfjs/pipelines.ts";
import type { ScriptRule, WeighedScript } from "./rule.ts";

/** Less than this is there before anybody has looked. */
const smallBytes = 100e6;
const smaller = ["fp16", "q8", "q4", "q4f16"];

/**
 * A model that transformers.js loads in a wide type: every visitor fetches each weight in it, and the page holds them all. The
 * library has the same models in 16, 8 and 4 bits.
 */
const heavyDtype: ScriptRule = {
  id: "heavy-dtype",
  price: "Weights are rounded: little with fp16, more with q8 and q4, whose answers must be checked.",

  *check({ model, pipeline, placeOf, script, callAt }) {
    if (!pipeline || pipeline.dtypes) return;
    const dtype = dtypeOf(pipeline, "model");
    const bits = bitsPerWeight[dtype];
    const sizeAs = (one: string) => onnxBytes(model.root, { ...pipeline, dtype: one }) ?? Number.NaN;
    const bytes = sizeAs(dtype);
    if (bits === undefined || !(bytes >= smallBytes) || bits <= 8) return;
    const others = smaller.filter((one) => sizeAs(one) < bytes && (one !== "q4f16" || onGpu(pipeline)));
    const sizes = others.map((one) => `${showBytes(sizeAs(one), "GB")} as ${one}`);
    const best = onGpu(pipeline) ? "q4f16" : "q8";
    yield {
      severity: "warning",
      at: pipeline.at,
      what: `${pipeline.id} is fetched in ${dtype}: ${showBytes(bytes, "GB")} of weights.`,
      why: `It is ${sizes.join(", ")}.`,
      fixes: edits(best, pipeline, { placeOf, script, callAt }),
    };
  },
};
export default heavyDtype;

function onGpu({ device }: PipelineUse): boolean {
  return device === "webgpu";
}

/** Says the type where it is written, or puts it into the settings that are. */
function edits(
  dtype: string,
  { at }: PipelineUse,
  { placeOf, script, callAt }: Pick<WeighedScript, "placeOf" | "script" | "callAt">,
) {
  const settings = callAt(at)?.args.at(-1);
  if (settings?.kind !== "Object") return [];
  const member = settings.members.find(({ key }) => key === "dtype");
  const title = `Load it in ${dtype}`;
  if (member) return [{ title, edits: [{ span: placeOf(member.value), text: `"${dtype}"` }] }];
  const first = settings.members[0];
  if (!first) return [];
  const indent = script.text.slice(settings.start + 1, first.start);
  const start = { start: first.start, end: first.start };
  return [{ title, edits: [{ span: placeOf(start), text: `dtype: "${dtype}",${/\n/.test(indent) ? indent : " "}` }] }];
}
