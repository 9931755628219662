/** What one rank's figures take for granted, in sentences. */
import type { Scenario } from "../../base/scenario.ts";
import type { Axis } from "./communications.ts";
import type { Degrees } from "./degrees.ts";
import type { Link } from "./links.ts";

export function remarksOf(degrees: Degrees, scenario: Scenario, linkOf: (axis: Axis) => Link | undefined): string[] {
  const { data, tensor, stages, context, expert, zero, engine, masterWeights } = degrees;
  const used = [
    ...(data > 1 ? (["data"] as const) : []),
    ...(tensor > 1 ? (["tensor"] as const) : []),
    ...(stages > 1 ? (["pipeline"] as const) : []),
    ...(context > 1 ? (["context"] as const) : []),
    ...(expert > 1 ? (["expert"] as const) : []),
  ];
  const links = new Map(used.flatMap((axis) => [[linkOf(axis)?.name, linkOf(axis)] as const]));
  const remarks = [`These are one rank's figures of ${degrees.ranks}; the scenario's batch is that of all data ranks.`];
  for (const [name, link] of links) {
    if (!link || name === undefined) {
      const wish = scenario.parallel?.interconnect;
      remarks.push(
        `${wish ? `No interconnect is called ${wish}` : "The device's interconnect is not known"}: communication has no seconds.`,
      );
    } else {
      const { bytesPerSecond, efficiency, latencySeconds } = link;
      remarks.push(
        `${name}: ${Math.round(bytesPerSecond / 1e9)} GB/s each way, of which collectives reach ${Math.round(efficiency * 100)} %, ${Math.round(latencySeconds * 1e7) / 10} µs a step; these two are estimates.`,
      );
    }
  }
  if (expert > 1)
    remarks.push("Tokens are taken to be spread evenly over the experts, with no capacity limit and none dropped.");
  if (zero > 0)
    remarks.push(
      `ZeRO-${zero} is ${engine === "pytorch" ? "PyTorch's" : engine === "deepspeed" ? "DeepSpeed's" : "Megatron's"}.`,
    );
  if (scenario.phase === "train")
    remarks.push(
      masterWeights
        ? "Master weights and the optimizer's state are fp32, beside the weights."
        : "The optimizer's state has the weights' type; there are no fp32 master weights.",
    );
  remarks.push("Buffers of the communication library itself are left out.");
  return remarks;
}
