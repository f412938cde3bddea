//VERSION=3
// Backscatter of both polarisations as linear power.
function setup() {
  return {
    input: [{ bands: ["VV", "VH", "dataMask"], units: "LINEAR_POWER" }],
    output: { bands: 2, sampleType: "FLOAT32", nodataValue: -9999 }
  };
}

function evaluatePixel(px) {
  return px.dataMask === 1 ? [px.VV, px.VH] : [-9999, -9999];
}
