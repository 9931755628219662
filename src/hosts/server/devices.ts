/** The devices that can be chosen, as the client lists them. */
import type { Project } from "../../configs/project/project.ts";
import { deviceList } from "../../cost/deviceList.ts";

export function deviceChoices(project?: Pick<Project, "devices">): { id: string; name: string }[] {
  return deviceList(project).map(({ id, name }) => ({ id, name }));
}
