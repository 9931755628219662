/** Bytes of the pass or step that a scenario asks for. */
import type { Scenario } from "../base/scenario.ts";
import type { Device } from "../cost/devices/device.ts";
import { memoryOf } from "../cost/memory/memory.ts";
import type { MemoryReport } from "../cost/report.ts";
import { type Built, failureReason, type Pass } from "../evidence/run.ts";

export function memoryReport(
  { tree }: Pick<Built, "tree">,
  pass: Pass,
  scenario: Scenario,
  device: Device | undefined,
): MemoryReport {
  const { trace, forward, inputs, failure, kvCaches, caches } = pass;
  const forwardEvents = forward === trace ? undefined : forward.events.length;
  const reason = failure && failureReason(failure);
  return memoryOf({ tree, trace, forwardEvents, inputs, kvCaches, caches, scenario, device, failure: reason });
}
