// Keeps a map's marks apart at every zoom: each must be hit by a finger without touching another.
// Offers careKeepApart(map, [[mark, point], ...]), to be called once the map's view is set.
window.careKeepApart = (map, marks) => {
  const touches = (a, b) => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) < 27;
  const place = () => {
    const taken = [];
    for (const [mark, point] of marks) {
      const home = map.latLngToLayerPoint(point);
      let spot = home;
      for (let step = 1; step < 80 && taken.some((other) => touches(other, spot)); step += 1) {
        const angle = step * 2.4, far = 18 * Math.sqrt(step);
        spot = L.point(home.x + far * Math.cos(angle), home.y + far * Math.sin(angle));
      }
      taken.push(spot);
      mark.setLatLng(map.layerPointToLatLng(spot));
    }
  };
  place();
  map.on("zoomend", place);
  marks.forEach(([mark]) => mark.addTo(map));
};
