/** Modules that `esbuild.mjs` makes at build time: what stands in a folder is the list. */

/** Operations: the default export of each record file below `src/ops`, one operation or a family of like ones. */
declare module "every:ops" {
  const records: { file: string; record: import("./ops/op.ts").Op | readonly import("./ops/op.ts").Op[] }[];
  export default records;
}

/** Devices: the default export of each record file in `src/cost/devices`. */
declare module "every:devices" {
  const records: { file: string; record: import("./cost/devices/device.ts").Device }[];
  export default records;
}

/** Interconnects: the default export of each record file in `src/cost/interconnects`. */
declare module "every:interconnects" {
  const records: { file: string; record: import("./cost/interconnects/interconnect.ts").Interconnect }[];
  export default records;
}

/** Diagnostics: the default export of each record file in `src/advice/rules`. */
declare module "every:rules" {
  const records: { file: string; record: import("./advice/rules/rule.ts").Rule }[];
  export default records;
}

/** Rules for JavaScript: the default export of each record file in `src/advice/javascript`. */
declare module "every:scriptRules" {
  const records: { file: string; record: import("./advice/javascript/rule.ts").ScriptRule }[];
  export default records;
}

/** Ways to quantize weights: the default export of each record file in `src/configs/quantization`. */
declare module "every:quantization" {
  const records: { file: string; record: import("./configs/quantization/quantization.ts").Quantization }[];
  export default records;
}

/** Papers' methods: the default export of each record file in `src/advice/techniques`. */
declare module "every:techniques" {
  const records: { file: string; record: import("./advice/techniques/technique.ts").Technique }[];
  export default records;
}

/** `python:src/torch`: the Python files of that folder by relative path, lowered when Assay was built. */
declare module "python:*" {
  const files: Record<string, import("./syntax/ast.ts").Module>;
  export default files;
}

/** `text:src/configs/architectures`: the Python files of that folder by relative path, as they are written. */
declare module "text:*" {
  const texts: Record<string, string>;
  export default texts;
}

/** What explains the records of a catalogue, by their file: from their comments and their test pages. */
declare module "pages:*" {
  const pages: Record<string, { comment: string; example?: string; fixed?: string }>;
  export default pages;
}

/** `script:src/tfjs/library`: the JavaScript files of that folder as one script, lowered when Assay was built; without places. */
declare module "script:*" {
  const script: import("./syntax/script/ast.ts").Script;
  export default script;
}
