/** `config.json` and friends: read, checked, and turned into models through our own definitions. */
export { adaptedModel, baseConfigOf, isAdapterConfig } from "./adapters.ts";
export { architectureModule, familyOf, modelTypes } from "./architectures.ts";
export { type KeyChange, keyEdits, withKeys } from "./edits.ts";
export { familiesOf } from "./families.ts";
export { type ConfigCost, type KeyCost, type KeyRow, keyCost, type WeighConfig } from "./keyCosts.ts";
export { keyMeaning } from "./keyMeanings.ts";
export {
  type ConfigModel,
  type ConfigRefusal,
  configValues,
  exampleInputs,
  exampleTargets,
  modelOfConfig,
  typeOfConfig,
} from "./model.ts";
export { configIn, type NamedConfig, namedConfig } from "./named.ts";
export { type ConfigFix, type ConfigProblem, configProblems } from "./problems/index.ts";
export { type ConfigKey, type ConfigText, isModelConfig, keyAt, readConfig, type TextFault } from "./read.ts";
export { type ConfigPlace, chosenModel } from "./sourced.ts";
export { beyondTrained, type TrainedLength, trainedLength } from "./trainedLength.ts";
