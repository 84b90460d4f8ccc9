// What a page needs at once: says that script runs, and turns on the design system's parts.
import { initAll } from "govuk-frontend";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
