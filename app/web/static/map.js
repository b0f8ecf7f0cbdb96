// Draws compounds and sites from the app's own data; tiles are an option of the installation.
addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("map");
  const reply = await fetch(place.dataset.source);
  if (!reply.ok) { place.textContent = reply.status; return; }
  const town = await reply.json();
  const map = L.map(place, { attributionControl: Boolean(place.dataset.tiles), scrollWheelZoom: false });
  if (place.dataset.tiles) L.tileLayer(place.dataset.tiles).addTo(map);
  const words = (lines) => {
    const box = document.createElement("div");
    lines.filter(Boolean).forEach((line, index) => {
      const row = document.createElement(index ? "div" : "strong");
      row.textContent = line;
      box.append(row);
    });
    return box;
  };
  // Three bands that differ in lightness and outline, too; the words stand in the pop-up and in the list of coverage.
  const bands = {
    near: { color: "#073d39", fillColor: "#0b5752" },
    reach: { color: "#0b5752", fillColor: "#8fc1b8" },
    beyond: { color: "#a3231d", fillColor: "#fdebe9", weight: 3 },
  };
  const bounds = [], marks = [];
  for (const barrier of town.barriers) {
    L.polyline(barrier.points, { color: "#6b7a78", weight: 5, dashArray: "8 6" }).bindTooltip(barrier.name).addTo(map);
  }
  for (const row of town.compounds) {
    const point = [row.latitude, row.longitude];
    bounds.push(point);
    L.circleMarker(point, { radius: 4 + Math.sqrt(row.residents) / 6, color: "#27346b", weight: 1, fillColor: "#5b6fb5", fillOpacity: 0.75, ...bands[row.band] })
      .bindPopup(words([row.name, row.reach, row.facts])).addTo(map);
  }
  for (const row of town.sites) {
    const point = [row.latitude, row.longitude];
    bounds.push(point);
    const icon = L.divIcon({ className: "site-mark", iconSize: [26, 26], html: "<i></i>" });
    marks.push([L.marker(point, { icon, title: row.name, alt: row.name }).bindPopup(words([row.name, row.facts])), point]);
  }
  if (bounds.length) map.fitBounds(bounds, { padding: [20, 20] }); else map.setView([31.203, 121.478], 15);
  careKeepApart(map, marks);
});
