/** The edit that builds a draft model beside the user's, which reads prompts first. */
import type { Fix } from "../../cost/report.ts";
import type { Statement } from "../../syntax/ast.ts";
import type { Operation } from "../../trace/trace.ts";
import { before, type Edit, replace } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, functionOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { linearUses } from "../training/linears.ts";
import { type Reason, scaffolded } from "../training/scaffold.ts";
import { cacheSites } from "./cacheSites.ts";
import { type DraftShape, draftCode, keptCode } from "./draftCode.ts";

/** SpecPC: the model reads the tokens of a prompt that the draft's last queries attend to. */
export function chosenEdit(subject: Subject, draft: DraftShape, capacity: number): Fix | Reason {
  const reading = readingOf(subject);
  if ("reason" in reading) return reading;
  const { code, ids, first } = reading;
  const indent = " ".repeat(code.span(first).column + 4);
  const lines = `if past_key_values is None and ${ids}.size(1) > ${capacity}:\n${indent}${ids} = self.draft.chosen(${ids}, ${capacity})`;
  return scaffolded(subject, {
    title: `Read ${capacity} tokens of a prompt that a draft model chooses`,
    above: (torch) => draftCode(torch, "chosen"),
    atEnd: builtText(draft),
    edits: [before(first, lines, code)],
  });
}

/** SpecKV: each layer keeps the keys and values of a prompt that the draft's guesses attend to. */
export function keptEdit(subject: Subject, draft: DraftShape, capacity: number, lookahead: number): Fix | Reason {
  const reading = readingOf(subject);
  if ("reason" in reading) return reading;
  const { code, ids, first, head } = reading;
  const [states] = head?.args ?? [];
  if (!states) return { reason: "the head is not called where tokens are embedded" };
  const sites = cacheSites(subject);
  if (sites.length === 0)
    return { reason: "no method of this file hands on the keys and values of its attention by their names" };
  const indent = " ".repeat(code.span(first).column);
  const lines = [
    `length = ${ids}.size(1)`,
    `${indent}if past_key_values is None and length > ${capacity}:`,
    `${indent}    ${ids} = self.draft.ahead(${ids}, ${lookahead})`,
  ].join("\n");
  const kept = sites.map(
    ({ pair, query, key, value }): Edit => replace(pair, `kept_prompt(${query}, ${key}, ${value})`, code),
  );
  return scaffolded(subject, {
    title: `Keep ${capacity} tokens of a prompt that a draft model's guesses attend to`,
    above: (torch) => `${draftCode(torch, "ahead").trim()}\n\n\n${keptCode(torch, capacity, lookahead).trim()}`,
    atEnd: builtText(draft),
    edits: [before(first, lines, code), replace(states, `${code.text(states)}[:, :length]`, code), ...kept],
  });
}

function builtText({ vocabulary, width, layers, heads }: DraftShape): string {
  return `self.draft = Draft(${vocabulary}, ${width}, depth=${layers}, heads=${heads})`;
}

interface Reading {
  readonly code: Code;
  /** What the method calls the prompt's tokens. */
  readonly ids: string;
  readonly first: Statement;
  readonly head: CallNode | undefined;
}

/** The method that is given a prompt and what was cached of an earlier one. */
function readingOf(subject: Subject): Reading | Reason {
  const code = codeOf(subject.file, subject.text);
  const embedding = subject.inference.events.find(
    (event): event is Operation => event.kind === "operation" && event.name === "aten.embedding",
  );
  const call = code.callAt(embedding?.at);
  const func = call && functionOf(call, code);
  const ids = call?.args[0];
  const [first] = func?.body ?? [];
  if (!func || !first || ids?.kind !== "Name" || !func.args.some(({ name }) => name === ids.id))
    return { reason: "tokens are not embedded in a method of this file under its argument's name" };
  if (!func.args.some(({ name }) => name === "past_key_values"))
    return { reason: "the method that embeds tokens is given no past_key_values" };
  const use = linearUses(subject.inference, subject.figures.tree).at(-1);
  const head = code.callAt(use?.operation.at);
  return { code, ids: ids.id, first, head: head && functionOf(head, code) === func ? head : undefined };
}
