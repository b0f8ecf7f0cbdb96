// Draws what one person can reach: by the walking network where there is one, else plain circles (the page says so).
addEventListener("DOMContentLoaded", async () => {
  const place = document.getElementById("map");
  const reply = await fetch(place.dataset.source);
  if (!reply.ok) { place.textContent = reply.status; return; }
  const town = await reply.json();
  const colours = { 300: "#0b5752", 500: "#3f8f7f", 1000: "#a9cfc6" };
  const colour = (row) => colours[row.band] || "#ffffff";
  const map = L.map(place, { attributionControl: Boolean(place.dataset.tiles), scrollWheelZoom: false });
  if (place.dataset.tiles) L.tileLayer(place.dataset.tiles).addTo(map);
  const at = (row) => [row.latitude, row.longitude];
  const words = (row) => {
    const box = document.createElement("div"), name = document.createElement("strong"), facts = document.createElement("div");
    name.textContent = row.name; facts.textContent = row.facts; box.append(name, facts);
    return box;
  };
  for (const metres of [...town.bands].reverse()) {
    L.circle(at(town.home), { radius: metres, color: "#4a5957", weight: 1.5, dashArray: town.is_graph ? "2 8" : "8 6", fill: !town.is_graph, fillColor: colours[metres], fillOpacity: 0.12 })
      .addTo(map);
    const label = L.divIcon({ className: "ring-label", iconSize: [64, 20], html: `${metres} m` });
    L.marker([town.home.latitude + metres / 111195, town.home.longitude], { icon: label, interactive: false, keyboard: false }).addTo(map);
  }
  for (const row of town.compounds) {
    L.circleMarker(at(row), { radius: 7, color: "#27413e", weight: 1.2, fillColor: colour(row), fillOpacity: 0.9 }).bindPopup(words(row)).addTo(map);
  }
  const marks = [];
  for (const row of town.sites) {
    const icon = L.divIcon({ className: `near-site band-${row.band || "far"}`, iconSize: [24, 24], html: "" });
    marks.push([L.marker(at(row), { icon, title: row.name, alt: row.name }).bindPopup(words(row)), at(row)]);
  }
  L.circleMarker(at(town.home), { radius: 10, color: "#6d2410", weight: 3, fillColor: "#b8461f", fillOpacity: 1 }).bindPopup(words(town.home)).addTo(map);
  map.fitBounds(L.latLng(at(town.home)).toBounds(2100));
  careKeepApart(map, marks);
});
