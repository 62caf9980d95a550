/** Links that hold a character: the code stands after the #, which browsers send to no server. */

import { documentValues } from "../api/wire";
import { codeOf } from "../model/link";
import { problem, t } from "../i18n";
import { open } from "../state/editor";
import { bundle, client, schema, watched } from "../state/session";
import { findingOf } from "../state/solving";
import { say } from "./toast";

let opened = "";

/** Opens the character that the page's own address names, once. */
export async function openLinked(): Promise<void> {
  const code = codeOf(location.hash);
  if (code === "" || code === opened) return;
  opened = code;
  history.replaceState(null, "", location.pathname + location.search);
  await openCode(code);
}

export async function openCode(code: string): Promise<boolean> {
  const sliders = schema.value;
  if (!sliders) return false;
  try {
    const document = await watched(() => client.receive(code, bundle.value));
    open(sliders, documentValues(document));
    say(t("received"));
    return true;
  } catch (error) {
    const { message, remedy } = problem(findingOf(error));
    say(`${message} ${remedy}`);
    return false;
  }
}
