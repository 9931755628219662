/** The status bar's line. */
import { type AskedScenario, showScenario } from "../base/scenario.ts";

export interface Status {
  readonly scenario: AskedScenario;
  /** The model being watched, where there is one. */
  readonly model?:
    | { name: string; pinned: boolean; uses: { sequence: boolean; image: boolean }; summary: string }
    | undefined;
  readonly librariesFound: boolean;
  readonly analysing: boolean;
}

/** `assay: GPT · prefill · B1 T1024 · bf16`, with the whole account in the tooltip (Markdown). */
export function statusText({ scenario, model, librariesFound, analysing }: Status): { text: string; tooltip: string } {
  const uses = model?.uses ?? { sequence: true, image: false };
  const facts = [...(model ? [model.name] : []), scenario.phase, showScenario(scenario, uses)];
  const icon = analysing ? "$(loading~spin)" : model?.pinned ? "$(pinned)" : "$(dashboard)";
  const lines = [
    model ? `**${model.name}**${model.pinned ? " (pinned)" : ""}: ${model.summary}` : "No model in this file.",
    `Scenario: ${scenario.device}, ${scenario.phase}, ${showScenario(scenario, { sequence: true, image: true })}` +
      (scenario.phase === "train" ? `, ${scenario.optimizer}` : ""),
    ...(librariesFound ? [] : ["No Python libraries found; answers come from our own torch."]),
    "Click to change the scenario or the model.",
  ];
  return {
    text: `${icon} assay: ${facts.join(" · ")}${librariesFound ? "" : " · no libraries"}`,
    tooltip: lines.join("\n\n"),
  };
}
