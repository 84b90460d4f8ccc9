// A page made to be printed: without script the browser's own menu does the same.
const button = document.querySelector("[data-print]");
button.hidden = false;
document.querySelector("[data-by-hand]").hidden = true;
button.addEventListener("click", () => print());
