/*
 * What a reader may do with the page: change its language, sort its tables. Charts are drawn anew
 * for the width there is, where the library is in the page; the page is whole without any of this.
 */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("script");

  const speak = (language) => {
    root.lang = language;
    for (const button of document.querySelectorAll(".language button"))
      button.setAttribute("aria-pressed", String(button.dataset.to === language));
  };
  for (const button of document.querySelectorAll(".language button"))
    button.addEventListener("click", () => speak(button.dataset.to));
  speak(root.dataset.lang !== "auto" ? root.dataset.lang
    : (navigator.language || "").startsWith("zh") ? "zh" : "en");

  /* ---- tables ---- */

  const value = (row, column) => {
    const cell = row.cells[column];
    const given = cell.dataset.v;
    if (given === "") return null;
    return given === undefined ? cell.innerText.trim() : Number(given);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), root.lang);
  const sort = (head) => {
    const column = head.cellIndex, body = head.closest("table").tBodies[0];
    const number = head.classList.contains("n");
    const now = head.getAttribute("aria-sort");
    const down = now ? now === "ascending" : number;
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...body.rows].map((row) => [value(row, column), row]);
    rows.sort((a, b) => {
      if (a[0] === null || b[0] === null) return (a[0] === null) - (b[0] === null);
      return down ? compare(b[0], a[0]) : compare(a[0], b[0]);
    });
    for (const [, row] of rows) body.append(row);
  };
  for (const head of document.querySelectorAll("table:not(.moves) thead th")) {
    head.tabIndex = 0;
    head.setAttribute("role", "button");
    head.addEventListener("click", () => sort(head));
    head.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sort(head);
    });
  }

  /* ---- a line of the rules that is asked for stands in a folded text ---- */

  const unfold = () => {
    const line = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = line && line.closest("details");
    if (!folded || folded.open) return;
    folded.open = true;
    line.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", unfold);
  unfold();

  /* ---- charts ---- */

  const draw = (figure) => {
    const plot = figure.querySelector(".plot");
    const labels = figure.dataset.labels.split("|"), percent = figure.dataset.percent === "1";
    const series = [...figure.querySelectorAll("[data-values]")].map((line, i) => ({
      className: "ct-series s" + (i % 6),
      data: line.dataset.values.split(" ").map((n) => (percent ? Number(n) / 100 : Number(n))),
    }));
    const room = Math.max(2, Math.floor(plot.clientWidth / 76));
    const step = percent ? (labels.length - 1) / 5 : Math.ceil(labels.length / room);
    const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
    plot.textContent = "";
    plot.classList.add("ct");
    const chart = new Chartist.LineChart(plot, { labels, series }, {
      lineSmooth: false, showPoint: labels.length < 2, fullWidth: true,
      low: 0, high: percent ? 100 : undefined,
      chartPadding: { top: 8, right: 40, bottom: 0, left: 8 },
      axisX: { showGrid: false, labelInterpolationFnc: (text, i) => (i % step ? null : text) },
      axisY: {
        onlyInteger: true, offset: 56, scaleMinSpace: 40,
        labelInterpolationFnc: (n) => short.format(n) + (percent ? "%" : ""),
      },
    });
    // On paper, or when the window changes, it is scaled as it stands.
    chart.on("created", ({ svg }) => {
      svg.attr({ viewBox: `0 0 ${plot.clientWidth} ${plot.clientHeight}` });
      chart.detach();
      plot.classList.replace("ct", "drawn");
    });
  };
  if (typeof Chartist !== "undefined")
    for (const figure of document.querySelectorAll("figure.chart")) draw(figure);
})();
