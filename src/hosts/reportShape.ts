/** The shape of a report as it comes over a wire: what does not have it is refused. */
import * as z from "zod";
import type { Scenario } from "../base/scenario.ts";
import { scenarioChangeSchema } from "../base/settings.ts";
import type { ChangeView } from "../surfaces/change.ts";
import type { GrowthView } from "../surfaces/pictures/growth.ts";
import type { KvView } from "../surfaces/pictures/kv.ts";
import type { MemoryView, TimelineView } from "../surfaces/pictures/memory.ts";
import type { RooflineView } from "../surfaces/pictures/roofline.ts";
import type { Cell, ReportRow } from "../surfaces/pictures/rows.ts";
import type { ReportView } from "../surfaces/report.ts";

const text = z.string();
/** JSON has no numbers that are none: they come as null. */
const figure = z.number();
const share = z.number().min(0);
const line = z.number().int().min(0);

export const placeSchema = z.object({ path: text, line, column: line, endLine: line, endColumn: line });
const place = placeSchema.optional();
const spot = z.object({ path: text, line });
const bound = z.enum(["compute", "memory", "launch", "communication"]);
const remark = z.object({ text, place, where: text });

const cell: z.ZodType<Cell> = z.object({ text, share, value: figure.optional(), reason: text.optional() });

const row: z.ZodType<ReportRow> = z.lazy(() =>
  z.object({
    name: text,
    count: z.number().int().positive(),
    all: z.number().int().positive(),
    className: text,
    shapes: text,
    params: cell,
    flops: cell,
    memory: cell,
    time: cell,
    place,
    lines: z.array(spot),
    classAt: spot.optional(),
    work: z.object({ flops: figure, trafficBytes: figure, seconds: figure, bound }).optional(),
    children: z.array(row),
  }),
);

const memory: z.ZodType<MemoryView> = z.object({
  terms: z.array(z.object({ label: text, text, share })),
  peak: text,
  limit: z.object({ label: text, share }).optional(),
  notes: z.array(text),
  unknown: text.optional(),
});

const timeline: z.ZodType<TimelineView> = z.object({
  points: z.array(figure).min(2),
  parts: z.array(
    z.object({ part: z.enum(["forward", "loss", "backward", "recompute", "optimizer"]), from: line, to: line }),
  ),
  standingBytes: figure,
  peak: z.object({ at: line, bytes: figure, text, when: text, place, where: text }),
  holders: z.array(z.object({ name: text, text, share, place, where: text })),
});

const roofline: z.ZodType<RooflineView> = z.object({
  device: text,
  flopsPerSecond: figure.positive(),
  type: text,
  bytesPerSecond: figure.positive(),
  dots: z.array(
    z.object({
      name: text,
      count: figure,
      intensity: figure.positive(),
      flopsPerSecond: figure.positive(),
      seconds: figure,
      share,
      bound,
      place,
    }),
  ),
  without: share,
  words: text,
});

const kv: z.ZodType<KvView> = z.object({
  perToken: text,
  batch: figure,
  sequence: figure,
  freeBytes: figure.optional(),
  longest: figure,
  points: z.array(z.object({ tokens: figure, bytes: figure })),
  now: text,
  nowBytes: figure,
  words: text,
  runtimes: z.array(z.object({ name: text, value: text, perToken: text, isChosen: z.boolean(), source: text })),
});

const scenario = z.custom<Scenario>((value) => scenarioChangeSchema.safeParse(value).success);

const change: z.ZodType<ChangeView> = z.object({
  since: text,
  kind: z.enum(["added", "removed", "changed", "same"]),
  was: text.optional(),
  text,
  totals: z.array(
    z.object({
      figure: z.custom<ChangeView["totals"][number]["figure"]>((value) => typeof value === "string"),
      label: text,
      before: text,
      after: text,
      change: text,
      share: text,
      isMore: z.boolean().optional(),
    }),
  ),
  layers: z.array(
    z.object({
      kind: z.enum(["added", "removed", "changed"]),
      name: text,
      count: z.number().int().positive(),
      className: text,
      text,
      place,
    }),
  ),
});

export const reportViewSchema: z.ZodType<ReportView> = z.object({
  model: text,
  place: placeSchema,
  exact: z.boolean(),
  summary: text,
  evidence: remark.extend({ kind: z.custom<ReportView["evidence"]["kind"]>((value) => typeof value === "string") }),
  scenario,
  uses: z.object({ sequence: z.boolean(), image: z.boolean() }),
  units: z.enum(["GB", "GiB"]),
  totals: z.array(z.object({ label: text, text, note: text, change: text.optional() })),
  change: change.optional(),
  memory,
  root: row,
  timeline: timeline.optional(),
  roofline: roofline.optional(),
  kv: kv.optional(),
  findings: z.array(remark.extend({ rule: text, severity: text, fixes: z.array(text) })),
  unknowns: z.array(remark),
  assumptions: z.array(remark),
  remarks: z.array(text),
});

export const growthViewSchema: z.ZodType<GrowthView> = z.object({
  model: text,
  curves: z.array(
    z.object({
      axis: z.enum(["sequence", "batch"]),
      symbol: z.enum(["T", "B"]),
      now: figure,
      lines: z.array(
        z.object({
          figure: z.enum(["flops", "memory", "time"]),
          points: z.array(z.object({ size: figure, times: figure })),
          exponent: figure,
          words: text,
        }),
      ),
      missing: z.array(figure),
    }),
  ),
});
