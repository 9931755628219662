/** Whether the interpreted program runs while a CUDA graph is captured, which it can ask. */
import type { Interpreter } from "../python/interpreter.ts";

export interface Capture {
  /** What `torch.cuda.is_current_stream_capturing()` answers. */
  readonly on: boolean;
  /** Whether the model that is weighed has asked since it was built. */
  readonly asked: boolean;
}

const key = "graph capture";
const idle: Capture = { on: false, asked: false };

export function captureOf(py: Interpreter): Capture {
  return (py.extensions.get(key) as Capture | undefined) ?? idle;
}

/** Sets what the program is told; undefined: forgets that it asked. */
export function setCapture(py: Interpreter, on: boolean | undefined): void {
  py.extensions.set(key, on === undefined ? idle : { ...captureOf(py), on });
}

/** The answer to the program's question. */
export function isCapturing(py: Interpreter): boolean {
  const { on, asked } = captureOf(py);
  if (!asked) py.extensions.set(key, { on, asked: true });
  return on;
}
