/** The rules for JavaScript and TypeScript, and the comments that silence them. */
import records from "every:scriptRules";
import type { Place } from "../base/place.ts";
import type { Finding, LayerReport, ModelReport } from "../cost/report.ts";
import { isSilence } from "../evidence/directive.ts";
import type { CallNode, Ranged, Script } from "../syntax/script/ast.ts";
import { scriptDirectives } from "../syntax/script/directives.ts";
import { walkScript } from "../syntax/script/walk.ts";
import type { PipelineUse } from "../tfjs/pipelines.ts";
import type { Fault, ScriptRule } from "./javascript/rule.ts";
import { type Silence, silencesOf } from "./silence.ts";

/** Everything the rules find in a weighed model. */
export function scriptRulesFor(
  script: Script,
  model: ModelReport,
  placeOf: (range: Ranged) => Place,
  pipeline?: PipelineUse,
): Finding[] {
  const calls = callsByPlace(script, placeOf);
  const callAt = (place: Place) => (place.path === script.path ? calls.get(keyOf(place)) : undefined);
  const callOf = ({ madeAt }: LayerReport) => madeAt && callAt(madeAt);
  const weighed = { script, model, callOf, callAt, placeOf, pipeline };
  const layers = allLayers(model.root).slice(1);
  return inOrder(records.flatMap(({ record }) => named(record, record.check?.({ ...weighed, layers }) ?? [])));
}

/** Everything the rules find in a script's code, whether or not it makes a model. */
export function scriptRulesForCode(script: Script, placeOf: (range: Ranged) => Place): Finding[] {
  return inOrder(records.flatMap(({ record }) => named(record, record.read?.({ script, placeOf }) ?? [])));
}

/** What the comments of a script silence: `// assay: ignore[rule]`, as in Python. */
export function scriptSilences(script: Script): Silence[] {
  const { path, text } = script;
  const directives = scriptDirectives(script).filter((one) => isSilence(one.text));
  // A line of comments alone is one of Python's to the reader of silences.
  const asPython = text.replaceAll(/^(\s*)\/\//gm, "$1# ");
  return silencesOf({ path, statements: [], problems: [], directives }, asPython);
}

function allLayers(layer: LayerReport): LayerReport[] {
  return [layer, ...layer.children.flatMap(allLayers)];
}

/** Calls by where they stand; none for a place that several layers share is the caller's matter. */
function callsByPlace(script: Script, placeOf: (range: Ranged) => Place): ReadonlyMap<string, CallNode> {
  const found = new Map<string, CallNode>();
  walkScript(script.body, (node) => {
    if (node.kind === "Call") found.set(keyOf(placeOf(node)), node);
  });
  return found;
}

function keyOf({ line, column, endLine, endColumn }: Place): string {
  return `${line}:${column}-${endLine}:${endColumn}`;
}

function named({ id, price = "" }: ScriptRule, faults: Iterable<Fault>): Finding[] {
  return [...faults].map((fault) => ({ price, ...fault, rule: id }));
}

function inOrder(findings: Finding[]): Finding[] {
  return findings.sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}
