/**
 * What edits promise and what they deliver: each text is edited, weighed again, and compared with what was said before. `TABLE=1`
 * prints every figure.
 */
import assert from "node:assert/strict";
import { costsOf } from "../../src/advice/pricing.ts";
import type { Subject } from "../../src/advice/subject.ts";
import { techniques } from "../../src/advice/techniques.ts";
import type { Costs } from "../../src/cost/figuresAfter.ts";
import type { Fix } from "../../src/cost/report.ts";
import { isRepeatable } from "../support/againstItself.ts";
import {
  type Delivery,
  deliveries,
  type Files,
  fixed,
  overlap,
  problemsOf,
  promised,
  restated,
  type Sample,
  samples,
  wanted,
  weighed,
} from "../support/delivered.ts";

/** An edit of a sample, and what came of it. */
interface Edited {
  readonly technique: string;
  readonly sample: Sample;
  readonly fix: Fix;
  readonly files: Files;
  readonly after: Subject | undefined;
  readonly newUnknowns: readonly string[];
  /** Whether it still fits where it was applied. */
  readonly left: boolean;
  readonly figures: readonly Delivery[];
}

/** What a technique promises that has an edit or not, by the technique and its sample. */
const promises = new Map<string, Costs>();

const most = 0.1;
const share = 0.9;
/** Of one sample, edits that are tried two by two. */
const mostTogether = 4;
const edits: Edited[] = [];
const subjects = new Map<Sample, Subject>();

function filesOf({ path, text }: Sample): Files {
  return new Map([[path, text]]);
}

function editsOf(sample: Sample, subject: Subject): void {
  for (const { technique, knobs } of wanted(sample, techniques.values())) {
    const { sites } = technique.find(subject);
    if (sites.length === 0) continue;
    const said = promised(subject, technique, knobs);
    if (said) promises.set(`${technique.id} on ${sample.title}`, said);
    const fix = technique.edit?.(subject, sites, knobs);
    if (!fix || "reason" in fix) continue;
    const files = fixed(filesOf(sample), sample.path, fix);
    const scenario = restated(sample.scenario, sample.text, files.get(sample.path) as string);
    const after = weighed(files, sample.path, scenario, subject.name);
    edits.push({
      technique: technique.id,
      sample,
      fix,
      files,
      after,
      newUnknowns: after ? newReasons(subject, after) : [],
      left: after !== undefined && !isRepeatable(technique.id) && technique.find(after).sites.length > 0,
      figures:
        said && after ? deliveries(costsOf(subject), said, costsOf(after), subject.scenario.phase === "train") : [],
    });
  }
}

function newReasons(before: Subject, after: Subject): string[] {
  const known = new Set(before.unknowns.map(({ reason }) => reason));
  return after.unknowns.map(({ reason }) => reason).filter((reason) => !known.has(reason));
}

const named = ({ technique, sample }: Edited) => `${technique} on ${sample.title}`;

describe("what edits promise and deliver", function () {
  // It weighs some two hundred texts.
  this.timeout(0);

  before(() => {
    for (const sample of samples()) {
      const subject = weighed(filesOf(sample), sample.path, sample.scenario);
      if (!subject) continue;
      subjects.set(sample, subject);
      editsOf(sample, subject);
    }
  });

  it("nine of ten figures come within a tenth of what was said, whether too much or too little", () => {
    const rows = edits.flatMap((edit) => edit.figures.map((one) => ({ edit, one })));
    const text = ({ edit, one }: (typeof rows)[0]) =>
      `${(100 * one.error).toFixed(1).padStart(6)} %  ${one.figure.padEnd(16)} ${[one.before, one.promised, one.delivered].map((value) => value.toPrecision(4).padStart(10)).join("")}  ${named(edit)}`;
    const within = rows.filter(({ one }) => one.error <= most).length;
    const head = `${within} of ${rows.length} figures of ${edits.length} edits within 10 %`;
    if (process.env.TABLE) console.log([head, ...rows.map(text)].join("\n"));
    assert(
      rows.length > 300 && within >= share * rows.length,
      [head, ...rows.filter(({ one }) => one.error > most).map(text)].join("\n"),
    );
  });

  it("no figure is promised or delivered below zero", () => {
    assert(promises.size > edits.length, `${promises.size} promises`);
    const all = [
      ...promises,
      ...edits.flatMap((edit) => (edit.after ? [[named(edit), costsOf(edit.after)] as const] : [])),
    ];
    for (const [name, costs] of all)
      for (const [figure, value] of Object.entries(costs)) assert(value >= 0, `${figure} of ${name}: ${value}`);
  });

  it("the edited text parses, is weighed, and hides nothing that was known", () => {
    for (const edit of edits) {
      assert.deepEqual(problemsOf(edit.files), [], named(edit));
      assert(edit.after, named(edit));
      assert.deepEqual(edit.newUnknowns, [], named(edit));
    }
  });

  it("nothing is left to apply once more", () => {
    assert.deepEqual(edits.filter(({ left }) => left).map(named), []);
  });

  it("edits of different places go together", () => {
    let pairs = 0;
    for (const [sample, subject] of subjects) {
      const own = edits.filter((edit) => edit.sample === sample).slice(0, mostTogether);
      for (const [i, one] of own.entries())
        for (const other of own.slice(i + 1)) {
          if (overlap(one.fix, other.fix)) continue;
          pairs++;
          const both = { ...one.fix, edits: [...one.fix.edits, ...other.fix.edits] };
          const files = fixed(filesOf(sample), sample.path, both);
          const name = `${one.technique} with ${other.technique} on ${sample.title}`;
          assert.deepEqual(problemsOf(files), [], name);
          const after = weighed(files, sample.path, sample.scenario, subject.name);
          assert(after, name);
          assert.deepEqual(newReasons(subject, after), [], name);
        }
    }
    assert(pairs >= 15, `${pairs} pairs`);
  });
});
