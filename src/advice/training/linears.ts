/** Linear layers of a model as its passes run them, with the parameters behind them. */
import { integers } from "../../tensor/size.ts";
import { isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import { attentionCalls } from "../attention/calls.ts";
import { layersOf } from "../code/flow.ts";
import type { Subject } from "../subject.ts";

export interface LinearUse {
  readonly operation: Operation;
  /** `blocks.0.attn.qkv`. */
  readonly path: string;
  readonly parameter: Tensor;
  /** Which argument is the input. */
  readonly input: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

/** Where a product's input and weight stand, and whether the weight's rows are outputs. */
const products: Readonly<
  Record<string, { readonly input: number; readonly weight: number; readonly rowsAreOutputs: boolean }>
> = {
  "aten.linear": { input: 0, weight: 1, rowsAreOutputs: true },
  "aten.addmm": { input: 1, weight: 2, rowsAreOutputs: false },
  "aten.mm": { input: 0, weight: 1, rowsAreOutputs: false },
};

/** Products of a pass with a matrix that a layer holds. */
export function linearUses(trace: Trace, tree: BuiltLayer): LinearUse[] {
  const owners = ownersOf(trace, tree);
  return trace.events.flatMap((event): LinearUse[] => {
    if (event.kind !== "operation" || (event.pass !== "forward" && event.pass !== "loss")) return [];
    const form = products[event.name];
    const weight = form && event.call.args[form.weight];
    const all = isTensor(weight) ? owners.get(weight.storage) : undefined;
    if (!form || !isTensor(weight) || !all || weight.shape.length !== 2) return [];
    const runs = trace.calls[event.module]?.module;
    const { path, parameter } = all.find(({ module }) => module === runs) ?? (all[0] as Owner);
    const [rows = 0, columns = 0] = integers(weight.shape);
    const [outFeatures, inFeatures] = form.rowsAreOutputs ? [rows, columns] : [columns, rows];
    return [{ operation: event, path, parameter, input: form.input, inFeatures, outFeatures }];
  });
}

interface Owner {
  readonly path: string;
  readonly module: object;
  readonly parameter: Tensor;
}

/** Layers and parameters by the storages that stand for them, autocast's copies included; tied weights have several layers. */
function ownersOf({ events }: Trace, tree: BuiltLayer): Map<Storage, readonly Owner[]> {
  const owners = new Map<Storage, readonly Owner[]>();
  for (const { path, module, parameters } of layersOf(tree))
    for (const { tensor } of parameters)
      owners.set(tensor.storage, [...(owners.get(tensor.storage) ?? []), { path, module, parameter: tensor }]);
  for (const event of events) {
    if (event.kind !== "operation" || event.name !== "aten._to_copy") continue;
    const owner = event.inputs[0] && owners.get(event.inputs[0].storage);
    if (owner) for (const storage of event.made) owners.set(storage, owner);
  }
  return owners;
}

/** Whether most of what linear layers hold is frozen already. */
export function isMostlyFrozen(uses: readonly LinearUse[]): boolean {
  const held = (of: readonly LinearUse[]) => of.reduce((sum, one) => sum + one.inFeatures * one.outFeatures, 0);
  return held(uses.filter(({ parameter }) => parameter.requiresGrad)) < held(uses) / 2;
}

/**
 * The paths of linear layers that adapters go to: all but the last product, which is the model's head; those of modules that
 * hold an attention; or the others.
 */
export function targetPaths(subject: Subject, which: string): Set<string> {
  const { figures, step, inference } = subject;
  const trace = step ?? inference;
  const uses = linearUses(trace, figures.tree);
  const head = uses.at(-1)?.path;
  const inside = attentionPaths(trace, figures.tree);
  const isAttention = (path: string) => inside.some((one) => path === one || path.startsWith(`${one}.`));
  const paths = new Set<string>();
  for (const { path } of uses) {
    if (path === head && uses.length > 1) continue;
    if (which === "all" || (which === "attention") === isAttention(path)) paths.add(path);
  }
  return paths;
}

/** The innermost modules in which an attention runs. */
function attentionPaths(trace: Trace, tree: BuiltLayer): string[] {
  const layers = new Map(layersOf(tree).map((layer) => [layer.module as object, layer.path]));
  const found = new Set<string>();
  for (const { operation } of attentionCalls(trace)) {
    let path: string | undefined;
    for (let call = trace.calls[operation.module]; call && call.id > 0; call = trace.calls[call.parent]) {
      path = layers.get(call.module);
      if (path !== undefined) break;
    }
    if (path) found.add(path);
  }
  return [...found];
}
