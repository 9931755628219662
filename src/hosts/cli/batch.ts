import { createInterface } from "node:readline";
import { batchLimits } from "../../base/budget.ts";
import { readScenario } from "../../base/settings.ts";
import { typeOfConfig } from "../../configs/index.ts";
import { deviceOf, unknownDevice } from "../../cost/deviceList.ts";
import type { Environment, Sources } from "../../python/interpreter.ts";
import { weighScriptCase } from "../../report/javascriptCase.ts";
import { quantizedConfig } from "../../report/stored.ts";
import { stagedConfig } from "../../staging/stage.ts";
import { type Answer, type Case, type StagedCase, weighCase, weighConfigCase } from "../../weighCase.ts";
import { fileSources, openParser } from "./files.ts";
import { collector } from "./memory.ts";

/** `assay batch`: a case a line in, an answer a line out. A case never ends the run. */
export async function batch(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<void> {
  const sources = fileSources(await openParser());
  const collect = collector();
  for await (const line of createInterface({ input })) {
    if (!line.trim()) continue;
    const start = performance.now();
    const answer = answerLine(line, sources);
    output.write(`${JSON.stringify({ ...answer, milliseconds: Math.round(10 * (performance.now() - start)) / 10 })}\n`);
    collect();
  }
}

function answerLine(line: string, sources: ReturnType<typeof fileSources>): Answer {
  let request: Record<string, unknown>;
  try {
    request = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { id: "", error: "the line is not JSON" };
  }
  const id = String(request["id"] ?? "");
  try {
    if (request["kind"] === "config") return configAnswer(id, request, sources);
    if (request["kind"] === "javascript") return scriptAnswer(id, request, sources);
    if (request["kind"] !== "python")
      return { id, error: `a case of kind ${String(request["kind"])} cannot be analysed yet` };
    return weighCase(pythonCase(id, request), sources, batchLimits);
  } catch (error) {
    return { id, error: `Assay failed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A model that a module makes, given as its text or its path. */
function scriptAnswer(id: string, request: Record<string, unknown>, sources: Sources): Answer {
  const { source, file, root } = request;
  const folder = Array.isArray(root) ? String(root[0] ?? "") : typeof root === "string" ? root : "";
  const path = String(file ?? "model.js");
  const whole = folder && !path.startsWith("/") ? `${folder}/${path}` : path;
  const text = typeof source === "string" ? source : sources.text(whole);
  if (text === undefined) return { id, error: `there is no file ${whole}` };
  const { staged, args, mode } = pythonCase(id, request);
  return weighScriptCase(
    {
      id,
      path: whole,
      text,
      model: String(request["model"] ?? "model"),
      args,
      mode,
      scenario: staged?.scenario,
      device: staged?.device,
    },
    sources,
    batchLimits,
  );
}

function configAnswer(id: string, request: Record<string, unknown>, sources: Sources): Answer {
  const one = pythonCase(id, request);
  const config = one.staged ? stagedConfig(request["config"], one.staged.scenario) : request["config"];
  return weighConfigCase(one, config, sources, batchLimits);
}

function pythonCase(id: string, request: Record<string, unknown>): Case {
  return {
    id,
    setup: String(request["setup"] ?? ""),
    model: String(request["model"] ?? ""),
    args: request["args"] as unknown[] | undefined,
    kwargs: request["kwargs"] as Record<string, unknown> | undefined,
    mode: request["mode"] === "train" ? "train" : "eval",
    environment: environmentOf(request),
    staged: stagedCase(request),
  };
}

/** The scenario of a case, each value that cannot be used at its default; undefined where none is given. */
function stagedCase(request: Record<string, unknown>): StagedCase | undefined {
  if (typeof request["scenario"] !== "object" || request["scenario"] === null) return undefined;
  const { scenario, problems } = readScenario(request["scenario"], "scenario.");
  const device = deviceOf(scenario.device);
  const unknown = device ? [] : [unknownDevice(scenario.device)];
  const config = request["config"] as Record<string, unknown> | undefined;
  const quantized = quantizedConfig(scenario, config);
  return { scenario, problems: [...problems, ...unknown], device, namedType: typeOfConfig(config), quantized };
}

export function environmentOf(request: Record<string, unknown>): Environment {
  const { root, installed, versions } = request;
  const roots = Array.isArray(root) ? root.map(String) : typeof root === "string" && root ? [root] : [];
  return {
    roots,
    installed: new Set(Array.isArray(installed) ? installed.map(String) : ["torch", "numpy"]),
    versions: { python: "3.12", torch: "2.11.0", ...(versions as Record<string, string> | undefined) },
  };
}
