/** Which interconnect each group of ranks talks over, and how long a step's communication takes. */
import records from "every:interconnects";
import type { Parallel } from "../../base/scenario.ts";
import type { Device } from "../devices/device.ts";
import type { Interconnect } from "../interconnects/interconnect.ts";
import { collectiveSeconds, sentBytes } from "./collectives.ts";
import type { Axis, Traffic } from "./communications.ts";
import type { Degrees } from "./degrees.ts";

export type Link = Pick<Interconnect, "name" | "bytesPerSecond" | "latencySeconds" | "efficiency">;

/** Collectives of a step with their bytes and seconds; `exposedSeconds` is what no computation hides. */
export interface Communication extends Omit<Traffic, "behind"> {
  readonly link: string | undefined;
  /** Sent by one rank in a step. */
  readonly sentBytes: number;
  readonly seconds: number | undefined;
  readonly exposedSeconds: number | undefined;
}

/** Taken where a device's own link is in no record. */
const usual = { latencySeconds: 5e-6, efficiency: 0.8 };

export function interconnectOf(id: string): Interconnect | undefined {
  return records.map(({ record }) => record).find((record) => record.id === id);
}

/** The link of each axis: the device's own within a machine, the scenario's between machines; undefined where none is known. */
export function linksOf(
  degrees: Degrees,
  { interconnect, perMachine }: Parallel,
  device: Device | undefined,
): (axis: Axis) => Link | undefined {
  const between = interconnect === undefined ? undefined : interconnectOf(interconnect);
  const { interconnect: near } = device ?? {};
  const own: Link | undefined = near && (interconnectOf(near.name) ?? { ...usual, ...near });
  // Neighbours share tensors first, then the sequence, then the batch; stages lie furthest apart.
  const order: readonly [Axis, number][] = [
    ["tensor", degrees.tensor],
    ["context", degrees.context],
    ["data", degrees.data],
    ["pipeline", degrees.stages],
  ];
  return (axis) => {
    if (interconnect !== undefined && !between) return undefined;
    if (!between || perMachine === undefined) return between ?? own;
    let reach = 1;
    for (const [name, degree] of order) {
      reach *= degree;
      if (name === axis || (axis === "expert" && name === "data")) break;
    }
    return reach <= perMachine ? (own ?? between) : between;
  };
}

/** Seconds of computation that communication can hide behind. */
export interface Cover {
  readonly forward: number;
  readonly backward: number;
  /** Passes in the step. */
  readonly passes: number;
}

export function timed(
  traffic: readonly Traffic[],
  linkOf: (axis: Axis) => Link | undefined,
  cover: Cover | undefined,
): Communication[] {
  let { forward, backward } = cover ?? { forward: 0, backward: 0 };
  const last = cover ? cover.backward / cover.passes : 0;
  return traffic.map(({ behind, ...rest }) => {
    const link = linkOf(rest.axis);
    const each = link && collectiveSeconds(rest.collective, rest.bytes, rest.ranks, link);
    const seconds = each === undefined ? undefined : each * rest.calls;
    let exposedSeconds = seconds;
    if (seconds !== undefined && each !== undefined && cover && behind !== "nothing") {
      // The first of them, or the last, has nothing beside it.
      const room =
        behind === "last backward" ? Math.min(backward, last) : behind === "backward" ? backward : forward + backward;
      const hidden = Math.min(seconds - each, room);
      exposedSeconds = seconds - hidden;
      const fromBackward = behind !== "passes" ? hidden : (hidden * backward) / Math.max(room, Number.MIN_VALUE);
      backward -= fromBackward;
      forward -= hidden - fromBackward;
    }
    return {
      ...rest,
      link: link?.name,
      sentBytes: sentBytes(rest.collective, rest.bytes, rest.ranks) * rest.calls,
      seconds,
      exposedSeconds: cover ? exposedSeconds : undefined,
    };
  });
}
