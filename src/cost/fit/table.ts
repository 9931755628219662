/** One scenario on many devices: memory against memory, time, energy, money. */
import { type Known, known } from "../../base/unknown.ts";
import type { Prices } from "../../configs/project/project.ts";
import type { Device } from "../devices/device.ts";
import { limitOf, type Verdict, verdict } from "./verdict.ts";
import type { Weighed } from "./weighed.ts";

export interface Row {
  readonly device: Device;
  readonly bytes: Known<number>;
  readonly interval: readonly [low: number, high: number] | undefined;
  readonly verdict: Verdict;
  /** Of one pass, token or step. */
  readonly seconds: Known<number> | undefined;
  readonly itemsPerSecond: number | undefined;
  readonly unit: "token" | "sample";
  /** Of one pass or step; undefined where the device's power or the time is not known. */
  readonly joules: number | undefined;
  readonly cost: Cost | undefined;
}

/** Money for what a row does, in the project's currency. */
export interface Cost {
  readonly perStep: number;
  readonly perMillionItems: number;
  /** An hour of the device, or only the electricity that it takes. */
  readonly of: "device" | "electricity";
}

/** The part of its board power that a busy device draws on the average: an assumption, which each surface states. */
export const drawnShare = 0.75;

/** A row for each device, the least memory first. `weigh` interprets the scenario as on that device. */
export function deviceTable(
  weigh: (device: Device) => Weighed,
  devices: readonly Device[],
  prices: Prices,
): readonly Row[] {
  return devices
    .toSorted((a, b) => limitOf(a).sure - limitOf(b).sure || a.name.localeCompare(b.name, "en"))
    .map((device) => row(weigh(device), device, prices));
}

/** The first row that fits: of the device with the least memory that does. */
export function smallest(rows: readonly Row[]): Row | undefined {
  return rows.find((one) => one.verdict.kind === "fits");
}

function row(weighed: Weighed, device: Device, prices: Prices): Row {
  const seconds = weighed.seconds === undefined ? undefined : known(weighed.seconds);
  const { count, unit } = weighed.items;
  const joules =
    seconds === undefined || device.powerWatts === undefined ? undefined : seconds * device.powerWatts * drawnShare;
  return {
    device,
    bytes: weighed.bytes,
    interval: weighed.interval,
    verdict: verdict(weighed, device),
    seconds: weighed.seconds,
    itemsPerSecond: seconds ? count / seconds : undefined,
    unit,
    joules,
    cost: cost(device, seconds, joules, count, prices),
  };
}

/** A price for an hour of the device has its electricity in it. */
function cost(
  { id }: Device,
  seconds: number | undefined,
  joules: number | undefined,
  count: number,
  { perHour, electricityPerKwh }: Prices,
): Cost | undefined {
  const hour = perHour?.[id];
  const each = (perStep: number) => ({ perStep, perMillionItems: (1e6 * perStep) / count });
  if (hour !== undefined && seconds !== undefined) return { ...each((hour * seconds) / 3600), of: "device" };
  if (electricityPerKwh === undefined || joules === undefined) return undefined;
  return { ...each((joules / 3.6e6) * electricityPerKwh), of: "electricity" };
}
