/** CPU and GPU side by side: the CPU asks for operations ahead of time, the GPU works them off in order. */
export interface Queued {
  /** Seconds that the CPU takes to ask for it. */
  readonly host: number;
  /** Seconds that the GPU takes for it; 0 where it is asked for nothing. */
  readonly device: number;
  /** The CPU needs its result to go on. */
  readonly waits: boolean;
}

/** From the asking to the first instruction. */
const launchSeconds = 4e-6;

/** Seconds of one pass among many of its like, one right behind the other. */
export function eagerSeconds(queue: readonly Queued[]): number {
  let host = 0;
  let device = 0;
  const ends: number[] = [];
  for (let pass = 0; pass < 3; pass++) {
    for (const one of queue) {
      host += one.host;
      if (one.device > 0) device = Math.max(device, host + launchSeconds) + one.device;
      if (one.waits) host = Math.max(host, device);
    }
    ends.push(Math.max(host, device));
  }
  return (ends[2] ?? 0) - (ends[1] ?? 0);
}
