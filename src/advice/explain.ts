/** A page for each finding that can be silenced: what it says, why it matters, an example, its price. */
import ruleRecords from "every:rules";
import scriptRecords from "every:scriptRules";
import techniqueRecords from "every:techniques";
import rulePages from "pages:rules";
import scriptPages from "pages:scriptRules";
import techniquePages from "pages:techniques";
import { findingIds, nearestId } from "./ids.ts";

/** The page of a rule or technique as Markdown; where there is none, a sentence that names the nearest. */
export function explanation(id: string): { readonly markdown: string } | { readonly reason: string } {
  const rule = ruleRecords.find(({ record }) => record.id === id);
  if (rule) return { markdown: rulePage(id, rule.record.price ?? "", rulePages[rule.file]) };
  const script = scriptRecords.find(({ record }) => record.id === id);
  if (script) return { markdown: scriptPage(id, script.record.price ?? "", scriptPages[script.file]) };
  const technique = techniqueRecords.find(({ record }) => record.id === id);
  if (technique) return { markdown: techniquePage(technique.record, techniquePages[technique.file]) };
  const own = ownPages[id];
  if (own) return { markdown: parts(`# ${id}`, own, silencing(id)) };
  const near = nearestId(id);
  return { reason: `no finding is called ${id}${near ? `; ${near} is` : ""}` };
}

/** The ids that have a page. */
export function explained(): readonly string[] {
  return findingIds();
}

type Page = (typeof rulePages)[string] | undefined;

function rulePage(id: string, price: string, page: Page): string {
  return parts(
    `# ${id}`,
    page?.comment ?? "",
    ...exampleParts(page),
    price && `## Price\n\n${capital(price)}`,
    silencing(id),
  );
}

/** The same for a rule of scripts, whose comments begin with other marks. */
function scriptPage(id: string, price: string, page: Page): string {
  return rulePage(id, price, page).replaceAll("```python", "```js").replaceAll("`# assay: ignore", "`// assay: ignore");
}

function techniquePage(
  { id, name, what, price, paper, knobs, exact }: (typeof techniqueRecords)[number]["record"],
  page: Page,
): string {
  const source =
    paper && `*${paper.title}*, arXiv:${paper.arxiv}, ${paper.year}${paper.where ? `, ${paper.where}` : ""}.`;
  const rows = Object.entries(knobs).map(([knob, one]) => `- \`${knob}\` = ${one.default}: ${one.what}`);
  return parts(
    `# ${name}`,
    capital(what),
    page?.comment ?? "",
    source ?? "",
    rows.length > 0 ? `## Knobs\n\n${rows.join("\n")}` : "",
    ...exampleParts(page),
    `## Price\n\n${capital(price)}${exact ? " Outputs and gradients stay the same up to rounding." : ""}`,
    silencing(id),
  );
}

function exampleParts(page: Page): string[] {
  if (!page?.example) return [];
  return [`## Example\n\n${fenced(page.example)}`, page.fixed ? `With its fix:\n\n${fenced(page.fixed)}` : ""];
}

function silencing(id: string): string {
  return [
    "## Silencing it",
    `On one line, or the one above: \`# assay: ignore[${id}]\`. In a whole file: \`# assay: ignore-file[${id}]\`.`,
    `Everywhere: \`"assay.rules": { "${id}": "off" }\` in the settings, or for everybody \`"rules": { "${id}": "off" }\` in \`assay.json\`; a severity in the place of \`off\` changes how it is shown.`,
  ].join("\n\n");
}

const fenced = (text: string) => `\`\`\`python\n${text.trimEnd()}\n\`\`\``;
const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
const parts = (...all: readonly string[]) => `${all.filter((one) => one !== "").join("\n\n")}\n`;

/** What the pipeline itself finds. */
const ownPages: Readonly<Record<string, string>> = {
  "shape-mismatch":
    "An operation was given tensors whose sizes do not fit, and would raise an error when run. The message names both sizes; figures stop at that line. Where the inputs were guessed it is a warning: say how the model is called in a comment, `# assay: Model()(float32[B, 3, 224, 224])`.",
  "wrong-argument":
    "An operation was given an argument that it does not take, and would raise an error when run. Figures stop at that line.",
  syntax: "A part of the file does not parse. What it does is not known; the rest of the file is answered without it.",
  "assay-project": "An entry of `assay.json` that speaks of this file cannot be followed; the message says why.",
  "over-budget":
    "A figure of a model is more than a budget of `assay.json` lets it be, in that budget's scenario. The message says by how much, what most of the figure is, and on the command line which techniques would lower it. A figure of which something is not known breaks a budget as soon as its known part does.",
  "undecided-budget":
    "What is known of a figure keeps its budget of `assay.json`, but something in it is not known. `assay check` lets it through; `--strict` does not.",
  "beyond-trained-length":
    "A config promises longer sequences than its scaling of rotary positions reaches: for YaRN, the factor times the length that the model was trained on. The message names all three numbers.",
  "checkpoint-mismatch":
    "A checkpoint beside a config holds other tensors than the config's model: some are missing, some belong to no layer, or a shape differs. The message says how many parameters it is about and names the first tensors with both shapes. Weights that are tied or buffers that are not stored are no difference.",
  "impossible-value":
    "A value of a config cannot work, alone or beside another: heads that do not divide the width, a padding token beyond the vocabulary, more experts for a token than there are. The message names both numbers, and the fix sets the nearest value that works.",
  "ineffective-value": "A value of a config changes nothing, since another one keeps it from being used.",
  "misspelled-key":
    "A config has a key that its family does not read, a letter or two away from one that it reads and that the file lacks. The family's default is used in its place.",
  "refused-config":
    "The family's definition raises an error when it is given this config. The message is the definition's own, at the key that it names.",
  "repeated-key": "A key stands twice in one object of a config. Readers of JSON keep the last one.",
  "unknown-family":
    "A config names a family or a class that Assay has no definition of, and whose source is not installed. Its values are still read; no figures are made up.",
  "unknown-quantization":
    "A config's `quantization_config` names a method, or a setting of one, whose stored form Assay does not know. The weights are weighed in the config's own type, and their bytes are not vouched for. The parameters and the FLOPs are those of the model as it computes, whatever its weights are stored in.",
  "wrong-type":
    "A value of a config is of another kind than its family reads: text for a number, a list for an object.",
  "assay-comment": "An `# assay:` comment cannot be followed; the message says why, and how to write it.",
};
