import records from "every:rules";
import type { Finding } from "../cost/report.ts";
import type { Weighed } from "./rules/rule.ts";

/** Everything the rules find in a weighed model, in the order of the text. */
export function rulesFor(model: Weighed): Finding[] {
  return records
    .flatMap(({ record }) => [...record.check(model)].map((finding) => ({ ...finding, rule: record.id })))
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}
