/** A config's model as one readable Python file: our definition of its family, and the config with its values filled in. */
import texts from "text:src/configs/architectures";
import { familyWithClass } from "../architectures.ts";
import { keyMeaning } from "../keyMeanings.ts";
import { pythonLiteral } from "../literal.ts";
import type { ConfigModel } from "../model.ts";
import { assembled, type Wanted } from "./assemble.ts";

type Values = Readonly<Record<string, unknown>>;

/** What the file says besides its definitions. */
export interface CodeWish {
  readonly model: ConfigModel;
  /** `LlamaConfig`. */
  readonly configClass: string;
  /** The values to build the config with. */
  readonly values: Values;
  /** Classes of the configs of parts. */
  readonly partClasses: readonly string[];
  /** `input_ids=int64[B, T]`. */
  readonly inputs: string;
  /** `torch.bfloat16`; undefined where the file names no type. */
  readonly dtype: string | undefined;
}

/** The file's text. */
export function codeOf({ model, configClass, values, partClasses, inputs, dtype }: CodeWish): string {
  const own = fileOf(model.className) ?? "";
  const families = partClasses.flatMap((one) => familyOf(one) ?? []);
  const lookup = { text: lookupText(families), needs: families.flatMap(({ wanted }) => wanted) };
  const { imports, parts, nameOf } = assembled(
    (file) => texts[file],
    [
      { file: own, name: configClass },
      { file: own, name: model.className },
    ],
    new Map([["parts/auto.py", lookup]]),
  );
  const built = `${model.className}(config)${dtype === undefined ? "" : `.to(${dtype})`}`;
  return [
    heading(model),
    importText(dtype === undefined || imports.includes("import torch") ? imports : ["import torch", ...imports]),
    `# The values of the config, with the family's defaults\n\nVALUES = ${dictionary(values)}`,
    ...parts.map(({ file, doc, text }) => `${partHeading(file, doc)}\n\n${named(file, text, nameOf, families)}`),
    `# The model\n\nconfig = ${configClass}(**VALUES)\n\n# assay: ${built}(${inputs})\nmodel = ${built}\n`,
  ]
    .filter((part) => part !== "")
    .join("\n\n\n");
}

function heading({ className, modelType }: ConfigModel): string {
  return `"""${className}, as its config describes it.

Assay's own definition of ${modelType}, with the config's values and the family's defaults filled in. Parameters, operations and
what they allocate are those of transformers' class; so are the names of modules.
"""`;
}

/** The first sentence of a file's own comment over what is taken from it. */
function partHeading(file: string, doc: string): string {
  const [sentence = ""] = doc
    .replace(/^r?"""/, "")
    .replace(/"""$/, "")
    .split("\n");
  return `# ${file.replace(/\.py$/, "")}: ${sentence.trim()}`.trimEnd().replace(/:$/, "");
}

interface PartFamily {
  readonly modelType: string;
  readonly configClass: string;
  readonly wanted: readonly Wanted[];
}

/** A part's family: its config, and the classes that a model may be made of. */
function familyOf(configClass: string): PartFamily | undefined {
  const family = familyWithClass(configClass);
  const file = fileOf(configClass);
  const modelType = [...(family?.configs ?? [])].find(([, name]) => name === configClass)?.[0];
  if (!family || file === undefined || modelType === undefined) return undefined;
  const stem = configClass.replace(/Config$/, "");
  const made = [`${stem}Model`, `${stem}Backbone`].filter((name) => family.classes.has(name));
  return { modelType, configClass, wanted: [configClass, ...made].map((name) => ({ file, name })) };
}

function fileOf(className: string): string | undefined {
  const module = familyWithClass(className)?.module;
  return module && `${module.split(".").at(-1)}.py`;
}

/** What finds the classes of parts by the family that their config names: in place of looking through all families. */
function lookupText(families: readonly PartFamily[]): string {
  if (families.length === 0) return noParts;
  const entries = families.map(
    ({ modelType, wanted }) =>
      `    ${JSON.stringify(modelType)}: {${wanted.map(({ name }) => `"${name}": ${placeholder(name)}`).join(", ")}},`,
  );
  return `"""The classes of the model's parts by the family that their configs name."""
from types import SimpleNamespace

PART_CLASSES = {
${entries.join("\n")}
}


def family(model_type):
    return SimpleNamespace(**PART_CLASSES[model_type])


def config_of(values):
    """The config of a part."""
    for one in PART_CLASSES[values["model_type"]].values():
        if getattr(one, "model_type", None) == values["model_type"]:
            return one(**values)


def model_of(config):
    """The base model of a part's config."""
    return PART_CLASSES[config.model_type][type(config).__name__.replace("Config", "Model")](config)
`;
}

/** For a model whose config has no parts. */
const noParts = `"""The classes of the model's parts by the family that their configs name: it has none."""


def config_of(values):
    raise ValueError("no part has a config of its own")
`;

const placeholder = (name: string) => `<${name}>`;

/** The names that the lookup's table stands for, once it is known what they are called in the whole. */
function named(
  file: string,
  text: string,
  nameOf: (wanted: Wanted) => string,
  families: readonly PartFamily[],
): string {
  if (file !== "parts/auto.py") return text;
  return families
    .flatMap(({ wanted }) => wanted)
    .reduce((now, one) => now.replaceAll(placeholder(one.name), nameOf(one)), text);
}

/** Imports of whole modules first. What Assay alone has, and counts cached keys and values by, does nothing elsewhere. */
function importText(imports: readonly string[]): string {
  const own = imports.filter((one) => /^from assay import /.test(one));
  const names = [...new Set(own.flatMap((one) => one.replace("from assay import ", "").split(", ")))].sort();
  const plain = imports.filter((one) => !own.includes(one));
  const sorted = [
    ...plain.filter((one) => one.startsWith("import ")).sort(),
    ...plain.filter((one) => one.startsWith("from ")).sort(),
  ];
  const notes = names.map(
    (name) => `    def ${name}(*_):\n        """Notes for Assay what a layer keeps per token."""`,
  );
  const fallback = `try:\n    from assay import ${names.join(", ")}\nexcept ImportError:\n\n${notes.join("\n\n")}`;
  return [sorted.join("\n"), ...(names.length > 0 ? [fallback] : [])].join("\n\n");
}

/** Keyword arguments, one a line, each with what it means where that is known. */
function dictionary(values: Values): string {
  const lines = Object.entries(values).map(([key, value]) => {
    const meaning = typeof value === "object" ? undefined : keyMeaning(key);
    return `    ${key}=${pythonLiteral(value)},${meaning === undefined ? "" : `  # ${meaning.replace(/\.$/, "")}`}`;
  });
  return `dict(\n${lines.join("\n")}\n)`;
}
