/** Messages for the report's page: a real report, and answers to what the page asks for in time. */
import type { ToPage } from "../../src/hosts/pageMessages.ts";
import { type ReportView, reportView } from "../../src/surfaces/report.ts";
import { analysed } from "../surfaces/workspace.ts";

type Shown = ToPage & { kind: "report" };

/** The report of a file's first model. */
export function viewOf(text: string, scenario: object = {}): ReportView {
  const { report, view } = analysed({ files: { "gpt.py": text }, main: "gpt.py", settings: { scenario } });
  return reportView(report, report.models[0]!, view);
}

export const shown = (report: ReportView, turn = 1): Shown => ({
  kind: "report",
  uri: "file:///workspace/gpt.py",
  report: JSON.parse(JSON.stringify(report)) as ReportView,
  pinned: false,
  devices: [
    { id: "nvidia-rtx-4090-24gb", name: "RTX 4090" },
    { id: "nvidia-h100-sxm-80gb", name: "H100 SXM" },
  ],
  notes: [],
  turn,
});

/** Answers to what the page asks for in time. */
export const growth = (model: string, turn = 1): ToPage => ({
  kind: "growth",
  model,
  turn,
  growth: {
    model,
    curves: [
      {
        axis: "sequence",
        symbol: "T",
        now: 1024,
        missing: [4096],
        lines: [
          {
            figure: "flops",
            exponent: 1.1,
            words: "with T¹·¹: T² is 10 % of it here",
            points: [
              { size: 512, times: 0.47 },
              { size: 1024, times: 1 },
              { size: 2048, times: 2.2 },
            ],
          },
        ],
      },
    ],
  },
});
export const advice = (model: string, turn = 1): ToPage => ({
  kind: "advice",
  model,
  turn,
  considered: [{ name: "Flash decoding", why: "The phase is prefill." }],
  choices: [
    {
      id: "int8",
      name: "8-bit weights",
      what: "Weights in 8 bits.",
      price: "Outputs change a little.",
      demands: "nothing",
      exact: false,
      saving: "weights 498 MB → 243 MB, 51 % less.",
      share: 0.51,
      sites: [],
      remarks: [],
      edits: true,
    },
  ],
});
