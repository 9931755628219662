import { behind, importTorch } from "../code/edits.ts";
import { modelBinding } from "../training/script.ts";
import { type Found, type Site, technique } from "./technique.ts";

/** Kernels between products in one, and one request for the whole graph: what each operation writes and reads again is left out. */
export default technique<Site>({
  id: "torch-compile",
  name: "torch.compile",
  kind: "compilation",
  what: "Operations between products run as one kernel each, and Python asks for none of them.",
  price:
    "The first step of each shape takes minutes; code that it cannot follow breaks the graph, and the figures here are for one graph; results differ by rounding and random numbers.",
  demands: "nothing",
  exact: false,
  knobs: {},

  find({ scenario, pass, text, device }): Found {
    if (scenario.compile) return { sites: [], why: "The scenario is compiled already." };
    if (/torch\.compile\(|\.compile\(\)/.test(text)) return { sites: [], why: "The code compiles already." };
    if (device?.kind !== "gpu") return { sites: [] };
    const count = pass.events.filter((event) => event.kind === "operation" && event.made.length > 0).length;
    if (count === 0) return { sites: [] };
    return {
      sites: [{ at: undefined, what: `${count} operations are asked for one by one, and write what they make.` }],
    };
  },

  change({ unknowns }) {
    const remarks = unknowns.length > 0 ? ["Code that Assay does not know may break the graph."] : [];
    return { scenario: { compile: true }, remarks };
  },

  edit(subject) {
    const binding = modelBinding(subject);
    if (!binding) return { reason: "no statement of this file binds the model to a name" };
    const { name: torch, edits } = importTorch(binding.code);
    const edit = behind(binding.statement, `${binding.name} = ${torch}.compile(${binding.name})`, binding.code);
    if (!edit) return { reason: "the model's statement shares its line with another" };
    return { title: "Compile the model", edits: [...edits, edit] };
  },
});
