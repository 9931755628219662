import { behind, importTorch } from "../code/edits.ts";
import { modelBinding } from "../training/script.ts";
import { type Found, type Site, technique } from "./technique.ts";

/** Images with the channels as the fastest axis, as tensor cores read them: convolutions need no transposed copies. */
export default technique<Site>({
  id: "channels-last",
  name: "Channels last",
  kind: "compilation",
  what: "Images and convolutions' weights lie with the channels fastest, as the kernels of tensor cores take them.",
  price: "Operations that know no such layout copy; the input must be brought into it as well.",
  demands: "nothing",
  exact: true,
  knobs: {},

  find({ pass, text, scenario, device }): Found {
    const convolutions = pass.events.filter(
      (event) => event.kind === "operation" && event.name === "aten.convolution" && event.inputs[0]?.shape.length === 4,
    ).length;
    if (convolutions < 4) return { sites: [] };
    if (/channels_last/.test(text)) return { sites: [], why: "The code asks for channels_last already." };
    if (device && device.kind !== "gpu") return { sites: [] };
    const isReduced = scenario.autocast !== undefined || /^(bf16|fp16)$/.test(scenario.dtype);
    if (!isReduced)
      return {
        sites: [],
        why: `${convolutions} convolutions run in ${scenario.dtype}, where the layout gains little: see mixed-precision.`,
      };
    return {
      sites: [{ at: undefined, what: `${convolutions} convolutions run on images whose columns lie fastest.` }],
    };
  },

  change() {
    return { remarks: ["How much time it saves is not modelled: measure it. Memory stays."] };
  },

  edit(subject) {
    const binding = modelBinding(subject);
    if (!binding) return { reason: "no statement of this file binds the model to a name" };
    const { name: torch, edits } = importTorch(binding.code);
    const line = `${binding.name} = ${binding.name}.to(memory_format=${torch}.channels_last)`;
    const edit = behind(binding.statement, line, binding.code);
    if (!edit) return { reason: "the model's statement shares its line with another" };
    return { title: "Use channels_last", edits: [...edits, edit] };
  },
});
