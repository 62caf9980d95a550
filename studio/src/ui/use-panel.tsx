/** What to do with a character: files, a code for friends, and programs that make such characters. */

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { BookmarkPlus, Box, Check, Copy, FileDown, FileUp, ImageDown, Link, QrCode } from "lucide-preact";

import type { SharedCode } from "../api/types";
import { documentValues } from "../api/wire";
import { problem, t } from "../i18n";
import { worn } from "../model/expression";
import { codeOf, linkOf } from "../model/link";
import { number, toEngine } from "../model/schema";
import { LANGUAGES, PROGRAM_NAMES, snippet, type Facts, type Program } from "../model/snippets";
import { currentDocument, edit, edited, effective } from "../state/editor";
import { pictureOf } from "../state/drawings";
import { available, remember } from "../state/library";
import { bundle, bundleInfo, client, connection, schema, watched } from "../state/session";
import { findingOf } from "../state/solving";
import { importFile } from "./importing";
import { Button, IconButton } from "./kit";
import { openCode } from "./share-link";
import { say } from "./toast";

const keepExpression = signal(false);
const program = signal<Program>("curl");

export function UsePanel() {
  const sliders = schema.value;
  const wears = sliders !== undefined && Object.keys(worn(sliders, effective.value)).length > 0;
  return (
    <>
      <section class="use" aria-labelledby="export">
        <h2 id="export">{t("export")}</h2>
        <p class="soft">
          {t("exportText")} {bundleInfo.value?.exportFormats.includes("glb") && t("exportModelText")}
        </p>
        {wears && (
          <label class="check">
            <input
              type="checkbox"
              checked={keepExpression.value}
              onChange={(event) => (keepExpression.value = event.currentTarget.checked)}
            />
            <span>{t("keepExpression")}</span>
          </label>
        )}
        <div class="actions left">
          <Button kind="main" icon={FileDown} onClick={saveDocument}>
            character.json
          </Button>
          <Button icon={ImageDown} onClick={() => void savePicture()}>
            {t("picture")}
          </Button>
          {bundleInfo.value?.exportFormats.includes("glb") && <Model />}
          {available.value && (
            <Button icon={BookmarkPlus} onClick={() => void remember().then(() => say(t("remembered")))}>
              {t("remember")}
            </Button>
          )}
        </div>
      </section>
      <Share />
      <Import />
      <Programs />
    </>
  );
}

function saveDocument(): void {
  const document = currentDocument(keepExpression.value);
  if (document) save(new Blob([`${JSON.stringify(document, null, 2)}\n`], { type: "application/json" }), "character.json");
}

async function savePicture(): Promise<void> {
  const picture = await pictureOf(effective.value);
  if (picture) save(picture, "character.png");
}

/** The character as glTF, from its engine. */
function Model() {
  const [making, setMaking] = useState(false);
  const make = async (): Promise<void> => {
    const document = currentDocument(keepExpression.value);
    if (!document) return;
    setMaking(true);
    const { signal: never } = new AbortController();
    try {
      save(await watched(() => client.export(bundle.value, documentValues(document), { format: "glb" }, never)), "character.glb");
    } catch (error) {
      const { message, remedy } = problem(findingOf(error));
      say(`${message} ${remedy}`);
    } finally {
      setMaking(false);
    }
  };
  return (
    <Button icon={Box} disabled={making || connection.value !== "up"} aria-busy={making} onClick={() => void make()}>
      {making ? t("makingModel") : "character.glb"}
    </Button>
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    say(t("copied"));
    return true;
  } catch {
    say(t("copyRefused"));
    return false;
  }
}

function Share() {
  const [shared, setShared] = useState<SharedCode>();
  const values = effective.value;
  useEffect(() => setShared(undefined), [values, keepExpression.value]);
  const make = async (): Promise<void> => {
    const document = currentDocument(keepExpression.value);
    if (!document) return;
    try {
      setShared(await watched(() => client.share(bundle.value, documentValues(document))));
    } catch (error) {
      const { message, remedy } = problem(findingOf(error));
      say(`${message} ${remedy}`);
    }
  };
  return (
    <section class="use" aria-labelledby="share">
      <h2 id="share">{t("share")}</h2>
      <p class="soft">{t("shareText")}</p>
      {shared === undefined ? (
        <Button icon={QrCode} disabled={connection.value !== "up"} onClick={() => void make()}>
          {t("makeCode")}
        </Button>
      ) : (
        <>
          <div class="shared">
            {shared.qr && <img src={shared.qr} alt={t("qrOfCode")} width={132} height={132} />}
            <textarea class="code" readOnly rows={6} aria-label={t("shareCode")} value={shared.code} />
          </div>
          <div class="actions left">
            <Button icon={Copy} onClick={() => void copy(shared.code)}>
              {t("copyCode")}
            </Button>
            <Button icon={Link} onClick={() => void copy(linkOf(location.href, shared.code))}>
              {t("copyLink")}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

function Import() {
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const code = codeOf(text);
  return (
    <section class="use" aria-labelledby="import">
      <h2 id="import">{t("import")}</h2>
      <input
        ref={file}
        class="hidden"
        type="file"
        accept=".json,application/json"
        tabIndex={-1}
        aria-hidden="true"
        data-testid="import"
        onChange={(event) => {
          const given = event.currentTarget.files?.[0];
          if (given) void importFile(given);
          event.currentTarget.value = "";
        }}
      />
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (code) void openCode(code).then((opened) => opened && setText(""));
        }}
      >
        <input
          class="text"
          aria-label={t("codeOrLink")}
          placeholder={t("codeOrLink")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" disabled={code === ""}>
          {t("open")}
        </Button>
      </form>
      <Button icon={FileUp} onClick={() => file.current?.click()}>
        {t("openFile")}
      </Button>
    </section>
  );
}

function Programs() {
  const facts = factsNow();
  const [copied, setCopied] = useState(false);
  if (!facts) return null;
  const text = snippet(program.value, facts);
  return (
    <section class="use" aria-labelledby="programs">
      <h2 id="programs">{t("callThis")}</h2>
      <p class="soft">{t("callThisText")}</p>
      <div class="chips" role="radiogroup" aria-label={t("callThis")}>
        {LANGUAGES.map((name) => (
          <label key={name} class="chip">
            <input type="radio" name="program" checked={program.value === name} onChange={() => (program.value = name)} />
            <span>{PROGRAM_NAMES[name]}</span>
          </label>
        ))}
      </div>
      <div class="snippet">
        <pre tabIndex={0} aria-label={PROGRAM_NAMES[program.value]}>
          <code>{text}</code>
        </pre>
        <IconButton
          icon={copied ? Check : Copy}
          label={t("copy")}
          kind="plain"
          onClick={() =>
            void copy(text).then((done) => {
              setCopied(done);
              setTimeout(() => setCopied(false), 2000);
            })
          }
        />
      </div>
    </section>
  );
}

function factsNow(): Facts | undefined {
  const sliders = schema.value;
  const now = edit.value;
  if (!sliders || !now) return undefined;
  // A slider that the reader knows by now: one that was edited, else the first.
  const example = sliders.sliders.find(({ name }) => edited.value.has(name)) ?? sliders.sliders[0];
  if (!example) return undefined;
  return {
    base: client.url("."),
    bundle: bundle.value,
    preset: now.document?.preset ?? "default",
    seed: now.document?.seed ?? 0,
    slider: {
      name: example.name,
      engineValue: Number(toEngine(example, number(effective.value, example.name)).toPrecision(6)),
      unit: example.unit,
    },
    token: client.token !== "",
  };
}
