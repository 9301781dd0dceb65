"use strict";
// Sorting and filtering of the tables. Without it everything is there to read, in the order of the report.
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function keyOf(row, column) {
  const cell = row.cells[column];
  return cell.dataset.key ?? cell.textContent;
}

function sort(table, head, column) {
  const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of head.parentElement.cells) {
    if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
  }
  head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row) => [keyOf(row, column), row]);
  // What says nothing comes last in both directions.
  rows.sort(([a], [b]) => (a === "") - (b === "") || direction * collator.compare(a, b));
  // A body that is out of the page takes thousands of rows in another order in no time.
  const next = body.nextSibling;
  body.remove();
  body.append(...rows.map(([, row]) => row));
  table.insertBefore(body, next);
}

for (const table of document.querySelectorAll("table.data")) {
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = head.querySelector("button");
    if (button) button.addEventListener("click", () => sort(table, head, column));
  });
}

for (const form of document.querySelectorAll("form.controls")) {
  const table = document.getElementById(form.dataset.table);
  const count = document.getElementById(form.dataset.table + "-count");
  const rows = Array.from(table.tBodies[0].rows);
  let texts = null;
  let asked = 0;
  const filter = () => {
    asked = 0;
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdict = form.elements.verdict.value;
    let shown = 0;
    rows.forEach((row, i) => {
      const fits = (!verdict || row.dataset.verdict === verdict) && words.every((w) => texts[i].includes(w));
      row.hidden = !fits;
      shown += fits;
    });
    count.textContent = shown === rows.length ? `${rows.length} shown` : `${shown} of ${rows.length} shown`;
  };
  form.addEventListener("input", () => { asked ||= requestAnimationFrame(filter); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
}

// What is folded away on a screen belongs on paper.
let folded = [];
addEventListener("beforeprint", () => {
  folded = Array.from(document.querySelectorAll("details:not([open])"));
  folded.forEach((part) => { part.open = true; });
});
addEventListener("afterprint", () => {
  folded.forEach((part) => { part.open = false; });
});
