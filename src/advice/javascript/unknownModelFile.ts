import { onnxFiles } from "../../cost/onnxFiles.ts";
import { bitsPerWeight, dtypeOf } from "../../tfjs/pipelines.ts";
import type { ScriptRule } from "./rule.ts";

/**
 * A type said for a file that the model does not have, or a type that there is none of. The library takes no offence at the
 * first: it loads the files that exist in its default type, which is the widest on WebGPU.
 */
const unknownModelFile: ScriptRule = {
  id: "unknown-model-file",
  price: "",

  *check({ model, pipeline, script, callAt, placeOf }) {
    if (!pipeline) return;
    const settings = callAt(pipeline.at)?.args.at(-1);
    const written = settings?.kind === "Object" ? settings.members.find(({ key }) => key === "dtype") : undefined;
    const at = written ? placeOf(written) : pipeline.at;
    const types = pipeline.dtypes ? Object.values(pipeline.dtypes) : [dtypeOf(pipeline, "model")];
    for (const dtype of new Set(types)) {
      if (dtype in bitsPerWeight || dtype === "auto") continue;
      yield {
        severity: "error",
        at,
        what: `${dtype} is no type of transformers.js.`,
        why: `It has ${Object.keys(bitsPerWeight).join(", ")}; another ends the program.`,
        fixes: [],
      };
    }
    if (!pipeline.dtypes) return;
    const files = onnxFiles(model.root).map(({ name }) => name);
    const strange = Object.keys(pipeline.dtypes).filter((name) => !files.includes(name));
    const unsaid = files.filter((name) => !(name in (pipeline.dtypes ?? {})));
    if (strange.length === 0) return;
    const object = written?.value;
    const [member] = object?.kind === "Object" ? object.members.filter(({ key }) => key === strange[0]) : [];
    const [name] = unsaid;
    const source = member ? script.text.slice(member.start, member.end) : "";
    const renamed = name === undefined ? "" : source.replace(strange[0] ?? "", name);
    const only = strange.length === 1 && unsaid.length === 1 && renamed !== source && member;
    yield {
      severity: "warning",
      at: member ? placeOf(member) : at,
      what: `${pipeline.id} has no file ${strange.join(" or ")}: it has ${files.join(" and ")}.`,
      why:
        unsaid.length === 0
          ? "What is said of it is not used."
          : `${unsaid.join(" and ")} is loaded as ${dtypeOf(pipeline, name ?? "model")}, for nothing is said of it.`,
      fixes: only ? [{ title: `Say it of ${name}`, edits: [{ span: placeOf(member), text: renamed }] }] : [],
    };
  },
};
export default unknownModelFile;
