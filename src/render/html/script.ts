/** Zoom a picture to the part that is chosen by mouse or keyboard. Without this script the page shows all the same. */
export const SCRIPT = `
const zoom = (target) => {
  const part = target.closest("[data-zoom]");
  const figure = part?.closest("figure");
  if (!figure) return;
  const back = figure.querySelector("button[data-zoom]");
  figure.querySelector("svg").setAttribute("viewBox", part.dataset.zoom);
  back.hidden = part === back;
  figure.classList.toggle("zoomed", !back.hidden);
  figure.querySelector("output").textContent = back.hidden ? "" : part.querySelector(".name").textContent;
  if (!back.hidden) back.focus();
};
addEventListener("click", ({ target }) => zoom(target));
addEventListener("keydown", (event) => {
  const isChoice = (event.key === "Enter" || event.key === " ") && event.target.matches("g[data-zoom]");
  const back = event.key === "Escape" && document.querySelector("button[data-zoom]:not([hidden])");
  if (!isChoice && !back) return;
  event.preventDefault();
  zoom(back || event.target);
});
`;
