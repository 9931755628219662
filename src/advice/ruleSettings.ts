/** What completes the ids of findings where a person sets their severities: the settings' and `assay.json`'s schema. */
import { explained, explanation } from "./explain.ts";

/** A severity that a finding may be given. */
interface Severity {
  readonly type: "string";
  readonly enum: readonly string[];
  readonly description: string;
}

const severities = ["error", "warning", "information", "hint", "off"];

/** By finding: the values that it takes, and the first sentence of its page. */
export function ruleProperties(): Record<string, Severity> {
  return Object.fromEntries(
    explained().map((id) => [id, { type: "string", enum: severities, description: firstSentence(id) }]),
  );
}

function firstSentence(id: string): string {
  const page = explanation(id);
  const text = "markdown" in page ? (page.markdown.split("\n\n")[1] ?? "") : "";
  return /^.*?[.:](?=\s|$)/s.exec(text)?.[0].replace(/:$/, ".").replaceAll("\n", " ") ?? "";
}
