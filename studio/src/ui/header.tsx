import { useState } from "preact/hooks";
import { History, Languages, Moon, Plus, Sun, SunMoon } from "lucide-preact";

import { t } from "../i18n";
import { close, edit } from "../state/editor";
import { bundle, info, openBundle } from "../state/session";
import { language, theme, type Theme } from "../state/settings";
import { solving } from "../state/solving";
import { HistoryDialog } from "./history-dialog";
import { Button, IconButton } from "./kit";

const THEMES: readonly Theme[] = ["auto", "light", "dark"];
const THEME_ICONS = { auto: SunMoon, light: Sun, dark: Moon };

export function Header() {
  const [history, setHistory] = useState(false);
  const many = (info.value?.bundles.length ?? 0) > 1;
  return (
    <header class="top">
      <a class="mark" href="./" onClick={(event) => (event.preventDefault(), solving.value || close())}>
        <Mark />
        <span>
          f2p <b>studio</b>
        </span>
      </a>
      {many && (
        <label class="bundle">
          <span class="hidden">{t("bundle")}</span>
          <select
            value={bundle.value}
            disabled={edit.value !== undefined || solving.value !== undefined}
            onChange={(event) => void openBundle(event.currentTarget.value).catch(() => undefined)}
          >
            {info.value?.bundles.map(({ name, version }) => (
              <option key={name} value={name}>
                {name} {version}
              </option>
            ))}
          </select>
        </label>
      )}
      <span class="stretch" />
      {edit.value && (
        <Button icon={Plus} kind="quiet" onClick={close} disabled={solving.value !== undefined}>
          {t("newCharacter")}
        </Button>
      )}
      <IconButton icon={History} label={t("history")} onClick={() => setHistory(true)} />
      <IconButton
        icon={Languages}
        label={language.value === "zh" ? "English" : "中文"}
        onClick={() => (language.value = language.value === "zh" ? "en" : "zh")}
      />
      <IconButton
        icon={THEME_ICONS[theme.value]}
        label={t(`theme_${theme.value}`)}
        onClick={() => (theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "auto")}
      />
      {history && <HistoryDialog onClose={() => setHistory(false)} />}
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="9" class="mark-ground" />
      <path d="M9 11.500C9 7.900 12.100 5.500 16 5.500s7 2.400 7 6v4.200c0 5.300-3.200 9.800-7 9.800s-7-4.500-7-9.800z" class="mark-line" />
      <path d="M6 16h6m8 0h6" class="mark-line" />
      <circle cx="16" cy="16" r="2.400" class="mark-dot" />
    </svg>
  );
}
