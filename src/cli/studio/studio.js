// Takes the weights that are set in the report's page over into the form for a new set.
(() => {
  const stage = document.getElementById("stage");
  const take = document.getElementById("take");
  const form = document.getElementById("new-set");
  // A frame that shows an error of the browser may not be looked into.
  const page = () => {
    try {
      return stage.contentWindow.tukhum;
    } catch {
      return undefined;
    }
  };
  stage.addEventListener("load", () => { take.hidden = !page()?.weightSet; });
  take.addEventListener("click", () => {
    form.elements.text.value = page().weightSet(form.elements.kind.value, form.elements.name.value || "mine");
  });
})();
