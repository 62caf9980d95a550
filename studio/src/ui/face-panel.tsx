/** Sliders by group, with search. */

import { signal } from "@preact/signals";
import { ChevronDown, Dices, Lock, LockOpen, RotateCcw, Search, X } from "lucide-preact";

import { groupName, parameterName, t } from "../i18n";
import { sliderGroups, type Slider } from "../model/schema";
import { found } from "../model/search";
import { edit, edited, lock, locked, randomise, reset } from "../state/editor";
import { schema } from "../state/session";
import { Button, IconButton } from "./kit";
import { ParameterSlider } from "./parameter-slider";

const query = signal("");
const unfolded = signal<ReadonlySet<string>>(new Set(["face_shape"]));

export function FacePanel() {
  const sliders = schema.value;
  if (!sliders) return null;
  const groups = [...sliderGroups(sliders, ["identity", "appearance"])]
    .map(([group, members]): [string, Slider[]] => [
      group,
      members.filter((slider) => found(query.value, parameterName(slider), slider.label, slider.name, groupName(group))),
    ])
    .filter(([, members]) => members.length > 0);
  const all = new Set(sliders.sliders.filter(({ role }) => role !== "expression").map(({ name }) => name));
  const searching = query.value.trim() !== "";
  return (
    <>
      <div class="panel-tools">
        <label class="search">
          <Search size={17} aria-hidden="true" />
          <span class="hidden">{t("search")}</span>
          <input
            type="search"
            placeholder={t("search")}
            value={query.value}
            onInput={(event) => (query.value = event.currentTarget.value)}
          />
          {searching && <IconButton icon={X} label={t("clear")} onClick={() => (query.value = "")} />}
        </label>
        <IconButton icon={Dices} label={t("randomiseAll")} onClick={() => randomise()} />
        <IconButton
          icon={RotateCcw}
          label={t("resetAll")}
          disabled={edited.value.size === 0}
          onClick={() => reset(Object.keys(edit.value?.values ?? {}))}
        />
      </div>
      {groups.length === 0 && (
        <div class="nothing">
          <p>{t("nothingFound", { query: query.value })}</p>
          <Button onClick={() => (query.value = "")}>{t("clear")}</Button>
        </div>
      )}
      <div class="groups">
        {groups.map(([group, members]) => (
          <Group
            key={group}
            group={group}
            members={members}
            open={searching || unfolded.value.has(group)}
            onToggle={() => {
              const next = new Set(unfolded.value);
              if (!next.delete(group)) next.add(group);
              unfolded.value = next;
            }}
          />
        ))}
      </div>
      <p class="hidden" role="status">
        {searching ? t("foundSliders", { n: groups.reduce((sum, [, members]) => sum + members.length, 0) }) : ""}
      </p>
      {all.size === 0 && <p class="nothing">{t("noSliders")}</p>}
    </>
  );
}

function Group(props: { group: string; members: Slider[]; open: boolean; onToggle: () => void }) {
  const { group, members, open } = props;
  const names = members.map(({ name }) => name);
  const touched = names.filter((name) => edited.value.has(name)).length;
  const held = names.filter((name) => locked.value.has(name)).length;
  const allHeld = held === names.length;
  const title = groupName(group);
  return (
    <section class={open ? "group open" : "group"}>
      <div class="group-head">
        <h2>
          <button type="button" aria-expanded={open} aria-controls={`g-${group}`} onClick={props.onToggle}>
            <ChevronDown size={18} aria-hidden="true" />
            <span>{title}</span>
            <span class="count">{members.length}</span>
            {touched > 0 && <span class="badge">{t("editedCount", { n: touched })}</span>}
            {held > 0 && !open && <Lock size={14} aria-label={t("lockedCount", { n: held })} />}
          </button>
        </h2>
        <Confidence group={group} />
        {open && (
          <span class="group-tools">
            <IconButton icon={Dices} label={t("randomiseGroup", { name: title })} onClick={() => randomise(new Set(names))} />
            <IconButton
              icon={RotateCcw}
              label={t("resetGroup", { name: title })}
              disabled={touched === 0}
              onClick={() => reset(names)}
            />
            <IconButton
              icon={allHeld ? Lock : LockOpen}
              kind={allHeld ? "plain" : "quiet"}
              label={t(allHeld ? "unlockGroup" : "lockGroup", { name: title })}
              pressed={allHeld}
              onClick={() => lock(names, !allHeld)}
            />
          </span>
        )}
      </div>
      <div id={`g-${group}`} class="group-sliders" hidden={!open}>
        {open && members.map((slider) => <ParameterSlider key={slider.name} slider={slider} />)}
      </div>
    </section>
  );
}

/** How sure the photo makes the group, where the answer says so. */
function Confidence({ group }: { group: string }) {
  const entry = edit.value?.document?.confidence?.find((item) => item.group === group);
  if (!entry) return null;
  const level = entry.confidence >= 0.7 ? "sure" : entry.confidence >= 0.4 ? "partly" : "guess";
  const text = t(`confidence_${level}`);
  return (
    <span class={`confidence ${level}`} title={text}>
      <span class="hidden">{text}</span>
      <i />
      <i />
      <i />
    </span>
  );
}
