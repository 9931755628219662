/** What the server, the client and the sidebar say to each other besides the language server protocol, with its checks. */

import { z } from "zod";
import type { AskedScenario } from "../base/scenario.ts";
import { scenarioChangeSchema } from "../base/settings.ts";
import type { ReportView } from "../surfaces/report.ts";

/** Names on the wire. */
export const messages = {
  /** Client to server: the models of a file. */
  models: "assay/models",
  /** Client to server: the account of one model. */
  report: "assay/report",
  /** Client to server: the page that explains a finding. */
  explain: "assay/explain",
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
export const explainRequestSchema = z.object({ id: z.string() });
export const explainResultSchema = z.object({ markdown: z.string() });
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

/** The server made it from types; what is checked is that it is an account at all. */
export const reportResultSchema = z
  .custom<ReportView>((value) => typeof value === "object" && value !== null && "root" in value && "totals" in value)
  .nullable();

const place = z.object({
  path: z.string(),
  line: z.number(),
  column: z.number(),
  endLine: z.number(),
  endColumn: z.number(),
});

/** What the sidebar's page asks for. */
export const fromSidebarSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("reveal"), place }),
  z.object({ kind: z.literal("open"), uri }),
  z.object({ kind: z.literal("scenario"), change: scenarioChangeSchema }),
  z.object({ kind: z.literal("pick") }),
  z.object({ kind: z.literal("pin") }),
  z.object({ kind: z.literal("unpin") }),
]);
export type FromSidebar = z.infer<typeof fromSidebarSchema>;

/** What the sidebar's page is shown. */
export type ToSidebar =
  | { kind: "report"; report: ReportView; pinned: boolean; devices: StatusNotice["devices"]; notes: string[] }
  | { kind: "empty"; text: string; files: { uri: string; name: string }[] };

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
