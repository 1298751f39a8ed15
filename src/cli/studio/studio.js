// Takes the weights that are set in the report's page over into the form for a new set.
(() => {
  const stage = document.getElementById("stage");
  const take = document.getElementById("take");
  const form = document.getElementById("new-set");
  // The set as the report shows it; nothing on other pages, nor in a frame that shows an error of the browser.
  const shown = (kind) => stage.contentDocument?.querySelector(`section.ranking[data-kind="${kind}"] .tune pre`)?.textContent;
  stage.addEventListener("load", () => { take.hidden = !shown("provinces"); });
  take.addEventListener("click", () => {
    const name = form.elements.name.value ||= "own";
    const set = shown(form.elements.kind.value) ?? "";
    form.elements.text.value = set.replace("weights/own.toml", `weights/${name}.toml`).replace('name = "own"', `name = "${name}"`);
  });
})();
