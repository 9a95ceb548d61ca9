// The images that have thumbnails, as cards, in the order of the list. At most some hundred: all are drawn.

class Gallery {
  constructor(records, onOpen) {
    this.records = records;
    this.box = document.getElementById("gallery");
    this.box.addEventListener("click", (event) => {
      const card = event.target.closest("button[data-row]");
      if (card) onOpen(Number(card.dataset.row));
    });
    roving(this.box, "button");
  }

  // emptyText: the text for an empty list of rows.
  show(rows, emptyText) {
    const pictured = rows.filter((row) => this.records.thumbnails[row]);
    this.box.replaceChildren(...pictured.map((row) => this.card(row)));
    if (pictured.length) this.box.firstChild.tabIndex = 0;
    else this.box.append(element("p", { className: "hint" }, rows.length ? "None of these images has a thumbnail." : emptyText));
  }

  card(row) {
    const { records } = this;
    const [best] = records.answers(row);
    const label = records.isError(row) ? `error: ${records.stage(row)}` : best?.label ?? "no class";
    return element("button", { type: "button", className: "card", tabIndex: -1, title: records.path(row), "data-row": row },
      thumbnail(records, row),
      element("span", { className: "first" }, label),
      element("span", { className: "second" },
        element("span", { className: `figure${records.isLow(row) ? " low" : ""}` }, best ? scoreText(records.best(row)) : ""),
        ` ${records.name(row)}`));
  }
}
