import "./styles/index.css";

import { render } from "preact";

import { followEdits } from "./state/drawings";
import { followSchema } from "./state/editor";
import { loadEntries } from "./state/library";
import { connect } from "./state/session";
import { followSettings } from "./state/settings";
import { App } from "./ui/app";

followSettings();
followSchema();
followEdits();
void connect();
void loadEntries();

const root = document.getElementById("root");
if (root) render(<App />, root);
