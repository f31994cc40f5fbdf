"use strict";
(() => {
  const form = document.getElementById("try");
  const lines = document.getElementById("lines");
  const wrong = document.getElementById("file-wrong");
  const file = document.getElementById("file");

  const enter = (text) => {
    lines.value = text;
    lines.focus();
    lines.setSelectionRange(0, 0);
    lines.scrollTop = 0;
  };

  const decoded = (bytes) => {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder("euc-kr").decode(bytes);
    }
  };

  const read = async (chosen) => {
    wrong.hidden = chosen.size <= Number(form.dataset.most);
    wrong.textContent = wrong.hidden ? "" : form.dataset.large;
    if (wrong.hidden) enter(decoded(await chosen.arrayBuffer()));
  };

  document.getElementById("example").addEventListener("click", (event) => {
    event.preventDefault();
    enter(document.getElementById("example-lines").content.textContent);
  });

  document.getElementById("file-label").hidden = false;
  file.tabIndex = 0;
  file.addEventListener("change", () => file.files.length && read(file.files[0]));

  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      form.classList.add("drop");
    });
  }
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) form.classList.remove("drop");
  });
  form.addEventListener("drop", (event) => {
    form.classList.remove("drop");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    read(event.dataTransfer.files[0]);
  });

  lines.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  const copy = document.getElementById("copy");
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById("command").textContent);
      copy.textContent = copy.dataset.done;
    });
  }
})();
