import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { type Answer, type Case, weighCase } from "../../src/weighCase.ts";
import { pythonWasm } from "./wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));

/** A case as `assay batch` weighs it, with PyTorch and nothing else installed. */
export function weighed(one: Pick<Case, "setup" | "model"> & Partial<Case> & { root?: string }): Answer {
  const environment = {
    roots: one.root ? [one.root] : [],
    installed: new Set(["torch", "numpy"]),
    versions: { python: "3.12", torch: "2.11.0" },
  };
  return weighCase({ id: "case", args: undefined, kwargs: undefined, mode: "eval", environment, ...one }, sources);
}

/** FLOPs by module as PyTorch's counter names them, `Net.blocks.0`, that the answer does not have exactly. */
export function wrongLayers({ modules }: Answer, expected: Readonly<Record<string, number>>): string[] {
  return Object.entries(expected).flatMap(([name, flops]) => {
    const got = modules?.[name.split(".").slice(1).join(".")]?.flops;
    return got === flops || (flops === 0 && got === undefined) ? [] : [`${name}: ${got}, but PyTorch counts ${flops}`];
  });
}
