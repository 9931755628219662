/** Words that the family does not know: keys one letter off, and values of lists that are closed. */
import { nearestWord } from "../../base/spelling.ts";
import { commonKeys, describedKeys } from "../keyMeanings.ts";
import { type Check, isObject, type Values } from "./problem.ts";

/** Keys that are a letter away from one that the family reads, and that nothing reads themselves. */
export const spelling: Check = function* ({ given, defaults }) {
  if (!defaults) return;
  const known = new Set([...Object.keys(defaults), ...commonKeys, ...describedKeys]);
  const wanted = Object.keys(defaults).filter((name) => !(name in given) && !name.startsWith("_"));
  for (const name of Object.keys(given)) {
    if (known.has(name) || name.length < 5) continue;
    const near = nearestWord(name, wanted, name.length >= 14 ? 2 : 1);
    // Names of tokens differ by a letter or two and mean different things.
    if (near === undefined || near[0] !== name[0] || /\d|_token_(id|index)$/.test(name)) continue;
    yield {
      rule: "misspelled-key",
      severity: "warning",
      keys: [name],
      ofKey: true,
      text: `${name} is read by nobody: ${near} is, and has its default ${JSON.stringify(defaults[near]) ?? "none"}.`,
      fixes: [{ title: `Rename to ${near}`, set: [], rename: near }],
    };
  }
};

/** The activations that transformers knows by name. */
export const activations: readonly string[] = [
  "gelu",
  "gelu_10",
  "gelu_accurate",
  "gelu_fast",
  "gelu_new",
  "gelu_python",
  "gelu_pytorch_tanh",
  "gelu_python_tanh",
  "laplace",
  "leaky_relu",
  "linear",
  "mish",
  "prelu",
  "quick_gelu",
  "relu",
  "relu2",
  "relu6",
  "sigmoid",
  "silu",
  "swish",
  "tanh",
  "xielu",
];

/** The types that weights are stored in. */
export const weightTypes: readonly string[] = ["bfloat16", "float16", "float32", "float64", "float8_e4m3fn", "auto"];

export const ropeTypes: readonly string[] = [
  "default",
  "linear",
  "dynamic",
  "yarn",
  "longrope",
  "llama3",
  "proportional",
];

/** Names of types that people write and that PyTorch does not have. */
const shortTypes: Readonly<Record<string, string>> = {
  bf16: "bfloat16",
  fp16: "float16",
  f16: "float16",
  fp32: "float32",
  f32: "float32",
  half: "float16",
  float: "float32",
};

export const enumerations: Check = function* ({ given }) {
  for (const name of ["hidden_act", "hidden_activation", "activation_function"])
    yield* oneOf(given, name, activations, (value) => nearestWord(value, activations, 2));
  for (const name of ["dtype", "torch_dtype"]) {
    const value = given[name];
    const plain = typeof value === "string" ? value.replace(/^torch\./, "") : "";
    if (/^(u?int|float|complex)\d|^bool$/.test(plain)) continue;
    yield* oneOf(given, name, [...weightTypes, plain === value ? "" : plain], (one) =>
      Object.hasOwn(shortTypes, one) ? shortTypes[one] : nearestWord(one, weightTypes, 2),
    );
  }
  const scaling = given["rope_scaling"];
  for (const key of ["rope_type", "type"]) {
    const value = isObject(scaling) ? scaling[key] : undefined;
    const near = typeof value === "string" && !ropeTypes.includes(value) ? nearestWord(value, ropeTypes, 1) : undefined;
    if (near === undefined) continue;
    yield {
      rule: "impossible-value",
      severity: "error",
      keys: ["rope_scaling"],
      text: `rope_scaling names the kind ${JSON.stringify(value)}, which does not exist: ${near} does.`,
      fixes: [{ title: `Write ${near}`, set: [["rope_scaling", { ...(scaling as Values), [key]: near }]] }],
    };
  }
};

function* oneOf(given: Values, name: string, all: readonly string[], meant: (value: string) => string | undefined) {
  const value = given[name];
  if (typeof value !== "string" || all.includes(value)) return;
  const near = meant(value);
  // Classes of one's own may add names: only what is nearly one of these is surely a slip.
  if (near === undefined) return;
  yield {
    rule: "impossible-value",
    severity: "error" as const,
    keys: [name],
    text: `${name} ${JSON.stringify(value)} does not exist: ${near} does.`,
    fixes: [{ title: `Write ${JSON.stringify(near)}`, set: [[name, near]] as const }],
  };
}
