/** `torch.backends.mha`: whether attention modules may take PyTorch's fast path; on, until the program says otherwise. */
import type { Interpreter } from "../python/interpreter.ts";

const key = "attention fast path is off";

export function isFastPathOn(py: Interpreter): boolean {
  return py.extensions.get(key) !== true;
}

export function setFastPath(py: Interpreter, on: boolean): void {
  py.extensions.set(key, !on);
}
