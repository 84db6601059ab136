// The page of a run that somebody lets others read by a link: its board, with nothing that could be asked of it.

import { start } from "./board.js";

document.body.dataset.shared = "yes";
start(document.querySelector("#ts-shared"), () => {});
