/** The modules of PyTorch whose names are natives. Those written in Python are files of this folder. */
import type { Interpreter } from "../python/interpreter.ts";
import type { Value } from "../python/values.ts";
import "./constants.ts";
import "./functions/factories.ts";
import "./functions/joins.ts";
import "./functions/pointwise.ts";
import "./functions/products.ts";
import "./functions/random.ts";
import "./functions/reductions.ts";
import "./functions/recurrent.ts";
import "./functions/spectral.ts";
import "./functions/views.ts";
import "./functional/activations.ts";
import "./functional/convolutions.ts";
import "./functional/losses.ts";
import "./functional/normalizations.ts";
import "./functional/pooling.ts";
import "./functional/resizing.ts";
import "./legacy.ts";
import "./tensorMethods/autograd.ts";
import "./tensorMethods/conversion.ts";
import "./tensorMethods/properties.ts";
import "./tensorMethods/values.ts";
import "./modules/classes.ts";
import { modes } from "./modules/modes.ts";
import { submodules, torchNames } from "./modules/torchNames.ts";
import { unmodelledFunctions, unmodelledMethods, unmodelledSpecial } from "./modules/unmodelled.ts";
import { functionsOf } from "./table.ts";
import { operators } from "./tensorMethods/operators.ts";
import { tensorClass } from "./tensorObject.ts";

for (const [name, method] of [...unmodelledMethods, ...functionsOf("m"), ...operators])
  tensorClass.dict.set(name, method);

/** By name: what makes a module's names. */
export const torchModules: ReadonlyMap<string, (py: Interpreter) => Record<string, Value>> = new Map<
  string,
  (py: Interpreter) => Record<string, Value>
>([
  [
    "torch",
    (py) => ({
      ...Object.fromEntries(unmodelledFunctions),
      ...Object.fromEntries(functionsOf("t")),
      ...torchNames(py),
      ...submodules("torch"),
    }),
  ],
  ["torch.nn.functional", () => ({ ...shared(), ...Object.fromEntries(functionsOf("F")) })],
  ["torch.linalg", () => Object.fromEntries(functionsOf("l"))],
  ["torch.special", () => Object.fromEntries([...unmodelledSpecial, ...functionsOf("s")])],
  ["torch.fft", () => Object.fromEntries(functionsOf("f"))],
  ["torch._modes", modes],
]);

/** Functions of torch that `torch.nn.functional` has under the same name. */
function shared(): Record<string, Value> {
  const names = ["threshold_", "celu_", "selu_", "relu_", "sigmoid_", "tanh_", "pdist", "conv_tbc", "grid_sampler"];
  return Object.fromEntries(
    names.flatMap((name) => (functionsOf("t").has(name) ? [[name, functionsOf("t").get(name) as Value]] : [])),
  );
}
