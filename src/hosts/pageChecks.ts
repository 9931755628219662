/** To be imported before any schema: a page's policy forbids code made from text, which checks would make to be faster. */
import * as z from "zod";

z.config({ jitless: true });
