/** All devices that a scenario may name: the catalogue's and the project's own. */
import records from "every:devices";
import type { GivenDevice, Project } from "../configs/project/project.ts";
import type { ProjectProblem, ProjectText } from "../configs/project/read.ts";
import type { Device } from "./devices/device.ts";

const catalogue: ReadonlyMap<string, Device> = new Map(records.map(({ record }) => [record.id, record]));

/** The devices by name; the project's own first. */
export function deviceList(project?: Pick<Project, "devices">): readonly Device[] {
  const own = Object.keys(project?.devices ?? {}).flatMap((id) => deviceOf(id, project) ?? []);
  const known = [...catalogue.values()].toSorted((a, b) => a.name.localeCompare(b.name, "en"));
  return [...own, ...known.filter(({ id }) => !own.some((device) => device.id === id))];
}

/** The device of an id; undefined for one that nobody described well enough. */
export function deviceOf(id: string, project?: Pick<Project, "devices">): Device | undefined {
  const given = project?.devices[id];
  if (!given) return catalogue.get(id);
  const device = whole(id, given);
  return typeof device === "string" ? undefined : device;
}

/** What is wrong with the devices that an `assay.json` describes or names, which its reader cannot know. */
export function deviceProblems({ project, at }: ProjectText): ProjectProblem[] {
  const problems: ProjectProblem[] = [];
  const check = (where: readonly (string | number)[], id: string | undefined) => {
    if (id === undefined || deviceOf(id, project)) return;
    if (project.devices[id]) return;
    problems.push({ span: at(where), text: unknownDevice(id) });
  };
  for (const [id, given] of Object.entries(project.devices)) {
    const device = whole(id, given);
    if (typeof device === "string") problems.push({ span: at(["devices", id]), text: device });
  }
  check(["scenario", "device"], project.scenario.device);
  for (const id of Object.keys(project.prices.perHour ?? {})) check(["prices", "perHour", id], id);
  for (const [i, { scenario }] of project.models.entries())
    check(["models", i, "scenario", "device"], scenario?.device);
  return problems;
}

/** `There is no device nvidia-l4. Did you mean nvidia-l4-24gb?` */
export function unknownDevice(id: string): string {
  return `There is no device ${id}.${nearest(id)}`;
}

/** What a device must say that is like no other. */
const needed = ["memoryBytes", "memoryBytesPerSecond", "flopsPerSecond"] as const;

/** The device, or why it is none. */
function whole(id: string, { like, ...given }: GivenDevice): Device | string {
  const model = like === undefined ? undefined : catalogue.get(like);
  if (like !== undefined && !model) return `devices.${id}.like: there is no device ${like}.${nearest(like)}`;
  const missing = needed.filter((key) => given[key] === undefined);
  if (!model && missing.length > 0)
    return `devices.${id}: ${missing.join(", ")} must be said, or "like" must name a device that it resembles; it is left out.`;
  return {
    ...(model && fitting(model, given)),
    kind: "gpu",
    ...(model && { kind: model.kind }),
    sources: [],
    ...given,
    ...(like !== undefined && { like }),
    id,
    name: given.name ?? id,
    ...(model && given.remarks === undefined && { remarks: `As ${model.name}, with what the project's file says.` }),
  } as Device;
}

/** What holds for a device's model and still holds where a person gave other figures. */
function fitting(model: Device, given: Partial<GivenDevice>): Partial<Device> {
  const { visibleBytes, curves, remarks: _remarks, sources: _sources, ...rest } = model;
  return {
    ...rest,
    ...(given.memoryBytes === undefined && visibleBytes !== undefined && { visibleBytes }),
    ...(given.flopsPerSecond === undefined && given.memoryBytesPerSecond === undefined && curves && { curves }),
  };
}

/** ` Did you mean nvidia-l4-24gb?`: the ids that hold most of a wrong one's words; nothing where none does. */
function nearest(id: string): string {
  const words = new Set(id.toLowerCase().split(/[^a-z0-9]+/));
  const scored = [...catalogue.keys()].map((known) => ({
    known,
    shared: known.split("-").filter((word) => words.has(word)).length,
  }));
  const most = Math.max(...scored.map(({ shared }) => shared));
  if (most === 0) return "";
  const near = scored.filter(({ shared }) => shared === most).map(({ known }) => known);
  return near.length > 3 ? "" : ` Did you mean ${near.join(" or ")}?`;
}
