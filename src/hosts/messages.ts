/** What the server and the client say to each other besides the language server protocol, with its checks. */

import * as z from "zod";
import type { AskedScenario } from "../base/scenario.ts";
import { scenarioChangeSchema } from "../base/settings.ts";
import type { Fix } from "../cost/report.ts";
import type { AdviceView, WhatIfView } from "../surfaces/advice.ts";
import { growthViewSchema, reportViewSchema } from "./reportShape.ts";

/** Names on the wire. */
export const messages = {
  /** Client to server: the models of a file. */
  models: "assay/models",
  /** Client to server: the account of one model. */
  report: "assay/report",
  /** Client to server: the page that explains a finding. */
  explain: "assay/explain",
  /** Client to server: a config's model as PyTorch code. */
  code: "assay/code",
  /** Client to server: a report as text for a file or the clipboard. */
  export: "assay/export",
  /** Client to server: two models side by side. */
  compare: "assay/compare",
  /** Client to server: what files were at the commit that they are compared with. */
  base: "assay/base",
  /** Client to server: what each technique of the catalogue would do to a model. */
  advice: "assay/advice",
  /** Client to server: what a model costs before and after several techniques. */
  whatIf: "assay/whatIf",
  /** Client to server: how a model's costs grow with the sequence and the batch. */
  growth: "assay/growth",
  /** Client to server: give up the analysis of a file, or do it again. */
  analysis: "assay/analysis",
  /** Client to server: the edit that applies a technique. */
  techniqueFix: "assay/techniqueFix",
  /** Client to server: what the person changed about the settings' scenario. */
  scenario: "assay/scenario",
  /** Client to server: files to keep analysed although no editor shows them. */
  watch: "assay/watch",
  /** Client to server: the Python interpreter that the editor has selected. */
  interpreter: "assay/interpreter",
  /** Server to client: what it is doing and with what. */
  status: "assay/status",
  /** Server to client: a file has a new report. */
  finished: "assay/finished",
  /** Server to client, where the server has no file system: a file's text. */
  readFile: "assay/readFile",
} as const;

const uri = z.string().min(1);

export const startSchema = z.object({
  scenario: scenarioChangeSchema.optional(),
  interpreter: z.string().optional(),
  /** Files of the workspace, where the server cannot look itself. */
  files: z.array(uri).optional(),
});
export type Start = z.infer<typeof startSchema>;

export const modelsRequestSchema = z.object({ uri });
export const reportRequestSchema = z.object({ uri, model: z.string().optional() });
export const exportRequestSchema = reportRequestSchema.extend({ format: z.enum(["markdown", "json", "csv", "tsv"]) });
export type ExportFormat = z.infer<typeof exportRequestSchema>["format"];
/** Null where there is no such report. */
export const exportResultSchema = z.object({ text: z.string() }).nullable();
export const compareRequestSchema = z.object({ sides: z.tuple([reportRequestSchema, reportRequestSchema]) });
export const compareResultSchema = z.object({ markdown: z.string() });
/** Files that read otherwise there: null stands for one that was not there. No name where there is no commit. */
export const baseNoticeSchema = z.object({
  name: z.string().optional(),
  files: z.array(z.object({ uri, text: z.string().nullable() })),
});
export type BaseNotice = z.infer<typeof baseNoticeSchema>;
export const codeRequestSchema = z.object({ uri });
/** Null where the file is no config that is kept analysed, or it was given up. */
export const codeResultSchema = z
  .union([z.object({ className: z.string(), text: z.string() }), z.object({ reason: z.string() })])
  .nullable();
export type CodeResult = z.infer<typeof codeResultSchema>;
/** Where that code is read: a document whose query is the config's address. */
export const codeScheme = "assay-code";
export const explainRequestSchema = z.object({ id: z.string() });
export const explainResultSchema = z.object({ markdown: z.string() });

/** A model of a file: by its name, by a line that counts from 0 and stands in it, or the file's first. */
const whichModel = { uri, model: z.string().optional(), line: z.number().int().min(0).optional() };
const knobsSchema = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));
export const appliedSchema = z.object({ id: z.string(), knobs: knobsSchema.default({}) });
export const adviceRequestSchema = z.object(whichModel);
export type AdviceRequest = z.infer<typeof adviceRequestSchema>;
export const whatIfRequestSchema = z.object({ ...whichModel, apply: z.array(appliedSchema) });
export type WhatIfRequest = z.infer<typeof whatIfRequestSchema>;
export const growthRequestSchema = z.object({ uri, model: z.string() });
export const analysisNoticeSchema = z.object({ uri, ask: z.enum(["cancel", "again"]) });
export const techniqueFixRequestSchema = z.object({ ...whichModel, ...appliedSchema.shape });
/** What the command `assay.whatIf` may be given in place of its questions. */
export const whatIfCommandSchema = z.object({
  uri,
  model: z.string().optional(),
  apply: z.array(appliedSchema).optional(),
});
/** Where before and after are read: a document whose query is the request. */
export const whatIfScheme = "assay-what-if";
/** The server made these from types; null where the file holds no model that can be run, or is being edited. */
export const adviceResultSchema = z
  .custom<AdviceView>((value) => typeof value === "object" && value !== null && "choices" in value)
  .nullable();
export const whatIfResultSchema = z
  .custom<WhatIfView>((value) => typeof value === "object" && value !== null && "applied" in value)
  .nullable();
export const techniqueFixResultSchema = z
  .custom<Fix | { reason: string }>((value) => typeof value === "object" && value !== null)
  .nullable();
export const scenarioNoticeSchema = z.object({ change: scenarioChangeSchema });
export const watchNoticeSchema = z.object({ uris: z.array(uri) });
export const interpreterNoticeSchema = z.object({ interpreter: z.string().optional() });
export const readFileRequestSchema = z.object({ uri });
export const readFileResultSchema = z.object({ text: z.string().nullable() });

const uses = z.object({ sequence: z.boolean(), image: z.boolean() });
/** A model that can be watched. */
const modelChoiceSchema = z.object({
  name: z.string(),
  line: z.number(),
  summary: z.string(),
  uses,
  inner: z.boolean(),
});
export type ModelChoice = z.infer<typeof modelChoiceSchema>;
export const modelsResultSchema = z.object({ analysed: z.boolean(), models: z.array(modelChoiceSchema) });
export type ModelsResult = z.infer<typeof modelsResultSchema>;

const scenarioSchema = z.custom<AskedScenario>((value) => scenarioChangeSchema.safeParse(value).success);
export const statusNoticeSchema = z.object({
  scenario: scenarioSchema,
  librariesFound: z.boolean(),
  /** Devices that can be chosen. */
  devices: z.array(z.object({ id: z.string(), name: z.string() })),
  analysing: z.array(uri),
  /** Settings that could not be used, in words. */
  problems: z.array(z.string()),
});
export type StatusNotice = z.infer<typeof statusNoticeSchema>;
export const finishedNoticeSchema = z.object({ uri });

export const reportResultSchema = reportViewSchema.nullable();
/** Null where the model cannot be run, or it was given up. */
export const growthResultSchema = growthViewSchema.nullable();

/** What the client remembers of a workspace. */
export const pinnedSchema = z.object({ uri, model: z.string() });
export type Pinned = z.infer<typeof pinnedSchema>;

/** Arguments of the commands that lenses and hovers link to. */
export const modelArgumentsSchema = z.tuple([uri, z.string().optional()]);

/** Where a finding's page is read: a document that the client makes of the server's answer. */
export const pageScheme = "assay-page";

export function pageUri(id: string): string {
  return `${pageScheme}:/${id}.md`;
}
