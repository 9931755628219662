/** A model's time as rows of text: what a pass or step takes, what bounds it, and what that is worth per second. */
import { showCount, showFigure, showShare, showTime } from "../base/units.ts";
import { known } from "../base/unknown.ts";
import type { ModelReport, TimeReport } from "../cost/report.ts";
import { type Throughput, throughput } from "../cost/time/throughput.ts";

export interface TimeRow {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/** Seconds with what they are worth: `~` where curves of another device stand in or something is not known. */
export function timeFigure({ complete }: ModelReport, seconds: number): string {
  return showFigure(seconds, showTime, complete.time ? "exact" : "about");
}

/** `38 ms`, `3.2 ms/token`, `43 ms/step`: the pass as PyTorch runs it; nothing where it is not known. */
export function timeFact(model: ModelReport): string[] {
  const { phase } = model.scenario;
  const speed = speedOf(model);
  if (!speed) return [];
  const of = phase === "train" ? "/step" : speed.secondsPerToken !== undefined ? "/token" : "";
  return [`${timeFigure(model, speed.seconds)}${of}`];
}

export function speedOf({ time, scenario, uses }: ModelReport): Throughput | undefined {
  return throughput(time, scenario, uses);
}

/** The time and the speed; nothing where they are not known. */
export function timeRows(model: ModelReport): TimeRow[] {
  const { time } = model;
  const speed = speedOf(model);
  if (!time || !speed) return [];
  return [{ label: "time", value: timeFigure(model, speed.seconds), note: timeNote(model, time) }, ...speedRows(model)];
}

/** `26.7 K tokens/s`, and what else says it: to the first token, a token, the share of the device's peak. */
export function speedRows(model: ModelReport): TimeRow[] {
  const { scenario, uses } = model;
  const speed = speedOf(model);
  if (!speed) return [];
  const { samplesPerSecond, tokensPerSecond, secondsToFirstToken, secondsPerToken, modelFlopsUtilization } = speed;
  const what = tokensPerSecond !== undefined ? "tokens" : uses.image ? "images" : "samples";
  const worth = model.complete.time ? "" : "~ ";
  const notes = [
    ...(secondsToFirstToken === undefined ? [] : [`${showTime(secondsToFirstToken)} to the first token`]),
    ...(secondsPerToken === undefined ? [] : [`${showTime(secondsPerToken)} a token`]),
    ...(scenario.phase === "train" ? [`MFU ${showShare(modelFlopsUtilization, 1)}`] : []),
  ];
  return [
    {
      label: "speed",
      value: `${worth}${showRate(tokensPerSecond ?? samplesPerSecond)} ${what}/s`,
      note: notes.join(" · "),
    },
  ];
}

/** Three digits, in thousands where there are many. */
function showRate(rate: number): string {
  return rate < 1000 ? String(Number(rate.toPrecision(3))) : showCount(Number(rate.toPrecision(3)));
}

/** What the kernels alone take where the CPU adds to that, and what bounds most of it. */
function timeNote({ scenario }: ModelReport, time: TimeReport): string {
  const [seconds, eager] = [known(time.seconds), known(time.eagerSeconds)];
  const run =
    scenario.phase === "train"
      ? "of one training step"
      : scenario.phase === "decode"
        ? "of one token"
        : "of one forward pass";
  if (seconds === undefined || eager === undefined || scenario.compile) return `${run}, ${boundText(time)}`;
  return eager > 1.2 * seconds
    ? `${run}, bound by the CPU · ${showTime(seconds)} without launch gaps`
    : `${run}, ${boundText(time)}`;
}

function boundText({ bound }: TimeReport): string {
  const [first] = Object.entries(bound).toSorted((a, b) => b[1] - a[1]);
  return first?.[0] === "launch" ? "bound by launches" : `bound by ${first?.[0]}`;
}
