/** `assay fits FILE`: one model on many devices, and how large its inputs may be on one. */
import type { Limits } from "../../base/budget.ts";
import { type AskedScenario, decided } from "../../base/scenario.ts";
import { Unknown } from "../../base/unknown.ts";
import type { Prices, Project } from "../../configs/project/project.ts";
import { deviceList, deviceOf } from "../../cost/deviceList.ts";
import type { Device } from "../../cost/devices/device.ts";
import { type Largest, largest } from "../../cost/fit/largest.ts";
import { deviceTable, type Row } from "../../cost/fit/table.ts";
import { type Weighed, weighedOf } from "../../cost/fit/weighed.ts";
import type { ModelReport } from "../../cost/report.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import type { Wish } from "./arguments.ts";
import { Fault, noDevice, type Opened, open } from "./read.ts";

export interface Fits {
  /** As weighed for the scenario's device. */
  readonly model: ModelReport;
  readonly device: Device;
  readonly rows: readonly Row[];
  /** For the scenario's device, along each size that the model's inputs have. */
  readonly largest: readonly Largest[];
  readonly prices: Prices;
  readonly problems: readonly string[];
}

export function readFits(wish: Wish, ids: readonly string[], parser: PythonParser, limits: Limits): Fits | Fault {
  const opened = open(wish, parser, limits);
  if (opened instanceof Fault) return opened;
  const { analyzed, scenario, project, problems } = opened;
  const devices = chosen(ids, scenario, project);
  if (devices instanceof Fault) return devices;
  const first = analyzed({ scenario, change: wish.change, pinned: wish.model }).models;
  const model = first.find(({ name }) => name === wish.model) ?? first[0];
  if (!model || (wish.model !== undefined && model.name !== wish.model))
    return new Fault(
      `assay: ${wish.file} has no model${wish.model === undefined ? "" : ` called ${wish.model}`} to weigh. Write \`assay ${wish.file}\` to see what it holds.`,
    );
  const weigh = weighing(opened, wish, model);
  const device = deviceOf(model.scenario.device, project) as Device;
  const prices = project?.prices ?? {};
  return {
    model,
    device,
    rows: deviceTable((one) => weigh({ ...model.scenario, device: one.id }), devices, prices),
    largest: sizesOf(model).map((along) => largest(weigh, model.scenario, along, device)),
    prices,
    problems,
  };
}

/** The model weighed for other scenarios; those that were weighed are remembered. */
function weighing({ analyzed }: Opened, wish: Wish, model: ModelReport): (scenario: AskedScenario) => Weighed {
  const known = new Map<string, Weighed>([[JSON.stringify(model.scenario), weighedOf(model)]]);
  return (scenario) => {
    const key = JSON.stringify(scenario);
    const before = known.get(key);
    if (before) return before;
    // What varies is the person's wish, before what a model's own entry says.
    const change = { ...wish.change, device: scenario.device, batch: scenario.batch, sequence: scenario.sequence };
    const [one] = analyzed({ scenario, change, only: model.name }).models;
    const weighed = one ? weighedOf(one) : nothing(scenario, model.name);
    known.set(key, weighed);
    return weighed;
  };
}

function nothing(scenario: AskedScenario, name: string): Weighed {
  return {
    scenario: decided(scenario),
    bytes: new Unknown(`${name} could not be built`),
    interval: undefined,
    terms: [],
    seconds: undefined,
    secondsInterval: undefined,
    items: { count: 0, unit: "sample" },
    complete: false,
  };
}

/** The devices to compare: those named, else GPUs and accelerators, the project's own and the scenario's. */
function chosen(
  ids: readonly string[],
  scenario: AskedScenario,
  project: Project | undefined,
): readonly Device[] | Fault {
  const all = deviceList(project);
  if (ids.length === 1 && ids[0] === "all") return all;
  const wrong = ids.find((id) => !deviceOf(id, project));
  if (wrong !== undefined) return new Fault(noDevice(wrong));
  if (ids.length > 0) return ids.flatMap((id) => deviceOf(id, project) ?? []);
  const usual = new Set<Device["kind"]>(["gpu", "accelerator"]);
  return all.filter(({ id, kind }) => usual.has(kind) || id === scenario.device || project?.devices[id] !== undefined);
}

function sizesOf({ uses }: ModelReport): Largest["along"][] {
  return uses.sequence ? ["batch", "sequence"] : ["batch"];
}
