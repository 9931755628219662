/** Configs of families that we do not define: weighed through the code beside the file, or through the installed transformers. */
import type { Interpreter } from "../python/interpreter.ts";
import { evaluate, guarded, isFailure, runSetup } from "../torch/session.ts";
import { tooManyLayers } from "./depth.ts";
import { pythonLiteral } from "./literal.ts";
import { type ConfigModel, type ConfigRefusal, modelOfConfig } from "./model.ts";

type Values = Readonly<Record<string, unknown>>;

/** Where a config stands, and which definition goes first where there are several. */
export interface ConfigPlace {
  /** The folder of its file, where `auto_map` looks for code; undefined for a config that is no file. */
  readonly folder: string | undefined;
  /** Whether a family's source goes before our own definition of it. */
  readonly prefersSource: boolean;
}

/** The model of a config by the best definition at hand; otherwise why there is none. */
export function chosenModel(
  py: Interpreter,
  config: unknown,
  { folder, prefersSource }: ConfigPlace,
): ConfigModel | ConfigRefusal {
  const own = modelOfConfig(config);
  if (own.kind === "model" && !prefersSource) return own;
  if (!isValues(config)) return own;
  const deep = tooManyLayers(config);
  if (deep) return { kind: "refusal", reason: deep.text, key: deep.key };
  const beside = folder === undefined ? undefined : modelBeside(py, config, folder);
  if (beside) return beside;
  const sourced = libraryModel(py, config);
  if (sourced?.kind === "model") return sourced;
  return own.kind === "model" || !sourced ? own : { ...own, reason: sourced.reason, key: sourced.key };
}

/** The model by transformers' own source; undefined where that is not at hand. */
function libraryModel(py: Interpreter, config: Values): ConfigModel | ConfigRefusal | undefined {
  const root = py.environment.roots.find((one) => py.sources.folder(`${one}/transformers`));
  if (root === undefined) return undefined;
  const modelType = config["model_type"];
  if (typeof modelType !== "string") return undefined;
  const release = `the installed transformers${versionIn(py, root)}`;
  const mapped = question(py, mapping, `${JSON.stringify(modelType)} in CONFIG_MAPPING`);
  if (mapped !== true) {
    const reason = `model_type "${modelType}" is neither among the families that Assay defines nor in ${release}`;
    return { kind: "refusal", reason, key: "model_type" };
  }
  const named = namedClass(config);
  const className = named ?? question(py, classes, `class_of(${JSON.stringify(modelType)})`);
  if (typeof className !== "string" || !/^\w+$/.test(className)) {
    return { kind: "refusal", reason: `${release} names no model for model_type "${modelType}"`, key: "model_type" };
  }
  if (question(py, `import transformers`, `hasattr(transformers, "${className}")`) === false) {
    return { kind: "refusal", reason: `class ${className} is not in ${release}`, key: "architectures" };
  }
  const built = `CONFIG_MAPPING[${JSON.stringify(modelType)}](**${pythonLiteral(config)})`;
  return {
    kind: "model",
    className,
    modelType,
    setup: `${mapping}\nfrom transformers import ${className}`,
    config: built,
    model: `${className}(${built})`,
    assumption: named ? "" : `architectures names no class: ${className} is weighed`,
    origin: release,
  };
}

/** The release that the source says it is, with a space before; "" where it says none. */
function versionIn(py: Interpreter, root: string): string {
  const said = /^__version__ = "([^"]+)"/m.exec(py.sources.text(`${root}/transformers/__init__.py`) ?? "")?.[1];
  const version = said ?? py.environment.versions["transformers"];
  return version ? ` ${version}` : "";
}

const mapping = "from transformers.models.auto.configuration_auto import CONFIG_MAPPING";

/** A decoder's or a pair's language model where there is one, else the bare model, as for our own families. */
const classes = `
from transformers.models.auto import modeling_auto as auto

def names(task):
    return getattr(auto, f"MODEL_{task}MAPPING_NAMES", {})

def class_of(model_type):
    tasks = ["FOR_IMAGE_TEXT_TO_TEXT_", "FOR_SEQ_TO_SEQ_CAUSAL_LM_", "FOR_SPEECH_SEQ_2_SEQ_", "FOR_CAUSAL_LM_"]
    encodes = model_type in names("FOR_MASKED_LM_") and model_type not in names("FOR_SEQ_TO_SEQ_CAUSAL_LM_")
    for task in ["", *tasks] if encodes else [*tasks, ""]:
        found = names(task).get(model_type)
        if found is not None:
            return found if isinstance(found, str) else found[0]
`;

/** What an expression says after a few lines of Python; undefined where they do not run. */
function question(py: Interpreter, setup: string, expression: string): unknown {
  const path = "assay:/configs/sourced.py";
  const value = guarded(py, () => evaluate(py, runSetup(py, path, setup), path, expression));
  return isFailure(value) ? undefined : value;
}

/** The model by the `modeling_*.py` that `auto_map` names, where it lies beside the config. */
function modelBeside(py: Interpreter, config: Values, folder: string): ConfigModel | undefined {
  const map = config["auto_map"];
  if (!isValues(map)) return undefined;
  const named = namedClass(config);
  const models = Object.entries(map)
    .filter(([auto]) => auto.startsWith("AutoModel"))
    .map(([auto, target]) => ({ auto, place: placeOf(target) }))
    .flatMap(({ auto, place }) => (place ? [{ auto, ...place }] : []));
  const rank = ({ auto, className }: { auto: string; className: string }) =>
    className === named ? 0 : auto === "AutoModelForCausalLM" ? 1 : auto === "AutoModel" ? 3 : 2;
  const [chosen] = models.toSorted((a, b) => rank(a) - rank(b));
  if (!chosen || py.sources.module(`${folder}/${chosen.file}.py`) === undefined) return undefined;
  const configured = placeOf(map["AutoConfig"]);
  const modelType = typeof config["model_type"] === "string" ? config["model_type"] : "";
  const name = `transformers_modules.${folder.replace(/\W/g, "_")}`;
  const configClass = configured?.className ?? `CONFIG_MAPPING[${JSON.stringify(modelType)}]`;
  const built = `${configClass}(**${pythonLiteral(config)})`;
  return {
    kind: "model",
    className: chosen.className,
    modelType,
    setup: [
      "from assay import code_folder",
      `code_folder(${JSON.stringify(name)}, ${JSON.stringify(folder)})`,
      configured ? `from ${name}.${configured.file} import ${configured.className}` : mapping,
      `from ${name}.${chosen.file} import ${chosen.className}`,
    ].join("\n"),
    config: built,
    model: `${chosen.className}(${built})`,
    assumption: "",
    origin: `${chosen.file}.py beside the config`,
  };
}

/** `modeling_x.XForCausalLM`, with or without the repository before `--`; where a list, its first. */
function placeOf(target: unknown): { file: string; className: string } | undefined {
  const text = Array.isArray(target) ? target.find((one) => typeof one === "string") : target;
  const [, file, className] = typeof text === "string" ? (/^(?:.*--)?(\w+)\.(\w+)$/.exec(text) ?? []) : [];
  return file && className ? { file, className } : undefined;
}

function namedClass({ architectures }: Values): string | undefined {
  const named: unknown = Array.isArray(architectures)
    ? architectures.find((one) => typeof one === "string")
    : undefined;
  return typeof named === "string" && /^\w+$/.test(named) ? named : undefined;
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
