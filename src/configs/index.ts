/** `config.json` and friends: read, checked, and turned into models through our own definitions. */
export { architectureModule, familyOf, modelTypes } from "./architectures.ts";
export { type ConfigCost, type KeyCost, type KeyRow, keyCost, type WeighConfig } from "./keyCosts.ts";
export {
  type ConfigModel,
  type ConfigRefusal,
  configValues,
  exampleInputs,
  exampleTargets,
  modelOfConfig,
  sourcedModel,
  typeOfConfig,
} from "./model.ts";
export { type ConfigProblem, configProblems } from "./problems.ts";
export { type ConfigKey, type ConfigText, isModelConfig, keyAt, readConfig } from "./read.ts";
