// One image with all its answers, in a dialog.

class Details {
  constructor(records, list) {
    this.records = records;
    this.list = list;
    this.dialog = document.getElementById("details");
    document.getElementById("previous").addEventListener("click", () => this.step(-1));
    document.getElementById("next").addEventListener("click", () => this.step(1));
    document.getElementById("close").addEventListener("click", () => this.close());
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.close(); });
    this.dialog.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (step || event.key === "Escape") event.preventDefault();
      if (step) this.step(step);
      else if (event.key === "Escape") this.close();
    });
    // The browser's own way to close, which is Esc: it would tell of it some time later, when keys may go elsewhere.
    this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.close(); });
  }

  open(row) {
    this.row = row;
    const { records } = this, place = this.list.shown.indexOf(row), last = this.list.shown.length - 1;
    document.getElementById("details-place").textContent = `${(place + 1).toLocaleString("en")} of ${counted(last + 1, "image")} shown`;
    document.getElementById("previous").disabled = place <= 0;
    document.getElementById("next").disabled = place >= last;
    document.getElementById("details-body").replaceChildren(
      element("div", { className: "details-picture" }, thumbnail(records, row), ...this.whyNoThumbnail(row)),
      element("div", {},
        element("h2", { id: "details-name" }, records.name(row)),
        element("p", { className: "second path" }, records.path(row)),
        element("p", { className: "second" }, `record ${records.number(row).toLocaleString("en")}`),
        records.isError(row) ? this.error(row) : this.answers(row)));
    if (!this.dialog.open) this.dialog.showModal();
  }

  close() {
    this.dialog.close();
    this.onClose?.(this.row);
  }

  step(by) {
    const row = this.list.shown[this.list.shown.indexOf(this.row) + by];
    if (row !== undefined) this.open(row);
  }

  whyNoThumbnail(row) {
    const { records } = this;
    if (records.thumbnails[row]) return [];
    const why = records.thumbnailProblems[row] ?? (records.isError(row) ? "" : "not among the images sampled for thumbnails");
    return why ? [element("p", { className: "hint" }, `No thumbnail: ${why}`)] : [];
  }

  error(row) {
    return element("p", { className: "error" }, element("strong", {}, `error: ${this.records.stage(row)}`), element("br"),
      this.records.message(row));
  }

  answers(row) {
    const answers = this.records.answers(row);
    if (!answers.length) return element("p", {}, "No class: none reached the threshold of the run's config, or it has no classes.");
    return element("table", { className: "plain answers" }, element("tbody", {}, ...answers.map(({ label, classId, score }, place) =>
      element("tr", {},
        element("td", { className: "figure second" }, classId === null ? "" : String(classId)),
        element("th", { scope: "row" }, label),
        element("td", { className: "figure" }, Number.isNaN(score) ? "" : score.toFixed(4)),
        element("td", { className: "bar-cell" }, ...(Number.isNaN(score) ? [] : [scoreBar(this.records, row, score)]))))));
  }
}
