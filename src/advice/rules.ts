import records from "every:rules";
import type { Finding } from "../cost/report.ts";
import type { Fault, Rule, Weighed, Written } from "./rules/rule.ts";

/** Everything the rules find in a weighed model, in the order of the text. */
export function rulesFor(model: Weighed): Finding[] {
  return inOrder(records.flatMap(({ record }) => named(record, record.check?.(model) ?? [])));
}

/** Everything the rules find in a file's code, whether or not it holds a model. */
export function rulesForCode(code: Written): Finding[] {
  return inOrder(records.flatMap(({ record }) => named(record, record.read?.(code) ?? [])));
}

/** How many rules read a file's code. */
export const rulesThatRead: number = records.filter(({ record }) => record.read).length;

function named({ id, price = "" }: Rule, faults: Iterable<Fault>): Finding[] {
  return [...faults].map((fault) => ({ price, ...fault, rule: id }));
}

function inOrder(findings: Finding[]): Finding[] {
  return findings.sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}
