/** Regions that run again in the backward pass: which module calls they are, and where they stop. */
import type { Release, TraceEvent } from "../trace.ts";
import type { Tracer } from "../tracer.ts";

/**
 * Takes back what a region did behind the last tensor that its backward pass needs, as checkpointing does which stops
 * early. A tensor that an operation is given is kept before it runs, one that it makes is kept behind it.
 */
export function stopEarly(tracer: Tracer, start: number): void {
  const { events } = tracer;
  let end = start;
  for (let i = events.length - 1; i >= start; i--) {
    const event = events[i] as TraceEvent;
    if (event.kind !== "operation" || event.saved.length === 0) continue;
    const given = new Set(event.inputs.map(({ storage }) => storage));
    const before = event.saved.every((storage) => given.has(storage) && !event.made.includes(storage));
    end = before ? i : i + 1;
    break;
  }
  const tail = events.splice(end);
  const never = new Set(tail.flatMap((event) => (event.kind === "operation" ? event.made : [])));
  // A storage that was never made is never freed.
  for (const storage of never) storage.role = "buffer";
  for (const event of tail) if (isRelease(event) && !never.has(event.storage)) events.push(event);
}

function isRelease(event: TraceEvent): event is Release {
  return event.kind === "release";
}
