/** What an edit promised and what it delivered: the text before and after it, weighed. */
import { readdirSync, readFileSync } from "node:fs";
import { defaultsOf } from "../../src/advice/advise.ts";
import { codeOf } from "../../src/advice/code/tree.ts";
import { costsOf, priced } from "../../src/advice/pricing.ts";
import { statedScenario } from "../../src/advice/scripts/stated.ts";
import type { Subject } from "../../src/advice/subject.ts";
import type { Knobs, Technique } from "../../src/advice/techniques/technique.ts";
import { asked, parseApplied } from "../../src/advice/techniques.ts";
import { subjectsIn } from "../../src/analyze.ts";
import type { Span } from "../../src/base/place.ts";
import { type AskedScenario, defaultScenario } from "../../src/base/scenario.ts";
import { Unknown } from "../../src/base/unknown.ts";
import type { CostName, Costs } from "../../src/cost/figuresAfter.ts";
import type { Fix } from "../../src/cost/report.ts";
import type { Sources } from "../../src/python/interpreter.ts";
import { applied } from "../rules/check.ts";
import { parser } from "../syntax/parser.ts";
import { type Example, examples } from "./example.ts";

/** A model's text in a scenario. */
export interface Sample {
  readonly title: string;
  readonly path: string;
  readonly text: string;
  readonly scenario: Partial<AskedScenario>;
  /** Techniques as its page asks for them; all that fit where it asks for none. */
  readonly apply: string | undefined;
}

/** A file of the workspace with what edits made beside it. */
export type Files = ReadonlyMap<string, string>;

const environment = {
  roots: [],
  installed: new Set(["torch", "numpy", "bitsandbytes"]),
  versions: { python: "3.12", torch: "2.11.0" },
};

/** The models of a file, weighed; unknown where it holds none that runs. */
export function weighed(
  files: Files,
  path: string,
  scenario: Partial<AskedScenario>,
  name?: string,
): Subject | undefined {
  const trees = new Map([...files].map(([file, text]) => [file, parser.parse(file, text)]));
  const sources: Sources = {
    module: (file) => trees.get(file),
    folder: (folder) => [...files.keys()].some((file) => file.startsWith(`${folder}/`)),
    text: (file) => files.get(file),
    parse: (file, text) => parser.parse(file, text),
  };
  const asked = {
    path,
    text: files.get(path) as string,
    kind: path.endsWith(".json") ? "config" : "python",
    scenario: { ...defaultScenario, ...scenario },
  } as const;
  const subjects = subjectsIn(asked, { sources, environment, folders: ["/ws"] });
  return name === undefined ? subjects[0] : (subjects.find((one) => one.name === name) ?? subjects[0]);
}

/** Files after a fix of one of them. */
export function fixed(files: Files, path: string, fix: Fix): Files {
  const { creates } = fix;
  const made = creates && !files.has(creates.path) ? [[creates.path, creates.text] as const] : [];
  return new Map([...files, [path, applied(files.get(path) as string, fix)], ...made]);
}

/** What does not parse in the Python files of a workspace. */
export function problemsOf(files: Files): string[] {
  return [...files].flatMap(([file, text]) =>
    file.endsWith(".json")
      ? []
      : parser.parse(file, text).problems.map(({ message, span }) => `${file}:${span.line + 1}: ${message}`),
  );
}

/** Whether edits of two fixes touch, or both make a file of the same name. */
export function overlap(one: Fix, other: Fix): boolean {
  if (one.creates && other.creates) return true;
  const before = (a: Span, b: Span) => a.endLine < b.line || (a.endLine === b.line && a.endColumn < b.column);
  return one.edits.some(({ span: a }) => other.edits.some(({ span: b }) => !before(a, b) && !before(b, a)));
}

/** What the change of a technique alone promises. */
export function promised(subject: Subject, technique: Technique, knobs: Knobs): Costs | undefined {
  const { sites } = technique.find(subject);
  const change = technique.change(subject, sites, knobs);
  const { scenario, text, config } = change;
  const needsMore = scenario || text !== undefined || config;
  const again = needsMore ? subject.again?.({ scenario, text, config }) : subject;
  if (!again || again instanceof Unknown) return undefined;
  const rest = needsMore ? { terms: change.terms, shows: change.shows, remarks: change.remarks } : change;
  const result = priced(again, [rest], costsOf(subject));
  return result instanceof Unknown ? undefined : result.after;
}

/**
 * The scenario of an edited file: an optimizer or a length of texts that its own script states now and did not before goes
 * before the sample's.
 */
export function restated(scenario: Partial<AskedScenario>, before: string, after: string): Partial<AskedScenario> {
  const stated = (text: string) => statedScenario(codeOf(parser.parse("/ws/script.py", text), text));
  const [was, is] = [stated(before), stated(after)];
  return {
    ...scenario,
    ...(is.optimizer !== was.optimizer && is.optimizer && { optimizer: is.optimizer }),
    ...(is.sequence !== was.sequence && is.sequence !== undefined && { sequence: is.sequence }),
  };
}

/** A figure that an edit said it would change, or changed. */
export interface Delivery {
  readonly figure: CostName;
  readonly before: number;
  readonly promised: number;
  readonly delivered: number;
  /** Of the saving, over the larger of the two: the same for too much and for too little. */
  readonly error: number;
}

/** A change below this part of the figure is no promise. */
const leastChange = 0.005;

/** `training`: outside it nothing is promised of what is trained. */
export function deliveries(before: Costs, after: Costs, delivered: Costs, training: boolean): Delivery[] {
  return (Object.keys(before) as CostName[]).flatMap((figure) => {
    if (figure === "trainableParams" && !training) return [];
    const [was, said, is] = [before[figure], after[figure], delivered[figure]];
    if (was === undefined || said === undefined || is === undefined) return [];
    const [saving, real] = [was - said, was - is];
    const larger = Math.max(Math.abs(saving), Math.abs(real));
    if (larger <= leastChange * was || larger === 0) return [];
    return [{ figure, before: was, promised: said, delivered: is, error: Math.abs(saving - real) / larger }];
  });
}

/** Models of `test/models`, and in which phases their techniques are tried. */
const wholeModels = {
  "gpt.py": ["prefill", "train"],
  "vit.py": ["prefill", "train"],
  "lstm_lm.py": ["train"],
  "unet.py": ["train"],
} as const;

/** The models of the techniques' pages, and whole models. */
export function samples(): Sample[] {
  const folder = "test/techniques";
  const ofPages = readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) =>
      examples(readFileSync(`${folder}/${file}`, "utf8")).map((example) => sampleOf(`${folder}/${file}`, example)),
    );
  const models = Object.entries(wholeModels).flatMap(([file, phases]) => {
    const text = readFileSync(`test/models/${file}`, "utf8");
    return phases.map((phase) => ({
      title: `${file} ${phase}`,
      path: `/ws/${file}`,
      text,
      scenario: { phase, batch: 2, sequence: 256 },
      apply: undefined,
    }));
  });
  return [...ofPages, ...models];
}

function sampleOf(page: string, { title, files, main, settings }: Example): Sample {
  const scenario = { sequence: 16, ...(settings.scenario as Partial<AskedScenario> | undefined) };
  return {
    title: `${page.slice(5)}: ${title}`,
    path: `/ws/${main}`,
    text: files[main] as string,
    scenario,
    apply: typeof settings.apply === "string" ? settings.apply : undefined,
  };
}

/** The techniques that a sample asks for, with their knobs. */
export function wanted({ apply }: Sample, all: Iterable<Technique>): { technique: Technique; knobs: Knobs }[] {
  if (apply === undefined) return [...all].map((technique) => ({ technique, knobs: defaultsOf(technique) }));
  const parsed = parseApplied(apply);
  if ("reason" in parsed) return [];
  return parsed.flatMap((one) => {
    const found = asked(one);
    return "reason" in found ? [] : [found];
  });
}
