"use strict";
(() => {
  const { rows: all, rest: data } = JSON.parse(document.getElementById("data").textContent);
  const names = data.names;
  const FIELDS = { client: 4, policy: 5, priority: 6, group: 7, "request-type": 8 };
  const TARGETS = { RESPONSE: 0, RESOLUTION: 1 };
  const OUTCOMES = { met: [0], missed: [1], open: [2], doubt: [3], judged: [0, 1] };
  const SPANS = { period: 1, before: 2, month: 4 };
  const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const PAGE = 200;
  const title = document.getElementById("list-title");
  const note = document.getElementById("list-note");
  const body = document.querySelector("#list-table tbody");
  const more = document.getElementById("list-more");
  let found = [];
  let shown = 0;

  const span = (seconds) => {
    const whole = Math.floor(Math.abs(seconds));
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    const many = hours.toLocaleString("en-US");
    if (hours) return minutes ? `${many} h ${minutes} m` : `${many} h`;
    return whole >= 60 ? `${minutes} m` : `${whole} s`;
  };

  const part = (share) => share < 0.005 ? "<1 %" : share >= 0.995 ? ">99 %" : `${Math.round(100 * share)} %`;

  const tests = (wanted) => {
    const list = [];
    const part = SPANS[wanted.get("span") || "period"];
    if (part) list.push((row) => row[11] & part);
    for (const [name, place] of Object.entries(FIELDS)) {
      if (wanted.has(name)) list.push((row) => names[row[place]] === wanted.get(name));
    }
    if (wanted.has("target")) list.push((row) => row[1] === TARGETS[wanted.get("target")]);
    if (wanted.has("outcome")) list.push((row) => OUTCOMES[wanted.get("outcome")].includes(row[2]));
    if (wanted.has("technician")) {
      list.push((row) => row[9].some(([who]) => names[who] === wanted.get("technician")));
    }
    if (wanted.has("weekday")) list.push((row) => DAYS[row[12]] === wanted.get("weekday"));
    if (wanted.has("hour")) list.push((row) => row[3].slice(11, 13) === wanted.get("hour"));
    if (wanted.has("week")) list.push((row) => row[13] === wanted.get("week"));
    if (wanted.has("hand")) list.push((row) => row[14].some((one) => names[one[0]] === wanted.get("hand")));
    if (wanted.has("status")) list.push((row) => row[14].some((one) => names[one[1]] === wanted.get("status")));
    if (wanted.has("owed")) list.push((row) => row[17]);
    for (const kind of ["held", "late"]) {
      if (!wanted.has(kind)) continue;
      const numbers = new Set(data[kind][wanted.get(kind)]);
      list.push((row) => numbers.has(row[0]));
    }
    if (wanted.has("low") || wanted.has("high")) {
      const edge = (name, other) => (wanted.get(name) === "None" ? other : Number(wanted.get(name)));
      const low = edge("low", -Infinity);
      const high = edge("high", Infinity);
      list.push((row) => row[10] !== null && row[10] >= low && row[10] < high);
    }
    return list;
  };

  const cells = (row) => {
    const hands = row[9].length === 1
      ? names[row[9][0][0]]
      : [...row[9]].sort((one, other) => other[1] - one[1]).map(([who, share]) => `${names[who]} ${part(share)}`).join(", ");
    const went = [...row[14]].sort((one, other) => other[2] - one[2])
      .map(([who, status, seconds, held]) => `${names[status]}, ${names[who]}: ${span(seconds)}${held ? " on hold" : ""}`)
      .join("; ");
    const margin = row[10] === null ? "\u2013" : `${span(row[10])} ${row[10] < 0 ? "late" : "left"}`;
    return [
      row[0], (row[1] ? "resolution" : "first response") + (row[18] > 1 ? `, cycle ${row[18]}` : ""), ["met", "missed", "open", "in doubt"][row[2]] + (row[17] ? ", owed" : ""), row[3], margin,
      names[row[4]], names[row[5]], names[row[6]], hands, row[16] === null ? "\u2013" : names[row[16]], went,
    ];
  };

  const page = () => {
    const part = document.createDocumentFragment();
    for (const row of found.slice(shown, shown + PAGE)) {
      const line = document.createElement("tr");
      cells(row).forEach((text, place) => {
        const cell = document.createElement(place ? "td" : "th");
        if (!place) cell.scope = "row";
        cell.textContent = text;
        line.append(cell);
      });
      part.append(line);
    }
    body.append(part);
    shown = Math.min(shown + PAGE, found.length);
    more.hidden = shown >= found.length;
    const tickets = new Set(found.map((row) => row[0])).size;
    const rest = more.hidden ? "" : `; ${shown} are shown`;
    note.textContent = `${found.length.toLocaleString("en-US")} promises of ${tickets.toLocaleString("en-US")} tickets${rest}.`;
  };

  const show = (focus) => {
    if (!location.hash.startsWith("#list?")) return;
    const wanted = new URLSearchParams(location.hash.slice(6));
    const asked = tests(wanted);
    found = all.filter((row) => asked.every((test) => test(row)));
    const said = [...wanted].filter(([, value]) => value !== "None")
      .map(([name, value]) => `${name} ${value}`).join(", ");
    title.textContent = `Promises: ${said || "all"}`.replace("RESPONSE", "first response").replace("RESOLUTION", "resolution");
    body.replaceChildren();
    shown = 0;
    page();
    document.getElementById("list").scrollIntoView();
    if (focus) title.focus();
  };

  more.addEventListener("click", page);
  addEventListener("hashchange", () => show(true));
  show(false);
})();
