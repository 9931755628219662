import type { Place } from "../base/place.ts";

/** Which facts the answer rests on: how the model was built and with what inputs. Strongest first. */
export interface Evidence {
  readonly kind: "comment" | "project" | "pinned" | "main" | "call" | "defaults" | "config";
  /** `GPT(GPTConfig())(int64[B, T])`: what was analysed. */
  readonly text: string;
  readonly at: Place | undefined;
}
