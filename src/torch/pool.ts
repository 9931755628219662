/**
 * Interpreters kept from one analysis to the next, so that PyTorch and the libraries are imported once. Modules of the
 * workspace are forgotten: their files change.
 */
import type { Budget } from "../base/budget.ts";
import { withDependencies } from "../python/dependencies.ts";
import type { Environment, Interpreter, Sources } from "../python/interpreter.ts";
import { setCapture } from "./capture.ts";
import { setFastPath } from "./fastPath.ts";
import { type Library, startTorch } from "./install.ts";
import { allowKernels } from "./kernels.ts";
import { tracerOf } from "./tensorObject.ts";

/** More environments than this are not kept at once. */
const most = 3;

/** An interpreter that has imported more modules than this makes room for a fresh one. */
const mostModules = 1000;

const pools = new WeakMap<Sources, Map<string, Interpreter>>();

/**
 * An interpreter for an environment, with what it has imported from library folders before. `own` are folders whose files
 * may change: they come first on the import path and are read anew each time.
 */
export function borrowTorch(
  sources: Sources,
  given: Environment,
  own: readonly string[],
  budget: Budget,
  library: Library,
): Interpreter {
  const environment = { ...given, installed: withDependencies(given.installed) };
  const pool = pools.get(sources) ?? new Map<string, Interpreter>();
  pools.set(sources, pool);
  const key = JSON.stringify([environment.roots, [...environment.installed].sort(), environment.versions]);
  const before = pool.get(key);
  const known = before && before.modules.size < mostModules ? before : undefined;
  const py = known ?? startTorch(sources, environment, budget, library);
  // The one used last is the last to go.
  pool.delete(key);
  pool.set(key, py);
  for (const old of [...pool.keys()].slice(0, -most)) pool.delete(old);
  if (known) reset(py, budget, environment.roots);
  py.environment = {
    ...environment,
    roots: [...own, ...environment.roots],
    stubs: own.map((root) => stubFolderOf(root)),
  };
  return py;
}

/** Where the user's own stubs of libraries are, in a folder of the workspace. */
export function stubFolderOf(root: string): string {
  return `${root}/.assay`;
}

/** Forgets an interpreter that stopped half-way: a module of its may be half-run. */
export function discard(sources: Sources, py: Interpreter): void {
  const pool = pools.get(sources);
  for (const [key, one] of pool ?? []) if (one === py) pool?.delete(key);
}

function reset(py: Interpreter, budget: Budget, libraries: readonly string[]): void {
  py.budget = budget;
  py.notes.length = 0;
  py.frame = undefined;
  py.native = undefined;
  py.importGuards = 0;
  py.assigned = undefined;
  py.extensions.delete("refusals");
  py.extensions.delete("autocast weights");
  py.extensions.delete("builds");
  py.extensions.delete("attention kernel");
  allowKernels(py, undefined);
  setCapture(py, undefined);
  setFastPath(py, true);
  const tracer = tracerOf(py);
  tracer.begin();
  tracer.gradEnabled = true;
  tracer.autocast = null;
  tracer.defaultDtype = "float32";
  tracer.defaultDevice = "cuda";
  for (const [name, { path }] of py.modules) {
    const kept = path === "" || path.startsWith("assay:/") || libraries.some((root) => path.startsWith(`${root}/`));
    if (!kept) py.modules.delete(name);
  }
}
