import { useState } from "preact/hooks";

import { t } from "../i18n";
import { giveToken, tokenRefused, tokenWanted } from "../state/session";
import { Button, Dialog } from "./kit";

export function TokenDialog() {
  const [token, setToken] = useState("");
  return (
    <Dialog title={t("tokenTitle")} onClose={() => (tokenWanted.value = false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          giveToken(token);
        }}
      >
        <p class="soft">{t("tokenText")}</p>
        {tokenRefused.value && <p class="finding bad">{t("tokenRefused")}</p>}
        <label class="field">
          <span>{t("token")}</span>
          <input
            type="password"
            autocomplete="off"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <div class="actions">
          <Button kind="main" type="submit" disabled={token.trim() === ""}>
            {t("continue")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
