/** Choices as grids of pictures: the character wearing each option. */

import { Lock, LockOpen } from "lucide-preact";

import { optionName, parameterName, t } from "../i18n";
import type { Choice } from "../model/schema";
import { option } from "../model/schema";
import { effective, lock, locked, setValue } from "../state/editor";
import { schema } from "../state/session";
import { Drawing } from "./drawing";
import { IconButton } from "./kit";

export function LooksPanel() {
  return (
    <>
      {schema.value?.choices.map((choice) => (
        <Options key={choice.name} choice={choice} />
      ))}
    </>
  );
}

function Options({ choice }: { choice: Choice }) {
  const values = effective.value;
  const chosen = option(values, choice.name);
  const held = locked.value.has(choice.name);
  const label = parameterName(choice);
  return (
    <fieldset class="options" disabled={held} data-name={choice.name}>
      <legend>{label}</legend>
      <IconButton
        icon={held ? Lock : LockOpen}
        kind={held ? "plain" : "quiet"}
        label={t(held ? "unlockOne" : "lockOne", { name: label })}
        pressed={held}
        onClick={() => lock([choice.name], !held)}
      />
      <div class="option-grid">
        {choice.options.map((name) => (
          <label key={name} class="option">
            <input
              type="radio"
              name={`o-${choice.name}`}
              value={name}
              checked={name === chosen}
              onChange={() => setValue(choice.name, name)}
            />
            <Drawing values={{ ...values, [choice.name]: name }} />
            <span class="option-name">{optionName(choice.name, name)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
