/** The character beside another: as it came, the average, one of before, or what another preset or bundle makes of the photo. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Comparison } from "../api/types";
import { documentValues } from "../api/wire";
import { groupName, optionName, parameterName, t } from "../i18n";
import { averageValues, completed, parameters, type Values } from "../model/schema";
import type { Whole } from "../model/shared";
import { blended } from "../model/shaping";
import { edit, effective, setAll, settle } from "../state/editor";
import { entries } from "../state/library";
import { usable } from "../state/photos";
import { bundle, client, connection, info, schema, watched } from "../state/session";
import { solveAside } from "../state/solving";
import { BothBundles } from "./compare-bundles";
import { Drawing } from "./drawing";
import { Button, Range } from "./kit";
import { nameOf } from "./recent";
import { say } from "./toast";
import { presetName } from "./start";

/** "origin", "average", "preset NAME", "bundle NAME" or "entry ID". */
const against = signal("origin");
/** What presets and bundles made of the photos, by their entry, as long as photos and bundle are the same. */
const solved = signal<{ photos: string; found: Readonly<Record<string, Whole>> }>({ photos: "", found: {} });
const working = signal<number | undefined>(undefined);

export function ComparePanel() {
  const sliders = schema.value;
  const now = edit.value;
  if (!sliders || !now) return null;
  const ids = usable.value.map(({ id }) => id).join();
  const given = `${bundle.value} ${ids}`;
  const others = solved.value.photos === given ? solved.value.found : {};
  const presets = ids === "" ? [] : (info.value?.presets ?? []);
  const bundles = ids === "" ? [] : (info.value?.bundles ?? []).filter(({ name }) => name !== bundle.value);
  const [kind, rest] = against.value.split(/ (.*)/s) as [string, string | undefined];
  const entry = entries.value.find(({ id }) => String(id) === rest);
  const other: Values | undefined =
    kind === "average" ? averageValues(sliders)
    : kind === "preset" ? others[against.value]?.values
    : kind === "entry" && entry ? completed(sliders, documentValues(entry.document))
    : kind === "origin" ? now.origin
    : undefined;

  const aside = kind === "preset" || kind === "bundle" ? others[against.value] : undefined;

  const solve = async (name: string): Promise<void> => {
    working.value = 0;
    const key = against.value;
    try {
      const theirs = kind === "bundle" ? await watched(() => client.schema(name)) : sliders;
      const found = await solveAside(kind === "bundle" ? { bundle: name } : { preset: name }, (share) => {
        working.value = share;
      });
      const whole: Whole = { schema: theirs, values: completed(theirs, documentValues(found.document)) };
      solved.value = { photos: given, found: { ...others, [key]: whole } };
    } catch {
      say(t("compareFailed"));
    } finally {
      working.value = undefined;
    }
  };

  return (
    <>
      <label class="field">
        <span>{t("compareWith")}</span>
        <select value={against.value} onChange={(event) => (against.value = event.currentTarget.value)}>
          <option value="origin">{t("asItCame")}</option>
          <option value="average">{t("averageFace")}</option>
          {presets.length > 0 && (
            <optgroup label={t("otherPreset")}>
              {presets.map((name) => (
                <option key={name} value={`preset ${name}`}>
                  {presetName(name)}
                </option>
              ))}
            </optgroup>
          )}
          {bundles.length > 0 && (
            <optgroup label={t("otherBundle")}>
              {bundles.map(({ name, version }) => (
                <option key={name} value={`bundle ${name}`}>
                  {name} {version}
                </option>
              ))}
            </optgroup>
          )}
          {entries.value.length > 0 && (
            <optgroup label={t("history")}>
              {entries.value.slice(0, 30).map((item) => (
                <option key={item.id} value={`entry ${item.id}`}>
                  {nameOf(item)}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      {(kind === "preset" || kind === "bundle") && !aside && (
        <div class="compare-solve">
          {working.value === undefined ? (
            <Button kind="main" disabled={connection.value !== "up"} onClick={() => void solve(rest ?? "")}>
              {t("solveWith", { name: title(kind, rest, undefined) })}
            </Button>
          ) : (
            <progress value={working.value} max={1} aria-label={t("creating")} />
          )}
        </div>
      )}
      {kind === "bundle" && aside && <BothBundles other={aside} name={rest ?? ""} />}
      {other && <Both other={other} title={title(kind, rest, entry && nameOf(entry))} />}
    </>
  );
}

function title(kind: string, rest: string | undefined, entry: string | undefined): string {
  if (kind === "average") return t("averageFace");
  if (kind === "preset") return presetName(rest ?? "");
  if (kind === "bundle") return rest ?? "";
  return entry ?? t("asItCame");
}

function Both({ other, title }: { other: Values; title: string }) {
  const sliders = schema.value;
  const values = effective.value;
  const [from, setFrom] = useState<{ values: Values; other: Values }>();
  const [share, setShare] = useState(0);
  useEffect(() => {
    setFrom(undefined);
    setShare(0);
  }, [other]);
  if (!sliders) return null;
  const blend = (wanted: number): void => {
    const ends = from ?? { values, other };
    setFrom(ends);
    setShare(wanted);
    setAll(blended(sliders, ends.values, ends.other, wanted), "blend");
  };
  return (
    <>
      <div class="both">
        <figure>
          <Drawing values={from?.values ?? values} alt={t("yourCharacter")} />
          <figcaption>{t("yourCharacter")}</figcaption>
        </figure>
        <figure>
          <Drawing values={other} alt={title} />
          <figcaption>{title}</figcaption>
        </figure>
      </div>
      <Range
        label={t("blend")}
        value={Math.round(100 * share)}
        min={0}
        max={100}
        step={1}
        shown={`${Math.round(100 * share)} %`}
        onInput={(value) => blend(value / 100)}
        onChange={settle}
      />
      <Differences first={from?.values ?? values} second={other} />
    </>
  );
}

function Differences({ first, second }: { first: Values; second: Values }) {
  const [found, setFound] = useState<Comparison>();
  useEffect(() => {
    let stale = false;
    // A drag changes the values many times a second; the table may wait for its end.
    const soon = setTimeout(() => {
      void watched(() => client.compare(bundle.value, first, second)).then(
        (answer) => stale || setFound(answer),
        () => undefined,
      );
    }, 200);
    return () => {
      stale = true;
      clearTimeout(soon);
    };
  }, [first, second]);
  const sliders = schema.value;
  if (!found || !sliders) return null;
  const named = new Map(parameters(sliders).map((parameter) => [parameter.name, parameterName(parameter)]));
  const largest = found.groups.flatMap(({ sliders: inside }) => inside)
    .filter(({ difference }) => Math.abs(difference) > 0.005)
    .sort((one, two) => Math.abs(two.difference) - Math.abs(one.difference))
    .slice(0, 8);
  const widest = Math.max(0.1, ...found.groups.map(({ mean }) => mean));
  const choices = found.groups.flatMap(({ choices: inside }) => inside).filter(({ same }) => !same);
  if (largest.length === 0 && choices.length === 0) return <p class="nothing">{t("noDifference")}</p>;
  return (
    <>
      <h2 class="small-title">{t("differByGroup")}</h2>
      <ul class="bars">
        {found.groups.filter(({ mean }) => mean > 0.0005).map((group) => (
          <li key={group.name}>
            <span>{groupName(group.name)}</span>
            <span class="bar" style={{ "--share": group.mean / widest } as JSX.CSSProperties} />
            <span class="figure">{(100 * group.mean).toFixed(1)} %</span>
          </li>
        ))}
      </ul>
      <h2 class="small-title">{t("differMost")}</h2>
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">{t("parameter")}</th>
            <th scope="col">{t("here")}</th>
            <th scope="col">{t("there")}</th>
          </tr>
        </thead>
        <tbody>
          {largest.map((slider) => (
            <tr key={slider.name}>
              <th scope="row">{named.get(slider.name) ?? slider.name}</th>
              <td>{slider.first.toFixed(2)}</td>
              <td>{slider.second.toFixed(2)}</td>
            </tr>
          ))}
          {choices.map((choice) => (
            <tr key={choice.name}>
              <th scope="row">{named.get(choice.name) ?? choice.name}</th>
              <td>{optionName(choice.name, choice.first)}</td>
              <td>{optionName(choice.name, choice.second)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
