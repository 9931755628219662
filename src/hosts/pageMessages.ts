/** What the report's page and the extension say to each other; either side refuses what has another shape. */
import * as z from "zod";
import { scenarioChangeSchema } from "../base/settings.ts";
import type { WhatIfView } from "../surfaces/advice.ts";
import { growthViewSchema, placeSchema, reportViewSchema } from "./reportShape.ts";

const text = z.string();
const uri = z.string().min(1);
const kind = <Name extends string>(name: Name) => z.literal(name);
const of = { uri, model: text };
const knobs = z.record(text, z.union([z.number(), text, z.boolean()]));
const applied = z.array(z.object({ id: text, knobs: knobs.default({}) }));

/** What the page asks for. */
export const fromPageSchema = z.discriminatedUnion("kind", [
  z.object({ kind: kind("ready") }),
  z.object({ kind: kind("reveal"), place: placeSchema }),
  z.object({ kind: kind("open"), uri }),
  z.object({ kind: kind("scenario"), change: scenarioChangeSchema }),
  z.object({ kind: kind("pick") }),
  z.object({ kind: kind("pin") }),
  z.object({ kind: kind("unpin") }),
  z.object({ kind: kind("sample") }),
  z.object({ kind: kind("cancel") }),
  z.object({ kind: kind("again") }),
  /** Answers that are being worked on are wanted no more. */
  z.object({ kind: kind("giveUp") }),
  z.object({ kind: kind("copy"), text }),
  /** A picture, as SVG and as PNG in base64. */
  z.object({ kind: kind("save"), name: text, svg: text, png: text }),
  z.object({ kind: kind("explain"), id: text }),
  z.object({ kind: kind("growth"), ...of }),
  z.object({ kind: kind("advice"), ...of }),
  z.object({ kind: kind("whatIf"), ...of, apply: applied }),
  /** A quick fix of a finding, by its title. */
  z.object({ kind: kind("fix"), place: placeSchema, title: text }),
  /** The edit of a technique. */
  z.object({ kind: kind("technique"), ...of, id: text }),
]);
export type FromPage = z.infer<typeof fromPageSchema>;

/** A technique as the page lists it. */
const choiceSchema = z.object({
  id: text,
  name: text,
  what: text,
  price: text,
  demands: text,
  exact: z.boolean(),
  saving: text,
  /** The part that it saves of the figure that it saves most of; 0 where it saves nothing. */
  share: z.number(),
  paper: text.optional(),
  sites: z.array(text),
  remarks: z.array(text),
  /** Whether an edit applies it. */
  edits: z.boolean(),
});
export type Choice = z.infer<typeof choiceSchema>;

const costRow = z.object({ name: text, before: text, after: text, change: text }) satisfies z.ZodType<
  WhatIfView["rows"][number]
>;

/** What the page is shown. */
export const toPageSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: kind("report"),
    uri,
    report: reportViewSchema,
    pinned: z.boolean(),
    devices: z.array(z.object({ id: text, name: text })),
    notes: z.array(text),
    /** Rises with every report of the file: answers about an older one are stale. */
    turn: z.number(),
  }),
  z.object({
    kind: kind("empty"),
    text,
    /** Files of the workspace that hold models; absent while they are looked for. */
    files: z.array(z.object({ uri, name: text, models: z.array(text) })).optional(),
  }),
  z.object({ kind: kind("progress"), state: z.enum(["idle", "busy", "cancelled"]), file: text }),
  z.object({ kind: kind("cursor"), path: text, line: z.number().int() }),
  z.object({ kind: kind("growth"), model: text, turn: z.number(), growth: growthViewSchema.nullable() }),
  z.object({
    kind: kind("advice"),
    model: text,
    turn: z.number(),
    /** Null where the model cannot be run. */
    choices: z.array(choiceSchema).nullable(),
    considered: z.array(z.object({ name: text, why: text })),
  }),
  z.object({
    kind: kind("whatIf"),
    model: text,
    turn: z.number(),
    rows: z.array(costRow),
    refused: z.array(z.object({ id: text, reason: text })),
    remarks: z.array(text),
  }),
]);
export type ToPage = z.infer<typeof toPageSchema>;

export const measures = ["params", "flops", "memory", "time"] as const;

/** What the page remembers while it is hidden; what cannot be read of it begins anew. */
export const memorySchema = z.object({
  measure: z.enum(measures).catch("params"),
  /** The layer that fills the tree's picture, by its key; and the one that was chosen there. */
  zoom: text.optional().catch(undefined),
  chosen: text.optional().catch(undefined),
  /** Pictures that are shown as tables. */
  tables: z.record(text, z.boolean()).catch({}),
  /** Lines of the layers' table that were folded or unfolded by hand. */
  open: z.record(text, z.boolean()).catch({}),
  /** Lists that are shown whole. */
  whole: z.record(text, z.boolean()).catch({}),
  /** Techniques that are tried, by id. */
  tried: z.array(text).catch([]),
  scroll: z.number().catch(0),
});
export type Memory = z.infer<typeof memorySchema>;
