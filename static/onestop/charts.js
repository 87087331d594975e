/* Draws each table that asks for it (data-chart: "columns" or "rows"). The table is the one source, and stays.
   Headings say which columns are series, in which stack of bars (data-stack) and in which tone; cells carry data-value.
   Series differ in lightness and in pattern, never in colour alone. */
"use strict";

(() => {
  const PATTERNS = { late: "stripes", overdue: "crossed", bad: "crossed", good: "stripes" };
  const LONGEST_LABEL = { wide: 40, narrow: 15 };
  const charts = new Map();

  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue(`--chart-${name}`).trim();

  /* A tile of the tone, lined in the colour of the paper. */
  function filled(tone) {
    const kind = PATTERNS[tone];
    if (!kind) return colour(tone);
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour(tone);
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colour("paper");
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const x of [-8, 0, 8]) {
      pen.moveTo(x, 8);
      pen.lineTo(x + 8, 0);
      if (kind === "crossed") {
        pen.moveTo(x, 0);
        pen.lineTo(x + 8, 8);
      }
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  function shortened(text) {
    const label = text.replace(/\s+/g, " ").trim();
    const longest = window.innerWidth < 640 ? LONGEST_LABEL.narrow : LONGEST_LABEL.wide;
    return label.length > longest ? `${label.slice(0, longest - 1).trimEnd()}…` : label;
  }

  /* What a heading notes about its row (data-note) goes on a line of its own. */
  const labelled = (text, name) => (name.dataset.note ? [text, name.dataset.note] : text);

  /* What the table says: a label for each row, and the columns that are series. */
  function read(table) {
    const rows = [...table.tBodies[0].rows].slice(0, Number(table.dataset.rows) || undefined);
    const headings = [...table.tHead.rows[0].cells];
    return {
      labels: rows.map(({ cells: [name] }) => labelled(name.dataset.label || shortened(name.textContent), name)),
      series: headings
        .map((heading, column) => ({
          label: heading.textContent.trim(),
          stack: heading.dataset.stack,
          tone: heading.dataset.tone,
          values: rows.map((row) => Number(row.cells[column].dataset.value)),
        }))
        .filter((series) => series.tone),
    };
  }

  function dataset({ label, stack, tone, values }) {
    return { label, stack, data: values, backgroundColor: filled(tone), borderColor: colour(tone), borderWidth: 1 };
  }

  function options(inRows) {
    const ticks = { color: colour("ink"), precision: 0 };
    const axis = (grid) => ({ stacked: true, beginAtZero: true, ticks, grid: { color: colour("grid"), display: grid } });
    return {
      indexAxis: inRows ? "y" : "x",
      animation: false,
      maintainAspectRatio: false,
      locale: document.documentElement.lang,
      interaction: { mode: "index", axis: inRows ? "y" : "x", intersect: false },
      scales: { x: axis(inRows), y: axis(!inRows) },
      plugins: { legend: { labels: { color: colour("ink"), boxWidth: 28 } } },
    };
  }

  function draw(table) {
    const { labels, series } = read(table);
    const inRows = table.dataset.chart === "rows";
    const canvas = charts.get(table)?.canvas ?? placed(table, inRows ? 5 + 2.6 * labels.length : 19);
    charts.get(table)?.destroy();
    const config = { type: "bar", data: { labels, datasets: series.map(dataset) }, options: options(inRows) };
    charts.set(table, new Chart(canvas, config));
  }

  /* The canvas stands before the table; whoever listens is told to read the table. */
  function placed(table, height) {
    const box = document.createElement("div");
    const canvas = document.createElement("canvas");
    box.className = "chart";
    box.style.height = `${height}rem`;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", table.caption.textContent.trim());
    box.append(canvas);
    table.parentElement.before(box);
    return canvas;
  }

  function drawAll() {
    Chart.defaults.font.family = style().getPropertyValue("--font");
    document.querySelectorAll("table[data-chart]").forEach(draw);
  }

  drawAll();
  for (const changing of ["(prefers-color-scheme: dark)", "print"]) {
    window.matchMedia(changing).addEventListener("change", drawAll);
  }
})();
