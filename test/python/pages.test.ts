import { pages } from "../support/page.ts";
import { interpret } from "./interpret.ts";

pages("test/python", interpret);
